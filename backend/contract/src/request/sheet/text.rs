//! A sheet as people write it.

use std::fmt;
use std::str::FromStr;

use super::{MAX_COLUMNS, MAX_TILE, MAX_TILES, SHEET_PRESETS, SheetJson, SheetRequest, columns_of};
use crate::OutputSize;
use crate::format::Format;

/// Why a text is no sheet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// It has no `@`.
    #[error("expected a tile’s size and a time, such as 160x90@10s, or storyboard or contact, not “{0}”")]
    Text(String),
    /// The size is none.
    #[error("expected a tile’s size such as 160x90, each side from 1 to {MAX_TILE}, not “{0}”")]
    Tile(String),
    /// The time is none.
    #[error(
        "expected a time such as 10s, 0.5s or 1:00, at least 0.1s, or a number from 1tiles to {MAX_TILES}tiles, not “{0}”"
    )]
    Step(String),
    /// A part is unknown.
    #[error("expected columns=1 to {MAX_COLUMNS}, exact, contact, no-vtt, jpeg, webp or png, not “{0}”")]
    Part(String),
}

/// A tile's size and a step, and what is to be different, separated by colons; or a preset's name.
///
/// ```
/// use posterframe_contract::{CONTACT, Format, SheetRequest};
///
/// let sheet: SheetRequest = "160x90@10s:columns=8:webp".parse().unwrap();
/// assert_eq!((sheet.columns, sheet.format, sheet.vtt), (8, Format::Webp, true));
/// assert_eq!(sheet.to_string().parse(), Ok(sheet));
/// assert_eq!("contact".parse(), Ok(CONTACT));
/// let sheet: SheetRequest = "320x180@60s:contact".parse().unwrap();
/// assert_eq!((sheet.columns, sheet.vtt), (4, false));
/// assert!("160x90".parse::<SheetRequest>().is_err() && "160x90@0s".parse::<SheetRequest>().is_err());
/// ```
impl FromStr for SheetRequest {
    type Err = SheetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(preset) = SHEET_PRESETS.into_iter().find(|preset| preset.name == text) {
            return Ok(preset.sheet);
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
        let mut sheet = SheetJson {
            every: all[..of_step].join(":").parse()?,
            tile: size.map_err(|_| SheetError::Tile(tile.to_owned()))?,
            columns: None,
            format: Format::Jpeg,
            vtt: None,
            exact: false,
            contact: false,
        };
        for part in &all[of_step..] {
            let columns = part.strip_prefix("columns=").and_then(|count| count.parse().ok());
            match (*part, columns, Format::of_extension(part)) {
                (_, Some(columns), _) if (1..=MAX_COLUMNS).contains(&columns) => {
                    sheet.columns = Some(columns);
                }
                ("exact", ..) => sheet.exact = true,
                ("contact", ..) => sheet.contact = true,
                ("no-vtt", ..) => sheet.vtt = Some(false),
                (_, None, Some(format)) => sheet.format = format,
                _ => return Err(SheetError::Part((*part).to_owned())),
            }
        }
        let sheet = Self::from(sheet);
        if !sheet.has_a_small_tile() {
            return Err(SheetError::Tile(tile.to_owned()));
        }
        Ok(sheet)
    }
}

impl fmt::Display for SheetRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.tile, self.every)?;
        if self.contact {
            f.write_str(":contact")?;
        }
        if self.columns != columns_of(self.contact) {
            write!(f, ":columns={}", self.columns)?;
        }
        if self.exact {
            f.write_str(":exact")?;
        }
        if !self.vtt && !self.contact {
            f.write_str(":no-vtt")?;
        }
        match self.format {
            Format::Jpeg => Ok(()),
            other => write!(f, ":{}", other.extension()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CONTACT, Every, STORYBOARD};
    use super::*;

    // Breaks if a sheet cannot be asked for as people write it, or is not what they read back.
    #[test]
    fn texts() {
        for text in [
            "160x90@10s",
            "160x@0.5s",
            "x90@1.25s:columns=4:exact:no-vtt:webp",
            "320x180@60s:png",
            "320x@24tiles:contact",
            "320x180@60s:contact:columns=10:exact:png",
        ] {
            let sheet: SheetRequest = text.parse().unwrap();
            assert_eq!(sheet.to_string(), text);
            assert!(sheet.check("sheets[0]").is_ok(), "{text}");
        }
        let every = |text: &str| text.parse::<SheetRequest>().unwrap().every;
        let minute: Every = "60s".parse().unwrap();
        assert_eq!(
            (every("160x90@1:00"), every("160x90@1:00:exact")),
            (minute, minute)
        );
        for (text, named) in [
            ("160x90", "10s"),
            ("160x90@0.01s", "0.01s"),
            ("160x90@10001tiles", "10000tiles"),
            ("160x90@tiles", "not “”"),
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

    // Breaks if the order of the parts decides what a contact sheet is, or a preset is not what its text says.
    #[test]
    fn contact_sheets() {
        let of = |text: &str| text.parse::<SheetRequest>().unwrap();
        assert_eq!(of("320x@24tiles:png:contact"), of("320x@24tiles:contact:png"));
        assert_eq!(of("320x@24tiles:columns=4:contact:no-vtt"), CONTACT);
        for preset in SHEET_PRESETS {
            assert_eq!(of(&preset.sheet.to_string()), preset.sheet);
            assert_eq!(of(preset.name), preset.sheet);
        }
        assert_eq!(of("storyboard"), STORYBOARD);
    }
}
