//! Sliders.

use std::ops::RangeInclusive;

use egui::{
    CornerRadius, CursorIcon, EventFilter, Key, Rect, Response, Sense, Ui, Widget, WidgetInfo, pos2, vec2,
};

use super::focus_ring_inside;
use crate::theme::tokens;

/// Height that takes clicks, in points.
const HEIGHT: f32 = 27.0;
/// Height of the rail, in points.
const RAIL: f32 = 3.0;
const KNOB: f32 = 6.0;

/// A slider over a range of whole numbers.
#[must_use]
pub struct Slider<'a> {
    value: &'a mut f32,
    range: RangeInclusive<f32>,
    label: &'a str,
    step: f32,
    width: f32,
}

impl<'a> Slider<'a> {
    /// A slider that shows and changes `value`. Screen readers get `label`.
    pub fn new(value: &'a mut f32, range: RangeInclusive<f32>, label: &'a str) -> Self {
        Self {
            value,
            range,
            label,
            step: 1.0,
            width: 112.0,
        }
    }

    /// How far an arrow key goes.
    pub fn step(mut self, step: f32) -> Self {
        self.step = step;
        self
    }

    /// Sets the width of its rail, in points.
    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }
}

impl Widget for Slider<'_> {
    /// The response is `changed` if the value is another one.
    fn ui(self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let enabled = ui.is_enabled();
        let sense = if enabled {
            Sense::click_and_drag()
        } else {
            Sense::hover()
        };
        let (rect, mut response) = ui.allocate_exact_size(vec2(self.width, HEIGHT), sense);
        let rail = Rect::from_center_size(rect.center(), vec2(rect.width(), RAIL));
        let (least, most) = (*self.range.start(), *self.range.end());
        let before = *self.value;
        if let Some(pointer) = response.interact_pointer_pos() {
            let part = ((pointer.x - rail.left()) / rail.width()).clamp(0.0, 1.0);
            *self.value = (least + part * (most - least)).round();
        }
        if response.has_focus() {
            let filter = EventFilter {
                horizontal_arrows: true,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
            let steps = ui.input(|input| {
                input.num_presses(Key::ArrowRight) as f32 - input.num_presses(Key::ArrowLeft) as f32
            });
            *self.value = (*self.value + self.step * steps).clamp(least, most);
        }
        if *self.value != before {
            response.mark_changed();
        }
        let value = f64::from(*self.value);
        response.widget_info(|| WidgetInfo::slider(enabled, value, self.label));
        let at = rail.left() + rail.width() * ((*self.value - least) / (most - least)).clamp(0.0, 1.0);
        let corner = CornerRadius::same(2);
        let knob = match (enabled, ui.visuals().dark_mode) {
            (false, _) => t.dis,
            (true, true) => t.text,
            (true, false) => t.text2,
        };
        ui.painter().rect_filled(rail, corner, t.track);
        let passed = if enabled { t.text3 } else { t.border2 };
        ui.painter().rect_filled(rail.with_max_x(at), corner, passed);
        ui.painter().circle_filled(pos2(at, rail.center().y), KNOB, knob);
        if response.has_focus() {
            focus_ring_inside(ui.painter(), t, rect.expand2(vec2(8.0, 0.0)));
        }
        if enabled {
            response.on_hover_cursor(CursorIcon::ResizeHorizontal)
        } else {
            response
        }
    }
}
