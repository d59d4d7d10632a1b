//! What is wrong with the frames to submit, and which frames beside them may be better.

use std::time::{Duration, Instant};

use egui::TextureHandle;
use posterframe_contract::Position;
use posterframe_player::{Flaw, Player};

use super::time_at;
use super::video::Picture;

/// How long the frames to submit stay the same before they are looked at.
const LOOK_DELAY: Duration = Duration::from_millis(400);

/// A frame that may be better.
pub struct Offer {
    /// Since the start of the video.
    pub time: Duration,
    pub picture: TextureHandle,
}

/// What is known of a frame.
pub struct Known {
    pub position: Position,
    pub flaw: Option<Flaw>,
    pub better: Vec<Offer>,
}

/// What is known of the frames to submit. They are looked at one after the other.
#[derive(Default)]
pub struct Looks {
    known: Vec<Known>,
    /// The next one, since when it is, and whether it was asked for.
    next: Option<(Position, Instant, bool)>,
}

impl Looks {
    /// What is known of the frame at `position`.
    pub fn of(&self, position: Position) -> Option<&Known> {
        self.known.iter().find(|known| known.position == position)
    }

    /// Takes in an answer.
    pub fn take_in(&mut self, known: Known) {
        self.known.retain(|other| other.position != known.position);
        self.known.push(known);
    }

    /// Asks for what is not known yet of the frames at `positions`, and forgets the others. Returns how long to wait.
    pub fn want(&mut self, positions: &[Position], player: &Player<Picture>) -> Option<Duration> {
        self.known.retain(|known| positions.contains(&known.position));
        let mut unknown = positions
            .iter()
            .copied()
            .filter(|position| self.of(*position).is_none());
        let kept = self
            .next
            .filter(|(next, ..)| unknown.clone().any(|position| position == *next));
        self.next = kept.or_else(|| unknown.next().map(|position| (position, Instant::now(), false)));
        let (position, since, asked) = self.next.as_mut().filter(|(.., asked)| !*asked)?;
        let rest = LOOK_DELAY.saturating_sub(since.elapsed());
        if !rest.is_zero() {
            return Some(rest);
        }
        *asked = true;
        player.look_around(time_at(*position));
        None
    }

    /// The player is gone: what it was asked for will have to be asked again.
    pub fn pause(&mut self) {
        self.next = None;
    }
}
