//! A segmented control: a choice of one of a few values.

use egui::{
    Align2, Color32, CornerRadius, Rect, Response, Sense, Stroke, StrokeKind, Ui, Widget, WidgetInfo, pos2,
    vec2,
};

use super::{Text, focus_ring_inside, room_for, tip};
use crate::theme::{Role, sizes, tokens};

/// Padding around the segments, in points.
const INSET: f32 = 3.0;
/// Gap between two segments, in points.
const GAP: f32 = 2.0;
/// Gap between a label and its count, in points.
const COUNT_GAP: f32 = 6.0;

/// A label and an optional count.
pub type Segment<'a> = (&'a str, Option<usize>);

/// Segments of equal width, of which one is chosen.
#[must_use]
pub struct Segmented<'a> {
    chosen: &'a mut usize,
    segments: &'a [Segment<'a>],
    width: Option<f32>,
    small: bool,
}

impl<'a> Segmented<'a> {
    /// Segments as wide as the widest label. `chosen` is the index of the chosen one.
    pub fn new(chosen: &'a mut usize, segments: &'a [Segment<'a>]) -> Self {
        Self {
            chosen,
            segments,
            width: None,
            small: false,
        }
    }

    /// Sets the smallest total width, in points.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Makes it 28 points high, with smaller text.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    fn role(&self) -> Role {
        if self.small { Role::PILL } else { Role::SMALL_TITLE }
    }

    /// Its width where there is room, in points.
    pub fn natural_width(&self, ui: &Ui) -> f32 {
        let widths = self.segments.iter().map(|(label, count)| {
            let count = count.map_or(0.0, |count| {
                COUNT_GAP + Text::new(Role::SMALL, &count.to_string()).width(ui)
            });
            let padding = if self.small { 8.0 } else { 20.0 };
            Text::new(self.role(), label).width(ui) + count + padding
        });
        let number = self.segments.len() as f32;
        let all = widths.fold(0.0, f32::max) * number + GAP * (number - 1.0) + 2.0 * INSET;
        self.width.map_or(all, |width| width.max(all)).ceil()
    }
}

impl Widget for Segmented<'_> {
    /// The response is `changed` if another segment was chosen.
    fn ui(self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let height = if self.small {
            sizes::CONTROL_SMALL
        } else {
            sizes::CONTROL
        };
        let size = vec2(room_for(ui, self.natural_width(ui), height), height);
        let role = self.role();
        let (rect, mut response) = ui.allocate_exact_size(size, Sense::hover());
        let corner = CornerRadius::same(sizes::RADIUS);
        let line = Stroke::new(1.0, t.border);
        ui.painter().rect(rect, corner, t.field, line, StrokeKind::Inside);
        let inner = rect.shrink(INSET);
        let count = self.segments.len().max(1) as f32;
        let width = (inner.width() - GAP * (count - 1.0)) / count;
        for (index, segment) in self.segments.iter().enumerate() {
            let left = inner.left() + index as f32 * (width + GAP);
            let rect = Rect::from_min_size(pos2(left, inner.top()), vec2(width, inner.height()));
            let id = response.id.with(index);
            if segment_ui(ui, (rect, id), (*segment, role), index == *self.chosen).clicked()
                && index != *self.chosen
            {
                *self.chosen = index;
                response.mark_changed();
            }
        }
        response
    }
}

fn segment_ui(
    ui: &Ui,
    (rect, id): (Rect, egui::Id),
    ((label, count), role): (Segment<'_>, Role),
    on: bool,
) -> Response {
    let t = tokens(ui);
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::RadioButton, ui.is_enabled(), on, label));
    let fill = match (on, response.hovered()) {
        (true, _) => t.pressed,
        (false, true) => t.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter()
        .rect_filled(rect, CornerRadius::same(sizes::RADIUS_SMALL), fill);
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect.expand(1.0));
    }
    let count = count.map(|count| {
        let text = count.to_string();
        Text::new(Role::SMALL, &text)
            .color(t.text3)
            .galley(ui, rect.width())
    });
    let gap = count.as_ref().map_or(0.0, |count| count.size().x + COUNT_GAP);
    let word = Text::new(role, label)
        .color(if on { t.text } else { t.text2 })
        .galley(ui, (rect.width() - 8.0 - gap).max(0.0));
    let cut = word.elided;
    let mut x = rect.center().x - f32::midpoint(word.size().x, gap);
    for galley in std::iter::once(word).chain(count) {
        let at = Align2::LEFT_CENTER.anchor_size(pos2(x, rect.center().y), galley.size());
        x = at.right() + COUNT_GAP;
        ui.painter().galley(at.min.round(), galley, t.text);
    }
    if cut { tip(response, label, &[]) } else { response }
}
