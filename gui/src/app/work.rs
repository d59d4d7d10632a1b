//! The jobs under way, outside the views: their number in the title and on the tab, a desktop notification when one ends
//! while the window is not in front, and the question before the window closes.

use std::collections::HashSet;
use std::sync::Arc;

use egui::{Context, Id, ViewportCommand};
use posterframe_client::{Job, JobState};
use posterframe_contract::JobId;
use posterframe_kit::widgets::confirm;

use super::{App, notify};

const TITLE: &str = "Posterframe";

/// The jobs under way.
#[derive(Default)]
pub(super) struct Work {
    jobs: Arc<Vec<Arc<Job>>>,
    under_way: HashSet<JobId>,
    /// The number in the window's title.
    shown_count: usize,
    closing: Closing,
}

/// Whether the window may close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Closing {
    /// Nobody has tried to close it.
    #[default]
    No,
    /// The question is on the screen.
    Asked,
    /// The window may close, whatever is under way.
    Granted,
}

impl Work {
    /// How many jobs are under way.
    pub(super) fn count(&self) -> usize {
        self.under_way.len()
    }

    /// Takes the current jobs. Returns those that have ended since the last call.
    fn update(&mut self, backend: &str, jobs: Arc<Vec<Arc<Job>>>) -> Vec<Arc<Job>> {
        if Arc::ptr_eq(&self.jobs, &jobs) {
            return Vec::new();
        }
        // Paused uploads wait for the user, and this client does not watch the jobs of other backends.
        let is_under_way =
            |job: &Job| !job.state.is_ended() && job.state != JobState::Paused && job.backend == backend;
        let ended = jobs
            .iter()
            .filter(|job| job.state.is_ended() && self.under_way.contains(&job.id));
        let ended = ended.cloned().collect();
        let under_way = jobs.iter().filter(|job| is_under_way(job));
        self.under_way = under_way.map(|job| job.id).collect();
        self.jobs = jobs;
        ended
    }
}

impl App {
    /// Updates the title, shows notifications, and holds back the closing of the window while jobs are under way.
    pub(super) fn watch_work(&mut self, ctx: &Context) {
        let ended = if let Some(client) = &self.client {
            self.work.update(&client.backend().name, client.jobs())
        } else {
            // Jobs of the previous backend are not reported when they end.
            self.work.under_way.clear();
            self.work.jobs = Arc::default();
            Vec::new()
        };
        // Copies of videos that no task may read where they are have done their part.
        for job in ended.iter().filter(|job| job.state == JobState::Done) {
            let (paths, video) = (self.paths.clone(), job.video.path.clone());
            self.engine
                .spawn_blocking(move || crate::fetch::forget(&paths, &video));
        }
        let in_front = ctx.input(|input| input.focused && input.viewport().minimized != Some(true));
        if self.preferences.notifications && !in_front && !ended.is_empty() {
            notify::show(&self.engine, ctx, &ended);
        }
        let count = self.work.count();
        if count != self.work.shown_count {
            self.work.shown_count = count;
            ctx.send_viewport_cmd(ViewportCommand::Title(title(count)));
        }
        let asks = ctx.input(|input| input.viewport().close_requested());
        if asks && count > 0 && self.work.closing != Closing::Granted {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            ctx.send_viewport_cmd(ViewportCommand::Focus);
            self.work.closing = Closing::Asked;
        }
    }

    /// Asks whether to close the window while jobs are under way.
    pub(super) fn closing_ui(&mut self, ctx: &Context) {
        if self.work.closing != Closing::Asked {
            return;
        }
        if self.work.count() == 0 {
            // The jobs have ended, so the question is moot.
            self.work.closing = Closing::Granted;
            ctx.send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        let is_local = self
            .client
            .as_ref()
            .is_some_and(|client| client.backend().is_local());
        let (question, detail) = question(self.work.count(), is_local);
        match confirm(ctx, Id::unique("close window"), &question, detail, "Close") {
            Some(true) => {
                self.work.closing = Closing::Granted;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            Some(false) => self.work.closing = Closing::No,
            None => {}
        }
    }
}

fn title(count: usize) -> String {
    match count {
        0 => TITLE.to_owned(),
        count => format!("{TITLE} — {count} under way"),
    }
}

fn question(count: usize, is_local: bool) -> (String, &'static str) {
    let question = match count {
        1 => "Close with 1 job under way?".to_owned(),
        count => format!("Close with {count} jobs under way?"),
    };
    let detail = if is_local {
        "Uploads go on where they are when Posterframe is next started. Tasks run on this computer and stop with it: \
         their jobs are shown as failed, and Retry starts them again without another upload."
    } else {
        "Uploads go on where they are when Posterframe is next started. Tasks go on at AWS without it, and their \
         thumbnails are here when you come back."
    };
    (question, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the title forgets what is under way, or keeps a number when nothing is.
    #[test]
    fn titles() {
        assert_eq!(title(0), "Posterframe");
        assert_eq!(title(2), "Posterframe — 2 under way");
    }

    // Breaks if the question says that a local task goes on, or that a task on AWS stops.
    #[test]
    fn the_question_says_what_goes_on() {
        let (text, local) = question(1, true);
        assert_eq!(text, "Close with 1 job under way?");
        assert!(local.contains("stop with it") && local.contains("Uploads go on"));
        let (_, aws) = question(2, false);
        assert!(aws.contains("go on at AWS") && aws.contains("Uploads go on"));
    }
}
