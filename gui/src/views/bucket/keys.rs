//! The keyboard in the modal. Nothing here is taken while a field has the keyboard, but an address that is pasted.

use egui::{Key, Modifiers, Ui};
use posterframe_kit::widgets::{pasted, shortcuts_apply, take_find};

use super::{BucketModal, bars};
use crate::context::ViewContext;

/// Rows that a page is.
const PAGE: isize = 10;

impl BucketModal {
    pub(super) fn take_keys(&mut self, ui: &Ui, context: &mut ViewContext<'_>) {
        if !shortcuts_apply(ui) {
            return;
        }
        if take_find(ui) {
            ui.memory_mut(|memory| memory.request_focus(bars::search_id()));
        }
        if let Some(text) = pasted(ui) {
            text.trim().clone_into(&mut self.address);
            self.open_address(context);
        }
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        if pressed(Modifiers::ALT, Key::ArrowUp) || pressed(Modifiers::NONE, Key::Backspace) {
            self.go_up(context);
        }
        for (key, by) in [
            (Key::ArrowUp, -1),
            (Key::ArrowDown, 1),
            (Key::PageUp, -PAGE),
            (Key::PageDown, PAGE),
            (Key::Home, isize::MIN / 2),
            (Key::End, isize::MAX / 2),
        ] {
            if pressed(Modifiers::NONE, key) {
                self.step(by);
            }
        }
        let is_on_a_button = ui.memory(|memory| memory.focused().is_some());
        if !is_on_a_button && pressed(Modifiers::NONE, Key::Enter) {
            self.open_selected(context);
        }
    }

    /// Selects the row so many further on; the first one where none is selected.
    fn step(&mut self, by: isize) {
        let Some(listing) = &self.listing else { return };
        let Some(last) = listing.len().checked_sub(1) else {
            return;
        };
        let place = match listing.selected_row() {
            Some(place) => place.saturating_add_signed(by).min(last),
            None if by > 1 => last,
            None => 0,
        };
        self.select(place);
        self.scroll = true;
    }
}
