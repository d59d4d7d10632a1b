//! The timeline: ruler, film strip, keyframes, marks, and the playhead, which is where the pointer is.

use std::time::Duration;

use egui::{
    Align2, Color32, CursorIcon, FontId, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use posterframe_contract::Position;

use super::video::OpenVideo;
use crate::theme::{self, Role, Tokens};
use crate::widgets::{Fit, hline, paint_picture};

const PADDING: f32 = 16.0;
const STRIP_TOP: f32 = 36.0;
const STRIP: f32 = 48.0;
/// A still of the strip is about so wide.
const STILL: f32 = 79.0;
const TICKS_TOP: f32 = 87.0;
const FLAG_TOP: f32 = 93.0;
const FLAG: [f32; 2] = [17.0, 16.0];
/// Ruler labels are at least so far apart.
const LABELS: f32 = 110.0;
/// Ticks closer than this would be a bar.
const TICKS: f32 = 3.0;

/// Where times are on the screen.
#[derive(Clone, Copy)]
struct Scale {
    strip: Rect,
    length: Duration,
}

impl Scale {
    fn x(&self, time: Duration) -> f32 {
        let part = time.as_secs_f64() / self.length.as_secs_f64();
        self.strip.left() + self.strip.width() * part.clamp(0.0, 1.0) as f32
    }

    fn time(&self, x: f32) -> Duration {
        let part = f64::from((x - self.strip.left()) / self.strip.width()).clamp(0.0, 1.0);
        self.length.mul_f64(part)
    }
}

pub(super) fn ui(ui: &mut Ui, rect: Rect, video: &mut OpenVideo) {
    let t = theme::tokens(ui);
    ui.painter().rect_filled(rect, 0, t.panel);
    hline(ui, rect.x_range(), rect.top());
    let strip = Rect::from_min_size(
        rect.min + vec2(PADDING, STRIP_TOP),
        vec2(rect.width() - 2.0 * PADDING, STRIP),
    );
    let Some(length) = video.length().filter(|length| !length.is_zero()) else {
        ui.painter().rect_filled(strip, 0, t.field);
        return;
    };
    let scale = Scale { strip, length };
    // The whole lane can be grabbed, so that nobody has to aim.
    let lane = Rect::from_min_max(rect.min + vec2(0.0, 6.0), rect.max - vec2(0.0, 4.0));
    let response = ui.interact(lane, ui.scope_id().with("timeline"), Sense::click_and_drag());
    let seconds = video.playhead().as_secs_f64();
    response.widget_info(|| WidgetInfo::slider(true, seconds, "Timeline"));
    let mark = flag_at(&scale, rect, video, response.interact_pointer_pos());
    if let Some(position) = mark.filter(|_| response.clicked()) {
        video.go_to(Duration::from_micros(position.as_micros()));
    } else if let Some(pointer) = response.interact_pointer_pos()
        && (response.is_pointer_button_down_on() || response.clicked() || response.drag_stopped())
    {
        video.drag_to(scale.time(pointer.x), response.is_pointer_button_down_on());
    }
    if response.hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    }

    let count = ((strip.width() / STILL).floor() as usize).max(6);
    let ppp = ui.pixels_per_point();
    video.want_strip(count, ((STILL * 1.4 * ppp) as u32, (STILL * 1.4 * ppp) as u32));
    strip_ui(ui, strip, count, video, t);
    if let Some(pointer) = response
        .hover_pos()
        .filter(|_| !response.is_pointer_button_down_on())
    {
        let x = pointer.x.clamp(strip.left(), strip.right()).round();
        ui.painter()
            .vline(x + 0.5, strip.y_range(), Stroke::new(1.0, t.strip_hover));
    }
    ticks_ui(ui, &scale, rect, video, t);
    let bubble = bubble_rect(ui, &scale, rect, video);
    ruler_ui(ui, &scale, rect, bubble, t);
    flags_ui(ui, &scale, rect, video, t);
    playhead_ui(ui, &scale, rect, bubble, video, t);
}

fn strip_ui(ui: &Ui, strip: Rect, count: usize, video: &OpenVideo, t: &Tokens) {
    let painter = ui.painter();
    painter.rect_filled(strip, 0, t.field);
    let width = strip.width() / count as f32;
    for (index, still) in video.strip.iter().enumerate() {
        let left = (strip.left() + index as f32 * width).round();
        let right = (strip.left() + (index + 1) as f32 * width).round();
        let place = Rect::from_x_y_ranges(left..=right, strip.y_range());
        if let Some(still) = still {
            paint_picture(ui, place, 0, (still.id(), still.size_vec2()), Fit::Cover);
        }
        if index > 0 {
            painter.vline(left - 0.5, strip.y_range(), Stroke::new(1.0, t.strip_line));
        }
    }
}

fn ticks_ui(ui: &Ui, scale: &Scale, rect: Rect, video: &OpenVideo, t: &Tokens) {
    let Some(index) = video.index.as_deref() else {
        return;
    };
    let top = rect.top() + TICKS_TOP;
    let mut last = f32::NEG_INFINITY;
    for &number in index.keyframes() {
        let x = scale.x(index.time(number)).round();
        if x - last >= TICKS {
            last = x;
            let x = x.min(scale.strip.right() - 1.0) + 0.5;
            ui.painter().vline(x, top..=top + 5.0, Stroke::new(1.0, t.tick));
        }
    }
}

