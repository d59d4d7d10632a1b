//! Menus.

use egui::{
    Align2, Color32, CornerRadius, Frame, Margin, Popup, PopupCloseBehavior, Rect, Response, ScrollArea,
    Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::{Text, focus_ring_inside, icon, paint_checkbox};
use crate::theme::icons::Icon;
use crate::theme::{Face, Role, sizes, tokens, tokens_of};

/// A menu that `button` opens, `width` points wide. `content` adds its items, and a click on one closes it.
pub fn menu(button: &Response, width: f32, content: impl FnOnce(&mut Ui)) {
    show(Popup::menu(button), button, width, content);
}

/// A menu that stays open when an item is clicked: for check boxes, or facts to copy.
pub fn menu_that_stays(button: &Response, width: f32, content: impl FnOnce(&mut Ui)) {
    let popup = Popup::menu(button).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    show(popup, button, width, content);
}

/// A context menu of `response`, opened by the secondary mouse button.
pub fn context_menu(response: &Response, width: f32, content: impl FnOnce(&mut Ui)) {
    show(Popup::context_menu(response), response, width, content);
}

fn show(popup: Popup<'_>, button: &Response, width: f32, content: impl FnOnce(&mut Ui)) {
    let t = tokens_of(&button.ctx);
    let frame = Frame::NONE
        .fill(t.raised)
        .stroke(Stroke::new(1.0, t.border2))
        .corner_radius(sizes::RADIUS_CARD)
        .inner_margin(Margin::same(4))
        .shadow(button.ctx.global_style().visuals.popup_shadow);
    let screen = button.ctx.content_rect().size() - vec2(24.0, 24.0);
    let width = width.min(screen.x);
    popup.gap(4.0).width(width).frame(frame).show(|ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        ui.set_width(width);
        ScrollArea::vertical().max_height(screen.y).show(ui, content);
    });
}

/// An item with a check box, for [`menu_that_stays`]. `true` if it was clicked.
pub fn menu_check(ui: &mut Ui, label: &str, on: bool) -> bool {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::CheckBox, ui.is_enabled(), on, label));
    if response.hovered() {
        ui.painter()
            .rect_filled(rect, CornerRadius::same(sizes::RADIUS_SMALL), t.hover);
    }
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect.expand(1.0));
    }
    paint_checkbox(ui, pos2(rect.left() + 16.0, rect.center().y), on);
    let galley = Text::new(Role::BODY, label).galley(ui, rect.width() - 40.0);
    let at = Align2::LEFT_CENTER.anchor_size(pos2(rect.left() + 32.0, rect.center().y), galley.size());
    ui.painter().galley(at.min.round(), galley, t.text);
    response.clicked()
}

/// A menu item. `detail` is dim text at the right, such as its key. `danger` marks an item that deletes. `true` if it was
/// clicked.
pub fn menu_item(ui: &mut Ui, glyph: Icon, label: &str, detail: &str, danger: bool) -> bool {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::MenuItem, ui.is_enabled(), label));
    if !detail.is_empty() {
        ui.ctx()
            .accesskit_node_builder(response.id, |node| node.set_description(detail));
    }
    let fill = if response.hovered() {
        t.hover
    } else {
        Color32::TRANSPARENT
    };
    ui.painter()
        .rect_filled(rect, CornerRadius::same(sizes::RADIUS_SMALL), fill);
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rect.expand(1.0));
    }
    let color = if danger { t.red } else { t.text };
    icon(
        ui.painter(),
        pos2(rect.left() + 16.0, rect.center().y),
        glyph,
        Face::Icon,
        16.0,
        color,
    );
    let detail = Text::new(Role::CAPTION, detail).color(t.text3).galley(ui, 160.0);
    let room = (rect.width() - 48.0 - detail.size().x).max(0.0);
    let galley = Text::new(Role::BODY, label).color(color).galley(ui, room);
    let at = Align2::LEFT_CENTER.anchor_size(pos2(rect.left() + 32.0, rect.center().y), galley.size());
    ui.painter().galley(at.min.round(), galley, color);
    let at = Align2::RIGHT_CENTER.anchor_size(pos2(rect.right() - 8.0, rect.center().y), detail.size());
    ui.painter().galley(at.min.round(), detail, t.text3);
    if response.clicked() {
        ui.close();
    }
    response.clicked()
}

/// A separator between groups of items.
pub fn menu_line(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 9.0), Sense::hover());
    let line = Rect::from_min_size(pos2(rect.left(), rect.top() + 4.0), vec2(rect.width(), 1.0));
    ui.painter()
        .rect_filled(line, CornerRadius::ZERO, tokens(ui).border);
}
