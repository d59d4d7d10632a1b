//! The timeline: ruler, film strip, keyframes, marks, and the playhead, which is where the pointer is. The wheel zooms it
//! around the pointer.

use std::time::Duration;

use egui::{CursorIcon, Rect, Response, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};
use posterframe_contract::Position;
use posterframe_kit::theme::{self, Tokens};
use posterframe_kit::widgets::{Fit, between, hline, paint_picture, tip, within};
use posterframe_player::Strip;

use super::model::{OpenVideo, VisibleRange, time_at};
use super::{flags, hover, ruler};

/// Height of the timeline, in points.
pub(super) const HEIGHT: f32 = 119.0;
const PADDING: f32 = 16.0;
const STRIP_TOP: f32 = 36.0;
const STRIP: f32 = 48.0;
/// A still of the strip is about so wide.
const STILL: f32 = 79.0;
const TICKS_TOP: f32 = 87.0;
const TICK: f32 = 5.0;
/// Ticks closer than this would be a bar.
const TICKS: f32 = 4.0;
/// The bar that moves a zoomed timeline.
const BAR_TOP: f32 = 112.0;
const BAR: f32 = 4.0;
/// Wheel points per doubling of zoom.
const WHEEL: f32 = 160.0;

/// Where times are on the screen.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub(super) strip: Rect,
    pub(super) range: VisibleRange,
}

impl Scale {
    /// Left of the strip for times before what is shown, and right of it for those after.
    pub(super) fn x(&self, time: Duration) -> f32 {
        let share = (time.as_secs_f64() - self.range.from()) / self.range.span();
        self.strip.left() + self.strip.width() * share as f32
    }

    /// In seconds; before the start and after the end too.
    fn seconds(&self, x: f32) -> f64 {
        // A window that is too narrow for a strip leaves it less than nothing.
        let share = f64::from((x - self.strip.left()) / self.strip.width().max(1.0));
        self.range.from() + self.range.span() * share
    }

    /// Within what is shown.
    pub(super) fn time(&self, x: f32) -> Duration {
        let x = between(x, self.strip.left(), self.strip.right());
        Duration::from_secs_f64(self.seconds(x).clamp(0.0, self.range.length()))
    }

    pub(super) fn shows(&self, x: f32) -> bool {
        (self.strip.left() - 0.5..=self.strip.right() + 0.5).contains(&x)
    }
}

/// Draws it, [`HEIGHT`] points high.
pub(super) fn ui(ui: &mut Ui, video: &mut OpenVideo) {
    let t = theme::tokens(ui);
    let rect = ui.max_rect();
    ui.painter().rect_filled(rect, 0, t.panel);
    hline(ui, rect.x_range(), rect.top());
    let strip = Rect::from_min_size(
        rect.min + vec2(PADDING, STRIP_TOP),
        vec2(rect.width() - 2.0 * PADDING, STRIP),
    );
    let Some(range) = video.visible_range() else {
        ui.painter().rect_filled(strip, 0, t.field);
        return;
    };
    // The whole lane can be grabbed, so that nobody has to aim.
    let lane = Rect::from_min_max(rect.min + vec2(0.0, 6.0), rect.max - vec2(0.0, 4.0));
    let response = ui.interact(lane, ui.scope_id().with("timeline"), Sense::click_and_drag());
    let seconds = video.playhead().as_secs_f64();
    response.widget_info(|| WidgetInfo::slider(true, seconds, "Timeline"));
    let mut scale = Scale { strip, range };
    scale.range = wheel(ui, &response, &scale);
    scale.range = bar_ui(ui, rect, &scale, t);
    point(ui, &response, rect, &mut scale, video);
    video.show_range(scale.range);

    let count = ((strip.width() / STILL).floor() as usize).max(6);
    let side = (STILL * 1.4 * ui.pixels_per_point()) as u32;
    video.want_strip(Strip {
        part: scale.range.times(),
        count,
        max: (side, side),
    });
    within(ui, strip, "strip", |ui| {
        ui.shrink_clip_rect(strip);
        strip_ui(ui, &scale, video, t);
    });
    ticks_ui(ui, &scale, rect, video, t);
    let bubble = flags::bubble_rect(ui, &scale, rect, video);
    ruler::ui(ui, &scale, rect.top(), bubble, t);
    flags::candidates_ui(ui, &scale, rect, video, t);
    flags::ui(ui, &scale, rect, video, t);
    flags::playhead_ui(ui, &scale, rect, bubble, video, t);
    hover::ui(ui, &response, &scale, video, t);
}

/// What the pointer does to the playhead: a click and a drag put it there, a click on a flag goes to its mark.
fn point(ui: &Ui, response: &Response, rect: Rect, scale: &mut Scale, video: &mut OpenVideo) {
    let pointer = response.interact_pointer_pos();
    let mark: Option<Position> = flags::at(scale, rect, video, pointer).filter(|_| response.clicked());
    let held = response.is_pointer_button_down_on();
    if let Some(position) = mark {
        video.go_to(time_at(position));
    } else if let Some(pointer) = pointer
        && (held || response.clicked() || response.drag_stopped())
    {
        // Beyond the edge, the rest of the video comes in.
        let beyond = (pointer.x - scale.strip.right()).max(0.0) + (pointer.x - scale.strip.left()).min(0.0);
        if held && beyond != 0.0 && !scale.range.is_whole() {
            let seconds = f64::from(beyond / scale.strip.width().max(1.0)) * scale.range.span();
            let frame = f64::from(ui.input(|input| input.stable_dt).min(0.1));
            scale.range = scale.range.moved(seconds * frame * 8.0);
            ui.ctx().request_repaint();
        }
        video.drag_to(scale.time(pointer.x), held);
    }
    if response.hovered() {
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    }
}

