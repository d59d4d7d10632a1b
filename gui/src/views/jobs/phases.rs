//! The phases of a job: their states and durations.

use std::time::Duration;

use egui::{Layout, Painter, Pos2, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use posterframe_client::{Job, JobState, PhaseRecord, PhaseState};
use posterframe_kit::theme::{Face, Role, Tokens, icons, tokens};
use posterframe_kit::widgets::{Text, icon, row, row_start, tip};
use time::OffsetDateTime;

use crate::{format, job_text};

/// Period of the halo's pulse around the current phase, in seconds.
const PULSE: f64 = 1.4;
/// Time between two frames of the halo. Each one draws the whole window, and a job may run for minutes.
const PULSE_STEP: Duration = Duration::from_millis(50);
/// Width of the last column, which has no connecting line, in points.
const LAST: f32 = 80.0;
/// Width of a phase's node, in points.
const NODE: f32 = 20.0;
/// Smallest width of a column, in points. With less room, the phases are listed vertically.
const MIN_COLUMN_WIDTH: f32 = 96.0;

/// Draws the phases side by side, or below each other in a narrow view.
pub(super) fn phases_ui(ui: &mut Ui, job: &Job, now: OffsetDateTime) {
    let pulse = pulse(ui, job);
    let column = ((ui.available_width() - LAST) / 4.0).floor();
    if column < MIN_COLUMN_WIDTH {
        for record in job.steps() {
            row(ui, 24.0, |ui| {
                let when = time(job, record, now);
                let when = Text::new(Role::MONO_SMALL, &when).color(tokens(ui).text3);
                node_ui(ui, NODE, (job, record), None, pulse);
                row_start(ui, when.width(ui), |ui| label_ui(ui, job, record));
                ui.add(when);
            });
        }
        return;
    }
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        for (index, record) in job.steps().iter().enumerate() {
            let is_last = index + 1 == job.steps().len();
            let width = if is_last { LAST } else { column };
            let layout = Layout::top_down(egui::Align::Min);
            ui.allocate_ui_with_layout(vec2(width, 0.0), layout, |ui| {
                let line = (!is_last).then_some(match job.phase_state(record.phase) {
                    PhaseState::Done => tokens(ui).done_line,
                    _ => tokens(ui).border,
                });
                node_ui(ui, width, (job, record), line, pulse);
                ui.add_space(6.0);
                ui.set_max_width(width - 8.0);
                label_ui(ui, job, record);
                let when = time(job, record, now);
                ui.add(Text::new(Role::MONO_SMALL, &when).color(tokens(ui).text3));
            });
        }
    });
}

fn label_ui(ui: &mut Ui, job: &Job, record: &PhaseRecord) {
    let t = tokens(ui);
    let (role, color) = match job.phase_state(record.phase) {
        PhaseState::Waiting => (Role::SMALL, t.text3),
        PhaseState::Current => (Role::SMALL_TITLE, t.blue),
        PhaseState::Done => (Role::SMALL_TITLE, t.text),
        PhaseState::Failed => (Role::SMALL_TITLE, t.red),
    };
    ui.add(Text::new(role, job_text::phase(job, record.phase)).color(color));
}

/// A phase's node, and the line to the next one. Screen readers get its phase and state, and the tooltip shows its times.
fn node_ui(
    ui: &mut Ui,
    width: f32,
    (job, record): (&Job, &PhaseRecord),
    line: Option<egui::Color32>,
    pulse: Option<f32>,
) {
    let state = job.phase_state(record.phase);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::hover());
    let center = pos2(rect.left() + NODE / 2.0, rect.center().y);
    if let Some(line) = line {
        let ends = (rect.left() + NODE + 8.0)..=(rect.right() - 8.0);
        ui.painter().hline(ends, center.y, Stroke::new(2.0, line));
    }
    paint_node(ui.painter(), tokens(ui), center, state, pulse);
    let state = match state {
        PhaseState::Waiting => "waiting",
        PhaseState::Current => "under way",
        PhaseState::Done => "done",
        PhaseState::Failed => "failed",
    };
    let label = format!("{}: {state}", job_text::phase(job, record.phase));
    response.widget_info(|| WidgetInfo::labeled(egui::Role::ListItem, true, &label));
    if let Some(when) = job_text::span(record.started, record.ended) {
        tip(response, &when, &[]);
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

/// The halo's phase, from 0 to 1; `None` if motion is off, the job is not running, or the window has no focus.
fn pulse(ui: &Ui, job: &Job) -> Option<f32> {
    let moves = !job.state.is_ended() && !matches!(job.state, JobState::Queued | JobState::Paused);
    let (focused, time) = ui.input(|input| (input.focused, input.time));
    if !moves || !focused || ui.style().animation_time <= 0.0 {
        return None;
    }
    ui.ctx().request_repaint_after(PULSE_STEP);
    Some((time % PULSE / PULSE) as f32)
}

/// Paints a node. The current phase has a halo, which `pulse`, from 0 to 1, moves outwards; without a pulse it is a still
/// ring.
fn paint_node(painter: &Painter, t: &Tokens, center: Pos2, state: PhaseState, pulse: Option<f32>) {
    match state {
        PhaseState::Waiting => {
            painter.circle_stroke(center, 9.25, Stroke::new(1.5, t.border2));
        }
        PhaseState::Current => {
            match pulse {
                Some(pulse) => {
                    let color = t.blue.gamma_multiply(0.35 * (1.0 - pulse));
                    painter.circle_filled(center, 10.0 + 5.0 * pulse, color);
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
