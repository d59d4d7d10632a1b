//! The window: its start, the bar and messages around the views, and the execution of commands.
//!
//! [`App::logic`](eframe::App::logic) receives results and executes commands; [`App::ui`](eframe::App::ui) draws.
//! Progress never depends on drawing, and nothing is drawn while nothing changes.

mod bar;
mod dialogs;
mod dropped;
mod execute;
mod files;
mod forget;
mod geometry;
mod keys;
mod notify;
mod service;
#[cfg(unix)]
pub(crate) mod single;
mod toasts;
mod work;

use std::path::PathBuf;

use dropped::Dragged;
use egui::{CentralPanel, Context, Frame, Margin, Panel, Ui, Vec2, vec2};
use forget::Forgetting;
use posterframe_client::{Client, Overrides, Paths};
use posterframe_kit::theme;
use posterframe_kit::theme::sizes::BAR;
use posterframe_kit::widgets::at_least;
use service::Service;
use time::OffsetDateTime;
use toasts::Toasts;
use work::Work;

use crate::backend::Start;
use crate::context::{Command, Commands, Engine, Preferences, Requested, View, ViewContext, opener};
use crate::distant::Opener;
use crate::views::bucket::BucketModal;
use crate::views::gallery::GalleryView;
use crate::views::jobs::JobsView;
use crate::views::new::NewView;
use crate::views::settings::SettingsModal;

/// The window's application id on the desktop.
const APP_ID: &str = "posterframe";
/// Smallest size of the bar and the view together, in points. In a smaller window they scroll together.
pub const MIN_CONTENT_SIZE: Vec2 = vec2(640.0, 420.0);

/// Arguments of the window's start.
pub struct AppOptions {
    /// Videos to open.
    pub videos: Vec<PathBuf>,
    /// The folders of the program's files.
    pub paths: Paths,
    /// Settings from flags and the environment, which override the configuration file.
    pub overrides: Overrides,
    /// Starts the client and the backend.
    pub start: Start,
}

/// Opens the window, and returns when it is closed.
///
/// # Errors
/// There is no screen, or no way to draw on it.
pub fn run(options: AppOptions) -> anyhow::Result<()> {
    // The first use reads the time zone from the disk. This call does that before the window draws.
    crate::format::local(OffsetDateTime::now_utc());
    let geometry = Preferences::load(&options.paths).window;
    let builder = egui::ViewportBuilder::default();
    let native = eframe::NativeOptions {
        viewport: geometry::opened(builder, geometry.as_ref())
            .with_title("Posterframe")
            .with_app_id(APP_ID)
            .with_icon(icon())
            .with_drag_and_drop(true),
        renderer: eframe::Renderer::Glow,
        ..eframe::NativeOptions::default()
    };
    eframe::run_native(
        APP_ID,
        native,
        Box::new(|cc| Ok(Box::new(App::new(&cc.egui_ctx, options)?))),
    )
    .map_err(|error| {
        // The toolkit writes a position in its own source before the reason.
        let error = error.to_string();
        let reason = error.rsplit(": ").next().unwrap_or(&error);
        anyhow::anyhow!("the window cannot be opened: {reason}")
    })
}

/// The window's icon, for systems that do not take it from the menu entry.
fn icon() -> egui::IconData {
    let png = include_bytes!("../../../assets/icon/posterframe-256.png");
    match posterframe_frame::Image::decode_png(png) {
        Ok(image) => egui::IconData {
            width: image.width(),
            height: image.height(),
            rgba: image.to_rgba8(),
        },
        // An empty icon means the toolkit's own.
        Err(_) => egui::IconData::default(),
    }
}

/// The window.
pub struct App {
    engine: Engine,
    service: Service,
    client: Option<Client>,
    /// How videos at a distance are read, by the client’s login and the preferences of this frame.
    opener: Opener,
    commands: Commands,
    paths: Paths,
    preferences: Preferences,
    saved_preferences: Preferences,
    view: View,
    new: NewView,
    jobs: JobsView,
    gallery: GalleryView,
    settings: Option<SettingsModal>,
    bucket: Option<BucketModal>,
    toasts: Toasts,
    work: Work,
    forgetting: Forgetting,
    dragged: Dragged,
    geometry: geometry::Watch,
    /// Receives the videos that later starts of the program hand over, until dropped.
    #[cfg(unix)]
    _single: Option<single::Listening>,
    /// Names of the configuration's backends, read when the backend's menu opens.
    backends: Requested<Vec<String>>,
}

