//! A few snapshots of the window, compared pixel by pixel, for looks that no label describes. `UPDATE_SNAPSHOTS=1` takes
//! new ones; look at them before you commit them.
//!
//! Mesa's software rasteriser draws them, so that the pixels are the same everywhere. `script/setup test` installs it.

use std::path::Path;
use std::time::{Duration, Instant};

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};
use posterframe::context::Command;
use posterframe_client::{JobState, Verdict};
use posterframe_kit::theme::ThemeMode;

use crate::fixtures::app::Window;
use crate::fixtures::clips::{dolby_vision_5, encode, hdr10};
use crate::fixtures::screen::Screen;
use crate::fixtures::views::{JobsWindow, VIEW};
use crate::fixtures::{done, failed, job, several};

/// The tolerance: versions of the rasteriser may round the edges of glyphs differently.
fn options() -> SnapshotOptions {
    SnapshotOptions::new().max_failed_pixels(20)
}

/// Waits until the pictures are decoded on their threads.
fn wait_for_pictures(harness: &mut Harness<'_, JobsWindow>) {
    for _ in 0..40 {
        harness.run_steps(2);
        std::thread::sleep(Duration::from_millis(25));
    }
}

/// A clip with the same picture in all frames, so that it does not depend on the encoder.
fn still(folder: &Path) -> std::path::PathBuf {
    let source = "color=0x1c4f6b:size=320x180:rate=24:duration=3";
    encode(
        folder.join("clip.mp4"),
        source,
        &["-g", "12", "-fflags", "+bitexact"],
    )
}

// Breaks if a part of New moves, changes its colour or is cropped: without a video, and with one and two marks, in both
// themes.
#[test]
fn new() {
    let folder = tempfile::tempdir().unwrap();
    let clip = still(folder.path());
    let mut results = SnapshotResults::new();
    for (theme, name) in [(ThemeMode::Dark, "dark"), (ThemeMode::Light, "light")] {
        let mut window = Window::open_to_look(Vec::new());
        window.harness.state().send(Command::SetTheme(theme));
        window.wait_for("Drop videos to pick frames");
        window.harness.run_steps(3);
        results.add(
            window
                .harness
                .try_snapshot_options(format!("first-{name}"), &options()),
        );
        window
            .harness
            .state()
            .send(Command::OpenVideos(vec![clip.clone()]));
        window.wait_for("Exact frame 0");
        window.wait_for("/ 72");
        window.press(Modifiers::SHIFT, Key::ArrowRight);
        window.wait_for("Exact frame 24");
        window.press(Modifiers::NONE, Key::M);
        window.press(Modifiers::NONE, Key::End);
        window.wait_for("Exact frame 71");
        window.press(Modifiers::NONE, Key::M);
        window.wait("both judged", |harness| {
            harness
                .query_all_by_label("All of one colour, as are those around")
                .count()
                == 2
        });
        estimated(&mut window);
        results.add(
            window
                .harness
                .try_snapshot_options(format!("marks-{name}"), &options()),
        );
    }
}

/// Draws until it is said how large the files will be, and that does not change any more.
fn estimated(window: &mut Window) {
    let (mut words, mut since) = (String::new(), Instant::now());
    for _ in 0..1_000 {
        window.settle();
        let labels = window.labels();
        let now = labels.into_iter().find(|label| label.contains(" · about "));
        if let Some(now) = now.filter(|now| *now != words) {
            (words, since) = (now, Instant::now());
        }
        if !words.is_empty() && since.elapsed() > Duration::from_millis(1_500) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the files' sizes are not told");
}

// Breaks if the facts do not say that a video is HDR, its picture is not tone-mapped, or nothing is said of colours that will be
// wrong.
#[test]
fn new_with_hdr() {
    let folder = tempfile::tempdir().unwrap();
    let mut results = SnapshotResults::new();
    for (clip, label, name) in [
        (hdr10(folder.path()), "HDR10 · PQ · BT.2020", "hdr-dark"),
        (
            dolby_vision_5(folder.path()),
            "Dolby Vision 5 · its own colours",
            "dolby-vision-dark",
        ),
    ] {
        let mut window = Window::open_to_look(vec![clip]);
        window.harness.state().send(Command::SetTheme(ThemeMode::Dark));
        window.wait_for("Exact frame 0");
        window.wait_for("/ 24");
        window.wait_for(label);
        window.wait_for("All of one colour, as are those around");
        estimated(&mut window);
        results.add(window.harness.try_snapshot_options(name, &options()));
    }
}

// Breaks if a part of Jobs moves, changes its colour or is cropped: a running job in the dark theme, a failed one in the
// light one, and jobs of several stills in both.
#[test]
fn jobs() {
    let mut results = SnapshotResults::new();
    let running = job("city-bikes.mp4", 5_120_000, JobState::Running);
    for (theme, name, first) in [
        (ThemeMode::Dark, "running-dark", running),
        (ThemeMode::Light, "failed-light", failed("night-launch.mp4")),
    ] {
        let builder = Harness::builder().with_size(VIEW).renderer(Screen::new());
        let mut harness = JobsWindow::build(builder, theme, |_| {
            vec![first, job("bunny.mp4", 10_541_000, JobState::Uploading)]
        });
        harness.run_steps(2);
        results.add(harness.try_snapshot_options(name, &options()));
    }
    let identical = || Some(Verdict::Identical);
    let differs = || Some(Verdict::Differs("other versions of libav".into()));
    for (theme, name, verdicts) in [
        (
            ThemeMode::Dark,
            "several-dark",
            [identical(), identical(), identical()],
        ),
        (ThemeMode::Light, "several-light", [identical(), differs(), None]),
    ] {
        let builder = Harness::builder().with_size(VIEW).renderer(Screen::new());
        let mut harness = JobsWindow::build(builder, theme, |stage| {
            let mut under_way = several(
                "meadow-4k.mov",
                stage.folder.path(),
                [identical(), identical(), None],
            );
            under_way.state = JobState::Running;
            under_way.failure = None;
            under_way.stills[2].error = None;
            under_way.stills_done = 2;
            under_way.phases[2].ended = under_way.phases[2].started;
            under_way.phases[3].started = under_way.phases[2].started;
            let several = several("bunny.mp4", stage.folder.path(), verdicts);
            let single = done("espresso.mov", stage.folder.path(), Verdict::Identical);
            vec![several, under_way, single]
        });
        wait_for_pictures(&mut harness);
        results.add(harness.try_snapshot_options(name, &options()));
    }
}
