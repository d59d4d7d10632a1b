//! The rounds of the watcher: each does what is due, and says when the next one is.

use std::time::{Duration, Instant};

use posterframe_contract::JobId;
use tokio_util::sync::CancellationToken;

use super::clock::Clock;
use super::cloud::Cloud;
use super::pace::AdaptiveTimer;
use super::watcher::{Area, Watcher};

/// How long a closing app waits for the last lines of jobs that have just ended.
const CLOSING_TIMEOUT: Duration = Duration::from_secs(1);

impl<C: Cloud, K: Clock> Watcher<C, K> {
    /// Watches until `closing`.
    pub(crate) async fn run(mut self, closing: CancellationToken) {
        let registry = self.registry.clone();
        loop {
            let Some(next) = closing.run_until_cancelled(self.round()).await else {
                return self.last_look().await;
            };
            let clock = &self.clock;
            let due = async {
                match next {
                    Some(next) => clock.sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = closing.cancelled() => return self.last_look().await,
                () = registry.wake.notified() => self.poll_now(),
                Some(()) = self.downloads.ended() => {}
                () = due => {}
            }
        }
    }

    /// Takes a moment for the last lines of jobs that have just ended; the next start fetches what comes later.
    async fn last_look(mut self) {
        let drained = async {
            while !self.draining.is_empty() {
                let Some(next) = self.round().await else { break };
                self.clock.sleep_until(next).await;
            }
        };
        // Late lines are no reason to keep the app open.
        let _ = tokio::time::timeout(CLOSING_TIMEOUT, drained).await;
    }

    /// Something happened in the app: a job has come, or a wish.
    pub(super) fn poll_now(&mut self) {
        let now = self.clock.now();
        self.tasks = AdaptiveTimer::new(self.pace.tasks, now);
        self.lost = AdaptiveTimer::new(self.pace.lost, now);
        self.logs.poll_soon(now);
    }

    /// Does what is due. When the next thing will be; `None` where there is nothing to watch.
    pub(super) async fn round(&mut self) -> Option<Instant> {
        let jobs = self.registry.watched(&self.backend.name);
        self.forget_all_but(&jobs);
        let idle = jobs.is_empty() && self.draining.is_empty() && self.late.is_over();
        if idle && !self.backend.others {
            return None;
        }
        if self.tasks.is_due(self.clock.now()) {
            let result = self.look_at_tasks(&jobs).await;
            self.report_fault(Area::Tasks, result.as_ref().err(), &jobs);
            let now = self.clock.now();
            match result {
                Ok(changed) => {
                    self.late.looked_at_tasks(false);
                    self.tasks.looked(now, changed);
                    if changed {
                        self.logs.poll_soon(now);
                    }
                }
                Err(error) => {
                    self.late.looked_at_tasks(error.passes());
                    self.tasks.failed(now);
                }
            }
        }
        if !idle && self.logs.is_due(self.clock.now()) {
            let jobs = self.registry.watched(&self.backend.name);
            let mut result = self.read_logs(&jobs).await;
            if let Ok(new) = &mut result {
                match self.catch_up().await {
                    Ok(more) => *new |= more,
                    Err(error) => result = Err(error),
                }
            }
            self.report_fault(Area::Logs, result.as_ref().err(), &jobs);
            let now = self.clock.now();
            match result {
                Ok(new) => self.logs.looked(now, new),
                Err(_) => self.logs.failed(now),
            }
        }
        self.settle(&jobs).await;
        self.drain().await;
        self.late.tell(&self.again);
        let next = [self.tasks.next(), self.logs.next()];
        let next = next
            .into_iter()
            .chain(self.again.values().map(AdaptiveTimer::next))
            .min();
        // With nothing but other people's jobs to wait for, the logs' beat stands still.
        if idle { Some(self.tasks.next()) } else { next }
    }

    /// Ends the reading of logs whose job ended a while ago. While they cannot be read, none is at its end; where
    /// nobody lets us read them, the next start asks again.
    async fn drain(&mut self) {
        let refused = match self.reported_faults.get(&Area::Logs) {
            Some(fault) if fault.passes => return,
            fault => fault.is_some(),
        };
        let now = self.clock.now();
        let over: Vec<JobId> = self
            .draining
            .iter()
            .filter(|(_, since)| now.saturating_duration_since(**since) >= self.pace.drain)
            .map(|(id, _)| *id)
            .filter(|id| refused || !self.reader.is_catching_up(*id))
            .collect();
        for id in over {
            self.draining.remove(&id);
            if !refused {
                self.registry.update(id, |job| job.log_open = false).await;
            }
        }
    }
}
