//! What a task made of a request: the file that it writes last.

use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::request::SheetRequest;
use crate::strict::{self, FORMAT_VERSION, FormatError, is_false};
use crate::{Interpretation, JobId, Position, StillRequest, TaskExit, Timecode};

/// The most bytes of a manifest as JSON: 16 MiB, more than [`crate::MAX_STILLS`] stills with
/// [`crate::MAX_OUTPUTS`] files of long keys take.
pub const MAX_MANIFEST_BYTES: usize = 16 << 20;
/// A manifest's file name in its job's folder.
pub const MANIFEST_NAME: &str = "manifest.json";
/// What the file name of a manifest ends with where the folder is not a job's own, after the name of its picture.
pub const MANIFEST_SUFFIX: &str = ".manifest.json";

/// What became of each still of a job.
///
/// It says nothing of when or where it was made: the same task writes the same bytes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format: 1.
    #[cfg_attr(test, schemars(range(min = 1, max = 1)))]
    pub version: u32,
    /// The job whose folder it lies in, where that has an id's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub job: Option<JobId>,
    /// The video.
    pub source: ManifestSource,
    /// What the files are named after.
    pub name: String,
    /// The stills, in the request's order.
    pub stills: Vec<ManifestStill>,
    /// What each entry of the request's stills became that is no plain time, in the request's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selections: Vec<ManifestSelection>,
    /// The sheets, in the request's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<ManifestSheet>,
    /// The libav that decoded them.
    pub libav_version: String,
    /// The worker that ran the task.
    pub worker_version: String,
}

/// The video that stills are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ManifestSource {
    /// `s3://bucket/key`, or an address without its query, which may be a secret; `file:` and a name where the job was made on
    /// the computer that has the file.
    pub url: String,
    /// The `ETag` of the bytes that were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Its size in bytes.
    pub bytes: u64,
    /// How it was read, where that was not as its file says.
    #[serde(default, skip_serializing_if = "Interpretation::is_default")]
    pub interpretation: Interpretation,
}

/// What became of one still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ManifestStill {
    /// The position that was asked for, or that leads to the frame that a place or a rule of the request became.
    #[cfg_attr(test, schemars(with = "String"))]
    pub position: Position,
    /// What the request calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the request says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// How good a still it makes, from 0 to 100, where the rule `best` chose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(max = 100)))]
    pub score: Option<u8>,
    /// The frame that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame: Option<ManifestFrame>,
    /// Its files that lie in the bucket.
    #[serde(default)]
    pub files: Vec<ManifestFile>,
    /// Why the still, or a file of it, was not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<StillError>,
}

/// What a place or a rule of the request became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ManifestSelection {
    /// What was asked for.
    pub request: StillRequest,
    /// Which of the manifest's stills it is, counted from 0. A frame that an entry before leads to as well is one still.
    #[serde(default)]
    pub stills: Vec<u32>,
    /// Why it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<StillError>,
}

/// Which frame it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ManifestFrame {
    /// Its number, counted from 0, where the container's index tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Its time since the start of the video, rounded down to microseconds.
    #[cfg_attr(test, schemars(with = "String"))]
    pub time: Position,
    /// Its timecode, `01:00:10:13` or `01:00:10;13`, where the video's frames have any: counted from the file's own first one, or
    /// else from 00:00:00:00.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub timecode: Option<Timecode>,
    /// Its timestamp in ticks of `time_base`, as the container has it.
    pub pts: i64,
    /// Numerator and denominator of seconds a tick.
    pub time_base: (i32, i32),
    /// Hex SHA-256 of the exact frame's width, height, pixel format and pixels, before an output was made of it.
    pub pixel_sha256: String,
}

/// A file that was made of a still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Its key in the bucket that the manifest lies in.
    pub key: String,
    /// Its format.
    pub format: Format,
    /// Pixels across.
    pub width: u32,
    /// Lines.
    pub height: u32,
    /// How a pixel's bytes are to be read: `rgb8`, `rgba16`, …
    pub pixel_format: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Hex SHA-256 of width, height, pixel format and pixels, before they were encoded.
    pub pixel_sha256: String,
    /// The quality that was taken, from 1 to 100; none where nothing is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<u8>,
    /// Whether it is of the deinterlaced frame.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deinterlaced: bool,
}

/// What became of one sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ManifestSheet {
    /// What was asked for.
    pub request: SheetRequest,
    /// How many tiles it has.
    pub tiles: u32,
    /// A tile's width and height in pixels.
    pub tile: (u32, u32),
    /// Its pictures that lie in the bucket: one, unless that would be too large.
    #[serde(default)]
    pub files: Vec<ManifestFile>,
    /// Its WebVTT file, if one is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vtt: Option<ManifestVtt>,
    /// Why it was not made, or not whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<StillError>,
}

/// The WebVTT file of a sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ManifestVtt {
    /// Its key in the bucket that the manifest lies in.
    pub key: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Why a still, a place, a rule or a sheet failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StillError {
    /// The exit code that a task for this still alone would have had.
    pub exit_code: u8,
    /// What was wrong, in words.
    pub message: String,
}

impl Manifest {
    /// A manifest without stills as yet.
    pub fn new(
        job: Option<JobId>,
        source: ManifestSource,
        name: String,
        libav_version: String,
        worker_version: String,
    ) -> Self {
        Self {
            version: FORMAT_VERSION,
            job,
            source,
            name,
            stills: Vec::new(),
            selections: Vec::new(),
            sheets: Vec::new(),
            libav_version,
            worker_version,
        }
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(json: &[u8]) -> Result<Self, FormatError> {
        strict::parse(json, MAX_MANIFEST_BYTES)
    }

    /// The manifest as JSON, which [`Self::parse`] reads back.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers alone can be written as JSON")
    }

    /// Why each still and each sheet was not made, in their order; `None` for those that were. A place or a rule that leads to no
    /// frame counts as a still that was not made.
    pub fn errors(&self) -> impl Iterator<Item = Option<&StillError>> {
        let stills = self.stills.iter().map(|still| still.error.as_ref());
        let nowhere = self
            .selections
            .iter()
            .filter_map(|selection| selection.error.as_ref());
        let sheets = self.sheets.iter().map(|sheet| sheet.error.as_ref());
        stills.chain(nowhere.map(Some)).chain(sheets)
    }

    /// How its task ended: well, with the error of all its stills and sheets where they have the same, or with some that
    /// failed.
    pub fn exit(&self) -> TaskExit {
        let error = |error: &StillError| {
            TaskExit::from_code(error.exit_code.into()).unwrap_or(TaskExit::SomeStillsFailed)
        };
        TaskExit::of_stills(self.errors().map(|made| made.map(error)))
    }
}

#[cfg(test)]
mod tests;
