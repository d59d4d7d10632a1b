//! The cells of a row.

use egui::{Align2, Color32, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};
use posterframe_contract::OutputRequest;
use posterframe_kit::theme::{self, Face, Role, icons, sizes};
use posterframe_kit::widgets::{
    Fit, Glyph, Progress, Text, Tone, dashed_slot, focus_ring_inside, icon, paint_picture, tip,
};
use posterframe_player::Flaw;

use super::row::{Row, State};
use super::table::STATE;
use crate::job_text::counted;
use crate::views::new::outputs::short;

const STILL: [f32; 2] = [64.0, 36.0];
/// Between two stills, in points.
const GAP: f32 = 4.0;
/// The most stills and outputs that a row shows.
pub(super) const MAX_STILLS: usize = 3;
const MAX_CHIPS: usize = 2;
const CHIP: f32 = 20.0;

pub(super) fn check_ui(ui: &mut Ui, row: &Row, name: &str) -> bool {
    let t = theme::tokens(ui);
    ui.add_space(20.0);
    let (rect, response) = ui.allocate_exact_size(vec2(26.0, 26.0), Sense::click());
    let label = format!("Select {name}");
    response.widget_info(|| WidgetInfo::selected(egui::Role::CheckBox, true, row.is_ticked, &label));
    let (glyph, face, color) = if row.is_ticked {
        (icons::CHECK_SQUARE, Face::IconFill, t.accent)
    } else {
        (icons::SQUARE, Face::Icon, t.text3)
    };
    icon(ui.painter(), rect.center(), glyph, face, 18.0, color);
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect);
    }
    response.clicked()
}

pub(super) fn video_ui(ui: &mut Ui, row: &Row, name: &str) {
    let t = theme::tokens(ui);
    let (still, _) = ui.allocate_exact_size(STILL.into(), Sense::hover());
    match &row.still {
        Some(texture) => paint_picture(ui, still, 4, (texture.id(), texture.size_vec2()), Fit::Cover),
        None if matches!(row.state, State::Failed(_)) => {
            dashed_slot(ui, still, 4.0);
            icon(
                ui.painter(),
                still.center(),
                icons::FILE_VIDEO,
                Face::Icon,
                16.0,
                t.text3,
            );
        }
        None => {
            ui.painter().rect_filled(still, 4, t.raised);
        }
    }
    ui.add_space(12.0);
    let color = if matches!(row.state, State::Failed(_)) {
        t.text2
    } else {
        t.text
    };
    let response = ui.add(Text::new(Role::TITLE, name).color(color));
    response.on_hover_text(row.path.to_string_lossy());
}

/// What is in a cell where there is nothing.
fn nothing_ui(ui: &mut Ui) {
    let color = theme::tokens(ui).text3;
    ui.add(Text::new(Role::SMALL, "—").color(color));
}

pub(super) fn frames_ui(ui: &mut Ui, row: &Row) {
    let t = theme::tokens(ui);
    ui.add_space(32.0);
    let frames = row.frames();
    if frames.is_empty() {
        return nothing_ui(ui);
    }
    ui.spacing_mut().item_spacing.x = GAP;
    let more = frames.len().saturating_sub(MAX_STILLS);
    let count = if more > 0 { MAX_STILLS - 1 } else { MAX_STILLS };
    for chosen in frames.iter().take(count) {
        let (still, response) = ui.allocate_exact_size(STILL.into(), Sense::hover());
        match &chosen.picture {
            Some(texture) => paint_picture(ui, still, 4, (texture.id(), texture.size_vec2()), Fit::Cover),
            None => {
                ui.painter().rect_filled(still, 4, t.raised);
            }
        }
        if chosen.flaw.is_some() {
            ui.painter()
                .rect_stroke(still, 4, Stroke::new(1.0, t.border2), StrokeKind::Inside);
        }
        let time = chosen.picked.position.timecode();
        let words = match chosen.picked.score {
            Some(score) => format!("{time}, score {score}"),
            None => time,
        };
        tip(response, &words, &[]);
    }
    if frames.len() > count {
        let words = format!("+ {}", frames.len() - count);
        ui.add_space(4.0);
        ui.add(Text::new(Role::SMALL, &words).color(t.text2));
    }
}

