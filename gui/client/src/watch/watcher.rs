//! What the watcher knows, and how it asks.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use posterframe_contract::JobId;
use time::OffsetDateTime;
use tokio::sync::watch;

use super::clock::{Clock, SystemClock};
use super::cloud::Cloud;
use super::download::Downloads;
use super::groups::Reader;
use super::late::Late;
use super::pace::{AdaptiveTimer, Budget, Pace};
use crate::aws::Session;
use crate::config::{Backend, Paths};
use crate::error::{ClientError, ErrorKind};
use crate::model::{Job, LogLevel};
use crate::store::JobRegistry;

/// What is asked of AWS, each with troubles of its own: without access to the logs, tasks can still be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Area {
    Tasks,
    Logs,
    Thumbnails,
}

pub(crate) struct Watcher<C = Session, K = SystemClock> {
    pub(super) cloud: Arc<C>,
    pub(super) clock: K,
    pub(super) registry: Arc<JobRegistry>,
    pub(super) backend: Backend,
    pub(super) paths: Paths,
    pub(super) pace: Pace,
    pub(super) budget: Budget,
    pub(super) tasks: AdaptiveTimer,
    pub(super) lost: AdaptiveTimer,
    pub(super) logs: AdaptiveTimer,
    /// Looks for the results of jobs whose log and task say nothing, one job at a time.
    pub(super) quiet: AdaptiveTimer,
    pub(super) last_quiet: Option<JobId>,
    pub(super) reader: Reader,
    /// Tasks that need no more looks: of other people, or stopped.
    pub(super) settled: HashSet<String>,
    /// Tasks that were told to stop.
    pub(super) stopped: HashSet<String>,
    /// Jobs whose worker says that the manifest is in the bucket.
    pub(super) ready: HashSet<JobId>,
    /// Jobs without a task, and how long this watcher waits for it.
    pub(super) waiting: HashMap<JobId, Waiting>,
    /// Jobs whose task has stopped and whose last words are being read.
    pub(super) last_words: HashSet<JobId>,
    /// Jobs whose task ECS does not know, and since when.
    pub(super) missing: HashMap<JobId, Instant>,
    /// Jobs whose result could not be fetched, and when to try again.
    pub(super) again: HashMap<JobId, AdaptiveTimer>,
    /// Jobs whose task this watcher has seen, and since when.
    pub(super) task_seen_at: HashMap<JobId, Instant>,
    /// Jobs that ended, and since when their logs are only drained.
    pub(super) draining: HashMap<JobId, Instant>,
    /// The last fault in each area, so that a lost network is said once.
    pub(super) reported_faults: HashMap<Area, ReportedFault>,
    pub(super) downloads: Downloads,
    pub(super) late: Late,
}

/// How long a job without a task is waited for, on the steady clock: neither a clock that jumps nor a closed app makes
/// it late.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    /// Until when in any case: so long, something may be wrong that nobody told us of.
    pub(super) at_least: Instant,
    /// Until when, while what the function says may pass: the queue gives the event out as long.
    pub(super) at_most: Instant,
}

/// A fault that was said.
pub(super) struct ReportedFault {
    pub(super) text: String,
    /// It may be over in a moment.
    pub(super) passes: bool,
}

impl Watcher {
    /// Reads the history: not for a thread that must not wait.
    pub(crate) fn new(session: Session, registry: Arc<JobRegistry>, paths: Paths) -> Self {
        let backend = session.backend.clone();
        let pace = if backend.is_local() { Pace::HERE } else { Pace::AWS };
        Self::with(session, SystemClock, registry, backend, paths, pace)
    }
}

