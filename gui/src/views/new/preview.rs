//! The picture, zooming it, and the chips on it: what it is, and how large.

use egui::{
    Align, Align2, Color32, CursorIcon, Frame, Layout, Rect, Response, Sense, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};
use posterframe_client::capitalized;
use posterframe_kit::theme::{self, Role, icons, sizes};
use posterframe_kit::widgets::{Button, Glyph, Text, focus_ring_inside, row_end_width, row_middle, tip};
use posterframe_player::{Failure, PlayRate};

use super::Action;
use super::checks::{note_button_ui, note_ui};
use super::model::{Chip, OpenVideo, Zoom, ZoomFrame};
use super::outputs::Outputs;
use crate::context::{Command, Commands, Preferences};
use crate::format;

/// The whole picture.
const UV: Rect = Rect {
    min: pos2(0.0, 0.0),
    max: pos2(1.0, 1.0),
};
/// Height of chips, in points.
const CHIP: f32 = 24.0;
/// From the picture's edge to a chip, and between two chips.
const EDGE: f32 = 12.0;
/// Width of the words and of each button of the chip that zooms, and of the whole chip.
const PERCENT: f32 = 56.0;
const ZOOM_BUTTON: f32 = 32.0;
const ZOOM_CHIP: f32 = PERCENT + 2.0 * ZOOM_BUTTON + 4.0;

/// Draws it, and the shown output over it.
pub(super) fn ui(
    ui: &mut Ui,
    video: &mut OpenVideo,
    (outputs, preferences): (&mut Outputs, &mut Preferences),
) {
    let t = theme::tokens(ui);
    let rect = ui.max_rect();
    ui.painter().rect_filled(rect, 0, t.canvas);
    let room = rect.shrink2(vec2(16.0, 20.0));
    let frame = ZoomFrame {
        room: outputs.picture_room(room, video.preview.display_size, preferences),
        size: video.display_size(),
        pixels_per_point: ui.pixels_per_point(),
    };
    let response = ui.interact(rect, ui.scope_id().with("preview"), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, "Preview"));
    let zoom = pointed(ui, &response, frame, video.preview.zoom.within(frame));
    video.set_zoom(zoom, frame, ui.input(|input| input.max_texture_side));

    let place = zoom.place(frame);
    // Zoomed, it may take the margins too.
    let seen = if zoom == Zoom::Fit { room } else { rect };
    if let Some(texture) = video.texture() {
        let painter = ui.painter().with_clip_rect(seen.intersect(ui.clip_rect()));
        painter.image(texture.id(), place, UV, Color32::WHITE);
    }
    outputs.crop_ui(ui, (place, seen), video.preview.display_size, preferences);
    // On the picture, unless that is smaller than they are.
    let mut chips = place.intersect(frame.room).shrink(EDGE);
    if chips.width() < ZOOM_CHIP || chips.height() < 2.0 * CHIP + EDGE {
        chips = frame.room.shrink2(vec2(EDGE.min(frame.room.width() / 4.0), 4.0));
    }
    if let Some(zoom) = zoom_ui(ui, chips, zoom, frame, &response) {
        video.set_zoom(zoom, frame, ui.input(|input| input.max_texture_side));
    }
    if let Some(chip) = video.chip() {
        let trouble = video
            .distant
            .as_ref()
            .and_then(|distant| distant.counts()?.trouble);
        let trouble = trouble.map(|trouble| {
            format!(
                "{}. Marks stay, and reading goes on by itself once the network is back",
                capitalized(&trouble)
            )
        });
        let advice = trouble.or_else(|| video.playhead.failure().map(|failure| failure.advice.clone()));
        chip_ui(ui, chips, chip, (video.playhead.failure(), advice));
    }
}

/// What broke down, and the button that starts it again. Whether it was clicked.
pub(super) fn broken_ui(ui: &mut Ui, failure: &Failure) -> bool {
    note_ui(ui, &capitalized(&failure.text), true);
    note_button_ui(ui, Button::secondary("Try again").tip(&failure.advice, &[]))
}

