//! The list's keys.

use egui::{Key, KeyboardShortcut, Modifiers, Ui};
use posterframe_kit::widgets::{shortcuts_apply, take_find};

use super::actions::save;
use super::{JobsView, actions, filter_id, log};
use crate::context::{Command, ViewContext};

impl JobsView {
    pub(super) fn keys(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        if take_find(ui) {
            ui.memory_mut(|memory| memory.request_focus(filter_id()));
        }
        // While the log has the focus, these keys are the log's.
        if !shortcuts_apply(ui) || log::has_focus(ui) {
            return;
        }
        let press = |modifiers: Modifiers, key: Key| {
            // Modifiers must match exactly, since the same keys with Shift extend the selection.
            ui.input_mut(|input| {
                let before = input.events.len();
                input.events.retain(|event| {
                    !matches!(event, egui::Event::Key { key: pressed, pressed: true, modifiers: held, .. }
                        if *pressed == key && held.matches_exact(modifiers))
                });
                input.events.len() < before
            })
        };
        let rows = self.listing.len();
        let at = self.selection.current().and_then(|id| self.listing.row(id));
        if let (Some(at), Some(last)) = (at, rows.checked_sub(1)) {
            for modifiers in [Modifiers::NONE, Modifiers::SHIFT] {
                let to = [
                    (Key::ArrowDown, at + 1),
                    (Key::ArrowUp, at.saturating_sub(1)),
                    (Key::PageDown, at + self.page),
                    (Key::PageUp, at.saturating_sub(self.page)),
                    (Key::Home, 0),
                    (Key::End, last),
                ];
                let to = to.into_iter().find(|(key, _)| press(modifiers, *key));
                let Some(job) = to.and_then(|(_, row)| self.listing.job(row.min(last))) else {
                    continue;
                };
                let id = job.id;
                if modifiers.shift {
                    self.selection.extend_to(&self.listing, id);
                } else {
                    self.selection.only(id);
                }
                self.reveal = true;
            }
        }
        let shortcut = |key: Key| {
            ui.input_mut(|input| input.consume_shortcut(&KeyboardShortcut::new(Modifiers::COMMAND, key)))
        };
        if shortcut(Key::A) {
            self.selection.all(&self.listing);
        }
        if self.selection.is_many() && press(Modifiers::NONE, Key::Escape) {
            self.selection.collapse();
        }
        let jobs = self.selection.jobs(&self.listing);
        if press(Modifiers::NONE, Key::Delete) {
            actions::forget(ctx, &jobs);
        }
        if shortcut(Key::R) {
            actions::retry(ctx, &jobs);
        }
        let [job] = jobs.as_slice() else { return };
        let Some(first) = job.first_file() else { return };
        let all = KeyboardShortcut::new(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
        if ui.input_mut(|input| input.consume_shortcut(&all)) || shortcut(Key::S) {
            save(ctx, job);
        }
        // A focused control handles Enter itself.
        let focused = ui.memory(|memory| memory.focused().is_some());
        if !focused && press(Modifiers::NONE, Key::Enter) {
            ctx.commands.send(Command::OpenFile(first.path.clone()));
        }
    }
}
