//! Tests of the Jobs view, operated by its labels.

use std::sync::Arc;

use egui::{Key, Modifiers, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use posterframe::context::Command;
use posterframe_client::{HereRun, Job, JobState, Phase, Verdict};

use crate::fixtures::views::JobsWindow;
use crate::fixtures::{NOW, Stage, done, failed, job, long_log, several};

fn all(stage: &Stage) -> Vec<Job> {
    vec![
        job("bunny.mp4", 10_541_000, JobState::Uploading),
        job("city-bikes.mp4", 5_120_000, JobState::Running),
        failed("night-launch.mp4"),
        done("espresso.mov", stage.folder.path(), Verdict::Identical),
    ]
}

fn sent(harness: &Harness<'_, JobsWindow>) -> Vec<Command> {
    harness.state().sent()
}

// Breaks if the newest job is not selected at first, or Stop sends no command.
#[test]
fn the_newest_job_is_open_and_can_be_stopped() {
    let mut harness = JobsWindow::open(all);
    let id = harness.state().jobs[0].id;
    harness.get_by_label("16.2 of 26.2 MB · 4.1 MB/s · 2 s left");
    harness.get_by_label("Uploaded: under way");
    assert!(harness.get_by_label("Retry").accesskit_node().is_disabled());
    harness.get_by_label("Stop").click();
    harness.run_steps(2);
    assert_eq!(sent(&harness), [Command::Stop(id)]);
}

// Breaks if a job that is made on this computer is shown as one that has an upload and a task, or offers to pause.
#[test]
fn a_job_that_is_made_here_says_so() {
    let mut harness = JobsWindow::open(|_| {
        let mut made = job("bunny.mp4", 10_541_000, JobState::Running);
        made.task = None;
        made.here = Some(HereRun {
            started: made.phase(Phase::Extract).started,
            ..HereRun::default()
        });
        let waiting = Job {
            here: Some(HereRun::default()),
            ..job("espresso.mov", 0, JobState::Queued)
        };
        vec![made, waiting]
    });
    harness.get_by_label("Made");
    harness.get_by_label("on this computer");
    harness.get_by_label("Extracting: under way");
    harness.get_by_label("Thumbnail: waiting");
    for other in [
        "Uploaded: done",
        "Event received: done",
        "Task starting: done",
        "Task",
        "Pause",
    ] {
        assert!(harness.query_by_label(other).is_none(), "{other}");
    }
    harness.get_by_label("Waits for other jobs that are made here");
    harness.get_by_label("More").click();
    harness.run_steps(2);
    harness.get_by_label("Copy report").click();
    harness.run_steps(2);
    let Some(Command::CopyText(report)) = sent(&harness).first().cloned() else {
        panic!("no report")
    };
    assert!(report.contains("Made             on this computer"), "{report}");
    assert!(!report.contains("Task starting"), "{report}");
}

// Breaks if a failure lacks its reason or its next steps.
#[test]
fn a_failed_job_says_why_and_can_be_tried_again() {
    let mut harness = JobsWindow::open(|_| vec![failed("night-launch.mp4")]);
    let id = harness.state().jobs[0].id;
    assert!(
        harness
            .query_all_by_label("The task could not pull its image")
            .next()
            .is_some()
    );
    harness.get_by_label("Check the image in the task definition");
    harness.get_by_label_contains("CannotPullContainerError");
    harness.get_by_label("Task starting: failed");
    harness.get_by_label("No thumbnail yet");
    harness.get_by_label("Copy report").click();
    harness.run_steps(2);
    let Some(Command::CopyText(report)) = sent(&harness).first().cloned() else {
        panic!("no report")
    };
    assert!(report.contains("CannotPullContainerError") && report.contains(&id.to_string()));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::R);
    harness.run_steps(2);
    assert_eq!(sent(&harness), [Command::Retry(id)]);
}

