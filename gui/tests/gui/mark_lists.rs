//! Tests of the names and notes of marks, and of lists of them.

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use posterframe::context::Command;
use posterframe_client::{History, Paths};

use crate::fixtures::app::Window;
use crate::fixtures::clips::{clip, two_clips};

fn type_text(window: &mut Window, text: &str) {
    window.harness.event(Event::Text(text.to_owned()));
    window.harness.step();
}

// Breaks if a list's frames, names or notes get lost on their way into a job, or its marks cannot be taken back.
#[test]
fn a_list_becomes_marks() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    std::fs::write(
        &list,
        "time,name,note\n1.0,The end,\n0.5,Opening,before the cut\n",
    )
    .unwrap();
    let mut window = Window::open_with_backend(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.harness.state().send(Command::OpenPaths(vec![list]));
    window.wait_for("Submit 2 frames");
    window.wait_for("Marked 2 frames of list.csv");
    for words in ["The end", "Opening", "clip_The end.png", "clip_Opening.png"] {
        window.wait_for(words);
    }
    window.press(Modifiers::COMMAND, Key::Z);
    window.wait_for("Submit this frame");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.wait_for("clip_Opening.png");
    window.wait("the backend", |harness| {
        let button = harness.query_by_label("Submit 2 frames");
        button.is_some_and(|button| !egui_kittest::kittest::NodeT::accesskit_node(&button).is_disabled())
    });
    window.press(Modifiers::NONE, Key::Enter);
    window.wait_for("Show in Jobs");
    let paths = Paths::resolve(Some(window.folder.path().to_owned())).unwrap();
    let jobs = History::open(&paths).unwrap().jobs().unwrap();
    let stills = jobs[0].stills.iter();
    let words: Vec<_> = stills
        .map(|still| {
            (
                still.position.as_micros(),
                still.name.as_deref(),
                still.note.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        words,
        [
            (1_000_000, Some("The end"), None),
            (500_000, Some("Opening"), Some("before the cut"))
        ]
    );
}

// Breaks if a mark cannot be named by keys alone, Esc keeps what was typed, or a name is no step of the undo.
#[test]
fn a_mark_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    window.press(Modifiers::NONE, Key::F2);
    window.wait_for("Done");
    type_text(&mut window, "Lake");
    window.press(Modifiers::NONE, Key::Enter);
    window.wait_for("clip_Lake.png");
    window.press(Modifiers::NONE, Key::F2);
    window.wait_for("Done");
    type_text(&mut window, "side");
    window.press(Modifiers::NONE, Key::Escape);
    window.wait("the end of it", |harness| {
        harness.query_by_label("Done").is_none()
    });
    assert!(window.has("clip_Lake.png"));
    window.press(Modifiers::COMMAND, Key::Z);
    window.wait("the name before", |harness| {
        harness.query_by_label("clip_Lake.png").is_none()
            && harness.query_by_label("Submit 1 frame").is_some()
    });
}

// Breaks if a list of several videos marks the wrong one, or a wrong list is not said to be one.
#[test]
fn a_list_of_two_videos() {
    let folder = tempfile::tempdir().unwrap();
    let [first, _] = two_clips(folder.path());
    let list = folder.path().join("list.csv");
    let rows = "file,time,name\nclip.mp4,0.5,A\nsecond.mp4,1.0,B\nsecond.mp4,1.5,C\n";
    std::fs::write(&list, rows).unwrap();
    let mut window = Window::open(vec![first]);
    window.wait_for("Exact frame 0");
    window.harness.state().send(Command::ReadMarks(list));
    window.wait_for("second_B.png");
    window.wait_for("Submit 2 frames");
    window.press(Modifiers::CTRL, Key::Tab);
    window.wait_for("Submit 1 frame");
    let wrong = folder.path().join("wrong.csv");
    std::fs::write(&wrong, "time,name\nsoon,A\n").unwrap();
    window.harness.state().send(Command::ReadMarks(wrong));
    window.wait("the complaint", |harness| {
        harness.query_by_label_contains("line 2").is_some()
    });
}
