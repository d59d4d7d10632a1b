//! A job with all that belongs to it: its phases, progress, log, task, failure, stills and their files.

mod course;
mod failure;
mod here;
pub(crate) mod job;
mod job_state;
mod log;
pub(crate) mod log_text;
mod phase;
mod progress;
mod remote;
pub(crate) mod result;
mod sheet;
mod still;
mod submission;
mod task;

pub use failure::{JobFailure, Stall};
pub use here::HereRun;
pub use job::{Job, MadeBy, VideoFile};
pub use job_state::JobState;
pub use log::{Log, LogLevel, LogLine, LogSource};
pub use phase::{Phase, PhaseRecord, PhaseState};
pub use progress::{UploadProgress, Wait, WaitReason};
pub use remote::{JobSource, RemoteVideo, SecretUrl};
pub use sheet::JobSheet;
pub use still::{Pixels, Preview, Still, StillFile, Verdict};
pub use submission::{FrameChoice, RemoteSubmission, Submission};
pub use task::TaskInfo;
