//! Playing a video, without sound: forwards and backwards, faster, and between marks.

use std::time::Duration;

use posterframe_player::{Failure, Motion, Play, PlayRate, Step};

use super::actions::Waiting;
use super::video::Picture;
use super::{OpenVideo, time_at};

/// The most times as fast as the video.
const MAX_SPEED: i8 = 8;

/// A video that plays.
pub struct Playing {
    generation: u64,
    /// How many times as fast; negative for backwards.
    pub speed: i8,
    /// How fast it really is, once that is known.
    pub rate: Option<PlayRate>,
}

impl OpenVideo {
    /// Plays, or stops at the frame on the screen.
    pub fn toggle_play(&mut self) {
        if !self.stop_playing() {
            self.play(1, None);
        }
    }

    /// Plays forwards or backwards; faster where it does that already.
    pub fn shuttle(&mut self, forwards: bool) {
        let sign = if forwards { 1 } else { -1 };
        let speed = match &self.playing {
            Some(playing) if playing.speed.signum() == sign => {
                (playing.speed.saturating_mul(2)).clamp(-MAX_SPEED, MAX_SPEED)
            }
            _ => sign,
        };
        self.play(speed, None);
    }

    /// Plays from the mark at or before the playhead to the one after it, again and again; from the start or to the end
    /// where there is none.
    pub fn play_between_marks(&mut self) {
        if self.stop_playing() {
            return;
        }
        let marks = || self.marks.all().iter().map(|mark| time_at(mark.position));
        let at = self.playhead();
        let last = self.length().unwrap_or(Duration::MAX);
        let from = marks().filter(|mark| *mark <= at).max().unwrap_or_default();
        let to = marks().filter(|mark| *mark > at).min().unwrap_or(last);
        self.play(1, Some((from, to)));
    }

    fn play(&mut self, speed: i8, again: Option<(Duration, Duration)>) {
        if self.waiting.contains(&Waiting::Mark) {
            self.wait(Waiting::Play);
            return;
        }
        let (Some(player), Some(fit)) = (&self.player, self.preview.fitting.size()) else {
            return;
        };
        let at = self.playhead();
        // From the last frame on there is nothing to play: it begins anew.
        let last = self
            .index
            .as_deref()
            .and_then(|index| index.len().checked_sub(1).map(|last| index.time(last)));
        let is_at_the_end = speed > 0 && last.is_some_and(|last| at >= last);
        let from = match again {
            Some((from, _)) => from,
            None if is_at_the_end => Duration::ZERO,
            None => at,
        };
        // What else has waited for the frame comes to nothing: the playhead goes on.
        self.waiting.clear();
        let generation = player.play(Play {
            from,
            speed,
            fit,
            again,
        });
        self.playing = Some(Playing {
            generation,
            speed,
            rate: None,
        });
    }

    /// Stops at the frame on the screen, which is decoded exactly. Whether it has played.
    pub fn stop_playing(&mut self) -> bool {
        let has_played = self.playing.take().is_some();
        if has_played {
            if let Some(player) = &self.player {
                player.stop_playing();
            }
            self.ask(Motion::Jump, true);
        }
        has_played
    }

    /// Takes a step, which ends playing.
    pub fn step_by_key(&mut self, forwards: bool) {
        self.step(if forwards {
            Step::NextFrame
        } else {
            Step::PreviousFrame
        });
    }

    /// Takes in a picture.
    pub fn take_played(
        &mut self,
        generation: u64,
        position: Duration,
        picture: Picture,
        rate: Option<PlayRate>,
    ) {
        if let Some(playing) = self
            .playing
            .as_mut()
            .filter(|playing| playing.generation == generation)
        {
            playing.rate = rate;
            self.playhead.position = position;
            self.playhead.move_on();
            self.show(picture);
            self.shows_played = true;
        }
    }

    /// Takes in the end.
    pub fn take_end(&mut self, generation: u64, failure: Option<Failure>) {
        if self
            .playing
            .as_ref()
            .is_some_and(|playing| playing.generation == generation)
        {
            self.playing = None;
            self.broken = failure.or(self.broken.take());
            self.ask(Motion::Jump, true);
        }
    }
}
