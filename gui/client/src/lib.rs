//! All that the app does with AWS: upload, watch, logs, gallery, history. It knows no screen.
//!
//! [`Client`] is the door: it takes submissions, runs them on tokio, and keeps every job's state in a
//! database, so that a closed or killed app loses nothing. Its readers ([`Client::jobs`],
//! [`Client::log`]…) answer at once from memory; [`Client::changes`] wakes whoever shows them.

mod aws;
mod browse;
mod client;
mod config;
pub mod doctor;
mod error;
pub mod fs;
mod gallery;
mod model;
mod store;
mod upload;
mod watch;

pub use browse::{BucketFolder, BucketObject, FolderPage, Objects};
pub use client::{Client, ClientOptions};
pub use config::{
    AccessKeys, Backend, Config, ConfigError, ConfigFile, OutputsError, Overrides, Paths, Rate, parse_bytes,
    read_outputs,
};
pub use error::{ClientError, ErrorText, capitalized, redact};
pub use fs::path_text;
pub use gallery::{CachedThumbnail, DeletionId, Extent, Gallery, GalleryItem, Listing, PresignedLink};
pub use model::{
    FrameChoice, HereRun, Job, JobFailure, JobSheet, JobSource, JobState, Log, LogLevel, LogLine, LogSource,
    MadeBy, Phase, PhaseRecord, PhaseState, Pixels, Preview, RemoteSubmission, RemoteVideo, SecretUrl, Stall,
    Still, StillFile, Submission, TaskInfo, UploadProgress, Verdict, VideoFile, Wait, WaitReason,
};
pub use posterframe_process::Program;
pub use store::{History, WatchedFile, WatchedOutcome};
pub use upload::{PlannedFrame, PlannedNames, PreflightIssue, RemoteIssue};
