//! Fast, small pictures: under a moving pointer, and for a film strip.

use std::ops::{ControlFlow, Range};
use std::time::Duration;

use crate::frame::{Frame, to_ticks};
use crate::recent::Found;
use crate::video::Video;
use crate::{Error, raw};

/// Most frames to decode for a film strip if it has fewer keyframes than stills.
const MAX_DECODED_FRAMES: u64 = 3_000;

impl Video {
    /// A keyframe near `position`, at most `max` pixels: for a moving pointer, not for a thumbnail.
    ///
    /// # Errors
    /// Nothing can be decoded.
    pub fn keyframe_near(&mut self, position: Duration, max: (u32, u32)) -> Result<Frame, Error> {
        self.limits.restart();
        self.still(position, max)
    }

    /// Like [`Self::keyframe_near`], but `None` if that is the keyframe at `shown` (a [`Frame::pts`], in ticks since the
    /// start of the video): near a slowly moving pointer, the keyframe stays the same for a while.
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

    /// The frame of [`Self::frame_at`], at most `max` pixels: for lists and strips, not for a thumbnail.
    ///
    /// # Errors
    /// The same as [`Self::frame_at`].
    pub fn small_frame_at(&mut self, position: Duration, max: (u32, u32)) -> Result<Frame, Error> {
        self.limits.restart();
        self.exact_still(position, max)
    }

    /// `count` stills, spread over a part of the video, at most `max` pixels. `each` gets every still with its number as
    /// soon as it is decoded, and returns whether to go on. The stills are near their positions: exact if that is cheap;
    /// if it costs a little more, `each` gets near ones first and then exact ones.
    ///
    /// # Errors
    /// Nothing can be decoded. `each` has got the stills before the error.
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
        let exact = few || self.is_better_decoded(length, count as u64)?;
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
                    // A position can be past the end, since containers round their duration up.
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

    /// Keyframes from the whole video, one per `interval` and none twice, at most `max` pixels: a film strip at the cost of
    /// one seek and one decoded frame per still. `each` gets every still as soon as it is decoded, and returns whether to
    /// go on.
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
    /// Nothing can be decoded. `each` has got the stills before the error.
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
            // A hostile file may claim any duration, so intervals without a still share the limits of one call.
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

    /// Pictures of the whole video, one per `interval`, at most `max` pixels: the frames at these very times where that is
    /// `exact`, or where it costs little and keyframes are further apart; or else keyframes, as [`Self::keyframes_every`] finds
    /// them. `each` gets every picture as soon as it is decoded, and returns whether to go on.
    ///
    /// # Errors
    /// Nothing can be decoded. `each` has got the pictures before the error.
    pub fn tiles_every(
        &mut self,
        interval: Duration,
        exact: bool,
        max: (u32, u32),
        each: &mut dyn FnMut(Frame) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let interval = interval.max(Duration::from_millis(1));
        let whole = self.info.duration.unwrap_or_default();
        let wanted = (whole.as_micros() / interval.as_micros()) as u64 + 1;
        if !exact && !self.is_better_decoded(whole, wanted)? {
            return self.keyframes_every(interval, max, each);
        }
        let (mut position, mut last) = (Duration::ZERO, None);
        loop {
            self.limits.restart();
            let frame = match self.exact_still(position, max) {
                // Where a container says nothing of its duration, or rounds it up, this is the end.
                Err(Error::PastTheEnd { .. }) => return Ok(()),
                other => other?,
            };
            // A rate below one frame an interval has the same frame for several.
            let is_new = last.replace(frame.pts) != Some(frame.pts);
            if is_new && each(frame).is_break() {
                return Ok(());
            }
            position += interval;
        }
    }

    /// The keyframe that a seek to `position` finds. It is decoded only if its timestamp is `wanted`.
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

    /// Whether a part of this length has fewer keyframes than `count`, and so few frames that all of them may be decoded.
    pub(crate) fn is_better_decoded(&mut self, length: Duration, count: u64) -> Result<bool, Error> {
        let may_be = self.frames_in(length) <= MAX_DECODED_FRAMES && self.keyframes_in(length) < count;
        Ok(may_be && self.trusts_seeks()?)
    }

    /// Estimated number of keyframes in a part of this length.
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

    /// Estimated number of frames in a part of this length.
    pub(crate) fn frames_in(&self, length: Duration) -> u64 {
        let rate = match (self.info.frame_count, self.info.duration, self.info.frame_rate) {
            (Some(frames), Some(whole), _) if !whole.is_zero() => frames as f64 / whole.as_secs_f64(),
            (_, _, Some((num, den))) => f64::from(num) / f64::from(den),
            _ => 30.0,
        };
        (length.as_secs_f64() * rate) as u64
    }
}
