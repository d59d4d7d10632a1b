//! Nothing is open: what to do, in as many ways as people try it.

use std::path::PathBuf;

use egui::{Align2, CursorIcon, Key, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::path_text::percent_decoded;
use posterframe_kit::theme::{self, Face, Role, icons, icons::Icon};
use posterframe_kit::widgets::{Field, Text, icon, tip};

use super::zone;
use crate::context::{Command, Remote, RemoteState, ViewContext};

/// Height of the card that tells the way of a job.
const STEPS: f32 = 80.0;
const MARGIN: f32 = 24.0;
const FIELD: f32 = 420.0;

/// The field for a path.
#[derive(Default)]
pub(super) struct PathField {
    typed: String,
    /// The paths that were entered; an error where one of them is not there.
    looked: Remote<Vec<PathBuf>>,
}

pub(super) fn ui(ui: &mut Ui, rect: Rect, field: &mut PathField, context: &ViewContext<'_>) {
    let inner = rect.shrink(MARGIN);
    let steps = Rect::from_min_max(pos2(inner.left(), inner.bottom() - STEPS), inner.max);
    let zone = Rect::from_min_max(inner.min, pos2(inner.right(), steps.top() - MARGIN));
    let below = zone::ground_ui(ui, zone, false);
    choose_ui(ui, zone, below, context);
    path_ui(ui, zone, below + 64.0, field, context);
    sample_ui(ui, zone, context);
    steps_ui(ui, steps);
}

/// “or choose files… (Ctrl+O)”.
fn choose_ui(ui: &mut Ui, zone: Rect, top: f32, context: &ViewContext<'_>) {
    let t = theme::tokens(ui);
    let keys = if cfg!(target_os = "macos") {
        "(⌘O)"
    } else {
        "(Ctrl+O)"
    };
    let parts = [("or", t.text2), ("choose files…", t.text), (keys, t.text3)];
    let widths = parts.map(|(words, _)| Text::new(Role::BODY, words).width(ui));
    let width = widths.iter().sum::<f32>() + 12.0;
    let mut x = (zone.center().x - width / 2.0).round();
    for (index, ((words, color), width)) in parts.into_iter().zip(widths).enumerate() {
        let place = Rect::from_min_size(pos2(x, top), vec2(width + 1.0, 18.0));
        if index == 1 {
            if link(ui, place, words, ("Open files…", &["Ctrl", "O"]), Role::BODY) {
                context.commands.send(Command::OpenFiles);
            }
        } else {
            Text::new(Role::BODY, words)
                .color(color)
                .at(ui, place, Align2::LEFT_CENTER);
        }
        x += width + 6.0;
    }
    if on_wayland() {
        let hint = "Dropping files does not work on Wayland yet: choose them, or paste a path";
        let place = Rect::from_min_size(
            pos2(zone.left() + 16.0, top + 28.0),
            vec2(zone.width() - 32.0, 16.0),
        );
        Text::new(Role::SMALL, hint)
            .color(t.text3)
            .at(ui, place, Align2::CENTER_CENTER);
    }
}

/// winit, under egui, has no drag and drop for Wayland's own windows.
fn on_wayland() -> bool {
    cfg!(target_os = "linux")
        && std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty())
}

