//! Every job and every log line in memory, and on disk: the one place where a job changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use posterframe_contract::JobId;
use time::OffsetDateTime;
use tokio::sync::{Notify, watch};

use crate::store::{Store, UploadEntry};
use crate::{ClientError, Job, JobState, LogLevel, LogLine, LogSource};

/// Jobs and logs, shared by whoever changes or shows them.
pub(crate) struct Hub {
    store: Mutex<Store>,
    state: Mutex<State>,
    changes: watch::Sender<u64>,
    /// Rung when there is something new to watch.
    pub(crate) wake: Notify,
}

#[derive(Default)]
struct State {
    jobs: BTreeMap<JobId, Arc<Job>>,
    /// The jobs, newest first; made again after each change.
    list: Option<Arc<Vec<Arc<Job>>>>,
    logs: HashMap<JobId, Arc<Vec<LogLine>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
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
        })
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn changed(&self) {
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

    /// A job's log in order of time.
    pub(crate) fn log(&self, id: JobId) -> Arc<Vec<LogLine>> {
        let mut state = lock(&self.state);
        if let Some(lines) = state.logs.get(&id) {
            return lines.clone();
        }
        let lines = Arc::new(lock(&self.store).log(id).unwrap_or_default());
        if state.jobs.contains_key(&id) {
            state.logs.insert(id, lines.clone());
        }
        lines
    }

    /// Adds lines to a job's log, each where its time puts it.
    pub(crate) fn append(&self, id: JobId, lines: Vec<LogLine>) {
        if lines.is_empty() {
            return;
        }
        let mut log = Vec::clone(&self.log(id));
        log.extend(lines);
        // Stable: lines of one millisecond stay in the order in which they were read.
        log.sort_by_key(|line| line.unix_millis);
        lock(&self.state).logs.insert(id, Arc::new(log));
        self.changed();
    }

    /// Keeps a job's log for good.
    pub(crate) fn save_log(&self, id: JobId) {
        let lines = self.log(id);
        if let Err(error) = lock(&self.store).put_log(id, &lines) {
            tracing::error!("the history cannot be written: {error}");
        }
    }

    /// Drops from a job's log what CloudWatch has too, before it is read again from its start.
    pub(crate) fn keep_own_lines(&self, id: JobId) {
        let mut log = Vec::clone(&self.log(id));
        log.retain(|line| line.source == LogSource::App);
        lock(&self.state).logs.insert(id, Arc::new(log));
    }

    /// A line of the app's own in a job's log. On disk at once: nobody else has it.
    pub(crate) fn note(&self, id: JobId, level: LogLevel, message: impl Into<String>) {
        let now = OffsetDateTime::now_utc();
        let unix_millis = (now.unix_timestamp_nanos() / 1_000_000) as i64;
        self.append(
            id,
            vec![LogLine {
                unix_millis,
                source: LogSource::App,
                level,
                message: message.into(),
            }],
        );
        self.save_log(id);
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
