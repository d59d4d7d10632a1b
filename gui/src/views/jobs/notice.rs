//! Why a job failed, is held up or takes long, in plain words, and what to do; then what was said verbatim.

use std::sync::Arc;

use egui::{Align2, CornerRadius, Rect, ScrollArea, Ui, pos2, vec2};
use posterframe_client::{Job, Log};
use posterframe_kit::theme::{Face, Role, icons, tokens};
use posterframe_kit::widgets::{Button, Text, card, icon, within};
use time::OffsetDateTime;

use super::{JobsView, actions, report};
use crate::context::{Command, ViewContext};
use crate::job_text;

/// The raw text is shown to this height, and scrolls.
const RAW: f32 = 96.0;
const LEFT: f32 = 45.0;
const PADDING: f32 = 17.0;

/// What there is to say about a job.
pub(super) struct Notice {
    kind: Kind,
    title: String,
    cause: String,
    steps: Vec<String>,
    raw: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It failed.
    Failed,
    /// It goes on by itself, once what it waits for is there.
    Held,
    /// A phase takes suspiciously long.
    Stalled,
}

impl Notice {
    /// What there is to say about `job`, if anything.
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

    /// Title, cause, next steps and raw text.
    pub(super) fn parts(&self) -> (&str, &str, &[String], &str) {
        (&self.title, &self.cause, &self.steps, &self.raw)
    }

    /// How high its card is at a width.
    pub(super) fn height(&self, ui: &Ui, width: f32) -> f32 {
        Parts::of(ui, self, width).total()
    }
}

/// The heights of a card's parts at a width.
struct Parts {
    title: f32,
    cause: f32,
    steps: Vec<f32>,
    raw: f32,
}

impl Parts {
    fn of(ui: &Ui, notice: &Notice, width: f32) -> Self {
        let inner = width - LEFT - PADDING;
        let high =
            |role: Role, text: &str, width: f32| Text::new(role, text).wrap().galley(ui, width).size().y;
        let steps = notice
            .steps
            .iter()
            .map(|step| high(Role::BODY, step, inner - 32.0).max(20.0) + 8.0);
        Self {
            title: high(Role::CARD, &notice.title, inner),
            cause: high(Role::BODY, &notice.cause, inner),
            steps: steps.collect(),
            raw: if notice.raw.is_empty() {
                0.0
            } else {
                (high(Role::MONO_SMALL, &notice.raw, inner - 26.0) + 18.0).min(RAW)
            },
        }
    }

    fn total(&self) -> f32 {
        let steps = if self.steps.is_empty() {
            0.0
        } else {
            12.0 + 16.0 + 8.0 + self.steps.iter().sum::<f32>()
        };
        let raw = if self.raw > 0.0 { 6.0 + self.raw } else { 0.0 };
        PADDING + self.title + 4.0 + self.cause + steps + raw + 12.0 + 32.0 + PADDING
    }
}

