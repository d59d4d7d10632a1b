//! Switches and check boxes.

use egui::{
    Align2, Color32, CornerRadius, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, Widget,
    WidgetInfo, pos2, vec2,
};

use super::{Text, focus_ring, icon};
use crate::theme::{Face, Role, icons, tokens};

/// Paints a switch with its centre at `center`, as a part of another widget.
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

/// A switch with its label.
#[must_use]
pub struct Switch<'a> {
    on: &'a mut bool,
    label: &'a str,
}

impl<'a> Switch<'a> {
    /// A switch that shows and changes `on`.
    pub fn new(on: &'a mut bool, label: &'a str) -> Self {
        Self { on, label }
    }
}

impl Widget for Switch<'_> {
    /// The response is `changed` if it was clicked.
    fn ui(self, ui: &mut Ui) -> Response {
        const WORDS: f32 = 32.0;
        let text = Text::new(Role::BODY, self.label).wrap();
        let galley = text.galley(ui, (ui.available_width() - WORDS).max(0.0));
        let size = vec2(WORDS + galley.size().x.ceil(), galley.size().y.max(24.0));
        let (rect, mut response) = ui.allocate_exact_size(size, Sense::click());
        if response.clicked() {
            *self.on = !*self.on;
            response.mark_changed();
        }
        let on = *self.on;
        response.widget_info(|| WidgetInfo::selected(egui::Role::Switch, ui.is_enabled(), on, self.label));
        paint_switch(
            ui,
            pos2(rect.left() + 11.0, rect.top() + 12.0),
            on,
            ui.is_enabled(),
        );
        let at = Align2::LEFT_CENTER.anchor_size(rect.left_center() + vec2(WORDS, 0.0), galley.size());
        ui.painter().galley(at.min.round(), galley, tokens(ui).text);
        if response.has_focus() {
            focus_ring(ui.painter(), tokens(ui), rect, 6);
        }
        response
    }
}

/// Paints a check box, 16 points wide.
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
