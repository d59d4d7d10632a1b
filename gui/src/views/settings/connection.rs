//! The check of the connection: the same list as `posterframe doctor`, as it comes.

use std::sync::{Arc, Mutex, PoisonError};

use egui::{Align2, Rect, ScrollArea, Ui, pos2, vec2};
use futures::StreamExt;
use posterframe_client::Backend;
use posterframe_client::doctor::{Check, CheckState, Part};
use posterframe_kit::theme::{Face, Role, icons, tokens};
use posterframe_kit::widgets::{Button, Text, card, icon, within};
use tokio::task::AbortHandle;

use crate::context::{Command, ViewContext};

const PAD: f32 = 17.0;
/// A row's height: all parts of a stack fit below each other.
const ROW: f32 = 25.0;

/// One run of the check, and its outcome so far.
#[derive(Default)]
pub(super) struct Connection {
    run: Option<Run>,
}

struct Run {
    backend: Backend,
    checks: Arc<Mutex<Vec<Check>>>,
    task: AbortHandle,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    /// Looks at `backend`; what an earlier look has found goes.
    fn start(&mut self, ui: &Ui, ctx: &ViewContext<'_>, backend: Backend) {
        let checks: Arc<Mutex<Vec<Check>>> = Arc::default();
        let (sink, window) = (checks.clone(), ui.ctx().clone());
        let (wanted, paths) = (backend.clone(), ctx.paths.clone());
        let task = ctx.engine.spawn(async move {
            let mut stream = crate::doctor::check(wanted, paths);
            while let Some(check) = stream.next().await {
                sink.lock().unwrap_or_else(PoisonError::into_inner).push(check);
                window.request_repaint();
            }
        });
        self.run = Some(Run {
            backend,
            checks,
            task: task.abort_handle(),
        });
    }

    /// Shows these as a finished check of `backend`.
    #[doc(hidden)]
    pub(super) fn show(&mut self, ctx: &ViewContext<'_>, backend: Backend, checks: Vec<Check>) {
        self.run = Some(Run {
            backend,
            checks: Arc::new(Mutex::new(checks)),
            task: ctx.engine.spawn(async {}).abort_handle(),
        });
    }

    /// Whether the check found something wrong with one of `parts`; not where nothing answered.
    pub(super) fn failed(&self, backend: &Backend, parts: &[Part]) -> bool {
        self.checks(backend)
            .iter()
            .filter(|check| parts.contains(&check.part) && !check.finding.unanswered)
            .any(|check| check.finding.state == CheckState::Failed)
    }

    /// In the order of a job; none where another backend was checked than this one.
    fn checks(&self, backend: &Backend) -> Vec<Check> {
        let Some(run) = self.run.as_ref().filter(|run| run.backend == *backend) else {
            return Vec::new();
        };
        let mut checks = run.checks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        checks.sort_by_key(|check| check.part);
        checks
    }

    /// The card. `None` stands for this computer while it does not run.
    pub(super) fn ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, backend: Option<&Backend>) {
        let t = tokens(ui);
        let rect = ui.max_rect();
        card(ui, rect, t.window, t.border);
        let checks = backend.map(|backend| self.checks(backend)).unwrap_or_default();
        let running = !checks.is_empty() && checks.len() < Part::ALL.len()
            || backend.is_some_and(|backend| {
                self.run
                    .as_ref()
                    .is_some_and(|run| run.backend == *backend && !run.task.is_finished())
            });
        let count = |state| checks.iter().filter(|check| check.finding.state == state).count();
        let needed = Part::ALL.len() - count(CheckState::NotNeeded);
        let words = match (checks.is_empty(), running) {
            (true, false) => "Not checked yet".to_owned(),
            (_, true) => "Checking…".to_owned(),
            (false, false) => format!("{} of {needed} passed", count(CheckState::Passed)),
        };
        let head = Rect::from_min_max(
            rect.min + vec2(PAD, 14.0),
            pos2(rect.right() - PAD, rect.top() + 54.0),
        );
        let button = Button::secondary("Check connection")
            .with_icon(icons::ARROWS_CLOCKWISE)
            .small()
            .busy(running)
            .enabled(backend.is_some() && !running);
        let place = Align2::RIGHT_CENTER.align_size_within_rect(vec2(button.width(ui), 28.0), head);
        let text = |top: f32, high: f32| {
            Rect::from_min_max(
                pos2(head.left(), rect.top() + top),
                pos2(place.left() - 8.0, rect.top() + top + high),
            )
        };
        Text::new(Role::TITLE, "Connection").at(ui, text(17.0, 18.0), Align2::LEFT_CENTER);
        Text::new(Role::SMALL, &words)
            .color(t.text3)
            .at(ui, text(36.0, 16.0), Align2::LEFT_CENTER);
        if let (true, Some(backend)) = (button.at(ui, place).clicked(), backend) {
            self.start(ui, ctx, backend.clone());
        }
        let foot = Rect::from_min_max(
            pos2(head.left(), rect.bottom() - 34.0),
            pos2(head.right(), rect.bottom() - 16.0),
        );
        let body = Rect::from_min_max(
            pos2(rect.left(), rect.top() + 60.0),
            pos2(rect.right(), foot.top() - 8.0),
        );
        within(ui, body, "checks", |ui| {
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                // What a backend does not need is no part of it, and that nothing answers is said once.
                let mut silent = false;
                for check in &checks {
                    check_ui(ui, ctx, check, silent);
                    silent |= check.finding.unanswered && check.finding.state == CheckState::Failed;
                }
            });
        });
        let (glyph, words) = match backend {
            None => (icons::DESKTOP, "It can be checked once it runs"),
            Some(backend) if backend.is_local() => (icons::DESKTOP, "Nothing leaves this computer"),
            Some(_) => (icons::LOCK_SIMPLE, "Keys stay in your AWS profile"),
        };
        let at = pos2(foot.left() + 7.0, foot.center().y);
        icon(ui.painter(), at, glyph, Face::Icon, 14.0, t.text3);
        let words_at = Rect::from_min_max(foot.min + vec2(22.0, 0.0), foot.max);
        Text::new(Role::SMALL, words)
            .color(t.text3)
            .at(ui, words_at, Align2::LEFT_CENTER);
    }
}

