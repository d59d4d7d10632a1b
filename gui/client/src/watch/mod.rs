//! One watcher for all jobs: from the upload to the thumbnail on this machine.
//!
//! A round does what is due and says when the next one is: tasks are looked at in one batch ([`find`]), the logs of all
//! jobs are read together ([`read`]), and what that tells moves each job on or ends it ([`settle`]). How often, and how
//! many requests a second, is [`pace`]'s. Thumbnails come in beside the rounds ([`download`]): a slow one holds nothing
//! up. Nothing here must survive a restart: the jobs and how far the logs were read are on disk, and all else is asked
//! again; jobs that were given up too early are looked for once at the start ([`late`]).

mod cloud;
mod download;
mod find;
mod late;
mod pace;
mod read;
mod settle;
mod task;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use posterframe_contract::JobId;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::cloud::Cloud;
use self::download::Downloads;
use self::late::Late;
use self::pace::{Beat, Budget, Pace};
use self::read::Reader;
use crate::clock::{Clock, SystemClock};
use crate::hub::Hub;
use crate::session::Session;
use crate::{Backend, ClientError, Job, LogLevel, Paths};

/// How long a closing app waits for the last lines of jobs that have just ended.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// What is asked of AWS, each with troubles of its own: without access to the logs, tasks can still be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Area {
    Tasks,
    Logs,
    Thumbnails,
}

pub(crate) struct Watcher<C = Session, K = SystemClock> {
    cloud: Arc<C>,
    clock: K,
    hub: Arc<Hub>,
    backend: Backend,
    paths: Paths,
    pace: Pace,
    budget: Budget,
    tasks: Beat,
    lost: Beat,
    logs: Beat,
    /// Looks for the thumbnails of jobs whose log and task say nothing, one job at a time.
    quiet: Beat,
    last_quiet: Option<JobId>,
    reader: Reader,
    /// Tasks that need no more looks: of other people, or stopped.
    settled: HashSet<String>,
    /// Tasks that were told to stop.
    stopped: HashSet<String>,
    /// Jobs whose worker says that the thumbnail is in the bucket.
    ready: HashSet<JobId>,
    /// Jobs without a task, and how long this watcher waits for it.
    waiting: HashMap<JobId, Waiting>,
    /// Jobs whose task has stopped and whose last words are being read.
    last_words: HashSet<JobId>,
    /// Jobs whose task ECS does not know, and since when.
    missing: HashMap<JobId, Instant>,
    /// Jobs whose thumbnail could not be fetched, and when to try again.
    again: HashMap<JobId, Beat>,
    /// Jobs whose task this watcher has seen, and since when.
    told: HashMap<JobId, Instant>,
    /// Jobs that ended, and since when their logs are only drained.
    draining: HashMap<JobId, Instant>,
    /// The last fault in each area, so that a lost network is said once.
    complaints: HashMap<Area, Complaint>,
    downloads: Downloads,
    late: Late,
}

/// How long a job without a task is waited for, on the steady clock: neither a clock that jumps nor a closed app makes
/// it late.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    /// Until when in any case: so long, something may be wrong that nobody told us of.
    at_least: Instant,
    /// Until when, while what the function says may pass: the queue gives the event out as long.
    at_most: Instant,
}

/// A fault that was said.
struct Complaint {
    text: String,
    /// It may be over in a moment.
    passes: bool,
}

impl Watcher {
    /// Reads the history: not for a thread that must not wait.
    pub(crate) fn new(session: Session, hub: Arc<Hub>, paths: Paths) -> Self {
        let backend = session.backend.clone();
        let pace = if backend.is_local() { Pace::HERE } else { Pace::AWS };
        Self::with(session, SystemClock, hub, backend, paths, pace)
    }
}

