//! A sheet to make of a video: pictures at equal distances as tiles of one picture, with a WebVTT file for players.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::output::OutputSize;
use crate::format::Format;
use crate::strict::FormatError;
use crate::{Position, names};

/// The least time from one tile to the next, in microseconds.
const LEAST_STEP: u64 = 100_000;
/// The longest side of a tile in pixels.
pub const MAX_TILE: u32 = 1_024;
/// The most pixels across. What decodes everywhere has at most 16,383.
const MAX_WIDTH: u32 = 16_000;
/// The most tiles side by side.
const MAX_COLUMNS: u32 = 50;
const COLUMNS: u32 = 10;

/// A sheet to make of the whole video: `<name>-sheet.jpg` and `<name>-sheet.vtt`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SheetRequest {
    /// The time from one tile to the next, such as `10s`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub every: Step,
    /// A tile's width and height in pixels: `160x90`, or `160x` and `x90`, where the other follows from the video's shape.
    #[cfg_attr(test, schemars(with = "String"))]
    pub tile: OutputSize,
    /// Tiles side by side.
    #[serde(default = "columns")]
    #[cfg_attr(test, schemars(range(min = 1, max = 50)))]
    pub columns: u32,
    /// The file's format: JPEG, WebP or PNG.
    #[serde(default = "jpeg")]
    pub format: Format,
    /// Whether there is a WebVTT file, too.
    #[serde(default = "yes")]
    pub vtt: bool,
    /// Whether the tiles are the frames at those very times. Otherwise they are keyframes near them, which takes a fraction
    /// of the time.
    #[serde(default)]
    pub exact: bool,
}

/// What players want as a rule: a tile of 160 × 90 pixels every ten seconds.
pub const STORYBOARD: SheetRequest = SheetRequest {
    every: Step(Position::from_micros(10_000_000)),
    tile: OutputSize {
        width: Some(160),
        height: Some(90),
    },
    columns: COLUMNS,
    format: Format::Jpeg,
    vtt: true,
    exact: false,
};

const fn columns() -> u32 {
    COLUMNS
}

const fn jpeg() -> Format {
    Format::Jpeg
}

const fn yes() -> bool {
    true
}

/// A distance in time, of at least a tenth of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step(Position);

impl Step {
    /// This distance; `None` below a tenth of a second.
    pub fn new(distance: Position) -> Option<Self> {
        (distance.as_micros() >= LEAST_STEP).then_some(Self(distance))
    }

    /// In microseconds.
    pub const fn as_micros(self) -> u64 {
        self.0.as_micros()
    }
}

impl FromStr for Step {
    type Err = SheetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let distance: Option<Position> = text.parse().ok();
        distance
            .and_then(Self::new)
            .ok_or_else(|| SheetError::Step(text.to_owned()))
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

/// Why a text is no sheet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// It has no `@`.
    #[error("expected a tile’s size and a time, such as 160x90@10s, not “{0}”")]
    Text(String),
    /// The size is none.
    #[error("expected a tile’s size such as 160x90, each side from 1 to {MAX_TILE}, not “{0}”")]
    Tile(String),
    /// The time is none.
    #[error("expected a time such as 10s, 0.5s or 1:00, at least 0.1s, not “{0}”")]
    Step(String),
    /// A part is unknown.
    #[error("expected columns=1 to {MAX_COLUMNS}, exact, no-vtt, jpeg, webp or png, not “{0}”")]
    Part(String),
}

/// A tile's size and a step, and what is to be different, separated by colons.
///
/// ```
/// use posterframe_contract::{Format, SheetRequest};
///
/// let sheet: SheetRequest = "160x90@10s:columns=8:webp".parse().unwrap();
/// assert_eq!((sheet.every.as_micros(), sheet.columns, sheet.format), (10_000_000, 8, Format::Webp));
/// assert_eq!(sheet.to_string().parse(), Ok(sheet));
/// assert!("160x90".parse::<SheetRequest>().is_err() && "160x90@0s".parse::<SheetRequest>().is_err());
/// ```
impl FromStr for SheetRequest {
    type Err = SheetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "storyboard" {
            return Ok(STORYBOARD);
        }
        let mut parts = text.split('@');
        let (Some(tile), Some(rest), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(SheetError::Text(text.to_owned()));
        };
        // A step may have colons; what follows it begins with a letter.
        let is_part = |part: &&str| part.starts_with(|first: char| first.is_ascii_alphabetic());
        let all: Vec<&str> = rest.split(':').collect();
        let of_step = all.iter().take_while(|part| !is_part(part)).count();
        let size: Result<OutputSize, _> = tile.parse();
        let mut sheet = Self {
            every: all[..of_step].join(":").parse()?,
            tile: size.map_err(|_| SheetError::Tile(tile.to_owned()))?,
            columns: COLUMNS,
            format: Format::Jpeg,
            vtt: true,
            exact: false,
        };
        if !sheet.has_a_small_tile() {
            return Err(SheetError::Tile(tile.to_owned()));
        }
        for part in &all[of_step..] {
            let columns = part.strip_prefix("columns=").and_then(|count| count.parse().ok());
            match (*part, columns, Format::of_extension(part)) {
                (_, Some(columns), _) if (1..=MAX_COLUMNS).contains(&columns) => sheet.columns = columns,
                ("exact", ..) => sheet.exact = true,
                ("no-vtt", ..) => sheet.vtt = false,
                (_, None, Some(format)) => sheet.format = format,
                _ => return Err(SheetError::Part((*part).to_owned())),
            }
        }
        Ok(sheet)
    }
}