impl JobsView {
    /// Draws the card in all of `ui`.
    pub(super) fn notice_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        job: &Arc<Job>,
        log: &Log,
        notice: &Notice,
    ) {
        let t = tokens(ui);
        let rect = ui.max_rect();
        let parts = Parts::of(ui, notice, rect.width());
        let (line, glyph, color) = match notice.kind {
            Kind::Failed => (t.red_line, icons::WARNING_CIRCLE, t.red),
            Kind::Held | Kind::Stalled => (t.border2, icons::WARNING, t.warn),
        };
        card(ui, rect, t.panel, line);
        let at = pos2(rect.left() + 27.0, rect.top() + PADDING + 10.0);
        icon(ui.painter(), at, glyph, Face::IconFill, 20.0, color);
        let (left, right) = (rect.left() + LEFT, rect.right() - PADDING);
        let mut y = rect.top() + PADDING;
        let mut row = |high: f32, gap: f32| {
            let place = Rect::from_min_max(pos2(left, y), pos2(right, y + high));
            y += high + gap;
            place
        };
        let place = row(parts.title, 4.0);
        Text::new(Role::CARD, &notice.title)
            .wrap()
            .at(ui, place, Align2::LEFT_TOP);
        let place = row(parts.cause, 0.0);
        Text::new(Role::BODY, &notice.cause)
            .color(t.text2)
            .wrap()
            .at(ui, place, Align2::LEFT_TOP);
        if !notice.steps.is_empty() {
            row(12.0, 0.0);
            let place = row(16.0, 8.0);
            Text::new(Role::SECTION, "What to do next")
                .color(t.text2)
                .at(ui, place, Align2::LEFT_CENTER);
            for (index, (step, high)) in notice.steps.iter().zip(&parts.steps).enumerate() {
                let place = row(*high, 0.0);
                let center = pos2(place.left() + 10.0, place.top() + 10.0);
                ui.painter().circle_filled(center, 10.0, t.hover);
                let number = (index + 1).to_string();
                let disc = Rect::from_center_size(center, vec2(20.0, 20.0));
                Text::new(Role::SECTION, &number)
                    .color(t.text2)
                    .at(ui, disc, Align2::CENTER_CENTER);
                let words = Rect::from_min_max(place.min + vec2(32.0, 1.0), place.max);
                Text::new(Role::BODY, step).wrap().at(ui, words, Align2::LEFT_TOP);
            }
        }
        if parts.raw > 0.0 {
            row(6.0, 0.0);
            raw_ui(ui, &notice.raw, row(parts.raw, 0.0));
        }
        row(12.0, 0.0);
        self.notice_buttons_ui(ui, ctx, job, log, (notice.kind, row(32.0, 0.0)));
    }

    fn notice_buttons_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &ViewContext<'_>,
        job: &Arc<Job>,
        log: &Log,
        (kind, rect): (Kind, Rect),
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
        let place = Rect::from_min_size(rect.min, vec2(first.width(ui), rect.height()));
        if first.at(ui, place).clicked() {
            match kind {
                Kind::Failed => actions::retry(ctx, std::slice::from_ref(job)),
                Kind::Held => ctx.commands.send(Command::Resume(job.id)),
                Kind::Stalled => self.stop(ctx, std::slice::from_ref(job)),
            }
        }
        let copy = Button::secondary("Copy report")
            .with_icon(icons::CLIPBOARD_TEXT)
            .tip(
                "Everything that someone who helps would ask for, without secrets",
                &[],
            );
        let place = Rect::from_min_size(
            place.right_top() + vec2(8.0, 0.0),
            vec2(copy.width(ui), rect.height()),
        );
        if copy.at(ui, place).clicked() {
            report::copy(ctx, job, log);
        }
        let settings = Button::ghost("Open settings").with_icon(icons::GEAR_SIX);
        let left = rect.right() - settings.width(ui);
        if left > place.right() + 8.0 {
            let place = Rect::from_min_max(pos2(left, rect.top()), rect.max);
            if settings.at(ui, place).clicked() {
                ctx.commands.send(Command::OpenSettings);
            }
        }
    }
}

/// What AWS or the worker said. It can be selected.
fn raw_ui(ui: &mut Ui, raw: &str, rect: Rect) {
    let t = tokens(ui);
    card(ui, rect, t.canvas, t.border);
    ui.painter()
        .rect_filled(rect.shrink(1.0), CornerRadius::same(6), t.canvas);
    let inner = rect.shrink2(vec2(13.0, 9.0));
    within(ui, inner, "raw", |ui| {
        ScrollArea::vertical()
            .id_salt("raw")
            .auto_shrink(false)
            .show(ui, |ui| {
                let galley = Text::new(Role::MONO_SMALL, raw)
                    .color(t.text2)
                    .wrap()
                    .galley(ui, inner.width());
                ui.add(egui::Label::new(galley).selectable(true));
            });
    });
}
