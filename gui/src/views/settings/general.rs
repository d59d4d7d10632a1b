//! How the app looks and behaves.

use egui::{ScrollArea, Ui, vec2};
use posterframe_kit::theme::sizes;
use posterframe_kit::widgets::{segmented, switch, within};

use super::draft::Draft;
use super::rows::{Input, message, row, section};
use crate::context::{Command, ViewContext};

/// What downloaded pictures may take on disk, in bytes.
const CACHES: [(u64, &str); 4] = [
    (250_000_000, "250 MB"),
    (1_000_000_000, "1 GB"),
    (4_000_000_000, "4 GB"),
    (16_000_000_000, "16 GB"),
];

/// Memory for decoded frames, in MiB.
const FRAMES: [(u16, &str); 4] = [(128, "128 MB"), (256, "256 MB"), (512, "512 MB"), (1024, "1 GB")];

/// How large everything is drawn.
const SCALES: [(f32, &str); 5] = [
    (0.8, "80 %"),
    (1.0, "100 %"),
    (1.25, "125 %"),
    (1.5, "150 %"),
    (2.0, "200 %"),
];

/// The page.
pub(super) fn ui(ui: &mut Ui, ctx: &mut ViewContext<'_>, draft: &mut Draft) {
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let inner = ui.available_rect_before_wrap().shrink2(vec2(sizes::DETAIL, 20.0));
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(inner));
        page(&mut child, ctx, draft);
        ui.allocate_space(vec2(ui.available_width(), child.min_rect().height() + 40.0));
    });
}

fn page(ui: &mut Ui, ctx: &mut ViewContext<'_>, draft: &mut Draft) {
    ui.spacing_mut().item_spacing.y = 0.0;
    section(ui, "Window");
    let place = row(ui, "Scale");
    let now = ctx.preferences.scale;
    let chosen = SCALES
        .iter()
        .position(|(scale, _)| *scale >= now - 0.01)
        .unwrap_or(SCALES.len() - 1);
    let segments = SCALES.map(|(_, label)| (label, None));
    let seg = egui::Rect::from_min_size(place.min, vec2(400.0_f32.min(place.width()), place.height()));
    if let Some(clicked) = segmented(ui, seg, &segments, chosen) {
        ctx.commands.send(Command::SetScale(SCALES[clicked].0));
    }
    let place = row(ui, "Motion");
    within(ui, place.shrink2(vec2(0.0, 4.0)), "motion", |ui| {
        if switch(ui, &mut ctx.preferences.reduced_motion, "Reduce motion").changed() {
            posterframe_kit::theme::set_reduced_motion(ui.ctx(), ctx.preferences.reduced_motion);
        }
    });
    let place = row(ui, "Notifications");
    within(ui, place.shrink2(vec2(0.0, 4.0)), "notifications", |ui| {
        let words = "Tell when a job ends while the window is not in front";
        switch(ui, &mut ctx.preferences.notifications, words);
    });
    ui.add_space(12.0);

    section(ui, "Uploads");
    let error = draft.rate().err().map(|error| crate::app::sentence(&error));
    Input::new("Bandwidth limit")
        .hint("None")
        .error(error.as_deref())
        .show(ui, draft.limit());
    if error.is_none() {
        message(ui, "All uploads together, such as 750 kB/s or 2 MB/s", false);
    }
    ui.add_space(12.0);

    section(ui, "Preview");
    let place = row(ui, "Frames in memory");
    let now = ctx.preferences.frame_cache;
    let chosen = FRAMES
        .iter()
        .position(|(mebibytes, _)| *mebibytes >= now)
        .unwrap_or(FRAMES.len() - 1);
    let segments = FRAMES.map(|(_, label)| (label, None));
    let seg = egui::Rect::from_min_size(place.min, vec2(320.0_f32.min(place.width()), place.height()));
    if let Some(clicked) = segmented(ui, seg, &segments, chosen) {
        ctx.preferences.frame_cache = FRAMES[clicked].0;
    }
    message(
        ui,
        "Memory for decoded frames, for videos opened from now on; with more of it, more steps back are at once",
        false,
    );
    ui.add_space(12.0);

    section(ui, "Gallery");
    let place = row(ui, "Pictures on disk");
    let now = ctx.preferences.picture_cache;
    let chosen = CACHES
        .iter()
        .position(|(bytes, _)| *bytes >= now)
        .unwrap_or(CACHES.len() - 1);
    let segments = CACHES.map(|(_, label)| (label, None));
    let seg = egui::Rect::from_min_size(place.min, vec2(320.0_f32.min(place.width()), place.height()));
    if let Some(clicked) = segmented(ui, seg, &segments, chosen) {
        ctx.preferences.picture_cache = CACHES[clicked].0;
        ctx.commands.send(Command::LimitCache);
    }
    message(
        ui,
        "The most that they take on disk; what was not looked at for the longest goes first",
        false,
    );
}
