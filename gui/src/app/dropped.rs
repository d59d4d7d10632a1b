//! Files that are dragged onto the window.
//!
//! The system tells neither where the pointer is during a drag nor anything but the paths, so the whole window is one
//! target (emilk/egui #4655, #7913).

use std::path::PathBuf;

use egui::{Context, Rect, Ui};

use super::App;
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

/// The files that hang over the window.
fn hovered(ctx: &Context) -> Option<Vec<PathBuf>> {
    ctx.input(|input| {
        let files = &input.raw.hovered_files;
        (!files.is_empty()).then(|| files.iter().filter_map(|file| file.path.clone()).collect())
    })
}

/// Covers the view while files hang over the window.
pub(super) fn overlay_ui(ui: &mut Ui, rect: Rect) {
    if let Some(files) = hovered(ui.ctx()) {
        let layer = egui::LayerId::new(egui::Order::Foreground, egui::Id::unique("dropping"));
        ui.scope_builder(egui::UiBuilder::new().layer_id(layer).max_rect(rect), |ui| {
            drop_zone_ui(ui, rect, &files);
        });
    }
}
