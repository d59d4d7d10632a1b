//! The controls that all views are made of, in every state that the design gives them.
//!
//! Each is a [`Widget`](egui::Widget) drawn with [`crate::theme`]'s tokens, can be reached with Tab, and carries a label for
//! screen readers and tests. What is painted over a picture or a timeline has a place of its own (`at`).

mod button;
mod copyable;
mod empty;
mod field;
mod frames;
mod keycap;
mod menu;
mod picture;
mod row;
mod segmented;
mod status;
mod switch;
mod text;
mod toast;
mod tooltip;

pub use button::{Button, Height};
pub use copyable::Copyable;
pub use empty::Empty;
pub use field::{Field, take_find};
pub use frames::{confirm, hline, line_ui, modal, vline};
pub use keycap::{Keycap, keycap, keycap_width};
pub use menu::{context_menu, menu, menu_check, menu_item, menu_line, menu_that_stays};
pub use picture::{Fit, dashed_outline, dashed_slot, fit, outline, paint_picture, slot_note};
pub use row::{list_row, row, row_end, row_end_width, row_middle, row_start};
pub use segmented::{Segment, Segmented};
pub use status::{Pill, Progress, Strip, Tone};
pub use switch::{Switch, paint_checkbox, paint_switch};
pub use text::{Glyph, Text, icon, lengthen_texts};
pub use toast::{ToastAnswer, toast_ui};
pub use tooltip::tip;

use egui::{CornerRadius, Painter, Rect, Stroke, StrokeKind, Ui, UiBuilder, Vec2};

use crate::theme::{Tokens, sizes};

/// Draws `content` in `rect`, apart from the layout around it.
pub fn within<R>(
    ui: &mut Ui,
    rect: Rect,
    salt: impl egui::AsIdSalt,
    content: impl FnOnce(&mut Ui) -> R,
) -> R {
    let builder = UiBuilder::new().id_salt(salt).max_rect(rect);
    let mut child = ui.new_child(builder);
    content(&mut child)
}

/// Adds a widget in `rect`, apart from the layout around it.
pub fn put(ui: &mut Ui, rect: Rect, widget: impl egui::Widget) -> egui::Response {
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    child.add(widget)
}

/// Gives `content` all the room there is, and at least `least`: where there is less, it scrolls.
pub fn at_least<R>(ui: &mut Ui, least: Vec2, content: impl FnOnce(&mut Ui) -> R) -> R {
    let room = ui.available_size();
    let scrolls = [room.x < least.x, room.y < least.y];
    if scrolls == [false, false] {
        return content(ui);
    }
    let scrolled = egui::ScrollArea::new(scrolls).auto_shrink(false).show(ui, |ui| {
        let (_, rect) = ui.allocate_space(room.max(least));
        within(ui, rect, "at least", content)
    });
    scrolled.inner
}

/// `value`, but neither below `least` nor above `most`. `f32::clamp` panics where these change places, and what a narrow
/// window leaves between two edges may be less than nothing: there it is `least`, so that the start can be seen.
pub const fn between(value: f32, least: f32, most: f32) -> f32 {
    value.min(most).max(least)
}

/// At the end of what scrolls: brings what Tab has just led to into sight, which egui leaves where it is.
pub fn scroll_to_focus(ui: &Ui) {
    if ui.input(|input| input.key_pressed(egui::Key::Tab))
        && let Some(focused) = ui.memory(egui::Memory::focused)
        && let Some(response) = ui.ctx().read_response(focused)
        && response.layer_id == ui.layer_id()
        && ui.min_rect().contains_rect(response.rect)
    {
        response.scroll_to_me(None);
    }
}

/// Whether shortcuts of the views apply: nobody types, and nothing lies over the view.
pub fn shortcuts_apply(ui: &Ui) -> bool {
    !ui.ctx().text_edit_focused()
        && !egui::Popup::is_any_open(ui.ctx())
        && ui.ctx().memory(|memory| {
            memory
                .top_modal_layer()
                .is_none_or(|layer| layer == ui.layer_id())
        })
}

/// The width of a control that would be `wanted` wide: all there is in a justified layout, else no more than there is. Below
/// `least` it would be no control any more.
fn room_for(ui: &Ui, wanted: f32, least: f32) -> f32 {
    // A layout that wraps gives the next row to what does not fit into this one.
    let room = if ui.layout().main_wrap() {
        ui.max_rect().width()
    } else {
        ui.available_width()
    };
    if ui.layout().horizontal_justify() {
        room.max(least)
    } else {
        wanted.min(room.max(least))
    }
}

/// The ring around what has the keyboard's focus.
pub fn focus_ring(painter: &Painter, t: &Tokens, rect: Rect, radius: u8) {
    let corner = CornerRadius::same(radius + 4);
    painter.rect_stroke(
        rect.expand(4.0),
        corner,
        Stroke::new(2.0, t.accent_line),
        StrokeKind::Inside,
    );
}

/// The ring inside what has the keyboard's focus and no room around it, such as a row.
pub fn focus_ring_inside(painter: &Painter, t: &Tokens, rect: Rect) {
    let corner = CornerRadius::same(sizes::RADIUS_SMALL);
    painter.rect_stroke(
        rect.shrink(1.0),
        corner,
        Stroke::new(2.0, t.accent_line),
        StrokeKind::Inside,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a window without room for something ends the program.
    #[test]
    fn no_room_is_no_end() {
        assert_eq!(between(5.0, 0.0, 10.0), 5.0);
        assert_eq!((between(-5.0, 0.0, 10.0), between(15.0, 0.0, 10.0)), (0.0, 10.0));
        assert_eq!(between(5.0, 4.0, -20.0), 4.0);
        assert_eq!(between(f32::NAN, 4.0, 8.0), 8.0);
    }
}