// Breaks if a finished thumbnail cannot be saved or copied, or its verdict is missing.
#[test]
fn a_done_job_gives_its_picture() {
    let mut harness =
        JobsWindow::open(|stage| vec![done("espresso.mov", stage.folder.path(), Verdict::Identical)]);
    let job = harness.state().jobs[0].clone();
    harness.get_by_label("Identical to preview");
    harness.get_by_label("301 KB · 640 × 272");
    harness.get_by_label("Save as…").click();
    harness.run_steps(2);
    harness.get_by_label("Show in gallery").click();
    harness.run_steps(2);
    let made = job.first_file().unwrap();
    let file = made.path.clone();
    let expected = [
        Command::SaveAs {
            file,
            name: "espresso.png".into(),
        },
        Command::ShowInGallery(made.made.key.clone()),
    ];
    assert_eq!(sent(&harness), expected);
}

// Breaks if a job of several stills does not show each with its verdict, does not sum them up, or its files cannot be saved
// at once.
#[test]
fn several_stills_are_shown_and_saved() {
    let identical = || Some(Verdict::Identical);
    let open = |verdicts: [Option<Verdict>; 3]| {
        JobsWindow::open(|stage| vec![several("bunny.mp4", stage.folder.path(), verdicts)])
    };
    let mut harness = open([identical(), identical(), identical()]);
    harness.get_by_label("bunny.mp4, 3 frames · 3 files, Done");
    harness.get_by_label("3 files · all identical to preview");
    assert_eq!(harness.query_all_by_label("Identical").count(), 3);
    for number in 1..=3 {
        harness.get_by_label(&format!("Preview {number}"));
        harness.get_by_label(&format!("Result {number}"));
    }
    harness.get_by_label("00:00:27.875");
    let files: Vec<_> = harness.state().jobs[0]
        .paths()
        .map(std::path::Path::to_owned)
        .collect();
    harness.get_by_label("Save all…").click();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    harness.run_steps(2);
    let expected = Command::SaveFiles(files.clone());
    assert_eq!(sent(&harness), [expected.clone(), expected]);
    harness.get_by_label("Result 2").click();
    harness.run_steps(2);
    assert_eq!(sent(&harness), [Command::OpenFile(files[1].clone())]);

    let differs = Some(Verdict::Differs("other versions of libav".into()));
    let mut harness = open([identical(), differs, identical()]);
    harness.get_by_label("1 of 3 differs from preview");
    harness.get_by_label("Differs").click();
    harness.run_steps(3);
    harness.get_by_label("Close").click();
    harness.run_steps(3);

    let harness = open([identical(), None, identical()]);
    harness.get_by_label("No file");
    harness.get_by_label("1 of 3 stills failed");
    harness.get_by_label("Save all…");
}

// Breaks if a difference between preview and result is not reported.
#[test]
fn a_difference_is_said() {
    let verdict = Verdict::Differs("other versions of libav".into());
    let harness = JobsWindow::open(|stage| vec![done("espresso.mov", stage.folder.path(), verdict)]);
    harness.get_by_label("Differs from preview");
    harness.get_by_label("other versions of libav");
    assert!(harness.query_by_label("Identical to preview").is_none());
}

// Breaks if the filter hides jobs that match, or the arrows lead to a hidden one.
#[test]
fn the_list_filters_and_the_arrows_walk_it() {
    let mut harness = JobsWindow::open(all);
    harness.get_by_role_and_label(Role::RadioButton, "Done").click();
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("night-launch.mp4,").is_none());
    harness.get_by_role_and_label(Role::RadioButton, "All").click();
    harness.run_steps(2);
    harness.key_press(Key::Home);
    for _ in 0..2 {
        harness.key_press(Key::ArrowDown);
        harness.run_steps(2);
    }
    harness.get_by_label("Check the image in the task definition");
    // The slash focuses the filter and is not typed into it.
    harness.event(egui::Event::Text("/".into()));
    harness.key_press(Key::Slash);
    harness.run_steps(2);
    harness.get_by_label("Filter by name").type_text("ESPRESSO");
    harness.run_steps(2);
    assert_eq!(
        harness.get_by_label("Filter by name").value().as_deref(),
        Some("ESPRESSO")
    );
    harness.get_by_label("espresso.mov, 00:00:05.120, Done");
    assert!(harness.query_by_label_contains("bunny.mp4,").is_none());
}

