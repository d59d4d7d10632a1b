//! Tests of videos at a distance: from the bucket, and from an address.

use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use posterframe::context::{BATCH_FROM, Command};
use posterframe_client::{History, Paths};

use crate::fixtures::app::Window;
use crate::fixtures::clips::{clip, uncompressed};
use crate::fixtures::web::Web;

fn paste(window: &mut Window, text: &str) {
    window.harness.event(Event::Paste(text.to_owned()));
    window.harness.step();
}

/// The words of the label that begins like this.
fn label(window: &Window, begins: &str) -> Option<String> {
    window
        .labels()
        .into_iter()
        .find(|label| label.starts_with(begins))
}

// Breaks if a video in the bucket cannot be found by keys alone, is uploaded at a submit, or its job does not name it.
#[test]
fn from_the_bucket() {
    let made = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(clip(made.path())).unwrap();
    let mut window = Window::open_with_objects(&[
        ("masters/a.txt", b"no video"),
        ("masters/film.mp4", &bytes),
        ("masters/old/x.mp4", &bytes),
    ]);
    window.wait_for("Try the sample clip");
    window.press(Modifiers::COMMAND, Key::B);
    window.wait_for("masters");
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::NONE, Key::Enter);
    for name in ["old", "a.txt", "film.mp4"] {
        window.wait_for(name);
    }
    assert!(!window.is_enabled("Open"));
    window.press(Modifiers::NONE, Key::End);
    window.wait("what was read", |harness| {
        harness.query_by_label_contains(" requests").is_some()
    });
    window.wait("the video's facts", |harness| {
        harness.query_by_label_contains("320 × 180").is_some()
    });
    assert!(window.is_enabled("Open"));
    window.press(Modifiers::NONE, Key::Backspace);
    window.wait_for("masters");
    window.press(Modifiers::NONE, Key::Home);
    window.press(Modifiers::NONE, Key::Enter);
    window.wait_for("film.mp4");
    window.press(Modifiers::NONE, Key::End);
    // It opens as soon as it is known to be a video.
    window.press(Modifiers::NONE, Key::Enter);
    window.wait_for("Exact frame 0");
    window.wait_for("No upload, one task, 1 thumbnail");
    window.wait_for("film.png");
    window.wait_for_submit();
    window.press(Modifiers::NONE, Key::Enter);
    window.wait_for("Show in Jobs");
    let paths = Paths::resolve(Some(window.folder.path().to_owned())).unwrap();
    let jobs = History::open(&paths).unwrap().jobs().unwrap();
    let [job] = jobs.as_slice() else {
        panic!("{jobs:?}")
    };
    let place = "s3://posterframe/masters/film.mp4";
    assert_eq!(job.video.path, std::path::Path::new(place));
    assert!(job.stills[0].preview.is_some());
    // The address leads back to it, from the list of those that were opened.
    window.press(Modifiers::COMMAND, Key::B);
    window.wait_for("a.txt");
    window.harness.get_by_label("Recent addresses").click();
    window.wait_for(place);
}

// Breaks if a folder's search, its order or an address that is none is not understood, or text that was pasted is lost.
#[test]
fn searching_the_bucket() {
    let mut window =
        Window::open_with_objects(&[("film/b.mp4", b"1"), ("film/A.mp4", b"22"), ("c.mp4", b"3")]);
    window.wait_for("Try the sample clip");
    window.harness.state().send(Command::OpenBucket);
    window.wait_for("c.mp4");
    paste(&mut window, "s3://posterframe/film/");
    window.wait_for("A.mp4");
    assert!(!window.has("c.mp4"));
    window.press(Modifiers::NONE, Key::Slash);
    window.harness.event(Event::Text("B.".to_owned()));
    window.wait("fewer rows", |harness| {
        harness.query_by_label("A.mp4").is_none() && harness.query_by_label("b.mp4").is_some()
    });
    window.press(Modifiers::NONE, Key::Escape);
    window.settle();
    if !window.has("Open from the bucket") {
        window.harness.state().send(Command::OpenBucket);
        window.wait_for("A.mp4");
    }
    paste(&mut window, "ftp://nowhere/x.mp4");
    window.wait_for("An address begins with s3:// or https://");
    // What is no video says so beside it, and cannot be opened.
    window.harness.get_by_label("b.mp4").click();
    window.wait("the failure", |harness| harness.query_by_label("Copy").is_some());
    assert!(!window.is_enabled("Open"));
}

