//! Short messages in the window's corner, about successes and failures.

use std::time::{Duration, Instant};

use egui::{Align2, Area, Context, Id, Order, vec2};
use posterframe_kit::widgets::{ToastAnswer, Tone, toast_ui};

use crate::context::{Command, Commands};

/// How long a success is shown.
const GOOD: Duration = Duration::from_secs(4);
/// How long a message with a button is shown: time to press Undo.
pub(super) const OFFER: Duration = Duration::from_secs(8);
/// How long a failure is shown: its text takes longer to read.
const BAD: Duration = Duration::from_secs(12);
/// Most messages at once; more would cover the view.
const MAX_TOASTS: usize = 4;
const WIDTH: f32 = 344.0;
const MARGIN: f32 = 24.0;
/// Distance from the lower edge, in points: above the views' buttons.
const BOTTOM_MARGIN: f32 = 68.0;
const GAP: f32 = 8.0;

/// The messages on the screen, the oldest first.
#[derive(Default)]
pub(super) struct Toasts {
    toasts: Vec<Toast>,
    count: u64,
}

struct Toast {
    number: u64,
    text: String,
    bad: bool,
    /// A button's label and command.
    action: Option<(&'static str, Command)>,
    since: Instant,
}

impl Toast {
    fn left(&self) -> Duration {
        let stay = match (self.bad, &self.action) {
            (false, None) => GOOD,
            (false, Some(_)) => OFFER,
            (true, _) => BAD,
        };
        stay.saturating_sub(self.since.elapsed())
    }
}

impl Toasts {
    /// Reports a success.
    pub(super) fn tell(&mut self, text: String) {
        self.push(text, false, None);
    }

    /// Reports a failure.
    pub(super) fn complain(&mut self, text: String) {
        self.push(text, true, None);
    }

    /// Reports a success, with a button that sends `command`.
    pub(super) fn offer(&mut self, text: String, label: &'static str, command: Command) {
        self.push(text, false, Some((label, command)));
    }

    fn push(&mut self, text: String, bad: bool, action: Option<(&'static str, Command)>) {
        // A repeated message replaces the first one, unless its button does something else.
        self.toasts
            .retain(|toast| toast.text != text || toast.action != action);
        self.count += 1;
        self.toasts.push(Toast {
            number: self.count,
            text,
            bad,
            action,
            since: Instant::now(),
        });
        if self.toasts.len() > MAX_TOASTS {
            self.toasts.remove(0);
        }
    }

    /// Draws the messages, the newest at the bottom.
    pub(super) fn ui(&mut self, ctx: &Context, commands: &Commands) {
        self.toasts.retain(|toast| !toast.left().is_zero());
        let Some(next) = self.toasts.iter().map(Toast::left).min() else {
            return;
        };
        ctx.request_repaint_after(next);
        let mut bottom = BOTTOM_MARGIN;
        let mut closed = None;
        for toast in self.toasts.iter().rev() {
            let (height, answer) = area_ui(ctx, toast, bottom);
            bottom += height + GAP;
            if answer.is_some() {
                closed = Some(toast.number);
            }
            if let (Some(ToastAnswer::Action), Some((_, command))) = (answer, &toast.action) {
                commands.send(command.clone());
            }
        }
        self.toasts.retain(|toast| Some(toast.number) != closed);
    }
}

fn area_ui(ctx: &Context, toast: &Toast, bottom: f32) -> (f32, Option<ToastAnswer>) {
    let area = Area::new(Id::unique(("toast", toast.number)))
        .order(Order::Foreground)
        .anchor(Align2::RIGHT_BOTTOM, vec2(-MARGIN, -bottom))
        .fade_in(false);
    let shown = area.show(ctx, |ui| {
        ui.set_width(WIDTH.min(ctx.content_rect().width() - 2.0 * MARGIN));
        let label = toast.action.as_ref().map(|(label, _)| *label);
        let tone = if toast.bad { Tone::Bad } else { Tone::Good };
        toast_ui(ui, tone, &toast.text, label)
    });
    (shown.response.rect.height(), shown.inner)
}
