//! Jobs that are taken off the list: at once for whoever looks, for good when it can no longer be undone.

use std::time::{Duration, Instant};

use egui::Context;
use posterframe_client::Client;
use posterframe_contract::JobId;

use super::execute::complain;
use super::{App, toasts};
use crate::context::{Command, Commands};

/// The offer to undo must have gone first.
const PATIENCE: Duration = toasts::OFFER.saturating_add(Duration::from_millis(500));

/// Jobs that were taken off the list, and when.
#[derive(Default)]
pub(super) struct Forgetting {
    pending: Vec<(Instant, Vec<JobId>)>,
}

impl Forgetting {
    /// They stay after all.
    pub(super) fn take_back(&mut self, ids: &[JobId]) {
        self.pending.retain(|(_, pending)| pending != ids);
    }

    /// Those that can no longer be brought back, and how long it is to the next ones.
    fn due(&mut self) -> (Vec<JobId>, Option<Duration>) {
        let over = |since: &Instant| since.elapsed() >= PATIENCE;
        let due = self.pending.extract_if(.., |(since, _)| over(since));
        let due = due.flat_map(|(_, ids)| ids).collect();
        let next = self
            .pending
            .iter()
            .map(|(since, _)| PATIENCE.saturating_sub(since.elapsed()));
        (due, next.min())
    }

    /// All of them, when there is no more time.
    pub(super) fn rest(&mut self) -> Vec<JobId> {
        self.pending.drain(..).flat_map(|(_, ids)| ids).collect()
    }
}

impl App {
    /// Takes jobs off the list, and offers to undo it.
    pub(super) fn forget(&mut self, ids: Vec<JobId>) {
        let text = match ids.len() {
            1 => "Removed 1 job from the list".to_owned(),
            count => format!("Removed {count} jobs from the list"),
        };
        self.jobs.hide(&ids);
        self.toasts.offer(text, "Undo", Command::Unforget(ids.clone()));
        self.forgetting.pending.push((Instant::now(), ids));
    }

    /// Takes those off the history whose time is over.
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
            // What could not be taken off is shown again.
            commands.send(Command::Unforget(due));
        });
    }
}

/// Takes jobs off the history.
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
        let long_ago = now.checked_sub(PATIENCE).unwrap();
        let mut forgetting = Forgetting {
            pending: vec![(long_ago, vec![ids[0]]), (now, vec![ids[1]]), (now, vec![ids[2]])],
        };
        forgetting.take_back(&[ids[2]]);
        let (due, next) = forgetting.due();
        assert_eq!(due, [ids[0]]);
        assert!(next.is_some_and(|next| next <= PATIENCE));
        assert_eq!(forgetting.rest(), [ids[1]]);
        assert_eq!(forgetting.due(), (vec![], None));
    }
}