/// A row. With `silent`, a row before has said already that nothing answers.
fn check_ui(ui: &mut Ui, ctx: &ViewContext<'_>, check: &Check, silent: bool) {
    let t = tokens(ui);
    let finding = &check.finding;
    let (glyph, color) = match finding.state {
        CheckState::Passed => (icons::CHECK_CIRCLE, t.green),
        CheckState::Warning => (icons::WARNING, t.warn),
        CheckState::Failed => (icons::X_CIRCLE, t.red),
        CheckState::NotNeeded => return,
    };
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let place = place.shrink2(vec2(PAD, (ROW - 18.0) / 2.0));
    let at = pos2(place.left() + 8.0, place.center().y);
    icon(ui.painter(), at, glyph, Face::IconFill, 16.0, color);
    let told = matches!(finding.state, CheckState::Warning | CheckState::Failed);
    let told = told && !(silent && finding.unanswered);
    let time = format!("{} ms", check.took.as_millis());
    let width = Text::new(Role::MONO_SMALL, &time).width(ui);
    let words = Rect::from_min_max(
        pos2(place.left() + 24.0, place.top()),
        pos2(place.right() - width - 8.0, place.bottom()),
    );
    let role = if told { Role::TITLE } else { Role::BODY };
    let label = Text::new(role, check.part.label()).at(ui, words, Align2::LEFT_CENTER);
    if !told {
        label.on_hover_text(&finding.what);
    }
    Text::new(Role::MONO_SMALL, &time)
        .color(t.text3)
        .at(ui, place, Align2::RIGHT_CENTER);
    if !told {
        return;
    }
    paragraph(ui, Role::SMALL, &crate::app::sentence(&finding.what));
    if let Some(advice) = &finding.advice {
        paragraph(ui, Role::SMALL, advice);
    }
    let Some(remedy) = &finding.remedy else {
        return;
    };
    let text = Text::new(Role::MONO_SMALL, &remedy.text).color(t.text2).wrap();
    let inner = ui.available_width() - 2.0 * PAD - 24.0 - 22.0;
    let galley = text.galley(ui, inner);
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), galley.size().y + 18.0));
    let ground = Rect::from_min_max(
        pos2(place.left() + PAD + 24.0, place.top()),
        pos2(place.right() - PAD, place.bottom()),
    );
    card(ui, ground, t.canvas, t.border);
    text.at(ui, ground.shrink2(vec2(11.0, 9.0)), Align2::LEFT_TOP);
    let label = format!("Copy {}", remedy.kind);
    let button = Button::secondary(&label).with_icon(icons::COPY).small();
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), 44.0));
    let at = Rect::from_min_size(
        pos2(place.left() + PAD + 24.0, place.top() + 8.0),
        vec2(button.width(ui), 28.0),
    );
    if button.at(ui, at).clicked() {
        ctx.commands.send(Command::CopyText(remedy.text.clone()));
    }
}

fn paragraph(ui: &mut Ui, role: Role, words: &str) {
    let width = ui.available_width() - 2.0 * PAD - 24.0;
    let text = Text::new(role, words).color(tokens(ui).text2).wrap();
    let high = text.galley(ui, width).size().y + 6.0;
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), high));
    let place = Rect::from_min_size(pos2(place.left() + PAD + 24.0, place.top()), vec2(width, high));
    text.at(ui, place, Align2::LEFT_TOP);
}
