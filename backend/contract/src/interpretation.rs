//! How a video is read where it is not to be as its file says: for files that say it wrongly, or hold several videos.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::strict::is_false;

/// How a video is read. What is left out is as the file says, which is what the ffmpeg program does without options.
///
/// ```
/// use posterframe_contract::Interpretation;
///
/// let json = r#"{"track":2,"rotate":90}"#;
/// let interpretation: Interpretation = serde_json::from_str(json).unwrap();
/// assert_eq!(interpretation.to_string(), "video track 2, turned by 90°");
/// assert_eq!(serde_json::to_string(&interpretation).unwrap(), json);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Interpretation {
    /// Which of the video tracks, counted from 1. Cover pictures are none. Where nothing is said, the largest one, as ffmpeg
    /// chooses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1, max = 65_535)))]
    pub track: Option<NonZeroU16>,
    /// By how many degrees pictures are turned clockwise, in place of what the file says: 0, 90, 180 or 270.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<u16>", extend("enum" = [0, 90, 180, 270, null])))]
    pub rotate: Option<Rotation>,
    /// Whether the edit lists of MP4 and MOV are passed over, so that what they leave out is there, too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ignore_edits: bool,
}

impl Interpretation {
    /// Whether all is as the file says.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The same, but for what `over` says.
    #[must_use]
    pub fn overlaid_with(self, over: Self) -> Self {
        Self {
            track: over.track.or(self.track),
            rotate: over.rotate.or(self.rotate),
            ignore_edits: over.ignore_edits || self.ignore_edits,
        }
    }
}

/// In words, for logs; `as the file says` where nothing else is said.
impl fmt::Display for Interpretation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.track.map(|track| format!("video track {track}")),
            self.rotate.map(|rotation| format!("turned by {rotation}°")),
            self.ignore_edits.then(|| "without its edit lists".to_owned()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            return f.write_str("as the file says");
        }
        f.write_str(&parts.join(", "))
    }
}

/// A clockwise turn by quarters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum Rotation {
    /// Not at all.
    None,
    /// By 90 degrees.
    Quarter,
    /// By 180 degrees.
    Half,
    /// By 270 degrees.
    ThreeQuarters,
}

/// A turn by other angles than quarters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 0, 90, 180 or 270 degrees, not “{0}”")]
pub struct RotationError(String);

impl Rotation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Quarter, Self::Half, Self::ThreeQuarters];

    /// The turn by the quarters that are nearest to these degrees.
    pub const fn nearest(degrees: i32) -> Self {
        let quarters = (degrees.rem_euclid(360) + 45) / 90;
        Self::ALL[quarters as usize % Self::ALL.len()]
    }

    /// A quarter more.
    #[must_use]
    pub const fn further(self) -> Self {
        Self::nearest(self.degrees() as i32 + 90)
    }

    /// In degrees.
    pub const fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Quarter => 90,
            Self::Half => 180,
            Self::ThreeQuarters => 270,
        }
    }
}

/// In degrees.
impl fmt::Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.degrees().fmt(f)
    }
}

impl FromStr for Rotation {
    type Err = RotationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let degrees = text.parse().map_err(|_| RotationError(text.to_owned()));
        degrees.and_then(|degrees: u16| degrees.try_into())
    }
}

impl TryFrom<u16> for Rotation {
    type Error = RotationError;

    fn try_from(degrees: u16) -> Result<Self, Self::Error> {
        let found = Self::ALL
            .into_iter()
            .find(|rotation| rotation.degrees() == degrees);
        found.ok_or_else(|| RotationError(degrees.to_string()))
    }
}

impl From<Rotation> for u16 {
    fn from(rotation: Rotation) -> Self {
        rotation.degrees()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if what is no such turn is taken for one, or the complaint does not say what was expected.
    #[test]
    fn rotations() {
        for (text, degrees) in [("0", 0), ("90", 90), ("180", 180), ("270", 270)] {
            let rotation: Rotation = text.parse().unwrap();
            assert_eq!(
                (rotation.degrees(), rotation.to_string().as_str()),
                (degrees, text)
            );
        }
        for text in ["", "45", "-90", "360", "90°", "99999"] {
            let error = text.parse::<Rotation>().unwrap_err().to_string();
            assert_eq!(error, format!("expected 0, 90, 180 or 270 degrees, not “{text}”"));
        }
    }

    // Breaks if what someone says later does not count, or undoes what was said of something else.
    #[test]
    fn what_is_said_later_counts() {
        let read = |json: &str| serde_json::from_str::<Interpretation>(json).unwrap();
        let first = read(r#"{"track":2,"ignore_edits":true}"#);
        assert_eq!(first.overlaid_with(Interpretation::default()), first);
        let later = first.overlaid_with(read(r#"{"track":1,"rotate":0}"#));
        assert_eq!(
            later.to_string(),
            "video track 1, turned by 0°, without its edit lists"
        );
        assert_eq!(Interpretation::default().to_string(), "as the file says");
        assert!(Interpretation::default().is_default() && !later.is_default());
    }
}
