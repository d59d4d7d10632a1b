//! A position as people type it: a time, or a frame's number.

use std::str::FromStr;
use std::time::Duration;

use posterframe_contract::{Position, PositionError};
use posterframe_frame::{Cancel, FrameIndex, Source};

/// `10.5`, `1:02.5`, `01:02:03.500`, `500ms`, or `253f`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The first frame at or after this time.
    Time(Position),
    /// The frame of this number, counted from 0 in the order of display.
    Frame(usize),
}

impl FromStr for At {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text
            .trim()
            .strip_suffix(['f', 'F'])
            .filter(|number| !number.starts_with('+'));
        match number.and_then(|number| number.parse().ok()) {
            Some(number) => Ok(Self::Frame(number)),
            None => text.parse().map(Self::Time),
        }
    }
}

impl At {
    /// The positions in the video that `open` opens. Frame numbers are looked up in an index of all packets, which reads the
    /// whole file once.
    ///
    /// # Errors
    /// The video cannot be read, or has no frame of that number.
    pub fn positions<S: Into<Source>>(
        all: &[Self],
        open: impl FnOnce() -> anyhow::Result<S>,
    ) -> anyhow::Result<Vec<Position>> {
        let has_numbers = all.iter().any(|at| matches!(at, Self::Frame(_)));
        let index = if has_numbers {
            Some(FrameIndex::scan(open()?, &Cancel::default())?)
        } else {
            None
        };
        let position = |at: &Self| match (at, &index) {
            (Self::Time(position), _) => Ok(*position),
            (Self::Frame(number), Some(index)) if *number < index.len() => {
                Ok(from_duration(index.position(*number)))
            }
            (Self::Frame(number), index) => {
                let last = index.as_ref().map_or(0, FrameIndex::len).saturating_sub(1);
                anyhow::bail!("there is no frame {number}: the last one is {last}")
            }
        };
        all.iter().map(position).collect()
    }

    /// [`Self::positions`] of one.
    ///
    /// # Errors
    /// As those.
    pub fn position(self, video: impl Into<Source>) -> anyhow::Result<Position> {
        Ok(Self::positions(&[self], || Ok(video))?[0])
    }
}

/// The contract's position from the frame library's.
pub(crate) fn from_duration(time: Duration) -> Position {
    Position::from_micros(time.as_micros() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a frame's number is taken for a time, or the other way round.
    #[test]
    fn times_and_numbers() {
        assert_eq!("253f".parse(), Ok(At::Frame(253)));
        assert_eq!("253".parse(), Ok(At::Time(Position::from_micros(253_000_000))));
        assert_eq!("1:02.5".parse(), Ok(At::Time(Position::from_micros(62_500_000))));
        assert_eq!("500ms".parse(), Ok(At::Time(Position::from_micros(500_000))));
        assert_eq!("+1".parse(), Ok(At::Time(Position::from_micros(1_000_000))));
        for bad in ["f", "-1f", "+1f", "1.5f", "ten"] {
            assert!(bad.parse::<At>().is_err(), "{bad}");
        }
    }
}
