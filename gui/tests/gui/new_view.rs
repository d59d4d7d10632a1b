//! The New view, driven by its labels as a person or a screen reader would, on a clip made by the ffmpeg program.

use std::ffi::OsString;
use std::time::Duration;

use egui::{Key, MissingGlyphPolicy, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use posterframe::app::App;
use posterframe::context::{Command, View};
use posterframe_client::Paths;

use crate::fixtures::app::Window;
use crate::fixtures::clips::{clip, encode, large, two_clips};

// Breaks if the keys do not step by a frame, a second, a keyframe, or to the ends, or if “exact” is said of another frame.
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

// Breaks if marks get lost or doubled, or if a submit is offered before there is a backend.
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
    for name in [
        "clip_00-00-01.000.mp4",
        "clip.png",
        "clip-2_00-00-01.958.mp4",
        "clip-2.png",
    ] {
        window.wait_for(name);
    }
    window.press(Modifiers::NONE, Key::ArrowUp);
    window.wait_for("Exact frame 24");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    window.harness.get_by_label("Remove mark 1").click();
    window.wait_for("Submit this frame");
}

// Breaks if a typed time or number does not lead to its frame, or a wrong one moves the playhead without a word.
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
        "Type a time such as 10.5, 1:02.5 or 01:02:03.500, or a frame such as 253f",
    );
    type_in("1", "Exact frame 24");
}

// Breaks if a file that is no video ends in silence, keeps the next one from opening, or cannot be tried again once it
// is mended.
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

// Breaks if a window that is too narrow for its parts ends the program: 960 points of the screen at scale 3 are 320 of
// the window's, and a tiled window may have fewer.
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

// Breaks if a path cannot be typed, or a missing file is taken for a video.
#[test]
fn a_typed_path() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(folder.path());
    let mut window = Window::open(Vec::new());
    window.wait_for("Drop videos to pick frames");
    let mut type_in = |text: &str, answer: &str| {
        window.harness.get_by_label("Paste or type a path").focus();
        window.harness.step();
        window.harness.step();
        window.press(Modifiers::COMMAND, Key::A);
        window
            .harness
            .get_by_label("Paste or type a path")
            .type_text(text);
        window.harness.step();
        window.press(Modifiers::NONE, Key::Enter);
        window.wait_for(answer);
    };
    type_in("/no/such.mp4", "There is no such file: /no/such.mp4");
    type_in(&format!("\"{}\"", clip.display()), "Exact frame 0");
}

// Breaks if an idle window draws all the time.
#[test]
fn an_idle_window_rests() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    window.rest();
}

// Breaks if a submit reaches no job, keeps the marks, leaves New, says nothing of its jobs, can be made twice by mistake, or
// needs a name that is text.
#[test]
fn submit_shows_the_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let odd: OsString = std::os::unix::ffi::OsStringExt::from_vec(b"clip\xff.mp4".to_vec());
    let odd = folder.path().join(odd);
    std::fs::rename(clip(folder.path()), &odd).unwrap();
    let mut window = Window::open_with_backend(vec![]);
    // A box stands for what is no text, as in the program.
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
        (job.position.as_micros(), job.video.name.as_str()),
        (0, "clip\u{fffd}.mp4")
    );
    assert_eq!(job.video.path, odd);
    assert!(job.preview_sha256.is_some() && job.still.as_ref().is_some_and(|still| still.is_file()));
    // The next frame can be marked meanwhile.
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.wait_for("Submit this frame");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    window.harness.get_by_label("Show in Jobs").click();
    window.wait("the jobs", |harness| harness.state().view() == View::Jobs);
}

// Breaks if Enter does nothing before the frame it is meant for is there, or submits the one that was there before.
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
        let mut frames: Vec<_> = jobs.iter().filter_map(|job| job.frame_number).collect();
        frames.sort_unstable();
        frames
    };
    // Keys of one frame: nothing can be decoded between them.
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

// Breaks if a file that was replaced behind the window's back is submitted, or nothing is said before the button is
// pressed, or there is no way on.
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
    // Another frame is another look at the file.
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

// Breaks if the preview cannot be zoomed by keys, buttons or the wheel, or does not come back to the window's size.
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
    // The picture is still the frame, and steps go on.
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.wait_for("Exact frame 1");
}

// Breaks if the wheel does not zoom the timeline, a step leaves what it shows, or it cannot be shown whole again.
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
    // Sideways it moves.
    window.wheel(lane.center(), egui::vec2(200.0, 0.0), Modifiers::NONE);
    assert!(from(&window) < middle);
    // A click goes to the frame under the pointer of what is shown now, the end is brought into sight.
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

// Breaks if one of several videos is lost, loses its place or its marks, or cannot be reached by keys.
#[test]
fn several_videos_as_tabs() {
    let folder = tempfile::tempdir().unwrap();
    two_clips(folder.path());
    let mut window = Window::open(Vec::new());
    window.wait_for("Drop videos to pick frames");
    // Dropped as a folder, beside one that holds none.
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

// Breaks if a path on the clipboard opens nothing, or other text does something.
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

// Breaks if the window's thread is given more pixels than the screen has, whatever the video's size: each costs it time.
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

// Breaks if a black frame is submitted without a word, a better one is not a click away, or the way back is lost.
#[test]
fn a_black_frame_is_said_and_moved() {
    let folder = tempfile::tempdir().unwrap();
    let source = "testsrc2=size=320x180:rate=24:duration=3,drawbox=t=fill:color=black:enable='lt(t,0.9)'";
    let dark = encode(folder.path().join("dark.mp4"), source, &["-g", "12"]);
    let mut window = Window::open(vec![dark]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 72");
    // Without marks it is the frame on the screen that would be submitted.
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

// Breaks if a mark is lost, or set on another frame, by someone who goes on before the frame is decoded.
#[test]
fn fast_fingers_lose_no_mark() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![clip(folder.path())]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    // All within one frame of the window.
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

// Breaks if someone who goes to another tab before the frame is decoded loses a mark, or believes a frame submitted that
// is not.
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
    // Either is possible, by which is quicker; neither of them is not.
    let paths = Paths::resolve(Some(window.folder.path().to_owned())).unwrap();
    window.wait("a job, or a word", |harness| {
        let word = "second.mp4 was not submitted: its frame was not there yet. Submit it from its tab";
        let history = posterframe_client::History::open(&paths).unwrap();
        harness.query_by_label(word).is_some() || history.jobs().unwrap().len() == 1
    });
    window.wait_for("Submit 1 frame");
}

// Breaks if a file that was cut off passes for a whole one.
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
