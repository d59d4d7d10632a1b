//! Short messages in the corner: what was done, and what went wrong.

use std::time::{Duration, Instant};

use egui::{Align2, Area, Context, Id, Order, vec2};
use posterframe_kit::widgets::{ToastAnswer, Tone, toast_ui};

use crate::context::{Command, Commands};

/// How long good news stays.
const GOOD: Duration = Duration::from_secs(4);
/// Time to think better of it.
pub(super) const OFFER: Duration = Duration::from_secs(8);
/// Bad news wants reading.
const BAD: Duration = Duration::from_secs(12);
/// More would cover the view.
const MAX_TOASTS: usize = 4;
const WIDTH: f32 = 344.0;
const MARGIN: f32 = 24.0;
/// From the lower edge: above the buttons that views have there.
const ABOVE: f32 = 68.0;
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
    /// A button, and what it does.
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
    /// Good news.
    pub(super) fn tell(&mut self, text: String) {
        self.push(text, false, None);
    }

    /// Bad news.
    pub(super) fn complain(&mut self, text: String) {
        self.push(text, true, None);
    }

    /// Good news, with a button.
    pub(super) fn offer(&mut self, text: String, label: &'static str, command: Command) {
        self.push(text, false, Some((label, command)));
    }

    fn push(&mut self, text: String, bad: bool, action: Option<(&'static str, Command)>) {
        // The same again starts anew instead of piling up, unless it offers something else.
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

    /// Draws them, the newest at the bottom.
    pub(super) fn ui(&mut self, ctx: &Context, commands: &Commands) {
        self.toasts.retain(|toast| !toast.left().is_zero());
        let Some(next) = self.toasts.iter().map(Toast::left).min() else {
            return;
        };
        ctx.request_repaint_after(next);
        let mut bottom = ABOVE;
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
