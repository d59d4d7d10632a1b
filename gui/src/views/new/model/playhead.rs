//! Where the playhead is, whether its frame is there, and what the chip on the preview says of the picture.

use std::time::{Duration, Instant};

use posterframe_contract::Position;
use posterframe_player::{Failure, Motion, PlayRate, Request};

use super::{Distant, OpenVideo, position_at};

/// How long a request may take before the chip says that the frame is being decoded.
pub const DECODING_DELAY: Duration = Duration::from_millis(150);

/// The playhead, and how far its frame is.
pub struct Playhead {
    /// Since the start of the video.
    pub position: Duration,
    pub state: PlayheadState,
    /// The keyframe on the screen, where that is no exact frame.
    keyframe: Option<Duration>,
    /// The number of the newest request.
    request: u64,
    /// The number of the request whose exact frame was shown last.
    shown: u64,
}

/// Whether the frame at the playhead is there.
#[derive(Clone, Debug, PartialEq)]
pub enum PlayheadState {
    /// Nobody has asked for it: the video is not on the screen.
    Idle,
    /// It is on the screen.
    Settled,
    /// The video plays: it is one picture after another, none of them exact.
    Playing,
    /// It is on its way.
    Seeking { since: Instant },
    /// The pointer drags the playhead: keyframes near it come first.
    Dragging { since: Instant },
    /// It cannot be shown.
    Failed(Failure),
}

impl Playhead {
    pub const fn new(position: Duration) -> Self {
        Self {
            position,
            state: PlayheadState::Idle,
            keyframe: None,
            request: 0,
            shown: 0,
        }
    }

    pub fn is_settled(&self) -> bool {
        self.state == PlayheadState::Settled
    }

    /// Why there is no such frame.
    pub const fn failure(&self) -> Option<&Failure> {
        match &self.state {
            PlayheadState::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// How long the frame has been on its way; `None` where it is not.
    pub fn waited(&self) -> Option<Duration> {
        match self.state {
            PlayheadState::Seeking { since } | PlayheadState::Dragging { since } => Some(since.elapsed()),
            PlayheadState::Idle
            | PlayheadState::Settled
            | PlayheadState::Playing
            | PlayheadState::Failed(_) => None,
        }
    }

    /// Takes in a keyframe of a request. Whether it is to be shown: one of an earlier request is, too, so that the picture
    /// moves with the pointer, but not in place of one that is nearer to it. `exact` is the time of the newest exact frame.
    pub fn take_keyframe(&mut self, request: u64, time: Duration, exact: Option<Duration>) -> bool {
        if self.waited().is_none() || request <= self.shown {
            return false;
        }
        let distance = |time: Duration| time.abs_diff(self.position);
        let on_screen = self.keyframe.or(exact);
        let is_nearer = on_screen.is_none_or(|on_screen| distance(time) <= distance(on_screen));
        if is_nearer {
            self.keyframe = Some(time);
        }
        is_nearer
    }

    /// Takes in that the exact frame of a request is on the screen, at `position`. Whether it is the newest request.
    pub fn take_exact(&mut self, request: u64, position: Duration) -> bool {
        self.keyframe = None;
        self.shown = request;
        let is_newest = request == self.request && self.waited().is_some();
        if is_newest {
            self.position = position;
            self.state = PlayheadState::Settled;
        }
        is_newest
    }

    /// Takes in that the video plays.
    pub fn move_on(&mut self) {
        self.keyframe = None;
        self.state = PlayheadState::Playing;
    }

    /// Takes in that a request came to nothing. Whether it is the newest one.
    pub fn take_failure(&mut self, request: u64, failure: Failure) -> bool {
        let is_newest = request == self.request;
        if is_newest {
            self.state = PlayheadState::Failed(failure);
        }
        is_newest
    }
}

/// What the chip on the preview says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Chip {
    /// The picture is the exact frame.
    Exact(Option<usize>),
    /// The picture is an older one, and the frame is on its way.
    Decoding(Option<usize>),
    /// The picture is a keyframe near the pointer.
    Keyframe(Option<usize>),
    /// It plays: how fast, once that is known, and how many times as fast as the video.
    Playing(Option<PlayRate>, i8),
    /// The frame is on its way, and so many bytes of it are.
    Reading(Option<usize>, u64),
    /// The frame is on its way, and the network fails: it is tried again.
    Reconnecting,
    /// There is no login yet to read the video with.
    NoLogin,
    /// There is no such picture.
    CannotDecode,
}

impl OpenVideo {
    /// Asks for the frame at the playhead. With `clamp`, past the last frame is the last frame.
    pub fn ask(&mut self, motion: Motion, clamp: bool) {
        let Some(player) = &self.player else { return };
        let Some(fit) = self.preview.fitting.size() else {
            return;
        };
        self.playhead.request = player.request(Request {
            position: self.playhead.position,
            motion,
            clamp,
            fit,
        });
        let since = Instant::now();
        self.playhead.state = match motion {
            Motion::Drag => PlayheadState::Dragging { since },
            Motion::Jump | Motion::Step => PlayheadState::Seeking { since },
        };
        self.ctx.request_repaint_after(DECODING_DELAY);
    }

