//! Text fields.

use egui::{
    CornerRadius, CursorIcon, Frame, Id, Key, Modifiers, Rect, Response, Sense, Stroke, StrokeKind, TextEdit,
    Ui, UiBuilder, Widget, pos2, vec2,
};

use super::{Button, icon, keycap, tip};
use crate::theme::icons::{self, Icon};
use crate::theme::{Face, Role, sizes, tokens};

/// A text field of one row.
#[must_use]
pub struct Field<'a> {
    text: &'a mut String,
    label: &'a str,
    id: Id,
    icon: Option<Icon>,
    key: Option<&'a str>,
    keys: &'a [&'a str],
    small: bool,
    mono: bool,
    error: bool,
    placeholder: Option<&'a str>,
    room: f32,
}

impl<'a> Field<'a> {
    /// A field for `text`. The label is its placeholder and its name for screen readers.
    pub fn new(id: Id, text: &'a mut String, label: &'a str) -> Self {
        Self {
            text,
            label,
            id,
            icon: None,
            key: None,
            keys: &[],
            small: false,
            mono: false,
            error: false,
            placeholder: None,
            room: 0.0,
        }
    }

    /// A search field: it has a lens, and Esc or its cross clears it.
    pub fn search(id: Id, text: &'a mut String, label: &'a str) -> Self {
        Self {
            icon: Some(icons::MAGNIFYING_GLASS),
            ..Self::new(id, text, label)
        }
    }

    /// Shows the key that focuses it.
    pub fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }

    /// Shows the keys that focus it in its tooltip only.
    pub fn keys(mut self, keys: &'a [&'a str]) -> Self {
        self.keys = keys;
        self
    }

    /// Makes it 28 points high.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// Sets its text in JetBrains Mono.
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// Marks its text as wrong.
    pub fn error(mut self, error: bool) -> Self {
        self.error = error;
        self
    }

    /// Sets the placeholder, if it is not the label.
    pub fn placeholder(mut self, words: &'a str) -> Self {
        self.placeholder = Some(words);
        self
    }

    fn room_right(mut self, room: f32) -> Self {
        self.room = room;
        self
    }

    /// Adds it in `rect`, outside the layout.
    pub fn at(self, ui: &mut Ui, rect: Rect) -> Response {
        let t = tokens(ui);
        let focused = ui.memory(|memory| memory.has_focus(self.id));
        let ground = ui.interact(rect, self.id.with("ground"), Sense::hover());
        let clicked = ground.contains_pointer() && ui.input(|input| input.pointer.primary_clicked());
        let enabled = ui.is_enabled();
        let line = match (enabled, self.error, focused, ground.contains_pointer()) {
            (true, true, _, _) => Stroke::new(1.0, t.red),
            (true, false, true, _) => Stroke::new(2.0, t.accent_line),
            (true, false, false, true) => Stroke::new(1.0, t.border2),
            _ => Stroke::new(1.0, t.border),
        };
        let fill = if enabled { t.field } else { t.raised };
        ui.painter().rect(
            rect,
            CornerRadius::same(sizes::RADIUS),
            fill,
            line,
            StrokeKind::Inside,
        );

        let pad = if self.small { 9.0 } else { 11.0 };
        let size = if self.small { 14.0 } else { 16.0 };
        let mut left = rect.left() + pad;
        if let Some(glyph) = self.icon {
            icon(
                ui.painter(),
                pos2(left + size / 2.0, rect.center().y),
                glyph,
                Face::Icon,
                size,
                t.text3,
            );
            left += size + 8.0;
        }
        let mut right = rect.right() - pad - self.room;
        if self.icon.is_some() && !self.text.is_empty() {
            let cross = Rect::from_center_size(pos2(right - 6.0, rect.center().y), vec2(22.0, 22.0));
            right -= 22.0;
            if Button::icon("Clear", icons::X).small().at(ui, cross).clicked() {
                self.text.clear();
            }
        } else if let Some(key) = self.key.filter(|_| !focused) {
            right = keycap(ui, pos2(right, rect.center().y), key, None).left() - 8.0;
        }

        let role = match (self.mono, self.small) {
            (true, _) => Role::MONO,
            (false, true) => Role::SMALL,
            (false, false) => Role::BODY,
        };
        let inner = Rect::from_x_y_ranges(left..=right, rect.y_range());
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt(self.id));
        child.visuals_mut().widgets.inactive.fg_stroke.color = t.text;
        // The theme's smallest size of a control applies to the whole field, not to the text in it.
        child.spacing_mut().interact_size = egui::Vec2::ZERO;
        child.visuals_mut().weak_text_color = Some(t.text3);
        let edit = TextEdit::singleline(self.text)
            .id(self.id)
            .hint_text(
                egui::RichText::new(self.placeholder.unwrap_or(self.label))
                    .font(role.font())
                    .color(t.text3),
            )
            .font(role.font())
            .text_color(if enabled { t.text } else { t.dis })
            .frame(Frame::NONE)
            .desired_width(inner.width())
            .min_size(inner.size())
            .align(egui::Align2::LEFT_CENTER);
        let response = child.add_sized(inner.size(), edit).accessible_name(self.label);
        if clicked && enabled && !response.has_focus() {
            response.request_focus();
        }
        if self.icon.is_some() && response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
            self.text.clear();
        }
        if ground.contains_pointer() && enabled {
            ui.output_mut(|output| output.cursor_icon = CursorIcon::Text);
        }
        match (self.keys, self.key) {
            // No tooltip while the user types, since it would cover the text.
            _ if focused => response,
            ([], Some(key)) => tip(response, self.label, &[key]),
            ([], None) => response,
            (keys, _) => tip(response, self.label, keys),
        }
    }
}

impl Field<'_> {
    /// Adds a caret for a menu of values, named `label`. Returns the responses of the field and of the caret.
    pub fn with_caret(self, ui: &mut Ui, label: &str) -> (Response, Response) {
        /// Width of the caret within the field, in points.
        const CARET: f32 = 26.0;
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), sizes::CONTROL), Sense::hover());
        let mut field = self.room_right(CARET).at(ui, rect);
        field.rect = rect;
        let caret_rect = Rect::from_center_size(pos2(rect.right() - 17.0, rect.center().y), vec2(28.0, 28.0));
        let caret = Button::icon(label, icons::CARET_DOWN).small().at(ui, caret_rect);
        (field, caret)
    }
}

impl Widget for Field<'_> {
    /// Takes the available width.
    fn ui(self, ui: &mut Ui) -> Response {
        let high = if self.small {
            sizes::CONTROL_SMALL
        } else {
            sizes::CONTROL
        };
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), high), Sense::hover());
        self.at(ui, rect)
    }
}

/// The text that was pasted in this frame, for those who take it outside a field.
pub fn pasted(ui: &Ui) -> Option<String> {
    ui.input(|input| {
        input.events.iter().find_map(|event| match event {
            egui::Event::Paste(text) => Some(text.clone()),
            _ => None,
        })
    })
}

/// Whether `/` or Ctrl + F was pressed outside a field. Consumes the key, so that the search field does not get it as
/// text.
pub fn take_find(ui: &Ui) -> bool {
    super::shortcuts_apply(ui)
        && ui.input_mut(|input| {
            let slash = input.consume_key(Modifiers::NONE, Key::Slash);
            if slash {
                input
                    .events
                    .retain(|event| !matches!(event, egui::Event::Text(text) if text == "/"));
            }
            slash || input.consume_key(Modifiers::COMMAND, Key::F)
        })
}
