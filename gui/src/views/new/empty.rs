//! Nothing is open: what to do, in as many ways as people try it.

use std::path::PathBuf;

use egui::{Align, CursorIcon, Frame, Key, Layout, Margin, ScrollArea, Sense, Stroke, Ui, WidgetInfo, vec2};
use egui_extras::{Size, StripBuilder};
use posterframe_client::capitalized;
use posterframe_client::path_text::percent_decoded;
use posterframe_kit::theme::{self, Role, icons, icons::Icon, sizes};
use posterframe_kit::widgets::{Field, Glyph, Reveal as _, Text, focus_ring, row_middle, tip};

use super::zone;
use crate::context::{Command, RequestState, Requested, ViewContext};
use crate::distant::{is_distant, place};

/// Width of the field for a path, in points.
const FIELD: f32 = 420.0;
/// Windows narrower than this tell the steps below each other.
const STEPS_BESIDE: f32 = 720.0;
/// Height of a step, its icon's.
const STEP: f32 = 36.0;
const STEP_GAP: f32 = 12.0;
/// Above and below the steps, and at their sides.
const STEPS_MARGIN: Margin = Margin::symmetric(20, 21);
const STEPS: [(Icon, &str, &str); 3] = [
    (
        icons::FLAG_PENNANT,
        "Pick",
        "Scrub to the exact frame and mark it",
    ),
    (
        icons::CLOUD_ARROW_UP,
        "Submit",
        "One upload, with the position in its name",
    ),
    (icons::PULSE, "Watch", "Follow the task live, then save the PNG"),
];

/// The field for a path.
#[derive(Default)]
pub(super) struct PathField {
    typed: String,
    /// The paths that were entered; an error where one of them is not there.
    looked: Requested<Vec<PathBuf>>,
}

pub(super) fn ui(ui: &mut Ui, field: &mut PathField, context: &ViewContext<'_>) {
    let room = ui.available_size();
    let beside = room.x >= STEPS_BESIDE;
    let steps = if beside { STEP } else { 3.0 * STEP + 2.0 * STEP_GAP };
    let steps = steps + STEPS_MARGIN.sum().y + 2.0;
    let zone = (room.y - steps - 3.0 * zone::MARGIN).max(0.0);
    ScrollArea::vertical()
        .auto_shrink(false)
        .show_revealing(ui, |ui| {
            Frame::NONE
                .inner_margin(Margin::same(zone::MARGIN as i8))
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                    zone::ground_ui(ui, zone, false, |ui| {
                        let bottom = ui.max_rect().bottom();
                        choose_ui(ui, context);
                        ui.add_space(if on_wayland() { 20.0 } else { 46.0 });
                        path_ui(ui, field, context);
                        ui.add_space((bottom - 36.0 - ui.cursor().top()).max(sizes::PANE));
                        sample_ui(ui, context);
                        ui.add_space(20.0);
                    });
                    ui.add_space(zone::MARGIN);
                    steps_ui(ui, beside);
                });
        });
}

/// “or choose files… (Ctrl+O)”.
fn choose_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    let t = theme::tokens(ui);
    let keys = if cfg!(target_os = "macos") {
        "(⌘O)"
    } else {
        "(Ctrl+O)"
    };
    let bucket_keys = if cfg!(target_os = "macos") {
        "(⌘B)"
    } else {
        "(Ctrl+B)"
    };
    let texts = [
        ("or", t.text2),
        ("choose files…", t.text),
        (keys, t.text3),
        ("or", t.text2),
        ("look into the bucket…", t.text),
        (bucket_keys, t.text3),
    ];
    let texts = texts.map(|(words, color)| Text::new(Role::BODY, words).color(color));
    let width: f32 = texts.iter().map(|text| text.width(ui) + 6.0).sum();
    row_middle(ui, width, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let [or, choose, keys, or_else, bucket, bucket_keys] = texts;
        ui.add(or);
        if link(ui, choose, "Open files…", &["Ctrl", "O"]) {
            context.commands.send(Command::OpenFiles);
        }
        ui.add(keys);
        ui.add(or_else);
        if link(ui, bucket, "Open from the bucket…", &["Ctrl", "B"]) {
            context.commands.send(Command::OpenBucket);
        }
        ui.add(bucket_keys);
    });
    if on_wayland() {
        let hint = "Dropping files does not work on Wayland yet: choose them, or paste a path";
        ui.add_space(10.0);
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - 32.0).max(0.0));
            ui.add(Text::new(Role::SMALL, hint).color(t.text3).wrap().center());
        });
    }
}

/// winit, under egui, has no drag and drop for Wayland's own windows.
fn on_wayland() -> bool {
    cfg!(target_os = "linux")
        && std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty())
}

