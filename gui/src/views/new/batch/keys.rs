//! The keyboard in a batch.

use egui::{Key, Modifiers, Ui};
use posterframe_kit::widgets::shortcuts_apply;

use super::Batch;
use crate::context::ViewContext;

/// Rows of a page.
const PAGE: isize = 10;

impl Batch {
    pub(super) fn take_keys(&mut self, ui: &Ui, context: &ViewContext<'_>) {
        if !shortcuts_apply(ui) {
            return;
        }
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        if self.change.is_some() {
            if pressed(Modifiers::NONE, Key::Escape) {
                self.change = None;
            }
            return;
        }
        if pressed(Modifiers::COMMAND, Key::A) {
            let shown = self.shown();
            let all = shown.iter().all(|&index| self.rows[index].is_ticked);
            for index in shown {
                self.rows[index].is_ticked = !all;
            }
        }
        let page = if self.rows.is_empty() { 0 } else { PAGE };
        let end = self.rows.len().cast_signed();
        for (key, by) in [
            (Key::ArrowUp, -1),
            (Key::ArrowDown, 1),
            (Key::PageUp, -page),
            (Key::PageDown, page),
            (Key::Home, -end),
            (Key::End, end),
        ] {
            let (ranges, moves) = (pressed(Modifiers::SHIFT, key), pressed(Modifiers::NONE, key));
            if ranges || moves {
                self.step(by, ranges);
            }
        }
        for (key, by) in [(Key::ArrowLeft, -1), (Key::ArrowRight, 1)] {
            if pressed(Modifiers::NONE, key)
                && let Some(row) = self.rows.get_mut(self.current)
            {
                row.take_others(by);
                self.is_changed = true;
            }
        }
        if pressed(Modifiers::NONE, Key::Space)
            && let Some(row) = self.rows.get_mut(self.current)
        {
            row.is_ticked = !row.is_ticked;
            self.anchor = self.current;
        }
        if pressed(Modifiers::NONE, Key::Delete) {
            self.remove_ticked();
        }
        if pressed(Modifiers::NONE, Key::Escape) {
            self.rows.iter_mut().for_each(|row| row.is_ticked = false);
        }
        let is_on_a_button = ui.memory(|memory| memory.focused().is_some());
        if !is_on_a_button && pressed(Modifiers::NONE, Key::Enter) {
            self.ask_to_submit(context);
        }
    }

    /// Goes so many rows on, of those that are shown. With `ranges` all from the anchor on are ticked.
    fn step(&mut self, by: isize, ranges: bool) {
        let shown = self.shown();
        if shown.is_empty() {
            return;
        }
        let place = shown.partition_point(|&index| index < self.current).cast_signed();
        let last = shown.len().cast_signed() - 1;
        let place = (place + by).clamp(0, last).cast_unsigned();
        self.current = shown[place];
        self.scroll = true;
        if ranges {
            self.tick_range(&shown);
        } else {
            self.anchor = self.current;
        }
    }

    /// Ticks the rows from the anchor to the current one, and no others.
    pub(super) fn tick_range(&mut self, shown: &[usize]) {
        let range = self.anchor.min(self.current)..=self.anchor.max(self.current);
        for &index in shown {
            self.rows[index].is_ticked = range.contains(&index);
        }
    }
}
