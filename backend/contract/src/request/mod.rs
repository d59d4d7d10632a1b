//! A job as a request: one video, some stills of it, some files of each still.
//!
//! A key that carries a position ([`crate::UploadKey`]) and the original's environment variables are two more ways to
//! spell the simplest request: once they are a [`JobRequest`], there is one way.
//!
//! Stills are said as everywhere ([`Selector`](crate::Selector)): by their time, by another place, or by a rule. Only who has the
//! video can tell which frames the latter are; [`JobRequest::resolved`] is the request that says it.

mod output;
mod presets;
mod sheet;
mod still;
mod template;
mod text;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

pub use output::{Chroma, Deinterlace, Fit, MAX_SIDE, OutputColor, OutputRequest, OutputSize, SizeError};
pub use presets::{PRESETS, Preset, PresetNameError, check_preset_name};
pub use sheet::{
    CONTACT, Every, MAX_TILE, MAX_TILES, SHEET_PRESETS, STORYBOARD, SheetError, SheetNames, SheetPreset,
    SheetRequest,
};
pub use still::StillRequest;
pub use template::{NameFacts, NameTemplate};
pub use text::OutputTextError;

use crate::strict::{self, FORMAT_VERSION, FormatError};
use crate::{Interpretation, MAX_STILLS, Position, names};

/// The most bytes of a request as JSON: 256 KiB.
pub const MAX_REQUEST_BYTES: usize = 256 << 10;
/// The most outputs of a request.
pub const MAX_OUTPUTS: usize = 16;
/// The most sheets of a request.
pub const MAX_SHEETS: usize = 4;
/// The most bytes of a still's name: as many as a file's name has.
pub const MAX_MARK_BYTES: usize = names::MAX_NAME_BYTES;
/// The most bytes of a still's note.
pub const MAX_NOTE_BYTES: usize = 2_000;

/// What a task is to make. An object `<jobs folder>/<job id>.json` in the bucket starts one.
///
/// Invariants, once [`Self::check`]ed: there is at least one still or sheet, `stills` has at most [`MAX_STILLS`] entries, there are
/// one to [`MAX_OUTPUTS`] outputs and at most [`MAX_SHEETS`] sheets, no two files get the same name, as far as that can be told, and
/// the name can be part of a file's name. Printing and parsing round-trip:
///
/// ```
/// use posterframe_contract::JobRequest;
///
/// let json = br#"{
///     "version": 1,
///     "source": { "url": "s3://bucket/videos/1/bunny.mp4" },
///     "name": "bunny",
///     "stills": [ { "at": "00:00:10.541" }, { "at": "50%", "name": "Half" }, { "rule": "best", "count": 5 } ]
/// }"#;
/// let request = JobRequest::parse(json).unwrap();
/// assert_eq!(request.stills[2].to_string(), "best 5");
/// assert_eq!(JobRequest::parse(request.to_json().as_bytes()), Ok(request));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct JobRequest {
    /// The version of this format: 1.
    #[cfg_attr(test, schemars(range(min = 1, max = 1)))]
    pub version: u32,
    /// Where the video is.
    pub source: VideoSource,
    /// What the files are named after, such as the video's name without its extension.
    #[cfg_attr(test, schemars(length(min = 1, max = 255)))]
    pub name: String,
    /// The frames, in the order in which files are numbered; a rule's are in the order of time. All together at most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(length(max = 1_000)))]
    pub stills: Vec<StillRequest>,
    /// The files to make of each frame.
    #[serde(default = "png_alone")]
    #[cfg_attr(test, schemars(length(min = 1, max = 16)))]
    pub outputs: Vec<OutputRequest>,
    /// The sheets to make of the whole video.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, schemars(length(max = 4)))]
    pub sheets: Vec<SheetRequest>,
}

/// Where a video is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VideoSource {
    /// `s3://bucket/key` with the key as it is, or an https address, percent-encoded.
    pub url: String,
    /// The object's `ETag`, where the request is for that very object: another one is an error then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// How it is read, where that is not as its file says.
    #[serde(default, skip_serializing_if = "Interpretation::is_default")]
    pub interpretation: Interpretation,
}

impl VideoSource {
    /// The video at `url`, in whichever version, as its file says.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            etag: None,
            interpretation: Interpretation::default(),
        }
    }
}

/// The exact PNG of each frame, and nothing else.
fn png_alone() -> Vec<OutputRequest> {
    vec![OutputRequest::default()]
}

impl JobRequest {
    /// A request for the exact PNGs of the frames at `positions`.
    pub fn new(
        source: VideoSource,
        name: impl Into<String>,
        positions: impl IntoIterator<Item = Position>,
    ) -> Self {
        Self {
            version: FORMAT_VERSION,
            source,
            name: name.into(),
            stills: positions.into_iter().map(StillRequest::at).collect(),
            outputs: png_alone(),
            sheets: Vec::new(),
        }
    }

