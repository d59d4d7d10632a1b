//! Rows of a page: a label, a control, and what is wrong with it.

use egui::{Align2, Id, Rect, Ui, pos2, vec2};
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Field, Text, menu, menu_item};

/// Width of the labels' column.
pub(super) const LABELS: f32 = 132.0;
const GAP: f32 = 8.0;
const MESSAGE: f32 = 20.0;

/// The words over some rows.
pub(super) fn section(ui: &mut Ui, words: &str) {
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), 16.0));
    Text::new(Role::SECTION, words)
        .color(tokens(ui).text2)
        .at(ui, place, Align2::LEFT_CENTER);
    ui.add_space(12.0);
}

/// A row with its label; gives the place of its control.
pub(super) fn row(ui: &mut Ui, label: &str) -> Rect {
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), sizes::CONTROL));
    ui.add_space(GAP);
    let words = Rect::from_min_size(place.min, vec2(LABELS - 8.0, place.height()));
    Text::new(Role::BODY, label)
        .color(tokens(ui).text2)
        .at(ui, words, Align2::LEFT_CENTER);
    Rect::from_min_max(pos2(place.left() + LABELS, place.top()), place.max)
}

/// A sentence under a control.
pub(super) fn message(ui: &mut Ui, words: &str, bad: bool) {
    let t = tokens(ui);
    let width = ui.available_width() - LABELS;
    let text = Text::new(Role::SMALL, words)
        .color(if bad { t.red } else { t.text3 })
        .wrap();
    let high = text.galley(ui, width).size().y.max(MESSAGE - 4.0);
    ui.add_space(-4.0);
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), high));
    let place = Rect::from_min_max(pos2(place.left() + LABELS, place.top()), place.max);
    text.at(ui, place, Align2::LEFT_TOP);
    ui.add_space(GAP);
}

/// A field to type in, and what one may choose instead.
pub(super) struct Input<'a> {
    label: &'a str,
    hint: &'a str,
    mono: bool,
    wrong: bool,
    error: Option<&'a str>,
    choices: Option<&'a [(String, String)]>,
    empty: &'a str,
}

impl<'a> Input<'a> {
    pub(super) fn new(label: &'a str) -> Self {
        Self {
            label,
            hint: "",
            mono: false,
            wrong: false,
            error: None,
            choices: None,
            empty: "",
        }
    }

    /// What is so where nothing is typed.
    pub(super) fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    pub(super) fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// The check of the connection has found something wrong with it.
    pub(super) fn wrong(mut self, wrong: bool) -> Self {
        self.wrong = wrong;
        self
    }

    /// What is wrong with it.
    pub(super) fn error(mut self, error: Option<&'a str>) -> Self {
        self.error = error;
        self
    }

    /// Values to choose, each with a word about it; `empty` says what the menu says where there are none.
    pub(super) fn choices(mut self, choices: &'a [(String, String)], empty: &'a str) -> Self {
        self.choices = Some(choices);
        self.empty = empty;
        self
    }

    /// A row of its own.
    pub(super) fn show(self, ui: &mut Ui, text: &mut String) {
        let place = row(ui, self.label);
        let id = Id::unique(("settings", self.label));
        let field = Field::new(id, text, self.label).error(self.error.is_some() || self.wrong);
        let field = if self.mono { field.mono() } else { field };
        let field = if self.hint.is_empty() {
            field
        } else {
            field.placeholder(self.hint)
        };
        if let Some(choices) = self.choices {
            let field = field.room_right(26.0);
            field.at(ui, place);
            self.caret_ui(ui, place, choices, text);
        } else {
            field.at(ui, place);
        }
        if let Some(error) = self.error {
            message(ui, error, true);
        }
    }

    fn caret_ui(&self, ui: &mut Ui, place: Rect, choices: &[(String, String)], text: &mut String) {
        let caret = Rect::from_center_size(pos2(place.right() - 17.0, place.center().y), vec2(28.0, 28.0));
        let label = format!("Choose {}", self.label.to_lowercase());
        let button = Button::icon(&label, icons::CARET_DOWN).small().at(ui, caret);
        menu(&button, place.width(), |ui| {
            egui::ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
                for (value, about) in choices {
                    let glyph = if *value == *text { icons::CHECK } else { ' ' };
                    if menu_item(ui, glyph, value, about, false) {
                        text.clone_from(value);
                    }
                }
                if choices.is_empty() {
                    Text::new(Role::SMALL, self.empty)
                        .color(tokens(ui).text3)
                        .show(ui);
                }
            });
        });
    }
}
