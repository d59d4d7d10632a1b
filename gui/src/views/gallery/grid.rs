//! The grid of cards. Only the rows on the screen are drawn, and only their pictures are fetched.

use egui::{Key, Rect, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Empty, Glyph, Text, focus_ring_inside, row, within};
use time::OffsetDateTime;

use super::rows::{Measure, Row};
use super::{GalleryView, card, toolbar};
use crate::context::ViewContext;
use crate::format::age;
use crate::job_text;

/// Gap between the cards of a row, in points.
const COLUMN_GAP: f32 = 12.0;
/// Gap between rows, in points.
const ROW_GAP: f32 = 16.0;
/// Height of a group's heading with the space below it, in points.
const HEAD: f32 = 44.0;
/// Space below the last row, in points.
const FOOT: f32 = 8.0;

impl GalleryView {
    pub(super) fn grid_ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        let rect = ui.max_rect();
        let wanted = ctx
            .preferences
            .gallery_size
            .clamp(*toolbar::SIZES.start(), *toolbar::SIZES.end());
        let inner = rect.width() - 2.0 * sizes::PANE;
        let columns = ((inner + COLUMN_GAP) / (wanted + COLUMN_GAP)).floor().max(1.0);
        // The cards share the remaining width, so that the last column ends at the right edge.
        let width = ((inner + COLUMN_GAP) / columns - COLUMN_GAP).floor();
        let height = card::height(width);
        let measure = Measure {
            columns: columns as usize,
            card: height + ROW_GAP,
            head: HEAD,
        };
        self.rows.update(&self.arrangement, measure);
        if self.arrangement.items.is_empty() {
            let clear = Button::secondary("Show all").tip("Clear the search and the filter", &["Esc"]);
            let text = format!(
                "None of the {} thumbnails has that in its name, or is of that kind",
                self.listing.items.len()
            );
            let title = "No such thumbnail";
            let empty = Empty::new(icons::MAGNIFYING_GLASS, title, &text).button(clear);
            if ui.add(empty).clicked() {
                self.criteria.query.clear();
                self.criteria.kind = None;
            }
            return;
        }
        // A group's heading has its own space above.
        let above = if self.arrangement.groups.is_empty() {
            sizes::PANE
        } else {
            0.0
        };
        let total = above + self.rows.height + FOOT;
        let page = Self::page_keys(ui, rect.height() - measure.card);
        ScrollArea::vertical()
            .auto_shrink(false)
            .show_viewport(ui, |ui, viewport| {
                ui.set_height(total);
                let corner = ui.max_rect().min + vec2(sizes::PANE, above);
                if page != 0.0 {
                    ui.scroll_with_delta(vec2(0.0, -page));
                }
                self.scroll_to_open(ui, corner.y, rect, height);
                let top = viewport.top() - above;
                let visible = self.rows.between(top, top + viewport.height()).to_vec();
                for (y, row) in visible {
                    let y = corner.y + y;
                    match row {
                        Row::Head(group) => {
                            let cell = Rect::from_min_size(pos2(corner.x, y), vec2(inner, HEAD));
                            within(ui, cell, ("group", group), |ui| {
                                self.head_ui(ui, group, ctx.now);
                            });
                        }
                        Row::Cards(cards) => {
                            for (column, index) in cards.enumerate() {
                                let x = corner.x + column as f32 * (width + COLUMN_GAP);
                                let cell = Rect::from_min_size(pos2(x, y), vec2(width, height));
                                let item = self.arrangement.items[index].clone();
                                within(ui, cell, &item.key, |ui| self.card_ui(ui, ctx, &item));
                            }
                        }
                    }
                }
            });
    }

    fn head_ui(&mut self, ui: &mut Ui, index: usize, now: OffsetDateTime) {
        let t = tokens(ui);
        let group = &self.arrangement.groups[index];
        let is_closed = self.arrangement.is_closed(group);
        let response = ui.interact(ui.max_rect(), ui.scope_id().with("head"), Sense::click());
        let label = format!("{} {}", if is_closed { "Show" } else { "Hide" }, group.label);
        response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, !is_closed, &label));
        if response.has_focus() {
            focus_ring_inside(ui.painter(), t, ui.max_rect());
        }
        row(ui, HEAD, |ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let caret = if is_closed {
                icons::CARET_RIGHT
            } else {
                icons::CARET_DOWN
            };
            ui.add(Glyph::new(caret, 12.0, t.text3));
            let mut facts = Vec::new();
            if group.frames > 0 {
                facts.push(job_text::counted(group.frames, "frame"));
            }
            facts.push(job_text::counted(group.items.len(), "file"));
            facts.push(age(now, group.newest));
            let facts = facts.join(" · ");
            let facts = Text::new(Role::SMALL, &facts).color(t.text3);
            ui.scope(|ui| {
                ui.set_max_width((ui.available_width() - facts.width(ui) - 8.0).max(0.0));
                ui.add(Text::new(Role::STRONG, &group.label));
            });
            ui.add(facts);
        });
        if response.clicked() {
            self.arrangement.toggle(index);
        }
    }

    /// Scrolls to the open thumbnail, once. If it is not listed yet, as soon as its page has arrived.
    fn scroll_to_open(&mut self, ui: &Ui, top: f32, rect: Rect, height: f32) {
        let at = self.open.as_ref().and_then(|key| self.arrangement.at(key));
        if !self.reveal {
            return;
        }
        if let Some((y, _)) = at.and_then(|at| self.rows.position(at)) {
            let row = Rect::from_x_y_ranges(rect.x_range(), top + y..=top + y + height);
            ui.scroll_to_rect(row.expand(ROW_GAP), None);
            self.reveal = false;
        } else if self.open.is_none() || !self.refresh.is_pending() {
            self.reveal = false;
        }
    }

    /// Distance that Page Up and Page Down scroll in this frame, in points.
    fn page_keys(ui: &Ui, page: f32) -> f32 {
        if !posterframe_kit::widgets::shortcuts_apply(ui) || ui.memory(|memory| memory.focused().is_some()) {
            return 0.0;
        }
        ui.input(|input| {
            let presses = |key: Key| input.num_presses(key) as f32;
            page.max(0.0) * (presses(Key::PageDown) - presses(Key::PageUp))
        })
    }
}
