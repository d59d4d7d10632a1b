//! Removing jobs from the list: they are hidden at once, and erased from the history when the offer to undo is over.

use std::time::{Duration, Instant};

use egui::Context;
use posterframe_client::Client;
use posterframe_contract::JobId;

use super::execute::complain;
use super::{App, toasts};
use crate::context::{Command, Commands};

/// Delay until hidden jobs are erased; longer than the offer to undo is shown.
const ERASE_DELAY: Duration = toasts::OFFER.saturating_add(Duration::from_millis(500));

/// Jobs that are hidden but not yet erased, with the time at which each group was hidden.
#[derive(Default)]
pub(super) struct Forgetting {
    pending: Vec<(Instant, Vec<JobId>)>,
}

impl Forgetting {
    /// Keeps these jobs: the removal is undone.
    pub(super) fn take_back(&mut self, ids: &[JobId]) {
        self.pending.retain(|(_, pending)| pending != ids);
    }

    /// The jobs to erase now, and the time until the next ones are due.
    fn due(&mut self) -> (Vec<JobId>, Option<Duration>) {
        let over = |since: &Instant| since.elapsed() >= ERASE_DELAY;
        let due = self.pending.extract_if(.., |(since, _)| over(since));
        let due = due.flat_map(|(_, ids)| ids).collect();
        let next = self
            .pending
            .iter()
            .map(|(since, _)| ERASE_DELAY.saturating_sub(since.elapsed()));
        (due, next.min())
    }

    /// All remaining jobs, for the program's end.
    pub(super) fn rest(&mut self) -> Vec<JobId> {
        self.pending.drain(..).flat_map(|(_, ids)| ids).collect()
    }
}

impl App {
    /// Hides jobs, and offers to undo it.
    pub(super) fn forget(&mut self, ids: Vec<JobId>) {
        let text = match ids.len() {
            1 => "Removed 1 job from the list".to_owned(),
            count => format!("Removed {count} jobs from the list"),
        };
        self.jobs.hide(&ids);
        self.toasts.offer(text, "Undo", Command::Unforget(ids.clone()));
        self.forgetting.pending.push((Instant::now(), ids));
    }

    /// Erases the jobs whose delay is over.
    pub(super) fn forget_for_good(&mut self, ctx: &Context) {
        let (due, next) = self.forgetting.due();
        if let Some(next) = next {
            ctx.request_repaint_after(next);
        }
        let Some(client) = self.client.clone().filter(|_| !due.is_empty()) else {
            return;
        };
        let commands = self.commands.clone();
        self.engine.spawn_blocking(move || {
            erase(&client, &commands, &due);
            // Jobs that cannot be erased are shown again.
            commands.send(Command::Unforget(due));
        });
    }
}

/// Erases jobs from the history, and reports what fails.
pub(super) fn erase(client: &Client, commands: &Commands, ids: &[JobId]) {
    for id in ids {
        complain(commands, client.forget(*id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if jobs are gone for good while they can be brought back, or never go.
    #[test]
    fn what_is_taken_back_stays() {
        let (now, ids) = (Instant::now(), [JobId::new(), JobId::new(), JobId::new()]);
        let long_ago = now.checked_sub(ERASE_DELAY).unwrap();
        let mut forgetting = Forgetting {
            pending: vec![(long_ago, vec![ids[0]]), (now, vec![ids[1]]), (now, vec![ids[2]])],
        };
        forgetting.take_back(&[ids[2]]);
        let (due, next) = forgetting.due();
        assert_eq!(due, [ids[0]]);
        assert!(next.is_some_and(|next| next <= ERASE_DELAY));
        assert_eq!(forgetting.rest(), [ids[1]]);
        assert_eq!(forgetting.due(), (vec![], None));
    }
}
