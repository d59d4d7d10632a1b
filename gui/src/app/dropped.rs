//! Files that are dragged onto the window.
//!
//! The whole window is one target, because egui passes on only the paths, and no pointer position during a drag
//! (emilk/egui #4655, #7913).

use std::path::PathBuf;

use egui::{Context, Ui};

use super::App;
use crate::context::{Engine, Requested};
use crate::views::new::drop_zone_ui;

impl App {
    /// Opens what was dropped.
    pub(super) fn take_dropped(&mut self, ctx: &Context) {
        let paths: Vec<PathBuf> = ctx.input(|input| {
            input
                .raw
                .dropped_files
                .iter()
                .map(|file| file.path().to_owned())
                .collect()
        });
        if !paths.is_empty() {
            self.open(ctx, &paths);
        }
    }
}

/// The files that are dragged over the window.
fn hovered(ctx: &Context) -> Vec<PathBuf> {
    ctx.input(|input| {
        let files = &input.raw.hovered_files;
        files.iter().filter_map(|file| file.path.clone()).collect()
    })
}

/// The files that are dragged over the window, and the size of a single one.
#[derive(Default)]
pub(super) struct Dragged {
    files: Vec<PathBuf>,
    /// Size of a single file, read once on another thread: a drag draws many frames.
    bytes: Requested<u64>,
}

impl Dragged {
    fn update(&mut self, engine: &Engine, ctx: &Context) {
        let files = hovered(ctx);
        if files == self.files {
            return;
        }
        self.bytes = match files.as_slice() {
            [file] => {
                let file = file.clone();
                engine.request_blocking(ctx, move || match std::fs::metadata(&file) {
                    Ok(about) if about.is_file() => Ok(about.len()),
                    Ok(_) => Err("it is no file".to_owned()),
                    Err(error) => Err(error.to_string()),
                })
            }
            _ => Requested::default(),
        };
        self.files = files;
    }

    /// Covers the view while files are dragged over the window.
    pub(super) fn ui(&mut self, ui: &mut Ui, engine: &Engine) {
        self.update(engine, ui.ctx());
        if ui.input(|input| input.raw.hovered_files.is_empty()) {
            return;
        }
        let rect = ui.max_rect();
        let layer = egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("dropping"));
        ui.scope_builder(egui::UiBuilder::new().layer_id(layer).max_rect(rect), |ui| {
            drop_zone_ui(ui, rect, &self.files, self.bytes.value().copied());
        });
    }
}
