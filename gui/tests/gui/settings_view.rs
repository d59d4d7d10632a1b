//! Tests of the settings, operated by their labels.

use std::time::Duration;

use egui::{Key, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use posterframe::context::Command;
use posterframe::views::settings::SettingsModal;
use posterframe_client::doctor::{CheckResult, CheckState, Component, ComponentCheck, Remedy};
use posterframe_client::{Backend, Config};
use posterframe_kit::theme::ThemeMode;

use crate::fixtures::Stage;
use crate::fixtures::views::show;

struct Window {
    stage: Stage,
    view: SettingsModal,
}

fn window(config: &str) -> Harness<'static, Window> {
    let stage = Stage::new();
    let file = stage.paths.config_file();
    let folder = file.parent().expect("the configuration lies in a folder");
    std::fs::create_dir_all(folder).expect("the folder of the test can be written");
    std::fs::write(&file, config).expect("the folder of the test can be written");
    let state = Window {
        stage,
        view: SettingsModal::default(),
    };
    let builder = Harness::builder().with_size(vec2(1280.0, 800.0));
    let mut harness = show(builder, ThemeMode::Dark, state, |ui, window: &mut Window| {
        window.view.ui(ui, &mut window.stage.context());
    });
    wait_until(&mut harness, |harness| {
        harness.query_by_label("Run jobs on").is_some()
    });
    harness.run_steps(4);
    harness
}

/// Draws until the condition holds: the configuration is read and written on another thread.
fn wait_until(harness: &mut Harness<'_, Window>, condition: impl Fn(&Harness<'_, Window>) -> bool) {
    for _ in 0..400 {
        harness.step();
        if condition(harness) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("waited in vain");
}

fn sent(harness: &Harness<'_, Window>) -> Vec<Command> {
    harness.state().stage.sent()
}

/// Saves, and waits until the settings close. Returns the commands that were sent meanwhile.
fn save(harness: &mut Harness<'_, Window>) -> Vec<Command> {
    click(harness, "Save");
    let mut commands = sent(harness);
    let began = std::time::Instant::now();
    while !commands.contains(&Command::CloseSettings) {
        assert!(began.elapsed().as_secs() < 60, "it was not saved: {commands:?}");
        harness.step();
        commands.extend(sent(harness));
    }
    commands
}

fn click(harness: &mut Harness<'_, Window>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(3);
}

fn choose(harness: &mut Harness<'_, Window>, label: &str) {
    harness
        .get_by_role_and_label(egui::accesskit::Role::RadioButton, label)
        .click();
    harness.run_steps(3);
}

fn type_into(harness: &mut Harness<'_, Window>, label: &str, text: &str) {
    let field = |harness: &Harness<'_, Window>| {
        let field = harness.get_by_role_and_label(egui::accesskit::Role::TextInput, label);
        field.focus();
    };
    field(harness);
    harness.run_steps(2);
    harness
        .get_by_role_and_label(egui::accesskit::Role::TextInput, label)
        .type_text(text);
    harness.run_steps(3);
}

// Breaks if a new stack cannot be added, Save writes other values than the typed ones, or the app does not switch to it.
#[test]
fn a_stack_is_added_and_used() {
    let mut harness = window("");
    assert!(harness.get_by_label("Save").accesskit_node().is_disabled());
    choose(&mut harness, "AWS");
    type_into(&mut harness, "Bucket", "studio-media");
    type_into(&mut harness, "Region", "eu-west-1");
    let commands = save(&mut harness);
    assert!(
        commands.contains(&Command::UseBackend(Some("aws".into()))),
        "{commands:?}"
    );
    let config = Config::load(&harness.state().stage.paths.config_file()).unwrap();
    let backend = &config.backends["aws"];
    assert_eq!(
        (backend.bucket.as_str(), backend.region.as_deref()),
        ("studio-media", Some("eu-west-1"))
    );
}

// Breaks if the switch for other people's jobs has no effect, or showing it counts as a change.
#[test]
fn other_peoples_jobs_are_switched_on() {
    let mut harness = window("backend = \"studio\"\n[backends.studio]\nbucket = \"studio-media\"\n");
    assert!(harness.get_by_label("Save").accesskit_node().is_disabled());
    click(&mut harness, "Show jobs that others started in this bucket");
    // The client must be started again with the new value.
    let commands = save(&mut harness);
    assert!(
        commands.contains(&Command::UseBackend(Some("studio".into()))),
        "{commands:?}"
    );
    let file = harness.state().stage.paths.config_file();
    assert!(Config::load(&file).unwrap().backends["studio"].others);
}

// Breaks if an invalid value is saved, or its error is not shown at its field.
#[test]
fn what_is_wrong_is_said_under_its_field() {
    let mut harness = window("backend = \"studio\"\n[backends.studio]\nbucket = \"studio-media\"\n");
    type_into(&mut harness, "Bucket", " X");
    let message = harness.get_by_label_contains("lower-case letters").rect();
    let field = harness
        .get_by_role_and_label(egui::accesskit::Role::TextInput, "Bucket")
        .rect();
    assert!(
        message.top() >= field.center().y && message.top() < field.bottom() + 24.0,
        "{message} {field}"
    );
    click(&mut harness, "Save");
    assert!(sent(&harness).is_empty());
}

