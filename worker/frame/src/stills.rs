//! Small pictures, quickly: under a pointer on the move, and for a film strip.

use std::ops::{ControlFlow, Range};
use std::time::Duration;

use crate::frame::{Frame, to_ticks};
use crate::recent::Found;
use crate::video::Video;
use crate::{Error, raw};

/// Most frames that are decoded for a film strip where there are fewer keyframes than stills.
const MAX_DECODED_FRAMES: u64 = 3_000;

impl Video {
    /// A keyframe near `position`, quickly, no larger than `max`: for a pointer on the move, not for a thumbnail.
    ///
    /// # Errors
    /// Nothing can be decoded.
    pub fn keyframe_near(&mut self, position: Duration, max: (u32, u32)) -> Result<Frame, Error> {
        self.limits.restart();
        self.still(position, max)
    }

    /// [`Self::keyframe_near`], and `None` if that is the one at `shown` (a [`Frame::pts`], in ticks since the start of
    /// the video): a pointer that moves slowly has the same keyframe near it for a while.
    ///
    /// # Errors
    /// Nothing can be decoded.
    pub fn other_keyframe_near(
        &mut self,
        position: Duration,
        max: (u32, u32),
        shown: i64,
    ) -> Result<Option<Frame>, Error> {
        self.limits.restart();
        let mut is_shown = false;
        let found = self.keyframe_at(position, |pts| {
            is_shown = pts == shown;
            !is_shown
        })?;
        match found {
            Some(found) => self.small(&found, max).map(Some),
            None if is_shown => Ok(None),
            None => self.exact_still(position, max).map(Some),
        }
    }

    /// The frame that [`Self::frame_at`] gives, no larger than `max`: for lists and strips, not for a thumbnail.
    ///
    /// # Errors
    /// As [`Self::frame_at`].
    pub fn small_frame_at(&mut self, position: Duration, max: (u32, u32)) -> Result<Frame, Error> {
        self.limits.restart();
        self.exact_still(position, max)
    }

    /// `count` stills spread over a part of the video, no larger than `max`, each handed to `each` with its number as
    /// soon as it is there; `each` says whether to go on. They are near their places. Where exact ones cost little
    /// they are exact, and where they cost a little more, they come a second time, exact.
    ///
    /// # Errors
    /// Nothing can be decoded. What came before the error was handed over.
    pub fn stills(
        &mut self,
        part: Range<Duration>,
        count: usize,
        max: (u32, u32),
        each: &mut dyn FnMut(usize, Frame) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let length = part.end.saturating_sub(part.start);
        let frames = self.frames_in(length);
        let few = frames <= MAX_DECODED_FRAMES / 10;
        let exact = few
            || frames <= MAX_DECODED_FRAMES
                && self.keyframes_in(length) < count as u64
                && self.trusts_seeks()?;
        let passes = match (few, exact) {
            (true, _) => &[true][..],
            (false, true) => &[false, true],
            (false, false) => &[false],
        };
        for &exact in passes {
            for number in 0..count {
                self.limits.restart();
                let position = part.start + length.mul_f64((number as f64 + 0.5) / count as f64);
                let frame = if exact {
                    self.exact_still(position, max)
                } else {
                    self.still(position, max)
                };
                let frame = match frame {
                    // Containers round their duration up.
                    Err(Error::PastTheEnd { .. }) => continue,
                    other => other?,
                };
                if each(number, frame).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Keyframes alone, one for each `interval` and none twice, no larger than `max`, from the start of the video to
    /// its end: a film strip for the price of a seek and a frame for each still. `each` gets a still as soon as it is
    /// there, and says whether to go on.
    ///
    /// ```
    /// # use std::{ops::ControlFlow, path::Path, time::Duration};
    /// # use posterframe_frame::Video;
    /// # let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sample.mp4");
    /// let mut video = Video::open(&clip)?;
    /// let mut strip = Vec::new();
    /// video.keyframes_every(Duration::from_secs(1), (160, 90), &mut |still| {
    ///     strip.push(still);
    ///     // Three are enough.
    ///     if strip.len() < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    /// })?;
    /// assert_eq!(strip.len(), 3);
    /// assert!(strip.iter().all(|still| still.keyframe && still.image.width() == 160));
    /// # Ok::<(), posterframe_frame::Error>(())
    /// ```
    ///
    /// # Errors
    /// Nothing can be decoded. What came before the error was handed over.
    pub fn keyframes_every(
        &mut self,
        interval: Duration,
        max: (u32, u32),
        each: &mut dyn FnMut(Frame) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let interval = interval.max(Duration::from_millis(1));
        let end = self.info.duration.unwrap_or_default();
        let (mut position, mut last) = (Duration::ZERO, None);
        self.limits.restart();
        loop {
            // A hostile file may claim any duration: intervals without a still share one call's limits.
            self.limits.check()?;
            if let Some(found) = self.keyframe_at(position, |pts| last.is_none_or(|last| pts > last))? {
                last = Some(found.pts);
                if each(self.small(&found, max)?).is_break() {
                    return Ok(());
                }
                self.limits.restart();
            }
            position += interval;
            if position >= end {
                return Ok(());
            }
        }
    }

    /// The keyframe that a seek to `position` lands on, unless its timestamp is not `wanted`: then it is not decoded.
    fn keyframe_at(
        &mut self,
        position: Duration,
        wanted: impl FnOnce(i64) -> bool,
    ) -> Result<Option<Found>, Error> {
        let landing = to_ticks(position, self.time_base());
        if !self.seek_keyframe(landing)? {
            return Ok(None);
        }
        let decoded = self.pipeline.keyframe(wanted)?;
        Ok(decoded.and_then(|decoded| {
            Some(Found {
                pts: decoded.pts?,
                before: None,
                number: None,
                decoded: decoded.into(),
            })
        }))
    }

    fn still(&mut self, position: Duration, max: (u32, u32)) -> Result<Frame, Error> {
        match self.keyframe_at(position, |_| true)? {
            Some(found) => self.small(&found, max),
            None => self.exact_still(position, max),
        }
    }

    fn exact_still(&mut self, position: Duration, max: (u32, u32)) -> Result<Frame, Error> {
        let found = self.find_at(position)?;
        self.small(&found, max)
    }

    /// About how many keyframes there are in so long a part of the video.
    fn keyframes_in(&self, length: Duration) -> u64 {
        let demuxer = &self.pipeline.demuxer;
        let index = raw::index(&demuxer.input, demuxer.stream);
        let is_keyframe = |&at: &usize| index.get(at).is_some_and(|entry| entry.keyframe);
        let all = (0..index.len()).filter(is_keyframe).count() as f64;
        match self.info.duration {
            Some(whole) if !whole.is_zero() => (all * length.as_secs_f64() / whole.as_secs_f64()) as u64,
            _ => all as u64,
        }
    }

    /// About how many frames there are in so long a part of the video.
    fn frames_in(&self, length: Duration) -> u64 {
        let rate = match (self.info.frame_count, self.info.duration, self.info.frame_rate) {
            (Some(frames), Some(whole), _) if !whole.is_zero() => frames as f64 / whole.as_secs_f64(),
            (_, _, Some((num, den))) => f64::from(num) / f64::from(den),
            _ => 30.0,
        };
        (length.as_secs_f64() * rate) as u64
    }
}
