//! The gallery's keys.

use std::collections::BTreeSet;

use egui::{Key, KeyboardShortcut, Modifiers, Ui};
use posterframe_kit::widgets::{shortcuts_apply, take_find};

use super::{GalleryView, search_id};
use crate::context::{Command, ViewContext};

impl GalleryView {
    pub(super) fn keys(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        if take_find(ui) {
            ui.memory_mut(|memory| memory.request_focus(search_id()));
        }
        if !shortcuts_apply(ui) {
            return;
        }
        // A focused control handles arrows and Enter itself.
        if ui.memory(|memory| memory.focused().is_none()) {
            self.arrows(ui);
        }
        // Esc in the search field clears and leaves it. egui has already removed the focus when this frame begins.
        let leaves_field = ui.memory(|memory| memory.had_focus_last_frame(search_id()));
        if !leaves_field && press(ui, Key::Escape) {
            if self.picked.is_some() {
                self.picked = None;
            } else {
                self.open = None;
            }
        }
        if press(ui, Key::Delete) {
            let chosen = self.chosen();
            self.delete(ctx, chosen);
        }
        if shortcut(ui, Key::A) {
            self.pick_all();
        }
        Self::undo_key(ui, ctx);
        if self.picked.is_some() {
            if shortcut(ui, Key::S) {
                ctx.commands.send(Command::SaveThumbnails(self.chosen()));
            }
            return;
        }
        self.open_keys(ui, ctx);
    }

    /// Ctrl + Z undoes the last deletion.
    pub(super) fn undo_key(ui: &Ui, ctx: &ViewContext<'_>) {
        if !shortcuts_apply(ui) || !shortcut(ui, Key::Z) {
            return;
        }
        if let Some(deletion) = ctx.client.and_then(|client| client.gallery().last_deletion()) {
            ctx.commands.send(Command::UndoDelete(deletion));
        }
    }

    pub(super) fn pick_all(&mut self) {
        let keys = self.arrangement.items.iter().map(|item| item.key.clone());
        self.picked = Some(keys.collect::<BTreeSet<_>>());
    }

    /// Keys for the thumbnail in the sheet.
    fn open_keys(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        let open = self
            .open
            .as_ref()
            .and_then(|key| self.arrangement.get(key))
            .cloned();
        let Some(item) = open else { return };
        // egui reports Ctrl + C as its own event.
        let copy = ui.input(|input| {
            input
                .events
                .iter()
                .any(|event| matches!(event, egui::Event::Copy))
        });
        if copy && let Some(file) = self.facts.file(ui, ctx, &item) {
            ctx.commands.send(Command::CopyImage(file));
        }
        if shortcut(ui, Key::S)
            && let Some(file) = self.facts.file(ui, ctx, &item)
        {
            ctx.commands.send(Command::SaveAs {
                file,
                name: item.name.clone(),
            });
        }
    }

    fn arrows(&mut self, ui: &Ui) {
        let items = self.arrangement.items.len();
        let steps = |ahead: Key, back: Key| {
            let mut steps = 0;
            while press(ui, ahead) {
                steps += 1;
            }
            while press(ui, back) {
                steps -= 1;
            }
            steps
        };
        let across: isize = steps(Key::ArrowRight, Key::ArrowLeft);
        let down: isize = steps(Key::ArrowDown, Key::ArrowUp);
        let (first, last) = (press(ui, Key::Home), press(ui, Key::End));
        let enter = press(ui, Key::Enter);
        if items == 0 {
            return;
        }
        let at = self.open.as_ref().and_then(|key| self.arrangement.at(key));
        let to = match at {
            _ if first => 0,
            _ if last => items - 1,
            Some(at) if across != 0 || down != 0 => {
                let at = at.saturating_add_signed(across).min(items - 1);
                self.rows.step(at, down)
            }
            Some(at) if enter => {
                self.view(at);
                return;
            }
            None if across != 0 || down != 0 || enter => 0,
            _ => return,
        };
        self.show_at(to);
    }

    /// Opens the thumbnail `step` places after the open one.
    pub(super) fn step(&mut self, step: isize) {
        let at = self.open.as_ref().and_then(|key| self.arrangement.at(key));
        if let Some(at) = at {
            let last = self.arrangement.items.len() - 1;
            self.show_at(at.saturating_add_signed(step).min(last));
        }
    }

    fn show_at(&mut self, at: usize) {
        if let Some(item) = self.arrangement.items.get(at) {
            self.open = Some(item.key.clone());
            self.reveal = true;
        }
    }
}

fn press(ui: &Ui, key: Key) -> bool {
    ui.input_mut(|input| input.consume_key(Modifiers::NONE, key))
}

fn shortcut(ui: &Ui, key: Key) -> bool {
    ui.input_mut(|input| input.consume_shortcut(&KeyboardShortcut::new(Modifiers::COMMAND, key)))
}
