//! Tests of marking and submitting in New, with clips made by ffmpeg.

use std::ffi::OsString;
use std::time::Duration;

use egui::{Key, MissingGlyphPolicy, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use posterframe::app::App;
use posterframe::context::{Command, View};
use posterframe_client::{Client, FrameChoice, JobState, Paths, Submission};
use posterframe_contract::{Interpretation, Rotation};

use crate::fixtures::app::Window;
use crate::fixtures::clips::{clip, encode, make, two_clips, uncompressed};

// Breaks if marks are lost or doubled, or the button is enabled before the backend has started.
#[test]
fn marks_make_the_list_and_the_button() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    assert!(!window.is_enabled("Submit this frame"));
    window.press(Modifiers::SHIFT, Key::ArrowRight);
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Mark 1, 00:00:01.000");
    window.press(Modifiers::NONE, Key::End);
    window.wait_for("Exact frame 47");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 2 frames");
    assert!(!window.is_enabled("Submit 2 frames"));
    for name in ["2 files", "clip.png", "clip-2.png"] {
        window.wait_for(name);
    }
    window.press(Modifiers::NONE, Key::ArrowUp);
    window.wait_for("Exact frame 24");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    window.harness.get_by_label("Remove mark 1").click();
    window.wait_for("Submit this frame");
}

// Breaks if a submission creates no job, keeps the marks, leaves New, does not list its jobs, can be repeated by mistake,
// or fails for a name that is no UTF-8.
#[test]
fn submit_shows_the_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let odd: OsString = std::os::unix::ffi::OsStringExt::from_vec(b"clip\xff.mp4".to_vec());
    let odd = folder.path().join(odd);
    std::fs::rename(clip(folder.path()), &odd).unwrap();
    let mut window = Window::open_with_backend(vec![]);
    // Missing glyphs are drawn as boxes, as in the program.
    window
        .harness
        .ctx
        .set_missing_glyph_policy(MissingGlyphPolicy::Tofu);
    window.harness.state().send(Command::OpenPaths(vec![odd.clone()]));
    window.wait_for("Exact frame 0");
    window.wait_for_submit();
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    window.press(Modifiers::NONE, Key::Enter);
    window.wait_for("Show in Jobs");
    assert_eq!(window.harness.state().view(), View::New);
    window.wait("the job's state", |harness| {
        harness.query_by_label_contains("clip-.png, ").is_some()
    });
    let paths = Paths::resolve(Some(window.folder.path().to_owned())).unwrap();
    let jobs = posterframe_client::History::open(&paths).unwrap().jobs().unwrap();
    assert_eq!(jobs.len(), 1);
    let job = &jobs[0];
    assert_eq!(
        (job.stills[0].position.as_micros(), job.video.name.as_str()),
        (0, "clip\u{fffd}.mp4")
    );
    assert_eq!(job.video.path, odd);
    let still = &job.stills[0];
    assert!(still.preview.is_some() && still.picture.as_ref().is_some_and(|picture| picture.is_file()));
    // Meanwhile the next frame can be marked.
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.wait_for("Submit this frame");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    window.harness.get_by_label("Show in Jobs").click();
    window.wait("the jobs", |harness| harness.state().view() == View::Jobs);
}

// Breaks if several marks are not one job, the view does not say so before, or it says that a video is uploaded which the
// bucket has.
#[test]
fn several_marks_are_one_job() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open_with_backend(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for_submit();
    for key in [Key::M, Key::End, Key::M] {
        window.press(Modifiers::NONE, key);
    }
    window.wait_for("Submit 2 frames");
    window.wait_for("One upload, one task, 2 thumbnails");
    window.wait_for("clip-2.png");
    window.press(Modifiers::NONE, Key::Enter);
    window.wait("the job's state", |harness| {
        harness.query_by_label_contains("clip · 2 frames, ").is_some()
    });
    let paths = Paths::resolve(Some(window.folder.path().to_owned())).unwrap();
    let jobs = posterframe_client::History::open(&paths).unwrap().jobs().unwrap();
    assert_eq!((jobs.len(), jobs[0].stills.len()), (1, 2));
    window.press(Modifiers::NONE, Key::Home);
    window.wait_for("Nothing to upload, one task, 1 thumbnail");
}

