//! A job's log, to follow, search, filter, select, copy and save. Only the rows on the screen are drawn, however long the
//! log is.

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
/// Left edges of source, level and message, in points.
const COLUMNS: [f32; 3] = [92.0, 196.0, 240.0];
/// Width in points below which the source is left out.
const MIN_WIDTH_WITH_SOURCE: f32 = 420.0;
/// Width in points below which the time is left out too.
const MIN_WIDTH_WITH_TIME: f32 = 280.0;
/// Most lines that are turned into text on the window's thread. Longer logs take another thread.
const MAX_LINES_AT_ONCE: usize = 5_000;

/// The log of the selected job.
#[derive(Default)]
pub(super) struct LogPanel {
    job: Option<JobId>,
    attempt: u32,
    query: String,
    filter: Filter,
    find: Find,
    rows: Rows,
    selected: Option<Selected>,
    /// Whether to stay at the newest line.
    follow: bool,
    /// Where to scroll in the next frame.
    go: Option<Go>,
    /// Scroll offset and total height in the last frame, in points.
    offset: f32,
    total: f32,
    /// Whether the focus came by a click, and so needs no ring.
    clicked: bool,
}

/// A scroll target.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Go {
    /// The newest line.
    End,
    /// The shortest way to bring this line of the log on the screen.
    Line(usize),
    /// Down by this many points.
    By(f32),
}

/// Whether the log has the focus.
pub(super) fn has_focus(ui: &Ui) -> bool {
    ui.memory(|memory| memory.has_focus(log_id()))
}

impl LogPanel {
    /// Draws the log into the whole of `ui`, whose size must be fixed.
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
            // The lines of a new attempt appear at the end.
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

    /// The lines, or the reason why there are none.
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

    /// Updates rows and hits, within one frame's budget.
    fn update(&mut self, ui: &Ui, log: &Log, width: f32) {
        let same = log.common_prefix(self.rows.log());
        if self.selected.is_some_and(|selected| selected.last_line() >= same) {
            // A late line was inserted, which shifts the selection.
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
            // The line at the top stays there, even if its rows have moved.
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

    /// Calls `then` with the shown lines as text, at once or, for a long log, when another thread has built the text.
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

/// Left edges of source, level and message in a log of a width, in points. A source at 0 is left out; a level at 0
/// replaces the time.
fn columns(width: f32) -> [f32; 3] {
    if width < MIN_WIDTH_WITH_TIME {
        [0.0, 0.0, 44.0]
    } else if width < MIN_WIDTH_WITH_SOURCE {
        [0.0, 92.0, 136.0]
    } else {
        COLUMNS
    }
}
