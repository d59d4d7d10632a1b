//! What people type to go to a frame of the video before them.

use super::TimecodeRate;
use crate::Moment;
use crate::select::SelectorError;

/// The most digits of a field: more than any video has frames.
const MAX_DIGITS: usize = 9;

/// A place, or a way from where one is.
///
/// | text | where frames are counted | where times are |
/// | --- | --- | --- |
/// | `+12`, `-12` | frames on, frames back | 12 s; 12 s before the last frame |
/// | `+1:00`, `-1:00` | a second on, a second back | (error); a minute before the last frame |
/// | `+12f`, `-12f` | frames on, frames back | the same |
/// | anything else | a [`Moment`] | the same |
///
/// ```
/// use posterframe_contract::{Entry, Moment, TimecodeRate};
///
/// let rate = TimecodeRate::of((25, 1), false).unwrap();
/// let frames = |text| match Entry::parse(text, true) {
///     Ok(Entry::By(step)) => step.frames(rate),
///     other => panic!("{other:?}"),
/// };
/// assert_eq!((frames("+12"), frames("-1:00"), frames("+1:00:05")), (12, -25, 1505));
/// assert!(matches!(Entry::parse("-1:00", false), Ok(Entry::To(Moment::FromEnd(_)))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// To this place.
    To(Moment),
    /// So far from where one is.
    By(FrameStep),
}

/// A distance in frames, told as a timecode is: `+12`, `-1:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameStep {
    back: bool,
    /// Hours, minutes, seconds.
    clock: [u64; 3],
    frames: u64,
}

impl Entry {
    /// Reads what was typed. `counts_frames` says whether the field shows timecodes or frame numbers, in which a number with a
    /// sign is a number of frames; in a field of times it is a time.
    ///
    /// # Errors
    /// It is neither a place nor a distance.
    pub fn parse(text: &str, counts_frames: bool) -> Result<Self, SelectorError> {
        match step(text.trim(), counts_frames) {
            Some(step) => Ok(Self::By(step)),
            None => text.parse().map(Self::To),
        }
    }
}

fn step(text: &str, counts_frames: bool) -> Option<FrameStep> {
    let (back, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+')?),
    };
    let number = |digits: &str| {
        let is_number =
            (1..=MAX_DIGITS).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    };
    if let Some(digits) = text.strip_suffix(['f', 'F']) {
        let frames = number(digits)?;
        let clock = [0; 3];
        return Some(FrameStep { back, clock, frames });
    }
    if !counts_frames {
        return None;
    }
    let mut fields = text.rsplit([':', ';']);
    let frames = number(fields.next()?)?;
    let mut clock = [0; 3];
    for (place, digits) in clock.iter_mut().rev().zip(fields.by_ref()) {
        *place = number(digits)?;
    }
    fields
        .next()
        .is_none()
        .then_some(FrameStep { back, clock, frames })
}

impl FrameStep {
    /// The frames of it where `rate` are counted; negative for a step back.
    pub fn frames(self, rate: TimecodeRate) -> i64 {
        let frames = rate.duration(self.clock, self.frames);
        // At most a billion hours of a thousand frames a second.
        if self.back {
            -(frames as i64)
        } else {
            frames as i64
        }
    }
}
