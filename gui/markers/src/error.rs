//! Why a list cannot be read or written, and where.

use posterframe_contract::{Position, SelectorError};

use crate::Format;

/// Why a list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Counted from 1; 0 where it is the whole list.
    line: u64,
    /// Counted from 1: the field of a table, or else the character of the line.
    column: u64,
    what: String,
}

impl ReadError {
    pub(crate) fn at(line: u64, column: u64, what: impl Into<String>) -> Self {
        Self {
            line,
            column,
            what: what.into(),
        }
    }

    pub(crate) fn whole(what: impl Into<String>) -> Self {
        Self::at(0, 0, what)
    }

    /// A position that is none, in the field of a table.
    pub(crate) fn moment(line: u64, column: u64, error: &SelectorError) -> Self {
        Self::at(line, column, error.to_string())
    }

    /// The line, counted from 1; `None` where it is the whole list that is wrong.
    pub fn line(&self) -> Option<u64> {
        (self.line > 0).then_some(self.line)
    }

    /// The column, counted from 1: the field of a table, or else the character of the line.
    pub fn column(&self) -> Option<u64> {
        (self.line > 0).then_some(self.column)
    }
}

impl std::error::Error for ReadError {}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => f.write_str(&self.what),
            line => write!(f, "line {line}, column {}: {}", self.column, self.what),
        }
    }
}

/// Why a list cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Its frames are told by timecodes, and the video has none.
    #[error(
        "{format} lists tell frames by timecode, and this video has none for the frame at {position}: write CSV or WebVTT"
    )]
    NoTimecode {
        /// The format.
        format: Format,
        /// The frame.
        position: Position,
    },
    /// Its times are too coarse.
    #[error("WebVTT has milliseconds, which do not tell the frame at {0} from the one before: write CSV")]
    TooClose(Position),
    /// It has no place for a file's name.
    #[error("{0} lists are of one video: write CSV or EDL")]
    SeveralVideos(Format),
}