// Breaks if Enter does nothing while its frame is being decoded, or submits the previous frame.
#[test]
fn a_submit_waits_for_its_frame() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path());
    let mut window = Window::open_with_backend(vec![clip]);
    window.wait_for("Exact frame 0");
    window.wait_for_submit();
    let paths = Paths::resolve(Some(window.folder.path().to_owned())).unwrap();
    let submitted = || {
        let jobs = posterframe_client::History::open(&paths).unwrap().jobs().unwrap();
        let mut frames: Vec<_> = jobs.iter().filter_map(|job| job.stills[0].number).collect();
        frames.sort_unstable();
        frames
    };
    // Both keys are handled in one drawn frame, so nothing is decoded between them.
    window.harness.key_press(Key::End);
    window.harness.key_press(Key::Enter);
    window.wait("the last frame's job", |_| !submitted().is_empty());
    window.harness.key_press(Key::Home);
    window.harness.key_press(Key::M);
    window.harness.key_press(Key::Enter);
    window.wait("the first frame's job", |_| submitted().len() == 2);
    let frames = submitted();
    assert!(frames[0] == 0 && frames[1] > 0, "{frames:?}");
}

// Breaks if a file that was replaced is submitted, the view does not report it before the submission, or the video cannot
// be opened again.
#[test]
fn a_changed_file_is_said_before() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path());
    let mut window = Window::open_with_backend(vec![clip.clone()]);
    window.wait_for("Exact frame 0");
    let ready = |harness: &Harness<'static, App>| {
        let button = harness.query_by_label("Submit this frame");
        button.is_some_and(|button| !button.accesskit_node().is_disabled())
    };
    window.wait("the backend", ready);
    let mut bytes = std::fs::read(&clip).unwrap();
    bytes.extend([0; 64]);
    std::fs::write(&clip, bytes).unwrap();
    // A step to another frame checks the file again.
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.wait_for("The file has changed since it was opened: the marks may be other frames now");
    assert!(!window.is_enabled("Submit this frame"));
    window.press(Modifiers::NONE, Key::Enter);
    window.harness.run_steps(4);
    assert_eq!(window.harness.state().view(), View::New);
    window.harness.get_by_label("Open it again").click();
    window.harness.step();
    window.wait("a submit of the file as it is now", ready);
}

// Breaks if a black frame causes no warning, a better one cannot be chosen by a click, or this cannot be undone.
#[test]
fn a_black_frame_is_said_and_moved() {
    let folder = tempfile::tempdir().unwrap();
    let source = "testsrc2=size=320x180:rate=24:duration=3,drawbox=t=fill:color=black:enable='lt(t,0.9)'";
    let dark = encode(folder.path().join("dark.mp4"), source, &["-g", "12"]);
    let mut window = Window::open(vec![dark]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 72");
    // Without marks, the frame on the screen is the one to submit.
    window.wait_for("Nearly black — pick another?");
    window.wait_for("Go to frame 24");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Move mark 1 to frame 48");
    window.harness.get_by_label("Move mark 1 to frame 48").click();
    window.wait_for("Mark 1, 00:00:02.000");
    window.wait_for("Exact frame 48");
    assert!(!window.has("Nearly black — pick another?") && window.has("Submit 1 frame"));
    window.harness.get_by_label("Put back").click();
    window.wait_for("Mark 1, 00:00:00.000");
    window.wait_for("Exact frame 0");
    assert!(!window.has("Put back"));
}

// Breaks if a mark is lost or set on another frame when the user steps on before the frame is decoded.
#[test]
fn fast_fingers_lose_no_mark() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    // All keys are handled in one drawn frame.
    for (modifiers, key) in [
        (Modifiers::COMMAND, Key::ArrowRight),
        (Modifiers::NONE, Key::M),
        (Modifiers::COMMAND, Key::ArrowRight),
        (Modifiers::NONE, Key::M),
        (Modifiers::NONE, Key::End),
    ] {
        window.press(modifiers, key);
    }
    window.wait_for("Exact frame 47");
    window.wait_for("Submit 2 frames");
    assert!(window.has("Mark 1, 00:00:00.500") && window.has("Mark 2, 00:00:01.000"));
}

// Breaks if a switch to another tab before the frame is decoded loses a mark, or reports a submission that does not
// happen.
#[test]
fn another_tab_loses_no_mark() {
    let folder = tempfile::tempdir().unwrap();
    two_clips(folder.path());
    let videos = vec![folder.path().join("clip.mp4"), folder.path().join("second.mp4")];
    let mut window = Window::open_with_backend(videos);
    window.wait_for("Exact frame 0");
    window.wait_for_submit();
    window.press(Modifiers::NONE, Key::End);
    window.press(Modifiers::NONE, Key::M);
    window.press(Modifiers::CTRL, Key::Tab);
    window.wait_for("clip.mp4, 1 mark");
    window.wait_for("Exact frame 0");
    window.harness.key_press(Key::End);
    window.harness.key_press(Key::Enter);
    window.harness.key_press_modifiers(Modifiers::CTRL, Key::Tab);
    // Either result is possible, depending on which is faster.
    let paths = Paths::resolve(Some(window.folder.path().to_owned())).unwrap();
    window.wait("a job, or a word", |harness| {
        let word = "second.mp4 was not submitted: its frame was not there yet. Submit it from its tab";
        let history = posterframe_client::History::open(&paths).unwrap();
        harness.query_by_label(word).is_some() || history.jobs().unwrap().len() == 1
    });
    window.wait_for("Submit 1 frame");
}

