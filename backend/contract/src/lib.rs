//! The vocabulary that every part of Posterframe shares.
//!
//! The app, the two functions, the worker and the backend on this machine never link to each other's
//! insides; what they agree on stands here and nowhere else: how a key carries a frame position, how a
//! job is named, which environment variables a task gets, where its logs are, how a log line is written, what
//! its exit codes mean.
//!
//! The crate is pure: no network, no files, no clock but the one that stamps a new [`JobId`].

pub mod env;
mod event;
mod exit_code;
mod format;
mod interpretation;
mod job_id;
mod key;
pub mod log;
mod manifest;
mod metadata;
pub mod names;
mod position;
mod request;
mod select;
mod step;
mod strict;
mod text_serde;
mod timecode;

pub use event::{ClientToken, Sequencer, decode_event_key};
pub use exit_code::TaskExit;
pub use format::Format;
pub use interpretation::{Interpretation, Rotation, RotationError};
pub use job_id::JobId;
pub use key::{
    KeyError, MAX_KEY_BYTES, UploadKey, manifest_key, thumbnail_job_id, upload_extension, video_key,
};
pub use manifest::{
    MANIFEST_NAME, MANIFEST_SUFFIX, MAX_MANIFEST_BYTES, Manifest, ManifestFile, ManifestFrame,
    ManifestSelection, ManifestSheet, ManifestSource, ManifestStill, ManifestVtt, StillError,
};
pub use metadata::{MetadataError, ThumbnailMetadata};
pub use position::{Position, PositionError};
pub use request::{
    CONTACT, Chroma, Deinterlace, Every, Fit, JobRequest, MAX_MARK_BYTES, MAX_NOTE_BYTES, MAX_OUTPUTS,
    MAX_REQUEST_BYTES, MAX_SHEETS, MAX_SIDE, MAX_TILE, MAX_TILES, NameFacts, NameTemplate, OutputColor,
    OutputRequest, OutputSize, OutputTextError, PRESETS, Preset, PresetNameError, SHEET_PRESETS, STORYBOARD,
    SheetError, SheetNames, SheetPreset, SheetRequest, SizeError, StillRequest, VideoSource,
    check_preset_name,
};
pub use select::{MAX_STILLS, Moment, Percent, Rule, Selector, SelectorError, Stride, Timecode};
pub use step::Step;
pub use strict::{FORMAT_VERSION, FormatError};
pub use timecode::{Entry, FrameStep, TimecodeError, TimecodeRate, TimecodeScale};
