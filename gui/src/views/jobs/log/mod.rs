//! A job's log: followed, searched, filtered, selected, copied and saved. Of a log of any length only the rows on the
//! screen are drawn.

mod filter;
mod find;
mod head;
mod lines;
mod rows;
mod select;
mod wrap;

use egui::{CornerRadius, Frame, Id, Margin, Separator, Stroke, Ui, UiBuilder, vec2};
use posterframe_client::{Job, Log};
use posterframe_contract::JobId;
use posterframe_kit::theme::{Role, sizes, tokens};
use posterframe_kit::widgets::Text;

use self::filter::Filter;
use self::find::Find;
use self::rows::{BUDGET, Key, Rows};
use self::select::Selected;
use crate::context::{Command, ViewContext};
use crate::job_text;

/// Height of a row, in points.
const ROW: f32 = 18.0;
/// Left edges of source, level and message, in points. A log narrower than `NARROW` leaves out the source, and one
/// narrower than `NARROWEST` the time as well.
const COLUMNS: [f32; 3] = [92.0, 196.0, 240.0];
const NARROW: f32 = 420.0;
const NARROWEST: f32 = 280.0;
/// A log of more lines than this becomes text on a thread of its own.
const MAX_LINES_AT_ONCE: usize = 5_000;

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
    /// Draws the log in all of `ui`, whose size is known.
    pub(super) fn ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, log: &Log) {
        let t = tokens(ui);
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
        let card = Frame::NONE
            .fill(t.canvas)
            .stroke(Stroke::new(1.0, t.border))
            .corner_radius(sizes::RADIUS_CARD);
        card.show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            self.update(ui, log, ui.available_width());
            let corner = sizes::RADIUS_CARD - 1;
            let head = Frame::NONE
                .fill(t.panel)
                .corner_radius(CornerRadius {
                    nw: corner,
                    ne: corner,
                    sw: 0,
                    se: 0,
                })
                .inner_margin(Margin {
                    left: 12,
                    right: 8,
                    top: 7,
                    bottom: 7,
                });
            head.show(ui, |ui| {
                ui.take_available_width();
                self.head_ui(ui, ctx, job, log);
            });
            ui.add(Separator::default().horizontal().spacing(1.0));
            let body = UiBuilder::new()
                .id_salt(("lines", job.id))
                .max_rect(ui.available_rect_before_wrap());
            ui.scope_builder(body, |ui| self.body_ui(ui, ctx, job, log));
        });
    }

    /// The lines, or why there are none.
    fn body_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, log: &Log) {
        if self.rows.lines() == 0 {
            let text = match (log.is_empty(), job.state.is_ended()) {
                _ if log.is_loading() => "Reading the log…",
                (false, _) => "The filter leaves no line",
                (true, false) => "Nothing has been logged yet",
                (true, true) => "Nothing was logged",
            };
            ui.add_space(24.0);
            ui.vertical_centered(|ui| ui.add(Text::new(Role::SMALL, text).color(tokens(ui).text3)));
            return;
        }
        self.lines_ui(ui, ctx, job);
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
        if self.rows.lines() > MAX_LINES_AT_ONCE {
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

/// Left edges of source, level and message in a log of a width. What would begin at 0 beside the time is left out; where
/// the level begins there, the time is.
fn columns(width: f32) -> [f32; 3] {
    if width < NARROWEST {
        [0.0, 0.0, 44.0]
    } else if width < NARROW {
        [0.0, 92.0, 136.0]
    } else {
        COLUMNS
    }
}
