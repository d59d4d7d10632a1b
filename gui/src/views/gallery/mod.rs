//! The Gallery tab: all thumbnails in the bucket, and the open one in full.

mod arrange;
mod card;
mod console;
mod criteria;
mod facts;
mod grid;
mod groups;
mod keys;
mod rows;
mod sheet;
mod storyboard;
mod toolbar;
mod viewer;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use egui::{CentralPanel, Id, ScrollArea, Ui, vec2};
use egui_extras::{Size, StripBuilder};
use posterframe_client::{Extent, GalleryItem, Listing, Still};
use posterframe_kit::theme::{Role, icons, tokens};
use posterframe_kit::widgets::{Button, Empty, Reveal as _, Text, confirm};

use self::arrange::Arrangement;
use self::criteria::Criteria;
use self::facts::Facts;
use self::groups::Known;
use self::rows::Rows;
use self::viewer::Viewer;
use crate::context::{Command, Pictures, RequestState, Requested, View, ViewContext};

/// Most bytes of textures.
const PICTURE_BYTES: usize = 96 << 20;
/// Width of the side sheet, in points.
const SHEET: f32 = 324.0;
/// Smallest width of the grid beside the sheet, in points. With less room, the sheet takes the whole view.
const MIN_GRID_WIDTH: f32 = 300.0;
/// Smallest height of the view, in points. In less room it scrolls.
const MIN_HEIGHT: f32 = 360.0;
/// Seconds before the loading message appears.
const LOADING_DELAY: f64 = 0.4;
/// Seconds between listings while the gallery is shown, to find thumbnails that others add.
const POLL_INTERVAL: f64 = 15.0;
/// Of this many listings, one is of the whole bucket, even if that is large.
const FULL_LISTING_EVERY: u32 = 20;

/// The Gallery tab.
pub struct GalleryView {
    /// The client's listing of the bucket at the last frame.
    listing: Arc<Listing>,
    refresh: Requested<()>,
    /// Time of the last listing, in egui's seconds, and the number of listings.
    listed_at: Option<f64>,
    listings: u32,
    criteria: Criteria,
    arrangement: Arrangement,
    rows: Rows,
    /// Key of the thumbnail in the side sheet.
    open: Option<String>,
    /// Keys of the picked thumbnails; `None` unless the user is picking.
    picked: Option<BTreeSet<String>>,
    /// Key of the last clicked thumbnail while picking, from which Shift picks a range.
    last_picked: Option<String>,
    /// Whether to scroll to the open thumbnail once it is listed.
    reveal: bool,
    /// Thumbnails to delete if the user confirms it, since this cannot be undone.
    deleting: Vec<Arc<GalleryItem>>,
    /// The viewer that fills the tab, if one is open.
    viewer: Option<Viewer>,
    pictures: Pictures,
    facts: Facts,
}

impl Default for GalleryView {
    fn default() -> Self {
        Self {
            listing: Arc::default(),
            refresh: Requested::default(),
            listed_at: None,
            listings: 0,
            criteria: Criteria::default(),
            arrangement: Arrangement::default(),
            rows: Rows::default(),
            open: None,
            picked: None,
            last_picked: None,
            reveal: false,
            deleting: Vec::new(),
            viewer: None,
            pictures: Pictures::new(PICTURE_BYTES),
            facts: Facts::default(),
        }
    }
}

impl GalleryView {
    /// A gallery of these items, shown as long as there is no client. For tests and benchmarks.
    pub fn with_items(items: Vec<GalleryItem>) -> Self {
        let mut view = Self::default();
        view.set_items(items);
        view
    }

    /// Replaces the items, shown as long as there is no client.
    pub fn set_items<T: Into<Arc<GalleryItem>>>(&mut self, items: Vec<T>) {
        self.listing = Arc::new(Listing {
            items: Arc::new(items.into_iter().map(Into::into).collect()),
            revision: self.listing.revision + 1,
            complete: true,
            error: None,
        });
    }

    /// Number of times that the thumbnails were arranged. Drawing without changes does not increase it.
    pub fn arranged(&self) -> u64 {
        self.arrangement.number()
    }

