//! A job's log: followed, searched, filtered, selected, copied and saved. Of a log of any length only the rows on the
//! screen are drawn.

mod filter;
mod find;
mod head;
mod lines;
mod rows;
mod select;
mod wrap;

use egui::{Align2, Id, Rect, Ui, pos2, vec2};
use posterframe_client::{Job, Log};
use posterframe_contract::JobId;
use posterframe_kit::theme::{Role, tokens};
use posterframe_kit::widgets::{Text, card, within};

use self::filter::Filter;
use self::find::Find;
use self::rows::{BUDGET, Key, Rows};
use self::select::Selected;
use crate::context::{Command, ViewContext};
use crate::job_text;

const HEAD: f32 = 44.0;
const ROW: f32 = 18.0;
/// Left edges of source, level and message. In a narrow window the source is left out.
const COLUMNS: [f32; 3] = [92.0, 196.0, 240.0];
const NARROW: f32 = 420.0;
/// A log longer than this becomes text on a thread of its own.
const LONG: usize = 5_000;

/// The log of the job that is selected.
#[derive(Default)]
pub(super) struct LogPanel {
    job: Option<JobId>,
    attempt: u32,
    query: String,
    filter: Filter,
    find: Find,
    rows: Rows,
    selected: Option<Selected>,
    /// Stay at the newest line.
    follow: bool,
    /// Where to scroll to in the next frame.
    go: Option<Go>,
    /// Where it stood in the last frame, and how high all of it was.
    offset: f32,
    total: f32,
    /// The focus came by a click, which needs no ring.
    clicked: bool,
}

/// Where to scroll to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Go {
    /// To the newest line.
    End,
    /// So that a line of the log is on the screen.
    Line(usize),
    /// So many points on.
    By(f32),
}

/// Whether keys are the log's.
pub(super) fn has_focus(ui: &Ui) -> bool {
    ui.memory(|memory| memory.has_focus(log_id()))
}

impl LogPanel {
    pub(super) fn ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, log: &Log) {
        let t = tokens(ui);
        let rect = ui.max_rect();
        if self.job != Some(job.id) {
            let follow = !job.state.is_ended();
            *self = Self {
                job: Some(job.id),
                attempt: job.attempt,
                filter: self.filter,
                follow,
                go: follow.then_some(Go::End),
                ..Self::default()
            };
        }
        if std::mem::replace(&mut self.attempt, job.attempt) != job.attempt {
            // A new try's lines come at the end.
            self.follow = true;
            self.go = Some(Go::End);
        }
        card(ui, rect, t.canvas, t.border);
        let body = Rect::from_min_max(
            pos2(rect.left() + 1.0, rect.top() + HEAD),
            rect.max - vec2(1.0, 1.0),
        );
        self.update(ui, log, body.width());
        let head = Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + HEAD));
        within(ui, head, "head", |ui| self.head_ui(ui, ctx, job, log));
        if self.rows.lines() == 0 {
            let words = match (log.is_empty(), job.state.is_ended()) {
                _ if log.is_loading() => "Reading the log…",
                (false, _) => "The filter leaves no line",
                (true, false) => "Nothing has been logged yet",
                (true, true) => "Nothing was logged",
            };
            let place = Rect::from_min_size(body.min + vec2(0.0, 24.0), vec2(body.width(), 16.0));
            Text::new(Role::SMALL, words)
                .color(t.text3)
                .at(ui, place, Align2::CENTER_CENTER);
            return;
        }
        within(ui, body, ("lines", job.id), |ui| self.lines_ui(ui, ctx, job));
    }

    /// Takes in what is new: as much of it as one frame has time for.
    fn update(&mut self, ui: &Ui, log: &Log, width: f32) {
        let same = log.common_prefix(self.rows.log());
        if self.selected.is_some_and(|selected| selected.last_line() >= same) {
            // A late line has moved what was selected.
            self.selected = None;
        }
        let top = self.rows.index_at((self.offset / ROW) as usize);
        let top_line = self.rows.line(top);
        let before = self.rows.width();
        let key = Key {
            width: (width - 24.0 - columns(width)[2]).max(80.0),
            filter: self.filter,
        };
        let mut budget = BUDGET;
        let measured = self.rows.update(ui, log, key, &mut budget);
        if before != self.rows.width() && before > 0.0 && !self.follow && self.go.is_none() {
            // What was at the top stays there, however its rows have moved.
            let index = top_line.map_or(0, |line| self.rows.index(line));
            let moved = self.rows.span(index).start as f32 * ROW - self.offset;
            self.go = (self.offset > 0.0).then_some(Go::By(moved));
        }
        let query = self.query.trim().to_lowercase();
        let new = self.find.query() != query;
        let searched = self.find.update(log, &query, self.filter, &mut budget);
        if (new || !measured || self.find.current().is_none())
            && searched
            && self.find.begin(top_line.unwrap_or(0))
        {
            self.reveal_hit();
        }
        if !measured || !searched {
            ui.ctx().request_repaint();
        }
    }

    fn reveal_hit(&mut self) {
        if let Some((line, _)) = self.find.current() {
            self.go = Some(Go::Line(line));
            self.follow = false;
        }
    }

    fn step(&mut self, back: bool) {
        if self.find.step(back) {
            self.reveal_hit();
        }
    }

    /// The shown lines as text, given to `then` at once or, where they are many, a moment later.
    fn with_text(
        &self,
        ctx: &ViewContext<'_>,
        log: &Log,
        then: impl FnOnce(String) -> Command + Send + 'static,
    ) {
        let (log, filter, commands) = (log.clone(), self.filter, ctx.commands.clone());
        let work = move || {
            let lines = log.iter().filter(|line| filter.holds(line));
            commands.send(then(job_text::log_text(lines)));
        };
        if self.rows.lines() > LONG {
            ctx.engine.spawn_blocking(work);
        } else {
            work();
        }
    }
}

fn log_id() -> Id {
    Id::unique("job log")
}

fn search_id() -> Id {
    Id::unique("log search")
}

fn columns(width: f32) -> [f32; 3] {
    if width < NARROW {
        [0.0, 92.0, 136.0]
    } else {
        COLUMNS
    }
}
