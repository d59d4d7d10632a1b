//! Timecodes as arithmetic: from frames that are counted to what a timecode says of them, and back (SMPTE ST 12-1).
//!
//! Only whole numbers: a timecode counts frames, and at 29.97 frames a second it is not the time.

mod entry;
mod scale;

use std::fmt;

pub use entry::{Entry, FrameStep};
pub use scale::TimecodeScale;

use crate::Timecode;

/// The most frames of a second that a timecode has digits for.
const MAX_FRAMES: u16 = 999;
/// Rates, in multiples of which numbers can be dropped: 29.97 is 30 × 1000 / 1001.
const NTSC: u16 = 30;
/// Of 30 numbers, those that are dropped in each minute but every tenth.
const DROPPED_OF_NTSC: u16 = 2;

/// The frame rates that cameras, editing programs and broadcasters have timecode for, as numerator and denominator.
const STANDARD: [(u32, u32); 14] = [
    (24_000, 1001),
    (24, 1),
    (25, 1),
    (30_000, 1001),
    (30, 1),
    (48_000, 1001),
    (48, 1),
    (50, 1),
    (60_000, 1001),
    (60, 1),
    (96, 1),
    (100, 1),
    (120_000, 1001),
    (120, 1),
];

/// How many frames a timecode counts in a second, and whether it drops numbers.
///
/// At 29.97 frames a second, 30 are counted: the timecode of an hour is 3.6 s late. Drop-frame timecode leaves out the numbers 0
/// and 1 of each minute but every tenth, so that it keeps step with the clock. No frame is left out.
///
/// Invariant: 1 to 999 frames; numbers are dropped only where the frames are a multiple of 30.
///
/// ```
/// use posterframe_contract::TimecodeRate;
///
/// let rate = TimecodeRate::of((30_000, 1001), true).unwrap();
/// assert_eq!(rate.timecode(1_799).to_string(), "00:00:59;29");
/// assert_eq!(rate.timecode(1_800).to_string(), "00:01:00;02");
/// assert_eq!(rate.count("00:01:00;02".parse().unwrap()), Ok(1_800));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimecodeRate {
    frames: u16,
    drop: bool,
}

/// Why a timecode is that of no frame at a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimecodeError {
    /// A second has fewer frames.
    #[error("{timecode}: a second has {frames} frames here, 0 to {}", frames - 1)]
    FrameOfSecond {
        /// What is wrong.
        timecode: Timecode,
        /// The frames that a second has.
        frames: u16,
    },
    /// The number is dropped.
    #[error(
        "there is no {timecode}: drop-frame timecode leaves that number out, and {next} is the next frame"
    )]
    Dropped {
        /// What is wrong.
        timecode: Timecode,
        /// The timecode after the one before.
        next: Timecode,
    },
    /// It has a semicolon, and the video's timecodes drop no number.
    #[error("{timecode} is drop-frame timecode, and this video’s is not: write {instead}")]
    NotDropping {
        /// What is wrong.
        timecode: Timecode,
        /// The same numbers without the semicolon.
        instead: Timecode,
    },
    /// Hours, minutes or seconds that no clock shows.
    #[error("{0}: hours go to 23, minutes and seconds to 59")]
    NoClock(Timecode),
}

impl TimecodeRate {
    /// So many frames in a second. `None` where no timecode counts so many, or none that drops numbers.
    pub const fn new(frames: u16, drop: bool) -> Option<Self> {
        let is_valid = frames >= 1 && frames <= MAX_FRAMES && (!drop || frames.is_multiple_of(NTSC));
        if is_valid {
            Some(Self { frames, drop })
        } else {
            None
        }
    }

    /// The timecode of a video with this frame rate, as numerator and denominator: the nearest whole number of frames is counted
    /// in each second, at any rate.
    pub fn of((numerator, denominator): (u32, u32), drop: bool) -> Option<Self> {
        let (numerator, denominator) = (u64::from(numerator), u64::from(denominator));
        let frames = (numerator + denominator / 2).checked_div(denominator)?;
        Self::new(u16::try_from(frames).ok()?, drop)
    }