fn path_ui(ui: &mut Ui, field: &mut PathField, context: &ViewContext<'_>) {
    let size = vec2((ui.available_width() - 32.0).clamp(0.0, FIELD), sizes::CONTROL);
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
        let error = match field.looked.state() {
            RequestState::Unavailable(error, _) => Some(error.to_owned()),
            _ => None,
        };
        let edit = Field::new(
            egui::Id::unique("path"),
            &mut field.typed,
            "Paste or type a path or an address",
        );
        let response = ui.add(edit.error(error.is_some()));
        if response.changed() {
            field.looked = Requested::default();
        }
        if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
            let paths = paths_in(&field.typed);
            // A disk may take its time: it is asked on another thread.
            field.looked = context.engine.request_blocking(ui.ctx(), move || {
                let is_missing = |path: &&PathBuf| !is_distant(path) && !path.exists();
                if let Some(missing) = paths.iter().find(is_missing) {
                    return Err(format!("There is no such file: {}", missing.display()));
                }
                match paths.iter().find_map(|path| place(path).err()) {
                    Some(error) => Err(capitalized(&format!("{error:#}"))),
                    None => Ok(paths),
                }
            });
        }
        if let Some(paths) = field.looked.take().filter(|paths| !paths.is_empty()) {
            context.commands.send(Command::OpenPaths(paths));
            field.typed.clear();
        }
        if let Some(error) = &error {
            ui.add_space(6.0);
            ui.add(Text::new(Role::SMALL, error).color(theme::tokens(ui).red).wrap());
        }
    });
}

/// The paths in a text: one a line, as they are, in quotes, or as `file://` URIs, as file managers copy them.
pub(super) fn paths_in(text: &str) -> Vec<PathBuf> {
    let lines = text.lines().map(|line| line.trim().trim_matches(['"', '\'']));
    lines
        .filter(|line| !line.is_empty() && line.len() < 4096)
        .map(path_of)
        .collect()
}

fn path_of(line: &str) -> PathBuf {
    if let Some(uri) = line.strip_prefix("file://") {
        let path = uri.strip_prefix("localhost").unwrap_or(uri);
        return percent_decoded(path);
    }
    if let Some(rest) = line.strip_prefix("~/")
        && let Some(home) = std::env::home_dir()
    {
        return home.join(rest);
    }
    PathBuf::from(line)
}

fn sample_ui(ui: &mut Ui, context: &ViewContext<'_>) {
    let t = theme::tokens(ui);
    let words = "Try the sample clip";
    let text = Text::new(Role::SMALL, words);
    row_middle(ui, 22.0 + text.width(ui), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.add(Glyph::new(icons::PLAY_CIRCLE, 16.0, t.text2));
        if link(ui, text, words, &[]) {
            context.commands.send(Command::OpenSample);
        }
    });
}

/// Underlined text that does something, with what it does and its keys; whether it was clicked.
fn link(ui: &mut Ui, text: Text<'_>, label: &str, keys: &[&str]) -> bool {
    let t = theme::tokens(ui);
    let galley = text.galley(ui, ui.available_width());
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, label));
    ui.painter().galley(rect.min.round(), galley, t.text);
    let line = if response.hovered() { t.text } else { t.border2 };
    ui.painter()
        .hline(rect.x_range(), rect.bottom() + 0.5, Stroke::new(1.0, line));
    if response.has_focus() {
        focus_ring(ui.painter(), t, rect, 2);
    }
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    if keys.is_empty() {
        response.clicked()
    } else {
        tip(response, label, keys).clicked()
    }
}

/// The way of a job, in three steps.
fn steps_ui(ui: &mut Ui, beside: bool) {
    /// Between two steps beside each other: the arrow from one to the next.
    const ARROW: f32 = 64.0;
    let t = theme::tokens(ui);
    let frame = Frame::NONE
        .fill(t.panel)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(sizes::RADIUS_CARD)
        .inner_margin(STEPS_MARGIN);
    frame.show(ui, |ui| {
        if !beside {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = STEP_GAP;
            for step in STEPS {
                step_ui(ui, step);
            }
            return;
        }
        ui.set_height(STEP);
        let strip = StripBuilder::new(ui).size(Size::remainder());
        let strip = strip.size(Size::exact(ARROW)).size(Size::remainder());
        let strip = strip.size(Size::exact(ARROW)).size(Size::remainder());
        strip.horizontal(|mut strip| {
            for (index, step) in STEPS.into_iter().enumerate() {
                if index > 0 {
                    strip.cell(|ui| {
                        ui.centered_and_justified(|ui| ui.add(Glyph::new(icons::CARET_RIGHT, 16.0, t.text3)));
                    });
                }
                strip.cell(|ui| step_ui(ui, step));
            }
        });
    });
}

fn step_ui(ui: &mut Ui, (symbol, title, words): (Icon, &str, &str)) {
    let t = theme::tokens(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing = vec2(STEP_GAP, 2.0);
        let card = Frame::NONE
            .fill(t.raised)
            .stroke(Stroke::new(1.0, t.border))
            .corner_radius(sizes::RADIUS_CARD)
            .inner_margin((STEP - 18.0) / 2.0 - 1.0);
        card.show(ui, |ui| ui.add(Glyph::new(symbol, 18.0, t.text2)));
        ui.vertical(|ui| {
            ui.add(Text::new(Role::TITLE, title));
            ui.add(Text::new(Role::SMALL, words).color(t.text2));
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a path as file managers and terminals copy it is not understood.
    #[test]
    fn paths_as_people_paste_them() {
        let paths = paths_in("file:///a%20b/%C3%BC.mp4\r\n\"/c d.mov\"\n\n  /e_100%.mkv ");
        let expected = ["/a b/ü.mp4", "/c d.mov", "/e_100%.mkv"].map(PathBuf::from);
        assert_eq!(paths, expected);
        #[cfg(unix)]
        {
            let odd: std::ffi::OsString =
                std::os::unix::ffi::OsStringExt::from_vec(b"/Mu\xf1oz.mp4".to_vec());
            assert_eq!(paths_in("file:///Mu%F1oz.mp4"), [PathBuf::from(odd)]);
        }
    }
}
