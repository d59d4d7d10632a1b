//! The settings: where jobs run, how the app behaves, and its files.
//!
//! The configuration is edited as a draft, which Save writes. The window's preferences apply at once.

mod aws;
mod backends;
mod connection;
mod draft;
mod files;
mod general;
mod rows;

use std::time::{Duration, Instant};

use egui::{Align, CentralPanel, Frame, Id, Layout, Margin, Panel, Ui, vec2};
use posterframe_client::doctor::ComponentCheck;
use posterframe_client::{Backend, Client, ConfigFile, capitalized};
use posterframe_kit::theme::{Role, ThemeMode, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Empty, Segmented, Text, confirm, modal, pasted, row_end, row_end_width,
};

use self::backends::Choices;
use self::connection::Connection;
use self::draft::Draft;
use self::files::Files;
use crate::context::{Command, RequestState, Requested, ViewContext};

/// Delay before the loading message appears.
const LOADING_DELAY: Duration = Duration::from_millis(400);
const HEAD: f32 = 56.0;
const FOOT: f32 = 64.0;
const SIZE: egui::Vec2 = vec2(840.0, 680.0);
const LEAST: egui::Vec2 = vec2(480.0, 160.0);
const MODES: [(ThemeMode, &str); 3] = [
    (ThemeMode::System, "System"),
    (ThemeMode::Dark, "Dark"),
    (ThemeMode::Light, "Light"),
];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Page {
    #[default]
    Backends,
    App,
    Files,
}

impl Page {
    const ALL: [(Self, &str); 3] = [
        (Self::Backends, "Backends"),
        (Self::App, "App"),
        (Self::Files, "Files"),
    ];
}

/// The data that is read when the settings open.
struct Opened {
    /// The configuration being edited.
    draft: Draft,
    choices: Choices,
}

/// The settings, as a modal over the window.
pub struct SettingsModal {
    page: Page,
    /// When the reading of the configuration began.
    loading_since: Instant,
    opened: Requested<Opened>,
    /// Outputs to import once the configuration is read: their text, and a stack name if they have none.
    imports: Vec<(String, String)>,
    /// The configuration that is being written.
    saving: Requested<ConfigFile>,
    connection: Connection,
    files: Files,
    /// Whether the question about unsaved changes is open.
    leaving: bool,
    /// Why the last save failed.
    failure: Option<String>,
}

impl Default for SettingsModal {
    fn default() -> Self {
        Self {
            page: Page::default(),
            loading_since: Instant::now(),
            opened: Requested::default(),
            imports: Vec::new(),
            saving: Requested::default(),
            connection: Connection::default(),
            files: Files::default(),
            leaving: false,
            failure: None,
        }
    }
}

impl SettingsModal {
    /// Imports stacks from a file of outputs or another configuration, and reports it in a message. `name` is for outputs
    /// that do not name their stack.
    pub fn import(&mut self, text: String, name: String) {
        self.imports.push((text, name));
    }

    /// Measures the files' sizes again, after something was cleared.
    pub fn cleared(&mut self) {
        self.files.measure_again();
    }

    /// Shows these results as a finished check of `backend`. For tests.
    pub fn show_checks(&mut self, ctx: &ViewContext<'_>, backend: Backend, checks: Vec<ComponentCheck>) {
        self.connection.show(ctx, backend, checks);
    }

