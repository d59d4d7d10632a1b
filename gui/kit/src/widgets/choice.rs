//! Check boxes and radio buttons with their labels.

use egui::{Align2, Response, Sense, Ui, Widget, WidgetInfo, pos2, vec2};

use super::{Text, focus_ring, paint_checkbox, room_for};
use crate::theme::{Role, tokens};

/// From the left edge to the label, in points.
const WORDS: f32 = 24.0;
const HEIGHT: f32 = 24.0;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Check,
    Radio,
}

/// A check box or a radio button. It does not change what it shows: its response says that it was clicked.
#[must_use]
pub struct Choice<'a> {
    kind: Kind,
    on: bool,
    label: &'a str,
}

impl<'a> Choice<'a> {
    /// A check box.
    pub fn check(on: bool, label: &'a str) -> Self {
        Self {
            kind: Kind::Check,
            on,
            label,
        }
    }

    /// A radio button: one of several choices.
    pub fn radio(on: bool, label: &'a str) -> Self {
        Self {
            kind: Kind::Radio,
            on,
            label,
        }
    }
}

impl Widget for Choice<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let enabled = ui.is_enabled();
        let wanted = WORDS + Text::new(Role::BODY, self.label).width(ui).ceil();
        let size = vec2(room_for(ui, wanted, WORDS), HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let role = match self.kind {
            Kind::Check => egui::Role::CheckBox,
            Kind::Radio => egui::Role::RadioButton,
        };
        response.widget_info(|| WidgetInfo::selected(role, enabled, self.on, self.label));
        let center = pos2(rect.left() + 8.0, rect.center().y);
        match self.kind {
            Kind::Check => paint_checkbox(ui, center, self.on),
            Kind::Radio if self.on => {
                ui.painter().circle_filled(center, 8.0, t.accent_line);
                ui.painter().circle_filled(center, 3.0, t.on_accent);
            }
            Kind::Radio => {
                let line = if response.hovered() { t.text2 } else { t.border2 };
                ui.painter()
                    .circle(center, 7.5, t.field, egui::Stroke::new(1.0, line));
            }
        }
        let color = match (enabled, self.on) {
            (false, _) => t.dis,
            (true, true) => t.text,
            (true, false) => t.text2,
        };
        let words = Text::new(Role::BODY, self.label).color(color);
        let galley = words.galley(ui, (rect.width() - WORDS).max(0.0));
        let at = Align2::LEFT_CENTER.anchor_size(rect.left_center() + vec2(WORDS, 0.0), galley.size());
        ui.painter().galley(at.min.round(), galley, color);
        if response.has_focus() {
            focus_ring(ui.painter(), t, rect, 6);
        }
        response
    }
}
