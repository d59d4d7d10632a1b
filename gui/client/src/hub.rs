//! Every job in memory and on disk, and the logs that someone looks at: the one place where a job changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use posterframe_contract::JobId;
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use crate::store::{Entry, Place, Store, UploadEntry};
use crate::{ClientError, Job, JobState, Log, LogLevel, LogLine, LogSource};

/// Logs in memory at a time. All others are on disk only, however many jobs are watched.
const LOGS: usize = 8;

/// Jobs and logs, shared by whoever changes or shows them.
///
/// Where both locks are held, `store` was taken first.
pub(crate) struct Hub {
    store: Mutex<Store>,
    state: Mutex<State>,
    changes: watch::Sender<u64>,
    /// Rung when there is something new to watch.
    pub(crate) wake: Notify,
    runtime: Handle,
}

#[derive(Default)]
struct State {
    jobs: BTreeMap<JobId, Arc<Job>>,
    /// The jobs, newest first; made again after each change.
    list: Option<Arc<Vec<Arc<Job>>>>,
    /// The logs that were asked for last, and when: by a counter.
    logs: HashMap<JobId, (Log, u64)>,
    asked: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    /// Takes over a history. Within a runtime, whose blocking threads then read logs.
    pub(crate) fn open(store: Store) -> Result<Self, ClientError> {
        let jobs = store
            .jobs()?
            .into_iter()
            .map(|job| (job.id, Arc::new(job)))
            .collect();
        Ok(Self {
            store: Mutex::new(store),
            state: Mutex::new(State {
                jobs,
                ..State::default()
            }),
            changes: watch::Sender::new(0),
            wake: Notify::new(),
            runtime: Handle::current(),
        })
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Wakes whoever shows jobs, logs or thumbnails.
    pub(crate) fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    pub(crate) fn jobs(&self) -> Arc<Vec<Arc<Job>>> {
        let mut state = lock(&self.state);
        if let Some(list) = &state.list {
            return list.clone();
        }
        let list = Arc::new(state.jobs.values().rev().cloned().collect::<Vec<_>>());
        state.list = Some(list.clone());
        list
    }

    pub(crate) fn job(&self, id: JobId) -> Option<Arc<Job>> {
        lock(&self.state).jobs.get(&id).cloned()
    }

    /// Adds a job. It is on disk when this returns.
    pub(crate) fn insert(&self, job: Job) -> Result<(), ClientError> {
        lock(&self.store).put_job(&job)?;
        let mut state = lock(&self.state);
        state.jobs.insert(job.id, Arc::new(job));
        state.list = None;
        drop(state);
        self.changed();
        Ok(())
    }

    /// Changes a job, in memory and on disk; the new state is returned. `None` where it was forgotten.
    pub(crate) fn update(&self, id: JobId, change: impl FnOnce(&mut Job)) -> Option<Arc<Job>> {
        let job = self.change(id, change)?;
        if let Err(error) = lock(&self.store).put_job(&job) {
            // The job goes on; the next change tries again.
            tracing::error!("the history cannot be written: {error}");
        }
        Some(job)
    }

    /// Changes what need not survive a restart, such as bytes sent.
    pub(crate) fn change(&self, id: JobId, change: impl FnOnce(&mut Job)) -> Option<Arc<Job>> {
        let mut state = lock(&self.state);
        let old = state.jobs.get(&id)?;
        let mut new = Job::clone(old);
        change(&mut new);
        if new == **old {
            return Some(old.clone());
        }
        let new = Arc::new(new);
        state.jobs.insert(id, new.clone());
        state.list = None;
        drop(state);
        self.changed();
        Some(new)
    }

    pub(crate) fn forget(&self, id: JobId) -> Result<(), ClientError> {
        lock(&self.store).delete_job(id)?;
        let mut state = lock(&self.state);
        state.jobs.remove(&id);
        state.logs.remove(&id);
        state.list = None;
        drop(state);
        self.changed();
        Ok(())
    }

    /// A job's log as it is in memory; what is on disk only comes later, and counts as a change. Never waits.
    pub(crate) fn log(self: &Arc<Self>, id: JobId) -> Log {
        let mut state = lock(&self.state);
        state.asked += 1;
        let asked = state.asked;
        if let Some((log, last)) = state.logs.get_mut(&id) {
            *last = asked;
            return log.clone();
        }
        if !state.jobs.contains_key(&id) {
            return Log::default();
        }
        let log = Log::default().loading(true);
        state.logs.insert(id, (log.clone(), asked));
        if state.logs.len() > LOGS
            && let Some(oldest) = state.logs.iter().min_by_key(|(_, (_, asked))| *asked)
        {
            let oldest = *oldest.0;
            state.logs.remove(&oldest);
        }
        drop(state);
        let hub = self.clone();
        self.runtime.spawn_blocking(move || hub.load(id));
        log
    }

    fn load(&self, id: JobId) {
        // Nothing is appended meanwhile: that needs the store too.
        let store = lock(&self.store);
        let lines = store.log(id).unwrap_or_else(|error| {
            tracing::error!("the log of job {id} cannot be read: {error}");
            Vec::new()
        });
        let loaded = Log::from(lines);
        if let Some((log, _)) = lock(&self.state).logs.get_mut(&id) {
            *log = loaded;
        }
        drop(store);
        self.changed();
    }

    /// Adds lines to jobs' logs, on disk and in those that are in memory, each where its time puts it; what was there
    /// already is left out. `place` is noted together with them. The lines that are new come back.
    pub(crate) fn append(
        &self,
        logs: Vec<(JobId, Vec<Entry>)>,
        place: Option<&Place<'_>>,
    ) -> Result<Vec<(JobId, Vec<LogLine>)>, ClientError> {
        let mut store = lock(&self.store);
        let known: Vec<(JobId, Vec<Entry>)> = {
            let state = lock(&self.state);
            logs.into_iter()
                .filter(|(id, _)| state.jobs.contains_key(id))
                .collect()
        };
        let new = store.append(known, place)?;
        for (id, lines) in &new {
            let old = lock(&self.state).logs.get(id).map(|(log, _)| log.clone());
            // One that is still on its way will have them.
            if let Some(old) = old.filter(|log| !log.is_loading()) {
                let grown = old.with(lines.clone());
                if let Some((log, _)) = lock(&self.state).logs.get_mut(id) {
                    *log = grown;
                }
            }
        }
        drop(store);
        if !new.is_empty() {
            self.changed();
        }
        Ok(new)
    }

    /// Up to where a log group has been read, in milliseconds since the epoch.
    #[allow(dead_code)]
    pub(crate) fn place(&self, name: &str) -> Option<i64> {
        lock(&self.store).place(name).ok().flatten()
    }

    /// The last line of a source in a job's log that is at least so grave.
    pub(crate) fn last_line(&self, id: JobId, source: LogSource, least: LogLevel) -> Option<LogLine> {
        lock(&self.store).last_line(id, source, least).ok().flatten()
    }

    /// A line of the app's own in a job's log.
    pub(crate) fn note(&self, id: JobId, level: LogLevel, message: impl Into<String>) {
        let now = OffsetDateTime::now_utc();
        let line = LogLine {
            unix_millis: (now.unix_timestamp_nanos() / 1_000_000) as i64,
            source: LogSource::App,
            level,
            message: message.into(),
        };
        if let Err(error) = self.append(vec![(id, vec![Entry { event: None, line }])], None) {
            tracing::error!("the history cannot be written: {error}");
        }
    }

    /// What ECS said of a task, as JSON.
    pub(crate) fn task(&self, arn: &str) -> Option<String> {
        lock(&self.store).task(arn).ok().flatten()
    }

    #[allow(dead_code)]
    pub(crate) fn put_task(&self, arn: &str, id: JobId, body: &str) {
        if let Err(error) = lock(&self.store).put_task(arn, id, body) {
            tracing::error!("the history cannot be written: {error}");
        }
    }

    pub(crate) fn upload(&self, id: JobId) -> Option<UploadEntry> {
        lock(&self.store).upload(id).ok().flatten()
    }

    pub(crate) fn put_upload(&self, id: JobId, entry: &UploadEntry) -> Result<(), ClientError> {
        Ok(lock(&self.store).put_upload(id, entry)?)
    }

    pub(crate) fn delete_upload(&self, id: JobId) {
        if let Err(error) = lock(&self.store).delete_upload(id) {
            tracing::warn!("the journal of uploads cannot be written: {error}");
        }
    }

    /// Jobs whose upload is over and whose end is not yet known.
    pub(crate) fn watched(&self, backend: &str) -> Vec<Arc<Job>> {
        let state = lock(&self.state);
        state
            .jobs
            .values()
            .filter(|job| {
                matches!(
                    job.state,
                    JobState::Waiting | JobState::Starting | JobState::Running
                ) && job.backend == backend
            })
            .cloned()
            .collect()
    }
}
