//! One job: what it is and what can be done with it, its phases, its facts, and below them failure, log and result.

use std::sync::Arc;

use egui::{Align2, CornerRadius, Rect, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::{Job, JobState, LogLine, PhaseState};
use time::OffsetDateTime;

use super::{JobsView, failure, words};
use crate::format;
use crate::theme::{Role, icons, sizes, tokens};
use crate::views::{Command, ViewContext};
use crate::widgets::{
    Button, Copyable, Text, hline, menu, menu_item, menu_line, node, pill, pill_width, within,
};

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
        job: &Job,
        log: &Arc<Vec<LogLine>>,
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
            within(ui, left, "left", |ui| self.failure_and_log_ui(ui, ctx, job, log));
            within(ui, right, "right", |ui| self.column_ui(ui, ctx, job));
        }
    }

    /// The failure, if any, above the log. They scroll together where the window is too low for both.
    fn failure_and_log_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, log: &Arc<Vec<LogLine>>) {
        let rect = ui.max_rect();
        let card = failure::height(ui, job, rect.width());
        let gap = if card > 0.0 { 16.0 } else { 0.0 };
        let high = (rect.height() - card - gap).max(SHORTEST_LOG);
        ScrollArea::vertical()
            .id_salt("failure and log")
            .auto_shrink(false)
            .show(ui, |ui| {
                let (_, all) = ui.allocate_space(vec2(rect.width(), card + gap + high));
                if card > 0.0 {
                    let place = Rect::from_min_size(all.min, vec2(all.width(), card));
                    within(ui, place, "failure", |ui| failure::card_ui(ui, ctx, job, log));
                }
                let place = Rect::from_min_max(pos2(all.left(), all.bottom() - high), all.max);
                within(ui, place, "log", |ui| self.log.ui(ui, ctx, job, log));
            });
    }

    /// Preview and result beside the log. They scroll where the window is too low.
    fn column_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job) {
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
        job: &Job,
        log: &Arc<Vec<LogLine>>,
        room: egui::Vec2,
    ) {
        let card = failure::height(ui, job, room.x);
        let gap = if card > 0.0 { 16.0 } else { 0.0 };
        let (high, result) = (room.y.max(260.0) - 24.0, super::result::height(job));
        ScrollArea::vertical()
            .id_salt("stacked")
            .auto_shrink(false)
            .show(ui, |ui| {
                let (_, all) =
                    ui.allocate_space(vec2(room.x, card + gap + high + 20.0 + result + sizes::DETAIL));
                if card > 0.0 {
                    let place = Rect::from_min_size(all.min, vec2(room.x, card));
                    within(ui, place, "failure", |ui| failure::card_ui(ui, ctx, job, log));
                }
                let place = Rect::from_min_size(all.min + vec2(0.0, card + gap), vec2(room.x, high));
                within(ui, place, "log", |ui| self.log.ui(ui, ctx, job, log));
                let place = Rect::from_min_size(place.left_bottom() + vec2(0.0, 20.0), vec2(room.x, result));
                within(ui, place, "result", |ui| self.result_ui(ui, ctx, job, place));
            });
    }

    fn header_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, log: &[LogLine], rect: Rect) {
        let t = tokens(ui);
        let dots = Rect::from_min_size(pos2(rect.right() - 32.0, rect.top() + 24.0), vec2(32.0, 32.0));
        let retry = Button::secondary("Retry")
            .with_icon(icons::ARROW_CLOCKWISE)
            .enabled(job.state.is_ended())
            .tip(
                "Try again; what is in the bucket is not sent again",
                &["Ctrl", "R"],
            );
        let stop = Button::secondary("Stop")
            .with_icon(icons::SQUARE)
            .enabled(can_stop(job));
        let before = |next: Rect, width: f32| {
            Rect::from_min_max(
                pos2(next.left() - 8.0 - width, next.top()),
                pos2(next.left() - 8.0, next.bottom()),
            )
        };
        let at_retry = before(dots, retry.width(ui));
        let at_stop = before(at_retry, stop.width(ui));
        let more = Button::icon_framed("More", icons::DOTS_THREE).face(crate::theme::Face::IconBold);
        if stop.at(ui, at_stop).clicked() {
            ctx.commands.send(Command::Stop(job.id));
        }
        if retry.at(ui, at_retry).clicked() {
            ctx.commands.send(Command::Retry(job.id));
        }
        let more = more.at(ui, dots);
        menu(&more, 232.0, |ui| self.menu_ui(ui, ctx, job, log));

        let y = rect.top() + 40.0;
        let word = words::pill(job);
        let timecode = job.position.timecode();
        let time = Text::new(Role::TIMECODE, &timecode).color(t.text2);
        let after = 12.0 + time.width(ui) + 12.0 + pill_width(ui, &word);
        let room = (at_stop.left() - 16.0 - rect.left() - after).max(60.0);
        let place = Rect::from_min_size(pos2(rect.left(), y - 12.0), vec2(room, 24.0));
        let name = Text::new(Role::HEADING, &job.video.name).at(ui, place, Align2::LEFT_CENTER);
        let left = name.rect.right() + 12.0;
        let place = Rect::from_min_max(pos2(left, y - 9.0), pos2(at_stop.left() - 8.0, y + 9.0));
        let time = time.at(ui, place, Align2::LEFT_CENTER);
        if time.rect.right() + 12.0 + pill_width(ui, &word) < at_stop.left() {
            pill(
                ui,
                pos2(time.rect.right() + 12.0, y),
                Align2::LEFT_CENTER,
                &word,
                words::tone(job.state),
            );
        }
    }

    fn menu_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, log: &[LogLine]) {
        let send = |command: Command| ctx.commands.send(command);
        if job.thumbnail.is_some() && menu_item(ui, icons::IMAGES, "Show in gallery", "", false) {
            send(Command::ShowInGallery(job.thumbnail_key.clone()));
        }
        if menu_item(ui, icons::CROSSHAIR_SIMPLE, "Open video at this frame", "", false) {
            send(Command::OpenAt {
                video: job.video.path.clone(),
                position: job.position,
            });
        }
        if menu_item(ui, icons::FOLDER_OPEN, "Reveal video", "", false) {
            send(Command::RevealFile(job.video.path.clone()));
        }
        menu_line(ui);
        if menu_item(ui, icons::COPY, "Copy key", "", false) {
            let key = if job.thumbnail.is_some() {
                &job.thumbnail_key
            } else {
                &job.upload_key
            };
            send(Command::CopyText(key.clone()));
        }
        if menu_item(ui, icons::HASH, "Copy job id", "", false) {
            send(Command::CopyText(job.id.to_string()));
        }
        if menu_item(ui, icons::CLIPBOARD_TEXT, "Copy report", "", false) {
            send(Command::CopyText(words::report(job, log)));
        }
        if job.state.is_ended() {
            menu_line(ui);
            if menu_item(ui, icons::TRASH, "Remove from list", "Del", true) {
                self.forgetting = Some(job.id);
            }
        }
    }
}

