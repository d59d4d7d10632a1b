//! What is wrong with the frames to submit, and better ones beside them, to click.

use std::time::Duration;

use egui::{Frame, Margin, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};
use posterframe_contract::Position;
use posterframe_kit::theme::{self, Role, icons, sizes};
use posterframe_kit::widgets::{Fit, Glyph, Text, focus_ring_inside, paint_picture, tip};
use posterframe_player::Flaw;

use super::lists::padded;
use super::model::{Known, Offer, OpenVideo, position_at};

/// Between two pictures, in points.
const GAP: f32 = 8.0;
/// Pictures beside each other.
const COLUMNS: f32 = 4.0;
/// What the caption under a picture takes, in points.
const CAPTION: f32 = 17.0;

/// What is wrong with a frame, and better ones to click. `act` is what a click does, as in “Move mark 1 to”. Returns the
/// time of the one that was clicked.
pub(super) fn ui(
    ui: &mut Ui,
    video: &OpenVideo,
    position: Position,
    flaw: Option<Flaw>,
    act: &str,
) -> Option<Duration> {
    let known = video.looks.of(position);
    let flaw = flaw.or(known.and_then(|known| known.flaw))?;
    let offers = known.map_or(&[][..], |known| &known.better);
    let t = theme::tokens(ui);
    let frame = Frame::NONE
        .fill(t.warn_tint)
        .corner_radius(sizes::RADIUS)
        .inner_margin(Margin::symmetric(10, 8));
    ui.add_space(4.0);
    padded(ui, |ui| {
        frame
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing = vec2(GAP, GAP);
                ui.horizontal(|ui| {
                    ui.add(Glyph::new(icons::WARNING, 16.0, t.warn));
                    ui.add(Text::new(Role::SMALL, &words(flaw, known)));
                    ui.take_available_width();
                });
                let mut clicked = None;
                if !offers.is_empty() {
                    let side = ((ui.available_width() - (COLUMNS - 1.0) * GAP) / COLUMNS).max(0.0);
                    ui.horizontal(|ui| {
                        for offer in offers {
                            if offer_ui(ui, offer, video, side, act) {
                                clicked = Some(offer.time);
                            }
                        }
                    });
                }
                clicked
            })
            .inner
    })
}

/// A frame that may be better, `side` points wide, with its number or its time under it; whether it was clicked.
fn offer_ui(ui: &mut Ui, offer: &Offer, video: &OpenVideo, side: f32, act: &str) -> bool {
    let number = video.number_of(offer.time);
    let t = theme::tokens(ui);
    let high = (side * 9.0 / 16.0).round();
    let timecode = video.shown(position_at(offer.time));
    let (name, short) = match number {
        Some(number) => (format!("frame {number}"), number.to_string()),
        None => (timecode.clone(), timecode.clone()),
    };
    let label = format!("{act} {name}");
    let (rect, response) = ui.allocate_exact_size(vec2(side, high + CAPTION), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &label));
    let (still, caption) = rect.split_top_bottom_at_y(rect.top() + high);
    let picture = (offer.picture.id(), offer.picture.size_vec2());
    paint_picture(ui, still, 4, picture, Fit::Contain);
    let line = if response.hovered() { t.text2 } else { t.border2 };
    ui.painter()
        .rect_stroke(still, 4, Stroke::new(1.0, line), StrokeKind::Inside);
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, still);
    }
    Text::new(Role::CAPTION, &short).color(t.text2).at(
        ui,
        caption.with_min_y(caption.top() + 3.0),
        egui::Align2::CENTER_CENTER,
    );
    tip(response, &format!("{label}, {timecode}"), &[]).clicked()
}

fn words(flaw: Flaw, known: Option<&Known>) -> String {
    let flaw = match flaw {
        Flaw::NearlyBlack => "Nearly black",
        Flaw::Blank => "All of one colour",
        Flaw::Blurred => "Blurred",
    };
    match known {
        None => format!("{flaw} — looking around…"),
        Some(known) if known.better.is_empty() => format!("{flaw}, as are those around"),
        Some(_) => format!("{flaw} — pick another?"),
    }
}
