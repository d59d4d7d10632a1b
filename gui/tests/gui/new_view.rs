//! Tests of the New view, operated by its labels, with clips made by ffmpeg.

use std::time::Duration;

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use posterframe::context::Command;

use crate::fixtures::app::Window;
use crate::fixtures::clips::{clip, encode, large, two_clips};

// Breaks if the keys do not step by a frame, a second, a keyframe, or to the ends, or a wrong frame is called “exact”.
#[test]
fn keys_step_through_the_frames() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    let steps = [
        (Modifiers::NONE, Key::ArrowRight, 1),
        (Modifiers::NONE, Key::ArrowRight, 2),
        (Modifiers::NONE, Key::ArrowLeft, 1),
        (Modifiers::SHIFT, Key::ArrowRight, 25),
        (Modifiers::COMMAND, Key::ArrowRight, 36),
        (Modifiers::COMMAND, Key::ArrowLeft, 24),
        (Modifiers::SHIFT, Key::ArrowLeft, 0),
        (Modifiers::NONE, Key::End, 47),
        (Modifiers::NONE, Key::ArrowRight, 47),
        (Modifiers::NONE, Key::Home, 0),
    ];
    for (modifiers, key, frame) in steps {
        window.press(modifiers, key);
        window.wait_for(&format!("Exact frame {frame}"));
    }
}

// Breaks if a typed time or number does not lead to its frame, or an invalid one moves the playhead without an error.
#[test]
fn the_timecode_field() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    let mut type_in = |text: &str, answer: &str| {
        window.harness.get_by_label("Timecode").focus();
        window.harness.step();
        window.harness.step();
        window.press(Modifiers::COMMAND, Key::A);
        window.harness.get_by_label("Timecode").type_text(text);
        window.harness.step();
        window.press(Modifiers::NONE, Key::Enter);
        window.wait_for(answer);
    };
    type_in("0:01.5", "Exact frame 36");
    type_in("7f", "Exact frame 7");
    type_in("99f", "The last frame is 47");
    type_in("1:02.5", "The last frame is at 00:00:01.958");
    type_in(
        "soon",
        "Type a time such as 10.5, 1:02.5 or 01:02:03.500, a timecode such as 01:00:10:13, a frame such as 253f, 50%, last or -5s",
    );
    type_in("1", "Exact frame 24");
}

// Breaks if a file that is no video causes no error, keeps the next one from opening, or cannot be opened again after it
// is replaced.
#[test]
fn a_file_that_is_no_video() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.mp4");
    std::fs::write(&text, "Milk, bread, and a video some day.").unwrap();
    let mut window = Window::open(vec![text.clone()]);
    window.wait_for("notes.mp4 cannot be opened");
    assert!(
        window.labels().iter().any(|label| label.contains("not a video")),
        "{:?}",
        window.labels()
    );
    assert!(
        window
            .labels()
            .iter()
            .any(|label| label.contains("Check that the file plays"))
    );
    window.harness.get_by_label("Close").click();
    window.wait_for("Drop videos to pick frames");
    let clip = clip(folder.path());
    window
        .harness
        .state()
        .send(Command::OpenPaths(vec![clip.clone()]));
    window.wait_for("Exact frame 0");
    window
        .harness
        .state()
        .send(Command::OpenPaths(vec![text.clone()]));
    window.wait_for("notes.mp4 cannot be opened");
    std::fs::rename(clip, text).unwrap();
    window.harness.get_by_label("Try again").click();
    window.wait_for("Exact frame 0");
}

// Breaks if a very narrow window causes a panic: at scale 3, 960 points of the screen are 320 points of the window, and a
// tiled window may have fewer.
#[test]
fn a_narrow_window() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    window.press(Modifiers::NONE, Key::M);
    window.press(Modifiers::NONE, Key::End);
    window.wait_for("Exact frame 47");
    for (width, height) in [(320.0, 200.0), (264.0, 500.0), (180.0, 120.0)] {
        window.harness.set_size(egui::vec2(width, height));
        for row in 0..10_u8 {
            for column in 0..12_u8 {
                let (x, y) = (f32::from(column) / 12.0, f32::from(row) / 10.0);
                window.harness.hover_at(egui::pos2(width * x, height * y));
                window.harness.step();
            }
        }
    }
    window.harness.set_size(egui::vec2(1280.0, 800.0));
    window.wait_for("Exact frame 47");
}