pub(super) fn outputs_cell_ui(ui: &mut Ui, row: &Row, outputs: &[OutputRequest]) {
    let t = theme::tokens(ui);
    if matches!(row.state, State::Failed(_)) {
        return nothing_ui(ui);
    }
    ui.spacing_mut().item_spacing.x = GAP;
    for output in outputs.iter().take(MAX_CHIPS) {
        let [format, size] = short(output);
        let format = Text::new(Role::PILL, &format);
        let size = Text::new(Role::CAPTION, &size).color(t.text2);
        let of_size = if size.width(ui) > 0.0 {
            size.width(ui) + 4.0
        } else {
            0.0
        };
        let width = (format.width(ui) + of_size + 12.0).ceil();
        let (chip, _) = ui.allocate_exact_size(vec2(width, CHIP), Sense::hover());
        let line = Stroke::new(1.0, t.border);
        ui.painter()
            .rect(chip, sizes::RADIUS_SMALL, t.raised, line, StrokeKind::Inside);
        let inside = chip.shrink2(vec2(6.0, 0.0));
        format.at(ui, inside, Align2::LEFT_CENTER);
        size.at(ui, inside, Align2::RIGHT_CENTER);
    }
    if outputs.len() > MAX_CHIPS {
        let words = format!("+ {}", outputs.len() - MAX_CHIPS);
        ui.add(Text::new(Role::SMALL, &words).color(t.text2));
    }
}

/// What a row says of where it is.
pub(super) fn state_words(row: &Row) -> String {
    match &row.state {
        State::Waiting => "Waiting".to_owned(),
        State::Looking(part) => format!("Looking… {:.0} %", part * 100.0),
        State::Found => match row.flaw() {
            Some(Flaw::NearlyBlack) => "Nearly black: check".to_owned(),
            Some(Flaw::Blank) => "One colour: check".to_owned(),
            Some(Flaw::Blurred) => "Blurred: check".to_owned(),
            None => counted(row.taken, "frame"),
        },
        // It was read once: something else went wrong.
        State::Failed(failure) if row.length.is_some() => posterframe_client::capitalized(&failure.text),
        State::Failed(_) => "Cannot be read".to_owned(),
        State::Sent(_) => "Submitted".to_owned(),
    }
}

pub(super) fn state_ui(ui: &mut Ui, row: &Row) {
    let t = theme::tokens(ui);
    let words = state_words(row);
    let (glyph, color, of_icon): (_, Color32, Color32) = match &row.state {
        State::Waiting => (icons::CLOCK, t.text3, t.text3),
        State::Looking(part) => {
            ui.vertical(|ui| {
                ui.add_space(11.0);
                ui.set_width(STATE - 40.0);
                ui.add(Text::new(Role::SMALL, &words).color(t.text2));
                ui.add_space(4.0);
                ui.add(Progress::new("Looking for frames", *part, Tone::Busy));
            });
            return;
        }
        State::Found if row.flaw().is_some() => (icons::WARNING, t.warn, t.warn),
        State::Found => (icons::CHECK, t.text2, t.text3),
        State::Failed(_) => (icons::X_CIRCLE, t.red, t.red),
        State::Sent(_) => (icons::CHECK_CIRCLE, t.green, t.green),
    };
    ui.spacing_mut().item_spacing.x = 6.0;
    ui.add(Glyph::new(glyph, 16.0, of_icon));
    let room = Rect::from_min_max(ui.cursor().min, ui.max_rect().right_bottom() - vec2(24.0, 0.0));
    let response = ui
        .scope(|ui| {
            ui.set_max_width(room.width().max(0.0));
            ui.add(Text::new(Role::SMALL, &words).color(color))
        })
        .inner;
    if let State::Failed(failure) = &row.state {
        let words = format!(
            "{}. {}",
            posterframe_client::capitalized(&failure.text),
            failure.advice
        );
        tip(response, words.trim(), &[]);
    }
}
