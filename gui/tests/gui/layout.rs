//! Tests of the layout at several sizes and scales, with texts 40 % longer than the English ones: no control overlaps
//! another, is out of reach, or is missing.

use std::collections::{BTreeMap, BTreeSet};

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use posterframe::context::{Command, View};
use posterframe_client::{JobState, Verdict};
use posterframe_kit::theme::ThemeMode;
use posterframe_kit::widgets::lengthen_texts;

use crate::fixtures::app::Window;
use crate::fixtures::audit::acts;
use crate::fixtures::clips::{clip, two_clips};
use crate::fixtures::views::{GalleryWindow, JobsWindow};
use crate::fixtures::{done, dress, failed, job, several};

/// Sizes of a window in pixels.
const SIZES: [[f32; 2]; 5] = [
    [800.0, 600.0],
    [1024.0, 640.0],
    [1280.0, 800.0],
    [1920.0, 1080.0],
    [3840.0, 2160.0],
];
const SCALES: [f32; 4] = [1.0, 1.5, 2.0, 3.0];
/// What goes with a column for which a small window has no room.
const LEFT_OUT: [&str; 1] = ["Sort by Size"];
/// Largest overlap of two neighbours by rounding, in points.
const TOLERANCE: f32 = 1.0;

/// A control of the accessibility tree, and its visible part.
#[derive(Clone, Debug)]
struct Control {
    name: String,
    role: Role,
    /// The whole control, in points.
    rect: Rect,
    /// The visible part, in points.
    seen: Rect,
    layer: egui::LayerId,
}

impl Control {
    fn is_whole(&self) -> bool {
        self.seen.expand(TOLERANCE).contains_rect(self.rect)
    }

    /// Whether it may contain other controls: rows, cards, fields, and custom painted ones.
    fn may_hold_others(&self) -> bool {
        !matches!(
            self.role,
            Role::Button | Role::Tab | Role::CheckBox | Role::RadioButton | Role::Switch | Role::MenuItem
        )
    }
}

/// All controls of the accessibility tree, in its order. While a dialog is open, only those of the dialog.
fn controls<State>(harness: &Harness<'_, State>) -> Vec<Control> {
    let places: BTreeMap<_, _> = harness.ctx.viewport(|viewport| {
        let all = viewport
            .prev_pass
            .widgets
            .layers()
            .flat_map(|(_, widgets)| widgets);
        all.map(|widget| (widget.id.accesskit_id().0, *widget)).collect()
    });
    let modal = harness.ctx.memory(egui::Memory::top_modal_layer);
    let nodes = harness.root().children_recursive();
    nodes
        .map(|node| node.accesskit_node())
        .filter(acts)
        .filter_map(|node| {
            let place = places.get(&node.locate().0.0)?;
            let is_above = |modal| place.layer_id == modal || place.layer_id.order > modal.order;
            modal.is_none_or(is_above).then_some(())?;
            Some(Control {
                name: node.label().unwrap_or_default(),
                role: node.role(),
                rect: place.rect,
                seen: place.interact_rect,
                layer: place.layer_id,
            })
        })
        .collect()
}

/// Pairs of controls that overlap and may not.
fn overlaps(controls: &[Control]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, one) in controls.iter().enumerate() {
        for other in &controls[index + 1..] {
            let shared = one.seen.intersect(other.seen);
            let touches = shared.width() > TOLERANCE && shared.height() > TOLERANCE;
            if !touches || one.layer != other.layer {
                continue;
            }
            let holds = |outer: &Control, inner: &Control| {
                outer.may_hold_others() && outer.rect.expand(TOLERANCE).contains_rect(inner.rect)
            };
            if !holds(one, other) && !holds(other, one) {
                found.push(format!(
                    "“{}” {:?} and “{}” {:?}",
                    one.name, one.rect, other.name, other.rect
                ));
            }
        }
    }
    found
}