    /// The time under the playhead.
    pub fn playhead(&self) -> Duration {
        let position = self.playhead.position;
        self.length().map_or(position, |length| position.min(length))
    }

    /// [`OpenVideo::playhead`] as it is shown and submitted.
    pub fn playhead_position(&self) -> Position {
        position_at(self.playhead())
    }

    /// The number of the frame under the playhead.
    pub fn number(&self) -> Option<usize> {
        self.number_of(self.playhead.position)
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
        let playhead = &self.playhead;
        if playhead.failure().is_some() {
            return Some(Chip::CannotDecode);
        }
        if let Some(playing) = &self.playing {
            return Some(Chip::Playing(playing.rate, playing.speed));
        }
        if self.is_out_of_reach() {
            return Some(Chip::NoLogin);
        }
        if self.shows_played {
            return Some(self.late_chip());
        }
        let is_dragged = matches!(playhead.state, PlayheadState::Dragging { .. });
        let waited = playhead.waited();
        // For a moment the chip says what is on the screen still: a flicker helps nobody.
        let is_early = waited.is_none_or(|waited| waited < DECODING_DELAY);
        match (playhead.keyframe, &self.frame) {
            (Some(time), _) if is_early || is_dragged => Some(Chip::Keyframe(self.number_of(time))),
            (None, Some(frame)) if is_early => Some(Chip::Exact(self.number_of(frame.time))),
            _ if !is_early => Some(self.late_chip()),
            _ => None,
        }
    }

    /// What is said of a frame that takes its time.
    fn late_chip(&self) -> Chip {
        let number = self.number();
        match self.distant.as_ref().and_then(Distant::counts) {
            Some(counts) if counts.trouble.is_some() => Chip::Reconnecting,
            Some(counts) if counts.expected > 0 => Chip::Reading(number, counts.expected),
            _ => Chip::Decoding(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn dragged(position: Duration) -> Playhead {
        Playhead {
            request: 2,
            state: PlayheadState::Dragging {
                since: Instant::now(),
            },
            ..Playhead::new(position)
        }
    }

    // Breaks if an exact frame of an earlier request passes for the one at the playhead, or a late keyframe covers it.
    #[test]
    fn only_the_newest_request_settles() {
        let mut playhead = dragged(10 * SECOND);
        assert!(!playhead.take_exact(1, SECOND) && !playhead.is_settled());
        assert!(playhead.take_keyframe(2, 9 * SECOND, Some(SECOND)));
        assert!(playhead.take_exact(2, 10 * SECOND) && playhead.is_settled());
        assert!(!playhead.take_keyframe(2, 10 * SECOND, Some(10 * SECOND)));
        assert!(playhead.waited().is_none());
    }

    // Breaks if the picture jumps away from the pointer while dragging.
    #[test]
    fn keyframes_come_nearer() {
        let mut playhead = dragged(10 * SECOND);
        assert!(playhead.take_keyframe(1, 8 * SECOND, Some(SECOND)));
        assert!(!playhead.take_keyframe(1, 5 * SECOND, Some(SECOND)));
        assert!(playhead.take_keyframe(2, 11 * SECOND, Some(SECOND)));
    }

    // Breaks if the failure of a request that nobody waits for any more is shown.
    #[test]
    fn only_the_newest_request_fails() {
        let failure = Failure {
            text: "there is no frame".to_owned(),
            advice: String::new(),
        };
        let mut playhead = dragged(10 * SECOND);
        assert!(!playhead.take_failure(1, failure.clone()) && playhead.failure().is_none());
        assert!(playhead.take_failure(2, failure.clone()));
        assert_eq!(playhead.failure(), Some(&failure));
    }
}