impl App {
    /// Starts the backend beside the window, and opens the videos.
    ///
    /// # Errors
    /// The network's threads cannot start.
    pub fn new(ctx: &Context, options: AppOptions) -> anyhow::Result<Self> {
        let AppOptions {
            videos,
            paths,
            overrides,
            start,
        } = options;
        let engine = Engine::start()?;
        let preferences = Preferences::load(&paths);
        theme::install(ctx, preferences.theme);
        theme::set_reduced_motion(ctx, preferences.reduced_motion);
        ctx.set_zoom_factor(geometry::scale(&preferences));
        let commands = Commands::new(ctx);
        let mut app = Self {
            service: Service::start(&engine, ctx, paths.clone(), overrides, start),
            #[cfg(unix)]
            _single: single::Listening::start(&engine, commands.clone(), &paths),
            opener: opener(None, &engine, (&preferences, &paths)),
            engine,
            client: None,
            commands,
            paths,
            saved_preferences: preferences.clone(),
            preferences,
            view: View::New,
            new: NewView::default(),
            jobs: JobsView::default(),
            gallery: GalleryView::default(),
            settings: None,
            bucket: None,
            toasts: Toasts::default(),
            work: Work::default(),
            forgetting: Forgetting::default(),
            dragged: Dragged::default(),
            geometry: geometry::Watch::default(),
            backends: Requested::default(),
        };
        app.new.restore_batch(&app.paths);
        if !videos.is_empty() {
            app.open(ctx, &videos);
        }
        Ok(app)
    }

    /// Sends a command, as views do.
    pub fn send(&self, command: Command) {
        self.commands.send(command);
    }

    /// The tab that is shown.
    pub fn view(&self) -> View {
        self.view
    }

    fn open_settings(&mut self) {
        self.settings.get_or_insert_with(SettingsModal::default);
    }

    /// Empties the views, since they show another backend's data.
    fn forget_views(&mut self) {
        self.client = None;
        self.jobs = JobsView::default();
        self.gallery = GalleryView::default();
        self.bucket = None;
    }

    /// Writes the preferences if they have changed.
    fn save_preferences(&mut self) {
        if self.preferences == self.saved_preferences {
            return;
        }
        self.saved_preferences.clone_from(&self.preferences);
        let (preferences, paths) = (self.preferences.clone(), self.paths.clone());
        self.engine.spawn_blocking(move || {
            if let Err(error) = preferences.save(&paths) {
                tracing::warn!("the preferences are not saved: {error}");
            }
        });
    }

    fn view_ui(&mut self, ui: &mut Ui) {
        let mut context = ViewContext {
            opener: &self.opener,
            client: self.client.as_ref(),
            engine: &self.engine,
            commands: &self.commands,
            preferences: &mut self.preferences,
            paths: &self.paths,
            now: now(self.client.as_ref()),
        };
        match self.view {
            View::New => self.new.ui(ui, &mut context),
            View::Jobs => self.jobs.ui(ui, &mut context),
            View::Gallery => self.gallery.ui(ui, &mut context),
        }
        if let Some(settings) = &mut self.settings {
            settings.ui(ui, &mut context);
        }
        if let Some(bucket) = &mut self.bucket {
            bucket.ui(ui, &mut context);
        }
    }
}

/// The current time, by the backend's clock, since this machine's may be wrong.
fn now(client: Option<&Client>) -> OffsetDateTime {
    client.map_or_else(OffsetDateTime::now_utc, Client::now)
}

impl App {
    /// The bar, and the view below it.
    fn content_ui(&mut self, ui: &mut Ui) {
        let frame = Frame::NONE.fill(theme::tokens(ui).panel).inner_margin(Margin {
            left: 16,
            right: 12,
            ..Margin::ZERO
        });
        Panel::top("bar")
            .exact_size(BAR)
            .resizable(false)
            .frame(frame)
            .show(ui, |ui| self.bar_ui(ui));
        CentralPanel::no_frame().show(ui, |ui| {
            ui.push_id(self.view.label(), |ui| {
                self.view_ui(ui);
                self.dragged.ui(ui, &self.engine);
            });
        });
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        if let Some(reason) = self.service.update(&self.engine, ctx) {
            self.toasts.complain(reason);
        }
        if self.client.is_none() {
            self.client = self.service.client();
            if self.client.is_some() {
                self.commands.send(Command::LimitCache);
            }
        }
        self.execute_all(ctx);
        if self.view != View::New {
            self.new.stop_playing();
        }
        let about = (&self.preferences, &self.paths);
        self.opener = opener(self.client.as_ref(), &self.engine, about);
        self.new.update(ctx, &self.engine, (&self.commands, &self.opener));
        self.watch_work(ctx);
        self.forget_for_good(ctx);
        self.geometry.update(ctx, &mut self.preferences);
        self.save_preferences();
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let whole = ui.max_rect();
        let t = theme::tokens(ui);
        ui.painter().rect_filled(whole, 0, t.window);
        if self.settings.is_none() && self.bucket.is_none() {
            self.take_keys(ui.ctx());
            self.take_dropped(ui.ctx());
        }
        at_least(ui, MIN_CONTENT_SIZE, |ui| self.content_ui(ui));
        self.toasts.ui(ui.ctx(), &self.commands);
        self.closing_ui(ui.ctx());
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if let Some(client) = self.client.take() {
            forget::erase(&client, &self.commands, &self.forgetting.rest());
        }
        self.geometry.finish(&mut self.preferences);
        self.save_preferences();
        self.new.save_batch();
        // Dropping the view lets its threads end while the backend closes.
        self.new = NewView::default();
        self.jobs = JobsView::default();
        self.gallery = GalleryView::default();
        self.service.close(&self.engine);
    }
}