/// A job can be stopped while it uploads, or once there is a task; in between there is nothing to stop.
fn can_stop(job: &Job) -> bool {
    match job.state {
        JobState::Queued | JobState::Uploading | JobState::Paused => true,
        state => !state.is_ended() && job.task.is_some(),
    }
}

fn phases_ui(ui: &mut Ui, job: &Job, now: OffsetDateTime, rect: Rect) {
    let t = tokens(ui);
    let column = (rect.width() - 76.0) / 4.0;
    let y = rect.top() + 26.0;
    let lefts: Vec<f32> = (0..5_u8)
        .map(|index| (rect.left() + f32::from(index) * column).round())
        .collect();
    for (index, record) in job.phases.iter().enumerate() {
        let left = lefts[index];
        if let Some(next) = lefts.get(index + 1) {
            let (line, width) = if record.state == PhaseState::Done {
                (t.done_line, 2.0)
            } else {
                (t.border, 2.0)
            };
            ui.painter()
                .hline((left + 28.0)..=(next - 8.0), y, Stroke::new(width, line));
        }
        node(ui.painter(), t, pos2(left + 10.0, y), record.state);
        let (role, color) = match record.state {
            PhaseState::Waiting => (Role::SMALL, t.text3),
            PhaseState::Current => (Role::SMALL_TITLE, t.blue),
            PhaseState::Done => (Role::SMALL_TITLE, t.text),
            PhaseState::Failed => (Role::SMALL_TITLE, t.red),
        };
        let time = match (record.state, record.duration(now)) {
            (PhaseState::Waiting, _) | (_, None) => "–".to_owned(),
            (PhaseState::Current, Some(time)) => words::running(time),
            (PhaseState::Done, Some(time)) => format::duration(time),
            (PhaseState::Failed, Some(time)) => {
                let what = if job.state == JobState::Stopped {
                    "stopped"
                } else {
                    "failed"
                };
                format!("{what}, {}", format::duration(time))
            }
        };
        let label = record.phase.label();
        let width = if index == 4 { 84.0 } else { column - 4.0 };
        let place = Rect::from_min_size(pos2(left, y + 18.0), vec2(width, 16.0));
        Text::new(role, label)
            .color(color)
            .at(ui, place, Align2::LEFT_CENTER);
        let below = place.translate(vec2(0.0, 16.0));
        Text::new(Role::MONO_SMALL, &time)
            .color(t.text3)
            .at(ui, below, Align2::LEFT_CENTER);
        // The two together, for those who cannot see the node.
        let whole = Rect::from_min_max(pos2(left, y - 10.0), pos2(left + width, y + 10.0));
        let response = ui.interact(whole, ui.scope_id().with(("phase", index)), Sense::hover());
        let state = match record.state {
            PhaseState::Waiting => "waiting",
            PhaseState::Current => "under way",
            PhaseState::Done => "done",
            PhaseState::Failed => "failed",
        };
        let said = format!("{label}: {state}");
        response.widget_info(|| WidgetInfo::labeled(egui::Role::ListItem, true, &said));
    }
}

