//! The page on the app's look and behaviour.

use egui::Ui;
use posterframe_client::capitalized;
use posterframe_kit::theme::set_reduced_motion;
use posterframe_kit::widgets::{Segmented, Switch};

use super::draft::Draft;
use super::rows::{Input, message, page, row, section};
use crate::context::{Command, ViewContext};

/// Choices for the most bytes of downloaded pictures on disk.
const CACHES: [(u64, &str); 4] = [
    (250_000_000, "250 MB"),
    (1_000_000_000, "1 GB"),
    (4_000_000_000, "4 GB"),
    (16_000_000_000, "16 GB"),
];

/// Choices for the size of what was read of videos at a distance.
const VIDEO_CACHES: [(u64, &str); 4] = [
    (0, "Off"),
    (1_000_000_000, "1 GB"),
    (4_000_000_000, "4 GB"),
    (16_000_000_000, "16 GB"),
];

/// Choices for the memory for decoded frames, in MiB.
const FRAMES: [(u16, &str); 4] = [(128, "128 MB"), (256, "256 MB"), (512, "512 MB"), (1024, "1 GB")];

/// Choices for the scale.
const SCALES: [(f32, &str); 5] = [
    (0.8, "80 %"),
    (1.0, "100 %"),
    (1.25, "125 %"),
    (1.5, "150 %"),
    (2.0, "200 %"),
];

/// Draws the page.
pub(super) fn ui(ui: &mut Ui, ctx: &mut ViewContext<'_>, draft: &mut Draft) {
    page(ui, |ui| {
        section(ui, "Window");
        if let Some(scale) = choice(ui, "Scale", &SCALES, |scale| {
            scale >= ctx.preferences.scale - 0.01
        }) {
            ctx.commands.send(Command::SetScale(scale));
        }
        row(ui, "Motion", |ui| {
            let reduced = Switch::new(&mut ctx.preferences.reduced_motion, "Reduce motion");
            if ui.add(reduced).changed() {
                set_reduced_motion(ui.ctx(), ctx.preferences.reduced_motion);
            }
        });
        row(ui, "Notifications", |ui| {
            let words = "Tell when a job ends while the window is not in front";
            ui.add(Switch::new(&mut ctx.preferences.notifications, words));
        });
        ui.add_space(12.0);

        section(ui, "Uploads");
        let error = draft.rate().err().map(|error| capitalized(&error));
        Input::new("Bandwidth limit")
            .hint("None")
            .error(error.as_deref())
            .show(ui, draft.limit());
        if error.is_none() {
            message(ui, "All uploads together, such as 750 kB/s or 2 MB/s", false);
        }
        ui.add_space(12.0);

        section(ui, "Preview");
        let now = ctx.preferences.frame_cache;
        if let Some(mebibytes) = choice(ui, "Frames in memory", &FRAMES, |mebibytes| mebibytes >= now) {
            ctx.preferences.frame_cache = mebibytes;
        }
        let words = "Memory for decoded frames, for videos opened from now on; with more of it, more steps back are at once";
        message(ui, words, false);
        ui.add_space(12.0);

        section(ui, "Gallery");
        let now = ctx.preferences.picture_cache;
        if let Some(bytes) = choice(ui, "Pictures on disk", &CACHES, |bytes| bytes >= now) {
            ctx.preferences.picture_cache = bytes;
            ctx.commands.send(Command::LimitCache);
        }
        let words = "The most that they take on disk; what was not looked at for the longest goes first";
        message(ui, words, false);
        ui.add_space(12.0);

        section(ui, "Videos at a distance");
        let now = ctx.preferences.video_cache;
        if let Some(bytes) = choice(ui, "Parts on disk", &VIDEO_CACHES, |bytes| bytes >= now) {
            ctx.preferences.video_cache = bytes;
        }
        let words = "What was read of videos in buckets and at addresses is not read again; for videos opened from now on";
        message(ui, words, false);
    });
}

/// A row of values. The first one that `fits` is shown as chosen, or else the last. Returns the value that the user
/// chooses now.
fn choice<T: Copy>(ui: &mut Ui, label: &str, values: &[(T, &str)], fits: impl Fn(T) -> bool) -> Option<T> {
    let segments: Vec<_> = values.iter().map(|(_, words)| (*words, None)).collect();
    let found = values.iter().position(|(value, _)| fits(*value));
    let mut chosen = found.unwrap_or(values.len() - 1);
    row(ui, label, |ui| {
        let width = 80.0 * values.len() as f32;
        let changed = ui
            .add(Segmented::new(&mut chosen, &segments).width(width))
            .changed();
        changed.then(|| values[chosen].0)
    })
}
