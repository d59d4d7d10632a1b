//! An audit of all controls, for people who use a screen reader or the keyboard: each has a name, and the tooltip of one
//! with a key shows that key.

use egui::{Key, Modifiers, Sense, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use posterframe::context::{Command, View};
use posterframe_client::{JobState, Verdict};
use posterframe_kit::theme::ThemeMode;

use crate::fixtures::app::Window;
use crate::fixtures::audit::{keys_of, nameless};
use crate::fixtures::clips::two_clips;
use crate::fixtures::views::{GalleryWindow, JobsWindow, show};
use crate::fixtures::{done, failed, job};

/// Checks that every control on the screen has a name, and that the tooltips of `keys` show their keys.
#[track_caller]
fn check<State>(harness: &Harness<'_, State>, screen: &str, keys: &[(&str, &str)]) {
    let nameless = nameless(harness);
    assert!(nameless.is_empty(), "{screen}: {nameless:#?}");
    for (label, key) in keys {
        let found = keys_of(harness, label);
        assert!(!found.is_empty(), "{screen}: there is no “{label}”");
        assert!(
            found.iter().all(|found| found == key),
            "{screen}: “{label}” has {found:?} instead of {key}"
        );
    }
}

// Breaks if the audit misses a control without a name, of any kind.
#[test]
fn the_audit_finds_what_has_no_name() {
    let builder = Harness::builder().with_accessibility_check(false);
    let harness = show(builder, ThemeMode::Dark, (), |ui, ()| {
        let _ = ui.button("Named");
        let (_, place) = ui.allocate_space(vec2(20.0, 20.0));
        ui.interact(place, egui::Id::unique("bare"), Sense::click());
        let _ = ui.button("");
        ui.add_enabled(false, egui::Button::new(""));
        ui.label("Only text");
    });
    assert_eq!(nameless(&harness).len(), 3, "{:#?}", nameless(&harness));
}

// Breaks if a control of the bar or of New has no name, or its tooltip lacks its key.
#[test]
fn new_and_the_bar() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = two_clips(folder.path());

    let mut window = Window::open(Vec::new());
    window.wait_for("Drop videos to pick frames");
    let bar = [
        ("New", "Ctrl+1"),
        ("Jobs", "Ctrl+2"),
        ("Gallery", "Ctrl+3"),
        ("Settings", "Ctrl+,"),
    ];
    check(&window.harness, "nothing open", &bar);
    check(&window.harness, "nothing open", &[("Open files…", "Ctrl+O")]);

    window
        .harness
        .state()
        .send(Command::OpenVideos(vec![first, second]));
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    window.harness.run_steps(3);
    let keys = [
        ("Previous frame", "←"),
        ("Next frame", "→"),
        ("Previous keyframe", "Ctrl+←"),
        ("Next keyframe", "Ctrl+→"),
        ("Timecode", "/"),
        ("Mark frame", "M"),
        ("Remove mark 1", "Del"),
        ("Submit 1 frame", "Enter"),
        ("second.mp4", "Ctrl+Tab"),
        ("Close clip.mp4", "Ctrl+W"),
    ];
    check(&window.harness, "two videos and a mark", &keys);

    // Zooming adds controls to the preview and the timeline.
    window.press(Modifiers::NONE, Key::Num1);
    window.press(Modifiers::NONE, Key::CloseBracket);
    window.harness.run_steps(3);
    let keys = [
        ("Fit the picture to the window", "0"),
        ("One pixel of the picture for one of the screen", "1"),
        ("Part of the timeline", "\\"),
    ];
    check(&window.harness, "zoomed", &keys);

    window.harness.get_by_label("Open videos").click();
    window.harness.run_steps(3);
    let keys = [("Open files…", "Ctrl+O"), ("Close this video", "Ctrl+W")];
    check(&window.harness, "the menu of videos", &keys);
    window.press(Modifiers::NONE, Key::Escape);
    window.harness.run_steps(2);

    let text = folder.path().join("notes.mp4");
    std::fs::write(&text, "Milk, bread").unwrap();
    window.harness.state().send(Command::OpenVideos(vec![text]));
    window.wait_for("notes.mp4 cannot be opened");
    let keys = [("Choose another file…", "Ctrl+O"), ("Close", "Ctrl+W")];
    check(&window.harness, "a file that is no video", &keys);
}