// Breaks if Tab does not follow the reading order of New, or leads to a control that is not visible, in a window that is
// too small for all controls.
#[test]
fn tab_follows_the_order_of_reading() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Mark 1, 00:00:00.000");
    for size in [egui::vec2(1280.0, 800.0), egui::vec2(400.0, 300.0)] {
        window.harness.set_size(size);
        window.harness.run_steps(3);
        window.harness.get_by_label("Preview").focus();
        window.harness.run_steps(2);
        let mut labels = vec![
            "Fit the picture to the window",
            "One pixel of the picture for one of the screen",
            "Timeline",
            "Timecode",
            "Time",
            "TC",
            "Frame",
            "Previous keyframe",
            "Previous frame",
            "Play",
            "Next frame",
            "Next keyframe",
            "Mark frame",
            "Frames by rule",
            "Open videos",
            "Lists of marks",
            "Mark 1, 00:00:00.000",
            "Name mark 1",
            "Remove mark 1",
        ];
        if size.x < 1000.0 {
            // The steps have a row of their own, above the field.
            labels[3..12].rotate_left(4);
        }
        for label in labels {
            window.press(Modifiers::NONE, Key::Tab);
            window.settle();
            let control = window.harness.get_by_label(label);
            assert!(control.accesskit_node().is_focused(), "{size}: {label}");
            let seen = egui::Rect::from_min_size(egui::Pos2::ZERO, size).intersect(control.rect());
            // A control that is larger than the window need only fill it.
            let lacks = control.rect().size().min(size) - seen.size();
            assert!(lacks.max_elem() < 1.0, "{size}: {label} is out of sight");
        }
    }
}

// Breaks if a path cannot be typed, or a missing file is opened as a video.
#[test]
fn a_typed_path() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path());
    let mut window = Window::open(Vec::new());
    window.wait_for("Drop videos to pick frames");
    let mut type_in = |text: &str, answer: &str| {
        window
            .harness
            .get_by_label("Paste or type a path or an address")
            .focus();
        window.harness.step();
        window.harness.step();
        window.press(Modifiers::COMMAND, Key::A);
        window
            .harness
            .get_by_label("Paste or type a path or an address")
            .type_text(text);
        window.harness.step();
        window.press(Modifiers::NONE, Key::Enter);
        window.wait_for(answer);
    };
    type_in("/no/such.mp4", "There is no such file: /no/such.mp4");
    type_in(&format!("\"{}\"", clip.display()), "Exact frame 0");
}

// Breaks if an idle window is drawn repeatedly.
#[test]
fn an_idle_window_rests() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    window.rest();
}

// Breaks if the preview cannot be zoomed by keys, buttons or the wheel, or cannot be fitted to the window again.
#[test]
fn the_preview_zooms() {
    const ONE: &str = "One pixel of the picture for one of the screen";
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    assert!(!window.has("100 %"));
    window.press(Modifiers::NONE, Key::Num1);
    window.wait_for("100 %");
    window.press(Modifiers::NONE, Key::Plus);
    window.wait_for("200 %");
    window.press(Modifiers::NONE, Key::Minus);
    window.wait_for("100 %");
    window.press(Modifiers::NONE, Key::Num0);
    window.wait("the fitted picture", |harness| {
        harness.query_by_label("100 %").is_none()
    });
    window.harness.get_by_label(ONE).click();
    window.wait_for("100 %");
    window
        .harness
        .get_by_label("Fit the picture to the window")
        .click();
    window.wait("the fitted picture", |harness| {
        harness.query_by_label("100 %").is_none()
    });
    let middle = window.harness.get_by_label("Preview").rect().center();
    window.wheel(middle, egui::vec2(0.0, -4000.0), Modifiers::COMMAND);
    window.wait_for("100 %");
    // The zoomed preview still shows the frame, and steps still work.
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.wait_for("Exact frame 1");
}

// Breaks if the wheel does not zoom the timeline, a step leaves its visible part, or it cannot be zoomed out completely.
#[test]
fn the_timeline_zooms() {
    const BAR: &str = "Part of the timeline";
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    assert!(!window.has(BAR));
    let lane = window.harness.get_by_label("Timeline").rect();
    window.wheel(lane.center(), egui::vec2(0.0, 400.0), Modifiers::NONE);
    window.wait_for(BAR);
    let from = |window: &Window| {
        let bar = window.harness.get_by_label(BAR);
        bar.accesskit_node().numeric_value().unwrap()
    };
    let middle = from(&window);
    assert!(middle > 0.3, "{middle}");
    // Scrolling sideways moves it.
    window.wheel(lane.center(), egui::vec2(200.0, 0.0), Modifiers::NONE);
    assert!(from(&window) < middle);
    // A click goes to the frame under the pointer in the visible part, and a step to the end moves that part.
    window.harness.hover_at(lane.center());
    window.harness.drag_at(lane.center());
    window.harness.step();
    window.harness.drop_at(lane.center());
    window.harness.step();
    window.press(Modifiers::NONE, Key::End);
    window.wait_for("Exact frame 47");
    window.harness.run_steps(2);
    assert!(from(&window) > middle);
    window.press(Modifiers::NONE, Key::Backslash);
    window.wait("the whole timeline", |harness| {
        harness.query_by_label(BAR).is_none()
    });
    window.press(Modifiers::NONE, Key::CloseBracket);
    window.wait_for(BAR);
}

