//! The controls of all views, in all states of the design.
//!
//! Each is a [`Widget`](egui::Widget) drawn with [`crate::theme`]'s tokens, can be reached with Tab, and has a label for
//! screen readers and tests. Controls over a picture or a timeline are placed with `at`, outside the layout.

mod button;
mod choice;
mod copyable;
mod empty;
mod field;
mod frames;
mod inline;
mod keycap;
mod menu;
mod picture;
mod row;
mod segmented;
mod slider;
mod status;
mod switch;
mod text;
mod toast;
mod tooltip;

pub use button::{Button, Height, Side};
pub use choice::Choice;
pub use copyable::Copyable;
pub use empty::Empty;
pub use field::{Field, pasted, take_find};
pub use frames::{confirm, hline, line_ui, modal, popover, vline};
pub use inline::InlineButton;
pub use keycap::{Keycap, keycap, keycap_width};
pub use menu::{context_menu, menu, menu_check, menu_item, menu_line, menu_that_stays};
pub use picture::{Fit, dashed_outline, dashed_slot, fit, outline, paint_picture, slot_note};
pub use row::{list_row, row, row_end, row_end_width, row_middle, row_start};
pub use segmented::{Segment, Segmented};
pub use slider::Slider;
pub use status::{Pill, Progress, Strip, Tone};
pub use switch::{Switch, paint_checkbox, paint_switch};
pub use text::{Glyph, Text, icon, lengthen_texts};
pub use toast::{ToastAnswer, toast_ui};
pub use tooltip::tip;

use egui::accesskit::{Action, NodeId};
use egui::containers::scroll_area::ScrollAreaOutput;
use egui::style::ScrollAnimation;
use egui::{CornerRadius, Id, Painter, Rect, ScrollArea, Stroke, StrokeKind, Ui, UiBuilder, Vec2};

use crate::theme::{Tokens, sizes};

/// Draws `content` in `rect`, outside the surrounding layout.
pub fn within<R>(
    ui: &mut Ui,
    rect: Rect,
    salt: impl egui::AsIdSalt,
    content: impl FnOnce(&mut Ui) -> R,
) -> R {
    let builder = UiBuilder::new().id_salt(salt).max_rect(rect);
    let mut child = ui.new_child(builder);
    content(&mut child)
}

/// Adds a widget in `rect`, outside the surrounding layout.
pub fn put(ui: &mut Ui, rect: Rect, widget: impl egui::Widget) -> egui::Response {
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    child.add(widget)
}

/// Gives `content` the available size, and at least `least` points: with less room, it scrolls.
pub fn at_least<R>(ui: &mut Ui, least: Vec2, content: impl FnOnce(&mut Ui) -> R) -> R {
    Revealed::note(ui);
    let room = ui.available_size();
    let scrolls = [room.x < least.x, room.y < least.y];
    if scrolls == [false, false] {
        return content(ui);
    }
    let area = ScrollArea::new(scrolls).auto_shrink(false);
    let scrolled = area.show_revealing(ui, |ui| {
        let (_, rect) = ui.allocate_space(room.max(least));
        within(ui, rect, "at least", content)
    });
    scrolled.inner
}

/// `value`, limited to the range from `least` to `most`. If `most` is smaller than `least`, which a narrow window may
/// cause, the result is `least`, so that the start can be seen; `f32::clamp` would panic.
pub const fn between(value: f32, least: f32, most: f32) -> f32 {
    value.min(most).max(least)
}

/// Seconds and smallest number of frames during which a control is scrolled into view. Nested scroll areas need several
/// frames.
const REVEAL: (f64, u32) = (0.5, 10);
/// Most nested scroll areas. They scroll in turns, so that two do not scroll for the same distance.
const MAX_NESTED: u64 = 3;

/// The control that is being scrolled into view.
#[derive(Clone, Copy)]
struct Revealed {
    /// `None` is the focused control.
    node: Option<NodeId>,
    until: f64,
    /// Number of the last frame that scrolled, the count of such frames, and the scroll areas that ended in it.
    frame: u64,
    frames: u32,
    areas: u64,
}

impl Revealed {
    fn id() -> Id {
        Id::unique("revealed")
    }

    /// Notes the control to scroll to. This must run before any control is added, since each consumes the requests to it.
    fn note(ui: &Ui) {
        let requested = ui.input(|input| {
            let tab = input.key_pressed(egui::Key::Tab).then_some(None);
            let requested = input.events.iter().rev().find_map(|event| match event {
                egui::Event::AccessKitActionRequest(request) => {
                    (request.action == Action::ScrollIntoView).then_some(Some(request.target_node))
                }
                _ => None,
            });
            let until = input.time + REVEAL.0;
            requested.or(tab).map(|node| Self {
                node,
                until,
                frame: 0,
                frames: 0,
                areas: 0,
            })
        });
        if let Some(requested) = requested {
            ui.data_mut(|data| data.insert_temp(Self::id(), requested));
        }
    }
}

