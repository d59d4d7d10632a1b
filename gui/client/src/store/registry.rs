//! Every job in memory and on disk, and the logs that someone looks at: the one place where a job changes.
//!
//! Memory is read without waiting. Whatever goes to the disk goes through a thread that has the database for itself
//! ([`super::thread`]), in the order in which it was asked for: memory and disk see every change of a job in one order, and a
//! job that was forgotten does not come back.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};
use posterframe_contract::JobId;
use time::OffsetDateTime;
use tokio::sync::{Notify, watch};

use super::database::Store;
use super::log_rows::{Entry, LogCheckpoint};
use super::thread::{Answer, StoreThread};
use crate::aws::ServerTime;
use crate::error::ClientError;
use crate::fs::private;
use crate::model::{Job, JobState, Log, LogLevel, LogLine, LogSource, Phase};

/// Logs in memory at a time. All others are on disk only, however many jobs are watched.
const MAX_LOGS_IN_MEMORY: usize = 8;

/// Lines that were not known, by jobs.
type NewLines = Vec<(JobId, Vec<LogLine>)>;

/// Jobs and logs, shared by whoever changes or shows them.
pub(crate) struct JobRegistry {
    /// Has a connection of its own, so that a long log holds up no change. It hands over to the writer, and so ends
    /// before it.
    reader: StoreThread,
    writer: StoreThread,
    shared: Arc<Shared>,
    /// What there is to say of jobs that could not be read, and were set aside.
    pub(crate) set_aside: Option<String>,
    /// Rung when there is something new to watch.
    pub(crate) wake: Notify,
    /// The backend's, by which jobs' times are noted: AWS's and the app's are then in one order.
    pub(crate) time: Arc<ServerTime>,
}

/// What is in memory.
struct Shared {
    state: Mutex<State>,
    changes: watch::Sender<u64>,
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
    let current = job.current_phase();
    for record in &mut job.phases {
        record.seen = (Some(record.phase) == current).then(Instant::now);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Wakes whoever shows jobs, logs or thumbnails.
    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// Changes a job in memory. Gives it as it is then, with what `change` said.
    fn change<T>(&self, id: JobId, change: impl FnOnce(&mut Job) -> T) -> Option<(Arc<Job>, T)> {
        let mut state = self.state();
        let old = state.jobs.get(&id)?.clone();
        let mut new = Job::clone(&old);
        let said = change(&mut new);
        if new == *old {
            return Some((old, said));
        }
        state.note_begin(Some(&old), &mut new);
        let new = Arc::new(new);
        state.jobs.insert(id, new.clone());
        state.list = None;
        drop(state);
        self.changed();
        Some((new, said))
    }

    /// Adds lines that are on disk now to the logs that are in memory, whose readers are woken.
    fn grow(&self, new: &[(JobId, Vec<LogLine>)]) {
        for (id, lines) in new {
            let old = self.state().logs.get(id).map(|(log, _)| log.clone());
            // One that is still on its way will have them.
            if let Some(old) = old.filter(|log| !log.is_loading()) {
                let grown = old.with(lines.clone());
                if let Some((log, _)) = self.state().logs.get_mut(id) {
                    *log = grown;
                }
            }
        }
        if !new.is_empty() {
            self.changed();
        }
    }
}

impl JobRegistry {
    /// Takes over the history in `file`. Reads all jobs: not for a thread that must not wait.
    pub(crate) fn open(file: &Path, time: Arc<ServerTime>) -> Result<Self, ClientError> {
        let seen = |mut job: Job| {
            see(&mut job);
            (job.id, Arc::new(job))
        };
        let failed = |error: std::io::Error| ClientError::folder(file, error);
        // SQLite gives the files beside it the same rights.
        private::touch(file).map_err(failed)?;
        let store = Store::open(file)?;
        let stored = store.jobs()?;
        let jobs = stored.jobs.into_iter().map(seen).collect();
        Ok(Self {
            reader: StoreThread::start("history reader", Store::open(file)?).map_err(failed)?,
            writer: StoreThread::start("history", store).map_err(failed)?,
            shared: Arc::new(Shared {
                state: Mutex::new(State {
                    jobs,
                    ..State::default()
                }),
                changes: watch::Sender::new(0),
            }),
            set_aside: stored.set_aside,
            wake: Notify::new(),
            time,
        })
    }