// Breaks if one of several videos is lost, loses its position or its marks, or cannot be reached by keys.
#[test]
fn several_videos_as_tabs() {
    let folder = tempfile::tempdir().unwrap();
    two_clips(folder.path());
    let mut window = Window::open(Vec::new());
    window.wait_for("Drop videos to pick frames");
    // A folder with the videos, and one without any, are dropped.
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let dropped = vec![folder.path().to_owned(), empty.clone()];
    window.harness.state().send(Command::OpenPaths(dropped));
    window.wait_for("Exact frame 0");
    window.wait_for(&format!("There is no video in the folder {}", empty.display()));
    window.wait_for("/ 48");
    assert!(window.has("Close clip.mp4") && window.has("Close second.mp4"));
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.wait_for("Exact frame 1");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("clip.mp4, 1 mark");
    window.press(Modifiers::CTRL, Key::Tab);
    window.wait_for("Exact frame 0");
    window.press(Modifiers::CTRL, Key::Tab);
    window.wait_for("Exact frame 1");
    window.press(Modifiers::COMMAND, Key::W);
    window.wait_for("Exact frame 0");
    assert!(!window.has("Close clip.mp4"));
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    window.wait_for("Submit 1 frame");
    window.wait_for("Exact frame 1");
}

// Breaks if a pasted path opens nothing, or another text has an effect.
#[test]
fn pasted_paths_open() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path());
    let mut window = Window::open(Vec::new());
    window.wait_for("Drop videos to pick frames");
    window.harness.event(egui::Event::Paste("bring milk".into()));
    window.harness.run_steps(3);
    window.wait_for("Drop videos to pick frames");
    let uri = format!("copy\nfile://{}\n", clip.display());
    window.harness.event(egui::Event::Paste(uri));
    window.wait_for("Exact frame 0");
}

// Breaks if the window's thread gets more pixels than the screen has, whatever the video's size: each pixel costs it time.
#[test]
fn pictures_are_small_before_they_reach_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let large = large(folder.path(), 1);
    let mut window = Window::open(vec![large]);
    window.wait_for("Exact frame 0");
    let lane = window.harness.get_by_label("Timeline").rect();
    window.harness.hover_at(lane.left_center());
    window.harness.drag_at(lane.left_center());
    for step in 0..60 {
        let x = lane.left() + lane.width() * step as f32 / 60.0;
        window.harness.hover_at(egui::pos2(x, lane.center().y));
        window.harness.step();
        let textures = window.harness.ctx.tex_manager();
        let textures = textures.read();
        let pictures = || {
            textures
                .allocated()
                .filter(|(_, meta)| meta.name != "egui_font_texture")
        };
        assert!(pictures().count() > 0);
        let pixels: usize = pictures().map(|(_, meta)| meta.size[0] * meta.size[1]).sum();
        assert!(
            pixels <= 1280 * 800,
            "{pixels} pixels in pictures for a window of a million"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

// Breaks if a truncated file causes no warning.
#[test]
fn a_file_that_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let whole = encode(
        folder.path().join("whole.mp4"),
        "testsrc2=size=320x180:rate=24:duration=6",
        &["-g", "12", "-movflags", "+faststart"],
    );
    let mut bytes = std::fs::read(&whole).unwrap();
    bytes.truncate(bytes.len() / 2);
    let half = folder.path().join("half.mp4");
    std::fs::write(&half, bytes).unwrap();
    let mut window = Window::open(vec![half]);
    window.wait_for("Exact frame 0");
    window.wait("what is missing", |harness| {
        harness.query_by_label_contains("The file is cut off").is_some()
    });
    let mut window = Window::open(vec![whole]);
    window.wait_for("/ 144");
    assert!(window.harness.query_by_label_contains("cut off").is_none());
}
