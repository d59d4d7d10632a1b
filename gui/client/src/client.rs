//! The door to the crate: submissions in, jobs, logs and thumbnails out.

use std::collections::HashSet;
use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use posterframe_contract::{Interpretation, JobId, OutputRequest, Position, SheetRequest, names};
use posterframe_process::Program;
use time::OffsetDateTime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::aws::Session;
use crate::browse::Objects;
use crate::config::{Backend, Paths, Rate};
use crate::error::ClientError;
use crate::fs::{blocking, private};
use crate::gallery::Gallery;
use crate::model::{
    Job, JobState, Log, LogLevel, LogLine, RemoteSubmission, RemoteVideo, Submission, VideoFile, log_text,
};
use crate::store::{JobRegistry, SentEntry};
use crate::upload::{self, PlannedFrame, PlannedNames, PreflightIssue, RemoteIssue, UploadQueue};
use crate::watch::Watcher;

/// What downloaded pictures may take on disk, unless someone says otherwise.
const CACHE_BYTES: u64 = 1_000_000_000;

/// What a client is made of.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Where its files live.
    pub paths: Paths,
    /// Where its jobs run.
    pub backend: Backend,
    /// The worker for jobs that are made on this computer: started with the folder that files go to, `bucket/folder`, and the
    /// video's path, it reads the request from its standard input, up to a zero byte. `None` where there is none: such jobs
    /// fail then.
    pub worker: Option<Program>,
}

/// All that the app does with one backend. Clones are the same client.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    session: Session,
    registry: Arc<JobRegistry>,
    paths: Paths,
    uploads: Arc<UploadQueue>,
    gallery: Gallery,
    objects: Objects,
    mended: watch::Receiver<Option<Vec<JobId>>>,
    closing: CancellationToken,
    tasks: TaskTracker,
    /// Held for as long as the client lives.
    _lock: std::fs::File,
}

impl Client {
    /// Opens the history and goes on with what was under way when it was last closed.
    ///
    /// Must be called within a tokio runtime, which then runs the client's work.
    ///
    /// # Errors
    /// The data folder cannot be used, or another client uses it.
    pub async fn open(options: ClientOptions) -> Result<Self, ClientError> {
        let ClientOptions {
            paths,
            backend,
            worker,
        } = options;
        let session = Session::open(backend).await;
        let (watched_session, places) = (session.clone(), paths.clone());
        let (lock, registry, watcher) = blocking(move || {
            let paths = places;
            let failed = |error| ClientError::folder(&paths.data, error);
            paths.make_data().map_err(failed)?;
            let lock = lock(&paths.data)?;
            let registry = Arc::new(JobRegistry::open(&paths.history(), watched_session.time.clone())?);
            let watcher = Watcher::new(watched_session, registry.clone(), paths);
            Ok::<_, ClientError>((lock, registry, watcher))
        })
        .await?;
        let (closing, tasks) = (CancellationToken::new(), TaskTracker::new());
        let mended = watcher.mended();
        tasks.spawn(watcher.run(closing.clone()));
        let kept = paths.clone();
        tasks.spawn_blocking(move || kept.keep_private());
        let gallery = Gallery::open(session.clone(), registry.clone(), &paths, CACHE_BYTES);
        tasks.spawn(gallery.clone().follow(closing.clone()));
        let uploads = UploadQueue::new(
            session.clone(),
            registry.clone(),
            worker,
            closing.clone(),
            tasks.clone(),
        );
        uploads.tidy();
        // The oldest first, as they were submitted.
        for job in registry.jobs().iter().rev() {
            let goes_on = job.is_on_this_side() && job.state != JobState::Paused;
            if goes_on && job.backend == session.backend.name {
                uploads.start(job.id);
            }
        }
        Ok(Self {
            inner: Arc::new(Inner {
                objects: Objects::of_session(session.clone()),
                session,
                registry,
                paths,
                uploads,
                gallery,
                mended,
                closing,
                tasks,
                _lock: lock,
            }),
        })
    }

