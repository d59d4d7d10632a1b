//! One job: what it is and what can be done with it, its phases, its facts, and below them what there is to say of it,
//! its log and its result.

use std::sync::Arc;

use egui::{CornerRadius, Rect, ScrollArea, Ui, pos2, vec2};
use posterframe_client::{Job, Log};
use posterframe_kit::theme::{sizes, tokens};
use posterframe_kit::widgets::{hline, within};

use super::JobsView;
use super::facts::facts_ui;
use super::notice::Notice;
use super::phases::phases_ui;
use crate::context::ViewContext;

/// Where the facts begin, and where they end.
const FACTS: [f32; 2] = [154.0, 194.0];
/// Width of the column with preview and result.
const COLUMN: f32 = 252.0;
/// A log shorter than this is no use.
const SHORTEST_LOG: f32 = 200.0;

impl JobsView {
    pub(super) fn detail_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        job: &Arc<Job>,
        log: &Log,
        narrow: bool,
    ) {
        let rect = ui.max_rect();
        let x = (rect.left() + sizes::DETAIL)..=(rect.right() - sizes::DETAIL);
        let top = rect.top();
        self.header_ui(
            ui,
            ctx,
            job,
            log,
            Rect::from_x_y_ranges(x.clone(), top..=top + 64.0),
        );
        phases_ui(
            ui,
            job,
            ctx.now,
            Rect::from_x_y_ranges(x.clone(), top + 64.0..=top + FACTS[0]),
        );
        let band = Rect::from_x_y_ranges(rect.x_range(), top + FACTS[0]..=top + FACTS[1]);
        ui.painter()
            .rect_filled(band, CornerRadius::ZERO, tokens(ui).panel);
        hline(ui, rect.x_range(), band.top());
        hline(ui, rect.x_range(), band.bottom() - 1.0);
        facts_ui(ui, ctx, job, Rect::from_x_y_ranges(x.clone(), band.y_range()));

        let rest = Rect::from_x_y_ranges(x, band.bottom() + 16.0..=rect.bottom() - sizes::DETAIL);
        if narrow {
            let below = Rect::from_min_max(rest.min, pos2(rest.right() + sizes::DETAIL, rect.bottom()));
            within(ui, below, "stacked", |ui| {
                self.stacked_ui(ui, ctx, job, log, rest.size());
            });
        } else {
            let left = Rect::from_min_max(rest.min, pos2(rest.right() - COLUMN - 20.0, rest.bottom()));
            let right = Rect::from_min_max(pos2(rest.right() - COLUMN, rest.top()), rest.max);
            within(ui, left, "left", |ui| self.notice_and_log_ui(ui, ctx, job, log));
            within(ui, right, "right", |ui| self.column_ui(ui, ctx, job));
        }
    }

    /// What there is to say, if anything, above the log. They scroll together where the window is too low for both.
    fn notice_and_log_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>, log: &Log) {
        let rect = ui.max_rect();
        let notice = Notice::of(job, ctx.now);
        let card = notice
            .as_ref()
            .map_or(0.0, |notice| notice.height(ui, rect.width()));
        let gap = if card > 0.0 { 16.0 } else { 0.0 };
        let high = (rect.height() - card - gap).max(SHORTEST_LOG);
        ScrollArea::vertical()
            .id_salt("notice and log")
            .auto_shrink(false)
            .show(ui, |ui| {
                let (_, all) = ui.allocate_space(vec2(rect.width(), card + gap + high));
                if let Some(notice) = &notice {
                    let place = Rect::from_min_size(all.min, vec2(all.width(), card));
                    within(ui, place, "notice", |ui| {
                        self.notice_ui(ui, ctx, job, log, notice);
                    });
                }
                let place = Rect::from_min_max(pos2(all.left(), all.bottom() - high), all.max);
                within(ui, place, "log", |ui| self.log.ui(ui, ctx, job, log));
            });
    }

    /// Preview and result beside the log. They scroll where the window is too low.
    fn column_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>) {
        let room = ui.max_rect().size();
        let needed = super::result::column_height(ui, job);
        ScrollArea::vertical()
            .id_salt("column")
            .auto_shrink(false)
            .show(ui, |ui| {
                let (_, rect) = ui.allocate_space(vec2(room.x, room.y.max(needed)));
                self.result_ui(ui, ctx, job, rect);
            });
    }

    /// In a narrow window the results stand under the log, and all of it scrolls.
    fn stacked_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        job: &Arc<Job>,
        log: &Log,
        room: egui::Vec2,
    ) {
        let notice = Notice::of(job, ctx.now);
        let card = notice.as_ref().map_or(0.0, |notice| notice.height(ui, room.x));
        let gap = if card > 0.0 { 16.0 } else { 0.0 };
        let (high, result) = (room.y.max(260.0) - 24.0, super::result::height(job));
        ScrollArea::vertical()
            .id_salt("stacked")
            .auto_shrink(false)
            .show(ui, |ui| {
                let (_, all) =
                    ui.allocate_space(vec2(room.x, card + gap + high + 20.0 + result + sizes::DETAIL));
                if let Some(notice) = &notice {
                    let place = Rect::from_min_size(all.min, vec2(room.x, card));
                    within(ui, place, "notice", |ui| {
                        self.notice_ui(ui, ctx, job, log, notice);
                    });
                }
                let place = Rect::from_min_size(all.min + vec2(0.0, card + gap), vec2(room.x, high));
                within(ui, place, "log", |ui| self.log.ui(ui, ctx, job, log));
                let place = Rect::from_min_size(place.left_bottom() + vec2(0.0, 20.0), vec2(room.x, result));
                within(ui, place, "result", |ui| self.result_ui(ui, ctx, job, place));
            });
    }
}