/// Controls that are not completely visible, even after they are scrolled into view.
fn out_of_reach<State>(harness: &mut Harness<'_, State>) -> Vec<String> {
    let cut: Vec<Control> = controls(harness)
        .into_iter()
        .filter(|control| !control.is_whole())
        .collect();
    let mut found = Vec::new();
    for control in cut {
        let is_it = |now: &Control| now.name == control.name && now.role == control.role;
        let node = harness.root().children_recursive().find(|node| {
            let node = node.accesskit_node();
            acts(&node) && node.label().as_deref() == Some(&control.name) && node.role() == control.role
        });
        let Some(node) = node else { continue };
        node.scroll_to_me();
        harness.run_steps(14);
        let now: Vec<Control> = controls(harness).into_iter().filter(is_it).collect();
        // A control that is larger than the view can be read by scrolling.
        let view = harness.ctx.content_rect().size();
        let is_reached = |now: &Control| {
            let (seen, wanted) = (now.seen.size(), now.rect.size().min(view) * 0.5);
            now.is_whole() || seen.x > wanted.x && seen.y > wanted.y
        };
        if !now.iter().any(is_reached) {
            found.push(format!("“{}” {:?}, then {:?}", control.name, control.rect, now));
        }
    }
    found
}

/// The names of the controls, including those in menus for controls without room. The rows of a long list count as one,
/// since only the visible ones exist.
fn names<State>(harness: &mut Harness<'_, State>) -> BTreeSet<String> {
    let name = |control: Control| match control.role {
        Role::ListItem => "a row".to_owned(),
        _ => control.name,
    };
    let mut names: BTreeSet<String> = controls(harness).into_iter().map(name).collect();
    let menus: Vec<String> = names
        .iter()
        .filter(|name| name.starts_with("More"))
        .cloned()
        .collect();
    for menu in menus {
        harness.get_by_label(&menu).click_accesskit();
        harness.run_steps(3);
        names.extend(controls(harness).into_iter().map(name));
        harness.key_press(Key::Escape);
        harness.run_steps(3);
    }
    names
}

/// Checks a screen at all sizes and scales.
#[track_caller]
fn check<State>(screen: &str, harness: &mut Harness<'_, State>) {
    let mut faults = Vec::new();
    let show = |harness: &mut Harness<'_, State>, size: Vec2, scale: f32| {
        // A new scale also scales the window, so the size is set in the next frame.
        harness.set_pixels_per_point(scale);
        harness.run_steps(1);
        harness.set_size(size / scale);
        harness.run_steps(4);
    };
    lengthen_texts(false);
    show(harness, vec2(1280.0, 800.0), 1.0);
    let expected = names(harness);
    lengthen_texts(true);
    for size in SIZES {
        for scale in SCALES {
            show(harness, size.into(), scale);
            let at = format!("{screen}, {} × {}, scale {scale}", size[0], size[1]);
            faults.extend(
                overlaps(&controls(harness))
                    .into_iter()
                    .map(|what| format!("{at}: {what} overlap")),
            );
            let found = names(harness);
            let missing = expected
                .difference(&found)
                .filter(|name| !LEFT_OUT.contains(&name.as_str()));
            faults.extend(missing.map(|name| format!("{at}: “{name}” is gone")));
            let lost = out_of_reach(harness).into_iter();
            faults.extend(lost.map(|what| format!("{at}: {what} cannot be reached")));
        }
    }
    lengthen_texts(false);
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

