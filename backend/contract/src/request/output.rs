//! One file to make of each frame: its format, size, shape and name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::template::{NameFacts, NameTemplate};
use crate::format::Format;
use crate::names;
use crate::strict::FormatError;

/// The longest side of a picture, in pixels: what every format here can hold.
pub const MAX_SIDE: u32 = 16_383;

/// One file to make of each frame.
///
/// What is left out is as in the exact PNG: its own size, its colours, nothing lost. Invariants, once [`Self::check`]ed:
/// sizes and crops are within the limits, and the format can hold what is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OutputRequest {
    /// The file's format.
    pub format: Format,
    /// The picture's size in pixels: `1280x720`, or `1280x` and `x720`, where the other side follows from the shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub size: Option<OutputSize>,
    /// What happens where size and frame have different shapes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fit: Fit,
    /// The part of the frame that is taken: left, top, width and height, in pixels of the frame in its true shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crop: Option<[u32; 4]>,
    /// From 1 to 100, for JPEG, lossy WebP and AVIF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1, max = 100)))]
    pub quality: Option<u8>,
    /// The most bytes of the file: the best quality is taken that stays within.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub max_bytes: Option<u64>,
    /// Whether a WebP keeps every pixel.
    #[serde(default, skip_serializing_if = "is_default")]
    pub lossless: bool,
    /// Bits of a value: 8 or 16 in a PNG, 8 or 10 in an AVIF. The frame's own, or the next that the format has, where it is
    /// left out. An AVIF of 8 bits is never HDR.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<u8>,
    /// How a JPEG or an AVIF stores colour.
    #[serde(default, skip_serializing_if = "is_default")]
    pub chroma: Chroma,
    /// Which colours the file has.
    #[serde(default, skip_serializing_if = "is_default")]
    pub color: OutputColor,
    /// Which frames lose one of their two fields. The exact PNG is never of such a frame, whatever else is left out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deinterlace: Deinterlace,
    /// The file's name without its extension.
    #[serde(default, skip_serializing_if = "NameTemplate::is_default")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub name: NameTemplate,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What happens where an output's size and the frame have different shapes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Fit {
    /// The whole frame, at most so large; never enlarged.
    #[default]
    Fit,
    /// Exactly so large; what is over at two sides is cut off.
    Crop,
    /// Exactly so large; what is missing at two sides is black.
    Pad,
}

/// How a JPEG or an AVIF stores colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Chroma {
    /// One value of colour for four pixels: what the eye hardly sees.
    #[default]
    #[serde(rename = "420")]
    Quarter,
    /// One for each pixel, such as for titles in red.
    #[serde(rename = "444")]
    Full,
}

/// Which colours a file has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum OutputColor {
    /// Those of the video.
    #[default]
    Video,
    /// Those of an ordinary screen: HDR is tone-mapped.
    Sdr,
}

/// Which frames are deinterlaced: the field that is shown first stays as it is, and the lines of the other one are
/// interpolated. The order is that of how much is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Deinterlace {
    /// None.
    Off,
    /// Those that the video marks as interlaced.
    #[default]
    Auto,
    /// All, for videos that do not say that they are interlaced.
    On,
}

/// A picture's size in pixels, of which one side may follow from its shape.
///
/// ```
/// use posterframe_contract::OutputSize;
///
/// let size: OutputSize = "1280x".parse().unwrap();
/// assert_eq!((size.width, size.height), (Some(1280), None));
/// assert_eq!(size.to_string(), "1280x");
/// assert!("x".parse::<OutputSize>().is_err() && "0x720".parse::<OutputSize>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputSize {
    /// Pixels across.
    pub width: Option<u32>,
    /// Lines.
    pub height: Option<u32>,
}

/// Why a text is no size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a size such as 1280x720, 1280x or x720, each side from 1 to {MAX_SIDE}, not “{0}”")]
pub struct SizeError(String);

impl FromStr for OutputSize {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || SizeError(text.to_owned());
        let (width, height) = text.split_once('x').ok_or_else(wrong)?;
        let side = |side: &str| match side {
            "" => Ok(None),
            side if side.bytes().all(|byte| byte.is_ascii_digit()) => {
                let side = side.parse().ok().filter(|side| (1..=MAX_SIDE).contains(side));
                side.map(Some).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        };
        let (width, height) = (side(width)?, side(height)?);
        if width.is_none() && height.is_none() {
            return Err(wrong());
        }
        Ok(Self { width, height })
    }
}

