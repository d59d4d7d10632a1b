//! Where files lie, how much they take, and taking less.

use std::path::Path;

use egui::{Align2, Id, Rect, ScrollArea, Ui, pos2, vec2};
use posterframe_client::path_text;
use posterframe_kit::theme::{Role, sizes, tokens};
use posterframe_kit::widgets::{Button, Copyable, Text, confirm};

use super::rows::{message, row, section};
use crate::context::{Command, Remote, ViewContext};
use crate::format;

/// What the page has found, and what it asks.
#[derive(Default)]
pub(super) struct Files {
    sizes: Remote<[u64; 2]>,
    asked: bool,
    question: Option<Question>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Question {
    Cache,
    Jobs,
}

impl Files {
    /// The page.
    pub(super) fn ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) {
        if !std::mem::replace(&mut self.asked, true) {
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
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let inner = ui.available_rect_before_wrap().shrink2(vec2(sizes::DETAIL, 20.0));
            let mut child = ui.new_child(egui::UiBuilder::new().max_rect(inner));
            child.spacing_mut().item_spacing.y = 0.0;
            self.page(&mut child, ctx);
            ui.allocate_space(vec2(ui.available_width(), child.min_rect().height() + 40.0));
        });
        self.ask(ui, ctx);
    }

    fn page(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) {
        let sizes = self.sizes.value().copied();
        let words = |at: usize| sizes.map_or_else(|| "…".to_owned(), |sizes| format::bytes(sizes[at]));
        section(ui, "Folders");
        if place_ui(ui, ctx, "Cache", &ctx.paths.cache, &words(0), Some("Clear…")) {
            self.question = Some(Question::Cache);
        }
        message(
            ui,
            "Downloaded pictures; they come again when they are looked at",
            false,
        );
        if place_ui(ui, ctx, "Data", &ctx.paths.data, &words(1), Some("Clear…")) {
            self.question = Some(Question::Jobs);
        }
        let words = "History, logs and stills, and on this computer the bucket itself";
        message(ui, words, false);
        place_ui(ui, ctx, "Configuration", &ctx.paths.config_file(), "", None);
        ui.add_space(12.0);
        section(ui, "About");
        for (label, value) in [
            ("Version", env!("CARGO_PKG_VERSION").to_owned()),
            ("libav", posterframe_frame::libav_version()),
        ] {
            let place = row(ui, label);
            let words = format!("Copy {}", label.to_lowercase());
            if Copyable::new(&value, &words)
                .color(tokens(ui).text)
                .at(ui, place)
                .0
            {
                ctx.commands.send(Command::CopyText(value));
            }
        }
    }

    fn ask(&mut self, ui: &Ui, ctx: &ViewContext<'_>) {
        let Some(question) = self.question else { return };
        let (title, detail, command) = match question {
            Question::Cache => (
                "Clear the cache?",
                "Pictures are downloaded again when they are looked at",
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
                // Measured anew, once that is done.
                self.asked = false;
            }
            Some(false) => self.question = None,
            None => {}
        }
    }

    /// Something was cleared.
    pub(super) fn measure_again(&mut self) {
        self.asked = false;
    }
}

/// A row with a path, its size, and what can be done; `true` where `action` was clicked.
fn place_ui(
    ui: &mut Ui,
    ctx: &ViewContext<'_>,
    label: &str,
    path: &Path,
    size: &str,
    action: Option<&str>,
) -> bool {
    let place = row(ui, label);
    let mut right = place.right();
    let mut button = |ui: &mut Ui, words: &str, name: &str, enabled: bool| {
        let button = Button::ghost(words).small().tip(name, &[]).enabled(enabled);
        let width = button.width(ui);
        let at = Align2::RIGHT_CENTER.anchor_size(pos2(right, place.center().y), vec2(width, 28.0));
        right = at.left() - 4.0;
        button.at(ui, at).clicked()
    };
    let clicked =
        action.is_some_and(|words| button(ui, words, &format!("{words} {label}"), ctx.client.is_some()));
    let open = button(ui, "Open folder", &format!("Open folder of {label}"), true);
    if open {
        ctx.commands.send(Command::OpenFolder(path.to_owned()));
    }
    if !size.is_empty() {
        let width = Text::new(Role::SMALL, size).width(ui);
        let at = Rect::from_min_max(
            pos2(right - width - 8.0, place.top()),
            pos2(right - 8.0, place.bottom()),
        );
        Text::new(Role::SMALL, size)
            .color(tokens(ui).text2)
            .at(ui, at, Align2::RIGHT_CENTER);
        right = at.left() - 8.0;
    }
    let text = path_text::copyable(path);
    let words = format!("Copy path of {label}");
    let at = Rect::from_min_max(place.min, pos2(right, place.bottom()));
    if Copyable::new(&text, &words).color(tokens(ui).text).at(ui, at).0 {
        ctx.commands.send(Command::CopyText(text.clone()));
    }
    clicked
}

/// Bytes of all files below a folder. Links are not followed.
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
