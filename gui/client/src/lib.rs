//! All that the app does with AWS: upload, watch, logs, gallery, history. It knows no screen.
//!
//! [`Client`] is the door: it takes submissions, runs them on tokio, and keeps every job's state in a
//! database, so that a closed or killed app loses nothing. Its readers ([`Client::jobs`],
//! [`Client::log`]…) answer at once from memory; [`Client::changes`] wakes whoever shows them.

mod check;
mod client;
mod clock;
mod config;
mod deliver;
mod disk;
pub mod doctor;
mod error;
mod failure;
pub mod fs;
mod gallery;
mod history;
mod hub;
mod journal;
mod log;
mod login;
mod logs;
mod model;
mod outputs;
pub mod path_text;
mod phase;
mod progress;
mod redact;
mod server_time;
mod session;
mod stall;
mod store;
mod submission;
mod upload;
mod verdict;
mod watch;

pub use check::Finding;
pub use client::{Client, ClientOptions};
pub use config::{AccessKeys, Backend, Config, ConfigError, ConfigFile, Overrides, Paths, Rate, parse_bytes};
pub use error::ClientError;
pub use gallery::{DeletionId, Extent, Gallery, GalleryItem, Listing, Picture, PresignedLink};
pub use history::History;
pub use log::{Log, LogLevel, LogLine, LogSource};
pub use model::{
    Failure, FrameChoice, Job, JobState, Pixels, Stall, Submission, TaskInfo, Thumbnail, Verdict, VideoFile,
};
pub use outputs::{OutputsError, read_outputs};
pub use phase::{Phase, PhaseRecord, PhaseState};
pub use progress::{UploadProgress, Wait, WaitReason};
pub use redact::redact;
