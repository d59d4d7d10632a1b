//! The gallery's keys.

use std::collections::BTreeSet;

use egui::{Key, KeyboardShortcut, Modifiers, Ui};
use posterframe_client::GalleryItem;

use super::{GalleryView, search_id};
use crate::views::{Command, ViewContext};
use crate::widgets::{shortcuts_apply, take_slash};

impl GalleryView {
    pub(super) fn keys(&mut self, ui: &Ui, ctx: &ViewContext<'_>, items: &[GalleryItem]) {
        if take_slash(ui) {
            ui.memory_mut(|memory| memory.request_focus(search_id()));
        }
        if !shortcuts_apply(ui) {
            return;
        }
        // A control that has the focus takes the arrows and Enter for itself.
        if ui.memory(|memory| memory.focused().is_none()) {
            self.arrows(ui, items);
        }
        let press = |key: Key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        // In the search field Esc empties it and leaves it; the focus is gone before this frame began.
        let leaves_field = ui.memory(|memory| memory.had_focus_last_frame(search_id()));
        if !leaves_field && press(Key::Escape) {
            if self.picked.is_some() {
                self.picked = None;
            } else {
                self.open = None;
            }
        }
        if press(Key::Delete) {
            self.deleting = match &self.picked {
                Some(picked) => picked.iter().cloned().collect(),
                None => self.open.iter().cloned().collect(),
            };
        }
        let shortcut = |key: Key| {
            ui.input_mut(|input| input.consume_shortcut(&KeyboardShortcut::new(Modifiers::COMMAND, key)))
        };
        if shortcut(Key::A) {
            self.picked = Some(items.iter().map(|item| item.key.clone()).collect::<BTreeSet<_>>());
        }
        let Some(item) = items.iter().find(|item| Some(&item.key) == self.open.as_ref()) else {
            return;
        };
        // Ctrl + C comes as an event of its own.
        let copy = ui.input(|input| {
            input
                .events
                .iter()
                .any(|event| matches!(event, egui::Event::Copy))
        });
        if copy && let Some(file) = self.facts.file(ui, ctx, item) {
            ctx.commands.send(Command::CopyImage(file));
        }
        if shortcut(Key::S)
            && let Some(file) = self.facts.file(ui, ctx, item)
        {
            ctx.commands.send(Command::SaveAs {
                file,
                name: item.name.clone(),
            });
        }
    }

    fn arrows(&mut self, ui: &Ui, items: &[GalleryItem]) {
        let press = |key: Key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let columns = self.columns as isize;
        let mut step = 0;
        for (key, by) in [
            (Key::ArrowLeft, -1),
            (Key::ArrowRight, 1),
            (Key::ArrowUp, -columns),
            (Key::ArrowDown, columns),
        ] {
            if press(key) {
                step += by;
            }
        }
        let enter = press(Key::Enter);
        if items.is_empty() || (step == 0 && !enter) {
            return;
        }
        self.step(step, items);
    }

    /// Opens the one `step` further on in the grid.
    pub(super) fn step(&mut self, step: isize, items: &[GalleryItem]) {
        let at = items
            .iter()
            .position(|item| Some(&item.key) == self.open.as_ref());
        let next = match at {
            Some(at) => at
                .checked_add_signed(step)
                .filter(|next| *next < items.len())
                .unwrap_or(at),
            None => 0,
        };
        if let Some(item) = items.get(next) {
            self.open = Some(item.key.clone());
            self.reveal = true;
        }
    }
}