    fn read<T: Send + 'static>(&self, work: impl FnOnce(&Store) -> T + Send + 'static) -> Answer<T> {
        self.reader.queue().ask(move |store| work(store))
    }

    fn write<T: Send + 'static>(&self, work: impl FnOnce(&mut Store) -> T + Send + 'static) -> Answer<T> {
        self.writer.queue().ask(work)
    }

    /// Comes once all that was asked for before is on disk.
    pub(crate) fn flushed(&self) -> Answer<()> {
        self.write(|_| ())
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// Wakes whoever shows jobs, logs or thumbnails.
    pub(crate) fn changed(&self) {
        self.shared.changed();
    }

    pub(crate) fn jobs(&self) -> Arc<Vec<Arc<Job>>> {
        let mut state = self.shared.state();
        if let Some(list) = &state.list {
            return list.clone();
        }
        let list = Arc::new(state.jobs.values().rev().cloned().collect::<Vec<_>>());
        state.list = Some(list.clone());
        list
    }

    pub(crate) fn job(&self, id: JobId) -> Option<Arc<Job>> {
        self.shared.state().jobs.get(&id).cloned()
    }

    /// Adds a job. It is on disk when this is answered.
    pub(crate) fn insert(&self, job: Job) -> Answer<Result<(), ClientError>> {
        self.insert_with(job, |_| Ok(()))
    }

    /// Adds a job, and writes something else in the same transaction: both are on disk, or neither.
    pub(crate) fn insert_with(
        &self,
        mut job: Job,
        with: impl FnOnce(&Store) -> Result<(), rusqlite::Error> + Send + 'static,
    ) -> Answer<Result<(), ClientError>> {
        let shared = self.shared.clone();
        self.write(move |store| {
            let transaction = store.connection.unchecked_transaction()?;
            store.put_job(&job)?;
            with(store)?;
            transaction.commit()?;
            let mut state = shared.state();
            state.note_begin(None, &mut job);
            state.jobs.insert(job.id, Arc::new(job));
            state.list = None;
            drop(state);
            shared.changed();
            Ok(())
        })
    }

    /// Changes a job, in memory and on disk; the new state is answered. `None` where it was forgotten.
    pub(crate) fn update(
        &self,
        id: JobId,
        change: impl FnOnce(&mut Job) + Send + 'static,
    ) -> Answer<Option<Arc<Job>>> {
        let shared = self.shared.clone();
        self.write(move |store| Some(update(&shared, store, id, change)?.0))
    }

    /// Changes a job if `change` finds that it can be changed: it is given the job as it is at that very moment.
    pub(crate) fn try_update(
        &self,
        id: JobId,
        change: impl FnOnce(&mut Job) -> Result<(), ClientError> + Send + 'static,
    ) -> Answer<Result<Arc<Job>, ClientError>> {
        let shared = self.shared.clone();
        self.write(move |store| {
            let (job, result) = update(&shared, store, id, change).ok_or(ClientError::NoSuchJob(id))?;
            result.map(|()| job)
        })
    }

    /// Changes at once, and in memory only, what need not survive a restart, such as bytes sent.
    pub(crate) fn change(&self, id: JobId, change: impl FnOnce(&mut Job)) {
        self.shared.change(id, change);
    }

    /// What time it is where the jobs run.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.time.now()
    }

    /// Changes a job whose upload is over now, be it with success or not; `change` is given the time, and its word comes
    /// back.
    ///
    /// The upload is the one phase that is all this machine's: it lasts as long as the steady clock says, even if the
    /// calendar's was wrong when it began, or is set meanwhile.
    pub(crate) fn end_upload<T: Send + 'static>(
        &self,
        id: JobId,
        change: impl FnOnce(&mut Job, OffsetDateTime) -> T + Send + 'static,
    ) -> Answer<Option<(Arc<Job>, T)>> {
        let (now, shared) = (self.now(), self.shared.clone());
        self.write(move |store| {
            let took = shared.state().uploads.get(&id).map(Instant::elapsed);
            update(&shared, store, id, |job| {
                let record = &mut job.phases[Phase::Upload as usize];
                record.started = record.started.map(|noted| began(noted, now, took));
                change(job, now)
            })
        })
    }

    /// Takes a job off the list for good, if it has ended. Gives it as it was.
    pub(crate) fn forget(&self, id: JobId) -> Answer<Result<Arc<Job>, ClientError>> {
        let shared = self.shared.clone();
        self.write(move |store| {
            let job = shared.state().jobs.get(&id).cloned();
            let job = job.ok_or(ClientError::NoSuchJob(id))?;
            if !job.state.is_ended() {
                return Err(ClientError::NotNow("stop the job first"));
            }
            store.delete_job(id)?;
            let mut state = shared.state();
            state.jobs.remove(&id);
            state.logs.remove(&id);
            state.list = None;
            drop(state);
            shared.changed();
            Ok(job)
        })
    }

    /// A job's log as it is in memory; what is on disk only comes later, and counts as a change. Never waits.
    pub(crate) fn log(&self, id: JobId) -> Log {
        let mut state = self.shared.state();
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
        if state.logs.len() > MAX_LOGS_IN_MEMORY
            && let Some(oldest) = state.logs.iter().min_by_key(|(_, (_, asked))| *asked)
        {
            let oldest = *oldest.0;
            state.logs.remove(&oldest);
        }
        drop(state);
        self.load(id);
        log
    }

    /// Loads a log: as a whole without holding up any change, and what was written meanwhile between two changes.
    fn load(&self, id: JobId) {
        let (shared, writer) = (self.shared.clone(), self.writer.queue().clone());
        let failed = move |error| tracing::error!("the log of job {id} cannot be read: {error}");
        self.read(move |store| {
            let (lines, mark) = store.log_and_mark(id).map_err(failed).unwrap_or_default();
            let log = Log::from(lines);
            let publish = move |store: &mut Store| {
                let (late, _) = store.log_after(id, mark).map_err(failed).unwrap_or_default();
                if let Some((known, _)) = shared.state().logs.get_mut(&id) {
                    *known = log.with(late);
                }
                shared.changed();
            };
            writer.ask(publish).later();
        })
        .later();
    }

    /// Adds lines to jobs' logs, on disk and in those that are in memory, each where its time puts it; what was there
    /// already is left out. `checkpoint` is noted together with them. The lines that are new come back.
    pub(crate) fn append(
        &self,
        logs: Vec<(JobId, Vec<Entry>)>,
        checkpoint: Option<(String, i64)>,
    ) -> Answer<Result<NewLines, ClientError>> {
        let shared = self.shared.clone();
        self.write(move |store| append(&shared, store, logs, checkpoint.as_ref()))
    }

    /// What was written to a job's log since `mark`, and the mark for the next call.
    pub(crate) fn log_since(&self, id: JobId, mark: i64) -> Answer<(Vec<LogLine>, i64)> {
        self.read(move |store| {
            store.log_after(id, mark).unwrap_or_else(|error| {
                tracing::error!("the log of job {id} cannot be read: {error}");
                (Vec::new(), mark)
            })
        })
    }

    /// Up to where log groups have been read, in milliseconds since the epoch.
    pub(crate) fn checkpoints<const N: usize>(&self, names: [String; N]) -> Answer<[Option<i64>; N]> {
        self.read(move |store| names.map(|name| store.checkpoint(&name).ok().flatten()))
    }

    /// The last line of a source in a job's log that is at least so grave.
    pub(crate) fn last_line(&self, id: JobId, source: LogSource, least: LogLevel) -> Answer<Option<LogLine>> {
        self.read(move |store| store.last_line(id, source, least).ok().flatten())
    }

    /// A line of the app's own in a job's log, some time soon.
    pub(crate) fn note(&self, id: JobId, level: LogLevel, message: impl Into<String>) {
        self.note_all(std::iter::once(id), level, &message.into());
    }

    /// The same line in the logs of many jobs.
    pub(crate) fn note_all(&self, ids: impl Iterator<Item = JobId>, level: LogLevel, message: &str) {
        let line = LogLine {
            unix_millis: (self.now().unix_timestamp_nanos() / 1_000_000) as i64,
            source: LogSource::App,
            level,
            message: message.to_owned(),
        };
        let entries: Vec<_> = ids
            .map(|id| {
                let line = line.clone();
                (id, vec![Entry { event: None, line }])
            })
            .collect();
        let shared = self.shared.clone();
        self.write(move |store| {
            if let Err(error) = append(&shared, store, entries, None) {
                tracing::error!("the history cannot be written: {error}");
            }
        })
        .later();
    }

    /// What ECS said of a task, as JSON.
    pub(crate) fn task(&self, arn: String) -> Answer<Option<String>> {
        self.read(move |store| store.task(&arn).ok().flatten())
    }

    pub(crate) fn put_task(&self, arn: String, id: JobId, body: String) {
        self.write(move |store| {
            if let Err(error) = store.put_task(&arn, id, &body) {
                tracing::error!("the history cannot be written: {error}");
            }
        })
        .later();
    }

    /// Reads or writes the journal of uploads.
    pub(crate) fn journal<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Answer<Result<T, ClientError>> {
        self.write(move |store| Ok(work(store)?))
    }

    /// Jobs that this computer has done its part of, and whose end is not yet known.
    pub(crate) fn watched(&self, backend: &str) -> Vec<Arc<Job>> {
        let state = self.shared.state();
        state
            .jobs
            .values()
            .filter(|job| {
                matches!(
                    job.state,
                    JobState::Waiting | JobState::Starting | JobState::Running
                ) && job.backend == backend
                    && !job.is_on_this_side()
            })
            .cloned()
            .collect()
    }
}