    /// Reads the configuration on another thread, since the disk may be slow, and handles results that have arrived.
    fn update(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        if self.opened.is_not_requested() {
            let file = ctx.paths.config_file();
            self.loading_since = Instant::now();
            self.opened = ctx.engine.request_blocking(ui.ctx(), move || {
                Draft::open(&file).map(|draft| Opened {
                    draft,
                    choices: Choices::default(),
                })
            });
        }
        let Some(opened) = self.opened.value_mut() else {
            return;
        };
        for (text, name) in self.imports.drain(..) {
            self.page = Page::Backends;
            ctx.commands.send(match opened.draft.import(&text, &name) {
                Ok(1) => Command::Toast("Imported 1 stack; Save keeps it".to_owned()),
                Ok(count) => Command::Toast(format!("Imported {count} stacks; Save keeps them")),
                Err(error) => Command::Complain(capitalized(&error.to_string())),
            });
        }
        match self.saving.state() {
            RequestState::Here(_) => self.saved(ctx),
            RequestState::Unavailable(error, _) => {
                self.failure = Some(capitalized(error));
                self.saving = Requested::default();
            }
            RequestState::Pending(_) | RequestState::NotRequested => {}
        }
    }

    fn is_changed(&mut self) -> bool {
        self.opened
            .value()
            .is_some_and(|opened| opened.draft.is_changed())
    }

