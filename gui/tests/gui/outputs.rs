//! Tests of the outputs in New: the list, the editor, the crop in the preview, presets, and sizes.

use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::fixtures::app::Window;
use crate::fixtures::clips::{clip, hdr10};

const YOUTUBE: &str = "JPEG 1280 × 720 · crop · ≤ 2 MB";

fn open(folder: &std::path::Path) -> Window {
    let mut window = Window::open(vec![clip(folder)]);
    window.wait_for("Exact frame 0");
    window
}

fn click(window: &mut Window, label: &str) {
    window.harness.get_by_label(label).click();
    window.harness.run_steps(3);
}

fn choose(window: &mut Window, preset: &str) {
    click(window, "Presets");
    click(window, preset);
}

fn format(window: &mut Window, format: &str) {
    let role = egui::accesskit::Role::RadioButton;
    window.harness.get_by_role_and_label(role, format).click();
    window.harness.run_steps(3);
}

/// A button whose row has a label with the same words.
fn press(window: &mut Window, button: &str) {
    let role = egui::accesskit::Role::Button;
    window.harness.get_by_role_and_label(role, button).click();
    window.harness.run_steps(3);
}

fn type_into(window: &mut Window, field: &str, text: &str) {
    let role = egui::accesskit::Role::TextInput;
    window.harness.get_by_role_and_label(role, field).focus();
    window.harness.run_steps(2);
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.get_by_role_and_label(role, field).type_text(text);
    window.harness.run_steps(3);
}

// Breaks if a preset is not added, the editor does not change it, or cancelling keeps a change.
#[test]
fn an_output_is_edited() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(folder.path());
    choose(&mut window, "YouTube");
    window.wait_for(YOUTUBE);
    click(&mut window, YOUTUBE);
    click(&mut window, &format!("Edit {YOUTUBE}"));
    window.wait_for("Edit output");
    type_into(&mut window, "Width", "640");
    type_into(&mut window, "Height", "360");
    type_into(&mut window, "Megabytes", "0.05");
    click(&mut window, "Cancel");
    assert!(window.has(YOUTUBE) && !window.has("Edit output"));
    click(&mut window, &format!("Edit {YOUTUBE}"));
    type_into(&mut window, "Width", "640");
    type_into(&mut window, "Height", "360");
    type_into(&mut window, "Megabytes", "0.05");
    click(&mut window, "Save");
    window.wait_for("JPEG 640 × 360 · crop · ≤ 50 KB");
    click(&mut window, "Edit JPEG 640 × 360 · crop · ≤ 50 KB");
    format(&mut window, "WebP");
    click(&mut window, "Lossless: every pixel is kept");
    window.press(Modifiers::NONE, Key::Escape);
    window.harness.run_steps(3);
    assert!(!window.has("Edit output"), "{:?}", window.labels());
    click(&mut window, "Edit JPEG 640 × 360 · crop · ≤ 50 KB");
    click(&mut window, "Remove output");
    assert!(!window.has("JPEG 640 × 360 · crop · ≤ 50 KB") && window.has("PNG full size · exact"));
}

// Breaks if something wrong can be saved, or is not said.
#[test]
fn what_is_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(folder.path());
    click(&mut window, "Add output");
    window.wait_for("New output");
    type_into(&mut window, "File name", "{nam}");
    let says = |window: &Window, words: &str| window.labels().iter().any(|label| label.contains(words));
    assert!(says(&window, "not “{nam}”") && !window.is_enabled("Save"));
    type_into(&mut window, "File name", "still");
    assert!(window.is_enabled("Save"));
    format(&mut window, "PNG");
    click(&mut window, "Save");
    click(&mut window, "Add output");
    format(&mut window, "PNG");
    type_into(&mut window, "File name", "still");
    assert!(says(&window, "Two outputs would both be still.png") && !window.is_enabled("Save"));
    click(&mut window, "Full size");
    type_into(&mut window, "Width", "0");
    assert!(says(&window, "whole numbers from 1 to"));
}

