//! Search, order, count, size, selecting.

use std::collections::BTreeSet;

use egui::{Align2, CornerRadius, CursorIcon, Key, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::Extent;
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{
    Button, Field, Text, focus_ring_inside, hline, icon, menu, menu_item, menu_line,
};

use super::arrange::{Grouping, Sort};
use super::{GalleryView, search_id};
use crate::context::{Command, ViewContext};

/// The widths of cards that the slider gives.
pub(super) const SIZES: std::ops::RangeInclusive<f32> = 120.0..=320.0;

impl GalleryView {
    pub(super) fn toolbar_ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>) {
        let t = tokens(ui);
        let rect = ui.max_rect();
        hline(ui, rect.x_range(), rect.bottom() - 1.0);
        let y = rect.top() + 12.0;
        let narrow = rect.width() < 780.0;
        let mut x = rect.left() + sizes::PANE;
        let mut place = |width: f32, gap: f32| {
            let place = Rect::from_min_size(pos2(x, y), vec2(width, sizes::CONTROL));
            x += width + gap;
            place
        };
        let field = place(if narrow { 180.0 } else { 260.0 }, 8.0);
        Field::search(search_id(), &mut self.wish.query, "Search thumbnails")
            .key("/")
            .at(ui, field);
        let sort = Button::secondary(self.wish.sort.label()).lead("Sort by").caret();
        let sort_place = place(sort.width(ui), 8.0);
        let sort = sort.at(ui, sort_place);
        menu(&sort, 168.0, |ui| {
            for order in Sort::ALL {
                let glyph = if order == self.wish.sort {
                    icons::CHECK
                } else {
                    ' '
                };
                if menu_item(ui, glyph, order.label(), "", false) {
                    self.wish.sort = order;
                }
            }
            menu_line(ui);
            for grouping in Grouping::ALL {
                let glyph = if grouping == self.wish.grouping {
                    icons::CHECK
                } else {
                    ' '
                };
                if menu_item(ui, glyph, grouping.label(), "", false) {
                    self.wish.grouping = grouping;
                }
            }
        });
        let refresh = Button::icon("Refresh", icons::ARROWS_CLOCKWISE).busy(self.refresh.is_pending());
        if refresh.at(ui, place(32.0, 12.0)).clicked() {
            self.ask(ui, ctx, Extent::All);
        }

        let mut right = rect.right() - sizes::PANE;
        let mut before = |width: f32, gap: f32| {
            let place = Rect::from_min_max(pos2(right - width, y), pos2(right, y + sizes::CONTROL));
            right -= width + gap;
            place
        };
        if let Some(count) = self.picked.as_ref().map(BTreeSet::len) {
            let done = Button::secondary("Done").tip("Stop selecting", &["Esc"]);
            if done.at(ui, before(done.width(ui), 8.0)).clicked() {
                self.picked = None;
            }
            let label = format!("Delete {count}");
            let delete = Button::danger(&label)
                .with_icon(icons::TRASH)
                .tip("Delete them", &["Del"])
                .enabled(count > 0);
            if delete.at(ui, before(delete.width(ui), 8.0)).clicked() {
                let chosen = self.chosen();
                self.delete(ctx, chosen);
            }
            let label = format!("Save {count}…");
            let save = Button::secondary(&label)
                .with_icon(icons::DOWNLOAD_SIMPLE)
                .tip("Save to a folder", &["Ctrl", "S"])
                .enabled(count > 0);
            if save.at(ui, before(save.width(ui), 8.0)).clicked() {
                ctx.commands.send(Command::SaveThumbnails(self.chosen()));
            }
            let all = Button::ghost("Select all").tip("Select all that are shown", &["Ctrl", "A"]);
            if all.at(ui, before(all.width(ui), 16.0)).clicked() {
                self.pick_all();
            }
        } else {
            let select = Button::secondary("Select").with_icon(icons::CHECK_SQUARE);
            if select.at(ui, before(select.width(ui), 24.0)).clicked() {
                self.picked = Some(BTreeSet::new());
            }
            if rect.width() > 640.0 {
                slider_ui(ui, before(162.0, 16.0), &mut ctx.preferences.gallery_size);
            }
        }
        let (words, color) = match self.error() {
            Some(error) => (error, t.red),
            None => (self.count(), t.text3),
        };
        let room = Rect::from_min_max(
            pos2(sort_place.right() + 52.0, y),
            pos2(right.max(x), y + sizes::CONTROL),
        );
        let words = Text::new(Role::SMALL, &words).color(color);
        // A count that is cut off says nothing; the start of an error does, and its tooltip the rest.
        if room.width() > 60.0 && (self.error().is_some() || words.width(ui) <= room.width()) {
            words.at(ui, room, Align2::LEFT_CENTER);
        }
    }

    fn count(&self) -> String {
        let (all, shown) = (self.listing.items.len(), self.arrangement.items.len());
        let plus = if self.listing.complete { "" } else { "+" };
        let noun = if all == 1 { "thumbnail" } else { "thumbnails" };
        if self.wish.query.trim().is_empty() {
            format!("{all}{plus} {noun}")
        } else {
            format!("{shown} of {all}{plus} {noun}")
        }
    }
}

/// The size of the cards, between a small and a large icon.
fn slider_ui(ui: &mut Ui, rect: Rect, size: &mut f32) {
    let t = tokens(ui);
    let y = rect.center().y;
    icon(
        ui.painter(),
        pos2(rect.left() + 8.0, y),
        icons::SQUARES_FOUR,
        Face::Icon,
        16.0,
        t.text3,
    );
    icon(
        ui.painter(),
        pos2(rect.right() - 9.0, y),
        icons::IMAGE,
        Face::Icon,
        18.0,
        t.text3,
    );
    let rail = Rect::from_min_max(
        pos2(rect.left() + 24.0, y - 1.5),
        pos2(rect.right() - 26.0, y + 1.5),
    );
    let id = ui.scope_id().with("size");
    let mut response = ui.interact(rail.expand2(vec2(6.0, 12.0)), id, Sense::click_and_drag());
    let (least, most) = (*SIZES.start(), *SIZES.end());
    let before = *size;
    if let Some(pointer) = response.interact_pointer_pos() {
        let part = ((pointer.x - rail.left()) / rail.width()).clamp(0.0, 1.0);
        *size = (least + part * (most - least)).round();
    }
    if response.has_focus() {
        let filter = egui::EventFilter {
            horizontal_arrows: true,
            ..egui::EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        let steps = ui.input(|input| {
            input.num_presses(Key::ArrowRight) as f32 - input.num_presses(Key::ArrowLeft) as f32
        });
        *size = (*size + 8.0 * steps).clamp(least, most);
    }
    if *size != before {
        response.mark_changed();
    }
    let value = f64::from(*size);
    response.widget_info(|| WidgetInfo::slider(true, value, "Size of the pictures"));
    let at = rail.left() + rail.width() * ((*size - least) / (most - least)).clamp(0.0, 1.0);
    let corner = CornerRadius::same(2);
    ui.painter().rect_filled(rail, corner, t.track);
    ui.painter().rect_filled(
        Rect::from_min_max(rail.min, pos2(at, rail.bottom())),
        corner,
        t.text3,
    );
    let knob = if ui.visuals().dark_mode { t.text } else { t.text2 };
    ui.painter().circle_filled(pos2(at, y), 6.0, knob);
    if response.has_focus() {
        focus_ring_inside(ui.painter(), t, rail.expand2(vec2(8.0, 10.0)));
    }
    response.on_hover_cursor(CursorIcon::ResizeHorizontal);
}