impl<C: Cloud, K: Clock> Watcher<C, K> {
    pub(super) fn with(
        cloud: C,
        clock: K,
        registry: Arc<JobRegistry>,
        backend: Backend,
        paths: Paths,
        pace: Pace,
    ) -> Self {
        let now = clock.now();
        let checkpoints = registry.checkpoints(Reader::checkpoint_names(&backend)).wait();
        let reader = Reader::new(&backend, checkpoints);
        let late = Late::of(&registry, &backend.name, registry.time.at(clock.wall()));
        let mut watcher = Self {
            cloud: Arc::new(cloud),
            registry,
            backend,
            paths,
            pace,
            budget: Budget::new(pace.requests, now),
            tasks: AdaptiveTimer::new(pace.tasks, now),
            lost: AdaptiveTimer::new(pace.lost, now),
            logs: AdaptiveTimer::new(pace.logs, now),
            quiet: AdaptiveTimer::later(pace.thumbnail, now),
            last_quiet: None,
            reader,
            settled: HashSet::new(),
            stopped: HashSet::new(),
            ready: HashSet::new(),
            waiting: HashMap::new(),
            last_words: HashSet::new(),
            missing: HashMap::new(),
            again: HashMap::new(),
            task_seen_at: HashMap::new(),
            draining: HashMap::new(),
            reported_faults: HashMap::new(),
            downloads: Downloads::default(),
            late,
            clock,
        };
        watcher.go_on_draining();
        watcher
    }

    /// Jobs that ended shortly before the app did may lack the last lines of their logs.
    fn go_on_draining(&mut self) {
        let now = self.clock.now();
        for job in self.registry.jobs().iter() {
            if !job.log_open || job.backend != self.backend.name {
                continue;
            }
            if let Some(task) = &job.task {
                self.reader.catch_up(job.id, task.id());
            }
            self.draining.insert(job.id, now);
        }
    }

    /// Tells which jobs that had been given up have a task or a thumbnail after all, once each was looked for.
    pub(crate) fn mended(&self) -> watch::Receiver<Option<Vec<JobId>>> {
        self.late.told()
    }

    /// What time it is where the jobs run.
    pub(super) fn wall(&self) -> OffsetDateTime {
        self.registry.time.at(self.clock.wall())
    }

    /// Sends a request once there is room for it.
    pub(super) async fn budgeted<T>(
        &mut self,
        request: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        let now = self.clock.now();
        let at = self.budget.take(now);
        if at > now {
            self.clock.sleep_until(at).await;
        }
        let result = request.await;
        match &result {
            Ok(_) => self.budget.succeeded(),
            Err(error) if error.kind() == Some(ErrorKind::Throttled) => self.budget.throttled(),
            Err(_) => {}
        }
        result
    }

    /// Says a fault once in the logs of all jobs, and once when it is over.
    pub(super) fn report_fault(&mut self, area: Area, error: Option<&ClientError>, jobs: &[Arc<Job>]) {
        let ids = || jobs.iter().map(|job| job.id);
        match error {
            Some(error) => {
                let text = error.to_string();
                let known = self.reported_faults.get(&area);
                if known.is_none_or(|known| known.text != text) {
                    let advice = error
                        .advice()
                        .map(|advice| format!(". {advice}"))
                        .unwrap_or_default();
                    self.registry
                        .note_all(ids(), LogLevel::Warn, &format!("{text}; trying on{advice}"));
                    let passes = error.passes();
                    self.reported_faults.insert(area, ReportedFault { text, passes });
                }
            }
            None => {
                if self.reported_faults.remove(&area).is_some() {
                    self.registry
                        .note_all(ids(), LogLevel::Info, "the backend answers again");
                }
            }
        }
    }

    /// What is known of jobs that are not watched any more would only grow.
    pub(super) fn forget_all_but(&mut self, jobs: &[Arc<Job>]) {
        let watched: HashSet<JobId> = jobs.iter().map(|job| job.id).collect();
        let late = &self.late;
        let stay = |id: &JobId| watched.contains(id) || late.has(*id);
        self.ready.retain(stay);
        self.waiting.retain(|id, _| stay(id));
        self.last_words.retain(stay);
        self.missing.retain(|id, _| stay(id));
        self.again.retain(|id, _| stay(id));
        self.task_seen_at.retain(|id, _| stay(id));
        if jobs.is_empty() {
            self.stopped.clear();
        }
    }
}
