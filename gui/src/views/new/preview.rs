//! The picture, zooming it, and the chips on it: what it is, and how large.

use egui::{Align2, Color32, CursorIcon, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::capitalized;
use posterframe_kit::theme::{self, Face, Role, icons};
use posterframe_kit::widgets::{Button, Text, focus_ring_inside, icon, tip};
use posterframe_player::Failure;

use super::checks::note_ui;
use super::lists::space;
use super::playhead::Chip;
use super::video::OpenVideo;
use super::zoom::{Frame, Zoom};
use crate::context::{Command, Commands};

/// The whole picture.
const UV: Rect = Rect {
    min: pos2(0.0, 0.0),
    max: pos2(1.0, 1.0),
};
/// How high chips are, and how far from the picture's edge.
const CHIP: f32 = 24.0;
const EDGE: f32 = 12.0;

pub(super) fn ui(ui: &mut Ui, rect: Rect, video: &mut OpenVideo) {
    let t = theme::tokens(ui);
    ui.painter().rect_filled(rect, 0, t.canvas);
    let frame = Frame {
        room: rect.shrink2(vec2(16.0, 20.0)),
        size: video.display_size(),
        pixels_per_point: ui.pixels_per_point(),
    };
    let response = ui.interact(rect, ui.scope_id().with("preview"), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, "Preview"));
    let zoom = pointed(ui, &response, frame, video.zoom().within(frame));
    video.set_zoom(zoom, frame, ui.input(|input| input.max_texture_side));

    let place = zoom.place(frame);
    // Zoomed, it may take the margins too.
    let seen = if zoom == Zoom::Fit { frame.room } else { rect };
    if let Some(texture) = video.texture() {
        let painter = ui.painter().with_clip_rect(seen.intersect(ui.clip_rect()));
        painter.image(texture.id(), place, UV, Color32::WHITE);
    }
    let place = place.intersect(frame.room);
    let scale = zoom_ui(ui, place, zoom, frame, &response);
    if let Some(zoom) = scale.1 {
        video.set_zoom(zoom, frame, ui.input(|input| input.max_texture_side));
    }
    if let Some(chip) = video.chip() {
        let room = Rect::from_min_max(place.min, pos2(scale.0.left(), place.bottom()));
        chip_ui(ui, room, chip, video.frame_failure.as_ref());
    }
}

/// What broke down, and the button that starts it again. Whether it was clicked.
pub(super) fn broken_ui(ui: &mut Ui, failure: &Failure) -> bool {
    note_ui(ui, &capitalized(&failure.text), true);
    let row = space(ui, 36.0);
    let button = Button::secondary("Try again").small().tip(&failure.advice, &[]);
    let place = Rect::from_min_size(row.min + vec2(15.0, 2.0), vec2(button.width(ui), 28.0));
    button.at(ui, place).clicked()
}

/// What the pointer does to the zoom: wheel with Ctrl or a pinch zooms, dragging and the wheel pan, a double click goes
/// to 1:1 and back.
fn pointed(ui: &Ui, response: &Response, frame: Frame, zoom: Zoom) -> Zoom {
    let mut zoom = zoom;
    if response.double_clicked() {
        let at = response.interact_pointer_pos().unwrap_or(frame.room.center());
        zoom = match zoom {
            // A small picture is shown larger than 1:1 already.
            Zoom::Fit => zoom.to(frame, if frame.fit() < 1.0 { 1.0 } else { frame.fit() * 2.0 }, at),
            Zoom::At { .. } => Zoom::Fit,
        };
    }
    if response.dragged() {
        zoom = zoom.panned(frame, response.drag_delta());
    }
    if let Some(pointer) = response.hover_pos().filter(|_| response.contains_pointer()) {
        let (factor, scroll) = ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta()));
        if (factor - 1.0).abs() > f32::EPSILON {
            zoom = zoom.by(frame, factor, pointer);
        } else if zoom != Zoom::Fit && scroll != egui::Vec2::ZERO {
            zoom = zoom.panned(frame, scroll);
        }
    }
    if zoom != Zoom::Fit && response.hovered() {
        ui.ctx().set_cursor_icon(if response.dragged() {
            CursorIcon::Grabbing
        } else {
            CursorIcon::Grab
        });
    }
    zoom
}

