//! The last lines of a log come after the job's end: CloudWatch shows them late. Whoever follows a job is to see them, but
//! not to wait for ever.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use posterframe_client::{Backend, Job};
use posterframe_contract::JobId;

/// How long they may take on this computer, …
const HERE: Duration = Duration::from_secs(3);
/// … and on AWS.
const ON_AWS: Duration = Duration::from_secs(15);

/// Since when jobs are known to have ended.
#[derive(Debug, Default)]
pub(super) struct LastLines(HashMap<JobId, Instant>);

impl LastLines {
    /// Until when to wait for the last lines of a job that has ended; `None` where there is nothing to wait for any more.
    /// `whole` says that they are here.
    pub(super) fn awaited(&mut self, job: &Job, whole: bool, now: Instant) -> Option<Instant> {
        let patience = if job.backend == Backend::THIS_COMPUTER {
            HERE
        } else {
            ON_AWS
        };
        let until = *self.0.entry(job.id).or_insert(now) + patience;
        (job.state.is_ended() && !whole && now < until).then_some(until)
    }
}
