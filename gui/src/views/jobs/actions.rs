//! What can be done with jobs, with one as with many.

use std::sync::Arc;

use egui::{Id, Ui};
use posterframe_client::Job;
use posterframe_contract::JobId;
use posterframe_kit::widgets::confirm;

use super::JobsView;
use crate::context::{Command, ViewContext};

/// What retrying does.
pub(super) const RETRY: &str = "Try again; what is in the bucket is not sent again";

/// An ended job of one's own can be tried again.
pub(super) fn can_retry(job: &Job) -> bool {
    job.state.is_ended() && !job.foreign
}

/// A job of one's own can be stopped until it has ended, once.
pub(super) fn can_stop(job: &Job) -> bool {
    !job.state.is_ended() && !job.stop_requested && !job.foreign
}

/// What has ended can be taken off the list.
pub(super) fn can_forget(job: &Job) -> bool {
    job.state.is_ended()
}

fn ids(jobs: &[Arc<Job>], can: fn(&Job) -> bool) -> Vec<JobId> {
    jobs.iter().filter(|job| can(job)).map(|job| job.id).collect()
}

/// Tries those again that can be.
pub(super) fn retry(ctx: &ViewContext<'_>, jobs: &[Arc<Job>]) {
    for id in ids(jobs, can_retry) {
        ctx.commands.send(Command::Retry(id));
    }
}

/// Takes those off the list that have ended. It can be undone for a while, so nobody is asked.
pub(super) fn forget(ctx: &ViewContext<'_>, jobs: &[Arc<Job>]) {
    let ids = ids(jobs, can_forget);
    if !ids.is_empty() {
        ctx.commands.send(Command::Forget(ids));
    }
}

impl JobsView {
    /// Stops a single job at once, and asks before it stops many.
    pub(super) fn stop(&mut self, ctx: &ViewContext<'_>, jobs: &[Arc<Job>]) {
        match ids(jobs, can_stop).as_slice() {
            [] => {}
            [id] => ctx.commands.send(Command::Stop(*id)),
            ids => self.stopping = ids.to_vec(),
        }
    }

    /// The question, while it stands.
    pub(super) fn stop_ui(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        if self.stopping.is_empty() {
            return;
        }
        let question = format!("Stop {} jobs?", self.stopping.len());
        let detail = "What was uploaded of them is dropped. Each can be retried later.";
        match confirm(ui.ctx(), Id::unique("stop jobs"), &question, detail, "Stop them") {
            Some(true) => {
                for id in self.stopping.drain(..) {
                    ctx.commands.send(Command::Stop(id));
                }
            }
            Some(false) => self.stopping.clear(),
            None => {}
        }
    }
}
