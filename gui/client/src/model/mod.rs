//! A job with all that belongs to it: its phases, progress, log, task, failure and thumbnail.

mod failure;
pub(crate) mod job;
mod log;
pub(crate) mod log_text;
mod phase;
mod progress;
mod task;
mod verdict;

pub use failure::{JobFailure, Stall};
pub use job::{FrameChoice, Job, JobState, Pixels, Submission, Thumbnail, Verdict, VideoFile};
pub use log::{Log, LogLevel, LogLine, LogSource};
pub use phase::{Phase, PhaseRecord, PhaseState};
pub use progress::{UploadProgress, Wait, WaitReason};
pub use task::TaskInfo;
pub(crate) use verdict::verdict;