// Breaks if the checks miss an overlap, a control outside the window, or a missing one.
#[test]
fn faults_are_noticed() {
    let mut dressed = false;
    let mut harness = Harness::builder()
        .with_size(vec2(400.0, 300.0))
        .build_ui(move |ui| {
            if !std::mem::replace(&mut dressed, true) {
                dress(ui.ctx(), ThemeMode::Dark);
                return;
            }
            let put = |ui: &mut egui::Ui, x: f32, name: &str| {
                let place = Rect::from_min_size(egui::pos2(x, 10.0), vec2(80.0, 20.0));
                ui.put(place, egui::Button::new(name));
            };
            put(ui, 10.0, "one");
            put(ui, 60.0, "two");
            put(ui, 380.0, "outside");
            if ui.ctx().content_rect().width() > 300.0 {
                put(ui, 200.0, "wide only");
            }
        });
    harness.run_steps(2);
    let found = overlaps(&controls(&harness));
    assert!(
        found.len() == 1 && found[0].contains("one") && found[0].contains("two"),
        "{found:?}"
    );
    let lost = out_of_reach(&mut harness);
    assert!(lost.len() == 1 && lost[0].contains("outside"), "{lost:?}");
    let before = names(&mut harness);
    harness.set_size(vec2(200.0, 300.0));
    harness.run_steps(2);
    let after = names(&mut harness);
    assert_eq!(before.difference(&after).collect::<Vec<_>>(), ["wide only"]);
}

// Breaks if the layout of the bar, or of New without a video, fails.
#[test]
fn nothing_open() {
    let mut window = Window::open(Vec::new());
    window.wait_for("Drop videos to pick frames");
    check("nothing open", &mut window.harness);
}

// Breaks if the layout of New with videos and a mark fails, or a file that is no video hides the actions.
#[test]
fn videos_and_marks() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = two_clips(folder.path());
    let mut window = Window::open(Vec::new());
    window.wait_for("Drop videos to pick frames");
    window
        .harness
        .state()
        .send(Command::OpenVideos(vec![first, second]));
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    window.harness.run_steps(3);
    check("two videos and a mark", &mut window.harness);

    let text = folder.path().join("notes.mp4");
    std::fs::write(&text, "Milk, bread").unwrap();
    window.harness.state().send(Command::OpenVideos(vec![text]));
    window.wait_for("notes.mp4 cannot be opened");
    check("a file that is no video", &mut window.harness);
}

// Breaks if the layout of the popover for rules, or of a batch, fails.
#[test]
fn rules_and_batches() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = two_clips(folder.path());
    for number in 0..9 {
        std::fs::copy(&first, folder.path().join(format!("take-{number}.mp4"))).unwrap();
    }
    std::fs::write(folder.path().join("notes.mp4"), "Milk, bread").unwrap();
    let mut window = Window::open(vec![first, second]);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    window.press(Modifiers::SHIFT, Key::M);
    window.wait_for("Mark 1 frame");
    window.harness.run_steps(3);
    check("mark by rule", &mut window.harness);
    window.press(Modifiers::NONE, Key::Escape);
    let command = Command::OpenPaths(vec![folder.path().to_owned()]);
    window.harness.state().send(command);
    window.wait_for("Submit 11 frames");
    window.press(Modifiers::NONE, Key::Space);
    // Only rows on the screen are drawn: with one row it is always the same one.
    let unreadable = "Cannot be read";
    window
        .harness
        .get_by_role_and_label(Role::RadioButton, unreadable)
        .click_accesskit();
    window.harness.run_steps(3);
    check("a batch", &mut window.harness);
}

// Breaks if the layout of the bucket, of a video in it, or of the popover that names a mark fails.
#[test]
fn the_bucket_and_names() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(clip(folder.path())).unwrap();
    let mut window = Window::open_with_objects(&[("film.mp4", &bytes), ("takes/of/a/day/one.mp4", &bytes)]);
    window.wait_for("Try the sample clip");
    window.harness.state().send(Command::OpenBucket);
    window.wait_for("film.mp4");
    window.press(Modifiers::NONE, Key::End);
    window.wait("the video's facts", |harness| {
        harness
            .query_by_label("Open")
            .is_some_and(|open| !open.accesskit_node().is_disabled())
    });
    window.harness.run_steps(3);
    check("the bucket", &mut window.harness);
    window.press(Modifiers::NONE, Key::Enter);
    window.wait_for("Exact frame 0");
    window.wait_for("/ 48");
    window.press(Modifiers::NONE, Key::M);
    window.wait_for("Submit 1 frame");
    window.harness.run_steps(3);
    check("a video in the bucket", &mut window.harness);
    window.press(Modifiers::NONE, Key::F2);
    window.wait_for("Done");
    window.harness.run_steps(3);
    check("the name of a mark", &mut window.harness);
}

