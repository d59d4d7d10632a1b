//! The jobs: a list, and everything about one of them.

mod actions;
mod compare;
mod detail;
mod facts;
mod header;
mod keys;
mod list;
mod listing;
mod log;
mod many;
mod notice;
mod phases;
mod report;
mod result;
mod row;
mod selection;

use std::collections::HashSet;
use std::time::Duration;

use egui::{Id, Rect, Ui, pos2};
use posterframe_client::Log;
use posterframe_contract::JobId;
use posterframe_kit::theme::{icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Empty, vline, within};

use self::compare::Compare;
use self::listing::{Jobs, Listing, Shown};
use self::log::LogPanel;
use self::selection::Selection;
use crate::context::{Command, Pictures, View, ViewContext};

/// What stills and results may take of the GPU's memory.
const PICTURE_BYTES: usize = 48 << 20;

/// The Jobs tab.
pub struct JobsView {
    listing: Listing,
    selection: Selection,
    /// The row that the current job had last, for whoever takes its place.
    last_row: usize,
    /// Rows on a page of the list.
    page: usize,
    /// Scroll the list to the selected row in the next frame.
    reveal: bool,
    query: String,
    shown: Shown,
    log: LogPanel,
    pictures: Pictures,
    /// Jobs that were taken off the list, while that can be undone.
    hidden: HashSet<JobId>,
    /// The jobs that are to be stopped, while the question stands.
    stopping: Vec<JobId>,
    compare: Option<Compare>,
}

impl Default for JobsView {
    fn default() -> Self {
        Self {
            listing: Listing::default(),
            selection: Selection::default(),
            last_row: 0,
            page: 1,
            reveal: false,
            query: String::new(),
            shown: Shown::default(),
            log: LogPanel::default(),
            pictures: Pictures::new(PICTURE_BYTES),
            hidden: HashSet::new(),
            stopping: Vec::new(),
            compare: None,
        }
    }
}

impl JobsView {
    /// Selects a job and brings its row on the screen, whatever the list was filtered by.
    pub fn select(&mut self, id: JobId) {
        self.selection.only(id);
        self.reveal = true;
        self.query.clear();
        self.shown = Shown::All;
    }

    /// Takes jobs off the list; [`JobsView::unhide`] brings them back.
    pub fn hide(&mut self, ids: &[JobId]) {
        self.hidden.extend(ids);
        self.selection.collapse();
    }

    /// Brings back what [`JobsView::hide`] took away.
    pub fn unhide(&mut self, ids: &[JobId]) {
        for id in ids {
            self.hidden.remove(id);
        }
    }

    /// Draws the tab in all of `ui`.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        let Some(client) = ctx.client else {
            let words = "Jobs show here once the backend is ready";
            ui.add(Empty::new(icons::CLOUD, "Not connected", words));
            return;
        };
        self.show(ui, ctx, &client.jobs(), &|id| client.log(id));
    }

    /// Draws the tab with these jobs, newest first, and their logs. [`JobsView::ui`] takes them from the client.
    pub fn show(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, jobs: &Jobs, logs: &dyn Fn(JobId) -> Log) {
        let rect = ui.max_rect();
        self.listing
            .update(jobs, self.query.trim(), self.shown, &self.hidden);
        self.selection.keep(&self.listing, &mut self.last_row);
        if self.listing.counts()[0] == 0 {
            let words = "Open a video, mark the frames you want, and submit them";
            let button = Button::primary("Open video…")
                .with_icon(icons::FILM_STRIP)
                .tip("Open files…", &["Ctrl", "O"]);
            let empty = Empty::new(icons::PULSE, "No jobs yet", words).button(button);
            if ui.add(empty).clicked() {
                ctx.commands.send(Command::Show(View::New));
                ctx.commands.send(Command::OpenFiles);
            }
            return;
        }
        self.keys(ui, ctx);

        let narrow = rect.width() < sizes::NARROW;
        let split = rect.left() + if narrow { 300.0 } else { 380.0 };
        let left = Rect::from_min_max(rect.min, pos2(split, rect.bottom()));
        let right = Rect::from_min_max(pos2(split, rect.top()), rect.max);
        ui.painter().rect_filled(left, 0, tokens(ui).panel);
        within(ui, left, "list", |ui| self.list_ui(ui, ctx));
        vline(ui, split - 1.0, rect.y_range());
        let selected = self.selection.jobs(&self.listing);
        match selected.as_slice() {
            [] => {}
            [job] => {
                let log = logs(job.id);
                within(ui, right, "detail", |ui| {
                    self.detail_ui(ui, ctx, job, &log, narrow);
                });
            }
            jobs => within(ui, right, "many", |ui| self.many_ui(ui, ctx, jobs)),
        }
        self.stop_ui(ui, ctx);
        self.compare_ui(ui, ctx);
        if self.listing.under_way() {
            // Durations count seconds; all else changes when the client says so.
            ui.ctx().request_repaint_after(Duration::from_secs(1));
        }
    }
}

fn filter_id() -> Id {
    Id::unique("jobs filter")
}
