//! The budget of a drawn frame, counted rather than timed: pictures sent to the screen, laid out texts, shapes, and reads
//! of the window's thread.
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

/// Area of the window in points, which is also the number of its pixels.
const WINDOW: usize = 1280 * 800;

/// A window with a large video and its film strip.
fn opened(folder: &Path) -> Window {
    let mut window = Window::open(vec![large(folder, 2)]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    window.rest();
    window
}

/// The cost of drawn frames.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    /// Number of pictures sent to the screen, the number of those larger than the film strip's, and the total of pixels.
    pictures: usize,
    large: usize,
    pixels: usize,
    /// Number of texts that were laid out for this frame or kept from the previous one.
    texts: usize,
    shapes: usize,
}

impl Cost {
    /// The cost of the frames since the last call.
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

/// Number of reads of this thread from files, pipes and sockets so far. Reading the counter is one of them.
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

/// Runs `work`, and checks that this thread reads nothing meanwhile. Systems without the counter only run it.
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

// Breaks if the counter misses a read of this thread, so that the tests below could not fail.
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

// Breaks if scrubbing decodes, reads or scales on the window's thread, sends more pixels than the screen has, or the cost
// of a frame grows with the video.
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
    // The preview has changed. A slow frame may skip pictures, which come with the next one.
    assert!(most.large > 0, "{most:?}");
    assert!(most.large <= 2 && most.pictures <= 8, "{most:?}");
    assert!(most.pixels <= 2 * WINDOW, "{most:?}");
    assert!(most.texts <= 150 && most.shapes <= 1_000, "{most:?}");
}

// Breaks if a step to a cached frame reads or decodes on the window's thread, or sends a picture twice.
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

// Breaks if opening, marking, switching views, the settings or a drag of files read a file or a database on the window's
// thread: a slow disk would block the window.
#[test]
fn the_windows_thread_reads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path());
    let mut window = Window::open_with_backend(Vec::new());
    window.wait_for("Backend: This computer, ready");
    // The program reads the time zone at its start.
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
        window
            .harness
            .get_by_label("Paste or type a path or an address")
            .focus();
        window.harness.run_steps(2);
        let path = clip.to_str().unwrap();
        window
            .harness
            .get_by_label("Paste or type a path or an address")
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
