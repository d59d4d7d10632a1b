//! The actions on one or several jobs: retry, stop and forget.

use std::path::Path;
use std::sync::Arc;

use egui::{Id, Ui};
use posterframe_client::{Job, StillFile};
use posterframe_contract::JobId;
use posterframe_kit::widgets::confirm;

use super::JobsView;
use crate::context::{Command, ViewContext};

/// Tooltip of Retry.
pub(super) const RETRY: &str = "Try again; what is in the bucket is not sent again";

/// Whether a job can be retried: it is the user's own and has ended.
pub(super) fn can_retry(job: &Job) -> bool {
    job.state.is_ended() && !job.foreign
}

/// Whether a job can be stopped: it is the user's own, has not ended, and no stop is requested yet.
pub(super) fn can_stop(job: &Job) -> bool {
    !job.state.is_ended() && !job.stop_requested && !job.foreign
}

/// Whether a job can be removed from the list: it has ended.
pub(super) fn can_forget(job: &Job) -> bool {
    job.state.is_ended()
}

fn ids(jobs: &[Arc<Job>], can: fn(&Job) -> bool) -> Vec<JobId> {
    jobs.iter().filter(|job| can(job)).map(|job| job.id).collect()
}

/// Retries the jobs that can be retried.
pub(super) fn retry(ctx: &ViewContext<'_>, jobs: &[Arc<Job>]) {
    for id in ids(jobs, can_retry) {
        ctx.commands.send(Command::Retry(id));
    }
}

/// Removes the ended jobs from the list, without a question, since it can be undone.
pub(super) fn forget(ctx: &ViewContext<'_>, jobs: &[Arc<Job>]) {
    let ids = ids(jobs, can_forget);
    if !ids.is_empty() {
        ctx.commands.send(Command::Forget(ids));
    }
}

/// Asks where to save a job's only file, or the folder for all of them.
pub(super) fn save(ctx: &ViewContext<'_>, job: &Job) {
    let paths: Vec<_> = job.paths().map(Path::to_owned).collect();
    match (job.first_file(), paths.len()) {
        (Some(file), 1) => save_one(ctx, file),
        (_, 0 | 1) => {}
        _ => ctx.commands.send(Command::SaveFiles(paths)),
    }
}

/// Asks where to save a file.
pub(super) fn save_one(ctx: &ViewContext<'_>, file: &StillFile) {
    let (name, file) = (file.name().to_owned(), file.path.clone());
    ctx.commands.send(Command::SaveAs { file, name });
}

impl JobsView {
    /// Stops a single job at once, and asks before stopping several.
    pub(super) fn stop(&mut self, ctx: &ViewContext<'_>, jobs: &[Arc<Job>]) {
        match ids(jobs, can_stop).as_slice() {
            [] => {}
            [id] => ctx.commands.send(Command::Stop(*id)),
            ids => self.stopping = ids.to_vec(),
        }
    }

    /// The question before several jobs are stopped, while it is open.
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
