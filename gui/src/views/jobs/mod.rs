//! The jobs: a list, and everything about one of them.

mod detail;
mod failure;
mod list;
mod log;
mod result;
mod row;
mod words;

use std::sync::Arc;
use std::time::Duration;

use egui::{Id, Key, KeyboardShortcut, Modifiers, Rect, Ui, pos2};
use posterframe_client::{Job, JobState, LogLine};
use posterframe_contract::JobId;

use self::log::LogPanel;
use crate::theme::{icons, sizes, tokens};
use crate::views::{Command, View, ViewContext};
use crate::widgets::{Button, Pictures, confirm, empty_ui, shortcuts_apply, take_slash, vline, within};

/// What stills and results may take of the GPU's memory.
const PICTURE_BYTES: usize = 48 << 20;

/// The Jobs tab.
pub struct JobsView {
    selected: Option<JobId>,
    /// Scroll the list to the selected row in the next frame.
    reveal: bool,
    query: String,
    shown: Shown,
    log: LogPanel,
    pictures: Pictures,
    /// The job that is to be taken off the list, while the question stands.
    forgetting: Option<JobId>,
}

impl Default for JobsView {
    fn default() -> Self {
        Self {
            selected: None,
            reveal: false,
            query: String::new(),
            shown: Shown::default(),
            log: LogPanel::default(),
            pictures: Pictures::new(PICTURE_BYTES),
            forgetting: None,
        }
    }
}

/// Which jobs the list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shown {
    #[default]
    All,
    Active,
    Done,
    Failed,
}

impl Shown {
    const ALL: [Self; 4] = [Self::All, Self::Active, Self::Done, Self::Failed];

    const fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Active => "Active",
            Self::Done => "Done",
            Self::Failed => "Failed",
        }
    }

    fn holds(self, state: JobState) -> bool {
        match self {
            Self::All => true,
            Self::Active => !state.is_ended(),
            Self::Done => state == JobState::Done,
            Self::Failed => state == JobState::Failed,
        }
    }
}

impl JobsView {
    /// Selects a job and brings its row on the screen, whatever the list was filtered by.
    pub fn select(&mut self, id: JobId) {
        self.selected = Some(id);
        self.reveal = true;
        self.query.clear();
        self.shown = Shown::All;
    }

