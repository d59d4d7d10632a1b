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

use egui::{Align2, Event, Id, Rect, Ui, pos2, vec2};
use posterframe_client::doctor::Check;
use posterframe_client::{Backend, Client, Paths};

use self::backends::Choices;
use self::connection::Connection;
use self::draft::Draft;
use self::files::Files;
use crate::preferences::ThemeMode;
use crate::theme::{Role, icons, sizes, tokens};
use crate::views::{Command, ViewContext};
use crate::widgets::{Button, Text, confirm, empty_ui, hline, modal, segmented, within};

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

/// The settings, over the window.
#[derive(Default)]
pub struct SettingsModal {
    page: Page,
    /// The configuration being edited; read when the settings open.
    draft: Option<Result<Draft, String>>,
    choices: Choices,
    connection: Connection,
    files: Files,
    /// Someone wants to close them with changes that are not saved.
    leaving: bool,
    /// Why the last save failed.
    failure: Option<String>,
}

impl SettingsModal {
    /// Takes stacks out of a file of outputs, or of another configuration.
    ///
    /// # Errors
    /// The text is something else.
    pub fn import(&mut self, paths: &Paths, text: &str, name: &str) -> Result<usize, String> {
        self.page = Page::Backends;
        match self.draft(paths) {
            Ok(draft) => draft.import(text, name).map_err(|error| error.to_string()),
            Err(error) => Err(error.clone()),
        }
    }

    /// Something was cleared: sizes are measured again.
    pub fn cleared(&mut self) {
        self.files.measure_again();
    }

    /// Shows these as what a check of `backend` has found.
    pub fn show_checks(&mut self, ctx: &ViewContext<'_>, backend: Backend, checks: Vec<Check>) {
        self.connection.show(ctx, backend, checks);
    }

    fn draft(&mut self, paths: &Paths) -> &mut Result<Draft, String> {
        // A few hundred bytes, once.
        self.draft
            .get_or_insert_with(|| Draft::open(&paths.config_file()).map_err(|error| error.to_string()))
    }

    fn is_changed(&self) -> bool {
        matches!(&self.draft, Some(Ok(draft)) if draft.is_changed())
    }

    /// Draws them over the whole window.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        let (close, beside) = modal(ui.ctx(), Id::unique("settings"), SIZE, |ui, rect| {
            let head = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + HEAD));
            let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - FOOT), rect.max);
            let mut close = self.head_ui(ui, head);
            hline(ui, rect.x_range(), head.bottom() - 1.0);
            let body = Rect::from_min_max(head.left_bottom(), foot.right_top());
            within(ui, body, ("body", self.page.label()), |ui| self.body_ui(ui, ctx));
            hline(ui, rect.x_range(), foot.top());
            close |= self.foot_ui(ui, ctx, foot.shrink2(vec2(sizes::DETAIL, 0.0)));
            self.paste(ui, ctx);
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
        self.draft(ctx.paths);
        if self.page == Page::Files {
            self.files.ui(ui, ctx);
            return;
        }
        let rect = ui.max_rect();
        match &mut self.draft {
            Some(Ok(draft)) if self.page == Page::Backends => {
                backends::ui(ui, ctx, draft, &self.choices, &mut self.connection);
            }
            Some(Ok(draft)) => general::ui(ui, ctx, draft),
            Some(Err(error)) => {
                let button = Button::primary("Read it again").with_icon(icons::ARROW_CLOCKWISE);
                let title = "The configuration cannot be read";
                if empty_ui(ui, rect, icons::WARNING_CIRCLE, title, error, Some(button)) {
                    self.draft = None;
                }
            }
            None => {}
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
        let save = Button::primary("Save").enabled(changed);
        let right = Align2::RIGHT_CENTER.align_size_within_rect(vec2(save.width(ui), 32.0), rect);
        let left = right.left() - 8.0;
        let left =
            Align2::RIGHT_CENTER.anchor_size(pos2(left, rect.center().y), vec2(cancel.width(ui), 32.0));
        let cancelled = cancel.at(ui, left).clicked();
        if save.at(ui, right).clicked() {
            self.save(ctx);
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

    /// Writes the draft, and goes on with the backend that is chosen now.
    fn save(&mut self, ctx: &ViewContext<'_>) {
        let Some(Ok(draft)) = &mut self.draft else {
            return;
        };
        self.failure = None;
        match draft.save() {
            Ok(true) => {}
            Ok(false) => {
                let problem = draft.problem();
                let at_app = problem.is_some_and(|problem| problem.stack.is_none());
                self.page = if at_app { Page::App } else { Page::Backends };
                return;
            }
            Err(error) => {
                self.failure = Some(crate::app::sentence(&error.to_string()));
                return;
            }
        }
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
    fn paste(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        if ui.ctx().text_edit_focused() {
            return;
        }
        let pasted = ui.input(|input| {
            input.events.iter().find_map(|event| match event {
                Event::Paste(text) => Some(text.clone()),
                _ => None,
            })
        });
        if let Some(text) = pasted
            && let Err(error) = self.import(ctx.paths, &text, "imported")
        {
            ctx.commands.send(Command::Complain(crate::app::sentence(&error)));
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