// Breaks if a removed job is erased before this can be undone, or does not come back after an undo.
#[test]
fn a_job_leaves_the_list_and_comes_back() {
    let mut harness = JobsWindow::open(|_| vec![failed("night-launch.mp4"), failed("espresso.mov")]);
    let id = harness.state().jobs[0].id;
    harness.key_press(Key::Delete);
    harness.run_steps(2);
    assert_eq!(sent(&harness), [Command::Forget(vec![id])]);
    harness.state_mut().view.hide(&[id]);
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("night-launch.mp4,").is_none());
    harness.get_by_label_contains("espresso.mov,");
    harness.state_mut().view.unhide(&[id]);
    harness.run_steps(2);
    harness.get_by_label_contains("night-launch.mp4,");
    // A job under way cannot be removed.
    let mut harness = JobsWindow::open(|_| vec![job("bunny.mp4", 0, JobState::Running)]);
    harness.key_press(Key::Delete);
    harness.run_steps(2);
    assert!(sent(&harness).is_empty());
}

// Breaks if a command for several jobs misses one, includes one that does not allow it, or stops jobs without a question.
#[test]
fn many_jobs_are_selected_and_commanded() {
    let mut harness = JobsWindow::open(|stage| {
        let mut jobs = all(stage);
        jobs.push(job("crew.mp4", 0, JobState::Uploading));
        jobs
    });
    let ids: Vec<_> = harness.state().jobs.iter().map(|job| job.id).collect();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_steps(2);
    harness.get_by_label("5 jobs selected");
    harness.get_by_label("3 under way · 1 done · 1 failed");
    harness.get_by_label("Retry 2").click();
    harness.run_steps(2);
    assert_eq!(sent(&harness), [Command::Retry(ids[2]), Command::Retry(ids[3])]);
    harness.get_by_label("Stop 3…").click();
    harness.run_steps(3);
    assert!(sent(&harness).is_empty());
    harness.get_by_label("Stop them").click();
    harness.run_steps(3);
    let stopped = [0, 1, 4].map(|index: usize| Command::Stop(ids[index]));
    assert_eq!(sent(&harness), stopped);
    harness.key_press(Key::Delete);
    harness.run_steps(2);
    assert_eq!(sent(&harness), [Command::Forget(vec![ids[2], ids[3]])]);
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(harness.query_by_label("5 jobs selected").is_none());
    // Selects by Shift with the arrows, and by Ctrl with a click.
    harness.key_press(Key::Home);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
    harness.run_steps(2);
    harness.get_by_label("2 jobs selected");
    harness
        .get_by_label_contains("espresso.mov,")
        .click_modifiers(Modifiers::COMMAND);
    harness.run_steps(2);
    harness.get_by_label("3 jobs selected");
    harness.get_by_label_contains("crew.mp4,").click();
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("jobs selected").is_none());
}

// Breaks if an upload cannot be paused, or a paused one cannot be resumed.
#[test]
fn an_upload_pauses_and_resumes() {
    for (state, label) in [(JobState::Uploading, "Pause"), (JobState::Paused, "Resume")] {
        let mut harness = JobsWindow::open(|_| vec![job("bunny.mp4", 0, state)]);
        let id = harness.state().jobs[0].id;
        harness.get_by_label(label).click();
        harness.run_steps(2);
        let expected = match label {
            "Pause" => Command::Pause(id),
            _ => Command::Resume(id),
        };
        assert_eq!(sent(&harness), [expected]);
    }
}

