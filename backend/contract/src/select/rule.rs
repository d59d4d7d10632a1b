//! Rules that give several frames of a video.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use super::error::SelectorError;
use super::scan::Scanner;
use crate::step::Step;

/// The most stills of a task.
pub const MAX_STILLS: usize = 1_000;
/// The most frames that a rule can ask for by their count.
pub(super) const MAX_COUNT: u32 = MAX_STILLS as u32;

/// Several frames of a video, by what they have in common.
///
/// ```
/// use posterframe_contract::Rule;
///
/// for text in ["every 10s", "every 250f", "count 9", "keyframes", "scenes", "best 5", "best 5 apart 2.5s"] {
///     assert_eq!(text.parse::<Rule>().unwrap().to_string(), text);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// `every 10s`, `every 250f`: the first frame, and one at each further step.
    Every(Stride),
    /// `count 9`: so many, evenly, the first and the last half a step from the ends. 1 to 1,000.
    Count(u32),
    /// `keyframes`: all that can be decoded without other frames.
    Keyframes,
    /// `scenes`: the first whole frame of each scene.
    Scenes,
    /// `best 5 apart 5s`: those that make the best stills.
    Best {
        /// How many at most, 1 to 1,000.
        count: u32,
        /// The least time between two of them, where it matters.
        apart: Option<Step>,
    },
}

/// The distance from one frame to the next, in time or in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stride {
    /// `10s`: at least a tenth of a second.
    Time(Step),
    /// `250f`: at least one frame.
    Frames(NonZeroU64),
}

/// The units that a [`Stride`] can have.
const UNITS: &str = "s, ms or f";

fn scan_step(scanner: &mut Scanner) -> Result<Step, SelectorError> {
    let place = scanner.place();
    let time = scanner.time("a time such as 10s")?;
    Step::new(time).ok_or_else(|| scanner.error_at(place, "at least 0.1s"))
}

fn scan_stride(scanner: &mut Scanner) -> Result<Stride, SelectorError> {
    let numbers = scanner.numbers("a time such as 10s or a number of frames such as 250f")?;
    if let Some(digits) = numbers.whole()
        && matches!(scanner.next_word(), "f" | "F")
    {
        scanner.word();
        let frames = digits.parse().map(Stride::Frames);
        return frames.map_err(|_| scanner.error_at(numbers.start, "at least one frame"));
    }
    let time = scanner.time_of(&numbers, UNITS)?;
    let step = Step::new(time).map(Stride::Time);
    step.ok_or_else(|| scanner.error_at(numbers.start, "at least 0.1s"))
}

/// A rule from where `scanner` is, which is at no space; `None` where it begins with none of their names, and then nothing is
/// read.
pub(super) fn scan(scanner: &mut Scanner) -> Result<Option<Rule>, SelectorError> {
    let name = scanner.next_word();
    if !matches!(name, "every" | "count" | "keyframes" | "scenes" | "best") {
        return Ok(None);
    }
    scanner.word();
    let spaces = |scanner: &mut Scanner, expected: &str| {
        let is_there = scanner.skip_spaces();
        is_there.then_some(()).ok_or_else(|| scanner.error(expected))
    };
    let count = |scanner: &mut Scanner| {
        spaces(scanner, &format!("a space and a number from 1 to {MAX_COUNT}"))?;
        scanner.count(MAX_COUNT)
    };
    Ok(Some(match name {
        "every" => {
            spaces(scanner, "a space and a step such as 10s or 250f")?;
            Rule::Every(scan_stride(scanner)?)
        }
        "count" => Rule::Count(count(scanner)?),
        "keyframes" => Rule::Keyframes,
        "scenes" => Rule::Scenes,
        _ => {
            let count = count(scanner)?;
            let has_more = scanner.skip_spaces() && scanner.next_word() == "apart";
            let apart = has_more.then(|| {
                scanner.word();
                spaces(scanner, "a space and a time such as 5s")?;
                scan_step(scanner)
            });
            Rule::Best {
                count,
                apart: apart.transpose()?,
            }
        }
    }))
}

impl FromStr for Rule {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut scanner = Scanner::new(text);
        scanner.skip_spaces();
        let rule = scan(&mut scanner)?;
        let rule = rule.ok_or_else(|| scanner.error(SelectorError::RULE))?;
        scanner.end()?;
        Ok(rule)
    }
}

impl FromStr for Stride {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut scanner = Scanner::new(text);
        scanner.skip_spaces();
        let stride = scan_stride(&mut scanner)?;
        scanner.end()?;
        Ok(stride)
    }
}

impl fmt::Display for Stride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(step) => step.fmt(f),
            Self::Frames(frames) => write!(f, "{frames}f"),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every(stride) => write!(f, "every {stride}"),
            Self::Count(count) => write!(f, "count {count}"),
            Self::Keyframes => f.write_str("keyframes"),
            Self::Scenes => f.write_str("scenes"),
            Self::Best { count, apart } => {
                write!(f, "best {count}")?;
                apart.map_or(Ok(()), |apart| write!(f, " apart {apart}"))
            }
        }
    }
}
