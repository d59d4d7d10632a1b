//! What a person does to a video: moves the playhead, marks, submits. What needs a frame that is on its way waits for it, and
//! what comes after that waits behind it: fast fingers mark and go on before the frame is decoded.

use std::time::Duration;

use posterframe_client::{Backend, Client, PlannedNames};
use posterframe_contract::{OutputRequest, Position, SheetRequest};
use posterframe_player::{Motion, Step, StepOrigin};

use super::playhead::PlayheadState;
use super::{OpenVideo, PendingChoice, time_at};
use crate::mark_list::{self, some};

/// The most actions that wait.
const MAX_WAITING: usize = 64;

/// Something that waits for a frame, or behind something that does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Waiting {
    /// Mark the frame, or take its mark off.
    Mark,
    /// Move the mark at this position to the frame.
    MoveMark(Position),
    /// Submit what is marked, or else the frame.
    Submit,
    /// Play.
    Play,
    /// Take a step.
    Step(Step),
    /// Go to a time.
    Go(Duration),
    /// Follow the pointer to a time; whether it still drags.
    Drag(Duration, bool),
}

impl OpenVideo {
    /// Whether a move has to wait until a frame is marked. What else has waited for the frame comes to nothing: the playhead
    /// goes on.
    fn moves_later(&mut self, action: Waiting) -> bool {
        if !self.waiting.contains(&Waiting::Mark) {
            self.waiting.clear();
            return false;
        }
        // Of a drag only the newest place counts.
        if let (Some(last @ Waiting::Drag(..)), Waiting::Drag(..)) = (self.waiting.back_mut(), action) {
            *last = action;
        } else {
            self.wait(action);
        }
        true
    }

