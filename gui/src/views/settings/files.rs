//! The page on files: their folders, their sizes, and clearing them.

use std::path::Path;

use egui::{Align, Id, Layout, Ui};
use posterframe_client::path_text;
use posterframe_kit::theme::{Role, tokens};
use posterframe_kit::widgets::{Button, Copyable, Text, confirm};

use super::rows::{copyable_row, message, page, row, section};
use crate::context::{Command, Requested, ViewContext};
use crate::format;

/// The page's state: the measured sizes and the open question.
#[derive(Default)]
pub(super) struct Files {
    sizes: Requested<[u64; 2]>,
    measured: bool,
    question: Option<Question>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Question {
    Cache,
    Jobs,
}

impl Files {
    /// Draws the page.
    pub(super) fn ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) {
        if !std::mem::replace(&mut self.measured, true) {
            let folders = [ctx.paths.cache.clone(), ctx.paths.data.clone()];
            let cache_within = folders[0].starts_with(&folders[1]);
            self.sizes.renew(ctx.engine.request_blocking(ui.ctx(), move || {
                let [cache, data] = folders.map(|folder| size(&folder));
                Ok::<_, String>([
                    cache,
                    if cache_within {
                        data - cache.min(data)
                    } else {
                        data
                    },
                ])
            }));
        }
        page(ui, |ui| self.page(ui, ctx));
        self.ask(ui, ctx);
    }

    fn page(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) {
        let sizes = self.sizes.value().copied();
        let words = |at: usize| sizes.map_or_else(|| "…".to_owned(), |sizes| format::bytes(sizes[at]));
        section(ui, "Folders");
        if folder_ui(ui, ctx, "Cache", &ctx.paths.cache, &words(0), Some("Clear…")) {
            self.question = Some(Question::Cache);
        }
        message(
            ui,
            "Downloaded pictures, and parts of videos at a distance; they come again when they are looked at",
            false,
        );
        if folder_ui(ui, ctx, "Data", &ctx.paths.data, &words(1), Some("Clear…")) {
            self.question = Some(Question::Jobs);
        }
        let words = "History, logs and stills, and on this computer the bucket itself";
        message(ui, words, false);
        folder_ui(ui, ctx, "Configuration", &ctx.paths.config_file(), "", None);
        ui.add_space(12.0);
        section(ui, "About");
        for (label, value) in [
            ("Version", env!("CARGO_PKG_VERSION").to_owned()),
            ("libav", posterframe_frame::libav_version()),
        ] {
            if copyable_row(ui, label, &value) {
                ctx.commands.send(Command::CopyText(value));
            }
        }
    }

    fn ask(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        let Some(question) = self.question else { return };
        let (title, detail, command) = match question {
            Question::Cache => (
                "Clear the cache?",
                "Pictures and parts of videos at a distance are read again when they are looked at",
                Command::ClearCache,
            ),
            Question::Jobs => (
                "Forget all ended jobs?",
                "Their logs and stills go; thumbnails in the bucket stay",
                Command::ForgetEnded,
            ),
        };
        match confirm(ui.ctx(), Id::unique("clear"), title, detail, "Clear") {
            Some(true) => {
                ctx.commands.send(command);
                self.question = None;
                // The sizes are measured again when clearing is done.
                self.measured = false;
            }
            Some(false) => self.question = None,
            None => {}
        }
    }

    /// Measures the sizes again, after something was cleared.
    pub(super) fn measure_again(&mut self) {
        self.measured = false;
    }
}

/// A row with a folder, its size and its buttons. `true` if `action` was clicked.
fn folder_ui(
    ui: &mut Ui,
    ctx: &ViewContext<'_>,
    label: &str,
    path: &Path,
    size: &str,
    action: Option<&str>,
) -> bool {
    row(ui, label, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let mut clicked = false;
            if let Some(words) = action {
                let name = format!("{words} {label}");
                let button = Button::ghost(words)
                    .small()
                    .tip(&name, &[])
                    .enabled(ctx.client.is_some());
                clicked = ui.add(button).clicked();
            }
            let name = format!("Open folder of {label}");
            if ui
                .add(Button::ghost("Open folder").small().tip(&name, &[]))
                .clicked()
            {
                ctx.commands.send(Command::OpenFolder(path.to_owned()));
            }
            if !size.is_empty() {
                ui.add_space(4.0);
                ui.add(Text::new(Role::SMALL, size).color(tokens(ui).text2));
                ui.add_space(4.0);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let text = path_text::copyable(path);
                let words = format!("Copy path of {label}");
                let copyable = Copyable::new(&text, &words).color(tokens(ui).text);
                if ui.add(copyable).clicked() {
                    ctx.commands.send(Command::CopyText(text.clone()));
                }
            });
            clicked
        })
        .inner
    })
}

/// Total size of the files below a folder, in bytes. Links are not followed.
fn size(folder: &Path) -> u64 {
    let mut total = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(about) if about.is_dir() => folders.push(entry.path()),
                Ok(about) if about.is_file() => total += about.len(),
                _ => {}
            }
        }
    }
    total
}