    /// Opens the thumbnail of a key in the side sheet, once it is listed.
    pub fn select(&mut self, key: String) {
        self.criteria.query.clear();
        self.criteria.kind = None;
        self.picked = None;
        self.viewer = None;
        self.reveal = true;
        if self.arrangement.at(&key).is_none() {
            // The thumbnail is newer than the listing, so list again now.
            self.listed_at = None;
        }
        self.open = Some(key);
    }

    /// Draws the tab into the whole of `ui`.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        self.fetch(ui, ctx);
        let known = self.listing.complete || !self.listing.items.is_empty();
        if !known {
            self.not_loaded_ui(ui, ctx);
            return;
        }
        if self.listing.items.is_empty() && self.listing.error.is_none() {
            let text = "Finished thumbnails show here, whoever made them";
            let button = Button::primary("Pick a frame")
                .with_icon(icons::CROSSHAIR_SIMPLE)
                .tip(View::New.purpose(), &["Ctrl", "1"]);
            let empty = Empty::new(icons::IMAGES, "No thumbnails yet", text).button(button);
            if ui.add(empty).clicked() {
                ctx.commands.send(Command::Show(View::New));
            }
            Self::undo_key(ui, ctx);
            return;
        }
        self.arrange(ctx);
        ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
        if ui.available_height() >= MIN_HEIGHT {
            self.content_ui(ui, ctx);
            return;
        }
        ScrollArea::vertical().id_salt("page").show_revealing(ui, |ui| {
            let size = vec2(ui.available_width(), MIN_HEIGHT);
            ui.allocate_ui(size, |ui| self.content_ui(ui, ctx));
        });
    }

    /// Draws the viewer, or the grid with the side sheet, into the whole of `ui`.
    fn content_ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        if self.viewer_ui(ui, ctx) {
            return;
        }
        self.keys(ui, ctx);
        let open = self
            .open
            .as_ref()
            .and_then(|key| self.arrangement.get(key))
            .cloned();
        let beside = ui.available_width() - SHEET >= MIN_GRID_WIDTH;
        match open {
            Some(item) if !beside => self.sheet_ui(ui, ctx, &item),
            open => {
                ui.spacing_mut().item_spacing.x = 0.0;
                let cells = StripBuilder::new(ui)
                    .size(Size::remainder())
                    .sizes(Size::exact(SHEET), usize::from(open.is_some()));
                cells.horizontal(|mut strip| {
                    strip.cell(|ui| {
                        self.toolbar_ui(ui, ctx);
                        self.kinds_ui(ui);
                        CentralPanel::no_frame().show(ui, |ui| self.grid_ui(ui, ctx));
                    });
                    if let Some(item) = open {
                        strip.cell(|ui| self.sheet_ui(ui, ctx, &item));
                    }
                });
            }
        }
        self.delete_ui(ui, ctx);
    }

    /// Takes the client's listing, and lists the bucket at first and then every [`POLL_INTERVAL`]. It does so only while the
    /// gallery is drawn. The client adds thumbnails of its own jobs without a listing.
    fn fetch(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        let Some(client) = ctx.client else { return };
        self.listing = client.gallery().listing();
        let now = ui.input(|input| input.time);
        let pending = self.refresh.is_pending();
        let waited = self.listed_at.map_or(f64::INFINITY, |listed_at| now - listed_at);
        if waited >= POLL_INTERVAL && !pending {
            let full = self.listings.is_multiple_of(FULL_LISTING_EVERY);
            self.list(ui, ctx, if full { Extent::All } else { Extent::Recent });
        }
        let next = (POLL_INTERVAL - (now - self.listed_at.unwrap_or(now))).max(0.1);
        ui.ctx().request_repaint_after(Duration::from_secs_f64(next));
    }

    fn list(&mut self, ui: &Ui, ctx: &ViewContext<'_>, extent: Extent) {
        let Some(client) = ctx.client.cloned() else {
            return;
        };
        self.listed_at = Some(ui.input(|input| input.time));
        self.listings = self.listings.wrapping_add(1);
        self.pictures.retry_failed();
        self.facts.retry_failed();
        // Errors are reported in the listing.
        let gallery = client.gallery().clone();
        self.refresh = ctx
            .engine
            .request(ui.ctx(), async move { gallery.refresh(extent).await });
    }

    fn arrange(&mut self, ctx: &ViewContext<'_>) {
        let known = |item: &GalleryItem| {
            let job = ctx.client?.job(item.job?)?;
            let has = |still: &Still| still.files.iter().any(|file| file.made.key == item.key);
            Some(Known {
                video: job.video.name.clone(),
                still: job.stills.iter().position(has),
            })
        };
        if !self
            .arrangement
            .update(&self.listing, &self.criteria, ctx.now, &known)
        {
            return;
        }
        // Thumbnails that have left the bucket are unpicked. Those that the search hides stay picked.
        if self.criteria.query.trim().is_empty() && self.criteria.kind.is_none() {
            let arrangement = &self.arrangement;
            if let Some(picked) = &mut self.picked {
                picked.retain(|key| arrangement.at(key).is_some());
            }
            if !self.reveal
                && self
                    .open
                    .as_ref()
                    .is_some_and(|key| arrangement.at(key).is_none())
            {
                self.open = None;
            }
        }
    }

    fn not_loaded_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) {
        if let (Some(error), false) = (self.listing.error.clone(), self.refresh.is_pending()) {
            let button = Button::primary("Try again").with_icon(icons::ARROW_CLOCKWISE);
            let title = "The bucket cannot be listed";
            let empty = Empty::new(icons::CLOUD_SLASH, title, &error).button(button);
            if ui.add(empty).clicked() {
                self.list(ui, ctx, Extent::All);
            }
        } else if ctx.client.is_none() {
            let text = "Thumbnails show here once the backend is ready";
            ui.add(Empty::new(icons::CLOUD, "Not connected", text));
        } else {
            // The message is delayed, since most pages arrive before anybody could read it.
            let now = ui.input(|input| input.time);
            let waited = now - self.listed_at.unwrap_or(now);
            if waited >= LOADING_DELAY {
                let text = Text::new(Role::BODY, "Listing the bucket…").color(tokens(ui).text3);
                ui.centered_and_justified(|ui| ui.add(text.center()));
            } else {
                ui.ctx()
                    .request_repaint_after(Duration::from_secs_f64(LOADING_DELAY - waited));
            }
        }
    }

    /// The picked thumbnails, or the open one.
    fn chosen(&self) -> Vec<Arc<GalleryItem>> {
        let get = |key: &String| self.arrangement.get(key).cloned();
        match &self.picked {
            Some(picked) => picked.iter().filter_map(get).collect(),
            None => self.open.iter().filter_map(get).collect(),
        }
    }

    /// Deletes at once if this can be undone, and otherwise asks first.
    fn delete(&mut self, ctx: &ViewContext<'_>, items: Vec<Arc<GalleryItem>>) {
        if items.is_empty() {
            return;
        }
        let undoable = ctx
            .client
            .is_none_or(|client| client.gallery().can_be_undone(&items));
        if undoable {
            ctx.commands.send(Command::DeleteThumbnails { items, undoable });
            self.after_delete();
        } else {
            self.deleting = items;
        }
    }

    fn after_delete(&mut self) {
        if let Some(open) = self.open.take().filter(|_| self.picked.is_none()) {
            // The next thumbnail opens, so that one can go through them one by one.
            let at = self.arrangement.at(&open);
            let next = at.and_then(|at| self.arrangement.items.get(at + 1));
            self.open = next.map(|item| item.key.clone());
        }
        self.picked = None;
    }

    fn delete_ui(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        let question = match self.deleting.len() {
            0 => return,
            1 => "Delete this thumbnail for good?".to_owned(),
            count => format!("Delete {count} thumbnails for good?"),
        };
        let detail = "They are too large to be kept for an undo. The source videos stay in the bucket";
        let id = Id::unique("delete thumbnails");
        match confirm(ui.ctx(), id, &question, detail, "Delete") {
            Some(true) => {
                let items = std::mem::take(&mut self.deleting);
                ctx.commands.send(Command::DeleteThumbnails {
                    items,
                    undoable: false,
                });
                self.after_delete();
            }
            Some(false) => self.deleting.clear(),
            None => {}
        }
    }

    /// Why the last listing failed.
    fn error(&mut self) -> Option<String> {
        match self.refresh.state() {
            RequestState::Pending(_) => None,
            RequestState::Unavailable(error, _) => Some(error.to_owned()),
            _ => self.listing.error.clone(),
        }
    }
}

fn search_id() -> Id {
    Id::unique("gallery search")
}
