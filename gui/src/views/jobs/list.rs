//! The list of jobs: filter, segments and rows. Only the rows on the screen are drawn.

use egui::{Frame, Margin, Separator, Ui, vec2};
use egui_extras::{Column, TableBuilder};
use posterframe_kit::theme::{Role, sizes, tokens};
use posterframe_kit::widgets::{Field, Segmented, Text};

use super::listing::Shown;
use super::{JobsView, filter_id, row};
use crate::context::ViewContext;

impl JobsView {
    /// Draws the list into the whole of `ui`, whose height must be fixed.
    pub(super) fn list_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let margin = Frame::NONE.inner_margin(Margin::symmetric(sizes::PANE as i8, 12));
        margin.show(ui, |ui| self.filter_ui(ui));
        ui.add(Separator::default().horizontal().spacing(1.0));
        if self.listing.len() > 0 {
            self.rows_ui(ui, ctx);
            return;
        }
        let text = match (self.query.trim().is_empty(), self.shown) {
            (false, _) => "No job of that name",
            (true, Shown::Active) => "Nothing is under way",
            (true, Shown::Failed) => "None has failed",
            (true, _) => "None at the moment",
        };
        ui.add_space(26.0);
        ui.vertical_centered(|ui| ui.add(Text::new(Role::SMALL, text).color(tokens(ui).text3)));
        ui.allocate_space(ui.available_size());
    }

    fn filter_ui(&mut self, ui: &mut Ui) {
        ui.add(Field::search(filter_id(), &mut self.query, "Filter by name").key("/"));
        ui.add_space(8.0);
        let counts = self.listing.counts();
        let mut segments = Shown::ALL.map(|shown| (shown.label(), None));
        for (segment, count) in segments.iter_mut().zip(counts) {
            segment.1 = Some(count);
        }
        let mut at = Shown::ALL
            .iter()
            .position(|shown| *shown == self.shown)
            .unwrap_or(0);
        let width = ui.available_width();
        if ui.add(Segmented::new(&mut at, &segments).width(width)).changed() {
            self.shown = Shown::ALL[at];
            self.reveal = true;
        }
    }

    fn rows_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>) {
        self.page = (ui.available_height() / row::SHORT).floor().max(1.0) as usize;
        let current = self.selection.current().and_then(|id| self.listing.row(id));
        let mut table = TableBuilder::new(ui)
            .column(Column::remainder().clip(true))
            .min_scrolled_height(0.0)
            .auto_shrink(false);
        if let Some(current) = current.filter(|_| std::mem::take(&mut self.reveal)) {
            table = table.scroll_to_row(current, None);
        }
        let mut clicked = None;
        table.body(|body| {
            let heights = self.listing.jobs().map(|job| row::height(job));
            body.heterogeneous_rows(heights, |mut line| {
                let index = line.index();
                let Some(job) = self.listing.job(index) else {
                    return;
                };
                let look = row::Look {
                    selected: self.selection.holds(job.id),
                    current: self.selection.is_many() && current == Some(index),
                };
                line.col(|ui| {
                    if row::row_ui(ui, job, ctx, &mut self.pictures, look) {
                        clicked = Some(job.id);
                    }
                });
            });
        });
        if let Some(id) = clicked {
            let modifiers = ui.input(|input| input.modifiers);
            self.selection.click(&self.listing, id, modifiers);
        }
    }
}
