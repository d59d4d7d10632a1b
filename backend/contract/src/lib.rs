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
mod job_id;
mod key;
pub mod log;
mod metadata;
pub mod names;
mod position;
mod text_serde;

pub use event::{ClientToken, Sequencer, decode_event_key};
pub use exit_code::TaskExit;
pub use job_id::JobId;
pub use key::{KeyError, MAX_KEY_BYTES, UploadKey, thumbnail_job_id, upload_extension};
pub use metadata::{MetadataError, ThumbnailMetadata};
pub use position::{Position, PositionError};
