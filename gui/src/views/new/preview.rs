//! The picture, and the chip on it that says what the picture is.

use egui::{Align2, Color32, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::video::{Chip, OpenVideo};
use crate::app::sentence;
use crate::player::Failure;
use crate::theme::{self, Face, Role, icons};
use crate::views::{Command, Commands};
use crate::widgets::{Button, Text, icon};

/// The whole picture.
const UV: Rect = Rect {
    min: pos2(0.0, 0.0),
    max: pos2(1.0, 1.0),
};

pub(super) fn ui(ui: &mut Ui, rect: Rect, video: &mut OpenVideo) {
    let t = theme::tokens(ui);
    ui.painter().rect_filled(rect, 0, t.canvas);
    let room = rect.shrink2(vec2(16.0, 20.0));
    let ppp = ui.pixels_per_point();
    let most = ui.input(|input| input.max_texture_side).min(8192) as f32;
    let pixels = |points: f32| (points * ppp).floor().clamp(0.0, most) as u32;
    video.set_fit((pixels(room.width()), pixels(room.height())));

    let response = ui.allocate_rect(rect, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, "Preview"));
    let mut place = room;
    if let Some((texture, size)) = video.picture() {
        place = contain(room, size, ppp);
        ui.painter().image(texture.id(), place, UV, Color32::WHITE);
    }
    if let Some(chip) = video.chip() {
        chip_ui(ui, place, chip, video.frame_failure.as_ref());
    }
}

/// The largest rectangle of `size`'s shape in the middle of `room`, on whole pixels.
fn contain(room: Rect, size: egui::Vec2, ppp: f32) -> Rect {
    let scale = (room.width() / size.x).min(room.height() / size.y);
    let size = size * scale;
    let round = |value: f32| (value * ppp).round() / ppp;
    let min = room.center() - size / 2.0;
    Rect::from_min_size(
        pos2(round(min.x), round(min.y)),
        vec2(round(size.x), round(size.y)),
    )
}

fn chip_ui(ui: &mut Ui, picture: Rect, chip: Chip, failure: Option<&Failure>) {
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
            let reason = failure.map(|failure| sentence(&failure.text)).unwrap_or_default();
            (
                icons::WARNING,
                format!("Cannot decode: {reason}"),
                theme::Tokens::DARK.warn,
            )
        }
    };
    let width =
        (8.0 + 14.0 + 6.0 + Text::new(Role::SMALL, &words).width(ui) + 8.0).min(picture.width() - 24.0);
    let rect = Rect::from_min_size(
        picture.left_bottom() + vec2(12.0, -36.0),
        vec2(width.round(), 24.0),
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

/// In place of the preview where the video cannot be opened. Whether to close it.
pub(super) fn failed_ui(ui: &mut Ui, rect: Rect, name: &str, failure: &Failure, commands: &Commands) -> bool {
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
        (sentence(&failure.text), t.text),
        (failure.advice.clone(), t.text2),
    ] {
        let words = Text::new(Role::BODY, &words).color(color).wrap();
        let height = words.galley(ui, width).size().y;
        let place = Rect::from_min_size(pos2(rect.center().x - width / 2.0, y), vec2(width, height));
        words.at(ui, place, Align2::CENTER_TOP);
        y += height + 8.0;
    }
    let choose = Button::secondary("Choose another file…");
    let close = Button::secondary("Close");
    let widths = (choose.width(ui), close.width(ui));
    let left = (rect.center().x - (widths.0 + 8.0 + widths.1) / 2.0).round();
    let place = Rect::from_min_size(pos2(left, y + 12.0), vec2(widths.0, 32.0));
    if choose.at(ui, place).clicked() {
        commands.send(Command::OpenFiles);
    }
    let place = Rect::from_min_size(pos2(place.right() + 8.0, place.top()), vec2(widths.1, 32.0));
    close.at(ui, place).clicked()
}
