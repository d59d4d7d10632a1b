//! Waiting for the last lines of a log: CloudWatch shows them some seconds after the job's end. The wait is limited.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use posterframe_client::{Backend, Job};
use posterframe_contract::JobId;

/// Longest wait with the backend on this computer.
const LOCAL_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest wait with AWS.
const AWS_TIMEOUT: Duration = Duration::from_secs(15);

/// For each ended job, the time at which its end was first seen.
#[derive(Debug, Default)]
pub(super) struct LastLines(HashMap<JobId, Instant>);

impl LastLines {
    /// Nobody waits for this job's any more.
    pub(super) fn forget(&mut self, id: JobId) {
        self.0.remove(&id);
    }

    /// The deadline for the last lines of an ended job; `None` when the wait is over. `whole` means that all lines have
    /// arrived.
    pub(super) fn awaited(&mut self, job: &Job, whole: bool, now: Instant) -> Option<Instant> {
        let timeout = if job.backend == Backend::THIS_COMPUTER {
            LOCAL_TIMEOUT
        } else {
            AWS_TIMEOUT
        };
        let until = *self.0.entry(job.id).or_insert(now) + timeout;
        (job.state.is_ended() && !whole && now < until).then_some(until)
    }
}
