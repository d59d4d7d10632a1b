//! The log's lines: drawing, scrolling and selecting.

use std::ops::Range;
use std::sync::Arc;

use egui::scroll_area::{DragScroll, ScrollSource};
use egui::text::CCursor;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Event, EventFilter, Galley, Key, Modifiers, Pos2, Rect,
    Response, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2,
};
use posterframe_client::{Job, Log, LogLevel, LogSource};
use posterframe_kit::theme::{Role, Tokens, tokens};
use posterframe_kit::widgets::{Text, between, focus_ring_inside, shortcuts_apply};

use super::find::find_all;
use super::select::{Caret, Selected, word};
use super::wrap::Ruler;
use super::{Go, LogPanel, ROW, columns, log_id};
use crate::context::{Command, ViewContext};
use crate::format;

/// Space above the first line and below the last, in points.
const PAD: f32 = 8.0;
/// Height of the note below the lines, in points.
const NOTE: f32 = 22.0;

impl LogPanel {
    pub(super) fn lines_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job) {
        let view = ui.max_rect();
        let note = note(job, self.rows.log());
        let end = self.rows.count() as f32 * ROW;
        let total = PAD + end + PAD + if note.is_some() { NOTE } else { 0.0 };
        let furthest = (total - view.height()).max(0.0);
        let mut area = ScrollArea::vertical()
            .auto_shrink(false)
            .animated(false)
            // Dragging selects text, so it must not scroll.
            .scroll_source(ScrollSource {
                drag: DragScroll::Never,
                ..ScrollSource::default()
            })
            .stick_to_bottom(self.follow);
        let went = self.go.take();
        if let Some(to) = went.map(|go| self.target(go, view.height(), furthest)) {
            area = area.vertical_scroll_offset(to);
        }
        let answer = area.show_viewport(ui, |ui, viewport| {
            ui.set_height(total);
            let corner = ui.max_rect().min + vec2(0.0, PAD);
            let ground = ui.interact(view, log_id(), Sense::click_and_drag());
            ground.widget_info(|| WidgetInfo::labeled(egui::Role::Log, true, "Log lines"));
            let mut ruler = Ruler::new(ui, self.rows.width());
            self.select(ui, &ground, corner, view, &mut ruler);
            let first = ((viewport.top() - PAD) / ROW).floor().max(0.0) as usize;
            let past = ((viewport.bottom() - PAD) / ROW).ceil().max(0.0) as usize;
            let rows = first..past.min(self.rows.count());
            for index in self.rows.index_at(first)..self.rows.lines() {
                if self.rows.span(index).start >= rows.end {
                    break;
                }
                self.line_ui(ui, index, corner, &rows, &mut ruler);
            }
            if let Some(note) = note {
                let width = ui.max_rect().width() - 24.0;
                let rect = Rect::from_min_size(corner + vec2(12.0, end + 4.0), vec2(width, ROW));
                Text::new(Role::SMALL, note)
                    .color(tokens(ui).text3)
                    .at(ui, rect, Align2::LEFT_CENTER);
            }
            if ground.has_focus() && !self.clicked {
                focus_ring_inside(ui.painter(), tokens(ui), view);
            }
            ground
        });
        // Scrolling up stops following, and scrolling back to the end resumes it. A growing log does neither.
        let offset = answer.state.clamped_offset().y;
        if went.is_none() && offset < self.offset - 0.5 && total >= self.total {
            self.follow = false;
        } else if offset > self.offset + 0.5 && offset >= furthest - 4.0 && total == self.total {
            self.follow = true;
        }
        (self.offset, self.total) = (offset, total);
        self.keys(ui, ctx, &answer.inner, view.height());
    }

    fn target(&self, go: Go, view: f32, furthest: f32) -> f32 {
        match go {
            Go::End => furthest,
            Go::By(points) => between(self.offset + points, 0.0, furthest),
            Go::Line(line) => {
                let rows = self.rows.span(self.rows.index(line));
                let (top, bottom) = (rows.start as f32 * ROW, rows.end as f32 * ROW + 2.0 * PAD);
                if top >= self.offset && bottom <= self.offset + view {
                    self.offset
                } else {
                    between(top - view / 3.0, 0.0, furthest)
                }
            }
        }
    }

    /// Handles keys while the log has the focus, and Ctrl+C always if text is selected.
    fn keys(&mut self, ui: &Ui, ctx: &ViewContext<'_>, ground: &Response, view: f32) {
        let copied = ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Copy)));
        if copied
            && shortcuts_apply(ui)
            && let Some(selected) = self.selected.filter(|selected| !selected.is_empty())
        {
            let filter = self.filter;
            let text = selected.text(self.rows.log(), |line| filter.holds(line));
            ctx.commands.send(Command::CopyText(text));
        }
        if !ground.has_focus() {
            self.clicked = false;
            return;
        }
        let filter = EventFilter {
            vertical_arrows: true,
            escape: self.selected.is_some(),
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(log_id(), filter));
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        let steps = [
            (Key::ArrowUp, -ROW),
            (Key::ArrowDown, ROW),
            (Key::PageUp, ROW - view),
            (Key::PageDown, view - ROW),
            (Key::Home, f32::NEG_INFINITY),
            (Key::End, f32::INFINITY),
        ];
        for (key, by) in steps {
            if pressed(Modifiers::NONE, key) {
                self.go = Some(if key == Key::End { Go::End } else { Go::By(by) });
                self.follow = key == Key::End || (self.follow && by > 0.0);
                ui.ctx().request_repaint();
            }
        }
        if pressed(Modifiers::COMMAND, Key::A) {
            self.selected = Some(Selected::all(self.rows.log()));
        }
        if self.selected.is_some() && pressed(Modifiers::NONE, Key::Escape) {
            self.selected = None;
        }
    }

    /// Selects with the pointer, and scrolls when it is dragged beyond the edges.
    fn select(&mut self, ui: &Ui, ground: &Response, corner: Pos2, view: Rect, ruler: &mut Ruler) {
        if ground.hovered() {
            ui.output_mut(|output| output.cursor_icon = CursorIcon::Text);
        }
        let Some(pos) = ground.interact_pointer_pos() else {
            return;
        };
        let (pressed, shift) = ui.input(|input| (input.pointer.primary_pressed(), input.modifiers.shift));
        let inside = pos2(pos.x, between(pos.y, view.top(), view.bottom() - 1.0));
        let caret = self.caret(ui, inside - corner, view.width(), ruler);
        let message = |line: usize| self.rows.log().get(line).map_or("", |line| &line.message);
        if ground.triple_clicked() {
            self.selected = Some(Selected::part(caret.line, &(0..message(caret.line).len())));
        } else if ground.double_clicked() {
            self.selected = Some(Selected::part(caret.line, &word(message(caret.line), caret.byte)));
        } else if pressed && ground.is_pointer_button_down_on() {
            ground.request_focus();
            self.clicked = true;
            match &mut self.selected {
                Some(selected) if shift => selected.extend(caret),
                selected => *selected = Some(Selected::at(caret)),
            }
        } else if ground.dragged() {
            if let Some(selected) = &mut self.selected {
                selected.extend(caret);
            }
            let beyond = (pos.y - view.bottom()).max(0.0) - (view.top() - pos.y).max(0.0);
            if beyond != 0.0 {
                self.go = Some(Go::By((beyond * 0.3).clamp(-60.0, 60.0)));
                self.follow = false;
                ui.ctx().request_repaint();
            }
        } else if ground.clicked() && !shift {
            // A click without a drag deselects.
            self.selected = self.selected.filter(|selected| !selected.is_empty());
        }
    }

    /// The caret under a point, which is relative to the first line's corner.
    fn caret(&self, ui: &Ui, at: egui::Vec2, width: f32, ruler: &mut Ruler) -> Caret {
        let row = (at.y / ROW).floor().max(0.0) as usize;
        let index = self.rows.index_at(row);
        let (Some(line), span) = (self.rows.line(index), self.rows.span(index)) else {
            return Caret::default();
        };
        let message = self.rows.log().get(line).map_or("", |line| &line.message);
        if row >= span.end {
            return Caret {
                line,
                byte: message.len(),
            };
        }
        let mut parts = Vec::new();
        ruler.rows(ui, message, |part| parts.push(part));
        let Some(part) = parts.get(row - span.start).cloned() else {
            return Caret { line, byte: 0 };
        };
        let text = &message[part.clone()];
        let x = at.x - 12.0 - columns(width)[2];
        let galley = galley(ui, text, tokens(ui).text);
        let letters = galley.cursor_from_pos(vec2(x, 0.0)).index.0;
        let byte = text
            .char_indices()
            .nth(letters)
            .map_or(text.len(), |(byte, _)| byte);
        Caret {
            line,
            byte: part.start + byte,
        }
    }

    /// Draws the rows of a line that are on the screen.
    fn line_ui(&self, ui: &mut Ui, index: usize, corner: Pos2, seen: &Range<usize>, ruler: &mut Ruler) {
        let t = tokens(ui);
        let (Some(number), span) = (self.rows.line(index), self.rows.span(index)) else {
            return;
        };
        let Some(line) = self.rows.log().get(number) else {
            return;
        };
        let width = ui.max_rect().width();
        let y = |row: usize| corner.y + row as f32 * ROW;
        let rect = Rect::from_min_max(pos2(corner.x, y(span.start)), pos2(corner.x + width, y(span.end)));
        if !ui.is_rect_visible(rect) {
            return;
        }
        let id = ui.scope_id().with(("line", number));
        let response = ui.interact(rect.intersect(ui.clip_rect()), id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, &line.message));
        let looked_at = self.find.current().is_some_and(|(hit, _)| hit == number);
        let ground = match line.level {
            _ if looked_at => t.pressed,
            LogLevel::Error => t.red_tint,
            _ => Color32::TRANSPARENT,
        };
        ui.painter().rect_filled(rect, CornerRadius::ZERO, ground);
        let left = corner.x + 12.0;
        let columns = columns(width);
        if seen.contains(&span.start) {
            let cell = |x: f32, text: &str, color: Color32| {
                let galley = galley(ui, text, color);
                ui.painter()
                    .galley(pos2(left + x, rect.top()).round(), galley, color);
            };
            if columns[1] > 0.0 {
                cell(0.0, &format::clock(line.unix_millis), t.text3);
            }
            if columns[0] > 0.0 {
                cell(columns[0], source(line.source), source_color(t, line.source));
            }
            cell(columns[1], line.level.label(), level_color(t, line.level));
        }
        let selected = self
            .selected
            .and_then(|selected| selected.within(number, line.message.len()));
        let hits: Vec<Range<usize>> = if self.find.query().is_empty() {
            Vec::new()
        } else {
            find_all(&line.message, self.find.query()).take(1_000).collect()
        };
        let mut row = span.start;
        ruler.rows(ui, &line.message, |part| {
            let at = pos2(left + columns[2], y(row)).round();
            row += 1;
            if !seen.contains(&(row - 1)) {
                return;
            }
            let text = &line.message[part.clone()];
            let galley = galley(ui, text, t.text);
            let mark = |bytes: &Range<usize>, color: Color32| {
                let (from, to) = (bytes.start.max(part.start), bytes.end.min(part.end));
                if from < to {
                    let x = |byte: usize| {
                        let letters = text[..byte - part.start].chars().count();
                        galley.pos_from_cursor(CCursor::new(letters)).min.x
                    };
                    let marked = Rect::from_x_y_ranges(at.x + x(from)..=at.x + x(to), at.y..=at.y + ROW);
                    ui.painter().rect_filled(marked, CornerRadius::ZERO, color);
                }
            };
            for hit in &hits {
                mark(hit, t.selection);
            }
            if let Some(selected) = &selected {
                mark(selected, t.selection);
            }
            ui.painter().galley(at, galley.clone(), t.text);
        });
    }
}

fn galley(ui: &Ui, text: &str, color: Color32) -> Arc<Galley> {
    Text::new(Role::LOG, text).color(color).galley(ui, f32::INFINITY)
}

/// A note on why the log is short, if it is.
fn note(job: &Job, log: &Log) -> Option<&'static str> {
    let never_ran = job.failure.is_some() && job.task.as_ref().is_some_and(|task| task.started.is_none());
    // The log of a task that never ran is short, so longer logs need no search.
    (never_ran && log.len() < 1_000 && !log.iter().any(|line| line.source == LogSource::Worker))
        .then_some("No worker log: the container never started")
}

fn source(source: LogSource) -> &'static str {
    match source {
        // The function's full name is wider than the column.
        LogSource::ThumbnailTrigger => "thumb-trigger",
        other => other.label(),
    }
}

fn source_color(t: &Tokens, source: LogSource) -> Color32 {
    if source == LogSource::Worker {
        t.text2
    } else {
        t.text3
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
