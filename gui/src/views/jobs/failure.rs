//! Why a job failed, in plain words, and what to do; then what was said verbatim.

use egui::{Align2, CornerRadius, Rect, ScrollArea, Ui, pos2, vec2};
use posterframe_client::{Failure, Job, LogLine};

use super::words;
use crate::theme::{Face, Role, icons, tokens};
use crate::views::{Command, ViewContext};
use crate::widgets::{Button, Text, card, icon};

/// The raw text is shown to this height, and scrolls.
const RAW: f32 = 96.0;
const LEFT: f32 = 45.0;
const PADDING: f32 = 17.0;

/// The heights of a card's parts at a width.
struct Parts {
    title: f32,
    cause: f32,
    steps: Vec<f32>,
    raw: f32,
}

impl Parts {
    fn of(ui: &Ui, failure: &Failure, width: f32) -> Self {
        let inner = width - LEFT - PADDING;
        let high =
            |role: Role, text: &str, width: f32| Text::new(role, text).wrap().galley(ui, width).size().y;
        let steps = failure
            .next_steps
            .iter()
            .map(|step| high(Role::BODY, step, inner - 32.0).max(20.0) + 8.0);
        Self {
            title: high(Role::CARD, &failure.title, inner),
            cause: high(Role::BODY, &failure.cause, inner),
            steps: steps.collect(),
            raw: if failure.raw.is_empty() {
                0.0
            } else {
                (high(Role::MONO_SMALL, &failure.raw, inner - 26.0) + 18.0).min(RAW)
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

/// How high the card of a job is at a width; 0 where there is nothing to say.
pub(super) fn height(ui: &Ui, job: &Job, width: f32) -> f32 {
    job.failure
        .as_ref()
        .map_or(0.0, |failure| Parts::of(ui, failure, width).total())
}

/// Draws the card in all of `ui`.
pub(super) fn card_ui(ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, log: &[LogLine]) {
    let Some(failure) = &job.failure else { return };
    let t = tokens(ui);
    let rect = ui.max_rect();
    let parts = Parts::of(ui, failure, rect.width());
    card(ui, rect, t.panel, t.red_line);
    let at = pos2(rect.left() + 27.0, rect.top() + PADDING + 10.0);
    icon(
        ui.painter(),
        at,
        icons::WARNING_CIRCLE,
        Face::IconFill,
        20.0,
        t.red,
    );
    let (left, right) = (rect.left() + LEFT, rect.right() - PADDING);
    let mut y = rect.top() + PADDING;
    let mut row = |high: f32, gap: f32| {
        let place = Rect::from_min_max(pos2(left, y), pos2(right, y + high));
        y += high + gap;
        place
    };
    let place = row(parts.title, 4.0);
    Text::new(Role::CARD, &failure.title)
        .wrap()
        .at(ui, place, Align2::LEFT_TOP);
    let place = row(parts.cause, 0.0);
    Text::new(Role::BODY, &failure.cause)
        .color(t.text2)
        .wrap()
        .at(ui, place, Align2::LEFT_TOP);
    if !failure.next_steps.is_empty() {
        row(12.0, 0.0);
        let place = row(16.0, 8.0);
        Text::new(Role::SECTION, "What to do next")
            .color(t.text2)
            .at(ui, place, Align2::LEFT_CENTER);
        for (index, (step, high)) in failure.next_steps.iter().zip(&parts.steps).enumerate() {
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
        let place = row(parts.raw, 0.0);
        raw_ui(ui, &failure.raw, place);
    }
    row(12.0, 0.0);
    let place = row(32.0, 0.0);
    buttons_ui(ui, ctx, job, log, place);
}

/// What AWS or the worker said. It can be selected.
fn raw_ui(ui: &mut Ui, raw: &str, rect: Rect) {
    let t = tokens(ui);
    card(ui, rect, t.canvas, t.border);
    ui.painter()
        .rect_filled(rect.shrink(1.0), CornerRadius::same(6), t.canvas);
    let inner = rect.shrink2(vec2(13.0, 9.0));
    crate::widgets::within(ui, inner, "raw", |ui| {
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

fn buttons_ui(ui: &mut Ui, ctx: &ViewContext<'_>, job: &Job, log: &[LogLine], rect: Rect) {
    let retry = Button::primary("Retry").with_icon(icons::ARROW_CLOCKWISE);
    let report = Button::secondary("Copy report").with_icon(icons::CLIPBOARD_TEXT);
    let settings = Button::ghost("Open settings").with_icon(icons::GEAR_SIX);
    let place = Rect::from_min_size(rect.min, vec2(retry.width(ui), rect.height()));
    if retry.at(ui, place).clicked() {
        ctx.commands.send(Command::Retry(job.id));
    }
    let place = Rect::from_min_size(
        place.right_top() + vec2(8.0, 0.0),
        vec2(report.width(ui), rect.height()),
    );
    if report.at(ui, place).clicked() {
        ctx.commands.send(Command::CopyText(words::report(job, log)));
        ctx.commands.send(Command::Toast("Copied the report".to_owned()));
    }
    let left = rect.right() - settings.width(ui);
    if left > place.right() + 8.0 {
        let place = Rect::from_min_max(pos2(left, rect.top()), rect.max);
        if settings.at(ui, place).clicked() {
            ctx.commands.send(Command::OpenSettings);
        }
    }
}
