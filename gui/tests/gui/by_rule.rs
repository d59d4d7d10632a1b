//! Tests of frames by rule: marking them in one video or in all, and a folder of videos as a batch.

use std::path::{Path, PathBuf};
use std::time::Duration;

use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use posterframe::app::App;
use posterframe::context::Command;
use posterframe_client::{History, Paths};
use posterframe_frame::Video;

use crate::fixtures::app::Window;
use crate::fixtures::clips::{clip, encode, two_clips};

type Harness = egui_kittest::Harness<'static, App>;

fn click(window: &mut Window, label: &str) {
    window.harness.get_by_label(label).click();
    window.harness.run_steps(3);
}

fn is_ready(harness: &Harness, label: &str) -> bool {
    let button = harness.query_by_label(label);
    button.is_some_and(|button| !button.accesskit_node().is_disabled())
}

/// Ten clips, one of which is black, and a file that is none.
fn shoot(folder: &Path) -> PathBuf {
    let shoot = folder.join("shoot");
    std::fs::create_dir(&shoot).expect("a folder");
    let first = clip(&shoot);
    for number in 0..8 {
        std::fs::copy(&first, shoot.join(format!("take-{number}.mp4"))).expect("a copy");
    }
    encode(
        shoot.join("dark.mp4"),
        "color=black:size=320x180:rate=24:duration=1",
        &[],
    );
    std::fs::write(shoot.join("notes.mp4"), "Milk, bread").expect("a file");
    shoot
}

// Breaks if a rule finds nothing, an unticked frame is marked, marks cannot be undone, or frames that were never decoded as a
// whole are not submitted as they are.
#[test]
fn frames_of_a_rule_are_marked_and_submitted() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open_with_backend(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for_submit();
    window.press(Modifiers::SHIFT, Key::M);
    window.wait_for("Mark by rule");
    let radio = egui::accesskit::Role::RadioButton;
    window.harness.get_by_role_and_label(radio, "Evenly").click();
    window.harness.run_steps(2);
    let field = egui::accesskit::Role::TextInput;
    window
        .harness
        .get_by_role_and_label(field, "Number of frames")
        .focus();
    window.harness.run_steps(2);
    window.press(Modifiers::COMMAND, Key::A);
    window
        .harness
        .get_by_role_and_label(field, "Number of frames")
        .type_text("4");
    window.wait("four frames", |harness| is_ready(harness, "Mark 4 frames"));
    // The popover moves up as it grows.
    window.harness.run_steps(5);
    let check = egui::accesskit::Role::CheckBox;
    window
        .harness
        .get_by_role_and_label(check, "00:00:00.250")
        .click();
    window.wait("three of them", |harness| is_ready(harness, "Mark 3 frames"));
    click(&mut window, "Mark 3 frames");
    window.wait_for("Submit 3 frames");
    assert!(!window.has("Mark by rule"));
    window.press(Modifiers::COMMAND, Key::Z);
    window.wait_for("Submit this frame");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.wait_for("Submit 3 frames");
    window.press(Modifiers::NONE, Key::Enter);
    let paths = Paths::resolve(Some(window.folder.path().to_owned())).unwrap();
    let jobs = || History::open(&paths).unwrap().jobs().unwrap();
    window.wait("the job", |_| !jobs().is_empty());
    let positions: Vec<_> = jobs()[0]
        .stills
        .iter()
        .map(|still| still.position.as_micros())
        .collect();
    assert_eq!(positions, [750_000, 1_250_000, 1_750_000]);
    let mut video = Video::open(&jobs()[0].video.path).unwrap();
    for still in &jobs()[0].stills {
        let frame = video
            .frame_at(Duration::from_micros(still.position.as_micros()))
            .unwrap();
        let preview = still.preview.as_ref().unwrap();
        assert_eq!(preview.sha256, frame.image.pixel_sha256());
    }
}

// Breaks if a rule is not applied to the other videos, or all of that is not undone at once.
#[test]
fn a_rule_for_all_videos() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(two_clips(folder.path()).to_vec());
    window.wait_for("Exact frame 0");
    window.press(Modifiers::SHIFT, Key::M);
    window.wait_for("Mark by rule");
    click(&mut window, "Apply to all 2 open videos");
    // Both clips look the same all through: one frame each.
    window.wait("both", |harness| is_ready(harness, "Mark 2 frames"));
    window.press(Modifiers::NONE, Key::Enter);
    window.wait_for("Marked 2 frames in 2 videos");
    window.wait_for("clip.mp4, 1 mark");
    window.wait_for("second.mp4, 1 mark");
    click(&mut window, "Undo");
    window.wait("no mark", |harness| {
        harness.query_by_label_contains("1 mark").is_none()
    });
}

