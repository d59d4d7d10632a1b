//! A video's way into the bucket: planned, checked, queued, sent, and asked for; or, where it stays here, the way of what is made of it.

mod body;
mod here;
mod meter;
mod multipart;
mod plan;
mod preflight;
mod queue;
mod remote;
mod send;
mod source;
mod stored;
mod sums;
mod throttle;
mod transfer;

pub(crate) use here::job as job_here;
pub use plan::PlannedFrame;
pub use plan::PlannedNames;
pub(crate) use plan::{job, planned_names};
pub use preflight::PreflightIssue;
pub(crate) use preflight::findings;
pub(crate) use queue::UploadQueue;
pub use remote::RemoteIssue;
pub(crate) use remote::{issues as remote_issues, job as remote_job};
pub(crate) use source::{look_at, same};
