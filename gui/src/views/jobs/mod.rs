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

use egui::{CentralPanel, Frame, Id, Panel, ScrollArea, Separator, Ui, vec2};
use posterframe_client::Log;
use posterframe_contract::JobId;
use posterframe_kit::theme::{icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Empty, Reveal as _};

use self::compare::Compare;
use self::listing::{Jobs, Listing, Shown};
use self::log::LogPanel;
use self::selection::Selection;
use crate::context::{Command, Pictures, View, ViewContext};

/// What stills and results may take of the GPU's memory.
const PICTURE_BYTES: usize = 48 << 20;
/// Width of the list beside the detail, in points: in a wide window, and in a narrow one.
const LIST_WIDTHS: [f32; 2] = [380.0, 300.0];
/// A view narrower than this is one page: the list, and the detail below it.
const ONE_PAGE: f32 = 620.0;
/// Height of the list on that page, in points.
const LIST_HEIGHT: f32 = 260.0;

/// The Jobs tab.
pub struct JobsView {
    listing: Listing,
    selection: Selection,
    /// The row of the current job in the last frame: if it leaves the list, the job in this row becomes the current one.
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
    /// Jobs that are stopped once the question about them is answered.
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
            let text = "Jobs show here once the backend is ready";
            ui.add(Empty::new(icons::CLOUD, "Not connected", text));
            return;
        };
        self.show(ui, ctx, &client.jobs(), &|id| client.log(id));
    }

    /// Draws the tab with these jobs, newest first, and their logs. [`JobsView::ui`] takes them from the client.
    pub fn show(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, jobs: &Jobs, logs: &dyn Fn(JobId) -> Log) {
        self.listing
            .update(jobs, self.query.trim(), self.shown, &self.hidden);
        self.selection.keep(&self.listing, &mut self.last_row);
        if self.listing.counts()[0] == 0 {
            let text = "Open a video, mark the frames you want, and submit them";
            let button = Button::primary("Open video…")
                .with_icon(icons::FILM_STRIP)
                .tip("Open files…", &["Ctrl", "O"]);
            let empty = Empty::new(icons::PULSE, "No jobs yet", text).button(button);
            if ui.add(empty).clicked() {
                ctx.commands.send(Command::Show(View::New));
                ctx.commands.send(Command::OpenFiles);
            }
            return;
        }
        self.keys(ui, ctx);

        ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
        let room = ui.available_size();
        let ground = Frame::NONE.fill(tokens(ui).panel);
        if room.x < ONE_PAGE {
            ScrollArea::vertical().id_salt("page").show_revealing(ui, |ui| {
                ui.allocate_ui(vec2(room.x, LIST_HEIGHT), |ui| {
                    ground.show(ui, |ui| self.list_ui(ui, ctx));
                });
                ui.add(Separator::default().horizontal().spacing(1.0));
                self.selected_ui(ui, ctx, logs, Some(room.y));
            });
        } else {
            let width = LIST_WIDTHS[usize::from(room.x < sizes::NARROW)];
            let list = Panel::left("list").exact_size(width).resizable(false);
            list.frame(ground).show(ui, |ui| self.list_ui(ui, ctx));
            CentralPanel::no_frame().show(ui, |ui| self.selected_ui(ui, ctx, logs, None));
        }
        self.stop_ui(ui, ctx);
        self.compare_ui(ui, ctx);
        if self.listing.under_way() {
            // Durations count seconds; all else changes when the client says so.
            ui.ctx().request_repaint_after(Duration::from_secs(1));
        }
    }

    /// What is selected: one job, or several. `page` is the height of the view where all of it is on one page that
    /// scrolls already.
    fn selected_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        logs: &dyn Fn(JobId) -> Log,
        page: Option<f32>,
    ) {
        let selected = self.selection.jobs(&self.listing);
        match (selected.as_slice(), page) {
            ([], _) => {}
            ([job], Some(height)) => self.detail_page_ui(ui, ctx, job, &logs(job.id), height),
            ([job], None) => self.detail_ui(ui, ctx, job, &logs(job.id)),
            (jobs, Some(_)) => self.many_ui(ui, ctx, jobs),
            (jobs, None) => {
                ScrollArea::vertical().show_revealing(ui, |ui| self.many_ui(ui, ctx, jobs));
            }
        }
    }
}

fn filter_id() -> Id {
    Id::unique("jobs filter")
}