// Breaks if a rule that is none is looked for, or its error does not say what was expected.
#[test]
fn a_wrong_rule_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.press(Modifiers::SHIFT, Key::M);
    let radio = egui::accesskit::Role::RadioButton;
    window.wait_for("Mark by rule");
    window.harness.get_by_role_and_label(radio, "Every").click();
    window.harness.run_steps(2);
    let field = egui::accesskit::Role::TextInput;
    window.harness.get_by_role_and_label(field, "Step").focus();
    window.harness.run_steps(2);
    window.harness.get_by_role_and_label(field, "Step").type_text("x");
    window.wait("the error", |harness| {
        harness.query_by_label_contains("Expected ").is_some()
    });
    window.wait("the button", |harness| {
        harness.query_by_label("Mark frames").is_some()
    });
    assert!(!window.is_enabled("Mark frames"));
}

// Breaks if a large folder opens tabs, a black frame or a broken file is not told apart, another frame cannot be had, a
// restart loses the batch, or a submit loses or doubles a video.
#[test]
fn a_folder_is_a_batch() {
    let folder = tempfile::tempdir().unwrap();
    let shoot = shoot(folder.path());
    let mut window = Window::open_with_backend(vec![shoot.clone()]);
    window.wait_for("shoot");
    window.wait("all frames", |harness| is_ready(harness, "Submit 10 frames"));
    window.wait_for("dark.mp4, Nearly black: check");
    window.wait_for("notes.mp4, Cannot be read");
    window.wait_for("take-7.mp4, 1 frame");
    // The black one is left out.
    click(&mut window, "Select dark.mp4");
    window.press(Modifiers::NONE, Key::Delete);
    window.wait("one less", |harness| is_ready(harness, "Submit 9 frames"));
    // Another frame of the first one.
    let picked = |window: &Window| {
        let labels = window.labels();
        labels
            .into_iter()
            .find(|label| label.starts_with("clip.mp4"))
            .unwrap()
    };
    assert_eq!(picked(&window), "clip.mp4, 1 frame");
    window.press(Modifiers::NONE, Key::Home);
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.wait("another frame", |harness| is_ready(harness, "Submit 9 frames"));

    // The file is written a second after the last change.
    let saved = window.folder.path().join("batch.json");
    window.wait("the file", |_| {
        let text = std::fs::read_to_string(&saved).unwrap_or_default();
        text.contains("take-7.mp4") && !text.contains("dark.mp4") && !text.contains("waiting")
    });
    window.press(Modifiers::NONE, Key::Enter);
    // All of them were on the screen, or the question is answered.
    window.wait("a submit", |harness| {
        let question = harness.query_by_label("Submit all");
        if let Some(question) = &question {
            question.click();
        }
        harness.query_by_label_contains("Submitting ").is_some()
            || harness.query_by_label_contains("Submitted 9").is_some()
    });
    let paths = Paths::resolve(Some(window.folder.path().to_owned())).unwrap();
    let jobs = || History::open(&paths).unwrap().jobs().unwrap();
    window.wait("nine jobs", |_| jobs().len() == 9);
    let mut names: Vec<_> = jobs().iter().map(|job| job.video.name.clone()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 9);
    window.wait_for("clip.mp4, Submitted");
}

// Breaks if closing a batch loses it for good.
#[test]
fn a_closed_batch_can_be_had_again() {
    let folder = tempfile::tempdir().unwrap();
    let shoot = shoot(folder.path());
    let mut window = Window::open(Vec::new());
    window.wait_for("Drop videos to pick frames");
    window.harness.state().send(Command::OpenPaths(vec![shoot]));
    window.wait_for("take-1.mp4, 1 frame");
    window.press(Modifiers::COMMAND, Key::W);
    window.wait_for("Closed shoot, 11 videos");
    click(&mut window, "Undo");
    window.wait_for("take-1.mp4, 1 frame");
}
