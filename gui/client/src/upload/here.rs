//! Jobs that are made on this computer: the worker runs here, over the file, and only what it makes goes to the bucket.
//!
//! The worker is a process of its own, since a video is somebody's. It ends with the app, and begins from the start at the
//! next one: the same request makes the same files under the same keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use posterframe_contract::{JobId, TaskExit};
use posterframe_process::{Environment, LineSink, Output, Program, exit_code, kill_group, spawn};
use time::OffsetDateTime;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::plan;
use super::source::same;
use super::transfer::{head, look};
use crate::aws::Session;
use crate::config::{Backend, Paths};
use crate::error::{ClientError, failure};
use crate::model::log_text::{Said, parse};
use crate::model::{HereRun, Job, JobState, LogLevel, LogSource, Phase, Submission};
use crate::store::{Entry, JobRegistry};

/// Lines of one run that are kept: more than a request of the most stills and outputs writes.
const MAX_LINES: usize = 50_000;

/// The job of a submission.
pub(crate) fn job(
    submission: Submission,
    backend: &Backend,
    paths: &Paths,
    now: OffsetDateTime,
) -> Result<Job, ClientError> {
    Ok(Job {
        video_key: String::new(),
        request_key: None,
        here: Some(HereRun::default()),
        ..plan::job(submission, backend, paths, now)?
    })
}

/// What makes jobs on this computer, one at a time: the worker takes all of the processor, and the memory of some pictures.
pub(super) struct Maker {
    session: Session,
    registry: Arc<JobRegistry>,
    program: Option<Program>,
    turn: Semaphore,
}

impl Maker {
    pub(super) fn new(session: Session, registry: Arc<JobRegistry>, program: Option<Program>) -> Self {
        Self {
            session,
            registry,
            program,
            turn: Semaphore::new(1),
        }
    }

    /// Makes the job's files. What passes by itself is an error, so that it is tried again; how the worker ended is not.
    pub(super) async fn make(&self, id: JobId) -> Result<(), ClientError> {
        let _turn = self.turn(id).await;
        let now = self.registry.now();
        let begun = self.registry.update(id, move |job| {
            job.begin(Phase::Extract, now);
            job.stills_done = 0;
            job.here = Some(HereRun {
                started: Some(now),
                ..HereRun::default()
            });
        });
        let Some(job) = begun.await else {
            return Ok(());
        };
        // A refusal is for the worker to find: only its own requests need be allowed.
        if let Err(error) = head(&self.session, &job.bucket, &job.manifest_key).await
            && error.trouble().is_some()
        {
            return Err(error);
        }
        if !same(&look(&job).await?, &job.video) {
            return Err(ClientError::Changed(job.video.path.clone()));
        }
        let message = format!(
            "made on this computer: {}; only what is made of it is sent",
            job.video.name
        );
        self.registry.note(id, LogLevel::Info, message);
        self.registry.change(id, |job| job.wait = None);
        let (code, last_line) = self.work(&job).await?;
        self.made(&job, code, last_line).await
    }