// Breaks if a mark that is set during a submission is removed with the submitted ones.
#[test]
fn a_submit_takes_only_its_own_marks() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open_with_backend(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for_submit();
    window.press(Modifiers::NONE, Key::M);
    // Both keys are handled in one drawn frame, so the jobs cannot be created between them.
    window.harness.key_press(Key::Enter);
    window.harness.key_press(Key::End);
    window.harness.key_press(Key::M);
    window.wait_for("Show in Jobs");
    window.wait_for("Exact frame 47");
    window.wait_for("Mark 1, 00:00:01.958");
    assert!(window.has("Submit 1 frame"));
}

// Breaks if a slow link uploads a large video without a word of the other way, or the choice is not kept.
#[test]
fn a_long_upload_is_spared() {
    let folder = tempfile::tempdir().unwrap();
    let video = uncompressed(folder.path());
    let sent = clip(folder.path());
    std::fs::write(&sent, [std::fs::read(&sent).unwrap(), vec![0; 2 << 20]].concat()).unwrap();
    let before = async |client: &Client| {
        let submission = Submission {
            video: sent,
            frames: vec![FrameChoice::default()],
            outputs: Vec::new(),
            sheets: Vec::new(),
            interpretation: Interpretation::default(),
        };
        let id = client.submit(submission).unwrap();
        let is_sent = |state| !matches!(state, JobState::Queued | JobState::Uploading);
        while !client.job(id).is_some_and(|job| is_sent(job.state)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut window = Window::open_after(before, "upload_limit = \"100 kB/s\"\n");
    window.harness.state().send(Command::OpenPaths(vec![video]));
    let choice = "Make it here, send only the files";
    window.wait_for(choice);
    window.wait_for("One upload, one task, 1 thumbnail");
    window.harness.get_by_label(choice).click();
    window.wait_for("Made on this computer, 1 thumbnail");
    window.wait_for_submit();
    window.press(Modifiers::NONE, Key::Enter);
    window.wait_for("Show in Jobs");
    let paths = Paths::resolve(Some(window.folder.path().to_owned())).unwrap();
    let jobs = posterframe_client::History::open(&paths).unwrap().jobs().unwrap();
    let is_long = |job: &&posterframe_client::Job| job.video.name == "long.mov";
    assert!(jobs.iter().find(is_long).unwrap().here.is_some());
}

// Breaks if another track or another rotation is not what is shown and submitted, or a mark gets lost by it.
#[test]
fn read_in_another_way() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("two.mp4");
    make(
        &file,
        "-f lavfi -i testsrc2=size=320x180:rate=24:duration=1 -f lavfi -i testsrc=size=160x120:rate=24:duration=1 \
         -map 0 -map 1 -c:v libx264",
    );
    let mut window = Window::open_with_backend(vec![file]);
    window.wait_for("Exact frame 0");
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.wait_for("Exact frame 1");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    for (choice, shown) in [
        ("Track 2, 160 × 120", "160 × 120"),
        ("Turn the picture", "120 × 160"),
    ] {
        window.harness.get_by_label("Open videos").click();
        window.wait_for(choice);
        window.harness.get_by_label(choice).click();
        window.wait(shown, |harness| {
            harness.query_by_label_contains(shown).is_some()
                && harness.query_by_label("Exact frame 1").is_some()
        });
        if window.has("Pass over edit lists") {
            window.press(Modifiers::NONE, Key::Escape);
            window.settle();
        }
    }
    window.wait("the backend", |harness| {
        let button = harness.query_by_label("Submit 1 frame");
        button.is_some_and(|button| !button.accesskit_node().is_disabled())
    });
    window.press(Modifiers::NONE, Key::Enter);
    window.wait_for("Show in Jobs");
    let paths = Paths::resolve(Some(window.folder.path().to_owned())).unwrap();
    let jobs = posterframe_client::History::open(&paths).unwrap().jobs().unwrap();
    let said = jobs[0].interpretation;
    assert_eq!(said.track.map(std::num::NonZeroU16::get), Some(2));
    assert_eq!(said.rotate.map(Rotation::degrees), Some(90));
    let preview = jobs[0].stills[0].preview.as_ref().unwrap();
    let pixels = preview.pixels.as_ref().unwrap();
    assert_eq!((pixels.width, pixels.height), (120, 160));
}