// Breaks if a folder of many videos in the bucket is opened as tabs, or frames are not found in them.
#[test]
fn a_folder_of_the_bucket_as_a_batch() {
    let made = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(clip(made.path())).unwrap();
    let keys: Vec<String> = (0..BATCH_FROM)
        .map(|number| format!("takes/{number}.mp4"))
        .collect();
    let mut objects: Vec<(&str, &[u8])> = keys.iter().map(|key| (key.as_str(), bytes.as_slice())).collect();
    objects.push(("takes/notes.txt", b"none"));
    let mut window = Window::open_with_objects(&objects);
    window.wait_for("Try the sample clip");
    window.harness.state().send(Command::OpenBucket);
    window.wait_for("takes");
    paste(&mut window, "s3://posterframe/takes/");
    window.wait_for("Open all 9");
    window.harness.get_by_label("Open all 9").click();
    window.wait("frames of all", |harness| {
        harness.query_by_label("Submit 9 frames").is_some()
    });
}

// Breaks if the film strip reads what nobody looks at, or what is read is not said.
#[test]
fn an_address_is_read_where_one_looks() {
    let made = tempfile::tempdir().unwrap();
    let web = Web::serve(std::fs::read(uncompressed(made.path())).unwrap(), "long.mov");
    let mut window = Window::open(vec![]);
    window.wait_for("Try the sample clip");
    paste(&mut window, &format!("{}?signature=secret", web.address));
    window.wait_for("Exact frame");
    window.rest();
    let sent = web.sent();
    assert!(sent < 8 << 20, "{sent} bytes");
    let read = label(&window, "Read ").or_else(|| label(&window, "1")).unwrap();
    assert!(
        window.labels().iter().any(|label| label.contains(" requests")),
        "{read}"
    );
    window.rest();
    assert_eq!(web.sent(), sent);
    // Signed addresses are secrets.
    assert!(window.labels().iter().all(|label| !label.contains("secret")));
    window.press(Modifiers::NONE, Key::End);
    window.wait("the last frame", |_| web.sent() > sent);
    window.settle();
    window.press(Modifiers::NONE, Key::Home);
    window.settle();
    let sent = web.sent();
    window.press(Modifiers::NONE, Key::End);
    window.settle();
    assert_eq!(web.sent(), sent, "a second look is none of the network's");
}

// Breaks if a lost network loses marks or is not gone on from, or another version's frames pass for those of the first.
#[test]
fn lost_networks_and_replaced_videos() {
    let made = tempfile::tempdir().unwrap();
    let web = Web::serve(std::fs::read(uncompressed(made.path())).unwrap(), "long.mov");
    let mut window = Window::open(vec![web.address.clone().into()]);
    window.wait_for("Exact frame");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    window.rest();
    web.cut_off(true);
    window.press(Modifiers::NONE, Key::PageDown);
    window.wait_for("Reconnecting");
    assert!(window.has("Submit 1 frame"));
    web.cut_off(false);
    window.wait_for("Exact frame");
    window.rest();
    web.replace();
    window.press(Modifiers::NONE, Key::End);
    window.wait_for("long.mov was replaced since it was opened");
    assert!(!window.is_enabled("Submit 1 frame"));
    window.harness.get_by_label("Open the new one").click();
    window.wait("the new one", |harness| {
        let note = harness.query_by_label("long.mov was replaced since it was opened");
        note.is_none() && harness.query_by_label_contains("Exact frame").is_some()
    });
}
