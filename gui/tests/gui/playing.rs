//! Tests of playing in New.

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

use crate::fixtures::app::Window;
use crate::fixtures::clips::{clip, encode};

fn says(window: &Window, words: &str) -> bool {
    window.harness.query_all_by_label_contains(words).next().is_some()
}

// Breaks if Space does not play or stop, what plays passes for an exact frame, or the exact frame does not stand after it.
#[test]
fn space_plays_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let source = "testsrc2=size=320x180:rate=24:duration=60";
    let video = encode(folder.path().join("long.mp4"), source, &["-g", "12"]);
    let mut window = Window::open(vec![video]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 1440");
    window.press(Modifiers::NONE, Key::Space);
    window.wait("playing", |harness| harness.query_by_label("Pause").is_some());
    // Frames are left out where they are late: any number from 12 on will do.
    let is_far = |label: &String| {
        label
            .parse()
            .is_ok_and(|number: usize| (12..1440).contains(&number))
    };
    while !window.labels().iter().any(is_far) {
        window.harness.step();
        assert!(!says(&window, "Exact"), "{:?}", window.labels());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    window.press(Modifiers::NONE, Key::Space);
    // The picture that was played stays on the screen until the exact one is there, and is not called so.
    assert!(!window.has("Exact frame 0"), "{:?}", window.labels());
    window.wait("the exact frame", |harness| {
        harness
            .query_all_by_label_contains("Exact frame ")
            .next()
            .is_some()
    });
    window.settle();
    assert!(
        window.has("Play") && says(&window, "Exact frame ") && !says(&window, "Exact frame 0"),
        "{:?}",
        window.labels()
    );
}

// Breaks if a video does not stop at its end, J does not play backwards to the start, or a mark while it plays is lost.
#[test]
fn both_ways_and_a_mark() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    window.press(Modifiers::NONE, Key::L);
    window.press(Modifiers::NONE, Key::L);
    window.wait("two times", |harness| {
        harness
            .query_all_by_label_contains("Playing 2 ×")
            .next()
            .is_some()
    });
    window.wait_for("Exact frame 47");
    window.press(Modifiers::NONE, Key::J);
    window.wait("backwards", |harness| {
        harness.query_all_by_label_contains("backwards").next().is_some()
    });
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    assert!(window.has("Play"), "{:?}", window.labels());
    window.press(Modifiers::NONE, Key::J);
    window.wait_for("Exact frame 0");
    window.press(Modifiers::NONE, Key::Period);
    window.wait_for("Exact frame 1");
    window.press(Modifiers::NONE, Key::Comma);
    window.wait_for("Exact frame 0");
}
