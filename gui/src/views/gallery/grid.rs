//! The grid. Only the rows on the screen are drawn, and only their pictures are fetched.

use egui::{Align2, Rect, ScrollArea, Ui, pos2, vec2};
use posterframe_client::GalleryItem;

use super::{GalleryView, card, toolbar};
use crate::theme::{Role, sizes, tokens};
use crate::views::ViewContext;
use crate::widgets::{Button, Text, within};

const ACROSS: f32 = 12.0;
const DOWN: f32 = 16.0;

impl GalleryView {
    pub(super) fn grid_ui(&mut self, ui: &mut Ui, ctx: &mut ViewContext<'_>, items: &[GalleryItem]) {
        let rect = ui.max_rect();
        let wanted = ctx
            .preferences
            .gallery_size
            .clamp(*toolbar::SIZES.start(), *toolbar::SIZES.end());
        let inner = rect.width() - 2.0 * sizes::PANE;
        let columns = ((inner + ACROSS) / (wanted + ACROSS)).floor().max(1.0);
        // The cards share what is left over, so that the right edge is straight.
        let width = ((inner + ACROSS) / columns - ACROSS).floor();
        let columns = columns as usize;
        self.columns = columns;
        let height = card::height(width);
        let rows = items.len().div_ceil(columns);
        let more = self.shelf.next().is_some() || self.error.is_some();
        let total = sizes::PANE + rows as f32 * (height + DOWN) + if more { 64.0 } else { 0.0 };
        let reveal = std::mem::take(&mut self.reveal);
        if items.is_empty() {
            let place = Rect::from_min_size(rect.min + vec2(0.0, 48.0), vec2(rect.width(), 20.0));
            Text::new(Role::BODY, "No thumbnail of that name")
                .color(tokens(ui).text3)
                .at(ui, place, Align2::CENTER_CENTER);
        }
        ScrollArea::vertical()
            .auto_shrink(false)
            .show_viewport(ui, |ui, viewport| {
                ui.set_height(total);
                let corner = ui.max_rect().min + vec2(sizes::PANE, sizes::PANE);
                let place = |index: usize| {
                    let (row, column) = (index / columns, index % columns);
                    let offset = vec2(column as f32 * (width + ACROSS), row as f32 * (height + DOWN));
                    Rect::from_min_size(corner + offset, vec2(width, height))
                };
                if let Some(at) = items
                    .iter()
                    .position(|item| Some(&item.key) == self.open.as_ref())
                {
                    if reveal {
                        ui.scroll_to_rect(place(at).expand(DOWN), None);
                    }
                } else if reveal && self.open.is_some() {
                    // Its page is still to come.
                    self.reveal = self.page.is_pending();
                }
                let row_of = |y: f32| ((y - sizes::PANE) / (height + DOWN)).max(0.0);
                let first = row_of(viewport.top()) as usize * columns;
                let last = (row_of(viewport.bottom()) as usize + 1) * columns;
                for (index, item) in items.iter().enumerate().take(last).skip(first) {
                    within(ui, place(index), &item.key, |ui| {
                        self.card_ui(ui, ctx, item, items);
                    });
                }
                let y = corner.y + rows as f32 * (height + DOWN);
                let foot = Rect::from_min_size(pos2(corner.x, y), vec2(inner, 48.0));
                if more && viewport.bottom() > total - 64.0 - viewport.height() {
                    self.foot_ui(ui, ctx, foot);
                }
            });
    }

    /// The next page comes by itself; where it failed, there is a button.
    fn foot_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, rect: Rect) {
        let Some(error) = self.error.clone() else {
            self.ask_more(ui, ctx);
            Text::new(Role::SMALL, "Loading more…")
                .color(tokens(ui).text3)
                .at(ui, rect, Align2::CENTER_CENTER);
            return;
        };
        let button = Button::secondary("Try again").small();
        let width = button.width(ui);
        let place = Rect::from_center_size(
            pos2(rect.right() - width / 2.0, rect.center().y),
            vec2(width, 28.0),
        );
        if button.at(ui, place).clicked() {
            self.error = None;
            if self.shelf.next().is_some() {
                self.ask_more(ui, ctx);
            } else {
                self.ask(ui, ctx);
            }
        }
        let words = Rect::from_min_max(rect.min, pos2(place.left() - 12.0, rect.bottom()));
        Text::new(Role::SMALL, &error)
            .color(tokens(ui).red)
            .at(ui, words, Align2::LEFT_CENTER);
    }
}