/// Scroll areas that follow the focus.
pub trait Reveal {
    /// Like [`egui::ScrollArea::show`], but scrolls to the focused control, and to one that a screen reader asks for. It
    /// works inside [`at_least`] too.
    fn show_revealing<R>(self, ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> ScrollAreaOutput<R>;
}

impl Reveal for ScrollArea {
    fn show_revealing<R>(self, ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> ScrollAreaOutput<R> {
        self.show(ui, |ui| {
            let shown = content(ui);
            scroll_to_focus(ui);
            shown
        })
    }
}

/// Scrolls to the control that Tab has just focused, and to one that a screen reader asks for. egui does not scroll to the
/// first, and to the second only in the innermost scroll area. Called at the end of a scroll area's content.
fn scroll_to_focus(ui: &Ui) {
    let id = Revealed::id();
    let Some(mut revealed) = ui.data(|data| data.get_temp::<Revealed>(id)) else {
        return;
    };
    if revealed.frames > REVEAL.1 && ui.input(|input| input.time) > revealed.until {
        ui.data_mut(|data| data.remove::<Revealed>(id));
        return;
    }
    let frame = ui.ctx().cumulative_frame_nr();
    if frame != revealed.frame {
        revealed = Revealed {
            frame,
            frames: revealed.frames + 1,
            areas: 0,
            ..revealed
        };
    }
    let has_turn = frame % MAX_NESTED == revealed.areas % MAX_NESTED;
    revealed.areas += 1;
    ui.data_mut(|data| data.insert_temp(id, revealed));
    ui.request_repaint();
    if !has_turn {
        return;
    }
    let wanted = match revealed.node {
        None => ui.memory(egui::Memory::focused),
        Some(node) => ui.ctx().viewport(|viewport| {
            let mut layers = viewport.prev_pass.widgets.layers();
            let is_it = |widget: &&egui::WidgetRect| widget.id.accesskit_id() == node;
            layers.find_map(|(_, widgets)| widgets.iter().find(is_it).map(|widget| widget.id))
        }),
    };
    if let Some(response) = wanted.and_then(|wanted| ui.ctx().read_response(wanted))
        && response.layer_id == ui.layer_id()
        && ui.min_rect().contains_rect(response.rect)
    {
        response.scroll_to_me_animation(None, ScrollAnimation::none());
    }
}

/// Whether shortcuts of views apply: no field has the focus, and neither a modal nor a menu is open.
pub fn shortcuts_apply(ui: &Ui) -> bool {
    !ui.ctx().text_edit_focused()
        && !egui::Popup::is_any_open(ui.ctx())
        && ui.ctx().memory(|memory| {
            memory
                .top_modal_layer()
                .is_none_or(|layer| layer == ui.layer_id())
        })
}

/// The width of a control whose natural width is `wanted`, in points: the available width in a justified layout, and
/// otherwise at most that. It is at least `least`.
fn room_for(ui: &Ui, wanted: f32, least: f32) -> f32 {
    // A wrapping layout moves a control that does not fit into the next row.
    let room = if ui.layout().main_wrap() {
        ui.max_rect().width()
    } else {
        ui.available_width()
    };
    if ui.layout().horizontal_justify() {
        room.max(least)
    } else {
        wanted.min(room.max(least))
    }
}

/// The focus ring around a control.
pub fn focus_ring(painter: &Painter, t: &Tokens, rect: Rect, radius: u8) {
    let corner = CornerRadius::same(radius + 4);
    painter.rect_stroke(
        rect.expand(4.0),
        corner,
        Stroke::new(2.0, t.accent_line),
        StrokeKind::Inside,
    );
}

/// The focus ring inside a control without space around it, such as a row.
pub fn focus_ring_inside(painter: &Painter, t: &Tokens, rect: Rect) {
    let corner = CornerRadius::same(sizes::RADIUS_SMALL);
    painter.rect_stroke(
        rect.shrink(1.0),
        corner,
        Stroke::new(2.0, t.accent_line),
        StrokeKind::Inside,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a window that is too small causes a panic.
    #[test]
    fn no_room_is_no_end() {
        assert_eq!(between(5.0, 0.0, 10.0), 5.0);
        assert_eq!((between(-5.0, 0.0, 10.0), between(15.0, 0.0, 10.0)), (0.0, 10.0));
        assert_eq!(between(5.0, 4.0, -20.0), 4.0);
        assert_eq!(between(f32::NAN, 4.0, 8.0), 8.0);
    }
}