    /// Where its stills are, where it says of all of them at which time; `None` where who has the video must tell.
    pub fn positions(&self) -> Option<Vec<Position>> {
        self.stills.iter().map(StillRequest::position).collect()
    }

    /// The same request for `stills`, which are those that its places and rules lead to in its video, each with its position.
    ///
    /// # Errors
    /// They are too many, or files would have the same name. There may be none: each place and rule may have failed.
    pub fn resolved(&self, stills: impl IntoIterator<Item = StillRequest>) -> Result<Self, FormatError> {
        let request = Self {
            stills: stills.into_iter().collect(),
            ..self.clone()
        };
        count("stills", request.stills.len(), 0, MAX_STILLS)?;
        request.check_names()?;
        Ok(request)
    }

    /// Reads a request and checks all of it.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(json: &[u8]) -> Result<Self, FormatError> {
        let request: Self = strict::parse(json, MAX_REQUEST_BYTES)?;
        request.check()?;
        Ok(request)
    }

    /// The request as JSON, which [`Self::parse`] reads back.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers alone can be written as JSON")
    }

    /// Whether a task can do what it says.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn check(&self) -> Result<(), FormatError> {
        if self.source.url.is_empty() || self.source.url.contains('\0') {
            return Err(FormatError::at(
                "source.url",
                "expected s3://bucket/key or an https address",
            ));
        }
        if !names::is_part_of_a_name(&self.name) {
            return Err(FormatError::at(
                "name",
                "expected 1 to 255 bytes without slashes and control characters",
            ));
        }
        let least = usize::from(self.sheets.is_empty());
        count("stills", self.stills.len(), least, MAX_STILLS)?;
        count("outputs", self.outputs.len(), 1, MAX_OUTPUTS)?;
        count("sheets", self.sheets.len(), 0, MAX_SHEETS)?;
        for (index, still) in self.stills.iter().enumerate() {
            still.check(&format!("stills[{index}]"))?;
        }
        for (index, output) in self.outputs.iter().enumerate() {
            output.check(&format!("outputs[{index}]"))?;
        }
        for (index, sheet) in self.sheets.iter().enumerate() {
            sheet.check(&format!("sheets[{index}]"))?;
        }
        self.check_names()
    }

    /// Names that would be equal whatever the frames turn out to be. A rule counts as one still: it may turn out to be more.
    fn check_names(&self) -> Result<(), FormatError> {
        let mut taken = HashMap::new();
        for (output, wanted) in self.outputs.iter().enumerate() {
            // Unknown as yet, and equal only where the same is asked.
            let same = |other: &OutputRequest| {
                (other.size, other.crop, other.fit) == (wanted.size, wanted.crop, wanted.fit)
            };
            let size = self.outputs.iter().position(same).unwrap_or(output) as u32;
            for (still, request) in self.stills.iter().enumerate() {
                let name = self.file_name(
                    still,
                    wanted,
                    &NameFacts {
                        // Where it is unknown as yet, another one for each still, that no video has.
                        time: request.position().unwrap_or_else(|| {
                            Position::from_micros(Position::MAX.as_micros() - still as u64)
                        }),
                        // Unknown as yet, and another one for each still: a text that no number is.
                        frame: format!("{{{still}}}"),
                        width: size,
                        height: size,
                        ..NameFacts::default()
                    },
                );
                if let Some((other_still, other_output)) = taken.insert(name, (still, output)) {
                    let name = self.file_name(still, wanted, &NameFacts::default());
                    return Err(FormatError::at(
                        format!("outputs[{output}].name"),
                        format!(
                            "the file of stills[{still}] would have the name of that of stills[{other_still}] in \
                             outputs[{other_output}], such as “{name}”"
                        ),
                    ));
                }
            }
        }
        Ok(())
    }

    /// The name of the file that `output` makes of the still with this index.
    pub fn file_name(&self, still: usize, output: &OutputRequest, facts: &NameFacts) -> String {
        let mark = self.stills.get(still).and_then(|still| still.name.clone());
        let mark = mark.or_else(|| facts.mark.clone());
        output.file_name(
            &self.name,
            still,
            &NameFacts {
                mark,
                ..facts.clone()
            },
        )
    }

    /// The names of the files of the sheet with this index.
    pub fn sheet_names(&self, sheet: usize) -> SheetNames {
        SheetNames::of(&self.name, &self.sheets, sheet)
    }
}

fn count(place: &str, count: usize, least: usize, max: usize) -> Result<(), FormatError> {
    match count {
        count if count < least => Err(FormatError::at(place, "expected at least one")),
        count if count > max => Err(FormatError::at(
            place,
            format!("expected at most {max}, not {count}"),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
