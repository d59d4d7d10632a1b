//! The keyboard in New. Nothing here is taken while a text field has the keyboard.

use std::path::PathBuf;

use egui::{EventFilter, Key, Modifiers, Ui};
use posterframe_kit::widgets::{pasted, shortcuts_apply, take_find};
use posterframe_player::Step;

use super::NewView;
use super::model::{OpenVideo, Zoom};
use super::outputs::has_keyboard;
use crate::context::{Command, ViewContext};
use crate::distant::is_distant;

const STEPS: [(Modifiers, Key, Step); 10] = [
    (Modifiers::NONE, Key::ArrowLeft, Step::PreviousFrame),
    (Modifiers::NONE, Key::ArrowRight, Step::NextFrame),
    (Modifiers::SHIFT, Key::ArrowLeft, Step::PreviousSecond),
    (Modifiers::SHIFT, Key::ArrowRight, Step::NextSecond),
    (Modifiers::COMMAND, Key::ArrowLeft, Step::PreviousKeyframe),
    (Modifiers::COMMAND, Key::ArrowRight, Step::NextKeyframe),
    (Modifiers::NONE, Key::PageUp, Step::PreviousTenSeconds),
    (Modifiers::NONE, Key::PageDown, Step::NextTenSeconds),
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
        if self.shows_batch && self.batch.is_some() {
            self.take_batch_keys(ui, context);
            return;
        }
        self.take_tab_keys(ui, context);
        self.take_undo_keys(ui, context.preferences);
        let video = self.videos.get(self.selected);
        if video.is_none_or(|video| video.failure.is_some()) {
            return;
        }
        self.take_rule_keys(ui, context.commands);
        let Some(video) = self.videos.get_mut(self.selected) else {
            return;
        };
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
        let arrows_step = !has_keyboard(ctx);
        // The most modifiers first: a plain key matches with more of them held, too.
        for (modifiers, key, step) in STEPS.iter().rev().filter(|_| arrows_step) {
            if pressed(*modifiers, *key) {
                video.step(*step);
            }
        }
        take_play_keys(ui, video, focused.is_none());
        if arrows_step && pressed(Modifiers::NONE, Key::ArrowUp) {
            video.step_mark(false);
        }
        if arrows_step && pressed(Modifiers::NONE, Key::ArrowDown) {
            video.step_mark(true);
        }
        for (key, larger) in [(Key::Plus, true), (Key::Equals, true), (Key::Minus, false)] {
            if pressed(Modifiers::NONE, key) {
                video.zoom_by_key(|zoom, frame| zoom.step(frame, larger));
            }
        }
        if pressed(Modifiers::NONE, Key::Num0) {
            video.zoom_by_key(|_, _| Zoom::Fit);
        }
        if pressed(Modifiers::NONE, Key::Num1) {
            video.zoom_by_key(|zoom, frame| zoom.to(frame, 1.0, frame.room.center()));
        }
        for (key, factor) in [
            (Key::CloseBracket, 2.0),
            (Key::OpenBracket, 0.5),
            (Key::Backslash, 0.0),
        ] {
            if pressed(Modifiers::NONE, key) {
                video.zoom_timeline(factor);
            }
        }
        if !self.outputs.is_editing() && self.naming.is_none() {
            let next = ctx.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, Key::O));
            for _ in 0..next {
                self.outputs.show_next(context.preferences.outputs.len());
            }
            if pressed(Modifiers::NONE, Key::Escape) {
                self.outputs.deselect();
            }
        }
        if pressed(Modifiers::NONE, Key::T) {
            video.unit = video.next_unit();
        }
        if pressed(Modifiers::NONE, Key::M) {
            video.toggle_mark();
        }
        if pressed(Modifiers::NONE, Key::Delete)
            && let Some(index) = video.marks.find(video.playhead_position())
        {
            video.marks.remove(index);
        }
        if take_find(ui) {
            self.time_field.focus();
        }
        // With the keyboard on a button, Enter presses that button.
        let is_elsewhere = self.outputs.is_editing() || self.rule.is_open() || self.naming.is_some();
        if focused.is_none() && !is_elsewhere && pressed(Modifiers::NONE, Key::Enter) {
            self.submit_shown(context.commands);
        }
    }

    /// From the batch to the videos beside it, and closing it.
    fn take_batch_keys(&mut self, ui: &Ui, context: &ViewContext<'_>) {
        let pressed = |modifiers, key| ui.ctx().input_mut(|input| input.consume_key(modifiers, key));
        if pressed(Modifiers::CTRL, Key::Tab) && !self.videos.is_empty() {
            self.select(self.selected);
        }
        if pressed(Modifiers::COMMAND, Key::W) {
            self.close_batch(context.commands);
        }
    }

    /// From video to video.
    fn take_tab_keys(&mut self, ui: &Ui, context: &ViewContext<'_>) {
        let ctrl_shift = Modifiers::CTRL | Modifiers::SHIFT;
        let pressed = |modifiers, key| ui.ctx().input_mut(|input| input.consume_key(modifiers, key));
        // The most modifiers first: fewer match with more held, too.
        for (modifiers, key, by) in [
            (ctrl_shift, Key::Tab, -1),
            (Modifiers::CTRL, Key::Tab, 1),
            (Modifiers::CTRL, Key::PageUp, -1),
            (Modifiers::CTRL, Key::PageDown, 1),
        ] {
            if pressed(modifiers, key) {
                self.select_beside(by);
            }
        }
        if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::T) {
            self.reopen();
        }
        if pressed(Modifiers::COMMAND, Key::W) {
            self.close(self.selected, context.commands);
        }
    }
}

/// Playing: Space, J, K and L, and frame by frame with comma and period, or with K held down.
fn take_play_keys(ui: &Ui, video: &mut OpenVideo, nothing_has_keyboard: bool) {
    let presses = |modifiers, key| ui.input_mut(|input| input.count_and_consume_key(modifiers, key));
    // With the keyboard on a button, Space presses that button.
    if nothing_has_keyboard && presses(Modifiers::SHIFT, Key::Space) > 0 {
        video.play_between_marks();
    }
    if nothing_has_keyboard && presses(Modifiers::NONE, Key::Space) > 0 {
        video.toggle_play();
    }
    let is_held = ui.input(|input| input.key_down(Key::K));
    for (key, forwards) in [(Key::J, false), (Key::L, true)] {
        for _ in 0..presses(Modifiers::NONE, key) {
            if is_held {
                video.step_by_key(forwards);
            } else {
                video.shuttle(forwards);
            }
        }
    }
    if presses(Modifiers::NONE, Key::K) > 0 {
        video.stop_playing();
    }
    for (key, forwards) in [(Key::Comma, false), (Key::Period, true)] {
        for _ in 0..presses(Modifiers::NONE, key) {
            video.step_by_key(forwards);
        }
    }
}

/// Paths and addresses on the clipboard open like dropped files; other text is none of ours.
fn take_pasted(ui: &Ui, context: &ViewContext<'_>) {
    let paths = pasted(ui)
        .as_deref()
        .map(super::empty::paths_in)
        .unwrap_or_default();
    let is_ours = |path: &PathBuf| path.is_absolute() || is_distant(path);
    let paths: Vec<_> = paths.into_iter().filter(is_ours).collect();
    if !paths.is_empty() {
        context.commands.send(Command::OpenPaths(paths));
    }
}
