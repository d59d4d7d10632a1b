//! A distance in time: from one tile of a sheet to the next, from one frame of a rule to the next.

use std::fmt;

use crate::Position;

/// The least distance, in microseconds.
const LEAST_STEP: u64 = 100_000;

/// A distance in time, of at least a tenth of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(Position);

impl Step {
    /// This distance; `None` below a tenth of a second.
    pub fn new(distance: Position) -> Option<Self> {
        (distance.as_micros() >= LEAST_STEP).then_some(Self(distance))
    }

    /// So many whole seconds, at least one.
    pub(crate) const fn of_seconds(seconds: u64) -> Self {
        assert!(seconds > 0, "the next one is later");
        Self(Position::from_micros(seconds * 1_000_000))
    }

    /// In microseconds.
    pub const fn as_micros(self) -> u64 {
        self.0.as_micros()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, micros) = (self.as_micros() / 1_000_000, self.as_micros() % 1_000_000);
        let digits = format!("{micros:06}");
        match digits.trim_end_matches('0') {
            "" => write!(f, "{seconds}s"),
            digits => write!(f, "{seconds}.{digits}s"),
        }
    }
}
