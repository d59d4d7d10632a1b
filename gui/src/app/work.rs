//! The jobs under way, as the window around the views knows them: their number in the title and on the tab, a word from
//! the desktop when one ends while nobody looks, and the question when the window is closed meanwhile.

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
    /// How many the title says.
    said: usize,
    closing: Closing,
}

/// Whether the window may close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Closing {
    /// Nobody has asked.
    #[default]
    No,
    /// The question stands.
    Asked,
    /// It may, whatever is under way.
    Granted,
}

impl Work {
    /// How many jobs are under way.
    pub(super) fn count(&self) -> usize {
        self.under_way.len()
    }

    /// Takes in what has changed. Gives the jobs that have ended since the last call.
    fn update(&mut self, backend: &str, jobs: Arc<Vec<Arc<Job>>>) -> Vec<Arc<Job>> {
        if Arc::ptr_eq(&self.jobs, &jobs) {
            return Vec::new();
        }
        // A paused upload waits for its user, and nobody watches the jobs of other backends.
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
    /// Keeps title, notifications and the closing of the window up with the jobs.
    pub(super) fn watch_work(&mut self, ctx: &Context) {
        let ended = if let Some(client) = &self.client {
            self.work.update(&client.backend().name, client.jobs())
        } else {
            // The end of what ran on another backend is no news here.
            self.work.under_way.clear();
            self.work.jobs = Arc::default();
            Vec::new()
        };
        let in_front = ctx.input(|input| input.focused && input.viewport().minimized != Some(true));
        if self.preferences.notifications && !in_front && !ended.is_empty() {
            notify::show(&self.engine, ctx, &ended);
        }
        let count = self.work.count();
        if count != self.work.said {
            self.work.said = count;
            ctx.send_viewport_cmd(ViewportCommand::Title(title(count)));
        }
        let asks = ctx.input(|input| input.viewport().close_requested());
        if asks && count > 0 && self.work.closing != Closing::Granted {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            ctx.send_viewport_cmd(ViewportCommand::Focus);
            self.work.closing = Closing::Asked;
        }
    }

    /// Asks whether the window is to be closed while jobs are under way.
    pub(super) fn closing_ui(&mut self, ctx: &Context) {
        if self.work.closing != Closing::Asked {
            return;
        }
        if self.work.count() == 0 {
            // What it was about is over.
            self.work.closing = Closing::Granted;
            ctx.send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        let here = self
            .client
            .as_ref()
            .is_some_and(|client| client.backend().is_local());
        let (question, detail) = question(self.work.count(), here);
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

fn question(count: usize, here: bool) -> (String, &'static str) {
    let question = match count {
        1 => "Close with 1 job under way?".to_owned(),
        count => format!("Close with {count} jobs under way?"),
    };
    let detail = if here {
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

    // Breaks if one is told that a task goes on which stops, or the other way round.
    #[test]
    fn the_question_says_what_goes_on() {
        let (question_here, here) = question(1, true);
        assert_eq!(question_here, "Close with 1 job under way?");
        assert!(here.contains("stop with it") && here.contains("Uploads go on"));
        let (_, there) = question(2, false);
        assert!(there.contains("go on at AWS") && there.contains("Uploads go on"));
    }
}
