//! Where a job is on its way.

use serde::{Deserialize, Serialize};

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Another upload goes first.
    Queued,
    /// The video is being sent, or the request is put.
    Uploading,
    /// Someone paused the upload; it goes on when it is resumed.
    Paused,
    /// Video and request are in the bucket; the event has not yet started a task.
    Waiting,
    /// The task is provisioned or pending.
    Starting,
    /// The task runs.
    Running,
    /// All stills are there.
    Done,
    /// It ended without a result, or with some stills that failed.
    Failed,
    /// Someone stopped it.
    Stopped,
}

impl JobState {
    /// Whether nothing more happens by itself.
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Stopped)
    }

    /// The word for it: `Uploading`, `Running`, …
    pub const fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Uploading => "Uploading",
            Self::Paused => "Paused",
            Self::Waiting => "Waiting",
            Self::Starting => "Starting",
            Self::Running => "Running",
            Self::Done => "Done",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }
}
