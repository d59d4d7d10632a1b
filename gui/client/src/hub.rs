//! Every job in memory and on disk, and the logs that someone looks at: the one place where a job changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use posterframe_contract::JobId;
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use crate::server_time::ServerTime;
use crate::store::{Entry, Place, Store};
use crate::{ClientError, Job, JobState, Log, LogLevel, LogLine, LogSource, Phase, PhaseState, clock};

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
    /// The backend's, by which jobs' times are noted: AWS's and the app's are then in one order.
    pub(crate) time: Arc<ServerTime>,
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
    /// When the uploads under way began, on the steady clock.
    uploads: HashMap<JobId, Instant>,
}

impl State {
    /// Notes, on the steady clock, what has begun with this change: an upload, or any other phase.
    fn note_begin(&mut self, old: Option<&Job>, new: &mut Job) {
        let phase = |job: &Job| job.current_phase().map(|phase| (phase, job.attempt));
        let now = phase(new);
        if old.and_then(phase) == now {
            return;
        }
        if matches!(now, Some((Phase::Upload, _))) {
            self.uploads.insert(new.id, Instant::now());
        } else {
            self.uploads.remove(&new.id);
        }
        see(new);
    }
}

/// From now on the phase under way is seen.
fn see(job: &mut Job) {
    for record in &mut job.phases {
        record.seen = (record.state == PhaseState::Current).then(Instant::now);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    /// Takes over a history. Within a runtime, whose blocking threads then read logs.
    pub(crate) fn open(store: Store, time: Arc<ServerTime>) -> Result<Self, ClientError> {
        let seen = |mut job: Job| {
            see(&mut job);
            (job.id, Arc::new(job))
        };
        let jobs = store.jobs()?.into_iter().map(seen).collect();
        Ok(Self {
            store: Mutex::new(store),
            state: Mutex::new(State {
                jobs,
                ..State::default()
            }),
            changes: watch::Sender::new(0),
            wake: Notify::new(),
            time,
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
    pub(crate) fn insert(&self, mut job: Job) -> Result<(), ClientError> {
        lock(&self.store).put_job(&job)?;
        let mut state = lock(&self.state);
        state.note_begin(None, &mut job);
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
        let old = state.jobs.get(&id)?.clone();
        let mut new = Job::clone(&old);
        change(&mut new);
        if new == *old {
            return Some(old);
        }
        state.note_begin(Some(&old), &mut new);
        let new = Arc::new(new);
        state.jobs.insert(id, new.clone());
        state.list = None;
        drop(state);
        self.changed();
        Some(new)
    }

    /// What time it is where the jobs run.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.time.now()
    }

    /// Changes a job whose upload is over now, be it with success or not; `change` is given the time.
    ///
    /// The upload is the one phase that is all this machine's: it lasts as long as the steady clock says, even if the
    /// calendar's was wrong when it began, or is set meanwhile.
    pub(crate) fn end_upload(
        &self,
        id: JobId,
        change: impl FnOnce(&mut Job, OffsetDateTime),
    ) -> Option<Arc<Job>> {
        let now = self.now();
        let took = lock(&self.state).uploads.get(&id).map(Instant::elapsed);
        self.update(id, |job| {
            let record = &mut job.phases[Phase::Upload as usize];
            record.started = record.started.map(|noted| began(noted, now, took));
            change(job, now);
        })
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

    /// What was written to a job's log since `mark`, and the mark for the next call.
    pub(crate) fn log_since(&self, id: JobId, mark: i64) -> (Vec<LogLine>, i64) {
        lock(&self.store).log_after(id, mark).unwrap_or_else(|error| {
            tracing::error!("the log of job {id} cannot be read: {error}");
            (Vec::new(), mark)
        })
    }

    /// Up to where a log group has been read, in milliseconds since the epoch.
    pub(crate) fn place(&self, name: &str) -> Option<i64> {
        lock(&self.store).place(name).ok().flatten()
    }

    /// The last line of a source in a job's log that is at least so grave.
    pub(crate) fn last_line(&self, id: JobId, source: LogSource, least: LogLevel) -> Option<LogLine> {
        lock(&self.store).last_line(id, source, least).ok().flatten()
    }

    /// A line of the app's own in a job's log.
    pub(crate) fn note(&self, id: JobId, level: LogLevel, message: impl Into<String>) {
        let line = self.own_line(level, message.into());
        self.append_own(vec![(id, vec![Entry { event: None, line }])]);
    }

    /// The same line in the logs of many jobs.
    pub(crate) fn note_all(&self, ids: impl Iterator<Item = JobId>, level: LogLevel, message: &str) {
        let line = self.own_line(level, message.to_owned());
        let entries = ids.map(|id| {
            let line = line.clone();
            (id, vec![Entry { event: None, line }])
        });
        self.append_own(entries.collect());
    }

    /// A line of the app's own, of now.
    fn own_line(&self, level: LogLevel, message: String) -> LogLine {
        LogLine {
            unix_millis: (self.now().unix_timestamp_nanos() / 1_000_000) as i64,
            source: LogSource::App,
            level,
            message,
        }
    }

    fn append_own(&self, entries: Vec<(JobId, Vec<Entry>)>) {
        if let Err(error) = self.append(entries, None) {
            tracing::error!("the history cannot be written: {error}");
        }
    }

    /// What ECS said of a task, as JSON.
    pub(crate) fn task(&self, arn: &str) -> Option<String> {
        lock(&self.store).task(arn).ok().flatten()
    }

    pub(crate) fn put_task(&self, arn: &str, id: JobId, body: &str) {
        if let Err(error) = lock(&self.store).put_task(arn, id, body) {
            tracing::error!("the history cannot be written: {error}");
        }
    }

    /// Reads or writes the journal of uploads.
    pub(crate) fn journal<T>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, rusqlite::Error>,
    ) -> Result<T, ClientError> {
        Ok(work(&lock(&self.store))?)
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

/// When an upload began that has ended `now`.
fn began(noted: OffsetDateTime, now: OffsetDateTime, took: Option<Duration>) -> OffsetDateTime {
    match took {
        Some(took) => clock::began(noted, now, took).unwrap_or(noted),
        // It began in an earlier run of the app, but certainly not after its end.
        None => noted.min(now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tests::job;

    fn hub(folder: &std::path::Path) -> Arc<Hub> {
        let store = Store::open(&folder.join("history.db")).unwrap();
        Arc::new(Hub::open(store, Arc::default()).unwrap())
    }

    // Breaks if a clock that is set during an upload, or a night's sleep, counts as its duration.
    #[tokio::test]
    async fn an_upload_lasts_as_long_as_it_does() {
        let folder = tempfile::tempdir().unwrap();
        let hub = hub(folder.path());
        for hours in [-1, 1] {
            let mut job = job(JobId::new());
            // As if the clock was set by so much right after the submit.
            job.phases[0].started = Some(OffsetDateTime::now_utc() + time::Duration::hours(hours));
            let id = job.id;
            hub.insert(job).unwrap();
            let job = hub
                .end_upload(id, |job, now| job.begin(Phase::Event, now))
                .unwrap();
            let took = job
                .phase(Phase::Upload)
                .duration(OffsetDateTime::now_utc())
                .unwrap();
            assert!(took < Duration::from_mins(1), "{took:?}");
            // And nothing after it is put off by what was noted.
            let event = job.phase(Phase::Event).started.unwrap();
            assert!((event - OffsetDateTime::now_utc()).abs() < time::Duration::minutes(1));
        }
    }

    // Breaks if a log that nobody looked at is read on the window's thread, or a line that comes meanwhile is lost.
    #[tokio::test]
    async fn a_log_is_loaded_when_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let id = JobId::new();
        let first = hub(folder.path());
        first.insert(job(id)).unwrap();
        first.note(id, LogLevel::Info, "earlier");
        drop(first);
        let hub = hub(folder.path());
        let mut changes = hub.changes();
        assert!(hub.log(id).is_loading());
        hub.note(id, LogLevel::Info, "meanwhile");
        while hub.log(id).is_loading() {
            changes.changed().await.unwrap();
        }
        hub.note(id, LogLevel::Info, "later");
        let log = hub.log(id);
        let messages: Vec<_> = log.iter().map(|line| line.message.as_str()).collect();
        assert_eq!(messages, ["earlier", "meanwhile", "later"]);
        assert!(hub.log(JobId::new()).is_empty());
    }

    // Breaks if a thousand watched jobs fill the memory with their logs.
    #[tokio::test]
    async fn few_logs_are_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let hub = hub(folder.path());
        for _ in 0..3 * LOGS {
            let id = JobId::new();
            hub.insert(job(id)).unwrap();
            hub.log(id);
            hub.note(id, LogLevel::Info, "x");
        }
        assert_eq!(lock(&hub.state).logs.len(), LOGS);
    }
}
