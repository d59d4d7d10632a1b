//! The gallery: every thumbnail in the bucket, and everything about one of them.

mod card;
mod facts;
mod grid;
mod keys;
mod sheet;
mod shelf;
mod toolbar;

use std::collections::BTreeSet;
use std::time::Duration;

use egui::{Align2, Id, Rect, Ui, pos2, vec2};
use posterframe_client::{GalleryItem, GalleryPage};

use self::facts::Facts;
use self::shelf::{Shelf, Sort};
use crate::engine::{Remote, RemoteState};
use crate::theme::{Role, icons, sizes, tokens};
use crate::views::{Command, View, ViewContext};
use crate::widgets::{Button, Pictures, Text, confirm, empty_ui, vline, within};

/// What the pictures may take of the GPU's memory.
const PICTURE_BYTES: usize = 96 << 20;
/// Width of the side sheet.
const SHEET: f32 = 324.0;
/// Height of the toolbar.
const TOOLBAR: f32 = 56.0;
/// Seconds before a view says that it waits.
const PATIENCE: f64 = 0.4;
/// How long a copied link works.
const LINK: Duration = Duration::from_hours(1);

/// The Gallery tab.
pub struct GalleryView {
    /// The first page, and each further one, while it is on its way.
    page: Remote<GalleryPage>,
    more: Remote<GalleryPage>,
    shelf: Shelf,
    /// Whether the first page has come.
    loaded: bool,
    /// The error of the last request, until a new one.
    error: Option<String>,
    query: String,
    sort: Sort,
    /// The thumbnail in the side sheet.
    open: Option<String>,
    /// Those picked for deleting, while picking.
    picked: Option<BTreeSet<String>>,
    /// Scroll to the open one in the next frame.
    reveal: bool,
    /// How many jobs were done when the page was asked for: one more means another thumbnail.
    done_jobs: Option<usize>,
    /// When the page was asked for, in egui's seconds.
    asked: f64,
    deleting: Vec<String>,
    pictures: Pictures,
    facts: Facts,
    /// How many columns there were in the last frame, for the keys.
    columns: usize,
}

impl Default for GalleryView {
    fn default() -> Self {
        Self {
            page: Remote::default(),
            more: Remote::default(),
            shelf: Shelf::default(),
            loaded: false,
            error: None,
            query: String::new(),
            sort: Sort::default(),
            open: None,
            picked: None,
            reveal: false,
            done_jobs: None,
            asked: 0.0,
            deleting: Vec::new(),
            pictures: Pictures::new(PICTURE_BYTES),
            facts: Facts::default(),
            columns: 1,
        }
    }
}

impl GalleryView {
    /// A gallery whose first page is here already.
    pub fn with_page(page: GalleryPage) -> Self {
        Self {
            page: Remote::here(page),
            ..Self::default()
        }
    }

    /// Opens the thumbnail of a key in the side sheet, once it is here.
    pub fn select(&mut self, key: String) {
        self.query.clear();
        self.picked = None;
        self.reveal = true;
        if self.shelf.get(&key).is_none() {
            // It is newer than the page.
            self.done_jobs = None;
            self.page.renew(Remote::default());
        }
        self.open = Some(key);
    }

    /// Takes thumbnails out that are gone from the bucket.
    pub fn deleted(&mut self, keys: &[String]) {
        self.shelf.remove(keys);
        self.deleting.clear();
        if let Some(picked) = &mut self.picked {
            picked.retain(|key| !keys.contains(key));
        }
        if self.open.as_ref().is_some_and(|open| keys.contains(open)) {
            self.open = None;
        }
    }

    /// Draws the tab in all of `ui`.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        self.fetch(ui, ctx);
        let rect = ui.max_rect();
        if self.loaded && self.shelf.is_empty() && self.error.is_none() {
            let words = "Finished thumbnails show here, whoever made them";
            let button = Button::primary("Pick a frame").with_icon(icons::CROSSHAIR_SIMPLE);
            if empty_ui(ui, rect, icons::IMAGES, "No thumbnails yet", words, Some(button)) {
                ctx.commands.send(Command::Show(View::New));
            }
            return;
        }
        if !self.loaded {
            self.not_loaded_ui(ui, ctx, rect);
            return;
        }
        let items: Vec<GalleryItem> = self.shelf.shown(&self.query, self.sort);
        self.keys(ui, ctx, &items);

