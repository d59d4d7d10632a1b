//! Measures the cost of a frame of the Gallery: ten thousand thumbnails, grouped by day, are scrolled without a pause while
//! new ones arrive. Prints JSON: milliseconds of processor time for layout and tessellation per frame, and the memory of
//! thumbnails and view, without the pictures, which have their own limit. `script/bench gallery` builds and runs it.

#[path = "../tests/gui/fixtures/mod.rs"]
mod fixtures;
mod measure;

use std::sync::Arc;

use egui::pos2;
use fixtures::{Stage, dress, item};
use measure::{frame, resident, steady, wheel};
use posterframe::views::gallery::GalleryView;
use posterframe_kit::theme::ThemeMode;

const THUMBNAILS: u64 = 10_000;
const FRAMES: usize = 600;
/// Minutes between two thumbnails, which are those of half a year.
const MINUTES: u64 = 26;

fn main() {
    let mut stage = Stage::new();
    let ctx = egui::Context::default();
    dress(&ctx, ThemeMode::Dark);
    let mut view = GalleryView::default();
    // The first frames load fonts and fill egui's caches, which do not count.
    for _ in 0..4 {
        frame(&ctx, Vec::new(), |ui| view.ui(ui, &mut stage.context()));
    }
    let before = resident();
    let mut items: Vec<_> = (0..THUMBNAILS)
        .map(|number| Arc::new(item(&format!("clip-{number:05}.png"), (number + 1) * MINUTES)))
        .collect();
    let mut times = Vec::new();
    for number in 0..FRAMES {
        // A new thumbnail arrives twice per second.
        if number.is_multiple_of(30) {
            items.insert(0, Arc::new(item(&format!("new-{number:05}.png"), 0)));
            view.set_items(items.clone());
        }
        let up = if number / 150 % 2 == 0 { -400.0 } else { 400.0 };
        let spent = frame(&ctx, wheel(pos2(600.0, 400.0), up), |ui| {
            view.ui(ui, &mut stage.context());
        });
        times.push(spent);
    }
    let bytes = resident().saturating_sub(before);
    let first = times[0];
    let (median, worst) = steady(&times);
    println!(
        "{{\"thumbnails\": {THUMBNAILS}, \"first\": {first:.3}, \"median\": {median:.3}, \"worst\": {worst:.3}, \"bytes\": {bytes}}}"
    );
}
