//! The empty state of a view.

use egui::{Layout, Response, Sense, Ui, Widget, vec2};

use super::{Button, Glyph, Text};
use crate::theme::icons::Icon;
use crate::theme::{Role, tokens};

/// Largest width of the sentence, in points.
const MAX_WIDTH: f32 = 420.0;

/// An icon, a heading, a sentence and an optional button, centred in the available space.
#[must_use]
pub struct Empty<'a> {
    icon: Icon,
    heading: &'a str,
    words: &'a str,
    button: Option<Button<'a>>,
}

impl<'a> Empty<'a> {
    /// An empty state without a button.
    pub fn new(icon: Icon, heading: &'a str, words: &'a str) -> Self {
        Self {
            icon,
            heading,
            words,
            button: None,
        }
    }

    /// Adds a button.
    pub fn button(mut self, button: Button<'a>) -> Self {
        self.button = Some(button);
        self
    }
}

impl Widget for Empty<'_> {
    /// The response is the button's.
    fn ui(self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let words = Text::new(Role::BODY, self.words).color(t.text2).wrap().center();
        let heading = Text::new(Role::EMPTY, self.heading).wrap().center();
        let width = (ui.available_width() - 32.0).clamp(0.0, MAX_WIDTH);
        let rows = [&heading, &words].map(|text| text.galley(ui, width).size().y);
        let button = self.button.map_or(0.0, |_| 48.0);
        let high = 52.0 + rows[0] + 4.0 + rows[1] + button;
        let above = ((ui.available_height() - high) / 2.0).max(0.0).round();
        ui.with_layout(Layout::top_down(egui::Align::Center), |ui| {
            ui.set_max_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            ui.add_space(above + 4.0);
            ui.add(Glyph::new(self.icon, 32.0, t.text3));
            ui.add_space(16.0);
            ui.scope(|ui| {
                ui.set_max_width(width);
                ui.add(heading);
                ui.add_space(4.0);
                ui.add(words);
            });
            ui.add_space(16.0);
            match self.button {
                Some(button) => ui.add(button),
                None => ui.allocate_response(vec2(0.0, 0.0), Sense::hover()),
            }
        })
        .inner
    }
}