// Breaks if the crop in the preview cannot be moved by mouse or keys, loses its shape, or O and Esc do not switch it.
#[test]
fn the_crop_is_set_in_the_preview() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(folder.path());
    choose(&mut window, "Square");
    assert!(!window.has("Crop"));
    for shown in [false, true] {
        window.press(Modifiers::NONE, Key::O);
        window.harness.run_steps(2);
        assert_eq!(window.has("Crop"), shown);
    }
    let rect = |window: &Window| window.harness.get_by_label("Crop").rect();
    let whole = rect(&window);
    assert!((whole.width() - whole.height()).abs() < 1.5, "{whole:?}");
    let drag = |window: &mut Window, from: egui::Pos2, way: egui::Vec2| {
        window.harness.drag_at(from);
        window.harness.run_steps(2);
        for part in [0.5, 1.0] {
            window.harness.hover_at(from + way * part);
            window.harness.run_steps(2);
        }
        window.harness.drop_at(from + way);
        window.harness.run_steps(2);
    };
    drag(&mut window, whole.right_bottom(), vec2(-200.0, -200.0));
    let smaller = rect(&window);
    assert!(
        (smaller.width() - (whole.width() - 200.0)).abs() < 8.0,
        "{smaller:?}"
    );
    assert!((smaller.width() - smaller.height()).abs() < 8.0);
    drag(&mut window, smaller.center(), vec2(90.0, 30.0));
    let moved = rect(&window);
    assert!((moved.left() - smaller.left() - 90.0).abs() < 8.0 && moved.size() == smaller.size());
    window.harness.get_by_label("Crop").focus();
    window.harness.run_steps(2);
    window.press(Modifiers::SHIFT, Key::ArrowLeft);
    window.harness.run_steps(2);
    let scale = whole.height() / 180.0;
    assert!((moved.left() - rect(&window).left() - 10.0 * scale).abs() < 1.0);
    assert!(window.has("Exact frame 0"), "the arrows stepped, too");
    window.press(Modifiers::NONE, Key::Escape);
    window.harness.run_steps(2);
    window.press(Modifiers::NONE, Key::Escape);
    window.harness.run_steps(2);
    assert!(!window.has("Crop"));
}

// Breaks if a preset of one's own is not kept, is kept under the name of a built-in one, is not offered, or cannot be forgotten.
#[test]
fn presets_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(folder.path());
    click(&mut window, "Add output");
    window.wait_for("New output");
    press(&mut window, "Preset");
    click(&mut window, "Keep as a preset…");
    let taken = "A format or a preset of Posterframe’s has this name";
    for (name, is_taken) in [("YouTube", true), ("For the shop", false)] {
        type_into(&mut window, "Name of the preset", name);
        window.press(Modifiers::NONE, Key::Enter);
        window.harness.run_steps(3);
        assert_eq!(window.has(taken), is_taken, "{name}");
        assert_eq!(window.has("Name of the preset"), is_taken, "{name}");
    }
    click(&mut window, "Cancel");
    choose(&mut window, "For the shop");
    window.wait_for("JPEG full size");
    click(&mut window, "JPEG full size");
    click(&mut window, "Edit JPEG full size");
    press(&mut window, "Preset");
    click(&mut window, "Forget “For the shop”");
    click(&mut window, "Cancel");
    click(&mut window, "Presets");
    assert!(!window.has("For the shop"));
}

// Breaks if the size is not told before the submit, or the quality that a limit leaves is not.
#[test]
fn sizes_are_told_before_the_submit() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = open(folder.path());
    choose(&mut window, "YouTube");
    let says = |words: &'static str| {
        move |harness: &egui_kittest::Harness<'static, posterframe::app::App>| {
            let labels = harness.root().children_recursive();
            let mut labels =
                labels.filter_map(|node| node.accesskit_node().label().or(node.accesskit_node().value()));
            labels.any(|label| label.contains(words))
        }
    };
    window.wait("the size of the files", says("2 files · about "));
    click(&mut window, YOUTUBE);
    click(&mut window, &format!("Edit {YOUTUBE}"));
    window.wait("the quality", says("quality 100 now"));
    type_into(&mut window, "Megabytes", "0.00001");
    window.wait("the limit's error", says("At the lowest quality"));
}

// Breaks if an SDR video is offered a choice of colour, or a format that has no HDR is said to have it.
#[test]
fn colours_of_hdr() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(vec![hdr10(folder.path())]);
    window.wait_for("Exact frame 0");
    click(&mut window, "Add output");
    window.wait_for("JPEG cannot hold HDR10; PNG and AVIF can");
    format(&mut window, "AVIF");
    assert!(window.is_enabled("As in the video") && !window.has("JPEG cannot hold HDR10; PNG and AVIF can"));
    let mut window = open(folder.path());
    click(&mut window, "Add output");
    window.wait_for("New output");
    assert!(!window.has("As in the video") || !window.has("SDR, tone-mapped"));
}