// Breaks if the layout of a page of the settings fails.
#[test]
fn settings() {
    let mut window = Window::open_with_backend(Vec::new());
    window.wait_for("Backend: This computer, ready");
    window.press(Modifiers::COMMAND, Key::Comma);
    window.wait_for("Run jobs on");
    check("this computer's settings", &mut window.harness);
    for page in ["AWS", "App", "Files"] {
        let role = Role::RadioButton;
        window.harness.get_by_role_and_label(role, page).click_accesskit();
        window.harness.run_steps(3);
        check(page, &mut window.harness);
    }
    window.press(Modifiers::NONE, Key::Escape);
    window.wait_for("Leave without saving?");
    check("the question before leaving", &mut window.harness);
}

// Breaks if the layout of Jobs or the gallery fails when they are empty.
#[test]
fn empty_views() {
    let mut window = Window::open_with_backend(Vec::new());
    window.wait_for("Backend: This computer, ready");
    for (view, words) in [(View::Jobs, "No jobs yet"), (View::Gallery, "No thumbnails yet")] {
        window.harness.state().send(Command::Show(view));
        window.wait_for(words);
        check(view.label(), &mut window.harness);
    }
}

// Breaks if the layout of a new, a done or a failed job fails, or that of several selected ones.
#[test]
fn jobs() {
    let uploading = || {
        job(
            "bunny with a rather long name of its own.mp4",
            10_541_000,
            JobState::Uploading,
        )
    };
    let running = || job("city-bikes.mp4", 5_120_000, JobState::Running);
    check("a job that is sent", &mut JobsWindow::open(|_| vec![uploading()]));
    check("a job that runs", &mut JobsWindow::open(|_| vec![running()]));
    check(
        "a job that failed",
        &mut JobsWindow::open(|_| vec![failed("night-launch.mp4")]),
    );
    let mut window = JobsWindow::open(|stage| {
        let done = |verdict| done("espresso.mov", stage.folder.path(), verdict);
        vec![
            done(Verdict::Differs("the size".into())),
            uploading(),
            running(),
            failed("x.mp4"),
        ]
    });
    check("a job that is done, and others", &mut window);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(3);
    window.get_by_label("4 jobs selected");
    check("several jobs", &mut window);
    let mut window = JobsWindow::open(|stage| {
        let verdicts = [
            Some(Verdict::Identical),
            Some(Verdict::Differs("the size".into())),
            None,
        ];
        vec![several(
            "a rather long name for a film.mp4",
            stage.folder.path(),
            verdicts,
        )]
    });
    check("a job of several stills", &mut window);
    let mut window = JobsWindow::open(|stage| {
        let identical = || Some(Verdict::Identical);
        let verdicts = [identical(), identical(), identical()];
        vec![several("bunny.mp4", stage.folder.path(), verdicts)]
    });
    check("a job whose stills are all there", &mut window);
}

// Breaks if the layout of the gallery fails: the grid, picked thumbnails, and an open one.
#[test]
fn gallery() {
    let names = [
        "a.png",
        "a rather long name that nobody would give to a thumbnail.png",
        "c.png",
    ];
    let mut window = GalleryWindow::open(&names);
    check("the gallery", &mut window);
    window.get_by_label("Select").click_accesskit();
    window.run_steps(3);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(3);
    window.get_by_label("Delete 3");
    check("selected thumbnails", &mut window);
    let mut window = GalleryWindow::open(&names);
    window.get_by_label("a.png, 2 min ago").click_accesskit();
    window.run_steps(3);
    window.get_by_label("Picture of a.png");
    check("a thumbnail", &mut window);
}
