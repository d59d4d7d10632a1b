//! Modals, popovers and separator lines.

use egui::{
    Align2, Area, Context, CornerRadius, Frame, Id, Key, Modal, Order, Pos2, Rect, ScrollArea, Sense, Stroke,
    Ui, Vec2, pos2, vec2,
};

use super::{Button, Reveal as _, Text, at_least, row_end, within};
use crate::theme::{Role, sizes, tokens, tokens_of};

/// Paints a horizontal line, one pixel high, with its upper edge at `y`.
pub fn hline(ui: &Ui, x: impl Into<egui::Rangef>, y: f32) {
    let rect = Rect::from_x_y_ranges(x, y..=y + 1.0);
    ui.painter()
        .rect_filled(rect, CornerRadius::ZERO, tokens(ui).border);
}

/// Adds a horizontal line, one point high, over the available width.
pub fn line_ui(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(ui.available_width().max(0.0), 1.0), Sense::hover());
    hline(ui, rect.x_range(), rect.top());
}

/// Paints a vertical line, one pixel wide, with its left edge at `x`.
pub fn vline(ui: &Ui, x: f32, y: impl Into<egui::Rangef>) {
    let rect = Rect::from_x_y_ranges(x..=x + 1.0, y);
    ui.painter()
        .rect_filled(rect, CornerRadius::ZERO, tokens(ui).border);
}

/// A modal of `size` points, filled by `content`, which scrolls in less than `least` of them. `true` if Esc or a click beside it asks to close it.
pub fn modal<R>(
    ctx: &Context,
    id: Id,
    (size, least): (Vec2, Vec2),
    content: impl FnOnce(&mut Ui) -> R,
) -> (R, bool) {
    let wanted = size - Vec2::splat(2.0);
    let size = size.min(ctx.content_rect().size() - Vec2::splat(32.0));
    let answer = modal_frame(ctx, id, |ui| {
        let (_, rect) = ui.allocate_space(size - Vec2::splat(2.0));
        within(ui, rect, "modal", |ui| at_least(ui, least.min(wanted), content))
    });
    let close = answer.should_close();
    (answer.inner, close)
}

fn modal_frame<R>(ctx: &Context, id: Id, content: impl FnOnce(&mut Ui) -> R) -> egui::ModalResponse<R> {
    let t = tokens_of(ctx);
    let frame = Frame::NONE
        .fill(t.panel)
        .stroke(Stroke::new(1.0, t.border2))
        .corner_radius(sizes::RADIUS_MODAL)
        .shadow(ctx.global_style().visuals.window_shadow);
    Modal::new(id)
        .backdrop_color(t.scrim)
        .frame(frame)
        .show(ctx, content)
}

/// A layer of its own over the view, which stays usable beside it: `width` points wide, less where the window is smaller,
/// with its corner `which` at `corner` as far as that fits. Its content scrolls where it needs more height.
pub fn popover<R>(
    ctx: &Context,
    id: Id,
    (corner, which, width): (Pos2, Align2, f32),
    content: impl FnOnce(&mut Ui) -> R,
) -> R {
    const EDGE: f32 = 8.0;
    let t = tokens_of(ctx);
    let screen = ctx.content_rect().shrink(EDGE);
    let width = width.min(screen.width());
    let high = ctx.data(|data| data.get_temp::<f32>(id)).unwrap_or_default();
    let wanted = which.anchor_size(corner, vec2(width, high)).min;
    let left = wanted.x.min(screen.right() - width).max(screen.left());
    let top = wanted.y.min(screen.bottom() - high).max(screen.top());
    let frame = Frame::NONE
        .fill(t.raised)
        .stroke(Stroke::new(1.0, t.border2))
        .corner_radius(sizes::RADIUS_CARD)
        .shadow(ctx.global_style().visuals.popup_shadow);
    let shown = Area::new(id)
        .order(Order::Foreground)
        .fixed_pos(pos2(left, top).round())
        .constrain(false)
        .show(ctx, |ui| {
            frame
                .show(ui, |ui| {
                    ui.set_width(width - 2.0);
                    ui.spacing_mut().item_spacing = Vec2::ZERO;
                    ScrollArea::vertical()
                        .max_height(screen.height() - 2.0)
                        .min_scrolled_height(screen.height() - 2.0)
                        .show_revealing(ui, content)
                        .inner
                })
                .inner
        });
    // The height is known once it was drawn; where it moves it, the next frame shows that at once.
    let now = shown.response.rect.height();
    if (now - high).abs() > 0.5 {
        ctx.data_mut(|data| data.insert_temp(id, now));
        ctx.request_repaint();
    }
    shown.inner
}

/// A question before something is lost. `Some(true)` for yes, `Some(false)` for no, `None` while it is open.
pub fn confirm(ctx: &Context, id: Id, question: &str, detail: &str, yes: &str) -> Option<bool> {
    let answer = modal_frame(ctx, id, |ui| {
        let t = tokens(ui);
        let question = Text::new(Role::CARD, question).wrap();
        let widest = (ctx.content_rect().width() - 64.0).min(446.0);
        let width = question.width(ui).clamp(286.0_f32.min(widest), widest);
        let margin = Frame::NONE.inner_margin(16.0);
        let inside = margin.show(ui, |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.add(question);
            ui.add(Text::new(Role::SMALL, detail).color(t.text2).wrap());
            ui.add_space(12.0);
            // Cancel is first in Tab order, and Enter has no effect, so that nothing is deleted by habit.
            ui.horizontal(|ui| {
                let [no, yes] = row_end(ui, [Button::secondary("Cancel"), Button::danger(yes)]);
                if no.clicked() {
                    return Some(false);
                }
                yes.clicked().then_some(true)
            })
        });
        inside.inner.inner
    });
    let escape = ctx.input(|input| input.key_pressed(Key::Escape));
    let closed = answer.should_close();
    answer.inner.or((closed || escape).then_some(false))
}
