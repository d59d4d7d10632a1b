//! The settings: where jobs run, how the app behaves, and where files lie.
//!
//! The configuration is edited as a draft and written by Save; what only concerns the window applies at once.

mod aws;
mod backends;
mod connection;
mod draft;
mod files;
mod general;
mod rows;

use std::time::{Duration, Instant};

use egui::{Align2, Event, Id, Rect, Ui, pos2, vec2};
use posterframe_client::doctor::Check;
use posterframe_client::{Backend, Client, ConfigFile};
use posterframe_kit::theme::{Role, ThemeMode, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Text, confirm, empty_ui, hline, modal, segmented, within};

use self::backends::Choices;
use self::connection::Connection;
use self::draft::Draft;
use self::files::Files;
use crate::app::sentence;
use crate::context::{Command, Remote, RemoteState, ViewContext};

/// Who waits less need not be told.
const PATIENCE: Duration = Duration::from_millis(400);
const HEAD: f32 = 56.0;
const FOOT: f32 = 64.0;
const SIZE: egui::Vec2 = vec2(840.0, 680.0);
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

/// What is read when the settings open.
struct Opened {
    /// The configuration being edited.
    draft: Draft,
    choices: Choices,
}

/// The settings, over the window.
pub struct SettingsModal {
    page: Page,
    /// Since when the configuration is being read.
    asked: Instant,
    opened: Remote<Opened>,
    /// Outputs to take over as soon as the configuration is there, and the names of those that do not say whose they are.
    imports: Vec<(String, String)>,
    /// The configuration on its way to the disk.
    saving: Remote<ConfigFile>,
    connection: Connection,
    files: Files,
    /// Someone wants to close them with changes that are not saved.
    leaving: bool,
    /// Why the last save failed.
    failure: Option<String>,
}

impl Default for SettingsModal {
    fn default() -> Self {
        Self {
            page: Page::default(),
            asked: Instant::now(),
            opened: Remote::default(),
            imports: Vec::new(),
            saving: Remote::default(),
            connection: Connection::default(),
            files: Files::default(),
            leaving: false,
            failure: None,
        }
    }
}

impl SettingsModal {
    /// Takes stacks out of a file of outputs, or of another configuration, and tells of it.
    pub fn import(&mut self, text: String, name: String) {
        self.imports.push((text, name));
    }

    /// Something was cleared: sizes are measured again.
    pub fn cleared(&mut self) {
        self.files.measure_again();
    }

    /// Shows these as what a check of `backend` has found.
    pub fn show_checks(&mut self, ctx: &ViewContext<'_>, backend: Backend, checks: Vec<Check>) {
        self.connection.show(ctx, backend, checks);
    }

