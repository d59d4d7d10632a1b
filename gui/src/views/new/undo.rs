//! Undo and redo in New: of marks, outputs and sheets, across all open videos.
//!
//! States are compared after each frame, so that nothing that changes them has to say so. While a button of the pointer is
//! down or a field has the keyboard, a change is still going on.

use std::path::PathBuf;

use egui::{Key, Modifiers, Ui};
use posterframe_contract::{OutputRequest, SheetRequest};

use super::NewView;
use super::model::{Marks, OpenVideo};
use crate::context::Preferences;

/// The most steps that can be undone.
const MAX_STEPS: usize = 200;

/// What can be undone.
#[derive(Clone)]
struct State {
    marks: Vec<(PathBuf, Marks)>,
    outputs: Vec<OutputRequest>,
    sheets: Vec<SheetRequest>,
}

impl State {
    fn of(videos: &[OpenVideo], preferences: &Preferences) -> Self {
        Self {
            marks: videos
                .iter()
                .map(|video| (video.path.clone(), video.marks.clone()))
                .collect(),
            outputs: preferences.outputs.clone(),
            sheets: preferences.sheets.clone(),
        }
    }

    /// Whether it is that of now, down to what is known of each mark's pixels. Asked in each frame, so nothing is copied for it.
    fn is_current(&self, videos: &[OpenVideo], preferences: &Preferences) -> bool {
        let is_same = |((path, marks), video): (&(PathBuf, Marks), &OpenVideo)| {
            *path == video.path && marks.is_unchanged(&video.marks)
        };
        self.outputs == preferences.outputs
            && self.sheets == preferences.sheets
            && self.marks.len() == videos.len()
            && self.marks.iter().zip(videos).all(is_same)
    }

    fn marks(&self, path: &std::path::Path) -> Option<&Marks> {
        let of_video = |(other, _): &&(PathBuf, Marks)| other == path;
        self.marks.iter().find(of_video).map(|(_, marks)| marks)
    }

    /// Whether both have the same, apart from videos that only one of them knows.
    fn is_like(&self, other: &Self) -> bool {
        let is_same =
            |(path, marks): &(PathBuf, Marks)| other.marks(path).is_none_or(|others| marks.is_same(others));
        self.outputs == other.outputs && self.sheets == other.sheets && self.marks.iter().all(is_same)
    }
}

/// The states before and after the current one.
#[derive(Default)]
pub(super) struct Undo {
    now: Option<State>,
    past: Vec<State>,
    future: Vec<State>,
}

impl Undo {
    /// Takes in the current state.
    fn watch(&mut self, videos: &[OpenVideo], preferences: &Preferences) {
        let is_current = |now: &State| now.is_current(videos, preferences);
        if self.now.as_ref().is_some_and(is_current) {
            return;
        }
        let before = self.now.replace(State::of(videos, preferences));
        if let (Some(before), Some(now)) = (before, &self.now)
            && !before.is_like(now)
        {
            self.future.clear();
            self.past.push(before);
            if self.past.len() > MAX_STEPS {
                self.past.remove(0);
            }
        }
    }

    /// The state before, or after, the current one, which it takes the place of.
    fn step(&mut self, back: bool) -> Option<State> {
        let (from, to) = if back {
            (&mut self.past, &mut self.future)
        } else {
            (&mut self.future, &mut self.past)
        };
        let state = from.pop()?;
        to.extend(self.now.replace(state.clone()));
        Some(state)
    }
}

impl NewView {
    /// Notes what has changed since the last frame.
    pub(super) fn watch_changes(&mut self, ui: &Ui, preferences: &Preferences) {
        let is_going_on = ui.input(|input| input.pointer.any_down()) || ui.ctx().text_edit_focused();
        if !is_going_on {
            self.undo.watch(&self.videos, preferences);
        }
    }

    /// Undoes the last change, or does again what was undone last; whether there was any.
    pub fn undo(&mut self, preferences: &mut Preferences, back: bool) -> bool {
        // A change that was made since the last frame is the one to undo.
        self.undo.watch(&self.videos, preferences);
        let Some(state) = self.undo.step(back) else {
            return false;
        };
        let mut changed = None;
        for (index, video) in self.videos.iter_mut().enumerate() {
            if let Some(marks) = state.marks(&video.path)
                && !marks.is_same(&video.marks)
            {
                video.marks = marks.clone();
                changed = changed.or(Some(index));
            }
        }
        preferences.outputs = state.outputs;
        preferences.sheets = state.sheets;
        // What has changed is seen.
        if let Some(index) = changed
            && self.videos[self.selected].path != self.videos[index].path
        {
            self.select(index);
        }
        true
    }

    pub(super) fn take_undo_keys(&mut self, ui: &Ui, preferences: &mut Preferences) {
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) || pressed(Modifiers::COMMAND, Key::Y) {
            self.undo(preferences, false);
        } else if pressed(Modifiers::COMMAND, Key::Z) {
            self.undo(preferences, true);
        }
    }
}