    /// Draws the tab in all of `ui`.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        let Some(client) = ctx.client else {
            let rect = ui.max_rect();
            empty_ui(
                ui,
                rect,
                icons::CLOUD,
                "Not connected",
                "Jobs show here once the backend is ready",
                None,
            );
            return;
        };
        self.show(ui, ctx, &client.jobs(), &|id| client.logs(id));
    }

    /// Draws the tab with these jobs, newest first, and their logs. [`JobsView::ui`] takes them from the client.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        jobs: &[Arc<Job>],
        logs: &dyn Fn(JobId) -> Arc<Vec<LogLine>>,
    ) {
        let rect = ui.max_rect();
        if jobs.is_empty() {
            let words = "Open a video, mark the frames you want, and submit them";
            let button = Button::primary("Open video…").with_icon(icons::FILM_STRIP);
            if empty_ui(ui, rect, icons::PULSE, "No jobs yet", words, Some(button)) {
                ctx.commands.send(Command::Show(View::New));
                ctx.commands.send(Command::OpenFiles);
            }
            return;
        }
        let visible: Vec<Arc<Job>> = jobs.iter().filter(|job| self.is_shown(job)).cloned().collect();
        self.keep_a_selection(jobs, &visible);
        self.keys(ui, ctx, jobs, &visible);

        let narrow = rect.width() < sizes::NARROW;
        let split = rect.left() + if narrow { 300.0 } else { 380.0 };
        let left = Rect::from_min_max(rect.min, pos2(split, rect.bottom()));
        let right = Rect::from_min_max(pos2(split, rect.top()), rect.max);
        ui.painter().rect_filled(left, 0, tokens(ui).panel);
        within(ui, left, "list", |ui| self.list_ui(ui, ctx, jobs, &visible));
        vline(ui, split - 1.0, rect.y_range());
        let job = jobs.iter().find(|job| Some(job.id) == self.selected).cloned();
        if let Some(job) = job {
            within(ui, right, "detail", |ui| {
                self.detail_ui(ui, ctx, &job, &logs(job.id), narrow);
            });
        }
        self.forget_ui(ui, ctx, jobs);
        if jobs.iter().any(|job| !job.state.is_ended()) {
            // Durations count seconds; all else changes when the client says so.
            ui.ctx().request_repaint_after(Duration::from_secs(1));
        }
    }

    fn is_shown(&self, job: &Job) -> bool {
        let query = self.query.trim().to_lowercase();
        self.shown.holds(job.state)
            && (query.is_empty()
                || job.video.name.to_lowercase().contains(&query)
                || job.thumbnail_name().to_lowercase().contains(&query))
    }

    /// There is always one selected: the newest, until the user says otherwise.
    fn keep_a_selection(&mut self, jobs: &[Arc<Job>], visible: &[Arc<Job>]) {
        if !jobs.iter().any(|job| Some(job.id) == self.selected) {
            self.selected = visible.first().or(jobs.first()).map(|job| job.id);
        }
    }

    fn keys(&mut self, ui: &Ui, ctx: &ViewContext<'_>, jobs: &[Arc<Job>], visible: &[Arc<Job>]) {
        if take_slash(ui) {
            ui.memory_mut(|memory| memory.request_focus(filter_id()));
        }
        if !shortcuts_apply(ui) {
            return;
        }
        let press = |modifiers: Modifiers, key: Key| ui.input_mut(|input| input.consume_key(modifiers, key));
        let step = i32::from(press(Modifiers::NONE, Key::ArrowDown))
            - i32::from(press(Modifiers::NONE, Key::ArrowUp));
        if step != 0 && !visible.is_empty() {
            let at = visible.iter().position(|job| Some(job.id) == self.selected);
            let next = at.map_or(0, |at| {
                at.saturating_add_signed(step as isize).min(visible.len() - 1)
            });
            self.selected = Some(visible[next].id);
            self.reveal = true;
        }
        let Some(job) = jobs.iter().find(|job| Some(job.id) == self.selected) else {
            return;
        };
        let shortcut = |key: Key| {
            ui.input_mut(|input| input.consume_shortcut(&KeyboardShortcut::new(Modifiers::COMMAND, key)))
        };
        if job.state.is_ended() {
            if press(Modifiers::NONE, Key::Delete) {
                self.forgetting = Some(job.id);
            }
            if shortcut(Key::R) {
                ctx.commands.send(Command::Retry(job.id));
            }
        }
        if let Some(thumbnail) = &job.thumbnail
            && shortcut(Key::S)
        {
            let (file, name) = (thumbnail.file.clone(), job.thumbnail_name().to_owned());
            ctx.commands.send(Command::SaveAs { file, name });
        }
    }

    fn forget_ui(&mut self, ui: &Ui, ctx: &ViewContext<'_>, jobs: &[Arc<Job>]) {
        let Some(job) = self
            .forgetting
            .and_then(|id| jobs.iter().find(|job| job.id == id))
        else {
            self.forgetting = None;
            return;
        };
        let detail = match job.state {
            JobState::Done => "Its thumbnail stays in the bucket",
            _ => "Its log goes with it; the video in the bucket stays",
        };
        match confirm(
            ui.ctx(),
            Id::unique("forget job"),
            "Remove this job from the list?",
            detail,
            "Remove",
        ) {
            Some(true) => {
                ctx.commands.send(Command::Forget(job.id));
                self.forgetting = None;
            }
            Some(false) => self.forgetting = None,
            None => {}
        }
    }
}

fn filter_id() -> Id {
    Id::unique("jobs filter")
}
