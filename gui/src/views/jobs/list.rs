//! The list: filter, segments, rows. Only the rows on the screen are drawn.

use egui::{Align2, Rect, ScrollArea, Ui, pos2, vec2};
use posterframe_kit::theme::{Role, sizes, tokens};
use posterframe_kit::widgets::{Field, Segmented, Text, hline, put, within};

use super::listing::Shown;
use super::{JobsView, filter_id, row};
use crate::context::ViewContext;

/// Height of the filter and the segments with what is around them.
const HEAD: f32 = 97.0;

impl JobsView {
    pub(super) fn list_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) {
        let rect = ui.max_rect();
        let inner = rect.shrink2(vec2(sizes::PANE, 12.0));
        let field = Rect::from_min_size(inner.min, vec2(inner.width() - 1.0, sizes::CONTROL));
        Field::search(filter_id(), &mut self.query, "Filter by name")
            .key("/")
            .at(ui, field);
        let place = field.translate(vec2(0.0, 40.0));
        let counts = self.listing.counts();
        let mut segments = Shown::ALL.map(|shown| (shown.label(), None));
        for (segment, count) in segments.iter_mut().zip(counts) {
            segment.1 = Some(count);
        }
        let mut at = Shown::ALL
            .iter()
            .position(|shown| *shown == self.shown)
            .unwrap_or(0);
        if put(ui, place, Segmented::new(&mut at, &segments).width(place.width())).changed() {
            self.shown = Shown::ALL[at];
            self.reveal = true;
        }
        hline(ui, rect.x_range(), rect.top() + HEAD - 1.0);
        let rows = Rect::from_min_max(
            pos2(rect.left(), rect.top() + HEAD),
            pos2(rect.right() - 1.0, rect.bottom()),
        );
        if self.listing.len() == 0 {
            let words = match (self.query.trim().is_empty(), self.shown) {
                (false, _) => "No job of that name",
                (true, Shown::Active) => "Nothing is under way",
                (true, Shown::Failed) => "None has failed",
                (true, _) => "None at the moment",
            };
            let place = Rect::from_min_size(rows.min + vec2(0.0, 24.0), vec2(rows.width(), 20.0));
            Text::new(Role::SMALL, words)
                .color(tokens(ui).text3)
                .at(ui, place, Align2::CENTER_CENTER);
            return;
        }
        within(ui, rows, "rows", |ui| self.rows_ui(ui, ctx));
    }

    fn rows_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) {
        let reveal = std::mem::take(&mut self.reveal);
        ScrollArea::vertical()
            .auto_shrink(false)
            .show_viewport(ui, |ui, viewport| {
                ui.set_height(self.listing.height());
                let corner = ui.max_rect().min;
                let width = ui.max_rect().width();
                let place = |(top, bottom): (f32, f32)| {
                    Rect::from_min_size(corner + vec2(0.0, top), vec2(width, bottom - top))
                };
                let current = self.selection.current().and_then(|id| self.listing.row(id));
                if let Some(current) = current.filter(|_| reveal) {
                    ui.scroll_to_rect(place(self.listing.span(current)), None);
                }
                self.page = (viewport.height() / row::SHORT).floor().max(1.0) as usize;
                let mut clicked = None;
                for index in self.listing.rows_between(viewport.top(), viewport.bottom()) {
                    let Some(job) = self.listing.job(index) else {
                        continue;
                    };
                    let look = row::Look {
                        selected: self.selection.holds(job.id),
                        current: self.selection.is_many() && current == Some(index),
                    };
                    let rect = place(self.listing.span(index));
                    let pressed = within(ui, rect, job.id, |ui| {
                        row::row_ui(ui, job, ctx, &mut self.pictures, look)
                    });
                    if pressed {
                        clicked = Some(job.id);
                    }
                }
                if let Some(id) = clicked {
                    let modifiers = ui.input(|input| input.modifiers);
                    self.selection.click(&self.listing, id, modifiers);
                }
            });
    }
}
