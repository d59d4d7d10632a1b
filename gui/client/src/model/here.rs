//! A job that is made on this computer, in place of a task: the worker runs here over the file, and only what it makes goes to
//! the bucket.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The worker's process on this computer, of a job's present try.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HereRun {
    /// When it last started.
    #[serde(with = "time::serde::rfc3339::option")]
    pub started: Option<OffsetDateTime>,
    /// When it ended by itself: neither with the app, nor to be tried again.
    #[serde(with = "time::serde::rfc3339::option")]
    pub stopped: Option<OffsetDateTime>,
    /// Its exit code then, 128 and the signal's number for a signal.
    pub exit_code: Option<i32>,
}
