//! The small picture over the timeline, of the frame under a hovering pointer.

use egui::{Align2, LayerId, Order, Rect, Response, Stroke, StrokeKind, Ui, pos2, vec2};
use posterframe_kit::theme::{Role, Tokens};
use posterframe_kit::widgets::{Fit, between, fit};

use super::model::{OpenVideo, position_at};
use super::timeline::Scale;

/// The longer side of the picture.
const SIDE: f32 = 160.0;
/// The row with the time under it.
const ROW: f32 = 24.0;
const MARGIN: f32 = 4.0;

pub(super) fn ui(ui: &Ui, response: &Response, scale: &Scale, video: &mut OpenVideo, t: &Tokens) {
    let pointer = response
        .hover_pos()
        .filter(|pointer| !response.is_pointer_button_down_on() && scale.shows(pointer.x));
    let Some(pointer) = pointer else {
        return;
    };
    let strip = scale.strip;
    let x = between(pointer.x, strip.left(), strip.right()).round();
    ui.painter()
        .vline(x + 0.5, strip.y_range(), Stroke::new(1.0, t.strip_hover));

    // Where a click would lead: not rounded.
    let time = video.frame_time(scale.time(pointer.x));
    let side = (SIDE * ui.pixels_per_point()) as u32;
    video.want_hover(time, (side, side));
    let shape = video.display_size();
    let size = shape * (SIDE / shape.x.max(shape.y));
    let whole = vec2(size.x.max(132.0), size.y + ROW) + vec2(2.0 * MARGIN, MARGIN);
    // Over the view's other parts: there is no room in the timeline.
    let view = ui.ctx().content_rect();
    let left = between(x - whole.x / 2.0, view.left() + 4.0, view.right() - whole.x - 4.0);
    let rect = Rect::from_min_size(pos2(left.round(), (strip.top() - 8.0 - whole.y).round()), whole);
    let painter = ui
        .ctx()
        .layer_painter(LayerId::new(Order::Tooltip, ui.scope_id().with("hover")));
    painter.rect(rect, 6, t.raised, Stroke::new(1.0, t.border2), StrokeKind::Inside);
    let slot = Rect::from_min_size(
        pos2((rect.center().x - size.x / 2.0).round(), rect.top() + MARGIN),
        size,
    );
    painter.rect_filled(slot, 4, t.picture);
    if let Some(texture) = video.hover_picture(time) {
        let (place, uv) = fit(slot, texture.size_vec2(), Fit::Cover);
        painter.add(
            egui::epaint::RectShape::filled(place, 4, egui::Color32::WHITE).with_texture(texture.id(), uv),
        );
    }
    let row = Rect::from_min_max(pos2(rect.left(), slot.bottom()), rect.max);
    let words = video.shown(position_at(time));
    painter.text(
        row.center(),
        Align2::CENTER_CENTER,
        words,
        Role::MONO.font(),
        t.text,
    );
}
