//! Timecodes of SMPTE ST 12-1, as editing programs show them.

use std::fmt;

use super::error::SelectorError;
use super::scan::{Numbers, Scanner, sixty};

/// The most digits of a frame's number in its second: rates go beyond 100.
const MAX_FRAME_DIGITS: usize = 3;

/// A timecode: `01:00:10:13`, or `01:00:10;13` where frame numbers are dropped to keep step with the clock at 29.97 and
/// 59.94 frames a second; `01;00;10;13` is the same. Which frame that is depends on the video's first timecode and its rate.
///
/// ```
/// use posterframe_contract::Timecode;
///
/// let timecode: Timecode = "1:00:10;13".parse().unwrap();
/// assert_eq!((timecode.hours, timecode.seconds, timecode.frames, timecode.drop), (1, 10, 13, true));
/// assert_eq!(timecode.to_string(), "01:00:10;13");
/// assert!("00:01:00;00".parse::<Timecode>().is_err(), "dropped at 29.97 as at 59.94");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Timecode {
    /// 0 to 23.
    pub hours: u8,
    /// 0 to 59.
    pub minutes: u8,
    /// 0 to 59.
    pub seconds: u8,
    /// Frames since the second, 0 to 999. The video's rate sets a lower limit.
    pub frames: u16,
    /// Whether it is of the kind that drops numbers: the first two of each minute but every tenth at 29.97 frames a
    /// second, the first four at 59.94.
    pub drop: bool,
}

impl Timecode {
    pub(super) fn of(scanner: &Scanner, numbers: &Numbers) -> Result<Self, SelectorError> {
        let [
            (hours_at, hours),
            (minutes_at, minutes),
            (seconds_at, seconds),
            (at, frames),
        ] = numbers.fields[..]
        else {
            return Err(scanner.error_at(numbers.start, "a timecode such as 01:00:10:13"));
        };
        if numbers.has_fraction() {
            return Err(scanner.error("whole frames"));
        }
        let below_60 = |place, digits| sixty(digits).ok_or_else(|| scanner.error_at(place, "0 to 59"));
        let hours = sixty(hours).filter(|&hours| hours < 24);
        let timecode = Self {
            hours: hours.ok_or_else(|| scanner.error_at(hours_at, "0 to 23"))? as u8,
            minutes: below_60(minutes_at, minutes)? as u8,
            seconds: below_60(seconds_at, seconds)? as u8,
            frames: Some(frames)
                .filter(|digits| digits.len() <= MAX_FRAME_DIGITS)
                .and_then(|digits| digits.parse().ok())
                .ok_or_else(|| scanner.error_at(at, "a frame from 0 to 999"))?,
            drop: numbers.drop,
        };
        let is_dropped = timecode.drop
            && !timecode.minutes.is_multiple_of(10)
            && timecode.seconds == 0
            && timecode.frames < 2;
        if is_dropped {
            return Err(scanner.error_at(at, "frame 2 or later, since 0 and 1 are dropped in this minute,"));
        }
        Ok(timecode)
    }
}

impl Timecode {
    /// The timecode as a part of a file's name, where colons and semicolons are not at home: `01-00-10-13`.
    pub fn name_part(self) -> String {
        let Self {
            hours,
            minutes,
            seconds,
            frames,
            ..
        } = self;
        format!("{hours:02}-{minutes:02}-{seconds:02}-{frames:02}")
    }
}

impl fmt::Display for Timecode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before_frames = if self.drop { ';' } else { ':' };
        write!(
            f,
            "{:02}:{:02}:{:02}{before_frames}{:02}",
            self.hours, self.minutes, self.seconds, self.frames
        )
    }
}
