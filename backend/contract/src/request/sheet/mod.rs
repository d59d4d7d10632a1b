//! A sheet to make of a video: pictures at equal distances as tiles of one picture, with a WebVTT file for players or as a
//! contact sheet for people.

mod every;
mod names;
mod text;

use serde::{Deserialize, Deserializer, Serialize};

pub use self::every::{Every, MAX_TILES};
pub use self::names::SheetNames;
pub use self::text::SheetError;
use super::output::OutputSize;
use crate::format::Format;
use crate::step::Step;
use crate::strict::{FormatError, is_false};

/// The longest side of a tile in pixels.
pub const MAX_TILE: u32 = 1_024;
/// The most pixels across. What decodes everywhere has at most 16,383.
const MAX_WIDTH: u32 = 16_000;
/// The most pixels of a contact sheet's tiles side by side, which leaves room for the gaps between them.
const MAX_CONTACT_WIDTH: u32 = 15_800;
/// The most tiles side by side.
const MAX_COLUMNS: u32 = 50;

/// A sheet to make of the whole video: `<name>-sheet.jpg` and `<name>-sheet.vtt`, or `<name>-contact.jpg`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SheetJson")]
pub struct SheetRequest {
    /// The time from one tile to the next, such as `10s`, or how many share the video, such as `24tiles`.
    pub every: Every,
    /// A tile's width and height in pixels: `160x90`, or `160x` and `x90`, where the other follows from the video's shape.
    pub tile: OutputSize,
    /// Tiles side by side.
    pub columns: u32,
    /// The file's format: JPEG, WebP or PNG.
    pub format: Format,
    /// Whether there is a WebVTT file, too. A contact sheet has none.
    pub vtt: bool,
    /// Whether the tiles are the frames at those very times. Otherwise they are keyframes near them, which takes a fraction
    /// of the time.
    pub exact: bool,
    /// Whether it is a contact sheet: the video's facts at its head, gaps between the tiles, and each one's time below it.
    #[serde(skip_serializing_if = "is_false")]
    pub contact: bool,
}

#[cfg(test)]
impl schemars::JsonSchema for SheetRequest {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SheetRequest".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        SheetJson::json_schema(generator)
    }
}

// As it is written: what is left out follows from the kind, which no `#[serde(default)]` of a single field could say.
/// A sheet to make of the whole video: `<name>-sheet.jpg` and `<name>-sheet.vtt`, or `<name>-contact.jpg`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct SheetJson {
    /// The time from one tile to the next, such as `10s`, or how many share the video, such as `24tiles`.
    #[cfg_attr(test, schemars(with = "String"))]
    every: Every,
    /// A tile's width and height in pixels: `160x90`, or `160x` and `x90`, where the other follows from the video's shape.
    #[cfg_attr(test, schemars(with = "String"))]
    tile: OutputSize,
    /// Tiles side by side: 10 where nothing is said, 4 of a contact sheet.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(
        test,
        schemars(
            with = "u32",
            skip_serializing_if = "Option::is_none",
            range(min = 1, max = 50)
        )
    )]
    columns: Option<u32>,
    /// The file's format: JPEG, WebP or PNG.
    #[serde(default = "jpeg")]
    format: Format,
    /// Whether there is a WebVTT file, too: there is where nothing is said. A contact sheet has none, and must not ask for it.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "bool", skip_serializing_if = "Option::is_none"))]
    vtt: Option<bool>,
    /// Whether the tiles are the frames at those very times. Otherwise they are keyframes near them, which takes a fraction
    /// of the time.
    #[serde(default)]
    exact: bool,
    /// Whether it is a contact sheet: the video's facts at its head, gaps between the tiles, and each one's time below it.
    #[serde(default)]
    contact: bool,
}

impl From<SheetJson> for SheetRequest {
    fn from(json: SheetJson) -> Self {
        let contact = json.contact;
        Self {
            every: json.every,
            tile: json.tile,
            columns: json.columns.unwrap_or(columns_of(contact)),
            format: json.format,
            vtt: json.vtt.unwrap_or(!contact),
            exact: json.exact,
            contact,
        }
    }
}

/// A sheet that is often wanted, under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetPreset {
    /// What people write for it.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What it is good for.
    pub purpose: &'static str,
    /// What it is.
    pub sheet: SheetRequest,
}

