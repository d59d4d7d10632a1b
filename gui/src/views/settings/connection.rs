//! The check of the connection: the results of `posterframe doctor`, shown as they arrive.

use std::sync::{Arc, Mutex, PoisonError};

use egui::{Align, Frame, Layout, Margin, Panel, ScrollArea, Stroke, Ui};
use futures::StreamExt;
use posterframe_client::doctor::{CheckState, Component, ComponentCheck};
use posterframe_client::{Backend, capitalized};
use posterframe_kit::theme::{Face, Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Glyph, Reveal as _, Text, row_end, row_end_width};
use tokio::task::AbortHandle;

use crate::context::{Command, ViewContext};

/// Padding of the card, in points.
const PAD: i8 = 16;
/// Height of a row, in points. All components of a stack fit below each other.
const ROW: f32 = 25.0;

/// The latest run of the check, and its results so far.
#[derive(Default)]
pub(super) struct Connection {
    run: Option<Run>,
}

struct Run {
    backend: Backend,
    checks: Arc<Mutex<Vec<ComponentCheck>>>,
    task: AbortHandle,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    /// Starts to check `backend`, and drops earlier results.
    fn start(&mut self, ui: &Ui, ctx: &ViewContext<'_>, backend: Backend) {
        let checks: Arc<Mutex<Vec<ComponentCheck>>> = Arc::default();
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

    /// Shows these results as a finished check of `backend`. For tests.
    #[doc(hidden)]
    pub(super) fn show(&mut self, ctx: &ViewContext<'_>, backend: Backend, checks: Vec<ComponentCheck>) {
        self.run = Some(Run {
            backend,
            checks: Arc::new(Mutex::new(checks)),
            task: ctx.engine.spawn(async {}).abort_handle(),
        });
    }

    /// Whether the check of one of `parts` failed. A check without any answer does not count.
    pub(super) fn failed(&self, backend: &Backend, parts: &[Component]) -> bool {
        self.checks(backend)
            .iter()
            .filter(|check| parts.contains(&check.part) && !check.finding.unanswered)
            .any(|check| check.finding.state == CheckState::Failed)
    }

    /// The results in the order in which a job needs the components; empty if another backend was checked.
    fn checks(&self, backend: &Backend) -> Vec<ComponentCheck> {
        let Some(run) = self.run.as_ref().filter(|run| run.backend == *backend) else {
            return Vec::new();
        };
        let mut checks = run.checks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        checks.sort_by_key(|check| check.part);
        checks
    }

    /// Draws the card. `None` is this computer while its backend is not running.
    pub(super) fn ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, backend: Option<&Backend>) {
        let t = tokens(ui);
        let checks = backend.map(|backend| self.checks(backend)).unwrap_or_default();
        let running = !checks.is_empty() && checks.len() < Component::ALL.len()
            || backend.is_some_and(|backend| {
                self.run
                    .as_ref()
                    .is_some_and(|run| run.backend == *backend && !run.task.is_finished())
            });
        let count = |state| checks.iter().filter(|check| check.finding.state == state).count();
        let needed = Component::ALL.len() - count(CheckState::NotNeeded);
        let words = match (checks.is_empty(), running) {
            (true, false) => "Not checked yet".to_owned(),
            (_, true) => "Checking…".to_owned(),
            (false, false) => format!("{} of {needed} passed", count(CheckState::Passed)),
        };
        let (glyph, promise) = match backend {
            None => (icons::DESKTOP, "It can be checked once it runs"),
            Some(backend) if backend.is_local() => (icons::DESKTOP, "Nothing leaves this computer"),
            Some(_) => (icons::LOCK_SIMPLE, "Keys stay in your AWS profile"),
        };
        let card = Frame::NONE
            .fill(t.window)
            .stroke(Stroke::new(1.0, t.border))
            .corner_radius(sizes::RADIUS_CARD)
            .inner_margin(Margin::same(PAD));
        card.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.horizontal(|ui| {
                let button = Button::secondary("Check connection")
                    .with_icon(icons::ARROWS_CLOCKWISE)
                    .small()
                    .busy(running)
                    .enabled(backend.is_some() && !running);
                ui.scope(|ui| {
                    ui.set_max_width(ui.available_width() - row_end_width(ui, &[button]) - 8.0);
                    ui.vertical(|ui| {
                        ui.add(Text::new(Role::TITLE, "Connection"));
                        ui.add(Text::new(Role::SMALL, &words).color(t.text3));
                    });
                });
                let [button] = row_end(ui, [button]);
                if let (true, Some(backend)) = (button.clicked(), backend) {
                    self.start(ui, ctx, backend.clone());
                }
            });
            ui.add_space(10.0);
            let foot = Panel::bottom("promise").frame(Frame::NONE).resizable(false);
            foot.show_separator_line(false).show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.add(Glyph::new(glyph, 14.0, t.text3));
                    ui.add(Text::new(Role::SMALL, promise).color(t.text3));
                });
            });
            ScrollArea::vertical()
                .auto_shrink(false)
                .show_revealing(ui, |ui| {
                    // Components that this backend does not need are left out, and advice about no answer is shown once.
                    let mut silent = false;
                    for check in &checks {
                        check_ui(ui, ctx, check, silent);
                        silent |= check.finding.unanswered && check.finding.state == CheckState::Failed;
                    }
                });
        });
    }
}

