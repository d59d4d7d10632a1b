//! The place of one frame in a video.

use std::fmt;
use std::str::FromStr;

use super::error::SelectorError;
use super::scan::Scanner;
use super::timecode::Timecode;
use crate::Position;

/// A whole per cent in [`Percent::millionths`].
const PERCENT: u64 = 1_000_000;

/// One frame of a video, by its place.
///
/// ```
/// use posterframe_contract::{Moment, Position};
///
/// let ten_seconds = Position::from_micros(10_000_000);
/// assert_eq!("0:10".parse(), Ok(Moment::Time(ten_seconds)));
/// assert_eq!("-10s".parse(), Ok(Moment::FromEnd(ten_seconds)));
/// assert_eq!("10f".parse(), Ok(Moment::Frame(10)));
/// assert_eq!("last".parse(), Ok(Moment::Last));
/// for text in ["12.5%", "01:00:10:13"] {
///     assert_eq!(text.parse::<Moment>().unwrap().to_string(), text);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// `10.541`, `1:02.5`, `500ms`: the first frame at or after this time since the start.
    Time(Position),
    /// `253f`: the frame of this number, counted from 0 in the order of display.
    Frame(u64),
    /// `50%`: the first frame at or after this part of the way from the first frame to the last one.
    Part(Percent),
    /// `last`: the last frame.
    Last,
    /// `-5s`: the first frame at or after this time before the last frame.
    FromEnd(Position),
    /// `01:00:10:13`: the frame with this timecode.
    Timecode(Timecode),
}

impl FromStr for Timecode {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse()? {
            Moment::Timecode(timecode) => Ok(timecode),
            _ => Err(SelectorError::new(text, 0, "a timecode such as 01:00:10:13")),
        }
    }
}

impl From<Position> for Moment {
    fn from(position: Position) -> Self {
        Self::Time(position)
    }
}

/// A part of the whole, from 0 to 100 %, in millionths of a per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u32);

impl Percent {
    /// So many millionths of a per cent; `None` above 100 %.
    pub const fn from_millionths(millionths: u32) -> Option<Self> {
        if millionths as u64 <= 100 * PERCENT {
            Some(Self(millionths))
        } else {
            None
        }
    }

    /// Millionths of a per cent, at most 100,000,000.
    pub const fn millionths(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(f, u64::from(self.0))?;
        f.write_str("%")
    }
}

/// Millionths as whole ones, with only the decimals that are needed.
fn write_decimal(f: &mut fmt::Formatter<'_>, millionths: u64) -> fmt::Result {
    let (whole, rest) = (millionths / 1_000_000, millionths % 1_000_000);
    let digits = format!("{rest:06}");
    match digits.trim_end_matches('0') {
        "" => write!(f, "{whole}"),
        digits => write!(f, "{whole}.{digits}"),
    }
}

/// A place from where `scanner` is. `expected` says what could be there.
pub(super) fn scan(scanner: &mut Scanner, expected: &str) -> Result<Moment, SelectorError> {
    if scanner.next_word() == "last" {
        scanner.word();
        return Ok(Moment::Last);
    }
    if scanner.eat('-') {
        let numbers = scanner.numbers("a time such as 5s")?;
        return scanner.time_of(&numbers, "s or ms").map(Moment::FromEnd);
    }
    let numbers = scanner.numbers(expected)?;
    if numbers.fields.len() == 4 {
        return Timecode::of(scanner, &numbers).map(Moment::Timecode);
    }
    if let Some(digits) = numbers.single()
        && scanner.eat('%')
    {
        let whole = digits
            .parse()
            .ok()
            .and_then(|whole: u64| whole.checked_mul(PERCENT));
        let part = whole.and_then(|whole| whole.checked_add(numbers.millionths()));
        let part = part.and_then(|part| Percent::from_millionths(u32::try_from(part).ok()?));
        return part
            .map(Moment::Part)
            .ok_or_else(|| scanner.error_at(numbers.start, "0 to 100"));
    }
    if let Some(digits) = numbers.whole()
        && matches!(scanner.next_word(), "f" | "F")
    {
        scanner.word();
        let number = digits.parse().map(Moment::Frame);
        return number.map_err(|_| scanner.error_at(numbers.start, "a smaller number"));
    }
    scanner.time_of(&numbers, "s, ms, f or %").map(Moment::Time)
}

impl FromStr for Moment {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut scanner = Scanner::new(text);
        scanner.skip_spaces();
        let moment = scan(&mut scanner, SelectorError::MOMENT)?;
        scanner.end()?;
        Ok(moment)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(position) => position.fmt(f),
            Self::Frame(number) => write!(f, "{number}f"),
            Self::Part(part) => part.fmt(f),
            Self::Last => f.write_str("last"),
            Self::FromEnd(position) => {
                f.write_str("-")?;
                write_decimal(f, position.as_micros())?;
                f.write_str("s")
            }
            Self::Timecode(timecode) => timecode.fmt(f),
        }
    }
}
