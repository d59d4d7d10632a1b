//! Short messages in the corner: what was done, and what went wrong.

use std::time::{Duration, Instant};

use egui::{Align2, Area, Context, Id, Order, Sense, vec2};

use crate::theme::Role;
use crate::widgets::{self, Text, Tone};

/// How long good news stays.
const GOOD: Duration = Duration::from_secs(4);
/// Bad news wants reading.
const BAD: Duration = Duration::from_secs(12);
/// More would cover the view.
const MOST: usize = 4;
const WIDTH: f32 = 344.0;
/// What of the width the icon and the cross take.
const AROUND: f32 = 76.0;
const MARGIN: f32 = 24.0;
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
    since: Instant,
}

impl Toast {
    fn left(&self) -> Duration {
        let stay = if self.bad { BAD } else { GOOD };
        stay.saturating_sub(self.since.elapsed())
    }
}

impl Toasts {
    /// Good news.
    pub(super) fn tell(&mut self, text: String) {
        self.push(text, false);
    }

    /// Bad news.
    pub(super) fn complain(&mut self, text: String) {
        self.push(text, true);
    }

    fn push(&mut self, text: String, bad: bool) {
        // The same again starts anew instead of piling up.
        self.toasts.retain(|toast| toast.text != text);
        self.count += 1;
        self.toasts.push(Toast {
            number: self.count,
            text,
            bad,
            since: Instant::now(),
        });
        if self.toasts.len() > MOST {
            self.toasts.remove(0);
        }
    }

    /// Draws them, the newest at the bottom.
    pub(super) fn ui(&mut self, ctx: &Context) {
        self.toasts.retain(|toast| !toast.left().is_zero());
        let Some(next) = self.toasts.iter().map(Toast::left).min() else {
            return;
        };
        ctx.request_repaint_after(next);
        let mut bottom = MARGIN;
        let mut closed = None;
        for toast in self.toasts.iter().rev() {
            let (height, close) = toast_ui(ctx, toast, bottom);
            bottom += height + GAP;
            if close {
                closed = Some(toast.number);
            }
        }
        self.toasts.retain(|toast| Some(toast.number) != closed);
    }
}

fn toast_ui(ctx: &Context, toast: &Toast, bottom: f32) -> (f32, bool) {
    let area = Area::new(Id::unique(("toast", toast.number)))
        .order(Order::Foreground)
        .anchor(Align2::RIGHT_BOTTOM, vec2(-MARGIN, -bottom))
        .fade_in(false);
    let shown = area.show(ctx, |ui| {
        let rows = Text::new(Role::BODY, &toast.text)
            .wrap()
            .galley(ui, WIDTH - AROUND)
            .size()
            .y;
        let size = vec2(WIDTH, (rows + 22.0).max(40.0));
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let tone = if toast.bad { Tone::Bad } else { Tone::Good };
        let answer = widgets::toast(ui, rect, tone, &toast.text, None);
        (size.y, answer.is_some())
    });
    shown.inner
}