/// Changes a job in memory, and then on disk.
fn update<T>(
    shared: &Shared,
    store: &Store,
    id: JobId,
    change: impl FnOnce(&mut Job) -> T,
) -> Option<(Arc<Job>, T)> {
    let (job, said) = shared.change(id, change)?;
    if let Err(error) = store.put_job(&job) {
        // The job goes on; the next change tries again.
        tracing::error!("the history cannot be written: {error}");
    }
    Some((job, said))
}

/// Adds lines to jobs' logs, on disk and then in memory.
fn append(
    shared: &Shared,
    store: &mut Store,
    mut logs: Vec<(JobId, Vec<Entry>)>,
    checkpoint: Option<&(String, i64)>,
) -> Result<NewLines, ClientError> {
    // A job that was forgotten meanwhile leaves no log behind.
    logs.retain(|(id, _)| shared.state().jobs.contains_key(id));
    let checkpoint = checkpoint.map(|(name, unix_millis)| LogCheckpoint {
        name,
        unix_millis: *unix_millis,
    });
    let new = store.append(logs, checkpoint.as_ref())?;
    shared.grow(&new);
    Ok(new)
}

/// When an upload began that has ended `now`.
fn began(noted: OffsetDateTime, now: OffsetDateTime, took: Option<Duration>) -> OffsetDateTime {
    match took {
        Some(took) => measured_begin(noted, now, took).unwrap_or(noted),
        // It began in an earlier run of the app, but certainly not after its end.
        None => noted.min(now),
    }
}

/// When what took `took` on the steady clock and has ended at `ended` began; `None` where the calendar agrees with the
/// begin that was noted. It disagrees where it was set, or the machine slept, in between.
fn measured_begin(noted: OffsetDateTime, ended: OffsetDateTime, took: Duration) -> Option<OffsetDateTime> {
    /// Ordinary corrections of a clock are smaller.
    const JUMP: time::Duration = time::Duration::seconds(1);
    let measured = ended - took;
    ((measured - noted).abs() > JUMP).then_some(measured)
}

#[cfg(test)]
mod tests;
