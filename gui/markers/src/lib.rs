//! Lists of marked frames, as people keep them and as editing programs write them: read, and written.
//!
//! | format | from and for | how a frame is told |
//! | --- | --- | --- |
//! | CSV | spreadsheets, scripts | `time`, `timecode` or `frame`; also `file`, `name`, `note` |
//! | EDL | `DaVinci` Resolve: timeline markers | timecode |
//! | Premiere's markers | Premiere Pro: tabs, UTF-16 or UTF-8 | timecode |
//! | `WebVTT` | players, and programs for captions | time |
//!
//! The crate knows no video: what is read says where a frame is ([`Moment`]), and which frame that is depends on the video;
//! what is written is of frames that were found. Files are anybody's: their size is bounded, and an error leads to the line and
//! the column.
//!
//! ```
//! use posterframe_markers::{Format, read};
//!
//! let list = read(b"name,timecode,note\nOpening,01:00:10;13,\"wide, dark\"\n").unwrap();
//! assert_eq!(list.format, Format::Csv);
//! assert_eq!((&*list.markers[0].name, &*list.markers[0].note), ("Opening", "wide, dark"));
//! let error = read(b"name,timecode\nOpening,1:2\nEnd,1:99\n").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "line 3, column 2: “1:99”: expected 0 to 59 at “99” (character 3)"
//! );
//! ```

mod csv_list;
mod edl;
mod error;
mod premiere;
mod table;
mod text;
mod vtt;

use std::fmt;

use posterframe_contract::{Moment, Position, Timecode, TimecodeScale};

pub use error::{ReadError, WriteError};

/// The most bytes of a list: 16 MiB, which is more than a hundred thousand marks.
pub const MAX_LIST_BYTES: usize = 16 << 20;

/// A frame that a list marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The video that it is of, where the list says so: a file's name or path.
    pub file: Option<String>,
    /// Where it is.
    pub at: Moment,
    /// What it is called; maybe empty.
    pub name: String,
    /// What there is to say of it; maybe empty, or several lines.
    pub note: String,
}

/// A list that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// What it is written in.
    pub format: Format,
    /// In the order of the list; at least one.
    pub markers: Vec<Marker>,
}

/// A frame that was found, to be written into a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The video's file name, where the list is to say it.
    pub file: Option<String>,
    /// The position that leads to the frame.
    pub position: Position,
    /// Its number, counted from 0, where it is known.
    pub number: Option<u64>,
    /// Its timecode, where the video has any.
    pub timecode: Option<Timecode>,
    /// What it is called; maybe empty.
    pub name: String,
    /// What there is to say of it; maybe empty.
    pub note: String,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A table with a line of names above it.
    Csv,
    /// An edit decision list with `DaVinci` Resolve's markers.
    Edl,
    /// Premiere Pro's markers: a table with tabs, in UTF-16.
    Premiere,
    /// Cues of `WebVTT`.
    WebVtt,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Edl, Self::Premiere, Self::WebVtt];

    /// The extension of a file in it.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Edl => "edl",
            Self::Premiere => "txt",
            Self::WebVtt => "vtt",
        }
    }

    /// The format of a file with this extension, in upper or lower case.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.extension().eq_ignore_ascii_case(extension))
    }
}

/// The name as people write it.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::Edl => "EDL",
            Self::Premiere => "Premiere’s markers",
            Self::WebVtt => "WebVTT",
        })
    }
}

/// Reads a list, in whichever format it is. What is told by tabs, by `WEBVTT` or by a `TITLE:` is that; anything else is CSV.
///
/// # Errors
/// The first thing that is wrong, with its line and its column; or there is no marker.
pub fn read(bytes: &[u8]) -> Result<List, ReadError> {
    if bytes.len() > MAX_LIST_BYTES {
        return Err(ReadError::whole(format!(
            "expected at most {MAX_LIST_BYTES} bytes, not {}",
            bytes.len()
        )));
    }
    let text = text::decode(bytes)?;
    let format = format_of(&text);
    let markers = match format {
        Format::Csv => csv_list::read(&text),
        Format::Edl => edl::read(&text),
        Format::Premiere => premiere::read(&text),
        Format::WebVtt => vtt::read(&text),
    }?;
    if markers.is_empty() {
        return Err(ReadError::whole(format!(
            "there is no marker in this {format} list"
        )));
    }
    Ok(List { format, markers })
}

fn format_of(text: &str) -> Format {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    if vtt::is_one(text) {
        Format::WebVtt
    } else if premiere::is_one(first) {
        Format::Premiere
    } else if edl::is_one(first, text) {
        Format::Edl
    } else {
        Format::Csv
    }
}

/// A list of these frames, of the video that is called `title`, whose timecodes are those of `scale`.
///
/// # Errors
/// The format cannot say what is asked: where a frame is, or of which video.
pub fn write(
    format: Format,
    found: &[Found],
    title: &str,
    scale: Option<TimecodeScale>,
) -> Result<Vec<u8>, WriteError> {
    match format {
        Format::Csv => Ok(csv_list::write(found)),
        Format::Edl => edl::write(found, title, scale),
        Format::Premiere => premiere::write(found, scale),
        Format::WebVtt => vtt::write(found),
    }
}

#[cfg(test)]
mod tests;
