//! The notice on a job that failed, waits or stalls: the cause in plain words, the next steps, and the raw message.

use std::sync::Arc;

use egui::{Align, Frame, Layout, Margin, ScrollArea, Stroke, Ui, vec2};
use posterframe_client::{Job, Log};
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Glyph, Text, row, row_end, row_end_width};
use time::OffsetDateTime;

use super::{JobsView, actions, report};
use crate::context::{Command, ViewContext};
use crate::job_text;

/// Height of the raw message, which scrolls, in points.
const RAW: f32 = 78.0;
/// Width of a step's number, in points.
const NUMBER: f32 = 20.0;

/// A notice on a job.
pub(super) struct Notice {
    kind: Kind,
    title: String,
    cause: String,
    steps: Vec<String>,
    raw: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The job failed.
    Failed,
    /// The job waits for its next attempt, and continues by itself.
    Held,
    /// A phase takes longer than usual.
    Stalled,
}

impl Notice {
    /// The notice on `job`, if there is a reason for one.
    pub(super) fn of(job: &Job, now: OffsetDateTime) -> Option<Self> {
        if let Some(failure) = &job.failure {
            return Some(Self {
                kind: Kind::Failed,
                title: failure.title.clone(),
                cause: failure.cause.clone(),
                steps: failure.next_steps.clone(),
                raw: failure.raw.clone(),
            });
        }
        if let Some(wait) = &job.wait {
            let again = format!("Or wait: it is tried again at {}", job_text::clock(wait.again));
            return Some(Self {
                kind: Kind::Held,
                title: wait.reason.label().to_owned(),
                cause: wait.message.clone(),
                steps: wait.advice.clone().into_iter().chain([again]).collect(),
                raw: String::new(),
            });
        }
        job.stall(now).map(|stall| Self {
            kind: Kind::Stalled,
            title: stall.title,
            cause: stall.cause,
            steps: stall.next_steps,
            raw: stall.raw,
        })
    }

    /// Title, cause, next steps and raw message.
    pub(super) fn parts(&self) -> (&str, &str, &[String], &str) {
        (&self.title, &self.cause, &self.steps, &self.raw)
    }
}

impl JobsView {
    /// Draws the card, as wide as `ui` and as high as its text.
    pub(super) fn notice_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        job: &Arc<Job>,
        log: &Log,
        notice: &Notice,
    ) {
        let t = tokens(ui);
        let (line, glyph, color) = match notice.kind {
            Kind::Failed => (t.red_line, icons::WARNING_CIRCLE, t.red),
            Kind::Held | Kind::Stalled => (t.border2, icons::WARNING, t.warn),
        };
        let card = Frame::NONE
            .fill(t.panel)
            .stroke(Stroke::new(1.0, line))
            .corner_radius(sizes::RADIUS_CARD)
            .inner_margin(16);
        card.show(ui, |ui| {
            ui.horizontal_top(|ui| {
                ui.add(Glyph::new(glyph, 20.0, color).face(Face::IconFill));
                ui.vertical(|ui| {
                    ui.set_min_width(ui.available_width());
                    notice.text_ui(ui);
                    ui.add_space(12.0);
                    self.notice_buttons_ui(ui, ctx, job, log, notice.kind);
                });
            });
        });
    }

    fn notice_buttons_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        job: &Arc<Job>,
        log: &Log,
        kind: Kind,
    ) {
        let first = match kind {
            Kind::Failed => Button::primary("Retry")
                .with_icon(icons::ARROW_CLOCKWISE)
                .enabled(actions::can_retry(job))
                .tip(actions::RETRY, &["Ctrl", "R"]),
            Kind::Held => Button::primary("Try now").with_icon(icons::ARROW_CLOCKWISE),
            Kind::Stalled => Button::secondary("Stop")
                .with_icon(icons::SQUARE)
                .enabled(actions::can_stop(job)),
        };
        let tip = "Everything that someone who helps would ask for, without secrets";
        let copy = Button::secondary("Copy report")
            .with_icon(icons::CLIPBOARD_TEXT)
            .tip(tip, &[]);
        let settings = Button::ghost("Open settings").with_icon(icons::GEAR_SIX);
        let in_one_row = row_end_width(ui, &[first, copy, settings]) <= ui.available_width();
        let buttons = |ui: &mut Ui| {
            if ui.add(first).clicked() {
                match kind {
                    Kind::Failed => actions::retry(ctx, std::slice::from_ref(job)),
                    Kind::Held => ctx.commands.send(Command::Resume(job.id)),
                    Kind::Stalled => self.stop(ctx, std::slice::from_ref(job)),
                }
            }
            if ui.add(copy).clicked() {
                report::copy(ctx, job, log);
            }
            let settings = if in_one_row {
                let [settings] = row_end(ui, [settings]);
                settings
            } else {
                ui.add(settings)
            };
            if settings.clicked() {
                ctx.commands.send(Command::OpenSettings);
            }
        };
        if in_one_row {
            row(ui, sizes::CONTROL, buttons);
        } else {
            ui.spacing_mut().item_spacing.y = 8.0;
            ui.horizontal_wrapped(buttons);
        }
    }
}

impl Notice {
    /// Title, cause, numbered steps and raw message.
    fn text_ui(&self, ui: &mut Ui) {
        let t = tokens(ui);
        ui.add(Text::new(Role::CARD, &self.title).wrap());
        ui.add_space(4.0);
        ui.add(Text::new(Role::BODY, &self.cause).color(t.text2).wrap());
        if !self.steps.is_empty() {
            ui.add_space(12.0);
            ui.add(Text::new(Role::SECTION, "What to do next").color(t.text2));
        }
        for (index, step) in self.steps.iter().enumerate() {
            ui.add_space(8.0);
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 12.0;
                let disc = Frame::NONE.fill(t.hover).corner_radius(NUMBER / 2.0);
                disc.show(ui, |ui| {
                    let size = vec2(NUMBER, NUMBER);
                    ui.allocate_ui_with_layout(size, Layout::top_down(Align::Center), |ui| {
                        ui.set_min_size(size);
                        ui.add_space(2.0);
                        let number = (index + 1).to_string();
                        ui.add(Text::new(Role::SECTION, &number).color(t.text2));
                    });
                });
                ui.with_layout(Layout::top_down(Align::Min), |ui| {
                    ui.add_space(1.0);
                    ui.add(Text::new(Role::BODY, step).wrap());
                });
            });
        }
        if !self.raw.is_empty() {
            ui.add_space(14.0);
            raw_ui(ui, &self.raw);
        }
    }
}

/// The raw message of AWS or the worker, as selectable text.
fn raw_ui(ui: &mut Ui, raw: &str) {
    let t = tokens(ui);
    let card = Frame::NONE
        .fill(t.canvas)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(sizes::RADIUS)
        .inner_margin(Margin::symmetric(12, 8));
    card.show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ScrollArea::vertical()
            .id_salt("raw")
            .max_height(RAW)
            .show(ui, |ui| {
                let galley = Text::new(Role::MONO_SMALL, raw)
                    .color(t.text2)
                    .wrap()
                    .galley(ui, ui.available_width());
                ui.add(egui::Label::new(galley).selectable(true));
            });
    });
}