// Breaks if a stalled job does not say what it waits for.
#[test]
fn a_stalled_job_says_so() {
    let harness = JobsWindow::open(|_| {
        let mut job = job("bunny.mp4", 0, JobState::Waiting);
        job.phases[Phase::Event as usize].started = Some(NOW - std::time::Duration::from_secs(90));
        vec![job]
    });
    harness.get_by_label("No event has come yet");
    harness.get_by_label_contains("dead-letter queue");
    harness.get_by_label("Copy report");
}

// Breaks if differing pictures cannot be compared, or the flip shows the same picture twice.
#[test]
fn pictures_that_differ_are_compared() {
    let verdict = Verdict::Differs("other versions of libav".into());
    let mut harness = JobsWindow::open(|stage| vec![done("espresso.mov", stage.folder.path(), verdict)]);
    harness.get_by_label("Compare").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::RadioButton, "Flip").click();
    harness.run_steps(3);
    let pictures = |harness: &Harness<'_, JobsWindow>, label: &str| {
        harness.query_all_by_role_and_label(Role::Image, label).count()
    };
    let before = (pictures(&harness, "Preview"), pictures(&harness, "Result"));
    harness.key_press(Key::F);
    harness.run_steps(3);
    assert_eq!(before, (1, 0));
    assert_eq!(
        (pictures(&harness, "Preview"), pictures(&harness, "Result")),
        (0, 1)
    );
    harness.get_by_label("Close").click();
    harness.run_steps(3);
    assert!(harness.query_by_label("Close").is_none());
}

// Breaks if the log's search hides lines or misses some, or its steps do not lead to the next hit.
#[test]
fn the_log_is_searched() {
    let mut harness = JobsWindow::open(|_| vec![failed("night-launch.mp4")]);
    harness.get_by_label("8 lines");
    harness.get_by_label("Search log").focus();
    harness.run_steps(2);
    harness.get_by_label("Search log").type_text("POSTERFRAME");
    harness.run_steps(3);
    harness.get_by_label("1 of 2");
    harness.get_by_label("moov at head, range reads on");
    harness.get_by_label("Next match").click();
    harness.run_steps(2);
    harness.get_by_label("2 of 2");
    harness.get_by_label("Search log").focus();
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    harness.get_by_label("1 of 2");
}

// Breaks if a filter hides wrong lines, or the copied text differs from the shown lines.
#[test]
fn the_log_is_filtered_and_copied() {
    let mut harness = JobsWindow::open(|_| vec![failed("night-launch.mp4")]);
    harness.get_by_label("Filter the log").click();
    harness.run_steps(3);
    for label in ["INFO", "worker"] {
        harness.get_by_role_and_label(Role::CheckBox, label).click();
        harness.run_steps(3);
    }
    harness.get_by_label("The filter leaves no line");
    harness.get_by_role_and_label(Role::CheckBox, "worker").click();
    harness.run_steps(3);
    harness.get_by_label("3 of 8 lines");
    harness.get_by_label("Copy").click();
    harness.run_steps(2);
    let commands = sent(&harness);
    let [Command::CopyText(text)] = commands.as_slice() else {
        panic!("{commands:?}")
    };
    assert!(text.contains("DEBUG") && text.contains("no room left") && text.lines().count() == 3);
}

