//! Several jobs at once: how they are, and what can be done with all of them.

use std::sync::Arc;

use egui::{Align2, Rect, Ui, pos2, vec2};
use posterframe_client::{Job, JobState};
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Text};

use super::{JobsView, actions};
use crate::context::ViewContext;

/// A state's words and whether a job is in it.
type State = (&'static str, fn(JobState) -> bool);

const STATES: [State; 4] = [
    ("under way", |state| !state.is_ended()),
    ("done", |state| state == JobState::Done),
    ("failed", |state| state == JobState::Failed),
    ("stopped", |state| state == JobState::Stopped),
];

impl JobsView {
    pub(super) fn many_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, jobs: &[Arc<Job>]) {
        let t = tokens(ui);
        let rect = ui.max_rect().shrink(sizes::DETAIL);
        let row = |top: f32, high: f32| {
            Rect::from_min_size(pos2(rect.left(), rect.top() + top), vec2(rect.width(), high))
        };
        let heading = format!("{} jobs selected", jobs.len());
        Text::new(Role::HEADING, &heading).at(ui, row(4.0, 24.0), Align2::LEFT_CENTER);
        let counts = STATES.iter().filter_map(|(word, is)| {
            let count = jobs.iter().filter(|job| is(job.state)).count();
            (count > 0).then(|| format!("{count} {word}"))
        });
        let counts = counts.collect::<Vec<_>>().join(" · ");
        Text::new(Role::BODY, &counts)
            .color(t.text2)
            .at(ui, row(32.0, 18.0), Align2::LEFT_CENTER);

        let count = |can: fn(&Job) -> bool| jobs.iter().filter(|job| can(job)).count();
        let (retry, stop, forget) = (
            count(actions::can_retry),
            count(actions::can_stop),
            count(actions::can_forget),
        );
        let number = |count: usize| {
            if count > 0 {
                format!(" {count}")
            } else {
                String::new()
            }
        };
        let labels = [
            format!("Retry{}", number(retry)),
            format!("Stop{}…", number(stop)),
            format!("Remove{} from list", number(forget)),
        ];
        let buttons = [
            Button::secondary(&labels[0])
                .with_icon(icons::ARROW_CLOCKWISE)
                .enabled(retry > 0)
                .tip("Those that have ended", &["Ctrl", "R"]),
            Button::secondary(&labels[1])
                .with_icon(icons::SQUARE)
                .enabled(stop > 0)
                .tip("Those that are under way", &[]),
            Button::danger_ghost(&labels[2])
                .with_icon(icons::TRASH)
                .enabled(forget > 0)
                .tip("Those that have ended", &["Del"]),
        ];
        let mut x = rect.left();
        for (index, button) in buttons.into_iter().enumerate() {
            let place =
                Rect::from_min_size(pos2(x, rect.top() + 72.0), vec2(button.width(ui), sizes::CONTROL));
            x = place.right() + 8.0;
            if button.at(ui, place).clicked() {
                match index {
                    0 => actions::retry(ctx, jobs),
                    1 => self.stop(ctx, jobs),
                    _ => actions::forget(ctx, jobs),
                }
            }
        }
        let hint = "Esc goes back to one job";
        Text::new(Role::SMALL, hint)
            .color(t.text3)
            .at(ui, row(120.0, 16.0), Align2::LEFT_CENTER);
    }
}
