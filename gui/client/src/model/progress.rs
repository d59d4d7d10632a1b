//! How far an upload is, and why it waits where it does.

use std::time::Duration;

use time::OffsetDateTime;

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UploadProgress {
    /// Bytes that the bucket has.
    pub sent: u64,
    /// Bytes of the file.
    pub total: u64,
    /// Bytes a second over the last seconds; 0 while unknown.
    pub bytes_per_second: f64,
}

impl UploadProgress {
    /// From 0 to 1.
    pub fn fraction(&self) -> f32 {
        if self.total == 0 {
            1.0
        } else {
            (self.sent as f64 / self.total as f64) as f32
        }
    }

    /// Time left at the present rate, where it is known.
    pub fn left(&self) -> Option<Duration> {
        (self.bytes_per_second > 1.0).then(|| {
            Duration::from_secs_f64(self.total.saturating_sub(self.sent) as f64 / self.bytes_per_second)
        })
    }
}

/// Why a job is held up for the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What it waits for.
    pub reason: WaitReason,
    /// What happened, in plain words.
    pub message: String,
    /// What to do, where there is something to do: `aws sso login --profile studio`.
    pub advice: Option<String>,
    /// When it is tried again.
    pub again: OffsetDateTime,
}

/// What a held-up job waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaitReason {
    /// The backend cannot be reached.
    Network,
    /// The backend answers, but asks for time or fails.
    Backend,
    /// Valid credentials.
    Login,
    /// A right clock on this machine.
    Clock,
}

impl WaitReason {
    /// In two or three words: `No network`, `Login expired`, …
    pub const fn label(self) -> &'static str {
        match self {
            Self::Network => "No connection",
            Self::Backend => "Backend is busy",
            Self::Login => "Login expired",
            Self::Clock => "Clock is wrong",
        }
    }
}