// Breaks if text cannot be selected across lines and copied.
#[test]
fn lines_are_selected_across() {
    let mut harness = JobsWindow::open(|_| vec![job("bunny.mp4", 0, JobState::Running)]);
    let from = harness.get_by_label("moov at head, range reads on").rect();
    let to = harness.get_by_label("no room left for the picture").rect();
    let at = |y: f32| egui::pos2(from.left() + 12.0 + 240.0 + 1.0, y);
    let button = |pos, pressed| egui::Event::PointerButton {
        pos,
        button: egui::PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    harness.event(egui::Event::PointerMoved(at(from.center().y)));
    harness.run_steps(1);
    harness.event(button(at(from.center().y), true));
    harness.run_steps(1);
    let end = egui::pos2(from.right(), to.center().y);
    for pos in [at(from.bottom() + 4.0), end] {
        harness.event(egui::Event::PointerMoved(pos));
        harness.run_steps(1);
    }
    harness.event(button(end, false));
    harness.run_steps(1);
    harness.event(egui::Event::Copy);
    harness.run_steps(2);
    let expected = "moov at head, range reads on\ncolour range not tagged, assuming limited\n\
                    no room left for the picture";
    assert_eq!(sent(&harness), [Command::CopyText(expected.into())]);
}

// Breaks if new lines scroll a log that is not at its end, or a log that is scrolled back to its end does not follow.
#[test]
fn following_stops_above_and_goes_on_at_the_end() {
    let mut harness = JobsWindow::open(|_| vec![job("bunny.mp4", 0, JobState::Running)]);
    harness.state_mut().log = long_log(300);
    harness.run_steps(6);
    let follows = |harness: &Harness<'_, JobsWindow>| {
        harness.get_by_label("Follow").accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
            || harness.get_by_label("Follow").accesskit_node().is_selected() == Some(true)
    };
    let last =
        |harness: &Harness<'_, JobsWindow>| harness.query_by_label("decoded frame 299, pts 153088").is_some();
    assert!(follows(&harness) && last(&harness));
    let log = harness.get_by_label("Log lines").rect();
    let wheel = |harness: &mut Harness<'_, JobsWindow>, y: f32| {
        harness.event(egui::Event::PointerMoved(log.center()));
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: vec2(0.0, y),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
            modifiers: Modifiers::NONE,
        });
        harness.run_steps(12);
    };
    wheel(&mut harness, 400.0);
    assert!(!follows(&harness) && !last(&harness));
    harness.state_mut().log = long_log(310);
    harness.run_steps(4);
    assert!(!follows(&harness));
    wheel(&mut harness, -2_000.0);
    assert!(follows(&harness));
    harness.state_mut().log = long_log(320);
    harness.run_steps(6);
    harness.get_by_label("decoded frame 319, pts 163328");
    // The lines of another attempt are added at the end.
    wheel(&mut harness, 400.0);
    let mut again = Job::clone(&harness.state().jobs[0]);
    again.attempt += 1;
    harness.state_mut().jobs = Arc::new(vec![Arc::new(again)]);
    harness.run_steps(6);
    assert!(follows(&harness));
}

// Breaks if a frame draws more than the visible rows of a thousand jobs and a hundred thousand lines.
#[test]
fn only_what_is_seen_is_drawn() {
    let mut harness = JobsWindow::open(|_| (0..1_000).map(|_| failed("night-launch.mp4")).collect());
    harness.state_mut().log = long_log(100_000);
    harness.run_steps(30);
    let rows = harness.query_all_by_role(Role::ListItem).count();
    let lines = harness
        .query_all_by_role(Role::Label)
        .filter(|node| {
            node.accesskit_node()
                .value()
                .is_some_and(|label| label.contains("frame ") || label.contains("range "))
        })
        .count();
    assert!((5..40).contains(&rows), "{rows} rows and phases");
    assert!((5..60).contains(&lines), "{lines} lines");
    harness.get_by_label("100,000 lines");
}

// Breaks if an idle list is drawn repeatedly, or one with a job under way more than once per second.
#[test]
fn an_idle_list_does_not_repaint() {
    let delay = |harness: &Harness<'_, JobsWindow>| {
        harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay
    };
    let mut harness = JobsWindow::open(|_| vec![failed("night-launch.mp4")]);
    harness.run_steps(8);
    assert_eq!(delay(&harness), std::time::Duration::MAX);
    let mut harness = JobsWindow::open(|_| vec![job("bunny.mp4", 0, JobState::Uploading)]);
    harness.run_steps(8);
    assert!(
        delay(&harness) >= std::time::Duration::from_millis(900),
        "{:?}",
        delay(&harness)
    );
}