/// A row. `silent` means that an earlier row has already said that nothing answers.
fn check_ui(ui: &mut Ui, ctx: &ViewContext<'_>, check: &ComponentCheck, silent: bool) {
    let t = tokens(ui);
    let finding = &check.finding;
    let (glyph, color) = match finding.state {
        CheckState::Passed => (icons::CHECK_CIRCLE, t.green),
        CheckState::Warning => (icons::WARNING, t.warn),
        CheckState::Failed => (icons::X_CIRCLE, t.red),
        CheckState::NotNeeded => return,
    };
    let is_problem = matches!(finding.state, CheckState::Warning | CheckState::Failed);
    let has_details = is_problem && !(silent && finding.unanswered);
    ui.horizontal(|ui| {
        ui.set_min_height(ROW);
        ui.add(Glyph::new(glyph, 16.0, color).face(Face::IconFill));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let time = format!("{} ms", check.took.as_millis());
            ui.add(Text::new(Role::MONO_SMALL, &time).color(t.text3));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let role = if has_details { Role::TITLE } else { Role::BODY };
                let label = ui.add(Text::new(role, check.part.label()));
                if !has_details {
                    label.on_hover_text(&finding.what);
                }
            });
        });
    });
    if has_details {
        let indent = Frame::NONE.inner_margin(Margin {
            left: 24,
            bottom: 6,
            ..Margin::ZERO
        });
        indent.show(ui, |ui| finding_ui(ui, ctx, check));
    }
}

/// The finding, its advice, and the command or policy that mends it.
fn finding_ui(ui: &mut Ui, ctx: &ViewContext<'_>, check: &ComponentCheck) {
    let t = tokens(ui);
    ui.spacing_mut().item_spacing.y = 6.0;
    let what = capitalized(&check.finding.what);
    for words in std::iter::once(&what).chain(&check.finding.advice) {
        ui.add(Text::new(Role::SMALL, words).color(t.text2).wrap());
    }
    let Some(remedy) = &check.finding.remedy else {
        return;
    };
    let ground = Frame::NONE
        .fill(t.canvas)
        .stroke(Stroke::new(1.0, t.border))
        .corner_radius(sizes::RADIUS_CARD)
        .inner_margin(Margin::symmetric(11, 9));
    ground.show(ui, |ui| {
        ui.take_available_width();
        ui.add(Text::new(Role::MONO_SMALL, &remedy.text).color(t.text2).wrap());
    });
    let label = format!("Copy {}", remedy.kind);
    if ui
        .add(Button::secondary(&label).with_icon(icons::COPY).small())
        .clicked()
    {
        ctx.commands.send(Command::CopyText(remedy.text.clone()));
    }
    ui.add_space(6.0);
}