    /// Waits until no other job is being made.
    async fn turn(&self, id: JobId) -> SemaphorePermit<'_> {
        if let Ok(turn) = self.turn.try_acquire() {
            return turn;
        }
        self.registry.update(id, |job| job.state = JobState::Queued).await;
        let turn = self.turn.acquire().await;
        turn.expect("the semaphore is never closed")
    }

    /// Runs the worker until it ends by itself. Gives its exit code, and the last thing that it said. Where this is given up,
    /// the process ends too.
    async fn work(&self, job: &Job) -> Result<(i32, Option<String>), ClientError> {
        let program = self.program.as_ref();
        let program = program.ok_or(ClientError::NotNow("this program has no worker"))?;
        let failed = |source| ClientError::Worker {
            path: program.path.clone(),
            source,
        };
        let folder = job.manifest_key.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = format!("{}/{folder}", job.bucket);
        let arguments = [folder.into(), job.video.path.clone().into_os_string()];
        let mut worker = spawn(program, arguments, environment(&self.session)).map_err(failed)?;
        let pid = worker.id();
        let log = JobLog {
            registry: self.registry.clone(),
            id: job.id,
            lines: Arc::default(),
            last: Arc::default(),
        };
        let output = Output::collect(&mut worker, &log);
        let mut request = job.request().to_json().into_bytes();
        // No JSON has one; it is the end, for the pipe stays open.
        request.push(0);
        // Where it has ended already, its exit code says why.
        let _ = worker.tell(&request).await;
        let status = worker.wait().await.map_err(failed)?;
        kill_group(pid);
        output.ended().await;
        let last = log.last.lock().take();
        Ok((exit_code(status), last))
    }

    /// The worker has ended.
    async fn made(&self, job: &Job, code: i32, last_line: Option<String>) -> Result<(), ClientError> {
        let exit = TaskExit::from_code(code);
        if exit == Some(TaskExit::BucketUnavailable) {
            let error = ClientError::Aws {
                operation: "Storing the files",
                code: None,
                reason: last_line.unwrap_or_default(),
            };
            return Err(error.into_backend_trouble());
        }
        // As of a task: of several stills, what was made is there, and so is why the others failed.
        let has_manifest = match exit {
            Some(TaskExit::Success | TaskExit::SomeStillsFailed) => true,
            Some(_) => job.stills.len() != 1,
            None => false,
        };
        let failure = (!has_manifest).then(|| failure::of_worker_here(Some(code), last_line.as_deref()));
        let now = self.registry.now();
        let ended = self.registry.update(job.id, move |job| {
            if let Some(run) = &mut job.here {
                run.stopped = Some(now);
                run.exit_code = Some(code);
            }
            match failure {
                None => job.begin(Phase::Thumbnail, now),
                Some(failure) => {
                    job.end(JobState::Failed, now);
                    job.fail(failure);
                }
            }
        });
        ended.await;
        self.registry.wake.notify_one();
        Ok(())
    }
}

/// How the worker reaches the backend: with its own keys, or by the login that this program has, whose rules the worker's SDK
/// follows too, so that a login that is renewed meanwhile holds.
fn environment(session: &Session) -> Environment {
    let backend = &session.backend;
    let variable = |name: &str, value: &Option<String>| Some((name.to_owned(), value.clone()?));
    let mut variables: Vec<(String, String)> = [
        variable("AWS_REGION", &backend.region),
        variable("AWS_ENDPOINT_URL", &backend.endpoint),
        variable("AWS_PROFILE", &backend.profile),
    ]
    .into_iter()
    .flatten()
    .collect();
    // As in the worker's image: glibc otherwise keeps freed pictures in among memory that is still used.
    variables.push(("MALLOC_MMAP_THRESHOLD_".to_owned(), "262144".to_owned()));
    let Some(keys) = &backend.keys else {
        return Environment::Ours(variables);
    };
    variables.extend([
        ("AWS_ACCESS_KEY_ID".to_owned(), keys.id.clone()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), keys.secret.clone()),
        ("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned()),
    ]);
    Environment::Only(variables)
}

/// The worker's lines on their way to their job's log.
#[derive(Clone)]
struct JobLog {
    registry: Arc<JobRegistry>,
    id: JobId,
    /// How many there were.
    lines: Arc<AtomicUsize>,
    /// The last one, without its level.
    last: Arc<Mutex<Option<String>>>,
}

impl LineSink for JobLog {
    async fn append(&self, lines: Vec<String>) {
        let unix_millis = (self.registry.now().unix_timestamp_nanos() / 1_000_000) as i64;
        let lines = lines.iter().filter(|line| !line.is_empty());
        let mut lines: Vec<_> = lines
            .map(|line| parse(unix_millis, LogSource::Worker, line, self.id))
            .collect();
        let Some(last) = lines.last() else {
            return;
        };
        *self.last.lock() = Some(last.message.clone());
        let said = Said::of(lines.iter().map(|line| line.message.as_str()));
        if let Some(said) = said {
            self.registry.update(self.id, move |job| said.note(job)).await;
        }
        let before = self.lines.fetch_add(lines.len(), Ordering::Relaxed);
        lines.truncate(MAX_LINES.saturating_sub(before));
        let entries = lines.into_iter().map(|line| Entry { event: None, line });
        let written = self
            .registry
            .append(vec![(self.id, entries.collect())], None)
            .await;
        if let Err(error) = written {
            tracing::error!("the history cannot be written: {error}");
        }
    }
}