    /// Whether a client has this data folder open, in this process or in another one.
    pub fn is_running(paths: &Paths) -> bool {
        std::fs::File::open(paths.data.join("client.lock"))
            .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Where the jobs run.
    pub fn backend(&self) -> &Backend {
        &self.inner.session.backend
    }

    /// What time it is, for whoever shows how long something takes or how old it is: by the backend's clock, where this
    /// machine's is another.
    pub fn now(&self) -> OffsetDateTime {
        self.inner.registry.now()
    }

    /// Counts up with each change of any job or log.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.registry.changes()
    }

    /// All jobs, newest first.
    pub fn jobs(&self) -> Arc<Vec<Arc<Job>>> {
        self.inner.registry.jobs()
    }

    /// One job.
    pub fn job(&self, id: JobId) -> Option<Arc<Job>> {
        self.inner.registry.job(id)
    }

    /// A job's log in order of time, as far as it is in memory: what is on disk only follows, as a change.
    pub fn log(&self, id: JobId) -> Log {
        self.inner.registry.log(id)
    }

    /// The lines that were written since `mark` (0 at first), in the order of writing, and the mark for the next call.
    /// Read from disk: for the command line, and not for a window's thread.
    pub fn log_since(&self, id: JobId, mark: i64) -> (Vec<LogLine>, i64) {
        self.inner.registry.log_since(id, mark).wait()
    }

    /// Whether the log of a job that has ended has all that is sure to be in it. Read from disk, as [`Self::log_since`].
    pub fn log_is_whole(&self, id: JobId) -> bool {
        let registry = &self.inner.registry;
        let last = |source| registry.last_line(id, source, LogLevel::Debug).wait();
        registry.job(id).is_none_or(|job| log_text::is_whole(&job, last))
    }

    /// What there is to say of jobs that could not be read when the history was opened: they were set aside.
    pub fn set_aside(&self) -> Option<String> {
        self.inner.registry.set_aside.clone()
    }

    /// What ECS last said of a job's task, as JSON; kept after ECS has forgotten it. Read from disk, as
    /// [`Self::log_since`].
    pub fn task_json(&self, id: JobId) -> Option<String> {
        let job = self.inner.registry.job(id)?;
        let arn = job.task.as_ref()?.arn.clone();
        self.inner.registry.task(arn).wait()
    }

    /// The jobs of the last two weeks that had failed because no task came, and that have a task or a thumbnail after
    /// all. They are looked for at the start; this comes once each was.
    pub async fn mended(&self) -> Vec<JobId> {
        let mut mended = self.inner.mended.clone();
        // The watcher ends only with the client.
        let told = mended.wait_for(Option::is_some).await;
        told.ok().and_then(|told| told.clone()).unwrap_or_default()
    }

    /// The names that a submission of `frames` would make; without an output, those of the exact PNGs.
    pub fn planned_names(
        backend: &Backend,
        video: &Path,
        frames: &[PlannedFrame],
        outputs: &[OutputRequest],
        sheets: &[SheetRequest],
    ) -> PlannedNames {
        upload::planned_names(backend, video, frames, outputs, sheets)
    }

