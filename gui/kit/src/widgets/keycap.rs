//! Keycaps: shortcuts drawn as keys.

use egui::{
    Align2, Color32, CornerRadius, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, Widget,
};

use super::Text;
use crate::theme::{Role, sizes, tokens};

const HEIGHT: f32 = 18.0;

/// Width of the keycap of `key`, in points.
pub fn keycap_width(ui: &Ui, key: &str) -> f32 {
    (Text::new(Role::PILL, key).width(ui) + 10.0).max(HEIGHT).round()
}

/// Paints a keycap whose right edge is centred at `right`. `colors` are its outline and letter, if not the default ones.
pub fn keycap(ui: &Ui, right: Pos2, key: &str, colors: Option<(Color32, Color32)>) -> Rect {
    let t = tokens(ui);
    let (line, letter) = colors.unwrap_or((t.border2, t.text2));
    let size = Vec2::new(keycap_width(ui, key), HEIGHT);
    let rect = Align2::RIGHT_CENTER.anchor_size(right, size);
    let corner = CornerRadius::same(sizes::RADIUS_SMALL);
    ui.painter()
        .rect_stroke(rect, corner, Stroke::new(1.0, line), StrokeKind::Inside);
    let galley = Text::new(Role::PILL, key).color(letter).galley(ui, size.x);
    ui.painter()
        .galley((rect.center() - galley.size() / 2.0).round(), galley, letter);
    rect
}

/// A keycap as a widget in the layout.
#[must_use]
pub struct Keycap<'a>(pub &'a str);

impl Widget for Keycap<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let size = Vec2::new(keycap_width(ui, self.0), HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        keycap(ui, rect.right_center(), self.0, None);
        response
    }
}