    /// Reads the configuration, and takes in what has come. The disk may take its time: it is asked on another thread.
    fn update(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        if self.opened.is_not_requested() {
            let file = ctx.paths.config_file();
            self.asked = Instant::now();
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
                Err(error) => Command::Complain(sentence(&error.to_string())),
            });
        }
        match self.saving.state() {
            RemoteState::Here(_) => self.saved(ctx),
            RemoteState::Unavailable(error, _) => {
                self.failure = Some(sentence(error));
                self.saving = Remote::default();
            }
            RemoteState::Pending(_) | RemoteState::NotRequested => {}
        }
    }

    fn is_changed(&mut self) -> bool {
        self.opened
            .value()
            .is_some_and(|opened| opened.draft.is_changed())
    }

    /// Draws them over the whole window.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        self.update(ui, ctx);
        let (close, beside) = modal(ui.ctx(), Id::unique("settings"), SIZE, |ui, rect| {
            let head = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + HEAD));
            let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - FOOT), rect.max);
            let mut close = self.head_ui(ui, head);
            hline(ui, rect.x_range(), head.bottom() - 1.0);
            let body = Rect::from_min_max(head.left_bottom(), foot.right_top());
            within(ui, body, ("body", self.page.label()), |ui| {
                if self.saving.is_pending() {
                    // What is typed now would not be in the file.
                    ui.disable();
                }
                self.body_ui(ui, ctx);
            });
            hline(ui, rect.x_range(), foot.top());
            close |= self.foot_ui(ui, ctx, foot.shrink2(vec2(sizes::DETAIL, 0.0)));
            self.paste(ui);
            close
        });
        // A menu or a question that lies over them takes Esc for itself.
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

    fn head_ui(&mut self, ui: &mut Ui, rect: Rect) -> bool {
        let inner = rect.shrink2(vec2(sizes::DETAIL, 0.0));
        Text::new(Role::HEADING, "Settings").at(ui, inner, Align2::LEFT_CENTER);
        let cross = Rect::from_center_size(pos2(inner.right() - 4.0, rect.center().y), vec2(32.0, 32.0));
        let close = Button::icon("Close", icons::X)
            .tip("Close", &["Esc"])
            .at(ui, cross);
        let pages = Page::ALL.map(|(_, label)| (label, None));
        let chosen = Page::ALL
            .iter()
            .position(|(page, _)| *page == self.page)
            .unwrap_or(0);
        let place = Rect::from_center_size(rect.center(), vec2(276.0, 32.0));
        if let Some(clicked) = segmented(ui, place, &pages, chosen) {
            self.page = Page::ALL[clicked].0;
        }
        close.clicked()
    }

    fn body_ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        if self.page == Page::Files {
            self.files.ui(ui, ctx);
            return;
        }
        let rect = ui.max_rect();
        if let Some(Opened { draft, choices }) = self.opened.value_mut() {
            match self.page {
                Page::Backends => backends::ui(ui, ctx, draft, choices, &mut self.connection),
                _ => general::ui(ui, ctx, draft),
            }
        } else if let RemoteState::Unavailable(error, _) = self.opened.state() {
            let button = Button::primary("Read it again").with_icon(icons::ARROW_CLOCKWISE);
            let title = "The configuration cannot be read";
            if empty_ui(ui, rect, icons::WARNING_CIRCLE, title, error, Some(button)) {
                self.opened = Remote::default();
            }
        } else if let Some(left) = PATIENCE.checked_sub(self.asked.elapsed()) {
            ui.ctx().request_repaint_after(left);
        } else {
            Text::new(Role::BODY, "Reading the configuration…")
                .color(tokens(ui).text3)
                .at(ui, rect, Align2::CENTER_CENTER);
        }
    }

    fn foot_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, rect: Rect) -> bool {
        let t = tokens(ui);
        let label = Text::new(Role::BODY, "Theme")
            .color(t.text2)
            .at(ui, rect, Align2::LEFT_CENTER)
            .rect;
        let corner = pos2(label.right() + 8.0, rect.center().y - 16.0);
        let chosen = MODES
            .iter()
            .position(|(mode, _)| *mode == ctx.preferences.theme)
            .unwrap_or(0);
        let segments = MODES.map(|(_, label)| (label, None));
        let place = Rect::from_min_size(corner, vec2(216.0, 32.0));
        if let Some(clicked) = segmented(ui, place, &segments, chosen) {
            ctx.commands.send(Command::SetTheme(MODES[clicked].0));
        }
        let changed = self.is_changed();
        let cancel = Button::secondary(if changed { "Cancel" } else { "Close" });
        let save = Button::primary("Save")
            .enabled(changed)
            .busy(self.saving.is_pending());
        let right = Align2::RIGHT_CENTER.align_size_within_rect(vec2(save.width(ui), 32.0), rect);
        let left = right.left() - 8.0;
        let left =
            Align2::RIGHT_CENTER.anchor_size(pos2(left, rect.center().y), vec2(cancel.width(ui), 32.0));
        let cancelled = cancel.at(ui, left).clicked();
        if save.at(ui, right).clicked() {
            self.save(ui, ctx);
        }
        if let Some(failure) = &self.failure {
            let words = Rect::from_min_max(
                pos2(place.right() + 16.0, rect.top()),
                pos2(left.left() - 16.0, rect.bottom()),
            );
            Text::new(Role::SMALL, failure)
                .color(t.red)
                .wrap()
                .at(ui, words, Align2::LEFT_CENTER);
        }
        if cancelled && changed {
            // Who cancels has said it already.
            ctx.commands.send(Command::CloseSettings);
            return false;
        }
        cancelled
    }

    /// Sends the draft to the disk, unless a value in it is wrong.
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
            Err(error) => self.failure = Some(sentence(&error.to_string())),
        }
    }

    /// The draft is on the disk: goes on with the backend that is chosen now.
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

    /// Outputs that are pasted where nobody types.
    fn paste(&mut self, ui: &Ui) {
        if ui.ctx().text_edit_focused() {
            return;
        }
        let pasted = ui.input(|input| {
            input.events.iter().find_map(|event| match event {
                Event::Paste(text) => Some(text.clone()),
                _ => None,
            })
        });
        if let Some(text) = pasted {
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
