//! A frame that was asked for, and the position that stands for it.

use std::time::Duration;

use ffmpeg_next::{Rational, Rescale};

use crate::Image;

pub(crate) const MICROS: Rational = Rational(1, 1_000_000);

/// A frame and where it is.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its timestamp in ticks of [`Self::time_base`], counted from the start of the video.
    pub pts: i64,
    /// Seconds for each tick, as a fraction.
    pub time_base: (u32, u32),
    /// Its time since the start of the video, rounded down to microseconds.
    pub time: Duration,
    /// Whether it can be decoded without any other.
    pub keyframe: bool,
    /// The picture.
    pub image: Image,
    /// The frame before, where it is known.
    pub(crate) before: Option<i64>,
}

impl Frame {
    /// The position that stands for this frame: its time rounded down to milliseconds, or to microseconds where
    /// milliseconds would give the frame before.
    pub fn position(&self) -> Duration {
        let time_base = Rational(self.time_base.0 as i32, self.time_base.1 as i32);
        canonical_position(self.pts, self.before, time_base)
    }
}

/// [`Frame::position`] of the frame at `pts` ticks after one at `before`.
pub(crate) fn canonical_position(pts: i64, before: Option<i64>, time_base: Rational) -> Duration {
    let time = to_time(pts, time_base);
    let millis = Duration::from_millis(time.as_millis() as u64);
    let ticks = to_ticks(millis, time_base);
    if before.is_none_or(|before| ticks > before) {
        millis
    } else {
        time
    }
}

/// Rounded down to microseconds; 0 for what lies before the start.
pub(crate) fn to_time(pts: i64, time_base: Rational) -> Duration {
    let micros = i128::from(pts) * 1_000_000 * i128::from(time_base.numerator())
        / i128::from(time_base.denominator().max(1));
    Duration::from_micros(u64::try_from(micros.max(0)).unwrap_or(u64::MAX))
}

/// As ffmpeg rounds a position: to the nearest tick.
pub(crate) fn to_ticks(position: Duration, time_base: Rational) -> i64 {
    i64::try_from(position.as_micros())
        .unwrap_or(i64::MAX)
        .rescale(MICROS, time_base)
}
