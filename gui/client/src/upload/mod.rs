//! A video's way into the bucket: planned, checked, queued, and sent or copied.

mod body;
mod copy;
mod meter;
mod multipart;
mod plan;
mod preflight;
mod queue;
mod send;
mod source;
mod sums;
mod throttle;
mod transfer;

pub(crate) use plan::{jobs, planned_names};
pub use preflight::PreflightIssue;
pub(crate) use preflight::findings;
pub(crate) use queue::UploadQueue;
pub(crate) use source::look_at;
