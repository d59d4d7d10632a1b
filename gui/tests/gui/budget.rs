//! What a drawn frame may cost, counted rather than timed: pictures sent to the screen, texts laid out, shapes, and what the
//! window's own thread reads.
#![expect(
    clippy::unwrap_used,
    reason = "what a test needs and cannot have is a failed test"
)]

use std::path::Path;
use std::time::Duration;

use egui::{Key, Modifiers, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use posterframe::context::{Command, View};
use time::OffsetDateTime;

use crate::fixtures::app::Window;
use crate::fixtures::clips::{clip, large};

/// The window's size in points; the screen has as many pixels.
const WINDOW: usize = 1280 * 800;

/// A large video, with its film strip.
fn opened(folder: &Path) -> Window {
    let mut window = Window::open(vec![large(folder, 2)]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    window.rest();
    window
}

/// What a drawn frame has cost.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    /// Pictures sent to the screen, those of them that are larger than the film strip's, and the pixels of all.
    pictures: usize,
    large: usize,
    pixels: usize,
    /// Texts that were laid out for this frame or kept from the one before.
    texts: usize,
    shapes: usize,
}

impl Cost {
    /// Of the frames since the last call.
    fn of(window: &Window) -> Self {
        let sent = window.uploads.take();
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "the method itself is for one lifetime"
        )]
        let texts = window.harness.ctx.fonts(|fonts| fonts.num_galleys_in_cache());
        Self {
            pictures: sent.len(),
            large: sent.iter().filter(|[width, _]| *width > 400).count(),
            pixels: sent.iter().map(|[width, height]| width * height).sum(),
            texts,
            shapes: window.harness.output().shapes.len(),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            pictures: self.pictures.max(other.pictures),
            large: self.large.max(other.large),
            pixels: self.pixels.max(other.pixels),
            texts: self.texts.max(other.texts),
            shapes: self.shapes.max(other.shapes),
        }
    }
}

/// How often this thread has read from a file, a pipe or a socket so far. Looking is one such read.
#[cfg(target_os = "linux")]
fn reads() -> u64 {
    use std::io::Read as _;
    let mut text = [0; 512];
    let mut counters = std::fs::File::open("/proc/thread-self/io").unwrap();
    let length = counters.read(&mut text).unwrap();
    let text = std::str::from_utf8(&text[..length]).unwrap();
    let reads = text.lines().find_map(|line| line.strip_prefix("syscr: "));
    reads.unwrap().trim().parse().unwrap()
}

/// Does `work`, in which this thread must not read anything. Where that cannot be counted, it is only done.
#[track_caller]
fn without_reading<T>(what: &str, work: impl FnOnce() -> T) -> T {
    #[cfg(target_os = "linux")]
    let before = reads();
    let done = work();
    #[cfg(target_os = "linux")]
    assert_eq!(reads() - before, 1, "{what}: the window's thread has read");
    let _ = what;
    done
}

// Breaks if the counter does not see a read of this thread, so that the tests below could not fail.
#[cfg(target_os = "linux")]
#[test]
fn reads_are_counted() {
    let before = reads();
    std::fs::read("/proc/self/cmdline").unwrap();
    assert!(reads() - before > 1);
    let before = reads();
    std::thread::spawn(|| std::fs::read("/proc/self/cmdline").unwrap())
        .join()
        .unwrap();
    assert_eq!(reads() - before, 1);
}

