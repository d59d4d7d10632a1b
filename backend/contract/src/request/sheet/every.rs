//! How far apart the tiles of a sheet are.

use std::fmt;
use std::str::FromStr;

use super::SheetError;
use crate::Position;
use crate::step::Step;

/// The most tiles of a sheet: a day at one in ten seconds.
pub const MAX_TILES: u32 = 10_000;
/// What follows a number of tiles. Without it, a number is one of seconds.
const TILES: &str = "tiles";

/// The time from one tile to the next, or how many of them share the video evenly: one sheet for people is as good a size for
/// a clip as for a film, where any step would be too long for the one or too short for the other.
///
/// ```
/// use posterframe_contract::Every;
///
/// let all = ["10s", "0.5s", "24tiles"];
/// assert_eq!(all.map(|text| text.parse::<Every>().unwrap().to_string()), all);
/// assert_eq!("24".parse::<Every>(), "24s".parse());
/// assert!("0tiles".parse::<Every>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// One tile in this time.
    Step(Step),
    /// So many tiles, from 1 to [`MAX_TILES`].
    Tiles(u32),
}

impl FromStr for Every {
    type Err = SheetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || SheetError::Step(text.to_owned());
        if let Some(count) = text.strip_suffix(TILES) {
            let count = count.parse().ok();
            return count
                .filter(|count| (1..=MAX_TILES).contains(count))
                .map(Self::Tiles)
                .ok_or_else(wrong);
        }
        text.parse().map(Self::Step)
    }
}

/// Here, beside the error that it has in common with what else a sheet says.
impl FromStr for Step {
    type Err = SheetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let distance: Option<Position> = text.parse().ok();
        let step = distance.and_then(Self::new);
        step.ok_or_else(|| SheetError::Step(text.to_owned()))
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => step.fmt(f),
            Self::Tiles(count) => write!(f, "{count}{TILES}"),
        }
    }
}
