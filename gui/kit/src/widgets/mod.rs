//! The controls that all views are made of, in every state that the design gives them.
//!
//! Each is drawn with [`crate::theme`]'s tokens, can be reached with Tab, and carries a label for screen readers
//! and tests. Views place most of them at a rectangle of their own (`at`), since the design is given in boxes.

mod button;
mod copyable;
mod empty;
mod field;
mod frames;
mod keycap;
mod menu;
mod picture;
mod segmented;
mod status;
mod switch;
mod text;
mod toast;
mod tooltip;

pub use button::{Button, Height};
pub use copyable::Copyable;
pub use empty::empty_ui;
pub use field::{Field, take_find};
pub use frames::{card, confirm, hline, modal, vline};
pub use keycap::{keycap, keycap_width};
pub use menu::{context_menu, menu, menu_check, menu_item, menu_line, menu_that_stays};
pub use picture::{Fit, dashed_slot, fit, outline, paint_picture, slot_note};
pub use segmented::segmented;
pub use status::{Tone, pill, pill_width, progress, verdict};
pub use switch::{paint_checkbox, paint_switch, switch};
pub use text::{Text, icon};
pub use toast::{ToastAnswer, toast};
pub use tooltip::tip;

use egui::{CornerRadius, Painter, Rect, Stroke, StrokeKind, Ui, UiBuilder};

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

/// `value`, but neither below `least` nor above `most`. `f32::clamp` panics where these change places, and what a narrow
/// window leaves between two edges may be less than nothing: there it is `least`, so that the start can be seen.
pub const fn between(value: f32, least: f32, most: f32) -> f32 {
    value.min(most).max(least)
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

/// The ring around what has the keyboard's focus.
fn focus_ring(painter: &Painter, t: &Tokens, rect: Rect, radius: u8) {
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