/// What players want as a rule: a tile of 160 × 90 pixels every ten seconds.
pub const STORYBOARD: SheetRequest = SheetRequest {
    every: Every::Step(Step::of_seconds(10)),
    tile: OutputSize {
        width: Some(160),
        height: Some(90),
    },
    columns: columns_of(false),
    format: Format::Jpeg,
    vtt: true,
    exact: false,
    contact: false,
};

/// What people want as a rule: any video on one page, in four columns and six rows. The height follows from the video's shape,
/// so that an upright one has no bars.
pub const CONTACT: SheetRequest = SheetRequest {
    every: Every::Tiles(24),
    tile: OutputSize {
        width: Some(320),
        height: None,
    },
    columns: columns_of(true),
    format: Format::Jpeg,
    vtt: false,
    exact: false,
    contact: true,
};

/// The sheets that have a name.
pub const SHEET_PRESETS: [SheetPreset; 2] = [
    SheetPreset {
        name: "storyboard",
        label: "Storyboard",
        purpose: "Tiles of the whole video, with cues for a player",
        sheet: STORYBOARD,
    },
    SheetPreset {
        name: "contact",
        label: "Contact sheet",
        purpose: "Stills of the whole video with their times, under its facts",
        sheet: CONTACT,
    },
];

const fn columns_of(contact: bool) -> u32 {
    if contact { 4 } else { 10 }
}

const fn jpeg() -> Format {
    Format::Jpeg
}

/// A value that may be left out, but is none of JSON's `null`s.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl SheetRequest {
    fn has_a_small_tile(&self) -> bool {
        let sides = [self.tile.width, self.tile.height];
        sides.into_iter().flatten().all(|side| side <= MAX_TILE)
    }

    /// Whether sizes and counts are within the limits, and a contact sheet asks for no cues.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place below `place`, such as `sheets[0]`.
    pub fn check(&self, place: &str) -> Result<(), FormatError> {
        let width = self.tile.width.unwrap_or_default().saturating_mul(self.columns);
        let most = if self.contact {
            MAX_CONTACT_WIDTH
        } else {
            MAX_WIDTH
        };
        if width > most {
            let problem = format!("expected a sheet of at most {most} pixels across, not {width}");
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
        if self.contact && self.vtt {
            let problem =
                "expected no WebVTT file of a contact sheet: a player finds no tile between gaps and times";
            return Err(FormatError::at(format!("{place}.vtt"), problem));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::JobRequest;

    // Breaks if a sheet's size that no program can read is found out by the task.
    #[test]
    fn wide_sheets() {
        let check = |text: &str| text.parse::<SheetRequest>().unwrap().check("sheets[0]");
        for wide in ["1024x@1s:columns=16", "320x@1s:contact:columns=50"] {
            assert_eq!(check(wide).unwrap_err().place, "sheets[0].columns");
        }
        assert_eq!(check("320x@1s:columns=50"), Ok(()));
    }

    // Breaks if what is left out of a contact sheet is that of another kind, one with cues passes, or a sheet without the new
    // field cannot be read by a worker that does not know it.
    #[test]
    fn contact_sheets_as_json() {
        let parse = |sheet: &str| {
            let json = format!(
                r#"{{ "version": 1, "source": {{ "url": "s3://b/v.mp4" }}, "name": "v", "sheets": [ {sheet} ] }}"#
            );
            JobRequest::parse(json.as_bytes()).map(|request| request.sheets[0].clone())
        };
        let contact = r#"{ "every": "24tiles", "tile": "320x", "contact": true }"#;
        assert_eq!(parse(contact), Ok(CONTACT));
        let sheet = r#"{ "every": "10s", "tile": "160x90" }"#;
        assert_eq!(parse(sheet), Ok(STORYBOARD));
        for (wrong, place) in [
            (contact.replace("true", "true, \"vtt\": true"), "sheets[0].vtt"),
            (contact.replace("true", "null"), "sheets[0].contact"),
            (
                contact.replace("true", "true, \"columns\": null"),
                "sheets[0].columns",
            ),
            (contact.replace("24tiles", "0tiles"), "sheets[0].every"),
        ] {
            assert_eq!(parse(&wrong).unwrap_err().place, place, "{wrong}");
        }
        for sheet in [STORYBOARD, CONTACT] {
            let json = serde_json::to_string(&sheet).unwrap();
            assert_eq!(json.contains("contact"), sheet.contact);
            assert_eq!(parse(&json), Ok(sheet));
        }
    }
}