    /// Whether editing programs have timecode for videos of this frame rate. At others, frames are counted in seconds that
    /// may be of another length than those of the clock.
    pub fn is_standard((numerator, denominator): (u32, u32)) -> bool {
        let same = |&(other, by): &(u32, u32)| {
            u64::from(numerator) * u64::from(by) == u64::from(other) * u64::from(denominator)
        };
        denominator > 0 && STANDARD.iter().any(same)
    }

    /// The standard frame rates, as numerator and denominator.
    pub const fn standard() -> &'static [(u32, u32)] {
        &STANDARD
    }

    /// Frames of a second.
    pub const fn frames(self) -> u16 {
        self.frames
    }

    /// Whether numbers are dropped.
    pub const fn drops(self) -> bool {
        self.drop
    }

    /// The numbers that are dropped in each minute but every tenth.
    const fn dropped(self) -> u64 {
        if self.drop {
            (self.frames / NTSC * DROPPED_OF_NTSC) as u64
        } else {
            0
        }
    }

    /// The frames of a minute that drops no number.
    const fn whole_minute(self) -> u64 {
        60 * self.frames as u64
    }

    const fn ten_minutes(self) -> u64 {
        10 * self.whole_minute() - 9 * self.dropped()
    }

    /// The frames of 24 hours, after which timecodes begin again.
    pub const fn day(self) -> u64 {
        6 * 24 * self.ten_minutes()
    }

    /// The timecode `count` frames after 00:00:00:00, or before it. It wraps after 24 hours: one frame before is
    /// 23:59:59:29 or the like.
    pub const fn timecode(self, count: i64) -> Timecode {
        let count = count.rem_euclid(self.day() as i64) as u64;
        let (tens, rest) = (count / self.ten_minutes(), count % self.ten_minutes());
        // Of ten minutes the first drops none.
        let minutes = match rest.checked_sub(self.whole_minute()) {
            Some(after) => 1 + after / (self.whole_minute() - self.dropped()),
            None => 0,
        };
        let number = count + self.dropped() * (9 * tens + minutes);
        let (seconds, frames) = (number / self.frames as u64, number % self.frames as u64);
        Timecode {
            hours: (seconds / 3600) as u8,
            minutes: (seconds / 60 % 60) as u8,
            seconds: (seconds % 60) as u8,
            frames: frames as u16,
            drop: self.drop,
        }
    }

    /// The frames from 00:00:00:00 to `timecode`. A colon in place of the semicolon is taken for it: many keyboards have
    /// only numbers and a colon at hand, and what is meant is clear.
    ///
    /// # Errors
    /// No frame has this timecode; the error says what to write instead.
    pub fn count(self, timecode: Timecode) -> Result<u64, TimecodeError> {
        if timecode.hours >= 24 || timecode.minutes >= 60 || timecode.seconds >= 60 {
            return Err(TimecodeError::NoClock(timecode));
        }
        if timecode.frames >= self.frames {
            let frames = self.frames;
            return Err(TimecodeError::FrameOfSecond { timecode, frames });
        }
        if timecode.drop && !self.drop {
            let instead = Timecode {
                drop: false,
                ..timecode
            };
            return Err(TimecodeError::NotDropping { timecode, instead });
        }
        let is_in_question = !timecode.minutes.is_multiple_of(10) && timecode.seconds == 0;
        if is_in_question && u64::from(timecode.frames) < self.dropped() {
            let next = Timecode {
                frames: self.dropped() as u16,
                drop: true,
                ..timecode
            };
            return Err(TimecodeError::Dropped { timecode, next });
        }
        let fields = [timecode.hours, timecode.minutes, timecode.seconds];
        Ok(self.duration(fields.map(u64::from), u64::from(timecode.frames)))
    }

    /// The frames of a duration that is told as a timecode: hours, minutes and seconds, and frames.
    fn duration(self, [hours, minutes, seconds]: [u64; 3], frames: u64) -> u64 {
        let minutes = hours * 60 + minutes;
        let number = (minutes * 60 + seconds) * u64::from(self.frames) + frames;
        number.saturating_sub(self.dropped() * (minutes - minutes / 10))
    }
}

/// `30`, or `30 drop-frame`.
impl fmt::Display for TimecodeRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drop = if self.drop { " drop-frame" } else { "" };
        write!(f, "{}{drop}", self.frames)
    }
}

#[cfg(test)]
mod tests;