        let open = self.open.as_ref().and_then(|key| self.shelf.get(key)).cloned();
        let narrow = rect.width() < sizes::NARROW;
        let split = if open.is_some() {
            rect.right() - SHEET
        } else {
            rect.right()
        };
        // In a narrow window the sheet lies over the grid, which keeps its columns.
        let left = Rect::from_min_max(
            rect.min,
            pos2(if narrow { rect.right() } else { split }, rect.bottom()),
        );
        within(ui, left, "grid side", |ui| {
            let bar = Rect::from_min_max(left.min, pos2(left.right(), left.top() + TOOLBAR));
            within(ui, bar, "toolbar", |ui| self.toolbar_ui(ui, ctx, &items));
            let grid = Rect::from_min_max(bar.left_bottom(), left.max);
            within(ui, grid, "grid", |ui| self.grid_ui(ui, ctx, &items));
        });
        if let Some(item) = open {
            let sheet = Rect::from_min_max(pos2(split, rect.top()), rect.max);
            // Takes the clicks, so that nothing under it in a narrow window does.
            ui.interact(
                sheet,
                ui.scope_id().with("sheet ground"),
                egui::Sense::click_and_drag(),
            );
            ui.painter().rect_filled(sheet, 0, tokens(ui).panel);
            vline(ui, sheet.left(), sheet.y_range());
            within(ui, sheet, ("sheet", &item.key), |ui| {
                self.sheet_ui(ui, ctx, &item, &items);
            });
        }
        self.delete_ui(ui, ctx);
    }

    /// Asks for the first page, and again when a job is done.
    fn fetch(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        match self.page.state() {
            RemoteState::Unavailable(error, _) => self.error = Some(error.to_owned()),
            RemoteState::Pending(_) => self.error = None,
            _ => {}
        }
        if let Some(page) = self.page.take() {
            self.shelf.replace(page);
            self.loaded = true;
        }
        if let RemoteState::Unavailable(error, _) = self.more.state() {
            self.error = Some(error.to_owned());
        }
        if let Some(page) = self.more.take() {
            self.shelf.extend(page);
        }
        if let Some(client) = ctx.client {
            let jobs = client.jobs();
            let done = jobs.iter().filter(|job| job.thumbnail.is_some()).count();
            if self.done_jobs != Some(done) && !self.page.is_pending() {
                self.done_jobs = Some(done);
                self.ask(ui, ctx);
            }
        }
    }

    fn ask(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        if let Some(client) = ctx.client.cloned() {
            self.error = None;
            self.asked = ui.input(|input| input.time);
            self.pictures.retry_failed();
            self.facts.retry_failed();
            self.page = ctx
                .engine
                .request(ui.ctx(), async move { client.gallery_page(None).await });
        }
    }

    fn ask_more(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        if let (Some(client), Some(after), false) =
            (ctx.client.cloned(), self.shelf.next(), self.more.is_pending())
        {
            self.more = ctx
                .engine
                .request(ui.ctx(), async move { client.gallery_page(Some(after)).await });
        }
    }

    fn not_loaded_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, rect: Rect) {
        if let Some(error) = self.error.clone() {
            let button = Button::primary("Try again").with_icon(icons::ARROW_CLOCKWISE);
            if empty_ui(
                ui,
                rect,
                icons::CLOUD_SLASH,
                "The bucket cannot be listed",
                &error,
                Some(button),
            ) {
                self.ask(ui, ctx);
            }
        } else if ctx.client.is_none() {
            let words = "Thumbnails show here once the backend is ready";
            empty_ui(ui, rect, icons::CLOUD, "Not connected", words, None);
        } else {
            // Most pages are here before anyone could read that they are not.
            let waited = ui.input(|input| input.time) - self.asked;
            if waited >= PATIENCE {
                let place = Rect::from_center_size(rect.center(), vec2(rect.width(), 20.0));
                let words = Text::new(Role::BODY, "Listing the bucket…").color(tokens(ui).text3);
                words.at(ui, place, Align2::CENTER_CENTER);
            } else {
                ui.ctx()
                    .request_repaint_after(Duration::from_secs_f64(PATIENCE - waited));
            }
        }
    }

    fn delete_ui(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        let question = match self.deleting.len() {
            0 => return,
            1 => "Delete this thumbnail?".to_owned(),
            count => format!("Delete {count} thumbnails?"),
        };
        let detail = "The source videos stay in the bucket";
        match confirm(
            ui.ctx(),
            Id::unique("delete thumbnails"),
            &question,
            detail,
            "Delete",
        ) {
            Some(true) => {
                ctx.commands
                    .send(Command::DeleteThumbnails(std::mem::take(&mut self.deleting)));
                self.picked = None;
            }
            Some(false) => self.deleting.clear(),
            None => {}
        }
    }
}

fn search_id() -> Id {
    Id::unique("gallery search")
}