/// The chip that says how large the picture is, with its two buttons. It shows once it matters: under the pointer, with
/// the keyboard on it, or zoomed. Returns its place, and what was chosen.
fn zoom_ui(ui: &mut Ui, picture: Rect, zoom: Zoom, frame: Frame, preview: &Response) -> (Rect, Option<Zoom>) {
    let t = theme::tokens(ui);
    let percent = format!("{:.0} %", zoom.scale(frame) * 100.0);
    let choices = [
        (
            "Fit",
            "Fit the picture to the window",
            "0",
            Zoom::Fit,
            zoom == Zoom::Fit,
        ),
        (
            "1:1",
            "One pixel of the picture for one of the screen",
            "1",
            zoom.to(frame, 1.0, frame.room.center()),
            (zoom.scale(frame) - 1.0).abs() < 0.001,
        ),
    ];
    let width = 56.0 + 32.0 * choices.len() as f32 + 4.0;
    let chip = Rect::from_min_size(
        picture.right_bottom() - vec2(width + EDGE, CHIP + EDGE),
        vec2(width, CHIP),
    );
    let mut x = chip.left() + 56.0;
    let responses = choices.map(|(label, tip_text, key, _, chosen)| {
        let place = Rect::from_min_size(pos2(x, chip.top() + 2.0), vec2(32.0, CHIP - 4.0));
        x += 32.0;
        let response = ui.interact(place, ui.scope_id().with(("zoom", label)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, chosen, tip_text));
        (place, response, tip_text, key)
    });
    let is_active = |response: &Response| response.hovered() || response.has_focus();
    let active = responses.iter().any(|(_, response, ..)| is_active(response));
    let mut chosen = None;
    if zoom == Zoom::Fit && !preview.hovered() && !active {
        return (
            Rect::from_min_max(pos2(picture.right() - EDGE, chip.top()), picture.max),
            None,
        );
    }
    ui.painter().rect_filled(chip, 6, t.chip);
    let words = Rect::from_min_size(chip.min, vec2(56.0, CHIP));
    Text::new(Role::MONO_SMALL, &percent)
        .color(t.chip_text)
        .at(ui, words, Align2::CENTER_CENTER);
    for ((place, response, tip_text, key), (label, _, _, to, is_on)) in responses.into_iter().zip(choices) {
        let color = if is_on || response.hovered() {
            t.chip_text
        } else {
            theme::Tokens::DARK.text2
        };
        if is_on || response.hovered() {
            ui.painter().rect_filled(place, 4, theme::Tokens::DARK.pressed);
        }
        if response.has_focus() {
            focus_ring_inside(ui.painter(), t, place);
        }
        ui.painter().text(
            place.center(),
            Align2::CENTER_CENTER,
            label,
            Role::SMALL.font(),
            color,
        );
        if tip(response, tip_text, &[key]).clicked() {
            chosen = Some(to);
        }
    }
    (chip, chosen)
}

