//! Tooltips with shortcuts.

use egui::{Align2, Frame, Margin, Response, Sense, Stroke, Tooltip, Vec2, pos2};

use super::{Text, keycap, keycap_width};
use crate::theme::{Role, sizes, tokens};

/// Adds a tooltip of `text` and `keys` to `response`. Screen readers get the keys too.
pub fn tip(response: Response, text: &str, keys: &[&str]) -> Response {
    if !keys.is_empty() {
        response.ctx.accesskit_node_builder(response.id, |node| {
            node.set_keyboard_shortcut(keys.join("+"));
        });
    }
    if text.is_empty() {
        return response;
    }
    let t = crate::theme::tokens_of(&response.ctx);
    let mut tooltip = if response.enabled() {
        Tooltip::for_enabled(&response)
    } else {
        Tooltip::for_disabled(&response)
    };
    tooltip.popup = tooltip.popup.frame(
        Frame::NONE
            .fill(t.pressed)
            .stroke(Stroke::new(1.0, t.border2))
            .corner_radius(sizes::RADIUS)
            .inner_margin(Margin::symmetric(9, 5)),
    );
    tooltip.show(|ui| {
        let words = Text::new(Role::SMALL, text).color(tokens(ui).text);
        let wide: f32 = keys.iter().map(|key| keycap_width(ui, key) + 6.0).sum();
        let (rect, _) =
            ui.allocate_exact_size(Vec2::new(words.width(ui).ceil() + wide, 18.0), Sense::hover());
        words.at(ui, rect, Align2::LEFT_CENTER);
        let mut x = rect.right();
        for key in keys.iter().rev() {
            x = keycap(ui, pos2(x, rect.center().y), key, None).left() - 6.0;
        }
    });
    response
}