    /// Draws the settings over the whole window.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        self.update(ui, ctx);
        let (close, beside) = modal(ui.ctx(), Id::unique("settings"), (SIZE, LEAST), |ui| {
            let margin = Frame::NONE.inner_margin(Margin::symmetric(sizes::DETAIL as i8, 0));
            let head = Panel::top("head").exact_size(HEAD).resizable(false).frame(margin);
            let mut close = head.show(ui, |ui| self.head_ui(ui)).inner;
            let foot = Panel::bottom("foot")
                .exact_size(FOOT)
                .resizable(false)
                .frame(margin);
            close |= foot.show(ui, |ui| self.foot_ui(ui, ctx)).inner;
            CentralPanel::no_frame().show(ui, |ui| {
                if self.saving.is_pending() {
                    // The file is being written, so edits now would be lost.
                    ui.disable();
                }
                ui.push_id(self.page.label(), |ui| self.body_ui(ui, ctx));
            });
            self.paste(ui);
            close
        });
        // A menu or a question above the settings handles Esc itself.
        if (close || beside) && !self.leaving {
            if self.is_changed() {
                self.leaving = true;
            } else {
                ctx.commands.send(Command::CloseSettings);
            }
        } else if self.leaving {
            self.leave_ui(ui, ctx);
        }
    }

    fn head_ui(&mut self, ui: &mut Ui) -> bool {
        ui.horizontal_centered(|ui| {
            ui.add(Text::new(Role::HEADING, "Settings"));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let close = ui
                    .add(Button::icon("Close", icons::X).tip("Close", &["Esc"]))
                    .clicked();
                let middle = Layout::left_to_right(Align::Center).with_main_align(Align::Center);
                ui.with_layout(middle, |ui| {
                    let pages = Page::ALL.map(|(_, label)| (label, None));
                    let mut chosen = Page::ALL
                        .iter()
                        .position(|(page, _)| *page == self.page)
                        .unwrap_or(0);
                    ui.add(Segmented::new(&mut chosen, &pages).width(276.0));
                    self.page = Page::ALL[chosen].0;
                });
                close
            })
            .inner
        })
        .inner
    }

    fn body_ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        if self.page == Page::Files {
            self.files.ui(ui, ctx);
            return;
        }
        if let Some(Opened { draft, choices }) = self.opened.value_mut() {
            match self.page {
                Page::Backends => backends::ui(ui, ctx, draft, choices, &mut self.connection),
                _ => general::ui(ui, ctx, draft),
            }
        } else if let RequestState::Unavailable(error, _) = self.opened.state() {
            let button = Button::primary("Read it again").with_icon(icons::ARROW_CLOCKWISE);
            let title = "The configuration cannot be read";
            let empty = Empty::new(icons::WARNING_CIRCLE, title, error).button(button);
            if ui.add(empty).clicked() {
                self.opened = Requested::default();
            }
        } else if let Some(left) = LOADING_DELAY.checked_sub(self.loading_since.elapsed()) {
            ui.ctx().request_repaint_after(left);
        } else {
            let words = Text::new(Role::BODY, "Reading the configuration…").color(tokens(ui).text3);
            ui.centered_and_justified(|ui| ui.add(words.center()));
        }
    }

    fn foot_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) -> bool {
        let t = tokens(ui);
        ui.horizontal_centered(|ui| {
            ui.add(Text::new(Role::BODY, "Theme").color(t.text2));
            let modes = MODES.map(|(_, label)| (label, None));
            let mut chosen = MODES
                .iter()
                .position(|(mode, _)| *mode == ctx.preferences.theme)
                .unwrap_or(0);
            if ui.add(Segmented::new(&mut chosen, &modes).width(216.0)).changed() {
                ctx.commands.send(Command::SetTheme(MODES[chosen].0));
            }
            let changed = self.is_changed();
            let buttons = [
                Button::secondary(if changed { "Cancel" } else { "Close" }),
                Button::primary("Save")
                    .enabled(changed)
                    .busy(self.saving.is_pending()),
            ];
            if let Some(failure) = &self.failure {
                ui.scope(|ui| {
                    ui.set_max_width(ui.available_width() - row_end_width(ui, &buttons) - 16.0);
                    ui.add(Text::new(Role::SMALL, failure).color(t.red).wrap());
                });
            }
            let [cancel, save] = row_end(ui, buttons).map(|button| button.clicked());
            if save {
                self.save(ui, ctx);
            }
            if cancel && changed {
                // Cancel discards changes without a question.
                ctx.commands.send(Command::CloseSettings);
            }
            cancel && !changed
        })
        .inner
    }

    /// Writes the draft, unless a value in it is wrong.
    fn save(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        let Some(Opened { draft, .. }) = self.opened.value_mut() else {
            return;
        };
        self.failure = None;
        match draft.prepare() {
            Ok(Some(mut file)) => {
                self.saving = ctx
                    .engine
                    .request_blocking(ui.ctx(), move || file.save().map(|()| file));
            }
            Ok(None) => {
                let problem = draft.problem();
                let at_app = problem.is_some_and(|problem| problem.stack.is_none());
                self.page = if at_app { Page::App } else { Page::Backends };
            }
            Err(error) => self.failure = Some(capitalized(&error.to_string())),
        }
    }

    /// The draft is written: switches to the backend that is chosen now.
    fn saved(&mut self, ctx: &ViewContext<'_>) {
        let (Some(file), Some(Opened { draft, .. })) = (self.saving.take(), self.opened.value_mut()) else {
            return;
        };
        draft.saved(file);
        if let (Some(client), Ok(limit)) = (ctx.client, draft.rate()) {
            client.set_upload_limit(limit);
        }
        let chosen = draft.stack().map(|stack| stack.values.clone());
        let running = ctx.client.map(Client::backend);
        let same = match (&chosen, running) {
            (Some(chosen), Some(running)) => chosen == running,
            (None, Some(running)) => running.is_local(),
            (_, None) => false,
        };
        if !same {
            ctx.commands
                .send(Command::UseBackend(chosen.map(|backend| backend.name)));
        }
        ctx.commands.send(Command::Toast("Saved the settings".to_owned()));
        ctx.commands.send(Command::CloseSettings);
    }

    fn leave_ui(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        let id = Id::unique("leave settings");
        let question = "Leave without saving?";
        match confirm(
            ui.ctx(),
            id,
            question,
            "What you have changed is lost then",
            "Leave",
        ) {
            Some(true) => ctx.commands.send(Command::CloseSettings),
            Some(false) => self.leaving = false,
            None => {}
        }
    }

    /// Imports outputs that are pasted while no field has the focus.
    fn paste(&mut self, ui: &Ui) {
        if ui.ctx().text_edit_focused() {
            return;
        }
        if let Some(text) = pasted(ui) {
            self.import(text, "imported".to_owned());
            ui.ctx().request_repaint();
        }
    }
}

impl Page {
    fn label(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(page, _)| *page == self)
            .map_or("", |(_, label)| label)
    }
}