fn chip_ui(ui: &mut Ui, room: Rect, chip: Chip, failure: Option<&Failure>) {
    let t = theme::tokens(ui);
    let number = |number: Option<usize>| number.map(|number| format!(" {number}")).unwrap_or_default();
    let (symbol, words, color) = match chip {
        Chip::Exact(n) => (
            icons::CROSSHAIR_SIMPLE,
            format!("Exact frame{}", number(n)),
            t.chip_text,
        ),
        Chip::Decoding(n) => (
            icons::CIRCLE_NOTCH,
            format!("Decoding frame{}", number(n)),
            theme::Tokens::DARK.text2,
        ),
        Chip::Keyframe(n) => (icons::DIAMOND, format!("Keyframe{}", number(n)), t.chip_text),
        Chip::CannotDecode => {
            let reason = failure
                .map(|failure| capitalized(&failure.text))
                .unwrap_or_default();
            (
                icons::WARNING,
                format!("Cannot decode: {reason}"),
                theme::Tokens::DARK.warn,
            )
        }
    };
    let width = (8.0 + 14.0 + 6.0 + Text::new(Role::SMALL, &words).width(ui) + 8.0).min(room.width() - 24.0);
    let rect = Rect::from_min_size(
        room.left_bottom() + vec2(EDGE, -CHIP - EDGE),
        vec2(width.round(), CHIP),
    );
    ui.painter().rect_filled(rect, 6, t.chip);
    let place = Rect::from_min_size(rect.min + vec2(8.0, 5.0), vec2(14.0, 14.0));
    icon(ui.painter(), place.center(), symbol, Face::Icon, 14.0, color);
    let place = Rect::from_min_max(rect.min + vec2(28.0, 0.0), rect.max - vec2(8.0, 0.0));
    let response = Text::new(Role::SMALL, &words)
        .color(color)
        .at(ui, place, Align2::LEFT_CENTER);
    if let (Chip::CannotDecode, Some(failure)) = (chip, failure) {
        response.on_hover_text(&failure.advice);
    }
}

/// What was chosen for a video that cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Again,
    Close,
}

/// In place of the preview where the video cannot be opened.
pub(super) fn failed_ui(
    ui: &mut Ui,
    rect: Rect,
    name: &str,
    failure: &Failure,
    commands: &Commands,
) -> Option<Choice> {
    let t = theme::tokens(ui);
    ui.painter().rect_filled(rect, 0, t.canvas);
    let middle = rect.center() - vec2(0.0, 80.0);
    let place = Rect::from_center_size(middle, vec2(40.0, 40.0));
    icon(
        ui.painter(),
        place.center(),
        icons::WARNING_CIRCLE,
        Face::Icon,
        32.0,
        t.red,
    );
    let width = (rect.width() - 64.0).min(520.0);
    let mut y = middle.y + 32.0;
    let place = Rect::from_min_size(pos2(rect.center().x - width / 2.0, y), vec2(width, 28.0));
    Text::new(Role::EMPTY, &format!("{name} cannot be opened"))
        .color(t.text)
        .at(ui, place, Align2::CENTER_CENTER);
    y += 40.0;
    for (words, color) in [
        (capitalized(&failure.text), t.text),
        (failure.advice.clone(), t.text2),
    ] {
        let words = Text::new(Role::BODY, &words).color(color).wrap();
        let height = words.galley(ui, width).size().y;
        let place = Rect::from_min_size(pos2(rect.center().x - width / 2.0, y), vec2(width, height));
        words.at(ui, place, Align2::CENTER_TOP);
        y += height + 8.0;
    }
    let again = Button::secondary("Try again").tip("Open this video once more", &[]);
    let choose = Button::secondary("Choose another file…").tip("Open files…", &["Ctrl", "O"]);
    let close = Button::secondary("Close").tip("Close this video", &["Ctrl", "W"]);
    let buttons = [again, choose, close];
    let widths = buttons.each_ref().map(|button| button.width(ui));
    let all = widths.iter().sum::<f32>() + 8.0 * (widths.len() - 1) as f32;
    let mut left = (rect.center().x - all / 2.0).round();
    let mut clicked = [false; 3];
    for ((button, width), clicked) in buttons.into_iter().zip(widths).zip(&mut clicked) {
        let place = Rect::from_min_size(pos2(left, y + 12.0), vec2(width, 32.0));
        *clicked = button.at(ui, place).clicked();
        left = place.right() + 8.0;
    }
    let [again, choose, close] = clicked;
    if choose {
        commands.send(Command::OpenFiles);
    }
    match (again, close) {
        (true, _) => Some(Choice::Again),
        (_, true) => Some(Choice::Close),
        _ => None,
    }
}
