//! Pictures in slots: letterboxed, cropped or missing.

use egui::epaint::RectShape;
use egui::{
    Align2, Color32, CornerRadius, Pos2, Rect, Shape, Stroke, StrokeKind, TextureId, Ui, Vec2, pos2, vec2,
};

use super::{Text, icon};
use crate::theme::icons::Icon;
use crate::theme::{Face, Role, tokens};

/// How a picture fills its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The whole picture is shown, with bars.
    Contain,
    /// The slot is filled, and the rest of the picture cropped.
    Cover,
}

/// The rectangle of a picture of `size` in `slot`, and its visible part as texture coordinates from 0 to 1.
pub fn fit(slot: Rect, size: Vec2, fit: Fit) -> (Rect, Rect) {
    let full_uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    if size.x <= 0.0 || size.y <= 0.0 {
        return (slot, full_uv);
    }
    let (wide, high) = (slot.width() / size.x, slot.height() / size.y);
    match fit {
        Fit::Contain => (
            Rect::from_center_size(slot.center(), size * wide.min(high)),
            full_uv,
        ),
        Fit::Cover => {
            let seen = slot.size() / (size * wide.max(high));
            (slot, Rect::from_center_size(pos2(0.5, 0.5), seen))
        }
    }
}

/// Paints a picture into `slot`, with black bars where it does not fill it.
pub fn paint_picture(ui: &Ui, slot: Rect, radius: u8, texture: (TextureId, Vec2), how: Fit) {
    let corner = CornerRadius::same(radius);
    let (mut rect, uv) = fit(slot, texture.1, how);
    if (slot.size() - rect.size()).max_elem() < 1.5 {
        // Thinner bars would look like a mistake, so the picture is stretched.
        rect = slot;
    }
    ui.painter().rect_filled(slot, corner, tokens(ui).picture);
    // Only a picture that reaches the slot's corners has round ones.
    let corner = if rect.size() == slot.size() {
        corner
    } else {
        CornerRadius::ZERO
    };
    ui.painter()
        .add(RectShape::filled(rect, corner, Color32::WHITE).with_texture(texture.0, uv));
}

/// The slot of a missing picture: a dashed outline.
pub fn dashed_slot(ui: &Ui, rect: Rect, radius: f32) {
    let line = Stroke::new(1.0, tokens(ui).border2);
    ui.painter()
        .extend(dashed_outline(rect, radius, line, [4.0, 3.0]));
}

/// A dashed outline inside a rounded rectangle. `dash` and `gap` are lengths in points.
pub fn dashed_outline(rect: Rect, radius: f32, line: Stroke, [dash, gap]: [f32; 2]) -> Vec<Shape> {
    let rect = rect.shrink(line.width / 2.0);
    let corners = [
        (rect.right_top(), -90.0_f32, vec2(-1.0, 1.0)),
        (rect.right_bottom(), 0.0, vec2(-1.0, -1.0)),
        (rect.left_bottom(), 90.0, vec2(1.0, -1.0)),
        (rect.left_top(), 180.0, vec2(1.0, 1.0)),
    ];
    let mut path = Vec::new();
    for (corner, start, inwards) in corners {
        let center = corner + inwards * radius;
        path.extend((0..=6_u8).map(|step| {
            let angle = (start + 15.0 * f32::from(step)).to_radians();
            center + radius * vec2(angle.cos(), angle.sin())
        }));
    }
    path.extend(path.first().copied());
    Shape::dashed_line(&path, line, dash, gap)
}

/// An icon above a sentence, centred in an empty slot.
pub fn slot_note(ui: &mut Ui, rect: Rect, glyph: Icon, words: &str) {
    let t = tokens(ui);
    icon(
        ui.painter(),
        rect.center() - vec2(0.0, 12.0),
        glyph,
        Face::Icon,
        20.0,
        t.text3,
    );
    let text = Rect::from_center_size(rect.center() + vec2(0.0, 14.0), vec2(rect.width() - 24.0, 16.0));
    Text::new(Role::SMALL, words)
        .color(t.text3)
        .at(ui, text, Align2::CENTER_CENTER);
}

/// The outline of a picture's slot, so that the edge of a dark picture can be seen.
pub fn outline(ui: &Ui, rect: Rect, radius: u8) {
    let line = Stroke::new(1.0, tokens(ui).border);
    ui.painter()
        .rect_stroke(rect, CornerRadius::same(radius), line, StrokeKind::Inside);
}
