//! The keyboard in New. Nothing here is taken while a text field has the keyboard.

use egui::{Event, EventFilter, Key, Modifiers, Ui};

use super::NewView;
use crate::player::Step;
use crate::views::{Command, ViewContext};
use crate::widgets::{shortcuts_apply, take_slash};

const STEPS: [(Modifiers, Key, Step); 8] = [
    (Modifiers::NONE, Key::ArrowLeft, Step::PreviousFrame),
    (Modifiers::NONE, Key::ArrowRight, Step::NextFrame),
    (Modifiers::SHIFT, Key::ArrowLeft, Step::PreviousSecond),
    (Modifiers::SHIFT, Key::ArrowRight, Step::NextSecond),
    (Modifiers::COMMAND, Key::ArrowLeft, Step::PreviousKeyframe),
    (Modifiers::COMMAND, Key::ArrowRight, Step::NextKeyframe),
    (Modifiers::NONE, Key::Home, Step::First),
    (Modifiers::NONE, Key::End, Step::Last),
];

impl NewView {
    pub(super) fn take_keys(&mut self, ui: &Ui, context: &mut ViewContext<'_>) {
        let ctx = ui.ctx();
        // A menu, a modal or a field has the keyboard.
        if !shortcuts_apply(ui) {
            return;
        }
        take_pasted(ui, context);
        let Some(video) = self.videos.get_mut(self.selected) else {
            return;
        };
        if video.failure.is_some() {
            return;
        }
        let focused = ctx.memory(egui::Memory::focused);
        if let Some(focused) = focused {
            // Else the arrows, which step, would walk through the buttons too.
            let filter = EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                ..EventFilter::default()
            };
            ctx.memory_mut(|memory| memory.set_focus_lock_filter(focused, filter));
        }
        let pressed = |modifiers, key| ctx.input_mut(|input| input.consume_key(modifiers, key));
        // The most modifiers first: a plain key matches with more of them held, too.
        for (modifiers, key, step) in STEPS.iter().rev() {
            if pressed(*modifiers, *key) {
                video.step(*step);
            }
        }
        if pressed(Modifiers::NONE, Key::ArrowUp) {
            video.step_mark(false);
        }
        if pressed(Modifiers::NONE, Key::ArrowDown) {
            video.step_mark(true);
        }
        if pressed(Modifiers::NONE, Key::M) {
            video.toggle_mark();
        }
        if pressed(Modifiers::NONE, Key::Delete)
            && let Some(index) = video.marks.find(video.playhead_position())
        {
            video.marks.remove(index);
        }
        if take_slash(ui) {
            self.time_field.focus();
        }
        // With the keyboard on a button, Enter presses that button.
        if focused.is_none() && pressed(Modifiers::NONE, Key::Enter) {
            self.submit_selected(ctx, context);
        }
    }
}

/// A path on the clipboard opens like a dropped file.
fn take_pasted(ui: &Ui, context: &ViewContext<'_>) {
    let pasted = ui.input(|input| {
        input.events.iter().find_map(|event| match event {
            Event::Paste(text) => Some(text.clone()),
            _ => None,
        })
    });
    let paths: Vec<_> = pasted.as_deref().map(super::empty::paths_in).unwrap_or_default();
    let files: Vec<_> = paths.into_iter().filter(|path| path.is_file()).collect();
    if !files.is_empty() {
        context.commands.send(Command::OpenPaths(files));
    }
}
