//! Pictures in slots: letterboxed, filling, or not there yet.

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
    /// All of it, with bars.
    Contain,
    /// No bars; what is over is cut.
    Cover,
}

/// Where a picture of `size` lies in `slot`, and which part of it is seen.
pub fn fit(slot: Rect, size: Vec2, fit: Fit) -> (Rect, Rect) {
    let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    if size.x <= 0.0 || size.y <= 0.0 {
        return (slot, whole);
    }
    let (wide, high) = (slot.width() / size.x, slot.height() / size.y);
    match fit {
        Fit::Contain => (
            Rect::from_center_size(slot.center(), size * wide.min(high)),
            whole,
        ),
        Fit::Cover => {
            let seen = slot.size() / (size * wide.max(high));
            (slot, Rect::from_center_size(pos2(0.5, 0.5), seen))
        }
    }
}

/// A picture in `slot`, with bars of black where it does not fill it.
pub fn paint_picture(ui: &Ui, slot: Rect, radius: u8, texture: (TextureId, Vec2), how: Fit) {
    let corner = CornerRadius::same(radius);
    let (mut place, uv) = fit(slot, texture.1, how);
    if (slot.size() - place.size()).max_elem() < 1.5 {
        // A bar narrower than that would only look like a mistake.
        place = slot;
    }
    ui.painter().rect_filled(slot, corner, tokens(ui).picture);
    // Bars are square where the picture does not reach the slot's corners.
    let corner = if place.size() == slot.size() {
        corner
    } else {
        CornerRadius::ZERO
    };
    ui.painter()
        .add(RectShape::filled(place, corner, Color32::WHITE).with_texture(texture.0, uv));
}

/// A picture that is still to come: an outline of dashes.
pub fn dashed_slot(ui: &Ui, rect: Rect, radius: f32) {
    let line = Stroke::new(1.0, tokens(ui).border2);
    ui.painter()
        .extend(dashed_outline(rect, radius, line, [4.0, 3.0]));
}

/// Dashes inside the edge of a rounded rectangle; a dash and the gap behind it are so long, in points.
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

/// An icon over a sentence, in the middle of an empty slot.
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

/// The outline over a picture's slot, so that a dark picture has an edge.
pub fn outline(ui: &Ui, rect: Rect, radius: u8) {
    let line = Stroke::new(1.0, tokens(ui).border);
    ui.painter()
        .rect_stroke(rect, CornerRadius::same(radius), line, StrokeKind::Inside);
}
