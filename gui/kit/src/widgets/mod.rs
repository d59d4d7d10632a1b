//! The controls that all views are made of, in every state that the design gives them.
//!
//! Each is a [`Widget`](egui::Widget) drawn with [`crate::theme`]'s tokens, can be reached with Tab, and carries a label for
//! screen readers and tests. What is painted over a picture or a timeline has a place of its own (`at`).

mod button;
mod copyable;
mod empty;
mod field;
mod frames;
mod keycap;
mod menu;
mod picture;
mod row;
mod segmented;
mod status;
mod switch;
mod text;
mod toast;
mod tooltip;

pub use button::{Button, Height};
pub use copyable::Copyable;
pub use empty::Empty;
pub use field::{Field, take_find};
pub use frames::{confirm, hline, line_ui, modal, vline};
pub use keycap::{Keycap, keycap, keycap_width};
pub use menu::{context_menu, menu, menu_check, menu_item, menu_line, menu_that_stays};
pub use picture::{Fit, dashed_outline, dashed_slot, fit, outline, paint_picture, slot_note};
pub use row::{list_row, row, row_end, row_end_width, row_middle, row_start};
pub use segmented::{Segment, Segmented};
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

/// Draws `content` in `rect`, apart from the layout around it.
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

/// Adds a widget in `rect`, apart from the layout around it.
pub fn put(ui: &mut Ui, rect: Rect, widget: impl egui::Widget) -> egui::Response {
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    child.add(widget)
}

/// Gives `content` all the room there is, and at least `least`: where there is less, it scrolls.
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

/// `value`, but neither below `least` nor above `most`. `f32::clamp` panics where these change places, and what a narrow
/// window leaves between two edges may be less than nothing: there it is `least`, so that the start can be seen.
pub const fn between(value: f32, least: f32, most: f32) -> f32 {
    value.min(most).max(least)
}

/// For how long something is brought into sight, in seconds, and in how many frames at least: what scrolls inside something
/// else that scrolls gets there in several steps.
const REVEAL: (f64, u32) = (0.5, 10);
/// Areas that scroll and lie in each other, at most: they take turns, so that two do not move for the same lack.
const NESTED: u64 = 3;

/// What is being brought into sight.
#[derive(Clone, Copy)]
struct Revealed {
    /// `None` for what has the focus.
    node: Option<NodeId>,
    until: f64,
    /// The frame that it was last worked on, how many that makes, and how many areas have ended in it.
    frame: u64,
    frames: u32,
    areas: u64,
}

impl Revealed {
    fn id() -> Id {
        Id::unique("revealed")
    }

    /// Notes what is to be revealed from now on. Before any control is added: each takes what is asked of it.
    fn note(ui: &Ui) {
        let asked = ui.input(|input| {
            let tab = input.key_pressed(egui::Key::Tab).then_some(None);
            let asked = input.events.iter().rev().find_map(|event| match event {
                egui::Event::AccessKitActionRequest(request) => {
                    (request.action == Action::ScrollIntoView).then_some(Some(request.target_node))
                }
                _ => None,
            });
            let until = input.time + REVEAL.0;
            asked.or(tab).map(|node| Self {
                node,
                until,
                frame: 0,
                frames: 0,
                areas: 0,
            })
        });
        if let Some(asked) = asked {
            ui.data_mut(|data| data.insert_temp(Self::id(), asked));
        }
    }
}

/// What scrolls, and brings what Tab leads to into sight.
pub trait Reveal {
    /// [`egui::ScrollArea::show`]. What is focused or asked for in it is scrolled to, inside [`at_least`].
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

/// At the end of what scrolls inside [`at_least`]: brings what Tab has just led to into sight, which egui leaves where it is,
/// and what a screen reader asks for, which egui brings into sight of the innermost thing that scrolls alone.
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
    let has_turn = frame % NESTED == revealed.areas % NESTED;
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

/// Whether shortcuts of the views apply: nobody types, and nothing lies over the view.
pub fn shortcuts_apply(ui: &Ui) -> bool {
    !ui.ctx().text_edit_focused()
        && !egui::Popup::is_any_open(ui.ctx())
        && ui.ctx().memory(|memory| {
            memory
                .top_modal_layer()
                .is_none_or(|layer| layer == ui.layer_id())
        })
}

/// The width of a control that would be `wanted` wide: all there is in a justified layout, else no more than there is. Below
/// `least` it would be no control any more.
fn room_for(ui: &Ui, wanted: f32, least: f32) -> f32 {
    // A layout that wraps gives the next row to what does not fit into this one.
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

/// The ring around what has the keyboard's focus.
pub fn focus_ring(painter: &Painter, t: &Tokens, rect: Rect, radius: u8) {
    let corner = CornerRadius::same(radius + 4);
    painter.rect_stroke(
        rect.expand(4.0),
        corner,
        Stroke::new(2.0, t.accent_line),
        StrokeKind::Inside,
    );
}

/// The ring inside what has the keyboard's focus and no room around it, such as a row.
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

    // Breaks if a window without room for something ends the program.
    #[test]
    fn no_room_is_no_end() {
        assert_eq!(between(5.0, 0.0, 10.0), 5.0);
        assert_eq!((between(-5.0, 0.0, 10.0), between(15.0, 0.0, 10.0)), (0.0, 10.0));
        assert_eq!(between(5.0, 4.0, -20.0), 4.0);
        assert_eq!(between(f32::NAN, 4.0, 8.0), 8.0);
    }
}
