//! Grounds: cards, modals, lines.

use egui::{
    Align2, Color32, Context, CornerRadius, Frame, Id, Key, Modal, Rect, Stroke, StrokeKind, Ui, Vec2, pos2,
    vec2,
};

use super::{Button, Text, within};
use crate::theme::{Role, sizes, tokens, tokens_of};

/// The ground of a card.
pub fn card(ui: &Ui, rect: Rect, fill: Color32, line: Color32) {
    let corner = CornerRadius::same(sizes::RADIUS_CARD);
    ui.painter()
        .rect(rect, corner, fill, Stroke::new(1.0, line), StrokeKind::Inside);
}

/// A line of one pixel whose upper edge is at `y`.
pub fn hline(ui: &Ui, x: impl Into<egui::Rangef>, y: f32) {
    let rect = Rect::from_x_y_ranges(x, y..=y + 1.0);
    ui.painter()
        .rect_filled(rect, CornerRadius::ZERO, tokens(ui).border);
}

/// A line of one pixel whose left edge is at `x`.
pub fn vline(ui: &Ui, x: f32, y: impl Into<egui::Rangef>) {
    let rect = Rect::from_x_y_ranges(x..=x + 1.0, y);
    ui.painter()
        .rect_filled(rect, CornerRadius::ZERO, tokens(ui).border);
}

/// A modal of `size`; `content` gets its rectangle. `true` where Esc or a click beside it closes it.
pub fn modal<R>(ctx: &Context, id: Id, size: Vec2, content: impl FnOnce(&mut Ui, Rect) -> R) -> (R, bool) {
    let t = tokens_of(ctx);
    let size = size.min(ctx.content_rect().size() - Vec2::splat(32.0));
    let frame = Frame::NONE
        .fill(t.panel)
        .stroke(Stroke::new(1.0, t.border2))
        .corner_radius(sizes::RADIUS_MODAL)
        .shadow(ctx.global_style().visuals.window_shadow);
    let answer = Modal::new(id)
        .backdrop_color(t.scrim)
        .frame(frame)
        .show(ctx, |ui| {
            let (_, rect) = ui.allocate_space(size - Vec2::splat(2.0));
            within(ui, rect, "modal", |ui| content(ui, rect))
        });
    let close = answer.should_close();
    (answer.inner, close)
}

/// Asks before something is lost. `Some(true)` for yes, `Some(false)` for no, `None` while it stands.
pub fn confirm(ctx: &Context, id: Id, question: &str, detail: &str, yes: &str) -> Option<bool> {
    let font = Role::SMALL.font();
    let wide = |text: &str, role: Role| {
        ctx.fonts_mut(|fonts| fonts.layout_no_wrap(text.to_owned(), role.font(), Color32::PLACEHOLDER))
            .size()
            .x
    };
    let width = (wide(question, Role::CARD) + 34.0).clamp(320.0, 480.0);
    let rows = ctx
        .fonts_mut(|fonts| fonts.layout(detail.to_owned(), font, Color32::PLACEHOLDER, width - 34.0))
        .rows
        .len();
    let words_high = rows as f32 * Role::SMALL.line;
    let size = vec2(width, 16.0 + 20.0 + 4.0 + words_high + 16.0 + 32.0 + 16.0 + 2.0);
    let (answer, closed) = modal(ctx, id, size, |ui, rect| {
        let t = tokens(ui);
        let inner = rect.shrink2(vec2(16.0, 16.0));
        let title = Rect::from_min_size(inner.min, vec2(inner.width(), 20.0));
        Text::new(Role::CARD, question).at(ui, title, Align2::LEFT_CENTER);
        let words = Rect::from_min_size(inner.min + vec2(0.0, 24.0), vec2(inner.width(), words_high));
        Text::new(Role::SMALL, detail)
            .color(t.text2)
            .wrap()
            .at(ui, words, Align2::LEFT_TOP);
        let (yes, no) = (Button::danger(yes), Button::secondary("Cancel"));
        let right = Rect::from_min_max(
            pos2(inner.right() - yes.width(ui), inner.bottom() - 32.0),
            inner.max,
        );
        let left = right.left() - 8.0;
        let left = Rect::from_min_max(pos2(left - no.width(ui), right.top()), pos2(left, right.bottom()));
        // Cancel comes first in the order of Tab, and Enter is not bound: nothing is deleted by habit.
        if no.at(ui, left).clicked() {
            return Some(false);
        }
        yes.at(ui, right).clicked().then_some(true)
    });
    let escape = ctx.input(|input| input.key_pressed(Key::Escape));
    answer.or((closed || escape).then_some(false))
}