    /// A look at a video's file, to be compared with it later.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn look_at(video: &Path) -> Result<VideoFile, ClientError> {
        upload::look_at(video)
    }

    /// What stands against a submission of frames at `positions` of a video, which was as `opened` says when they were
    /// picked, and is read as `interpretation` says; or is worth knowing before it. Looks at the file: not for a thread that must
    /// not wait.
    pub fn check(
        &self,
        opened: &VideoFile,
        interpretation: Interpretation,
        positions: &[Position],
    ) -> Vec<PreflightIssue> {
        let mut findings = upload::findings(opened, interpretation, positions, self.backend(), &self.jobs());
        let (bucket_id, bytes) = (self.inner.session.bucket_id(), opened.bytes);
        let sent = self
            .inner
            .registry
            .journal(move |store| store.sent(&bucket_id, bytes));
        let is_it = |sent: &SentEntry| upload::same(&sent.video, opened);
        if sent.wait().is_ok_and(|sent| sent.iter().any(is_it)) {
            findings.push(PreflightIssue::Stored);
        }
        findings
    }

    /// Takes a submission: one job for all its frames. The work goes on by itself. Waits for the disk: not for a thread
    /// that must not.
    ///
    /// # Errors
    /// The video cannot be read, there is no frame or more than a task makes, a name makes no key, or the history cannot
    /// be written.
    pub fn submit(&self, submission: Submission) -> Result<JobId, ClientError> {
        let inner = &self.inner;
        let now = inner.registry.now();
        self.begin(upload::job(
            submission,
            &inner.session.backend,
            &inner.paths,
            now,
        )?)
    }

    fn begin(&self, job: Job) -> Result<JobId, ClientError> {
        let id = job.id;
        self.inner.registry.insert(job).wait()?;
        self.inner.uploads.start(id);
        Ok(id)
    }

    /// What is worth knowing before a video at a distance is submitted: whether a task may read it, as far as that can be
    /// told from here. Asks nobody.
    pub fn check_remote(&self, source: &RemoteVideo) -> Vec<RemoteIssue> {
        upload::remote_issues(self.backend(), source)
    }

    /// Takes a submission of a video at a distance: only a request is put, and the task reads the video where it is. Waits
    /// for the disk, as [`Self::submit`].
    ///
    /// # Errors
    /// There is no frame or more than a task makes, or the history cannot be written.
    pub fn submit_remote(&self, submission: RemoteSubmission) -> Result<JobId, ClientError> {
        let inner = &self.inner;
        let now = inner.registry.now();
        self.begin(upload::remote_job(
            submission,
            &inner.session.backend,
            &inner.paths,
            now,
        )?)
    }

    /// The objects that the backend's login may read, for videos that are opened where they are.
    pub fn objects(&self) -> Objects {
        self.inner.objects.clone()
    }

    /// Stops a job: its upload, its task, or the task that is still to come of its upload.
    ///
    /// # Errors
    /// It has ended already, it is someone else's, or AWS refuses.
    pub async fn stop(&self, id: JobId) -> Result<(), ClientError> {
        let inner = &self.inner;
        let job = self.own_job(id)?;
        if job.state.is_ended() {
            return Err(ClientError::NotNow("the job has ended already"));
        }
        if job.is_on_this_side() {
            inner.uploads.halt(id).await;
            // The last byte may have arrived in the meantime, and with it the event.
            let stopped = inner.registry.end_upload(id, |job, now| {
                let unsent = job.is_on_this_side();
                if unsent {
                    job.end(JobState::Stopped, now);
                }
                unsent
            });
            if stopped.await.is_some_and(|(_, unsent)| unsent) {
                let what = if job.here.is_some() {
                    "the worker"
                } else {
                    "the upload"
                };
                let message = format!("{what} was stopped");
                inner.registry.note(id, LogLevel::Info, message);
                inner.uploads.tidy();
                return Ok(());
            }
        }
        if job.here.is_some() {
            return Err(ClientError::NotNow("its files are in the bucket already"));
        }
        // The watcher stops the task, at once or when it appears; a crash does not forget the wish.
        let wished = inner.registry.try_update(id, |job| {
            if job.state.is_ended() {
                return Err(ClientError::NotNow("the job has ended already"));
            }
            job.stop_requested = true;
            Ok(())
        });
        let job = wished.await?;
        if job.task.is_none() {
            inner.registry.note(
                id,
                LogLevel::Info,
                "the task will be stopped as soon as it is there",
            );
        }
        inner.registry.wake.notify_one();
        Ok(())
    }

    /// The most that uploads may take of the line, all together.
    pub fn upload_limit(&self) -> Option<Rate> {
        self.inner.uploads.limit()
    }

    /// Limits what uploads take of the line, all together; `None` for no limit. It takes effect at once, and for this
    /// client only: the configuration keeps it for the next one.
    pub fn set_upload_limit(&self, limit: Option<Rate>) {
        self.inner.uploads.set_limit(limit);
    }

    /// Pauses a job's upload. What is sent stays sent; [`Self::resume`] goes on, also after a restart.
    ///
    /// # Errors
    /// The job's video is not on its way.
    pub async fn pause(&self, id: JobId) -> Result<(), ClientError> {
        let inner = &self.inner;
        let job = inner.registry.job(id).ok_or(ClientError::NoSuchJob(id))?;
        if job.here.is_some() || !matches!(job.state, JobState::Queued | JobState::Uploading) {
            return Err(ClientError::NotNow("there is no upload to pause"));
        }
        inner.uploads.halt(id).await;
        let paused = inner.registry.update(id, |job| {
            // It may have arrived in the meantime.
            if matches!(job.state, JobState::Queued | JobState::Uploading) {
                job.state = JobState::Paused;
                job.wait = None;
            }
        });
        paused.await;
        inner.registry.note(id, LogLevel::Info, "the upload is paused");
        Ok(())
    }

    /// Goes on with a paused upload; one that waits for the network or a login tries again at once.
    ///
    /// # Errors
    /// The job's upload neither is paused nor waits.
    pub async fn resume(&self, id: JobId) -> Result<(), ClientError> {
        let inner = &self.inner;
        let job = inner.registry.job(id).ok_or(ClientError::NoSuchJob(id))?;
        if job.state != JobState::Paused && job.wait.is_none() {
            return Err(ClientError::NotNow("the upload is not paused"));
        }
        inner.uploads.halt(id).await;
        let queued = inner.registry.update(id, |job| {
            if job.is_on_this_side() {
                job.state = JobState::Queued;
                job.wait = None;
            }
        });
        // It may have arrived in the meantime.
        if queued.await.is_some_and(|job| job.state == JobState::Queued) {
            inner.uploads.start(id);
        }
        Ok(())
    }

    /// Tries an ended job again. Nothing that is in the bucket is sent again. Waits for the disk, as [`Self::submit`].
    ///
    /// # Errors
    /// It has not ended.
    pub fn retry(&self, id: JobId) -> Result<(), ClientError> {
        self.own_job(id)?;
        let now = self.inner.registry.now();
        let request = names::request_key(&self.inner.session.backend.jobs_folder, id);
        let begun = self.inner.registry.try_update(id, move |job| {
            if !job.state.is_ended() {
                return Err(ClientError::NotNow("the job is still under way"));
            }
            job.begin_again(request, now);
            Ok(())
        });
        let job = begun.wait()?;
        self.inner
            .registry
            .note(id, LogLevel::Info, format!("attempt {}", job.attempt));
        self.inner.uploads.start(id);
        Ok(())
    }

    /// Takes an ended job off the list. Its stills stay in the bucket. Waits for the disk, as [`Self::submit`].
    ///
    /// # Errors
    /// It has not ended, or the history cannot be written.
    pub fn forget(&self, id: JobId) -> Result<(), ClientError> {
        let job = self.inner.registry.forget(id).wait()?;
        self.inner.uploads.tidy();
        let pictures = job.stills.iter().filter_map(|still| still.picture.as_ref());
        let pictures = pictures.map(PathBuf::as_path);
        for file in pictures.chain(job.paths()) {
            // A file that is gone already is what was wanted.
            let _ = std::fs::remove_file(file);
        }
        // A result's folder, where it has one of its own: one that is not empty stays.
        if let Some(folder) = job.first_file().and_then(|file| file.path.parent()) {
            let _ = std::fs::remove_dir(folder);
        }
        Ok(())
    }

    fn own_job(&self, id: JobId) -> Result<Arc<Job>, ClientError> {
        let job = self.inner.registry.job(id).ok_or(ClientError::NoSuchJob(id))?;
        if job.foreign {
            return Err(ClientError::NotNow("someone else submitted this job"));
        }
        Ok(job)
    }

    /// Waits until every one of `ids` has ended.
    pub async fn ended(&self, ids: &[JobId]) {
        let mut changes = self.changes();
        let open: HashSet<JobId> = ids.iter().copied().collect();
        while open
            .iter()
            .any(|id| self.job(*id).is_some_and(|job| !job.state.is_ended()))
        {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// The bucket's thumbnails.
    pub fn gallery(&self) -> &Gallery {
        &self.inner.gallery
    }

    /// Ends all work. What is under way goes on when the history is next opened.
    pub async fn close(self) {
        self.inner.closing.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }
}

fn lock(folder: &Path) -> Result<std::fs::File, ClientError> {
    let file = folder.join("client.lock");
    let lock = private::create(&file).map_err(|error| ClientError::folder(folder, error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(ClientError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(ClientError::folder(folder, error)),
    }
}

mod here;
mod watched;

#[cfg(test)]
#[cfg(unix)]
mod tests;
