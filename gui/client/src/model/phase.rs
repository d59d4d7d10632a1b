//! The steps of a job, and how long each took.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The steps of a job, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// From the submit to the object in the bucket.
    Upload,
    /// From the object to the task's creation.
    Event,
    /// From the task's creation to its start.
    Start,
    /// From the task's start to the thumbnail in the bucket.
    Extract,
    /// From the thumbnail in the bucket to the copy on this machine.
    Thumbnail,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [
        Self::Upload,
        Self::Event,
        Self::Start,
        Self::Extract,
        Self::Thumbnail,
    ];

    /// Its name in the timeline.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Upload => "Uploaded",
            Self::Event => "Event received",
            Self::Start => "Task starting",
            Self::Extract => "Extracting",
            Self::Thumbnail => "Thumbnail",
        }
    }
}

/// How far a phase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseState {
    /// Not begun.
    Waiting,
    /// Under way.
    Current,
    /// Over.
    Done,
    /// The job ended here without a thumbnail.
    Failed,
}

/// One phase of a job with its times: [`crate::Job::phase_state`] says how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseRecord {
    /// Which one.
    pub phase: Phase,
    /// When it began.
    #[serde(with = "time::serde::rfc3339::option")]
    pub started: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended: Option<OffsetDateTime>,
    /// While it is under way: since when this client sees that it is, on the steady clock.
    #[serde(skip)]
    pub(crate) seen: Option<Instant>,
}

impl PhaseRecord {
    /// A phase that has not begun.
    pub const fn waiting(phase: Phase) -> Self {
        Self {
            phase,
            started: None,
            ended: None,
            seen: None,
        }
    }

    /// How long it took, or has taken until `now`; `None` before it began.
    pub fn duration(&self, now: OffsetDateTime) -> Option<Duration> {
        let ended = self.ended.unwrap_or(now);
        // Two machines' clocks may disagree: never show a negative time.
        Some((ended - self.started?).max(time::Duration::ZERO).unsigned_abs())
    }

    /// How long the phase under way has been waited for. A client counts what it has seen itself, on the steady clock: a
    /// calendar that is set makes nobody impatient. A job out of the history only has the calendar.
    pub(crate) fn patience(&self, now: OffsetDateTime) -> Option<Duration> {
        self.seen
            .map(|seen| seen.elapsed())
            .or_else(|| self.duration(now))
    }
}
