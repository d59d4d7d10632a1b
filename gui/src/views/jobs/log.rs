//! A job's log: searched, followed, copied. Only the lines on the screen are drawn.

use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, CornerRadius, Galley, Id, Label, Rect, ScrollArea, TextFormat, Ui, pos2, vec2};
use posterframe_client::{Job, LogLevel, LogLine, LogSource};
use posterframe_contract::JobId;

use super::words;
use crate::format;
use crate::theme::icons;
use crate::theme::{Role, Tokens, sizes, tokens};
use crate::views::{Command, ViewContext};
use crate::widgets::{Button, Field, Text, card, hline, within};

const HEAD: f32 = 44.0;
const ROW: f32 = 18.0;
/// Left edges of source, level and message. In a narrow window the source is left out.
const COLUMNS: [f32; 3] = [92.0, 196.0, 240.0];
const NARROW: f32 = 420.0;

/// The log of the job that is selected.
#[derive(Default)]
pub(super) struct LogPanel {
    query: String,
    /// Stay at the newest line.
    follow: bool,
    /// Go to the newest line in the next frame.
    jump: bool,
    laid_out: LaidOut,
}

/// How high each line is, kept from frame to frame: a log only grows.
#[derive(Default)]
struct LaidOut {
    job: Option<JobId>,
    width: f32,
    query: String,
    lines: Arc<Vec<LogLine>>,
    /// Indices of the lines that the search leaves.
    shown: Vec<usize>,
    /// Where each of them begins, and where the last one ends.
    tops: Vec<f32>,
}

impl LaidOut {
    fn update(&mut self, ui: &Ui, job: JobId, lines: &Arc<Vec<LogLine>>, query: &str, width: f32) {
        let same =
            self.job == Some(job) && self.width == width && self.query == query && !self.tops.is_empty();
        if same && Arc::ptr_eq(&self.lines, lines) {
            return;
        }
        let known = self.lines.len();
        let grown = same && lines.len() >= known && lines[..known] == self.lines[..];
        let from = if grown { known } else { 0 };
        if !grown {
            self.shown.clear();
            self.tops = vec![0.0];
        }
        for (index, line) in lines.iter().enumerate().skip(from) {
            if matches(line, query) {
                let top = self.tops.last().copied().unwrap_or(0.0);
                self.shown.push(index);
                self.tops
                    .push(top + message(ui, line, query, width).size().y.max(ROW));
            }
        }
        (self.job, self.width) = (Some(job), width);
        query.clone_into(&mut self.query);
        self.lines = lines.clone();
    }
}

