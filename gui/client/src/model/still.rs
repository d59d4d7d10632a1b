//! One still of a job: what was chosen, what came of it, and how the two compare.

use std::path::PathBuf;

use posterframe_contract::{ManifestFile, ManifestFrame, Position, StillError};
use serde::{Deserialize, Serialize};

use crate::fs::path_text;

/// One frame of a job's video on its way to its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Still {
    /// Where the frame is.
    pub position: Position,
    /// The frame's number, counted from 0, where it is known: from the submit, or else from the task.
    pub number: Option<u64>,
    /// What it is called, where it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What there is to say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What was on the screen at the submit.
    pub preview: Option<Preview>,
    /// A small PNG of the preview on this machine.
    #[serde(with = "path_text::option")]
    pub picture: Option<PathBuf>,
    /// The frame that the task found.
    pub frame: Option<ManifestFrame>,
    /// Its files, once they are on this machine.
    pub files: Vec<StillFile>,
    /// How the exact PNG compares with the preview, once there is a result.
    pub verdict: Option<Verdict>,
    /// Why the still, or a file of it, was not made.
    pub error: Option<StillError>,
}

impl Still {
    /// A still of which nothing more is known than its position.
    pub const fn at(position: Position) -> Self {
        Self {
            position,
            number: None,
            name: None,
            note: None,
            preview: None,
            picture: None,
            frame: None,
            files: Vec::new(),
            verdict: None,
            error: None,
        }
    }

    /// Sets it back to before there was a result.
    pub(crate) fn forget_result(&mut self) {
        self.frame = None;
        self.files = Vec::new();
        self.verdict = None;
        self.error = None;
    }
}

/// The picture that was on the screen, as far as two pictures are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Hex SHA-256 of its pixels (`posterframe_frame::Image::pixel_sha256`).
    pub sha256: String,
    /// The libav that decoded it.
    pub libav: String,
    /// Size and format of its pixels; `None` where an earlier version did not note them.
    pub pixels: Option<Pixels>,
}

/// Size and format of a picture's pixels, as they go into its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pixels {
    /// Pixels across.
    pub width: u32,
    /// Lines.
    pub height: u32,
    /// How a pixel's bytes are to be read: `rgb8`, `rgba16`, …
    pub format: String,
}

impl std::fmt::Display for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} × {} {}", self.width, self.height, self.format)
    }
}

/// A file of a still: in the bucket, and a copy on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StillFile {
    /// What the manifest says of it.
    pub made: ManifestFile,
    /// The copy on this machine.
    #[serde(with = "path_text")]
    pub path: PathBuf,
}

impl StillFile {
    /// Its name.
    pub fn name(&self) -> &str {
        self.made.key.rsplit('/').next().unwrap_or_default()
    }
}

/// How a still's exact PNG compares with the preview that was on screen at the submit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The same pixels.
    Identical,
    /// Other pixels; what differs, in words.
    Differs(String),
    /// There is nothing to compare with.
    Unknown,
}

impl Verdict {
    /// `Some(true)` for the same pixels, `Some(false)` for others, `None` where there is nothing to compare.
    pub const fn identical(&self) -> Option<bool> {
        match self {
            Self::Identical => Some(true),
            Self::Differs(_) => Some(false),
            Self::Unknown => None,
        }
    }
}
