//! What stands on the timeline: the marks' flags, and the playhead with its time.

use egui::{Align2, Color32, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use posterframe_contract::Position;
use posterframe_kit::theme::{Role, Tokens};
use posterframe_kit::widgets::{between, dashed_outline};

use super::model::{OpenVideo, time_at};
use super::timeline::Scale;

const TICKS_BOTTOM: f32 = 92.0;
const FLAG_TOP: f32 = 93.0;
/// The line over the flag of a frame that is not marked yet.
const CANDIDATE_LINE: f32 = 9.0;
const FLAG: [f32; 2] = [17.0, 16.0];

fn flag_rect(scale: &Scale, rect: Rect, position: Position) -> Option<Rect> {
    let x = scale.x(time_at(position)).round();
    let left = between(x - 8.0, rect.left(), rect.right() - FLAG[0]);
    let flag = Rect::from_min_size(pos2(left, rect.top() + FLAG_TOP), FLAG.into());
    scale.shows(x).then_some(flag)
}

/// The mark whose flag is under the pointer.
pub(super) fn at(scale: &Scale, rect: Rect, video: &OpenVideo, pointer: Option<Pos2>) -> Option<Position> {
    let pointer = pointer?;
    let mut marks = video.marks.all().iter().rev().map(|mark| mark.position);
    marks.find(|&position| {
        flag_rect(scale, rect, position).is_some_and(|flag| flag.expand(2.0).contains(pointer))
    })
}

pub(super) fn ui(ui: &Ui, scale: &Scale, rect: Rect, video: &OpenVideo, t: &Tokens) {
    for (index, mark) in video.marks.all().iter().enumerate() {
        let Some(flag) = flag_rect(scale, rect, mark.position) else {
            continue;
        };
        let x = scale.x(time_at(mark.position)).round() + 0.5;
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

/// Frames that a rule has found: they can be marked.
pub(super) fn candidates_ui(ui: &Ui, scale: &Scale, rect: Rect, video: &OpenVideo, t: &Tokens) {
    let line = Stroke::new(1.0, t.accent_line);
    for &position in &video.candidates {
        let Some(flag) = flag_rect(scale, rect, position) else {
            continue;
        };
        let x = scale.x(time_at(position)).round() + 0.5;
        ui.painter()
            .vline(x, flag.top() - CANDIDATE_LINE..=flag.top(), line);
        ui.painter().extend(dashed_outline(flag, 3.0, line, [3.0, 2.0]));
    }
}

/// The playhead's time; at the strip's edge where the playhead itself is not in what is shown.
pub(super) fn bubble_rect(ui: &Ui, scale: &Scale, rect: Rect, video: &OpenVideo) -> Rect {
    let words = video.shown(video.playhead_position());
    let width = ui
        .painter()
        .layout_no_wrap(words, Role::BUBBLE.font(), Color32::PLACEHOLDER)
        .size()
        .x
        + 14.0;
    let x = scale.x(video.playhead());
    let left = between(x - width / 2.0, rect.left() + 4.0, rect.right() - 4.0 - width);
    Rect::from_min_size(pos2(left.round(), rect.top() + 8.0), vec2(width.round(), 22.0))
}

pub(super) fn playhead_ui(ui: &Ui, scale: &Scale, rect: Rect, bubble: Rect, video: &OpenVideo, t: &Tokens) {
    let x = scale.x(video.playhead()).round();
    let bottom = rect.top() + if video.is_marked() { FLAG_TOP } else { TICKS_BOTTOM };
    if scale.shows(x) {
        let line = Rect::from_x_y_ranges(x - 1.0..=x + 1.0, bubble.bottom() - 1.0..=bottom);
        ui.painter().rect_filled(line, 0, t.accent_line);
    }
    ui.painter().rect_filled(bubble, 4, t.accent);
    let words = video.shown(video.playhead_position());
    ui.painter().text(
        bubble.center(),
        Align2::CENTER_CENTER,
        words,
        Role::BUBBLE.font(),
        t.on_accent,
    );
}
