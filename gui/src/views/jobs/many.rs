//! Several selected jobs: their states and their common actions.

use std::sync::Arc;

use egui::{Frame, Ui};
use posterframe_client::{Job, JobState};
use posterframe_kit::theme::{Role, icons, sizes, tokens};
use posterframe_kit::widgets::{Button, Text};

use super::{JobsView, actions};
use crate::context::ViewContext;

/// A group of states: its name, and whether it holds a state.
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
        let margin = Frame::NONE.inner_margin(sizes::DETAIL);
        margin.show(ui, |ui| {
            ui.add_space(4.0);
            let heading = format!("{} jobs selected", jobs.len());
            ui.add(Text::new(Role::HEADING, &heading).wrap());
            ui.add_space(4.0);
            let counts = STATES.iter().filter_map(|(word, is)| {
                let count = jobs.iter().filter(|job| is(job.state)).count();
                (count > 0).then(|| format!("{count} {word}"))
            });
            let counts = counts.collect::<Vec<_>>().join(" · ");
            ui.add(Text::new(Role::BODY, &counts).color(t.text2).wrap());
            ui.add_space(22.0);
            self.many_buttons_ui(ui, ctx, jobs);
            ui.add_space(16.0);
            let hint = "Esc goes back to one job";
            ui.add(Text::new(Role::SMALL, hint).color(t.text3).wrap());
        });
    }

    fn many_buttons_ui(&mut self, ui: &mut Ui, ctx: &ViewContext<'_>, jobs: &[Arc<Job>]) {
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
        ui.spacing_mut().item_spacing.y = 8.0;
        ui.horizontal_wrapped(|ui| {
            let label = format!("Retry{}", number(retry));
            let button = Button::secondary(&label)
                .with_icon(icons::ARROW_CLOCKWISE)
                .enabled(retry > 0)
                .tip("Those that have ended", &["Ctrl", "R"]);
            if ui.add(button).clicked() {
                actions::retry(ctx, jobs);
            }
            let label = format!("Stop{}…", number(stop));
            let button = Button::secondary(&label)
                .with_icon(icons::SQUARE)
                .enabled(stop > 0)
                .tip("Those that are under way", &[]);
            if ui.add(button).clicked() {
                self.stop(ctx, jobs);
            }
            let label = format!("Remove{} from list", number(forget));
            let button = Button::danger_ghost(&label)
                .with_icon(icons::TRASH)
                .enabled(forget > 0)
                .tip("Those that have ended", &["Del"]);
            if ui.add(button).clicked() {
                actions::forget(ctx, jobs);
            }
        });
    }
}