fn ruler_ui(ui: &Ui, scale: &Scale, rect: Rect, bubble: Rect, t: &Tokens) {
    let step = ruler_step(scale.length.as_secs_f64(), scale.strip.width());
    let count = (scale.length.as_secs_f64() / step).floor() as usize;
    let font = Role::MONO_SMALL.font();
    let y = rect.top() + 20.0;
    let mut free_from = f32::NEG_INFINITY;
    // The two ends are always there; what would touch them or the bubble is left out.
    let end = label_rect(ui, scale, scale.length, y, &font);
    for number in 0..=count {
        let time = Duration::from_secs_f64(number as f64 * step);
        let place = label_rect(ui, scale, time, y, &font);
        let touches_end = number > 0 && place.right() + 12.0 > end.left();
        if place.left() < free_from || touches_end || place.expand(6.0).intersects(bubble) {
            continue;
        }
        free_from = place.right() + 12.0;
        ui.painter().text(
            place.left_center(),
            Align2::LEFT_CENTER,
            clock(time),
            font.clone(),
            t.text3,
        );
    }
    if !end.expand(6.0).intersects(bubble) {
        ui.painter().text(
            end.left_center(),
            Align2::LEFT_CENTER,
            clock(scale.length),
            font,
            t.text3,
        );
    }
}

fn label_rect(ui: &Ui, scale: &Scale, time: Duration, y: f32, font: &FontId) -> Rect {
    let size = ui
        .painter()
        .layout_no_wrap(clock(time), font.clone(), Color32::PLACEHOLDER)
        .size();
    let left = (scale.x(time) - size.x / 2.0).clamp(scale.strip.left(), scale.strip.right() - size.x);
    Rect::from_min_size(pos2(left, y - size.y / 2.0), size)
}

/// The seconds between two labels: round numbers, far enough apart.
fn ruler_step(seconds: f64, width: f32) -> f64 {
    let steps = [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0,
    ];
    let least = seconds * f64::from(LABELS / width.max(1.0));
    steps
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or_else(|| (least / 3600.0).ceil() * 3600.0)
}

/// `M:SS`, and `H:MM:SS` from an hour on.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

fn flag_rect(scale: &Scale, rect: Rect, position: Position) -> Rect {
    let x = scale.x(Duration::from_micros(position.as_micros())).round();
    let left = (x - 8.0).clamp(rect.left(), rect.right() - FLAG[0]);
    Rect::from_min_size(pos2(left, rect.top() + FLAG_TOP), FLAG.into())
}

/// The mark whose flag is under the pointer.
fn flag_at(scale: &Scale, rect: Rect, video: &OpenVideo, pointer: Option<egui::Pos2>) -> Option<Position> {
    let pointer = pointer?;
    let mut marks = video.marks.all().iter().rev().map(|mark| mark.position);
    marks.find(|position| flag_rect(scale, rect, *position).expand(2.0).contains(pointer))
}

fn flags_ui(ui: &Ui, scale: &Scale, rect: Rect, video: &OpenVideo, t: &Tokens) {
    for (index, mark) in video.marks.all().iter().enumerate() {
        let flag = flag_rect(scale, rect, mark.position);
        let x = scale.x(Duration::from_micros(mark.position.as_micros())).round() + 0.5;
        let line = Stroke::new(1.0, t.accent_line);
        ui.painter().vline(x, scale.strip.top()..=flag.top(), line);
        ui.painter()
            .rect(flag, 3, t.accent_tint, line, StrokeKind::Inside);
        let font = Role::MARK.font();
        ui.painter().text(
            flag.center(),
            Align2::CENTER_CENTER,
            index + 1,
            font,
            t.accent_text,
        );
    }
}

fn bubble_rect(ui: &Ui, scale: &Scale, rect: Rect, video: &OpenVideo) -> Rect {
    let words = video.playhead_position().timecode();
    let width = ui
        .painter()
        .layout_no_wrap(words, Role::BUBBLE.font(), Color32::PLACEHOLDER)
        .size()
        .x
        + 14.0;
    let x = scale.x(video.playhead());
    let left = (x - width / 2.0)
        .clamp(rect.left() + 4.0, rect.right() - 4.0 - width)
        .round();
    Rect::from_min_size(pos2(left, rect.top() + 8.0), vec2(width.round(), 22.0))
}

fn playhead_ui(ui: &Ui, scale: &Scale, rect: Rect, bubble: Rect, video: &OpenVideo, t: &Tokens) {
    let x = scale.x(video.playhead()).round();
    let bottom = rect.top()
        + if video.is_marked() {
            FLAG_TOP
        } else {
            TICKS_TOP + 5.0
        };
    let line = Rect::from_x_y_ranges(x - 1.0..=x + 1.0, bubble.bottom() - 1.0..=bottom);
    ui.painter().rect_filled(line, 0, t.accent_line);
    ui.painter().rect_filled(bubble, 4, t.accent);
    let words = video.playhead_position().timecode();
    ui.painter().text(
        bubble.center(),
        Align2::CENTER_CENTER,
        words,
        Role::BUBBLE.font(),
        t.on_accent,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if labels of long videos run into each other, or short ones have none but the ends.
    #[test]
    fn labels_have_room() {
        assert_eq!(ruler_step(60.0, 948.0), 10.0);
        assert_eq!(ruler_step(3.0, 948.0), 1.0);
        assert_eq!(ruler_step(7200.0, 948.0), 900.0);
        assert_eq!(ruler_step(36_000.0 * 24.0, 600.0) % 3600.0, 0.0);
        assert_eq!(clock(Duration::from_secs(3_723)), "1:02:03");
        assert_eq!(clock(Duration::from_mins(1)), "1:00");
    }
}