impl<C: Cloud, K: Clock> Watcher<C, K> {
    fn with(cloud: C, clock: K, hub: Arc<Hub>, backend: Backend, paths: Paths, pace: Pace) -> Self {
        let now = clock.now();
        let places = hub.places(Reader::place_names(&backend)).wait();
        let reader = Reader::new(&backend, places);
        let late = Late::of(&hub, &backend.name, hub.time.at(clock.wall()));
        let mut watcher = Self {
            cloud: Arc::new(cloud),
            hub,
            backend,
            paths,
            pace,
            budget: Budget::new(pace.requests, now),
            tasks: Beat::new(pace.tasks, now),
            lost: Beat::new(pace.lost, now),
            logs: Beat::new(pace.logs, now),
            quiet: Beat::later(pace.thumbnail, now),
            last_quiet: None,
            reader,
            settled: HashSet::new(),
            stopped: HashSet::new(),
            ready: HashSet::new(),
            waiting: HashMap::new(),
            last_words: HashSet::new(),
            missing: HashMap::new(),
            again: HashMap::new(),
            told: HashMap::new(),
            draining: HashMap::new(),
            complaints: HashMap::new(),
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
        for job in self.hub.jobs().iter() {
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
    fn wall(&self) -> OffsetDateTime {
        self.hub.time.at(self.clock.wall())
    }

    /// Watches until `closing`.
    pub(crate) async fn run(mut self, closing: CancellationToken) {
        let hub = self.hub.clone();
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
                () = hub.wake.notified() => self.hurry(),
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
        let _ = tokio::time::timeout(LAST_LOOK, drained).await;
    }

    /// Something happened in the app: a job has come, or a wish.
    fn hurry(&mut self) {
        let now = self.clock.now();
        self.tasks = Beat::new(self.pace.tasks, now);
        self.lost = Beat::new(self.pace.lost, now);
        self.logs.hurry(now);
    }

    /// Does what is due. When the next thing will be; `None` where there is nothing to watch.
    async fn round(&mut self) -> Option<Instant> {
        let jobs = self.hub.watched(&self.backend.name);
        self.forget_all_but(&jobs);
        let idle = jobs.is_empty() && self.draining.is_empty() && self.late.is_over();
        if idle && !self.backend.others {
            return None;
        }
        if self.tasks.is_due(self.clock.now()) {
            let result = self.look_at_tasks(&jobs).await;
            self.speak(Area::Tasks, result.as_ref().err(), &jobs);
            let now = self.clock.now();
            match result {
                Ok(changed) => {
                    self.late.looked_at_tasks(false);
                    self.tasks.looked(now, changed);
                    if changed {
                        self.logs.hurry(now);
                    }
                }
                Err(error) => {
                    self.late.looked_at_tasks(error.passes());
                    self.tasks.failed(now);
                }
            }
        }
        if !idle && self.logs.is_due(self.clock.now()) {
            let jobs = self.hub.watched(&self.backend.name);
            let mut result = self.read_logs(&jobs).await;
            if let Ok(new) = &mut result {
                match self.catch_up().await {
                    Ok(more) => *new |= more,
                    Err(error) => result = Err(error),
                }
            }
            self.speak(Area::Logs, result.as_ref().err(), &jobs);
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
        let next = next.into_iter().chain(self.again.values().map(Beat::next)).min();
        // With nothing but other people's jobs to wait for, the logs' beat stands still.
        if idle { Some(self.tasks.next()) } else { next }
    }

    /// Sends a request once there is room for it.
    async fn budgeted<T>(
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
            Err(error) if is_throttled(error) => self.budget.throttled(),
            Err(_) => {}
        }
        result
    }

    /// Says a fault once in the logs of all jobs, and once when it is over.
    fn speak(&mut self, area: Area, error: Option<&ClientError>, jobs: &[Arc<Job>]) {
        let ids = || jobs.iter().map(|job| job.id);
        match error {
            Some(error) => {
                let text = error.to_string();
                let known = self.complaints.get(&area);
                if known.is_none_or(|known| known.text != text) {
                    let advice = error
                        .advice()
                        .map(|advice| format!(". {advice}"))
                        .unwrap_or_default();
                    self.hub
                        .note_all(ids(), LogLevel::Warn, &format!("{text}; trying on{advice}"));
                    let passes = error.passes();
                    self.complaints.insert(area, Complaint { text, passes });
                }
            }
            None => {
                if self.complaints.remove(&area).is_some() {
                    self.hub
                        .note_all(ids(), LogLevel::Info, "the backend answers again");
                }
            }
        }
    }

    /// What is known of jobs that are not watched any more would only grow.
    fn forget_all_but(&mut self, jobs: &[Arc<Job>]) {
        let watched: HashSet<JobId> = jobs.iter().map(|job| job.id).collect();
        let late = &self.late;
        let stay = |id: &JobId| watched.contains(id) || late.has(*id);
        self.ready.retain(stay);
        self.waiting.retain(|id, _| stay(id));
        self.last_words.retain(stay);
        self.missing.retain(|id, _| stay(id));
        self.again.retain(|id, _| stay(id));
        self.told.retain(|id, _| stay(id));
        if jobs.is_empty() {
            self.stopped.clear();
        }
    }

    /// Ends the reading of logs whose job ended a while ago. While they cannot be read, none is at its end; where
    /// nobody lets us read them, the next start asks again.
    async fn drain(&mut self) {
        let refused = match self.complaints.get(&Area::Logs) {
            Some(complaint) if complaint.passes => return,
            complaint => complaint.is_some(),
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
                self.hub.update(id, |job| job.log_open = false).await;
            }
        }
    }
}

/// Whether AWS wants fewer requests.
fn is_throttled(error: &ClientError) -> bool {
    const CODES: [&str; 7] = [
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "LimitExceededException",
        "SlowDown",
    ];
    matches!(error, ClientError::Aws { code: Some(code), .. } if CODES.contains(&code.as_str()))
}