impl fmt::Display for SheetRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.tile, self.every)?;
        if self.columns != COLUMNS {
            write!(f, ":columns={}", self.columns)?;
        }
        if self.exact {
            f.write_str(":exact")?;
        }
        if !self.vtt {
            f.write_str(":no-vtt")?;
        }
        match self.format {
            Format::Jpeg => Ok(()),
            other => write!(f, ":{}", other.extension()),
        }
    }
}

impl SheetRequest {
    fn has_a_small_tile(&self) -> bool {
        let sides = [self.tile.width, self.tile.height];
        sides.into_iter().flatten().all(|side| side <= MAX_TILE)
    }

    /// Whether sizes and counts are within the limits.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place below `place`, such as `sheets[0]`.
    pub fn check(&self, place: &str) -> Result<(), FormatError> {
        let width = self.tile.width.unwrap_or_default().saturating_mul(self.columns);
        if width > MAX_WIDTH {
            let problem = format!("expected a sheet of at most {MAX_WIDTH} pixels across, not {width}");
            return Err(FormatError::at(format!("{place}.columns"), problem));
        }
        if !self.has_a_small_tile() {
            let problem = format!(
                "expected at most {MAX_TILE} pixels on each side, not {}",
                self.tile
            );
            return Err(FormatError::at(format!("{place}.tile"), problem));
        }
        if !(1..=MAX_COLUMNS).contains(&self.columns) {
            let problem = format!("expected 1 to {MAX_COLUMNS}, not {}", self.columns);
            return Err(FormatError::at(format!("{place}.columns"), problem));
        }
        Ok(())
    }
}

/// The names of a sheet's files: `<name>-sheet.jpg` and `<name>-sheet.vtt`. A job's second sheet has `-sheet-2` for it, and
/// what one picture would be too large for goes on in `-sheet.2.jpg`.
///
/// ```
/// use posterframe_contract::{Format, SheetNames};
///
/// let names = SheetNames::of("bunny", 0);
/// assert_eq!(names.picture(0, Format::Jpeg), "bunny-sheet.jpg");
/// assert_eq!(names.picture(1, Format::Jpeg), "bunny-sheet.2.jpg");
/// assert_eq!(names.vtt(), "bunny-sheet.vtt");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetNames {
    stem: String,
}

impl SheetNames {
    /// Room for a number and an extension after the stem.
    const ROOM: usize = 16;

    /// Those of the sheet with this index of a job with this name.
    pub fn of(name: &str, sheet: usize) -> Self {
        let suffix = match sheet {
            0 => "-sheet".to_owned(),
            more => format!("-sheet-{}", more + 1),
        };
        let name = names::shortened(name, names::MAX_NAME_BYTES - suffix.len() - Self::ROOM);
        Self { stem: name + &suffix }
    }

    /// That of the picture with this index.
    pub fn picture(&self, index: usize, format: Format) -> String {
        let extension = format.extension();
        match index {
            0 => format!("{}.{extension}", self.stem),
            more => format!("{}.{}.{extension}", self.stem, more + 1),
        }
    }

    /// That of the WebVTT file.
    pub fn vtt(&self) -> String {
        format!("{}.vtt", self.stem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a sheet cannot be asked for as people write it, or is not what they read back.
    #[test]
    fn texts() {
        for text in [
            "160x90@10s",
            "160x@0.5s",
            "x90@1.25s:columns=4:exact:no-vtt:webp",
            "320x180@60s:png",
        ] {
            let sheet: SheetRequest = text.parse().unwrap();
            assert_eq!(sheet.to_string(), text);
            assert!(sheet.check("sheets[0]").is_ok(), "{text}");
        }
        let step = |text: &str| text.parse::<SheetRequest>().unwrap().every.as_micros();
        assert_eq!(
            (step("160x90@1:00"), step("160x90@1:00:exact")),
            (60_000_000, 60_000_000)
        );
        for (text, named) in [
            ("160x90", "10s"),
            ("160x90@0.01s", "0.01s"),
            ("2000x90@1s", "2000x90"),
            ("0x90@1s", "0x90"),
            ("160x90@1s:gif", "gif"),
            ("160x90@1s:columns=0", "columns=0"),
            ("160x90@1s:columns=51", "columns=51"),
        ] {
            let error = text.parse::<SheetRequest>().unwrap_err().to_string();
            assert!(error.contains(named), "{text}: {error}");
        }
    }

    // Breaks if a sheet's size that no program can read is found out by the task.
    #[test]
    fn wide_sheets() {
        let wide: SheetRequest = "1024x@1s:columns=16".parse().unwrap();
        let error = wide.check("sheets[0]").unwrap_err();
        assert_eq!(error.place, "sheets[0].columns");
    }

    // Breaks if a long name makes one that no file can have.
    #[test]
    fn names_are_short_enough() {
        let names = SheetNames::of(&"ü".repeat(127), 3);
        assert!(names.picture(99, Format::Webp).len() <= names::MAX_NAME_BYTES);
    }
}
