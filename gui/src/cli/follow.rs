//! Following the jobs that this process watches: prints their news until each job is over.

use std::time::Instant;

use posterframe_client::{Client, Job};
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
        let mut following = Following {
            open: jobs.to_vec(),
            has_names: jobs.len() > 1,
            ..Following::new(self.quiet)
        };
        let mut changes = client.changes();
        loop {
            changes.mark_unchanged();
            let deadline = following.look(
                client,
                |job| self.is_over(job),
                |job| {
                    over(job);
                    true
                },
            );
            if following.open.is_empty() {
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
        // A job that is made here is not left to a task.
        let goes_on = !job.is_on_this_side() && job.here.is_none();
        job.state.is_ended() || self.no_wait && goes_on
    }
}

/// Jobs that are followed, of which there may be new ones at any time.
pub(super) struct Following {
    /// Those that are not over.
    pub(super) open: Vec<JobId>,
    reporter: Reporter,
    last_lines: LastLines,
    /// Prints no news.
    quiet: bool,
    /// Each line says which job it is about.
    has_names: bool,
}

impl Following {
    pub(super) fn new(quiet: bool) -> Self {
        Self {
            open: Vec::new(),
            reporter: Reporter::new(quiet),
            last_lines: LastLines::default(),
            quiet,
            has_names: true,
        }
    }

    /// Prints the news, and calls `over` with each job that `is_over` and, where the log is printed, whose last lines are there or
    /// will not come. `over` says whether it is over indeed. When to look again at the latest, if no job changes.
    pub(super) fn look(
        &mut self,
        client: &Client,
        is_over: impl Fn(&Job) -> bool,
        mut over: impl FnMut(&Job) -> bool,
    ) -> Option<Instant> {
        self.reporter.report(client, &self.open, self.has_names);
        let mut deadline: Option<Instant> = None;
        let Self {
            open,
            reporter,
            last_lines,
            quiet,
            ..
        } = self;
        open.retain(|id| {
            let Some(job) = client.job(*id) else {
                reporter.forget(*id);
                last_lines.forget(*id);
                return false;
            };
            if !is_over(&job) {
                return true;
            }
            let whole = *quiet || !job.state.is_ended() || client.log_is_whole(job.id);
            if let Some(until) = last_lines.awaited(&job, whole, Instant::now()) {
                deadline = Some(deadline.map_or(until, |deadline| deadline.min(until)));
                return true;
            }
            let is_over = over(&job);
            reporter.forget(*id);
            last_lines.forget(*id);
            !is_over
        });
        deadline
    }
}
