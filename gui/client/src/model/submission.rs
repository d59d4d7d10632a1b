//! What a submission is.

use std::path::PathBuf;

use posterframe_contract::{Interpretation, OutputRequest, Position, SheetRequest};

use super::remote::RemoteVideo;
use super::still::Preview;

/// A video and the frames of it that are to become stills: one job.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The file on this machine.
    pub video: PathBuf,
    /// The frames, in the order in which their files are numbered. At least one, unless there is a sheet.
    pub frames: Vec<FrameChoice>,
    /// The files to make of each; the exact PNG where none is named.
    pub outputs: Vec<OutputRequest>,
    /// The sheets to make of the whole video.
    pub sheets: Vec<SheetRequest>,
    /// How the video is read; the frames were chosen so, too.
    pub interpretation: Interpretation,
}

/// A video at a distance and the frames of it that are to become stills: one job, which sends no video.
#[derive(Clone, Debug)]
pub struct RemoteSubmission {
    /// The video.
    pub source: RemoteVideo,
    /// The frames, in the order in which their files are numbered. At least one, unless there is a sheet.
    pub frames: Vec<FrameChoice>,
    /// The files to make of each; the exact PNG where none is named.
    pub outputs: Vec<OutputRequest>,
    /// The sheets to make of the whole video.
    pub sheets: Vec<SheetRequest>,
    /// How the video is read; the frames were chosen so, too.
    pub interpretation: Interpretation,
}

/// One frame to extract.
#[derive(Clone, Debug, Default)]
pub struct FrameChoice {
    /// Where it is.
    pub position: Position,
    /// Its number, counted from 0, where it is known.
    pub number: Option<u64>,
    /// What it is called, where it has a name.
    pub name: Option<String>,
    /// What there is to say of it.
    pub note: Option<String>,
    /// What was on the screen, to be compared with the result.
    pub preview: Option<Preview>,
    /// A small PNG of the preview for the job list.
    pub picture_png: Option<Vec<u8>>,
}
