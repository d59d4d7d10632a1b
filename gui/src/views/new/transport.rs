//! The row under the timeline: which frame it is, stepping, the timecode field, and marking.

use std::time::Duration;

use egui::{Align2, Area, Id, Key, Order, Rect, Stroke, StrokeKind, TextEdit, Ui, pos2, vec2};
use posterframe_contract::Position;
use posterframe_kit::theme::icons::{self, Icon};
use posterframe_kit::theme::{self, Role, sizes::CONTROL};
use posterframe_kit::widgets::{Button, Text, hline, tip};
use posterframe_player::Step;

use super::video::OpenVideo;
use crate::at::At;

/// Width of the zones at both ends.
const ZONE: f32 = 330.0;
const FIELD: f32 = 136.0;
const GAP: f32 = 4.0;

/// Icon, label, keys, and where it leads.
type StepButton = (Icon, &'static str, &'static [&'static str], Step);

/// The timecode field: shows the playhead until somebody types.
#[derive(Default)]
pub(super) struct TimeField {
    typed: Option<String>,
    error: Option<String>,
    /// Take the keyboard at the next frame.
    wanted: bool,
}

impl TimeField {
    /// Forgets what was typed.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes the keyboard.
    pub(super) fn focus(&mut self) {
        self.wanted = true;
    }
}

pub(super) fn ui(ui: &mut Ui, rect: Rect, video: &mut OpenVideo, field: &mut TimeField) {
    let t = theme::tokens(ui);
    ui.painter().rect_filled(rect, 0, t.panel);
    hline(ui, rect.x_range(), rect.top());
    let y = rect.top() + 14.0;
    facts_ui(
        ui,
        Rect::from_min_max(pos2(rect.left() + 16.0, y), pos2(rect.left() + ZONE, y + CONTROL)),
        video,
    );

    let middle = FIELD + 4.0 * CONTROL + 2.0 * GAP + 16.0;
    let mut x = (rect.center().x - middle / 2.0).round();
    let buttons: [Option<StepButton>; 5] = [
        Some((
            icons::SKIP_BACK,
            "Previous keyframe",
            &["Ctrl", "←"],
            Step::PreviousKeyframe,
        )),
        Some((icons::CARET_LEFT, "Previous frame", &["←"], Step::PreviousFrame)),
        None,
        Some((icons::CARET_RIGHT, "Next frame", &["→"], Step::NextFrame)),
        Some((
            icons::SKIP_FORWARD,
            "Next keyframe",
            &["Ctrl", "→"],
            Step::NextKeyframe,
        )),
    ];
    for button in buttons {
        let Some((icon, label, keys, step)) = button else {
            x += 4.0;
            field_ui(
                ui,
                Rect::from_min_size(pos2(x, y), vec2(FIELD, CONTROL)),
                video,
                field,
            );
            x += FIELD + 8.0;
            continue;
        };
        let place = Rect::from_min_size(pos2(x, y), vec2(CONTROL, CONTROL));
        if Button::icon(label, icon).tip(label, keys).at(ui, place).clicked() {
            video.step(step);
        }
        x += CONTROL + GAP;
    }
    mark_ui(ui, pos2(rect.right() - 16.0, y), video);
}

fn facts_ui(ui: &mut Ui, rect: Rect, video: &OpenVideo) {
    let t = theme::tokens(ui);
    let number = video.number().map(|number| number.to_string());
    let count = video.frame_count().map(|count| format!("/ {count}"));
    let rate = video
        .info
        .as_ref()
        .and_then(|info| info.frame_rate)
        .map(frame_rate);
    let dot = (count.is_some() && rate.is_some()).then(|| "·".to_owned());
    let counting = (number.is_none() && video.index.is_none()).then(|| "Counting frames…".to_owned());
    let parts = [
        (
            number.is_some().then(|| "Frame".to_owned()),
            Role::BODY,
            t.text2,
            6.0,
        ),
        (number, Role::FRAME, t.text, 8.0),
        (count, Role::MONO, t.text3, 8.0),
        (counting, Role::BODY, t.text3, 8.0),
        (dot, Role::BODY, t.text3, 8.0),
        (rate, Role::BODY, t.text2, 8.0),
    ];
    let mut x = rect.left();
    for (words, role, color, gap) in parts {
        let Some(words) = words else { continue };
        let width = Text::new(role, &words).width(ui);
        let room = rect.right() - x;
        let place = Rect::from_min_size(pos2(x, rect.top()), vec2(room.min(width + 1.0), rect.height()));
        if room > 8.0 {
            Text::new(role, &words)
                .color(color)
                .at(ui, place, Align2::LEFT_CENTER);
        }
        x += width + gap;
    }
}

/// `24 fps`, `23.976 fps`.
pub(super) fn frame_rate((num, den): (u32, u32)) -> String {
    let rate = f64::from(num) / f64::from(den.max(1));
    let text = format!("{rate:.3}");
    format!("{} fps", text.trim_end_matches('0').trim_end_matches('.'))
}

fn field_ui(ui: &mut Ui, rect: Rect, video: &mut OpenVideo, field: &mut TimeField) {
    let t = theme::tokens(ui);
    let shown = video.playhead_position().timecode();
    let mut words = field.typed.clone().unwrap_or_else(|| shown.clone());
    let id = Id::unique("timecode");
    let edit = TextEdit::singleline(&mut words)
        .id(id)
        .font(Role::TIMECODE.font())
        .text_color(t.text)
        .align(Align2::CENTER_CENTER)
        .frame(egui::Frame::NONE)
        .desired_width(FIELD);
    ui.painter().rect_filled(rect, 6, t.field);
    let response = ui.put(rect.shrink(1.0), edit);
    response.widget_info(|| {
        let mut info = egui::WidgetInfo::text_edit(true, &shown, &words, "");
        info.label = Some("Timecode".to_owned());
        info
    });
    if std::mem::take(&mut field.wanted) {
        response.request_focus();
    }
    let (width, color) = match (&field.error, response.has_focus(), response.hovered()) {
        (Some(_), _, _) => (1.0, t.red),
        (None, true, _) => (2.0, t.accent_line),
        (None, false, true) => (1.0, t.border2),
        (None, false, false) => (1.0, t.border),
    };
    ui.painter()
        .rect_stroke(rect, 6, Stroke::new(width, color), StrokeKind::Inside);
    if response.changed() {
        field.typed = Some(words.clone());
        field.error = None;
    }
    if response.gained_focus() {
        select_all(ui, id, &words);
    }
    if response.lost_focus() {
        let entered = ui.input(|input| input.key_pressed(Key::Enter));
        match field.typed.take() {
            Some(typed) if entered => match go(video, &typed) {
                Ok(()) => field.reset(),
                // Who mistyped wants to mend it, not to type it again.
                Err(error) => {
                    *field = TimeField {
                        typed: Some(typed),
                        error: Some(error),
                        wanted: true,
                    };
                }
            },
            _ => field.reset(),
        }
    }
    if let Some(error) = field.error.clone() {
        error_ui(ui, rect, &error);
    } else if !response.has_focus() {
        tip(response, "Go to a time or a frame", &["/"]);
    }
}

/// Goes to a typed time, or to a typed frame number.
fn go(video: &mut OpenVideo, typed: &str) -> Result<(), String> {
    match typed.parse::<At>() {
        Ok(At::Time(position)) => {
            let time = Duration::from_micros(position.as_micros());
            if let Some(index) = video.index.as_deref().filter(|index| index.is_exact())
                && let Some(last) = index.len().checked_sub(1)
                && index.number_at(time).is_none()
            {
                let last = Position::from_micros(index.position(last).as_micros() as u64);
                return Err(format!("The last frame is at {}", last.timecode()));
            }
            video.go_to(time);
            Ok(())
        }
        Ok(At::Frame(number)) => {
            let Some(index) = video.index.clone() else {
                return Err("The frames are still being counted".to_owned());
            };
            if number >= index.len() {
                return Err(format!("The last frame is {}", index.len().saturating_sub(1)));
            }
            video.go_to(index.position(number));
            Ok(())
        }
        Err(_) => Err("Type a time such as 10.5, 1:02.5 or 01:02:03.500, or a frame such as 253f".to_owned()),
    }
}

fn select_all(ui: &Ui, id: Id, words: &str) {
    use egui::text::{CCursor, CCursorRange};
    if let Some(mut state) = egui::text_edit::TextEditState::load(ui.ctx(), id) {
        let end = CCursor::new(words.chars().count());
        state
            .cursor
            .set_char_range(Some(CCursorRange::two(CCursor::new(0), end)));
        state.store(ui.ctx(), id);
    }
}

/// There is no room under the field: its message stands over the timeline.
fn error_ui(ui: &Ui, field: Rect, error: &str) {
    let area = Area::new(Id::unique("timecode error"))
        .order(Order::Foreground)
        .fade_in(false);
    area.pivot(Align2::CENTER_BOTTOM)
        .fixed_pos(field.center_top() - vec2(0.0, 8.0))
        .show(ui.ctx(), |ui| {
            let t = theme::tokens(ui);
            let frame = egui::Frame::new()
                .fill(t.raised)
                .stroke(Stroke::new(1.0, t.red_line));
            frame
                .corner_radius(6)
                .inner_margin(egui::Margin::symmetric(10, 6))
                .show(ui, |ui| {
                    ui.label(egui::RichText::new(error).font(Role::SMALL.font()).color(t.red));
                });
        });
}

fn mark_ui(ui: &mut Ui, right_top: egui::Pos2, video: &mut OpenVideo) {
    // The label never changes: only its look says whether the frame is marked.
    let marked = video.is_marked();
    let button = Button::secondary("Mark frame")
        .with_icon(icons::FLAG_PENNANT)
        .key("M")
        .tip(
            if marked {
                "Take this frame off the list"
            } else {
                "Put this frame on the list"
            },
            &["M"],
        )
        .on(marked);
    let width = button.width(ui);
    let place = Rect::from_min_size(right_top - vec2(width, 0.0), vec2(width, CONTROL));
    let response = button.at(ui, place);
    if response.clicked() {
        video.toggle_mark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a rate is shown with digits that nobody needs, or without those that tell NTSC from film.
    #[test]
    fn frame_rates() {
        assert_eq!(frame_rate((24, 1)), "24 fps");
        assert_eq!(frame_rate((24_000, 1001)), "23.976 fps");
        assert_eq!(frame_rate((25, 2)), "12.5 fps");
    }
}