// Breaks if scrubbing decodes, reads or shrinks on the window's thread, sends the screen more than it has pixels, or a
// frame's work grows with the video.
#[test]
fn scrubbing_costs_a_frame_little() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(folder.path());
    let lane = window.harness.get_by_label("Timeline").rect();
    let mut most = Cost::default();
    without_reading("scrubbing", || {
        window.harness.hover_at(lane.left_center());
        window.harness.drag_at(lane.left_center());
        for step in 0..120 {
            let x = lane.left() + lane.width() * (step as f32 / 60.0 % 1.0);
            window.harness.hover_at(pos2(x, lane.center().y));
            window.harness.step();
            most = most.and(Cost::of(&window));
            std::thread::sleep(Duration::from_millis(8));
        }
        window.harness.drop_at(lane.center());
        window.wait("the exact frame", |harness| {
            harness.query_by_label_contains("Exact frame").is_some()
        });
    });
    // It did move; what a slow frame has missed comes with the next.
    assert!(most.large > 0, "{most:?}");
    assert!(most.large <= 2 && most.pictures <= 8, "{most:?}");
    assert!(most.pixels <= 2 * WINDOW, "{most:?}");
    assert!(most.texts <= 150 && most.shapes <= 1_000, "{most:?}");
}

// Breaks if a step through frames that are in memory reads or decodes on the window's thread, or sends a picture twice.
#[test]
fn steps_cost_one_picture() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = opened(folder.path());
    without_reading("stepping", || {
        let forward = (1..=12).map(|frame| (Key::ArrowRight, frame));
        let back = (0..=11).rev().map(|frame| (Key::ArrowLeft, frame));
        for (key, frame) in forward.chain(back) {
            window.press(Modifiers::NONE, key);
            let label = format!("Exact frame {frame}");
            let mut pictures = 0;
            loop {
                let cost = Cost::of(&window);
                pictures += cost.large;
                assert!(cost.pixels <= WINDOW, "{cost:?}");
                if window.has(&label) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
                window.harness.step();
            }
            assert!(
                (1..=2).contains(&pictures),
                "{pictures} pictures for frame {frame}"
            );
        }
    });
}

// Breaks if opening, marking, switching views, the settings or a drag of files over the window read a file or a database on
// the window's thread: a disk that sleeps, or a network's, would stop the window.
#[test]
fn the_windows_thread_reads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path());
    let mut window = Window::open_with_backend(Vec::new());
    window.wait_for("Backend: This computer, ready");
    // The program asks for the time zone at its start.
    posterframe::format::local(OffsetDateTime::UNIX_EPOCH);
    without_reading("files over the window", || {
        window.harness.input_mut().hovered_files = vec![egui::HoveredFile {
            path: Some(clip.clone()),
            ..egui::HoveredFile::default()
        }];
        window.wait("the size of what is dragged", |harness| {
            harness.query_by_label_contains(" KB").is_some()
        });
        window.harness.input_mut().hovered_files.clear();
    });
    without_reading("a path that is typed", || {
        window.harness.get_by_label("Paste or type a path").focus();
        window.harness.run_steps(2);
        let path = clip.to_str().unwrap();
        window
            .harness
            .get_by_label("Paste or type a path")
            .type_text(path);
        window.harness.run_steps(2);
        window.press(Modifiers::NONE, Key::Enter);
        window.wait_for("Exact frame 0");
        window.wait_for("/ 48");
    });
    without_reading("marking and submitting", || {
        window.press(Modifiers::NONE, Key::M);
        window.wait_for("Submit 1 frame");
        window.wait("a submit that is offered", |harness| {
            let button = harness.query_by_label("Submit 1 frame");
            button.is_some_and(|button| !button.accesskit_node().is_disabled())
        });
        window.press(Modifiers::NONE, Key::Enter);
        window.wait_for("Show in Jobs");
    });
    without_reading("the other views", || {
        for view in [View::Jobs, View::Gallery, View::New] {
            window.harness.state().send(Command::Show(view));
            for _ in 0..20 {
                window.harness.step();
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    });
    without_reading("the settings", || {
        window.press(Modifiers::COMMAND, Key::Comma);
        window.wait_for("Run jobs on");
        for page in ["App", "Files", "Backends"] {
            let role = egui::Role::RadioButton;
            window.harness.get_by_role_and_label(role, page).click();
            window.harness.run_steps(3);
        }
        window.press(Modifiers::NONE, Key::Escape);
        window.harness.run_steps(3);
    });
}
