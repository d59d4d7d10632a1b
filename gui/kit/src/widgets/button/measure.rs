//! How large a button and its parts are.

use egui::Ui;

use super::{Button, DOT, Height, Kind, Side, Trailing};
use crate::theme::{Role, sizes};
use crate::widgets::{Text, keycap_width};

impl Button<'_> {
    pub(super) fn height_points(&self) -> f32 {
        match self.height {
            Height::Chip => 20.0,
            Height::Small => sizes::CONTROL_SMALL,
            Height::Normal => sizes::CONTROL,
            Height::Sheet => 36.0,
            Height::Tall => 40.0,
        }
    }

    pub(super) fn role(&self) -> Role {
        match (self.height, self.kind) {
            (Height::Chip, _) => Role::LOG,
            (Height::Small, _) => Role::SMALL_TITLE,
            (_, Kind::Primary) => Role::STRONG,
            _ => Role::TITLE,
        }
    }

    pub(super) fn padding(&self) -> f32 {
        match self.height {
            Height::Chip => 6.0,
            Height::Small => 11.0,
            Height::Normal | Height::Sheet | Height::Tall => 13.0,
        }
    }

    pub(super) fn icon_size(&self) -> f32 {
        match (self.icon_only, self.height) {
            (true, _) if self.split.is_some() => 12.0,
            (true, Height::Small) => 16.0,
            (true, _) => 18.0,
            (false, Height::Small) => 14.0,
            (false, _) => 16.0,
        }
    }

    /// The natural width, in points.
    pub fn width(&self, ui: &Ui) -> f32 {
        if self.icon_only {
            // Of the right side the line between both is the left one's.
            return self.height_points() - f32::from(u8::from(self.split == Some(Side::Right)));
        }
        let mut width = 2.0 * self.padding() + Text::new(self.role(), self.label).width(ui);
        if self.icon.is_some() || self.busy {
            width += self.icon_size() + 8.0;
        }
        if self.dot.is_some() {
            width += DOT;
        }
        if !self.lead.is_empty() {
            width += Text::new(Role::BODY, self.lead).width(ui) + 6.0;
        }
        if matches!(self.trailing, Trailing::Switch(_)) {
            width += 22.0 + 8.0;
        }
        (width + self.trailing_width(ui)).ceil()
    }

    /// Width of everything after the label with the gap before it, in points.
    pub(super) fn trailing_width(&self, ui: &Ui) -> f32 {
        match self.trailing {
            Trailing::None | Trailing::Switch(_) => 0.0,
            Trailing::Key(key) => keycap_width(ui, key) + 8.0,
            Trailing::Hint(hint) => Text::new(Role::SMALL, hint).width(ui) + 16.0,
            Trailing::Count(count) => Text::new(Role::SMALL, count).width(ui) + 6.0,
            Trailing::Caret => 12.0 + 8.0,
        }
    }
}
