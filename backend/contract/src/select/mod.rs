//! Which frames are wanted, as people, the command line and requests say it: one frame by its place, or several by a rule.
//!
//! | text | JSON |
//! | --- | --- |
//! | `10.541`, `1:02.5`, `500ms`, `253f`, `50%`, `last`, `-5s`, `01:00:10;13` | `{ "at": "50%" }` |
//! | `every 10s`, `every 250f` | `{ "rule": "every", "step": "10s" }` |
//! | `count 9` | `{ "rule": "count", "count": 9 }` |
//! | `keyframes`, `scenes` | `{ "rule": "scenes" }` |
//! | `best 5`, `best 5 apart 5s` | `{ "rule": "best", "count": 5, "apart": "5s" }` |

mod error;
mod json;
mod moment;
mod rule;
mod scan;
mod timecode;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Position;

pub use error::SelectorError;
pub(crate) use json::{RuleName, SelectorFields, SpellingError};
pub use moment::{Moment, Percent};
pub use rule::{MAX_STILLS, Rule, Stride};
pub(crate) use scan::Scanner;
pub use timecode::Timecode;

/// One frame, or all that a rule gives.
///
/// ```
/// use posterframe_contract::{Moment, Rule, Selector};
///
/// assert_eq!("253f".parse(), Ok(Selector::At(Moment::Frame(253))));
/// let best: Selector = "best 5 apart 5s".parse().unwrap();
/// assert_eq!(best.to_string().parse(), Ok(best));
/// assert_eq!(serde_json::to_string(&best).unwrap(), r#"{"rule":"best","count":5,"apart":"5s"}"#);
/// assert_eq!(
///     "every 10x".parse::<Selector>().unwrap_err().to_string(),
///     "“every 10x”: expected s, ms or f at “x” (character 9)"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "json::SelectorFields", into = "json::SelectorFields")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "json::SelectorFields"))]
pub enum Selector {
    /// The frame at this place.
    At(Moment),
    /// The frames that this rule gives.
    Rule(Rule),
}

impl Selector {
    /// The position, where it is a plain time: anybody can tell it without the video.
    pub const fn position(&self) -> Option<Position> {
        match self {
            Self::At(Moment::Time(position)) => Some(*position),
            _ => None,
        }
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut scanner = Scanner::new(text);
        scanner.skip_spaces();
        let found = match rule::scan(&mut scanner)? {
            Some(rule) => Self::Rule(rule),
            None => Self::At(moment::scan(&mut scanner, SelectorError::ANYTHING)?),
        };
        scanner.end()?;
        Ok(found)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(moment) => moment.fmt(f),
            Self::Rule(rule) => rule.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