impl LogPanel {
    pub(super) fn ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, lines: &Arc<Vec<LogLine>>) {
        let t = tokens(ui);
        let rect = ui.max_rect();
        if self.laid_out.job != Some(job.id) {
            self.query.clear();
            self.follow = !job.state.is_ended();
            self.jump = self.follow;
        }
        card(ui, rect, t.canvas, t.border);
        let body = Rect::from_min_max(
            pos2(rect.left() + 1.0, rect.top() + HEAD),
            rect.max - vec2(1.0, 1.0),
        );
        let width = body.width() - 24.0 - columns(body.width())[2];
        let query = self.query.trim().to_lowercase();
        self.laid_out.update(ui, job.id, lines, &query, width.max(80.0));
        let head = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + HEAD));
        within(ui, head, "head", |ui| self.head_ui(ui, ctx, lines));
        if self.laid_out.shown.is_empty() {
            let words = match (query.is_empty(), job.state.is_ended()) {
                (false, _) => "No line has this text",
                (true, false) => "Nothing has been logged yet",
                (true, true) => "Nothing was logged",
            };
            let place = Rect::from_min_size(body.min + vec2(0.0, 24.0), vec2(body.width(), 16.0));
            Text::new(Role::SMALL, words)
                .color(t.text3)
                .at(ui, place, Align2::CENTER_CENTER);
            return;
        }
        within(ui, body, ("lines", job.id), |ui| self.lines_ui(ui, job));
    }

    fn head_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, lines: &Arc<Vec<LogLine>>) {
        let t = tokens(ui);
        let rect = ui.max_rect();
        let corner = CornerRadius {
            nw: sizes::RADIUS_CARD,
            ne: sizes::RADIUS_CARD,
            sw: 0,
            se: 0,
        };
        ui.painter().rect_filled(rect.shrink(1.0), corner, t.panel);
        hline(
            ui,
            (rect.left() + 1.0)..=(rect.right() - 1.0),
            rect.bottom() - 1.0,
        );
        let y = rect.center().y;
        let place = Rect::from_min_max(pos2(rect.left() + 13.0, y - 9.0), pos2(rect.right(), y + 9.0));
        let left = Text::new(Role::TITLE, "Log")
            .at(ui, place, Align2::LEFT_CENTER)
            .rect
            .right()
            + 8.0;

        let copy = Button::ghost("Copy")
            .with_icon(icons::COPY)
            .small()
            .enabled(!lines.is_empty());
        let follow = Button::secondary("Follow")
            .small()
            .switch(self.follow)
            .tip("Stay at the newest line", &[]);
        let mut right = rect.right() - 9.0;
        let mut before = |width: f32| {
            let place = Rect::from_min_max(pos2(right - width, y - 14.0), pos2(right, y + 14.0));
            right = place.left() - 8.0;
            place
        };
        let (at_copy, at_follow) = (before(copy.width(ui)), before(follow.width(ui)));
        let field = before(168.0_f32.min((at_follow.left() - left - 90.0).max(72.0)));
        Field::search(Id::unique("log search"), &mut self.query, "Search log")
            .small()
            .at(ui, field);
        if follow.at(ui, at_follow).clicked() {
            self.follow = !self.follow;
            self.jump = self.follow;
        }
        if copy.at(ui, at_copy).clicked() {
            let shown = self.laid_out.shown.iter().filter_map(|index| lines.get(*index));
            ctx.commands.send(Command::CopyText(words::log_text(shown)));
        }
        let count = |n: usize| {
            if n == 1 {
                "1 line".to_owned()
            } else {
                format!("{n} lines")
            }
        };
        let words = if self.query.trim().is_empty() {
            count(lines.len())
        } else {
            format!("{} of {}", self.laid_out.shown.len(), count(lines.len()))
        };
        let place = Rect::from_min_max(pos2(left, y - 8.0), pos2((field.left() - 8.0).max(left), y + 8.0));
        Text::new(Role::SMALL, &words)
            .color(t.text3)
            .at(ui, place, Align2::LEFT_CENTER);
    }

    fn lines_ui(&mut self, ui: &mut Ui, job: &Job) {
        let view = ui.max_rect().height();
        let note = note(job, &self.laid_out.lines);
        let end = self.laid_out.tops.last().copied().unwrap_or(0.0);
        let total = 8.0 + end + 8.0 + if note.is_some() { 22.0 } else { 0.0 };
        let mut area = ScrollArea::vertical()
            .auto_shrink(false)
            .stick_to_bottom(self.follow);
        if std::mem::take(&mut self.jump) {
            area = area.vertical_scroll_offset((total - view).max(0.0));
        }
        let answer = area.show_viewport(ui, |ui, viewport| {
            ui.set_height(total);
            let corner = ui.max_rect().min + vec2(0.0, 8.0);
            let width = ui.max_rect().width();
            let tops = &self.laid_out.tops;
            let first = tops
                .partition_point(|top| top + 8.0 < viewport.top())
                .saturating_sub(1);
            let last = tops
                .partition_point(|top| top + 8.0 < viewport.bottom())
                .min(self.laid_out.shown.len());
            for index in first..last {
                let line = &self.laid_out.lines[self.laid_out.shown[index]];
                let place = Rect::from_min_size(
                    corner + vec2(0.0, tops[index]),
                    vec2(width, tops[index + 1] - tops[index]),
                );
                within(ui, place, index, |ui| {
                    line_ui(ui, line, &self.laid_out.query, self.laid_out.width);
                });
            }
            if let Some(note) = note {
                let place = Rect::from_min_size(corner + vec2(12.0, end + 4.0), vec2(width - 24.0, 18.0));
                Text::new(Role::SMALL, note)
                    .color(tokens(ui).text3)
                    .at(ui, place, Align2::LEFT_CENTER);
            }
        });
        // Scrolling up stops following; coming back to the end goes on with it.
        let scrolled =
            ui.input(|input| input.smooth_scroll_delta().y != 0.0 || input.pointer.is_decidedly_dragging());
        if scrolled && total > view && ui.rect_contains_pointer(ui.max_rect()) {
            self.follow = answer.state.clamped_offset().y + view >= total - 4.0;
        }
    }
}