// Breaks if Esc or a click beside the settings discards changes without a question, or confirming it does not close them.
#[test]
fn changes_are_not_lost_silently() {
    let mut harness = window("backend = \"studio\"\n[backends.studio]\nbucket = \"studio-media\"\n");
    choose(&mut harness, "This computer");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(sent(&harness).is_empty());
    harness.get_by_label("Leave without saving?");
    click(&mut harness, "Leave");
    assert_eq!(sent(&harness), [Command::CloseSettings]);
}

// Breaks if an unchanged configuration asks before it closes.
#[test]
fn nothing_changed_nothing_asked() {
    let mut harness = window("backend = \"studio\"\n[backends.studio]\nbucket = \"studio-media\"\n");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert_eq!(sent(&harness), [Command::CloseSettings]);
}

// Breaks if a failed check has no advice, or its remedy cannot be copied.
#[test]
fn a_failed_check_comes_with_its_remedy() {
    let mut harness = window("backend = \"studio\"\n[backends.studio]\nbucket = \"studio-media\"\n");
    let mut backend = Backend::on_aws("studio", "studio-media");
    "studio".clone_into(&mut backend.name);
    let check = |part, finding| ComponentCheck {
        part,
        finding,
        took: Duration::from_millis(82),
    };
    let failed = CheckResult {
        state: CheckState::Failed,
        what: "the task may not write thumbnails".into(),
        advice: Some("Add s3:PutObject".into()),
        unanswered: false,
        remedy: Some(Remedy {
            kind: "policy",
            text: "{}".into(),
        }),
    };
    let checks = vec![
        check(
            Component::Credentials,
            CheckResult::passed("arn:aws:iam::1:user/x"),
        ),
        check(Component::Roles, failed),
    ];
    let Window { stage, view } = harness.state_mut();
    view.show_checks(&stage.context(), backend, checks);
    harness.run_steps(3);
    harness.get_by_label("The task may not write thumbnails");
    click(&mut harness, "Copy policy");
    assert_eq!(sent(&harness), [Command::CopyText("{}".into())]);
}

// Breaks if a network failure is reported for each component of a stack.
#[test]
fn a_lost_network_is_said_once() {
    let mut harness = window("backend = \"studio\"\n[backends.studio]\nbucket = \"studio-media\"\n");
    let mut backend = Backend::on_aws("studio", "studio-media");
    "studio".clone_into(&mut backend.name);
    let silent = || CheckResult {
        state: CheckState::Failed,
        what: "AWS cannot be reached (no route)".into(),
        advice: Some("Check the network".into()),
        unanswered: true,
        remedy: None,
    };
    let mut checks =
        [Component::Bucket, Component::Cluster, Component::DeadLetters].map(|part| ComponentCheck {
            part,
            finding: silent(),
            took: Duration::from_millis(82),
        });
    checks[2].finding.state = CheckState::Warning;
    checks[2].finding.what = "not looked at, because of: Queue".into();
    let Window { stage, view } = harness.state_mut();
    view.show_checks(&stage.context(), backend, checks.into());
    harness.run_steps(3);
    harness.get_by_label("AWS cannot be reached (no route)");
    harness.get_by_label("Check the network");
    harness.get_by_label("Dead-letter queue");
    assert!(harness.query_by_label_contains("Not looked at").is_none());
}

// Breaks if imported outputs do not fill the fields, or are saved without Save.
#[test]
fn outputs_are_imported_into_the_form() {
    let mut harness = window("");
    let outputs = r#"{"Stacks":[{"StackName":"posters","Outputs":[
        {"OutputKey":"Bucket","OutputValue":"posters-media"},{"OutputKey":"Cluster","OutputValue":"posters"}]}]}"#;
    harness
        .state_mut()
        .view
        .import(outputs.to_owned(), "file".to_owned());
    harness.run_steps(3);
    let expected = Command::Toast("Imported 1 stack; Save keeps it".into());
    assert_eq!(sent(&harness), [expected]);
    let field = harness.get_by_role_and_label(egui::accesskit::Role::TextInput, "Bucket");
    assert_eq!(field.value().as_deref(), Some("posters-media"));
    assert!(
        Config::load(&harness.state().stage.paths.config_file())
            .unwrap()
            .backends
            .is_empty()
    );
}

// Breaks if a page does not open, or the path of a folder cannot be copied.
#[test]
fn pages_and_places() {
    let mut harness = window("");
    click(&mut harness, "App");
    harness.get_by_label("Reduce motion");
    type_into(&mut harness, "Bandwidth limit", "fast");
    harness.get_by_label_contains("A rate such as");
    click(&mut harness, "Files");
    click(&mut harness, "Copy path of Cache");
    let cache = harness.state().stage.paths.cache.display().to_string();
    assert_eq!(sent(&harness), [Command::CopyText(cache)]);
}