fn facts_ui(ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, rect: Rect) {
    let t = tokens(ui);
    let took = job.elapsed(ctx.now);
    let (label, time) = match job.state {
        JobState::Done => ("Total", format::duration(took)),
        JobState::Failed => ("Failed after", format::duration(took)),
        JobState::Stopped => ("Stopped after", format::duration(took)),
        _ => ("Elapsed", words::running(took)),
    };
    let time = Text::new(Role::MONO, &time)
        .color(t.text2)
        .at(ui, rect, Align2::RIGHT_CENTER);
    let before = Rect::from_min_max(rect.min, pos2(time.rect.left() - 6.0, rect.bottom()));
    let end = Text::new(Role::SMALL, label)
        .color(t.text3)
        .at(ui, before, Align2::RIGHT_CENTER)
        .rect
        .left()
        - 16.0;

    let mut x = rect.left();
    let mut facts = Vec::new();
    if let Some(task) = &job.task {
        let id = task.id();
        let short: String = id.chars().take(12).collect();
        let label = Text::new(Role::SMALL, "Task")
            .color(t.text3)
            .at(ui, rect, Align2::LEFT_CENTER);
        let place = Rect::from_min_max(pos2(label.rect.right() + 6.0, rect.top()), rect.max);
        let (clicked, place) = Copyable::new(&short, "Copy task id").at(ui, place);
        if clicked {
            ctx.commands.send(Command::CopyText(id.to_owned()));
        }
        x = place.right() + 20.0;
        facts.push(("Size", words::task_size(&task.cpu, &task.memory)));
    } else {
        facts.push(("Video", format::bytes(job.video.bytes)));
    }
    facts.push(("Attempt", job.attempt.to_string()));
    if let Some(started) = job.phases[0].started {
        let clock = format::clock((started.unix_timestamp_nanos() / 1_000_000) as i64);
        facts.push(("Started", clock.split('.').next().unwrap_or_default().to_owned()));
    }
    for (label, value) in &facts {
        let label = Text::new(Role::SMALL, label).color(t.text3);
        let value = Text::new(Role::SMALL, value).color(t.text2);
        if x + label.width(ui) + 6.0 + value.width(ui) > end {
            // Better none than a cut one; the order says what matters most.
            return;
        }
        let room = |left: f32| Rect::from_min_max(pos2(left, rect.top()), pos2(end + 8.0, rect.bottom()));
        let left = label.at(ui, room(x), Align2::LEFT_CENTER).rect.right() + 6.0;
        x = value.at(ui, room(left), Align2::LEFT_CENTER).rect.right() + 20.0;
    }
}
