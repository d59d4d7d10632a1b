//! Rows of a page: a label, a control and an error message.

use egui::{Align, Frame, Id, Layout, Margin, ScrollArea, Ui, vec2};
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Copyable, Field, Reveal as _, Text, menu, menu_item};

/// Width of the labels' column with the gap after it, in points.
const LABELS: f32 = 132.0;
const GAP: f32 = 8.0;

/// A page, which scrolls if it is higher than the window.
pub(super) fn page<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let frame = Frame::NONE.inner_margin(Margin::symmetric(sizes::DETAIL as i8, 20));
    let scrolled = ScrollArea::vertical()
        .auto_shrink(false)
        .show_revealing(ui, |ui| {
            frame.show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                content(ui)
            })
        });
    scrolled.inner.inner
}

/// A heading over rows.
pub(super) fn section(ui: &mut Ui, words: &str) {
    ui.add(Text::new(Role::SECTION, words).color(tokens(ui).text2));
    ui.add_space(12.0);
}

/// A row: a label, and beside it the content that `control` adds.
pub(super) fn row<R>(ui: &mut Ui, label: &str, control: impl FnOnce(&mut Ui) -> R) -> R {
    let shown = ui.horizontal(|ui| {
        ui.set_min_height(sizes::CONTROL);
        let cell = vec2(LABELS - GAP, sizes::CONTROL);
        ui.spacing_mut().item_spacing.x = GAP;
        ui.allocate_ui_with_layout(cell, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(cell.x);
            ui.add(Text::new(Role::BODY, label).color(tokens(ui).text2));
        });
        control(ui)
    });
    ui.add_space(GAP);
    shown.inner
}

/// A row whose value a click copies. `true` if it was clicked.
pub(super) fn copyable_row(ui: &mut Ui, label: &str, value: &str) -> bool {
    let words = format!("Copy {}", label.to_lowercase());
    let color = tokens(ui).text;
    row(ui, label, |ui| {
        ui.add(Copyable::new(value, &words).color(color)).clicked()
    })
}

/// A sentence under a control.
pub(super) fn message(ui: &mut Ui, words: &str, bad: bool) {
    let t = tokens(ui);
    let text = Text::new(Role::SMALL, words)
        .color(if bad { t.red } else { t.text3 })
        .wrap();
    ui.add_space(-4.0);
    Frame::NONE
        .inner_margin(Margin {
            left: LABELS as i8,
            ..Margin::ZERO
        })
        .show(ui, |ui| ui.add(text));
    ui.add_space(GAP);
}

/// A text field with a menu of choices.
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

    /// The default that an empty field stands for, shown as a placeholder.
    pub(super) fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    pub(super) fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// Marks the value as wrong: the check of the connection failed because of it.
    pub(super) fn wrong(mut self, wrong: bool) -> Self {
        self.wrong = wrong;
        self
    }

    /// The error below the field.
    pub(super) fn error(mut self, error: Option<&'a str>) -> Self {
        self.error = error;
        self
    }

    /// The menu's choices, each with a description. `empty` is the menu's text if there are none.
    pub(super) fn choices(mut self, choices: &'a [(String, String)], empty: &'a str) -> Self {
        self.choices = Some(choices);
        self.empty = empty;
        self
    }

    /// Draws the field as a row.
    pub(super) fn show(self, ui: &mut Ui, text: &mut String) {
        let id = Id::unique(("settings", self.label));
        row(ui, self.label, |ui| {
            let field = Field::new(id, text, self.label)
                .error(self.error.is_some() || self.wrong)
                .placeholder(if self.hint.is_empty() {
                    self.label
                } else {
                    self.hint
                });
            let field = if self.mono { field.mono() } else { field };
            match self.choices {
                Some(choices) => {
                    let label = format!("Choose {}", self.label.to_lowercase());
                    let (field, caret) = field.with_caret(ui, &label);
                    menu(&caret, field.rect.width(), |ui| {
                        self.choices_ui(ui, choices, text);
                    });
                }
                None => {
                    ui.add(field);
                }
            }
        });
        if let Some(error) = self.error {
            message(ui, error, true);
        }
    }

    fn choices_ui(&self, ui: &mut Ui, choices: &[(String, String)], text: &mut String) {
        ScrollArea::vertical().max_height(280.0).show_revealing(ui, |ui| {
            for (value, about) in choices {
                let glyph = if *value == *text { icons::CHECK } else { ' ' };
                if menu_item(ui, glyph, value, about, false) {
                    text.clone_from(value);
                }
            }
            if choices.is_empty() {
                ui.add(Text::new(Role::SMALL, self.empty).color(tokens(ui).text3));
            }
        });
    }
}
