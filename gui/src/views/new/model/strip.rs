//! The film strip's pictures. Those of the part that was shown before stay under the new ones until these have come, so
//! that zooming never leaves holes.

use std::ops::Range;
use std::time::{Duration, Instant};

use egui::TextureHandle;
use posterframe_player::{Player, Strip};

use super::video::Picture;

/// How long zooming rests before new pictures are made.
const STRIP_DELAY: Duration = Duration::from_millis(150);
/// The most layers: the whole video, the part shown before, the part shown now.
const MAX_LAYERS: usize = 3;

/// The pictures of one part of the video.
pub struct Layer {
    pub part: Range<Duration>,
    pub stills: Vec<Option<TextureHandle>>,
}

impl Layer {
    /// The time that still `index` stands for, from where to where.
    pub fn span(&self, index: usize) -> Range<Duration> {
        let each = self.part.end.saturating_sub(self.part.start) / self.stills.len().max(1) as u32;
        let from = self.part.start + each * index as u32;
        from..from + each
    }
}

/// The film strip.
#[derive(Default)]
pub struct FilmStrip {
    asked: Option<Strip>,
    wanted: Option<(Strip, Instant)>,
    number: u64,
    layers: Vec<Layer>,
}

impl FilmStrip {
    /// What is there, the newest last.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Has the pictures made once it has been the same for a moment, the first ones at once; without a player, only makes
    /// room for them. Returns how long to wait.
    pub fn want(&mut self, strip: Strip, player: Option<&Player<Picture>>) -> Option<Duration> {
        if self.asked.as_ref() == Some(&strip) {
            self.wanted = None;
            return None;
        }
        let since = match self.wanted.take() {
            Some((wanted, since)) if wanted == strip => since,
            _ => Instant::now(),
        };
        let rest = STRIP_DELAY.saturating_sub(since.elapsed());
        if self.asked.is_some() && !rest.is_zero() {
            self.wanted = Some((strip, since));
            return Some(rest);
        }
        self.layers.push(Layer {
            part: strip.part.clone(),
            stills: vec![None; strip.count],
        });
        if self.layers.len() > MAX_LAYERS {
            self.layers.remove(1);
        }
        self.number = player.map_or(0, |player| player.strip(strip.clone()));
        self.asked = Some(strip);
        None
    }

    /// Takes in a picture of strip `number`.
    pub fn take_in(&mut self, number: u64, index: usize, still: TextureHandle) {
        let newest = self.layers.last_mut().filter(|_| number == self.number);
        if let Some(place) = newest.and_then(|layer| layer.stills.get_mut(index)) {
            *place = Some(still);
        }
    }

    /// Whether there is no picture yet for `time` in the newest part, and room for one.
    pub fn lacks(&self, time: Duration) -> bool {
        let index = self.index_at(time);
        index.is_some_and(|index| {
            self.layers
                .last()
                .is_some_and(|layer| layer.stills[index].is_none())
        })
    }

    /// Puts a picture at `time`.
    pub fn fill(&mut self, time: Duration, still: &TextureHandle) {
        if let (Some(index), Some(layer)) = (self.index_at(time), self.layers.last_mut()) {
            layer.stills[index] = Some(still.clone());
        }
    }

    fn index_at(&self, time: Duration) -> Option<usize> {
        let layer = self.layers.last()?;
        (0..layer.stills.len()).find(|&index| layer.span(index).contains(&time))
    }

    /// The player is gone: what has not come will have to be asked for again.
    pub fn pause(&mut self) {
        let complete = self
            .layers
            .last()
            .is_some_and(|layer| layer.stills.iter().all(Option::is_some));
        if !complete {
            self.layers.pop();
            self.asked = None;
        }
        self.wanted = None;
    }

    /// The picture that stands for `time`, of the newest part that has one.
    pub fn at(&self, time: Duration) -> Option<&TextureHandle> {
        self.layers.iter().rev().find_map(|layer| {
            let index = (0..layer.stills.len()).find(|&index| layer.span(index).contains(&time))?;
            layer.stills[index].as_ref()
        })
    }
}