fn path_ui(ui: &mut Ui, zone: Rect, top: f32, field: &mut PathField, context: &ViewContext<'_>) {
    let t = theme::tokens(ui);
    let width = FIELD.min(zone.width() - 64.0);
    let rect = Rect::from_min_size(
        pos2((zone.center().x - width / 2.0).round(), top),
        vec2(width, 32.0),
    );
    let error = match field.looked.state() {
        RemoteState::Unavailable(error, _) => Some(error.to_owned()),
        _ => None,
    };
    let response = Field::new(egui::Id::unique("path"), &mut field.typed, "Paste or type a path")
        .error(error.is_some())
        .at(ui, rect);
    if response.changed() {
        field.looked = Remote::default();
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        let paths = paths_in(&field.typed);
        // A disk may take its time: it is asked on another thread.
        field.looked = context.engine.request_blocking(ui.ctx(), move || {
            match paths.iter().find(|path| !path.exists()) {
                Some(missing) => Err(format!("There is no such file: {}", missing.display())),
                None => Ok(paths),
            }
        });
    }
    if let Some(paths) = field.looked.take().filter(|paths| !paths.is_empty()) {
        context.commands.send(Command::OpenPaths(paths));
        field.typed.clear();
    }
    if let Some(error) = &error {
        let place = Rect::from_min_size(rect.left_bottom() + vec2(0.0, 6.0), vec2(rect.width(), 16.0));
        Text::new(Role::SMALL, error)
            .color(t.red)
            .at(ui, place, Align2::LEFT_CENTER);
    }
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

fn sample_ui(ui: &mut Ui, zone: Rect, context: &ViewContext<'_>) {
    let t = theme::tokens(ui);
    let words = "Try the sample clip";
    let width = Text::new(Role::SMALL, words).width(ui);
    let whole = width + 22.0;
    let left = (zone.center().x - whole / 2.0).round();
    let top = zone.bottom() - 36.0;
    let place = Rect::from_min_size(pos2(left, top), vec2(16.0, 16.0));
    icon(
        ui.painter(),
        place.center(),
        icons::PLAY_CIRCLE,
        Face::Icon,
        16.0,
        t.text2,
    );
    let place = Rect::from_min_size(pos2(left + 22.0, top), vec2(width + 1.0, 16.0));
    if link(ui, place, words, (words, &[]), Role::SMALL) {
        context.commands.send(Command::OpenSample);
    }
}

/// Underlined text that does something, with what it does and its keys; whether it was clicked.
fn link(ui: &mut Ui, rect: Rect, words: &str, (label, keys): (&str, &[&str]), role: Role) -> bool {
    let t = theme::tokens(ui);
    let response = ui.allocate_rect(rect.expand2(vec2(0.0, 4.0)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, label));
    ui.painter().text(
        rect.left_center(),
        Align2::LEFT_CENTER,
        words,
        role.font(),
        t.text,
    );
    let line = if response.hovered() { t.text } else { t.border2 };
    ui.painter()
        .hline(rect.x_range(), rect.bottom() + 0.5, Stroke::new(1.0, line));
    if response.has_focus() {
        ui.painter().rect_stroke(
            rect.expand(4.0),
            6,
            Stroke::new(2.0, t.accent_line),
            StrokeKind::Outside,
        );
    }
    let response = response.on_hover_cursor(CursorIcon::PointingHand);
    if keys.is_empty() {
        response.clicked()
    } else {
        tip(response, label, keys).clicked()
    }
}

/// The way of a job, in three steps.
fn steps_ui(ui: &mut Ui, rect: Rect) {
    let t = theme::tokens(ui);
    ui.painter()
        .rect(rect, 8, t.panel, Stroke::new(1.0, t.border), StrokeKind::Inside);
    let steps: [(Icon, &str, &str); 3] = [
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
    let width = (rect.width() + 22.0) / 3.0;
    for (index, (symbol, title, words)) in steps.into_iter().enumerate() {
        let left = rect.left() + 21.0 + index as f32 * width;
        let card = Rect::from_min_size(pos2(left.round(), rect.center().y - 18.0), vec2(36.0, 36.0));
        ui.painter()
            .rect(card, 8, t.raised, Stroke::new(1.0, t.border), StrokeKind::Inside);
        icon(ui.painter(), card.center(), symbol, Face::Icon, 18.0, t.text2);
        let room = width - 36.0 - 12.0 - 52.0;
        let place = Rect::from_min_size(card.right_top() + vec2(12.0, 0.0), vec2(room, 18.0));
        Text::new(Role::TITLE, title)
            .color(t.text)
            .at(ui, place, Align2::LEFT_CENTER);
        let place = Rect::from_min_size(card.right_top() + vec2(12.0, 20.0), vec2(room, 16.0));
        Text::new(Role::SMALL, words)
            .color(t.text2)
            .at(ui, place, Align2::LEFT_CENTER);
        if index > 0 {
            let place = Rect::from_center_size(pos2(card.left() - 32.0, card.center().y), vec2(16.0, 16.0));
            icon(
                ui.painter(),
                place.center(),
                icons::CARET_RIGHT,
                Face::Icon,
                16.0,
                t.text3,
            );
        }
    }
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
