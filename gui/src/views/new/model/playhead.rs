//! Where the playhead is and goes, and what the chip on the preview says of it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use posterframe_client::Client;
use posterframe_contract::Position;
use posterframe_player::{Motion, Request, Step, StepOrigin};

use super::video::OpenVideo;

/// How long a request may take before the chip says that the frame is being decoded.
pub const SPINNER_DELAY: Duration = Duration::from_millis(150);

/// Where the playhead goes.
pub struct Target {
    pub position: Duration,
    pub motion: Motion,
    pub generation: u64,
    /// When it was asked for; `None` once it is there.
    pub pending: Option<Instant>,
}

/// What was asked for while a mark waits for its frame: fast fingers mark and go on before it is decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    Step(Step),
    Go(Duration),
    Drag(Duration, bool),
    Mark,
    Submit,
}

/// The most actions that wait while a mark waits for its frame.
const MAX_WAITING: usize = 64;

/// What the chip on the preview says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chip {
    /// The picture is the exact frame.
    Exact(Option<usize>),
    /// The picture is an older one, and the frame is on its way.
    Decoding(Option<usize>),
    /// The picture is a keyframe near the pointer.
    Keyframe(Option<usize>),
    /// There is no such picture.
    CannotDecode,
}

impl OpenVideo {
    /// Whether `next` has to wait until the frame is marked.
    pub fn comes_later(&mut self, next: Next) -> bool {
        let Some(waiting) = &mut self.marking else {
            return false;
        };
        // Of a drag only the newest place counts.
        if let (Some(last @ Next::Drag(..)), Next::Drag(..)) = (waiting.back_mut(), next) {
            *last = next;
        } else if waiting.len() < MAX_WAITING {
            waiting.push_back(next);
        }
        true
    }

    /// Does what has waited, up to the next mark that has to wait itself.
    pub fn go_on(&mut self, waiting: VecDeque<Next>) {
        for next in waiting {
            match next {
                Next::Step(step) => self.step(step),
                Next::Go(position) => self.go_to(position),
                Next::Drag(time, dragging) => self.drag_to(time, dragging),
                Next::Mark => self.toggle_mark(),
                Next::Submit => self.submitting = Some(self.target.generation),
            }
        }
    }

    /// Whether a submit has to wait: for a mark's frame, or for the frame on its way where nothing is marked.
    pub fn submit_later(&mut self) -> bool {
        if self.comes_later(Next::Submit) {
            return true;
        }
        let waits = self.marks.all().is_empty() && self.target.pending.is_some();
        if waits {
            self.submitting = Some(self.target.generation);
        }
        waits
    }

    /// Whether a submit has waited, and its frame is there now. Forgotten where the playhead has gone on instead.
    pub fn is_submit_due(&mut self) -> bool {
        let Some(generation) = self.submitting else {
            return false;
        };
        let marked = !self.marks.all().is_empty();
        let gone_on = !marked && generation != self.target.generation;
        let due = self.marking.is_none() && (marked || self.is_settled());
        if gone_on || due {
            self.submitting = None;
        }
        due && !gone_on
    }

    /// Moves the playhead to a position that was typed: past the last frame is an error.
    pub fn go_to(&mut self, position: Duration) {
        if self.comes_later(Next::Go(position)) {
            return;
        }
        self.target.position = position;
        self.target.motion = Motion::Jump;
        self.ask(false);
    }

    /// Moves the playhead under the pointer.
    pub fn drag_to(&mut self, time: Duration, dragging: bool) {
        if self.comes_later(Next::Drag(time, dragging)) {
            return;
        }
        let position = match self.index.as_deref().filter(|index| !index.is_empty()) {
            // Each frame once, however many pixels it has on the timeline.
            Some(index) => index.position(index.number_at(time).unwrap_or(index.len() - 1)),
            None => time,
        };
        let moved = position != self.target.position;
        let motion = match (dragging, moved) {
            (true, _) => Motion::Drag,
            (false, true) => Motion::Jump,
            // Let go where it rested: the exact frame may be on its way already.
            (false, false) => Motion::Step,
        };
        if moved || (self.target.motion == Motion::Drag) != dragging {
            self.target.position = position;
            self.target.motion = motion;
            self.ask(true);
        }
    }

