//! The Jobs view, driven as a person would: by what is written on it.

mod fixtures;

use std::sync::Arc;

use egui::{Key, Modifiers, Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use fixtures::{Stage, done, dress, failed, job, log};
use posterframe::preferences::ThemeMode;
use posterframe::views::Command;
use posterframe::views::jobs::JobsView;
use posterframe_client::{Job, JobState, LogLine, Verdict};

struct Window {
    stage: Stage,
    view: JobsView,
    jobs: Vec<Arc<Job>>,
    log: Arc<Vec<LogLine>>,
}

fn window(make: impl FnOnce(&Stage) -> Vec<Job>) -> Harness<'static, Window> {
    let stage = Stage::new();
    let jobs = make(&stage).into_iter().map(Arc::new).collect();
    let state = Window {
        stage,
        view: JobsView::default(),
        jobs,
        log: log(),
    };
    let mut dressed = false;
    let harness = Harness::builder()
        .with_size(vec2(1280.0, 752.0))
        .with_max_steps(20);
    let mut harness = harness.build_ui_state(
        move |ui, window: &mut Window| {
            if !std::mem::replace(&mut dressed, true) {
                // Fonts are there from the next frame on.
                dress(ui.ctx(), ThemeMode::Dark);
                return;
            }
            let log = window.log.clone();
            let context = window.stage.context();
            window.view.show(ui, &context, &window.jobs, &|_| log.clone());
        },
        state,
    );
    harness.run_steps(4);
    harness
}

fn all(stage: &Stage) -> Vec<Job> {
    vec![
        job("bunny.mp4", 10_541_000, JobState::Uploading),
        job("city-bikes.mp4", 5_120_000, JobState::Running),
        failed("night-launch.mp4"),
        done("espresso.mov", stage.folder.path(), Verdict::Identical),
    ]
}

fn sent(harness: &Harness<'_, Window>) -> Vec<Command> {
    harness.state().stage.sent()
}

// Breaks if the newest job is not the one shown first, or stopping it does not reach the client.
#[test]
fn the_newest_job_is_open_and_can_be_stopped() {
    let mut harness = window(all);
    let id = harness.state().jobs[0].id;
    harness.get_by_label("16.2 of 26.2 MB · 4.1 MB/s · 2 s left");
    harness.get_by_label("Uploaded: under way");
    assert!(harness.get_by_label("Retry").accesskit_node().is_disabled());
    harness.get_by_label("Stop").click();
    harness.run_steps(2);
    assert_eq!(sent(&harness), [Command::Stop(id)]);
}

// Breaks if a failure hides its reason or its way out.
#[test]
fn a_failed_job_says_why_and_can_be_tried_again() {
    let mut harness = window(|_| vec![failed("night-launch.mp4")]);
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

// Breaks if a finished thumbnail cannot be taken, or the verdict on it is not said.
#[test]
fn a_done_job_gives_its_picture() {
    let mut harness = window(|stage| vec![done("espresso.mov", stage.folder.path(), Verdict::Identical)]);
    let job = harness.state().jobs[0].clone();
    harness.get_by_label("Identical to preview");
    harness.get_by_label("301 KB · 640 × 272");
    harness.get_by_label("Save as…").click();
    harness.run_steps(2);
    harness.get_by_label("Show in gallery").click();
    harness.run_steps(2);
    let file = job.thumbnail.as_ref().unwrap().file.clone();
    let expected = [
        Command::SaveAs {
            file,
            name: "espresso.png".into(),
        },
        Command::ShowInGallery(job.thumbnail_key.clone()),
    ];
    assert_eq!(sent(&harness), expected);
}

// Breaks if a picture that is not the one on screen is passed off as it.
#[test]
fn a_difference_is_said() {
    let verdict = Verdict::Differs("other versions of libav".into());
    let harness = window(|stage| vec![done("espresso.mov", stage.folder.path(), verdict)]);
    harness.get_by_label("Differs from preview");
    harness.get_by_label("other versions of libav");
    assert!(harness.query_by_label("Identical to preview").is_none());
}

// Breaks if the filter hides jobs that fit, or the arrows lead to one that is hidden.
#[test]
fn the_list_filters_and_the_arrows_walk_it() {
    let mut harness = window(all);
    harness.get_by_role_and_label(Role::RadioButton, "Done").click();
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("night-launch.mp4,").is_none());
    harness.get_by_role_and_label(Role::RadioButton, "All").click();
    harness.run_steps(2);
    harness.key_press(Key::ArrowDown);
    harness.run_steps(2);
    harness.key_press(Key::ArrowDown);
    harness.run_steps(2);
    harness.get_by_label("Check the image in the task definition");
    // The slash leads to the filter and is not typed into it.
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

// Breaks if a job is taken off the list without a question, or against the answer.
#[test]
fn a_job_leaves_only_after_the_question() {
    let mut harness = window(|_| vec![failed("night-launch.mp4")]);
    let id = harness.state().jobs[0].id;
    for (answer, expected) in [("Cancel", vec![]), ("Remove", vec![Command::Forget(id)])] {
        harness.key_press(Key::Delete);
        harness.run_steps(3);
        assert!(sent(&harness).is_empty());
        harness.get_by_label(answer).click();
        harness.run_steps(3);
        assert_eq!(sent(&harness), expected);
        assert!(harness.query_by_label(answer).is_none());
    }
}

// Breaks if the log's search misses a line or shows others, or the copy is not what is shown.
#[test]
fn the_log_is_searched_and_copied() {
    let mut harness = window(|_| vec![failed("night-launch.mp4")]);
    harness.get_by_label("8 lines");
    harness.get_by_label("Search log").focus();
    harness.run_steps(2);
    harness.get_by_label("Search log").type_text("MOOV");
    harness.run_steps(3);
    harness.get_by_label("1 of 8 lines");
    harness.get_by_label("moov at head, range reads on");
    harness.get_by_label("Copy").click();
    harness.run_steps(2);
    let commands = sent(&harness);
    let [Command::CopyText(text)] = commands.as_slice() else {
        panic!("{commands:?}")
    };
    assert!(
        text.contains("DEBUG")
            && text.ends_with("moov at head, range reads on\n")
            && text.lines().count() == 1
    );
}

// Breaks if an idle list draws itself again and again, or one with a job under way does so more than once a second.
#[test]
fn an_idle_list_does_not_repaint() {
    let delay = |harness: &Harness<'_, Window>| {
        harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay
    };
    let mut harness = window(|_| vec![failed("night-launch.mp4")]);
    harness.run_steps(8);
    assert_eq!(delay(&harness), std::time::Duration::MAX);
    let mut harness = window(|_| vec![job("bunny.mp4", 0, JobState::Uploading)]);
    harness.run_steps(8);
    assert!(
        delay(&harness) >= std::time::Duration::from_millis(900),
        "{:?}",
        delay(&harness)
    );
}