/// What the log itself cannot say.
fn note(job: &Job, lines: &[LogLine]) -> Option<&'static str> {
    let silent = !lines.iter().any(|line| line.source == LogSource::Worker);
    (job.failure.is_some() && job.task.is_some() && silent)
        .then_some("No worker log: the container never started")
}

fn matches(line: &LogLine, query: &str) -> bool {
    query.is_empty()
        || line.message.to_lowercase().contains(query)
        || line.source.label().contains(query)
        || line.level.label().to_lowercase() == query
}

fn columns(width: f32) -> [f32; 3] {
    if width < NARROW {
        [0.0, 92.0, 136.0]
    } else {
        COLUMNS
    }
}

fn level_color(t: &Tokens, level: LogLevel) -> Color32 {
    match level {
        LogLevel::Debug => t.text3,
        LogLevel::Info => t.log_info,
        LogLevel::Warn => t.warn,
        LogLevel::Error => t.red,
    }
}

fn line_ui(ui: &mut Ui, line: &LogLine, query: &str, width: f32) {
    let t = tokens(ui);
    let rect = ui.max_rect();
    if line.level == LogLevel::Error {
        ui.painter().rect_filled(rect, CornerRadius::ZERO, t.red_tint);
    }
    let left = rect.left() + 12.0;
    let columns = columns(rect.width());
    let cell = |ui: &Ui, x: f32, text: &str, color: Color32| {
        let galley = Text::new(Role::LOG, text).color(color).galley(ui, f32::INFINITY);
        ui.painter()
            .galley(pos2(left + x, rect.top()).round(), galley, color);
    };
    cell(ui, 0.0, &format::clock(line.unix_millis), t.text3);
    if columns[0] > 0.0 {
        // That function's full name is wider than the column.
        let source = match line.source {
            LogSource::ThumbnailTrigger => "thumb-trigger",
            other => other.label(),
        };
        let color = if line.source == LogSource::Worker {
            t.text2
        } else {
            t.text3
        };
        cell(ui, columns[0], source, color);
    }
    cell(ui, columns[1], line.level.label(), level_color(t, line.level));
    let galley = message(ui, line, query, width);
    let place = Rect::from_min_size(pos2(left + columns[2], rect.top()), galley.size());
    // A label of egui's, since its text can be selected across lines and copied.
    ui.put(place, Label::new(galley).selectable(true));
}

/// The message, with what was searched for on the selection's colour.
fn message(ui: &Ui, line: &LogLine, query: &str, width: f32) -> Arc<Galley> {
    let t = tokens(ui);
    let plain = TextFormat {
        font_id: Role::LOG.font(),
        line_height: Some(Role::LOG.line),
        color: t.text,
        ..TextFormat::default()
    };
    let mut job = LayoutJob {
        wrap: TextWrapping::wrap_at_width(width),
        ..LayoutJob::default()
    };
    let text = &line.message;
    let lower = text.to_lowercase();
    let mut at = 0;
    // Letters whose small one has another length would shift what is marked; then nothing is marked.
    if !query.is_empty() && lower.len() == text.len() {
        for (start, found) in lower.match_indices(query) {
            let end = start + found.len();
            if let (Some(before), Some(hit)) = (text.get(at..start), text.get(start..end)) {
                job.append(before, 0.0, plain.clone());
                job.append(
                    hit,
                    0.0,
                    TextFormat {
                        background: t.selection,
                        ..plain.clone()
                    },
                );
                at = end;
            }
        }
    }
    job.append(text.get(at..).unwrap_or_default(), 0.0, plain);
    ui.painter().layout_job(job)
}