    /// Takes a step from the frame that the playhead goes to.
    pub fn step(&mut self, step: Step) {
        if self.comes_later(Next::Step(step)) {
            return;
        }
        let index = self.index.as_deref();
        let Some(frame) = self.frame.as_deref() else {
            return;
        };
        // Before the index is there, only the frame on the screen is known: wait for it.
        if index.is_none() && self.target.pending.is_some() && !matches!(step, Step::First | Step::Last) {
            return;
        }
        let from = StepOrigin {
            time: if self.target.pending.is_some() {
                self.target.position
            } else {
                frame.time
            },
            tick: frame.tick,
            frame_rate: self.info.as_ref().and_then(|info| info.frame_rate),
            duration: self.info.as_ref().and_then(|info| info.duration),
            index,
        };
        if let Some(position) = posterframe_player::target(step, from) {
            self.target.position = position;
            self.target.motion = Motion::Step;
            self.ask(true);
        }
    }

    pub fn ask(&mut self, clamp: bool) {
        let Some(player) = &self.player else { return };
        let Some(fit) = self.fit.size() else { return };
        let Target { position, motion, .. } = self.target;
        self.target.generation = player.request(Request {
            position,
            motion,
            clamp,
            fit,
        });
        self.target.pending = Some(Instant::now());
        self.frame_failure = None;
        self.ctx.request_repaint_after(SPINNER_DELAY);
    }

    /// The time under the playhead.
    pub fn playhead(&self) -> Duration {
        self.length()
            .map_or(self.target.position, |length| self.target.position.min(length))
    }

    /// [`OpenVideo::playhead`] as it is shown and submitted.
    pub fn playhead_position(&self) -> Position {
        Position::from_micros(self.playhead().as_micros() as u64)
    }

    /// The number of the frame under the playhead.
    pub fn number(&self) -> Option<usize> {
        self.number_of(self.target.position)
    }

    /// The time of the frame at or after `time`, where frames are known.
    pub fn frame_time(&self, time: Duration) -> Duration {
        match self.index.as_deref().filter(|index| !index.is_empty()) {
            Some(index) => index.position(index.number_at(time).unwrap_or(index.len() - 1)),
            None => time,
        }
    }

    /// What the chip on the preview says.
    pub fn chip(&self) -> Option<Chip> {
        if self.frame_failure.is_some() {
            return Some(Chip::CannotDecode);
        }
        let waited = self.target.pending.map(|since| since.elapsed());
        match (self.keyframe, waited, &self.frame) {
            (Some(time), Some(waited), _) if self.target.motion == Motion::Drag || waited < SPINNER_DELAY => {
                Some(Chip::Keyframe(self.number_of(time)))
            }
            // For a moment the chip says what is on the screen still: a flicker helps nobody.
            (None, waited, Some(frame)) if waited.is_none_or(|waited| waited < SPINNER_DELAY) => {
                Some(Chip::Exact(self.number_of(frame.time)))
            }
            (_, Some(waited), _) if waited >= SPINNER_DELAY => Some(Chip::Decoding(self.number())),
            _ => None,
        }
    }
}
impl OpenVideo {
    /// Where the frames are that a submit would take: the marks, or the frame on the screen where nothing is marked.
    pub fn positions(&self) -> Vec<Position> {
        let marks = self.marks.all();
        match (marks.is_empty(), &self.frame) {
            (true, Some(frame)) => vec![frame.position],
            _ => marks.iter().map(|mark| mark.position).collect(),
        }
    }

    /// The names that a submit of the marks would make, or of the frame on the screen where nothing is marked.
    pub fn planned_names(&mut self) -> &[(String, String)] {
        let positions = self.positions();
        if self.names.0 != positions {
            self.names = (positions, Vec::new());
            self.names.1 = Client::planned_names(&self.path, &self.names.0);
        }
        &self.names.1
    }
}
