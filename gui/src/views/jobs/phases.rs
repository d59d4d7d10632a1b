//! The phases of a job in a row: how long each took, and where it is.

use std::time::Duration;

use egui::{Align2, Painter, Pos2, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::{Job, JobState, PhaseRecord, PhaseState};
use posterframe_kit::theme::{Face, Role, Tokens, icons, tokens};
use posterframe_kit::widgets::{Text, icon, tip};
use time::OffsetDateTime;

use crate::{format, job_text};

/// Seconds of one beat of the halo around the current phase.
const BEAT: f64 = 1.4;
/// Between two pictures of the halo. A job may run for minutes, and each picture draws the whole window.
const STEP: Duration = Duration::from_millis(50);
/// Width of the last column.
const LAST: f32 = 76.0;

pub(super) fn phases_ui(ui: &mut Ui, job: &Job, now: OffsetDateTime, rect: Rect) {
    let t = tokens(ui);
    let column = (rect.width() - LAST) / 4.0;
    let y = rect.top() + 26.0;
    let left = |index: usize| (rect.left() + index as f32 * column).round();
    let beat = beat(ui, job);
    for (index, record) in job.phases.iter().enumerate() {
        let x = left(index);
        if index + 1 < job.phases.len() {
            let line = match job.phase_state(record.phase) {
                PhaseState::Done => t.done_line,
                _ => t.border,
            };
            let span = (x + 28.0)..=(left(index + 1) - 8.0);
            ui.painter().hline(span, y, Stroke::new(2.0, line));
        }
        node(
            ui.painter(),
            t,
            pos2(x + 10.0, y),
            job.phase_state(record.phase),
            beat,
        );
        let (role, color) = match job.phase_state(record.phase) {
            PhaseState::Waiting => (Role::SMALL, t.text3),
            PhaseState::Current => (Role::SMALL_TITLE, t.blue),
            PhaseState::Done => (Role::SMALL_TITLE, t.text),
            PhaseState::Failed => (Role::SMALL_TITLE, t.red),
        };
        let label = record.phase.label();
        let width = if index == 4 { LAST + 8.0 } else { column - 4.0 };
        let place = Rect::from_min_size(pos2(x, y + 18.0), vec2(width, 16.0));
        Text::new(role, label)
            .color(color)
            .at(ui, place, Align2::LEFT_CENTER);
        Text::new(Role::MONO_SMALL, &time(job, record, now))
            .color(t.text3)
            .at(ui, place.translate(vec2(0.0, 16.0)), Align2::LEFT_CENTER);
        // The two together, for those who cannot see the node; and when it was, for those who point at it.
        let whole = Rect::from_min_max(pos2(x, y - 12.0), pos2(x + width, y + 12.0));
        let response = ui.interact(whole, ui.scope_id().with(("phase", index)), Sense::hover());
        let state = match job.phase_state(record.phase) {
            PhaseState::Waiting => "waiting",
            PhaseState::Current => "under way",
            PhaseState::Done => "done",
            PhaseState::Failed => "failed",
        };
        let said = format!("{label}: {state}");
        response.widget_info(|| WidgetInfo::labeled(egui::Role::ListItem, true, &said));
        if let Some(when) = job_text::span(record.started, record.ended) {
            tip(response, &when, &[]);
        }
    }
}

fn time(job: &Job, record: &PhaseRecord, now: OffsetDateTime) -> String {
    match (job.phase_state(record.phase), record.duration(now)) {
        (PhaseState::Waiting, _) | (_, None) => "–".to_owned(),
        (PhaseState::Current, Some(time)) => job_text::running(time),
        (PhaseState::Done, Some(time)) => format::duration(time),
        (PhaseState::Failed, Some(time)) if job.state == JobState::Stopped => {
            format!("stopped, {}", format::duration(time))
        }
        (PhaseState::Failed, Some(time)) => format!("failed, {}", format::duration(time)),
    }
}

/// How far the halo's beat is, from 0 to 1; `None` where nothing may move, nothing does, or nobody looks.
fn beat(ui: &Ui, job: &Job) -> Option<f32> {
    let moves = !job.state.is_ended() && !matches!(job.state, JobState::Queued | JobState::Paused);
    let (focused, time) = ui.input(|input| (input.focused, input.time));
    if !moves || !focused || ui.style().animation_time <= 0.0 {
        return None;
    }
    ui.ctx().request_repaint_after(STEP);
    Some((time % BEAT / BEAT) as f32)
}

/// The node of a phase, 20 wide. The current one has a halo: at `beat`, from 0 to 1, of its way outwards, or a ring that
/// does not move where nothing may.
fn node(painter: &Painter, t: &Tokens, center: Pos2, state: PhaseState, beat: Option<f32>) {
    match state {
        PhaseState::Waiting => {
            painter.circle_stroke(center, 9.25, Stroke::new(1.5, t.border2));
        }
        PhaseState::Current => {
            match beat {
                Some(beat) => {
                    let color = t.blue.gamma_multiply(0.35 * (1.0 - beat));
                    painter.circle_filled(center, 10.0 + 5.0 * beat, color);
                }
                None => {
                    painter.circle_filled(center, 13.0, t.blue_tint);
                }
            }
            painter.circle(center, 9.0, t.window, Stroke::new(2.0, t.blue));
            painter.circle_filled(center, 4.0, t.blue);
        }
        PhaseState::Done => icon(
            painter,
            center,
            icons::CHECK_CIRCLE,
            Face::IconFill,
            20.0,
            t.green,
        ),
        PhaseState::Failed => icon(painter, center, icons::X_CIRCLE, Face::IconFill, 20.0, t.red),
    }
}
