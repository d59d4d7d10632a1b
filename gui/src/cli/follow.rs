//! Following the jobs that this process watches: prints their news until each job is over.

use std::time::Instant;

use posterframe_client::{Client, Job, JobState};
use posterframe_contract::JobId;

use super::last_lines::LastLines;
use super::report::Reporter;

/// Options for following jobs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Follow {
    /// Prints no news: standard output is for a script.
    pub(super) quiet: bool,
    /// A job is over once its video is uploaded.
    pub(super) no_wait: bool,
}

impl Follow {
    /// Prints the news of `jobs`, and calls `over` with each job that is over. Where the log is printed, it first waits for
    /// the log's last lines.
    pub(super) async fn run(self, client: &Client, jobs: &[JobId], mut over: impl FnMut(&Job)) {
        let mut reporter = Reporter::new(self.quiet);
        let mut last_lines = LastLines::default();
        let mut changes = client.changes();
        let mut open = jobs.to_vec();
        loop {
            changes.mark_unchanged();
            reporter.report(client, jobs);
            let mut deadline: Option<Instant> = None;
            open.retain(|id| {
                let Some(job) = client.job(*id) else { return false };
                if !self.is_over(&job) {
                    return true;
                }
                let whole = self.quiet || !job.state.is_ended() || client.log_is_whole(job.id);
                if let Some(until) = last_lines.awaited(&job, whole, Instant::now()) {
                    deadline = Some(deadline.map_or(until, |deadline| deadline.min(until)));
                    return true;
                }
                over(&job);
                false
            });
            if open.is_empty() {
                return;
            }
            let timeout = async {
                match deadline {
                    Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = timeout => {}
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