    pub fn wait(&mut self, action: Waiting) {
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back(action);
        }
    }

    /// Does what has waited for the frame that is there now, up to what needs another one.
    pub fn go_on(&mut self) {
        let mut waiting = std::mem::take(&mut self.waiting);
        while let Some(action) = waiting.front().copied() {
            let needs_frame = match action {
                Waiting::Mark | Waiting::MoveMark(_) => true,
                Waiting::Submit => self.marks.all().is_empty(),
                Waiting::Play | Waiting::Step(_) | Waiting::Go(_) | Waiting::Drag(..) => false,
            };
            if needs_frame && !self.playhead.is_settled() {
                break;
            }
            waiting.pop_front();
            match action {
                Waiting::Mark => self.toggle_mark(),
                Waiting::MoveMark(from) => {
                    if let Some(frame) = self.frame.clone() {
                        let number = self.number_of(frame.time);
                        self.marks.replace(from, &frame, number);
                    }
                }
                Waiting::Submit => self.due = Some(self.positions()),
                Waiting::Play => self.toggle_play(),
                Waiting::Step(step) => self.step(step),
                Waiting::Go(position) => self.go_to(position),
                Waiting::Drag(time, dragging) => self.drag_to(time, dragging),
            }
        }
        self.waiting = waiting;
    }

    /// Marks the frame, or takes the mark off; as soon as the frame is there.
    pub fn toggle_mark(&mut self) {
        self.stop_playing();
        if !self.waiting.is_empty() || self.playhead.waited().is_some() {
            self.wait(Waiting::Mark);
        } else if let Some(frame) = self.frame.as_ref().filter(|_| self.playhead.is_settled()) {
            let number = self.number_of(frame.time);
            self.marks.toggle(frame, number);
        }
    }

    /// Moves the mark at `from` to the frame at `to`, and goes there.
    pub fn move_mark(&mut self, from: Position, to: Duration) {
        self.stop_playing();
        // Behind a mark that waits, its frame would be taken for the one to move to.
        if !self.waiting.contains(&Waiting::Mark) {
            self.go_to(self.frame_time(to));
            self.wait(Waiting::MoveMark(from));
        }
    }

    /// The frames to submit now; `None` where there are none, or where one is on its way, and is submitted once it is there.
    pub fn submit(&mut self) -> Option<Vec<Position>> {
        self.stop_playing();
        let unmarked = self.marks.all().is_empty();
        if !self.waiting.is_empty() || (unmarked && self.playhead.waited().is_some()) {
            self.wait(Waiting::Submit);
            return None;
        }
        (!unmarked || self.playhead.is_settled()).then(|| self.positions())
    }

    /// Where the frames are that a submit would take: the marks, or the frame on the screen where nothing is marked.
    pub fn positions(&self) -> Vec<Position> {
        let marks = self.marks.all();
        match (marks.is_empty(), &self.frame) {
            (true, Some(frame)) => vec![frame.position],
            _ => marks.iter().map(|mark| mark.position).collect(),
        }
    }

    /// What it takes to submit these frames, of those that are marked or on the screen.
    pub fn choices(&self, positions: &[Position]) -> Vec<PendingChoice> {
        let choice = |position: &Position| {
            if let Some(index) = self.marks.find(*position) {
                return Some(self.marks.all()[index].pending_choice());
            }
            let frame = self.frame.as_ref().filter(|frame| frame.position == *position)?;
            Some(PendingChoice::of(frame, self.number_of(frame.time)))
        };
        positions.iter().filter_map(choice).collect()
    }

    /// The names that a submit would make.
    pub fn planned_names(&mut self, outputs: &[OutputRequest], sheets: &[SheetRequest]) -> &PlannedNames {
        let frames = self.positions().into_iter().map(|position| {
            let mark = self.marks.find(position).map(|index| &self.marks.all()[index]);
            (position, mark.and_then(|mark| some(&mark.name)))
        });
        let wanted = (frames.collect(), self.named_outputs(outputs), sheets.to_vec());
        if self.names.0 != wanted {
            let (frames, outputs, sheets) = &wanted;
            self.names.1 = Client::planned_names(&Backend::default(), &self.path, frames, outputs, sheets);
            self.names.0 = wanted;
        }
        &self.names.1
    }

    /// The outputs, with files that are called as the marks are where any of them has a name.
    pub fn named_outputs(&self, outputs: &[OutputRequest]) -> Vec<OutputRequest> {
        let names = self.marks.all().iter().map(|mark| mark.name.as_str());
        let outputs = outputs.to_vec();
        if names.clone().all(str::is_empty) {
            outputs
        } else {
            mark_list::named(outputs, names)
        }
    }

    /// Whether the frame under the playhead is marked.
    pub fn is_marked(&self) -> bool {
        self.marks.find(self.playhead_position()).is_some()
    }

    /// Goes to the mark before or after the playhead.
    pub fn step_mark(&mut self, forward: bool) {
        if let Some(position) = self.marks.neighbour(self.playhead_position(), forward) {
            self.go_to(time_at(position));
        }
    }

    /// Moves the playhead to a position that was typed: past the last frame is an error.
    pub fn go_to(&mut self, position: Duration) {
        self.stop_playing();
        if !self.moves_later(Waiting::Go(position)) {
            self.playhead.position = position;
            self.ask(Motion::Jump, false);
        }
    }

    /// Moves the playhead under the pointer.
    pub fn drag_to(&mut self, time: Duration, dragging: bool) {
        // Each frame once, however many pixels it has on the timeline.
        let position = self.frame_time(time);
        let moved = position != self.playhead.position;
        let let_go = match self.playhead.state {
            PlayheadState::Dragging { .. } | PlayheadState::Failed(_) => !dragging,
            PlayheadState::Idle
            | PlayheadState::Settled
            | PlayheadState::Playing
            | PlayheadState::Seeking { .. } => false,
        };
        if moved {
            self.stop_playing();
        }
        let waits = self.waiting.contains(&Waiting::Mark);
        if !(moved || let_go || waits) || self.moves_later(Waiting::Drag(time, dragging)) {
            return;
        }
        self.playhead.position = position;
        let motion = match (dragging, moved) {
            (true, _) => Motion::Drag,
            (false, true) => Motion::Jump,
            // Let go where it rested: the exact frame may be on its way already.
            (false, false) => Motion::Step,
        };
        self.ask(motion, true);
    }

    /// Takes a step from the frame that the playhead goes to.
    pub fn step(&mut self, step: Step) {
        self.stop_playing();
        if self.moves_later(Waiting::Step(step)) {
            return;
        }
        let index = self.index.as_deref();
        let Some(frame) = self.frame.as_deref() else {
            return;
        };
        let is_on_its_way = self.playhead.waited().is_some();
        // Before the index is there, only the frame on the screen is known: wait for it.
        if index.is_none() && is_on_its_way && !matches!(step, Step::First | Step::Last) {
            return;
        }
        let from = StepOrigin {
            time: if is_on_its_way {
                self.playhead.position
            } else {
                frame.time
            },
            tick: frame.tick,
            frame_rate: self.info.as_ref().and_then(|info| info.frame_rate),
            duration: self.info.as_ref().and_then(|info| info.duration),
            index,
        };
        if let Some(position) = posterframe_player::target(step, from) {
            self.playhead.position = position;
            self.ask(Motion::Step, true);
        }
    }
}
