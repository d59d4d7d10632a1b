//! Jobs that were given up because no task came, although one may have come since: the queue keeps an event for up to
//! two weeks, and somebody may have put those that it gave up back. At the start they are looked for once, by the tasks
//! that ECS still knows and by their thumbnails.

use std::collections::{BTreeSet, HashMap};

use posterframe_contract::JobId;
use time::OffsetDateTime;
use tokio::sync::watch;

use super::pace::AdaptiveTimer;
use crate::model::{Job, JobState, Phase};
use crate::store::JobRegistry;

/// As long as the queue keeps an event, at most.
const EVENT_RETENTION: time::Duration = time::Duration::days(14);

/// Those that are still looked for.
pub(super) struct Late {
    jobs: BTreeSet<JobId>,
    /// Whether the tasks are still to be listed for them.
    wants_tasks: bool,
    /// Whether that was tried, be it in vain.
    tried_tasks: bool,
    mended: Vec<JobId>,
    /// Those that were mended, once each was looked for.
    told: watch::Sender<Option<Vec<JobId>>>,
}

impl Late {
    /// `now` is what time it is where the jobs run.
    pub(super) fn of(registry: &JobRegistry, backend: &str, now: OffsetDateTime) -> Self {
        let late = |job: &Job| job.backend == backend && is_late(job, now);
        let jobs: BTreeSet<JobId> = registry
            .jobs()
            .iter()
            .filter(|job| late(job))
            .map(|job| job.id)
            .collect();
        let late = Self {
            wants_tasks: !jobs.is_empty(),
            tried_tasks: jobs.is_empty(),
            jobs,
            mended: Vec::new(),
            told: watch::Sender::new(None),
        };
        late.tell(&HashMap::new());
        late
    }

    /// Tells which jobs were mended, once each was looked for.
    pub(super) fn told(&self) -> watch::Receiver<Option<Vec<JobId>>> {
        self.told.subscribe()
    }

    /// `again` has those whose look failed: they are tried again, but nobody waits for that, as where there is no network.
    pub(super) fn tell(&self, again: &HashMap<JobId, AdaptiveTimer>) {
        if self.tried_tasks && self.jobs.iter().all(|id| again.contains_key(id)) {
            self.told.send_if_modified(|told| {
                let is_new = told.as_ref() != Some(&self.mended);
                *told = Some(self.mended.clone());
                is_new
            });
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.jobs.is_empty() && !self.wants_tasks
    }

    pub(super) fn has(&self, id: JobId) -> bool {
        self.jobs.contains(&id)
    }

    pub(super) fn ids(&self) -> Vec<JobId> {
        self.jobs.iter().copied().collect()
    }

    pub(super) const fn wants_tasks(&self) -> bool {
        self.wants_tasks
    }

    /// The tasks were listed, or cannot be now: then again at the next look.
    pub(super) const fn looked_at_tasks(&mut self, again: bool) {
        self.tried_tasks = true;
        self.wants_tasks = self.wants_tasks && again;
    }

    /// It has a task or a thumbnail after all.
    pub(super) fn mended(&mut self, id: JobId) {
        if self.jobs.remove(&id) {
            self.mended.push(id);
        }
    }

    /// It has no thumbnail.
    pub(super) fn give_up(&mut self, id: JobId) {
        self.jobs.remove(&id);
    }
}

/// Whether the job failed because no task came, and one may have come since.
pub(super) fn is_late(job: &Job, now: OffsetDateTime) -> bool {
    job.state == JobState::Failed
        && job.awaits_task()
        && job.phase(Phase::Event).started.is_some()
        && job.ended.is_some_and(|ended| now - ended < EVENT_RETENTION)
}
