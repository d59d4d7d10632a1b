//! A frame that was asked for, and the position that stands for it.

use std::time::Duration;

use ffmpeg_next::{Rational, Rescale};
use posterframe_contract::Timecode;

use crate::deinterlace::Deinterlaced;
use crate::{Deinterlace, Image};

pub(crate) const MICROS: Rational = Rational(1, 1_000_000);

/// A frame, with its time.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its timestamp in ticks of [`Self::time_base`], counted from the start of the video.
    pub pts: i64,
    /// The time base: seconds per tick, as numerator and denominator.
    pub time_base: (u32, u32),
    /// Its time since the start of the video, rounded down to microseconds.
    pub time: Duration,
    /// Whether it can be decoded without other frames.
    pub keyframe: bool,
    /// Its number, counted from 0, where the way to it tells: all frames before it came out, or the container's index has
    /// them all. The same as in [`FrameIndex`](crate::FrameIndex).
    pub number: Option<u64>,
    /// Its timecode, where the video has any, and this frame is where they say.
    pub timecode: Option<Timecode>,
    /// The picture.
    pub image: Image,
    /// The frame before, where it is known.
    pub(crate) before: Option<i64>,
    /// The picture without one of its fields, where [`Options::deinterlace`](crate::Options::deinterlace) asks for it.
    pub(crate) deinterlaced: Option<Deinterlaced>,
}

impl Frame {
    /// The deinterlaced picture, where `wanted` asks for it in place of [`Self::image`], and
    /// [`Options::deinterlace`](crate::Options::deinterlace) asked for as much.
    pub fn deinterlaced(&self, wanted: Deinterlace) -> Option<&Image> {
        let deinterlaced = self.deinterlaced.as_ref()?;
        match wanted {
            Deinterlace::Off => None,
            Deinterlace::Auto => deinterlaced.is_marked.then_some(&deinterlaced.image),
            Deinterlace::On => Some(&deinterlaced.image),
        }
    }

    /// The position that stands for this frame: its time rounded down to milliseconds, or to microseconds where
    /// milliseconds would give the frame before.
    pub fn position(&self) -> Duration {
        let time_base = Rational(self.time_base.0 as i32, self.time_base.1 as i32);
        canonical_position(self.pts, self.before, time_base)
    }

    /// The earliest position, in whole microseconds, for which this frame is known to be the answer: where the frame
    /// before is known, right after that one.
    pub fn earliest_position(&self) -> Duration {
        let time_base = Rational(self.time_base.0 as i32, self.time_base.1 as i32);
        earliest_position(self.pts, self.before, time_base)
    }
}

fn earliest_position(pts: i64, before: Option<i64>, time_base: Rational) -> Duration {
    let position = canonical_position(pts, before, time_base);
    before.map_or(position, |before| {
        // Rounded up: what is rounded down may be nearer to the tick before.
        let after = to_time(before.saturating_add(1), time_base) + Duration::from_micros(1);
        after.min(position)
    })
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

/// Ticks as a time, rounded down to microseconds; 0 for ticks before the start.
pub(crate) fn to_time(pts: i64, time_base: Rational) -> Duration {
    let micros = i128::from(pts) * 1_000_000 * i128::from(time_base.numerator())
        / i128::from(time_base.denominator().max(1));
    Duration::from_micros(u64::try_from(micros.max(0)).unwrap_or(u64::MAX))
}

/// A position in ticks, rounded to the nearest tick like in ffmpeg.
pub(crate) fn to_ticks(position: Duration, time_base: Rational) -> i64 {
    i64::try_from(position.as_micros())
        .unwrap_or(i64::MAX)
        .rescale(MICROS, time_base)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the earliest position leads to the frame before, or says less than is known.
    #[test]
    fn from_right_after_the_frame_before() {
        for (den, pts, before) in [
            (30, 10, 9),
            (90_000, 3_003, 0),
            (10_000_000, 333_333, 1),
            (1_000_000, 5, 4),
        ] {
            let time_base = Rational(1, den);
            let earliest = earliest_position(pts, Some(before), time_base);
            let ticks = to_ticks(earliest, time_base);
            assert!(before < ticks && ticks <= pts, "{ticks} in ({before}, {pts}]");
            assert!(earliest <= to_time(before + 1, time_base) + Duration::from_micros(1));
            assert_eq!(
                earliest_position(pts, None, time_base),
                canonical_position(pts, None, time_base)
            );
        }
    }
}
