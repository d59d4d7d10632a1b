//! The Jobs tab: the list of jobs, and the selected job in full.

mod actions;
mod cards;
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

/// Most bytes of textures for stills and results.
const PICTURE_BYTES: usize = 48 << 20;
/// Width of the list beside the detail, in points, in a wide and in a narrow window.
const LIST_WIDTHS: [f32; 2] = [380.0, 300.0];
/// Width in points below which the view is one page, with the detail below the list.
const ONE_PAGE: f32 = 620.0;
/// Height of the list on that page, in points.
const LIST_HEIGHT: f32 = 260.0;

/// The Jobs tab.
pub struct JobsView {
    listing: Listing,
    selection: Selection,
    /// The current job's row in the last frame. If that job leaves the list, the next job in this row becomes current.
    last_row: usize,
    /// Number of rows that fit on the screen, for Page Up and Page Down.
    page: usize,
    /// Whether the next frame scrolls the list to the current row.
    reveal: bool,
    query: String,
    shown: Shown,
    log: LogPanel,
    pictures: Pictures,
    /// Jobs that are removed from the list while that can still be undone.
    hidden: HashSet<JobId>,
    /// Jobs that will be stopped if the user confirms it.
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
    /// Selects a job and scrolls to its row; clears the filters.
    pub fn select(&mut self, id: JobId) {
        self.selection.only(id);
        self.reveal = true;
        self.query.clear();
        self.shown = Shown::All;
    }

    /// Hides jobs from the list; [`JobsView::unhide`] shows them again.
    pub fn hide(&mut self, ids: &[JobId]) {
        self.hidden.extend(ids);
        self.selection.collapse();
    }

    /// Shows jobs again that [`JobsView::hide`] has hidden.
    pub fn unhide(&mut self, ids: &[JobId]) {
        for id in ids {
            self.hidden.remove(id);
        }
    }

    /// Draws the tab into the whole of `ui`.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        let Some(client) = ctx.client else {
            let text = "Jobs show here once the backend is ready";
            ui.add(Empty::new(icons::CLOUD, "Not connected", text));
            return;
        };
        self.show(ui, ctx, &client.jobs(), &|id| client.log(id));
    }

    /// Draws the tab with these jobs, newest first, and their logs. [`JobsView::ui`] gets them from the client.
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
            // The shown durations count seconds. For all other changes the client wakes the window.
            ui.ctx().request_repaint_after(Duration::from_secs(1));
        }
    }

    /// Draws the selected job or jobs. `page` is the view's height if the view is one page that scrolls.
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
