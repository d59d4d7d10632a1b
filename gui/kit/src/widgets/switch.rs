//! Switches and check boxes.

use egui::{
    Align2, Color32, CornerRadius, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2,
};

use super::{Text, focus_ring, icon};
use crate::theme::{Face, Role, icons, tokens};

/// A switch with its centre at `center`, for a widget that is more than a switch.
pub fn paint_switch(ui: &Ui, center: Pos2, on: bool, enabled: bool) {
    let t = tokens(ui);
    let rect = Rect::from_center_size(center, Vec2::new(22.0, 12.0));
    let track = match (on, enabled) {
        (true, true) => t.blue,
        (false, true) => t.border2,
        (_, false) => t.border,
    };
    ui.painter().rect_filled(rect, CornerRadius::same(6), track);
    let x = if on { rect.right() - 6.0 } else { rect.left() + 6.0 };
    ui.painter().circle_filled(pos2(x, center.y), 4.0, t.switch_knob);
}

/// A switch with its label; `true` where it was clicked.
pub fn switch(ui: &mut Ui, on: &mut bool, label: &str) -> Response {
    let width = 32.0 + Text::new(Role::BODY, label).width(ui).ceil();
    let (rect, mut response) = ui.allocate_exact_size(Vec2::new(width, 24.0), Sense::click());
    if response.clicked() {
        *on = !*on;
        response.mark_changed();
    }
    let state = *on;
    response.widget_info(|| WidgetInfo::selected(egui::Role::Switch, ui.is_enabled(), state, label));
    paint_switch(
        ui,
        pos2(rect.left() + 11.0, rect.center().y),
        state,
        ui.is_enabled(),
    );
    let galley = Text::new(Role::BODY, label).galley(ui, f32::INFINITY);
    let at = Align2::LEFT_CENTER.anchor_size(pos2(rect.left() + 32.0, rect.center().y), galley.size());
    ui.painter().galley(at.min.round(), galley, tokens(ui).text);
    if response.has_focus() {
        focus_ring(ui.painter(), tokens(ui), rect, 6);
    }
    response
}

/// The box of a check box, 16 wide.
pub fn paint_checkbox(ui: &Ui, center: Pos2, on: bool) {
    let t = tokens(ui);
    let rect = Rect::from_center_size(center, Vec2::splat(14.0));
    let corner = CornerRadius::same(3);
    let (fill, line) = if on {
        (t.accent, t.accent_line)
    } else {
        (Color32::TRANSPARENT, t.text3)
    };
    ui.painter()
        .rect(rect, corner, fill, Stroke::new(1.0, line), StrokeKind::Inside);
    if on {
        icon(
            ui.painter(),
            center,
            icons::CHECK,
            Face::IconBold,
            10.0,
            t.on_accent,
        );
    }
}