// Breaks if a control of the settings has no name, on any page and in any state.
#[test]
fn settings() {
    let mut window = Window::open_with_backend(Vec::new());
    window.wait_for("Backend: This computer, ready");
    window.press(Modifiers::COMMAND, Key::Comma);
    window.wait_for("Run jobs on");
    check(&window.harness, "settings", &[]);
    let radio = |window: &mut Window, label: &str| {
        let role = egui::Role::RadioButton;
        window.harness.get_by_role_and_label(role, label).click();
        window.harness.run_steps(3);
    };
    radio(&mut window, "AWS");
    check(&window.harness, "a stack's settings", &[]);
    radio(&mut window, "App");
    check(&window.harness, "settings of the app", &[]);
    radio(&mut window, "Files");
    check(&window.harness, "settings of files", &[]);
    // The stack that was added above is only discarded after a question.
    window.press(Modifiers::NONE, Key::Escape);
    window.wait_for("Leave without saving?");
    check(&window.harness, "the question before leaving", &[]);
    window.harness.get_by_label("Leave").click();
    window.harness.run_steps(4);

    window
        .harness
        .get_by_label("Backend: This computer, ready")
        .click();
    window.harness.run_steps(3);
    check(&window.harness, "the backends' menu", &[("Settings…", "Ctrl+,")]);
    window.press(Modifiers::NONE, Key::Escape);
    for view in [View::Jobs, View::Gallery] {
        window.harness.state().send(Command::Show(view));
        window.harness.run_steps(4);
        check(&window.harness, view.label(), &[]);
    }
    window.wait_for("No thumbnails yet");
    check(&window.harness, "an empty gallery", &[("Pick a frame", "Ctrl+1")]);
}

// Breaks if a control of Jobs has no name or lacks its key, whatever the job's state.
#[test]
fn jobs_in_all_states() {
    let retry = [
        ("Retry", "Ctrl+R"),
        ("Filter by name", "/"),
        ("Search log", "Ctrl+F"),
    ];
    for state in [
        JobState::Queued,
        JobState::Uploading,
        JobState::Paused,
        JobState::Waiting,
        JobState::Starting,
        JobState::Running,
        JobState::Stopped,
    ] {
        let harness = JobsWindow::open(|_| vec![job("bunny.mp4", 10_541_000, state)]);
        check(&harness, state.label(), &retry);
    }
    let mut harness = JobsWindow::open(|_| vec![failed("night-launch.mp4"), failed("espresso.mov")]);
    check(&harness, "a failed job", &retry);
    for (menu, keys) in [
        ("More", &[("Remove from list", "Del")][..]),
        ("All facts", &[]),
        ("Filter the log", &[]),
    ] {
        harness.get_by_label(menu).click();
        harness.run_steps(3);
        check(&harness, menu, keys);
        harness.key_press(Key::Escape);
        harness.run_steps(2);
    }
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_steps(3);
    let keys = [("Retry 2", "Ctrl+R"), ("Remove 2 from list", "Del")];
    check(&harness, "several jobs", &keys);

    let verdict = Verdict::Differs("other versions of libav".into());
    let mut harness = JobsWindow::open(|stage| vec![done("espresso.mov", stage.folder.path(), verdict)]);
    check(&harness, "a done job", &[("Save as…", "Ctrl+S")]);
    harness.get_by_label("More").click();
    harness.run_steps(3);
    let keys = [("Open thumbnail", "Enter"), ("Remove from list", "Del")];
    check(&harness, "a done job's menu", &keys);
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    harness.get_by_label("Compare").click();
    harness.run_steps(3);
    check(&harness, "the comparison", &[("Close", "Esc")]);
    let harness = JobsWindow::open(|_| Vec::new());
    check(&harness, "no jobs", &[("Open video…", "Ctrl+O")]);
}

// Breaks if a control of the gallery has no name or lacks its key: in the grid, the sheet, while picking, in the viewer.
#[test]
fn gallery() {
    let mut harness = GalleryWindow::open(&["a.png", "b.png"]);
    check(&harness, "the grid", &[("Search thumbnails", "/")]);
    harness.get_by_label("a.png, 2 min ago").click();
    harness.run_steps(3);
    let keys = [
        ("Previous", "←"),
        ("Next", "→"),
        ("Close", "Esc"),
        ("Delete", "Del"),
        ("Save as…", "Ctrl+S"),
        ("Copy image", "Ctrl+C"),
        ("Picture of a.png", "Enter"),
    ];
    check(&harness, "the sheet", &keys);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let keys = [
        ("Zoom in", "+"),
        ("Zoom out", "−"),
        ("1:1", "1"),
        ("Fit", "0"),
        ("Close", "Esc"),
    ];
    check(&harness, "a picture alone", &keys);
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_steps(3);
    let keys = [
        ("Select all", "Ctrl+A"),
        ("Save 2…", "Ctrl+S"),
        ("Delete 2", "Del"),
        ("Done", "Esc"),
    ];
    check(&harness, "selecting", &keys);
}