/// The wheel and a pinch zoom around the pointer; the wheel with Shift, or sideways, moves.
fn wheel(ui: &Ui, response: &Response, scale: &Scale) -> VisibleRange {
    let range = scale.range;
    let Some(pointer) = response.hover_pos().filter(|_| response.contains_pointer()) else {
        return range;
    };
    let (pinch, scroll): (f32, Vec2) = ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta()));
    if scroll != Vec2::ZERO {
        // What zooms the timeline does not scroll what it stands in.
        ui.input_mut(|input| input.smooth_scroll_delta = Vec2::ZERO);
    }
    let at = scale.seconds(pointer.x);
    if (pinch - 1.0).abs() > f32::EPSILON {
        range.zoomed(at, f64::from(pinch))
    } else if scroll.x.abs() > scroll.y.abs() {
        range.moved(-f64::from(scroll.x / scale.strip.width().max(1.0)) * range.span())
    } else if scroll.y == 0.0 {
        range
    } else {
        range.zoomed(at, f64::from(scroll.y / WHEEL).exp2())
    }
}

/// The bar under a zoomed timeline.
fn bar_ui(ui: &mut Ui, rect: Rect, scale: &Scale, t: &Tokens) -> VisibleRange {
    let range = scale.range;
    if range.is_whole() {
        return range;
    }
    let track = Rect::from_min_size(
        pos2(scale.strip.left(), rect.top() + BAR_TOP),
        vec2(scale.strip.width(), BAR),
    );
    let response = ui.interact(
        track.expand2(vec2(0.0, 3.0)),
        ui.scope_id().with("timeline bar"),
        Sense::click_and_drag(),
    );
    response.widget_info(|| WidgetInfo::slider(true, range.from(), "Part of the timeline"));
    let moved = if response.double_clicked() {
        VisibleRange::whole(Duration::from_secs_f64(range.length()))
    } else {
        let by = f64::from(response.drag_delta().x / track.width()) * range.length();
        range.moved(by)
    };
    let place = |seconds: f64| track.left() + track.width() * (seconds / range.length()) as f32;
    let width = (place(moved.span()) - track.left()).max(16.0);
    let left = place(moved.from()).min(track.right() - width);
    let thumb = Rect::from_min_size(pos2(left, track.top()), vec2(width, BAR));
    ui.painter().rect_filled(track, 2, t.track);
    let active = response.hovered() || response.dragged() || response.has_focus();
    ui.painter()
        .rect_filled(thumb, 2, if active { t.text3 } else { t.border2 });
    tip(
        response,
        "Drag to move, double-click to show the whole video",
        &["\\"],
    );
    moved
}

fn strip_ui(ui: &Ui, scale: &Scale, video: &OpenVideo, t: &Tokens) {
    let strip = scale.strip;
    ui.painter().rect_filled(strip, 0, t.field);
    let layers = video.timeline.strip.layers();
    for (depth, layer) in layers.iter().enumerate() {
        for (index, still) in layer.stills.iter().enumerate() {
            let span = layer.span(index);
            let (left, right) = (scale.x(span.start).round(), scale.x(span.end).round());
            if right < strip.left() || left > strip.right() {
                continue;
            }
            if let Some(still) = still {
                let place = Rect::from_x_y_ranges(left..=right, strip.y_range());
                paint_picture(ui, place, 0, (still.id(), still.size_vec2()), Fit::Cover);
            }
            if index > 0 && depth + 1 == layers.len() {
                let line = Stroke::new(1.0, t.strip_line);
                ui.painter().vline(left - 0.5, strip.y_range(), line);
            }
        }
    }
}

fn ticks_ui(ui: &Ui, scale: &Scale, rect: Rect, video: &OpenVideo, t: &Tokens) {
    let Some(index) = video.index.as_deref() else {
        return;
    };
    let times = scale.range.times();
    let keyframes = index.keyframes();
    let first = keyframes.partition_point(|&number| index.time(number) < times.start);
    let last = keyframes.partition_point(|&number| index.time(number) <= times.end);
    // Every second one, every third one…: always the same ones, wherever the range begins.
    let stride = ((last - first) as f32 * TICKS / scale.strip.width())
        .ceil()
        .max(1.0) as usize;
    let top = rect.top() + TICKS_TOP;
    let mut before = f32::NEG_INFINITY;
    for at in (first.next_multiple_of(stride)..last).step_by(stride) {
        let x = scale.x(index.time(keyframes[at])).round();
        if x - before < TICKS - 1.0 {
            continue;
        }
        before = x;
        let x = x.min(scale.strip.right() - 1.0) + 0.5;
        ui.painter().vline(x, top..=top + TICK, Stroke::new(1.0, t.tick));
    }
}
