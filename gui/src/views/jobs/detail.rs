//! One job in full: header, phases and facts, and below them its notice, log and result.

use std::sync::Arc;

use egui::{Frame, Margin, ScrollArea, Ui, vec2};
use egui_extras::{Size, StripBuilder};
use posterframe_client::{Job, Log};
use posterframe_kit::theme::sizes;
use posterframe_kit::widgets::Reveal as _;

use super::JobsView;
use super::facts::facts_ui;
use super::notice::Notice;
use super::phases::phases_ui;
use crate::context::ViewContext;

/// Width of the column with preview and result, in points.
const COLUMN: f32 = 252.0;
/// Gap before that column, in points.
const GAP: f32 = 20.0;
/// Smallest size, in points, with the result beside the log. A smaller detail is one page that scrolls.
const MIN_TWO_COLUMNS: egui::Vec2 = vec2(700.0, 480.0);
/// Smallest useful height of the log, in points.
const MIN_LOG_HEIGHT: f32 = 200.0;
/// Height of the result that a page shows below the log before it is scrolled, in points.
const PEEK: f32 = 48.0;
/// Largest width of preview and result below the log, in points.
const MAX_RESULT_WIDTH: f32 = 2.0 * COLUMN + GAP;

impl JobsView {
    /// Draws a job into the whole of `ui`, whose size must be fixed.
    pub(super) fn detail_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>, log: &Log) {
        let room = ui.available_size();
        if room.x < MIN_TWO_COLUMNS.x || room.y < MIN_TWO_COLUMNS.y {
            ScrollArea::vertical()
                .id_salt("detail")
                .auto_shrink(false)
                .show_revealing(ui, |ui| self.detail_page_ui(ui, ctx, job, log, room.y));
            return;
        }
        self.top_ui(ui, ctx, job, log);
        let detail = sizes::DETAIL as i8;
        let margin = Frame::NONE.inner_margin(Margin {
            left: detail,
            right: detail,
            top: 16,
            bottom: detail,
        });
        margin.show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            let columns = StripBuilder::new(ui)
                .size(Size::remainder())
                .size(Size::exact(COLUMN));
            columns.horizontal(|mut strip| {
                strip.cell(|ui| {
                    ui.spacing_mut().item_spacing.x = 8.0;
                    let height = ui.available_height();
                    ScrollArea::vertical()
                        .id_salt("notice and log")
                        .auto_shrink(false)
                        .show_revealing(ui, |ui| self.notice_and_log_ui(ui, ctx, job, log, height));
                });
                strip.cell(|ui| self.column_ui(ui, ctx, job));
            });
        });
    }

    /// Draws a job as a page that scrolls, in a view `height` points high, with the result below the log.
    pub(super) fn detail_page_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        job: &Arc<Job>,
        log: &Log,
        height: f32,
    ) {
        let before = ui.cursor().top();
        self.top_ui(ui, ctx, job, log);
        let left = height - (ui.cursor().top() - before);
        let margin = Frame::NONE.inner_margin(Margin::symmetric(sizes::DETAIL as i8, 16));
        margin.show(ui, |ui| {
            self.notice_and_log_ui(ui, ctx, job, log, left - GAP - PEEK);
            ui.add_space(GAP);
            ui.set_max_width(ui.available_width().min(MAX_RESULT_WIDTH));
            self.below_ui(ui, ctx, job);
            ui.add_space(8.0);
        });
    }

    /// The header, the phases and the main facts.
    fn top_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Arc<Job>, log: &Log) {
        let detail = sizes::DETAIL as i8;
        let margin = Frame::NONE.inner_margin(Margin {
            left: detail,
            right: detail,
            top: detail,
            bottom: 14,
        });
        margin.show(ui, |ui| {
            self.header_ui(ui, ctx, job, log);
            ui.add_space(22.0);
            phases_ui(ui, job, ctx.now);
        });
        facts_ui(ui, ctx, job);
    }

    /// The notice, if any, and the log, which takes the rest of `height`.
    fn notice_and_log_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        job: &Arc<Job>,
        log: &Log,
        height: f32,
    ) {
        let before = ui.cursor().top();
        if let Some(notice) = Notice::of(job, ctx.now) {
            self.notice_ui(ui, ctx, job, log, &notice);
            ui.add_space(16.0);
        }
        let left = height - (ui.cursor().top() - before);
        let size = vec2(ui.available_width(), left.max(MIN_LOG_HEIGHT));
        ui.allocate_ui(size, |ui| self.log.ui(ui, ctx, job, log));
    }
}
