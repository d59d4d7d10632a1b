//! The list: filter, segments, rows. Only the rows on the screen are drawn.

use std::sync::Arc;

use egui::{Align2, Rect, ScrollArea, Ui, pos2, vec2};
use posterframe_client::Job;

use super::{JobsView, Shown, filter_id, row};
use crate::theme::{Role, sizes, tokens};
use crate::views::ViewContext;
use crate::widgets::{Field, Text, hline, segmented, within};

/// Height of the filter and the segments with what is around them.
const HEAD: f32 = 97.0;

impl JobsView {
    pub(super) fn list_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        jobs: &[Arc<Job>],
        visible: &[Arc<Job>],
    ) {
        let rect = ui.max_rect();
        let inner = rect.shrink2(vec2(sizes::PANE, 12.0));
        let field = Rect::from_min_size(inner.min, vec2(inner.width() - 1.0, sizes::CONTROL));
        Field::search(filter_id(), &mut self.query, "Filter by name")
            .key("/")
            .at(ui, field);
        let place = field.translate(vec2(0.0, 40.0));
        let count = |shown: Shown| jobs.iter().filter(|job| shown.holds(job.state)).count();
        let segments = Shown::ALL.map(|shown| (shown.label(), Some(count(shown))));
        let at = Shown::ALL
            .iter()
            .position(|shown| *shown == self.shown)
            .unwrap_or(0);
        if let Some(clicked) = segmented(ui, place, &segments, at) {
            self.shown = Shown::ALL[clicked];
            self.reveal = true;
        }
        hline(ui, rect.x_range(), rect.top() + HEAD - 1.0);
        let rows = Rect::from_min_max(
            pos2(rect.left(), rect.top() + HEAD),
            pos2(rect.right() - 1.0, rect.bottom()),
        );
        if visible.is_empty() {
            let words = if self.query.is_empty() {
                "None at the moment"
            } else {
                "No job of that name"
            };
            let place = Rect::from_min_size(rows.min + vec2(0.0, 24.0), vec2(rows.width(), 20.0));
            Text::new(Role::SMALL, words)
                .color(tokens(ui).text3)
                .at(ui, place, Align2::CENTER_CENTER);
            return;
        }
        within(ui, rows, "rows", |ui| self.rows_ui(ui, ctx, visible));
    }

    fn rows_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, jobs: &[Arc<Job>]) {
        let tops: Vec<f32> = jobs
            .iter()
            .scan(0.0, |next, job| {
                let top = *next;
                *next += row::height(job);
                Some(top)
            })
            .collect();
        let total = tops
            .last()
            .zip(jobs.last())
            .map_or(0.0, |(top, job)| top + row::height(job));
        let reveal = std::mem::take(&mut self.reveal);
        ScrollArea::vertical()
            .auto_shrink(false)
            .show_viewport(ui, |ui, viewport| {
                ui.set_height(total);
                let corner = ui.max_rect().min;
                let width = ui.max_rect().width();
                let place = |index: usize| {
                    let top = corner + vec2(0.0, tops[index]);
                    Rect::from_min_size(top, vec2(width, row::height(&jobs[index])))
                };
                if let Some(index) = jobs
                    .iter()
                    .position(|job| Some(job.id) == self.selected)
                    .filter(|_| reveal)
                {
                    ui.scroll_to_rect(place(index), None);
                }
                let first = tops
                    .partition_point(|top| *top < viewport.top())
                    .saturating_sub(1);
                let last = tops.partition_point(|top| *top < viewport.bottom());
                for (index, job) in jobs.iter().enumerate().take(last).skip(first) {
                    let selected = Some(job.id) == self.selected;
                    let clicked = within(ui, place(index), job.id, |ui| {
                        row::row_ui(ui, job, ctx, &mut self.pictures, selected)
                    });
                    if clicked {
                        self.selected = Some(job.id);
                    }
                }
            });
    }
}
