//! Text with a button that copies it.

use egui::{Color32, Response, Sense, Ui, Widget, WidgetInfo, pos2, vec2};

use super::{Text, focus_ring, icon, tip};
use crate::theme::{Face, Role, icons, tokens};

/// Text with an icon. It may show a part of what a click copies, such as the end of a task's ARN.
#[must_use]
pub struct Copyable<'a> {
    shown: &'a str,
    label: &'a str,
    role: Role,
    color: Option<Color32>,
}

impl<'a> Copyable<'a> {
    /// Width of the icon and the gap before it, in points.
    pub const ICON: f32 = 22.0;

    /// Shows `shown`. `label` is the button's name: `Copy task id`.
    pub fn new(shown: &'a str, label: &'a str) -> Self {
        Self {
            shown,
            label,
            role: Role::MONO,
            color: None,
        }
    }

    /// Sets the role of type.
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// Sets the colour.
    pub fn color(mut self, color: Color32) -> Self {
        self.color = Some(color);
        self
    }
}

impl Widget for Copyable<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let text = Text::new(self.role, self.shown).color(self.color.unwrap_or(t.text2));
        let galley = text.galley(ui, (ui.available_width() - Self::ICON).max(0.0));
        let size = vec2(galley.size().x + Self::ICON, galley.size().y);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, ui.is_enabled(), self.label));
        let cut = galley.elided;
        ui.painter().galley(rect.min.round(), galley, t.text2);
        let color = if response.hovered() { t.text } else { t.text3 };
        icon(
            ui.painter(),
            pos2(rect.right() - 7.0, rect.center().y),
            icons::COPY,
            Face::Icon,
            14.0,
            color,
        );
        if response.has_focus() {
            focus_ring(ui.painter(), t, rect, 2);
        }
        if cut {
            return tip(response, &format!("{}: {}", self.label, self.shown), &[]);
        }
        tip(response, self.label, &[])
    }
}
