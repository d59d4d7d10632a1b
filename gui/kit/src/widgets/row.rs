//! Rows: layouts with a flexible start, a centred middle or an end, and clickable rows of lists.

use egui::{Align, InnerResponse, Layout, Response, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use super::{Button, focus_ring_inside};
use crate::theme::{sizes, tokens};

/// A row at least `height` points high, with its content centred vertically. `Ui::horizontal` would be at least as high as
/// a control.
pub fn row<R>(ui: &mut Ui, height: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let size = vec2(ui.available_width(), height);
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(size, layout, content).inner
}

/// The start of a horizontal layout, which leaves `end` points for the rest.
pub fn row_start<R>(ui: &mut Ui, end: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let width = (ui.available_width() - end - ui.spacing().item_spacing.x).max(0.0);
    let size = vec2(width, ui.available_height());
    let layout = Layout::left_to_right(Align::Center);
    let start = ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_width(width);
        content(ui)
    });
    start.inner
}

/// Buttons at the right end of a horizontal layout, in reading and Tab order. With too little room, their labels are
/// truncated.
pub fn row_end<const N: usize>(ui: &mut Ui, buttons: [Button<'_>; N]) -> [Response; N] {
    let room = ui.available_width() - row_end_width(ui, &buttons);
    ui.add_space(room.max(0.0));
    buttons.map(|button| ui.add(button))
}

/// Width that [`row_end`] takes with the gap before it, in points.
pub fn row_end_width(ui: &Ui, buttons: &[Button<'_>]) -> f32 {
    let gaps = ui.spacing().item_spacing.x * buttons.len().saturating_sub(1) as f32;
    buttons.iter().map(|button| button.width(ui)).sum::<f32>() + gaps
}

/// A row of `width` points in the middle of a centred layout; with less room, it wraps.
pub fn row_middle<R>(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let size = vec2((width + 1.0).min(ui.available_width()).max(0.0), 0.0);
    let layout = Layout::left_to_right(Align::Center).with_main_wrap(true);
    ui.allocate_ui_with_layout(size, layout, content).inner
}

/// A clickable row of a list, `height` points high, with the available width. `content` is laid out from left to right
/// with 8 points of padding at both ends; screen readers get `label`. `chosen` is `None` in lists where a click does not
/// choose a row.
pub fn list_row<R>(
    ui: &mut Ui,
    height: f32,
    (label, chosen): (&str, Option<bool>),
    content: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<R> {
    let t = tokens(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width().max(0.0), height), Sense::click());
    response.widget_info(|| match chosen {
        Some(chosen) => WidgetInfo::selected(egui::Role::ListItem, ui.is_enabled(), chosen, label),
        None => WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), label),
    });
    let chosen = chosen == Some(true);
    if chosen || response.hovered() {
        let fill = if chosen { t.raised } else { t.hover };
        ui.painter().rect_filled(rect, sizes::RADIUS, fill);
    }
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect);
    }
    let inside = UiBuilder::new()
        .id_salt(response.id)
        .max_rect(rect.shrink2(vec2(8.0, 0.0)))
        .layout(Layout::left_to_right(Align::Center));
    let inner = content(&mut ui.new_child(inside));
    InnerResponse::new(inner, response)
}