impl fmt::Display for OutputSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side: Option<u32>| side.map(|side| side.to_string()).unwrap_or_default();
        write!(f, "{}x{}", side(self.width), side(self.height))
    }
}

impl OutputRequest {
    /// Whether it is the frame's very pixels, as they are.
    pub fn is_exact(&self) -> bool {
        let named = Self {
            name: self.name.clone(),
            // What the exact PNG is without being told.
            deinterlace: match self.deinterlace {
                Deinterlace::Off => Deinterlace::Off,
                Deinterlace::Auto | Deinterlace::On => Deinterlace::Auto,
            },
            ..Self::default()
        };
        *self == named
    }

    /// Which frames are deinterlaced for it: none for the exact PNG.
    pub fn deinterlacing(&self) -> Deinterlace {
        if self.is_exact() {
            Deinterlace::Off
        } else {
            self.deinterlace
        }
    }

    /// The name of its file of the still with this index, after what files are named after: `name`. What is too long loses
    /// the middle of that.
    pub fn file_name(&self, name: &str, still: usize, facts: &NameFacts) -> String {
        let extension = self.format.extension();
        let room = names::MAX_NAME_BYTES - extension.len() - 1;
        format!("{}.{extension}", self.name.render(name, still, facts, room))
    }

    /// Whether the format can hold what is asked, and sizes are within the limits.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place below `place`, such as `outputs[1]`.
    pub fn check(&self, place: &str) -> Result<(), FormatError> {
        let wrong = |field: &str, problem: String| Err(FormatError::at(format!("{place}.{field}"), problem));
        let format = self.format.label();
        let is_lossy = match self.format {
            Format::Png => false,
            Format::Jpeg | Format::Avif => true,
            Format::Webp => !self.lossless,
        };
        if self.lossless && matches!(self.format, Format::Jpeg | Format::Avif) {
            return wrong(
                "lossless",
                format!(
                    "{} always loses something; WebP and PNG can keep all",
                    self.format.label()
                ),
            );
        }
        if let Some(quality) = self.quality {
            if !(1..=100).contains(&quality) {
                return wrong("quality", format!("expected 1 to 100, not {quality}"));
            }
            if !is_lossy {
                return wrong(
                    "quality",
                    format!("a {format} that loses nothing has no quality to choose"),
                );
            }
        }
        if let Some(most) = self.max_bytes {
            if most == 0 {
                return wrong("max_bytes", "expected at least 1".to_owned());
            }
            if !is_lossy {
                let problem = format!("a {format} that loses nothing is as large as it is");
                return wrong("max_bytes", problem);
            }
            if self.quality.is_some() {
                return wrong(
                    "max_bytes",
                    "a quality and a limit cannot both be kept".to_owned(),
                );
            }
        }
        match (self.depth, self.format) {
            (None | Some(8), _) | (Some(16), Format::Png) | (Some(10), Format::Avif) => {}
            (Some(10 | 16), format) => {
                let has = match format {
                    Format::Png => "PNG has 8 or 16 bits; AVIF has 10",
                    Format::Avif => "AVIF has 8 or 10 bits; PNG has 16",
                    Format::Jpeg => "JPEG has 8 bits; AVIF has 10, PNG has 16",
                    Format::Webp => "WebP has 8 bits; AVIF has 10, PNG has 16",
                };
                return wrong("depth", has.to_owned());
            }
            (Some(depth), _) => return wrong("depth", format!("expected 8, 10 or 16, not {depth}")),
        }
        if self.chroma == Chroma::Full && !matches!(self.format, Format::Jpeg | Format::Avif) {
            return wrong("chroma", "only JPEG and AVIF have this choice".to_owned());
        }
        let is_whole = self
            .size
            .is_some_and(|size| size.width.is_some() && size.height.is_some());
        if self.fit == Fit::Pad && !is_whole {
            return wrong("fit", "to pad, width and height must both be given".to_owned());
        }
        if self.fit == Fit::Crop && !is_whole && self.crop.is_none() {
            return wrong("fit", "to crop, width and height must both be given".to_owned());
        }
        match self.crop {
            Some([_, _, width, height]) if width == 0 || height == 0 => {
                wrong("crop", "expected a part of at least one pixel".to_owned())
            }
            Some([left, top, width, height])
                if left.saturating_add(width) > MAX_SIDE || top.saturating_add(height) > MAX_SIDE =>
            {
                wrong(
                    "crop",
                    format!("expected a part within {MAX_SIDE} × {MAX_SIDE} pixels"),
                )
            }
            _ => Ok(()),
        }
    }
}
