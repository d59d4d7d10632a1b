//! Following jobs that this process watches: what is new is said as it comes, until each job is over.

use std::time::Instant;

use posterframe_client::{Client, Job, JobState};
use posterframe_contract::JobId;

use super::last_lines::LastLines;
use super::report::Reporter;

/// How jobs are followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Follow {
    /// Nothing is said on the way: standard output is for a script.
    pub(super) quiet: bool,
    /// A job is over once its video is uploaded.
    pub(super) no_wait: bool,
}

impl Follow {
    /// Says what is new about `jobs`, and hands each to `over` once it is over; where its log is shown, with its last lines.
    pub(super) async fn run(self, client: &Client, jobs: &[JobId], mut over: impl FnMut(&Job)) {
        let mut reporter = Reporter::new(self.quiet);
        let mut last_lines = LastLines::default();
        let mut changes = client.changes();
        let mut open = jobs.to_vec();
        loop {
            changes.mark_unchanged();
            reporter.tell(client, jobs);
            let mut again: Option<Instant> = None;
            open.retain(|id| {
                let Some(job) = client.job(*id) else { return false };
                if !self.is_over(&job) {
                    return true;
                }
                let whole = self.quiet || !job.state.is_ended() || client.log_is_whole(job.id);
                if let Some(until) = last_lines.awaited(&job, whole, Instant::now()) {
                    again = Some(again.map_or(until, |again| again.min(until)));
                    return true;
                }
                over(&job);
                false
            });
            if open.is_empty() {
                return;
            }
            let late = async {
                match again {
                    Some(again) => tokio::time::sleep_until(again.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = late => {}
            }
        }
    }

    fn is_over(self, job: &Job) -> bool {
        let unsent = matches!(
            job.state,
            JobState::Queued | JobState::Uploading | JobState::Paused
        );
        job.state.is_ended() || self.no_wait && !unsent
    }
}