/// What the pointer does to the zoom: wheel with Ctrl or a pinch zooms, dragging and the wheel pan, a double click goes
/// to 1:1 and back.
fn pointed(ui: &Ui, response: &Response, frame: ZoomFrame, zoom: Zoom) -> Zoom {
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
            ui.input_mut(|input| input.smooth_scroll_delta = egui::Vec2::ZERO);
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
/// the keyboard on it, or zoomed. Returns what was chosen.
fn zoom_ui(ui: &mut Ui, chips: Rect, zoom: Zoom, frame: ZoomFrame, preview: &Response) -> Option<Zoom> {
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
    let chip = Align2::RIGHT_BOTTOM.align_size_within_rect(vec2(ZOOM_CHIP, CHIP), chips);
    let (words, mut rest) = chip.split_left_right_at_x(chip.left() + PERCENT);
    let responses = choices.map(|(label, tip_text, key, _, chosen)| {
        let (place, after) = rest.split_left_right_at_x(rest.left() + ZOOM_BUTTON);
        let place = place.shrink2(vec2(0.0, 2.0));
        rest = after;
        let response = ui.interact(place, ui.scope_id().with(("zoom", label)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, chosen, tip_text));
        (place, response, tip_text, key)
    });
    let is_active = |response: &Response| response.hovered() || response.has_focus();
    let active = responses.iter().any(|(_, response, ..)| is_active(response));
    let mut chosen = None;
    if zoom == Zoom::Fit && !preview.hovered() && !active {
        return None;
    }
    ui.painter().rect_filled(chip, 6, t.chip);
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
    chosen
}

/// `Playing`, `Playing, 24 fps`, `Playing backwards 2 ×, 19 of 60 fps`.
fn playing_words(rate: Option<PlayRate>, speed: i8, t: &theme::Tokens) -> (icons::Icon, String, Color32) {
    let words = match speed {
        1 => "Playing".to_owned(),
        -1 => "Playing backwards".to_owned(),
        2.. => format!("Playing {speed} ×"),
        _ => format!("Playing backwards {} ×", speed.unsigned_abs()),
    };
    let Some(PlayRate { shown, wanted }) = rate else {
        return (icons::PLAY, words, t.chip_text);
    };
    // A picture more or less in a second is how it was counted.
    let keeps_up = shown + 1.0 >= wanted;
    let rate = if keeps_up {
        format!("{wanted:.0} fps")
    } else {
        format!("{shown:.0} of {wanted:.0} fps")
    };
    let words = format!("{words}, {rate}");
    let color = if keeps_up {
        t.chip_text
    } else {
        theme::Tokens::DARK.warn
    };
    (icons::PLAY, words, color)
}

fn chip_ui(ui: &mut Ui, chips: Rect, chip: Chip, (failure, advice): (Option<&Failure>, Option<String>)) {
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
        Chip::Reading(n, bytes) => (
            icons::CIRCLE_NOTCH,
            format!("Reading frame{}, {} to come", number(n), format::bytes(bytes)),
            theme::Tokens::DARK.text2,
        ),
        Chip::Reconnecting => (
            icons::WARNING,
            "Reconnecting".to_owned(),
            theme::Tokens::DARK.warn,
        ),
        Chip::NoLogin => (
            icons::CIRCLE_NOTCH,
            "Waiting for the backend’s login".to_owned(),
            theme::Tokens::DARK.text2,
        ),
        Chip::Keyframe(n) => (icons::DIAMOND, format!("Keyframe{}", number(n)), t.chip_text),
        Chip::Playing(rate, speed) => playing_words(rate, speed, t),
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
    let words = Text::new(Role::SMALL, &words).color(color);
    let width = (8.0 + 14.0 + 6.0 + words.width(ui) + 8.0).round();
    // Where it would touch the chip that zooms, it stands above.
    let align = if width + EDGE + ZOOM_CHIP <= chips.width() {
        Align2::LEFT_BOTTOM
    } else {
        Align2::LEFT_TOP
    };
    let rect = align.align_size_within_rect(vec2(width.min(chips.width()), CHIP), chips);
    ui.painter().rect_filled(rect, 6, t.chip);
    let inside = UiBuilder::new()
        .id_salt("chip")
        .max_rect(rect.shrink2(vec2(8.0, 0.0)))
        .layout(Layout::left_to_right(Align::Center));
    let mut inside = ui.new_child(inside);
    inside.spacing_mut().item_spacing.x = 6.0;
    inside.add(Glyph::new(symbol, 14.0, color));
    let response = inside.add(words);
    if let (Chip::CannotDecode | Chip::Reconnecting, Some(advice)) = (chip, advice) {
        response.on_hover_text(advice);
    }
}

/// In place of the preview where the video cannot be opened.
pub(super) fn failed_ui(
    ui: &mut Ui,
    (index, name): (usize, &str),
    failure: &Failure,
    commands: &Commands,
) -> Option<Action> {
    let t = theme::tokens(ui);
    let room = ui.available_size();
    let width = (room.x - 64.0).clamp(0.0, 520.0);
    let mut action = None;
    Frame::NONE.fill(t.canvas).show(ui, |ui| {
        ui.set_min_size(room);
        ui.vertical_centered(|ui| {
            ui.set_max_width(width);
            ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
            ui.add_space((room.y / 2.0 - 96.0).max(sizes::PANE));
            ui.add(Glyph::new(icons::WARNING_CIRCLE, 32.0, t.red));
            ui.add_space(8.0);
            let heading = format!("{name} cannot be opened");
            ui.add(Text::new(Role::EMPTY, &heading).wrap().center());
            ui.add_space(4.0);
            let text = capitalized(&failure.text);
            ui.add(Text::new(Role::BODY, &text).wrap().center());
            ui.add(
                Text::new(Role::BODY, &failure.advice)
                    .color(t.text2)
                    .wrap()
                    .center(),
            );
            ui.add_space(4.0);
            let buttons = [
                Button::secondary("Try again").tip("Open this video once more", &[]),
                Button::secondary("Choose another file…").tip("Open files…", &["Ctrl", "O"]),
                Button::secondary("Close").tip("Close this video", &["Ctrl", "W"]),
            ];
            row_middle(ui, row_end_width(ui, &buttons), |ui| {
                let [again, choose, close] = buttons.map(|button| ui.add(button).clicked());
                if choose {
                    commands.send(Command::OpenFiles);
                }
                if again {
                    action = Some(Action::StartAgain);
                } else if close {
                    action = Some(Action::Close(index));
                }
            });
            ui.add_space(sizes::PANE);
        });
    });
    action
}
