//! A button that is as high as a line of text.

use egui::{Response, Sense, Ui, Widget, WidgetInfo, vec2};

use super::{focus_ring, icon, tip};
use crate::theme::icons::Icon;
use crate::theme::{Face, tokens};

/// Width and height, in points.
const SIDE: f32 = 16.0;

/// An icon to click in a line of text.
#[must_use]
pub struct InlineButton<'a> {
    label: &'a str,
    glyph: Icon,
    advice: &'a str,
    keys: &'a [&'a str],
}

impl<'a> InlineButton<'a> {
    /// Width and height, in points.
    pub const SIDE: f32 = SIDE;

    /// A button with an icon. `label` is its name, and its tooltip unless that is another.
    pub const fn new(label: &'a str, glyph: Icon) -> Self {
        Self {
            label,
            glyph,
            advice: label,
            keys: &[],
        }
    }

    /// Sets the tooltip and the keys in it.
    pub const fn tip(mut self, advice: &'a str, keys: &'a [&'a str]) -> Self {
        self.advice = advice;
        self.keys = keys;
        self
    }
}

impl Widget for InlineButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(SIDE, SIDE), Sense::click());
        let enabled = ui.is_enabled();
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, enabled, self.label));
        let color = if response.hovered() { t.text } else { t.text3 };
        icon(ui.painter(), rect.center(), self.glyph, Face::Icon, 14.0, color);
        if response.has_focus() {
            focus_ring(ui.painter(), t, rect, 2);
        }
        tip(response, self.advice, self.keys)
    }
}
