//! One of a few.

use egui::{Align2, Color32, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::{Text, focus_ring_inside};
use crate::theme::{Role, sizes, tokens};

/// Segments of equal width in `rect`; each has a label and, perhaps, a count. Gives the one that was clicked.
pub fn segmented(
    ui: &mut Ui,
    rect: Rect,
    segments: &[(&str, Option<usize>)],
    selected: usize,
) -> Option<usize> {
    let t = tokens(ui);
    let corner = CornerRadius::same(sizes::RADIUS);
    ui.painter().rect(
        rect,
        corner,
        t.field,
        Stroke::new(1.0, t.border),
        StrokeKind::Inside,
    );
    let inner = rect.shrink(3.0);
    let count = segments.len().max(1) as f32;
    let width = (inner.width() - 2.0 * (count - 1.0)) / count;
    let mut clicked = None;
    for (index, (label, number)) in segments.iter().enumerate() {
        let left = inner.left() + index as f32 * (width + 2.0);
        let place = Rect::from_min_size(pos2(left, inner.top()), vec2(width, inner.height()));
        let id = ui.next_auto_id();
        ui.skip_ahead_auto_ids(1);
        let response = ui.interact(place, id, Sense::click());
        let on = index == selected;
        response.widget_info(|| WidgetInfo::selected(egui::Role::RadioButton, ui.is_enabled(), on, label));
        let fill = match (on, response.hovered()) {
            (true, _) => t.pressed,
            (false, true) => t.hover,
            (false, false) => Color32::TRANSPARENT,
        };
        ui.painter()
            .rect_filled(place, CornerRadius::same(sizes::RADIUS_SMALL), fill);
        if response.has_focus() {
            focus_ring_inside(ui.painter(), t, place.expand(1.0));
        }
        let word = Text::new(Role::SMALL_TITLE, label)
            .color(if on { t.text } else { t.text2 })
            .galley(ui, width - 8.0);
        let number = number.map(|number| {
            Text::new(Role::SMALL, &number.to_string())
                .color(t.text3)
                .galley(ui, width)
        });
        let gap = number.as_ref().map_or(0.0, |number| number.size().x + 6.0);
        let mut x = place.center().x - f32::midpoint(word.size().x, gap);
        for galley in std::iter::once(word).chain(number) {
            let at = Align2::LEFT_CENTER.anchor_size(pos2(x, place.center().y), galley.size());
            x = at.right() + 6.0;
            ui.painter().galley(at.min.round(), galley, t.text);
        }
        if response.clicked() && !on {
            clicked = Some(index);
        }
    }
    clicked
}
