//! The timecodes of one video: those of a rate, from its first frame's on.

use super::{TimecodeError, TimecodeRate};
use crate::Timecode;

/// The timecodes of one video's frames.
///
/// ```
/// use posterframe_contract::{TimecodeRate, TimecodeScale};
///
/// let rate = TimecodeRate::of((25, 1), false).unwrap();
/// let scale = TimecodeScale::new(rate, "10:00:00:00".parse().unwrap()).unwrap();
/// assert_eq!(scale.timecode(263).to_string(), "10:00:10:13");
/// assert_eq!(scale.number("10:00:10:13".parse().unwrap()), Ok(263));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimecodeScale {
    rate: TimecodeRate,
    /// Frames from 00:00:00:00 to the first frame's timecode, less than a day.
    start: u64,
}

impl TimecodeScale {
    /// The first frame has the timecode `start`.
    ///
    /// # Errors
    /// There is no such timecode at this rate.
    pub fn new(rate: TimecodeRate, start: Timecode) -> Result<Self, TimecodeError> {
        let start = rate.count(start)?;
        Ok(Self { rate, start })
    }

    /// The first frame has 00:00:00:00.
    pub const fn from_zero(rate: TimecodeRate) -> Self {
        Self { rate, start: 0 }
    }

    /// What a container says of its first frame: `01:00:00:00`, `01:00:00;00` where numbers are dropped, also with another
    /// separator there or with semicolons throughout. `-00:00:02:00` is two seconds before midnight: a file that begins before the
    /// zero of its timecodes. The text counts `frames` a second. The video has `per_count` times as many: a camera may count 30
    /// where it takes 60.
    ///
    /// `None` where it is no timecode at this rate.
    pub fn parse_start(text: &str, frames: u16, per_count: u16) -> Option<Self> {
        let text = text.trim();
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let fields: Vec<&str> = digits.split([':', ';', '.', ',']).collect();
        let [hours, minutes, seconds, frame] = fields[..] else {
            return None;
        };
        let drop = digits.contains([';', '.', ',']);
        let is_number = |field: &&str| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit());
        if !fields.iter().all(is_number) {
            return None;
        }
        let timecode = Timecode {
            hours: hours.parse().ok()?,
            minutes: minutes.parse().ok()?,
            seconds: seconds.parse().ok()?,
            frames: frame.parse().ok()?,
            drop,
        };
        let rate = TimecodeRate::new(frames, drop)?;
        let start = i64::try_from(rate.count(timecode).ok()? * u64::from(per_count)).ok()?;
        let rate = TimecodeRate::new(frames.checked_mul(per_count)?, drop)?;
        let start = if is_negative { -start } else { start };
        let start = start.rem_euclid(rate.day() as i64) as u64;
        Some(Self { rate, start })
    }

    /// How frames are counted.
    pub const fn rate(self) -> TimecodeRate {
        self.rate
    }

    /// The first frame's timecode.
    pub const fn start(self) -> Timecode {
        self.timecode(0)
    }

    /// The timecode of the frame of this number, counted from 0. After 24 hours they begin again.
    pub const fn timecode(self, number: u64) -> Timecode {
        let day = self.rate.day();
        // Both are less than a day, and their sum is less than what fits.
        self.rate.timecode((self.start + number % day) as i64)
    }

    /// The number of the first frame with this timecode, less than a day of frames.
    ///
    /// # Errors
    /// No frame has it, at this rate.
    pub fn number(self, timecode: Timecode) -> Result<u64, TimecodeError> {
        let (count, day) = (self.rate.count(timecode)?, self.rate.day());
        Ok((count + day - self.start) % day)
    }
}
