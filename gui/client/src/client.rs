//! The door to the crate: submissions in, jobs, logs and thumbnails out.

use std::collections::{HashMap, HashSet};
use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use posterframe_contract::{JobId, Position, ThumbnailMetadata, UploadKey};
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::gallery::{GalleryItem, GalleryPage, PresignedLink};
use crate::hub::Hub;
use crate::session::Session;
use crate::store::Store;
use crate::watch::Watcher;
use crate::{
    Backend, ClientError, FrameChoice, Job, JobState, LogLevel, LogLine, Paths, Phase, PhaseRecord,
    Submission, VideoFile, failure, gallery, upload,
};

/// Videos on their way at once: more would only share the same line.
const UPLOADS_AT_ONCE: usize = 2;
/// Pauses between tries of an upload while the backend cannot be reached.
const PAUSES: [u64; 6] = [1, 2, 5, 10, 20, 30];

/// What a client is made of.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Where its files live.
    pub paths: Paths,
    /// Where its jobs run.
    pub backend: Backend,
}

/// All that the app does with one backend. Clones are the same client.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    session: Session,
    hub: Arc<Hub>,
    paths: Paths,
    uploads: Semaphore,
    /// Cancels a job's upload.
    running: Mutex<HashMap<JobId, CancellationToken>>,
    closing: CancellationToken,
    tasks: TaskTracker,
    runtime: Handle,
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
        let ClientOptions { paths, backend } = options;
        std::fs::create_dir_all(&paths.data).map_err(|error| ClientError::folder(&paths.data, error))?;
        let lock = lock(&paths.data)?;
        let hub = Arc::new(Hub::open(Store::open(&paths.data.join("history.db"))?)?);
        let session = Session::open(backend).await;
        let client = Self {
            inner: Arc::new(Inner {
                session,
                hub,
                paths,
                uploads: Semaphore::new(UPLOADS_AT_ONCE),
                running: Mutex::default(),
                closing: CancellationToken::new(),
                tasks: TaskTracker::new(),
                runtime: Handle::current(),
                _lock: lock,
            }),
        };
        let inner = &client.inner;
        let watcher = Watcher::new(inner.session.clone(), inner.hub.clone(), inner.paths.clone());
        inner.tasks.spawn(watcher.run(inner.closing.clone()));
        for job in inner.hub.jobs().iter() {
            let unsent = matches!(job.state, JobState::Queued | JobState::Uploading);
            if unsent && job.backend == inner.session.backend.name {
                client.deliver(job.id);
            }
        }
        Ok(client)
    }

    /// The jobs in the history of a data folder, newest first, without a client: for looking only.
    ///
    /// # Errors
    /// There is a history, but it cannot be read.
    pub fn history(paths: &Paths) -> Result<Vec<Job>, ClientError> {
        let file = paths.data.join("history.db");
        if !file.exists() {
            return Ok(Vec::new());
        }
        let mut jobs = Store::open(&file)?.jobs()?;
        jobs.reverse();
        Ok(jobs)
    }

    /// The log of a job in the history of a data folder, without a client.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn history_log(paths: &Paths, id: JobId) -> Result<Vec<LogLine>, ClientError> {
        Ok(Store::open(&paths.data.join("history.db"))?.log(id)?)
    }

    /// Where the jobs run.
    pub fn backend(&self) -> &Backend {
        &self.inner.session.backend
    }

    /// Counts up with each change of any job or log.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.hub.changes()
    }

    /// All jobs, newest first.
    pub fn jobs(&self) -> Arc<Vec<Arc<Job>>> {
        self.inner.hub.jobs()
    }

    /// One job.
    pub fn job(&self, id: JobId) -> Option<Arc<Job>> {
        self.inner.hub.job(id)
    }

    /// A job's log in order of time.
    pub fn logs(&self, id: JobId) -> Arc<Vec<LogLine>> {
        self.inner.hub.log(id)
    }

    /// The names that a submission would make: of the upload and of the thumbnail, for each frame.
    pub fn planned_names(video: &Path, frames: &[Position]) -> Vec<(String, String)> {
        let (stem, extension) = name_parts(video);
        let planned = frames.iter().enumerate().map(|(index, position)| {
            let key = UploadKey::for_job("", JobId::new(), &numbered(&stem, index), *position, &extension);
            key.map(|key| {
                let file = key.to_string();
                (
                    file.rsplit('/').next().unwrap_or_default().to_owned(),
                    key.thumbnail_name(),
                )
            })
        });
        planned.flatten().collect()
    }

    /// Takes a submission: one job for each frame, in their order. The work goes on by itself.
    ///
    /// # Errors
    /// The video cannot be read, there is no frame, a name makes no key, or the history cannot be written.
    pub fn submit(&self, submission: Submission) -> Result<Vec<JobId>, ClientError> {
        let video = upload::look_at(&submission.video)?;
        if submission.frames.is_empty() {
            return Err(ClientError::NoFrames);
        }
        let mut jobs: Vec<Job> = Vec::new();
        for (index, frame) in submission.frames.into_iter().enumerate() {
            let first = jobs.first().map(|job| job.id);
            jobs.push(self.new_job(&video, index, frame, first)?);
        }
        let ids = jobs.iter().map(|job| job.id).collect();
        for job in jobs {
            let id = job.id;
            self.inner.hub.insert(job)?;
            self.deliver(id);
        }
        Ok(ids)
    }

    fn new_job(
        &self,
        video: &VideoFile,
        index: usize,
        frame: FrameChoice,
        upload_of: Option<JobId>,
    ) -> Result<Job, ClientError> {
        let backend = self.backend();
        let (stem, extension) = name_parts(&video.path);
        let id = JobId::new();
        let key = UploadKey::for_job(
            &backend.uploads_folder,
            id,
            &numbered(&stem, index),
            frame.position,
            &extension,
        )?;
        let now = OffsetDateTime::now_utc();
        let mut job = Job {
            id,
            backend: backend.name.clone(),
            video: video.clone(),
            position: frame.position,
            frame_number: frame.number,
            bucket: backend.bucket.clone(),
            upload_key: key.to_string(),
            thumbnail_key: key.thumbnail_key(&backend.uploads_folder, &backend.thumbnails_folder)?,
            upload_of,
            state: JobState::Queued,
            phases: Phase::ALL.map(PhaseRecord::waiting),
            upload: None,
            task: None,
            attempt: 1,
            past_tasks: Vec::new(),
            created: now,
            ended: None,
            preview_sha256: frame.preview_sha256,
            preview_libav: frame.preview_libav,
            still: frame.still_png.and_then(|png| self.keep_still(id, &png)),
            thumbnail: None,
            failure: None,
        };
        job.begin(Phase::Upload, now);
        Ok(job)
    }

    fn keep_still(&self, id: JobId, png: &[u8]) -> Option<PathBuf> {
        let file = self.inner.paths.data.join("stills").join(format!("{id}.png"));
        gallery::write_whole(&file, png)
            .inspect_err(|error| tracing::warn!("the still of job {id} is not kept: {error}"))
            .ok()?;
        Some(file)
    }

    /// Brings the job's video into the bucket, in the background.
    fn deliver(&self, id: JobId) {
        let inner = self.inner.clone();
        let cancel = inner.closing.child_token();
        guard(&inner.running).insert(id, cancel.clone());
        self.inner.tasks.spawn_on(
            async move {
                // What is cancelled is not lost: the journal knows which parts are there.
                cancel.run_until_cancelled(Box::pin(inner.deliver(id))).await;
                guard(&inner.running).remove(&id);
            },
            &self.inner.runtime,
        );
    }

    /// Stops a job: its upload or its task.
    ///
    /// # Errors
    /// It has ended already, or AWS refuses.
    pub async fn stop(&self, id: JobId) -> Result<(), ClientError> {
        let inner = &self.inner;
        let job = inner.hub.job(id).ok_or(ClientError::NoSuchJob(id))?;
        match (&job.task, job.state) {
            (_, state) if state.is_ended() => Err(ClientError::NotNow("the job has ended already")),
            (Some(task), _) => {
                let stopped = inner
                    .session
                    .ecs
                    .stop_task()
                    .cluster(&inner.session.backend.cluster);
                let stopped = stopped
                    .task(&task.arn)
                    .reason("Stopped in Posterframe")
                    .send()
                    .await;
                stopped.map_err(|error| ClientError::aws("Stopping the task", &error))?;
                inner.hub.note(id, LogLevel::Info, "stopping the task");
                inner.hub.wake.notify_one();
                Ok(())
            }
            (None, JobState::Queued | JobState::Uploading) => {
                let upload = guard(&inner.running).remove(&id);
                if let Some(upload) = upload {
                    upload.cancel();
                }
                upload::discard(&inner.session, &inner.hub, &job).await;
                inner
                    .hub
                    .update(id, |job| job.end(JobState::Stopped, OffsetDateTime::now_utc()));
                inner.hub.note(id, LogLevel::Info, "the upload was stopped");
                Ok(())
            }
            (None, _) => Err(ClientError::NotNow(
                "the task has not started yet; try again in a moment",
            )),
        }
    }

    /// Tries an ended job again. Nothing that is in the bucket is sent again.
    ///
    /// # Errors
    /// It has not ended.
    pub fn retry(&self, id: JobId) -> Result<(), ClientError> {
        let job = self.inner.hub.job(id).ok_or(ClientError::NoSuchJob(id))?;
        if !job.state.is_ended() {
            return Err(ClientError::NotNow("the job is still under way"));
        }
        self.inner.hub.update(id, |job| {
            job.begin_again(OffsetDateTime::now_utc());
            job.state = JobState::Queued;
        });
        self.inner
            .hub
            .note(id, LogLevel::Info, format!("attempt {}", job.attempt + 1));
        self.deliver(id);
        Ok(())
    }

    /// Takes an ended job off the list. Its thumbnail stays in the bucket.
    ///
    /// # Errors
    /// It has not ended, or the history cannot be written.
    pub fn forget(&self, id: JobId) -> Result<(), ClientError> {
        let job = self.inner.hub.job(id).ok_or(ClientError::NoSuchJob(id))?;
        if !job.state.is_ended() {
            return Err(ClientError::NotNow("stop the job first"));
        }
        self.inner.hub.forget(id)?;
        for file in job
            .still
            .iter()
            .chain(job.thumbnail.as_ref().map(|thumbnail| &thumbnail.file))
        {
            // A file that is gone already is what was wanted.
            let _ = std::fs::remove_file(file);
        }
        Ok(())
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

    /// A page of the bucket's thumbnails, newest first.
    ///
    /// # Errors
    /// AWS refuses, or cannot be reached.
    pub async fn gallery_page(&self, after: Option<String>) -> Result<GalleryPage, ClientError> {
        gallery::page(&self.inner.session, after).await
    }

    /// The picture as a file on this machine, downloaded at most once.
    ///
    /// # Errors
    /// AWS refuses, or the cache cannot be written.
    pub async fn thumbnail_file(&self, item: &GalleryItem) -> Result<PathBuf, ClientError> {
        gallery::fetch(&self.inner.session, &self.inner.paths.cache, item).await
    }

    /// What the worker says of a thumbnail; `None` for a PNG that is not ours.
    ///
    /// # Errors
    /// AWS refuses.
    pub async fn thumbnail_metadata(&self, key: &str) -> Result<Option<ThumbnailMetadata>, ClientError> {
        gallery::metadata(&self.inner.session, key).await
    }

    /// A link to a thumbnail that works for `valid`.
    ///
    /// # Errors
    /// There are no credentials to sign it with.
    pub async fn presign(&self, key: &str, valid: Duration) -> Result<PresignedLink, ClientError> {
        gallery::presign(&self.inner.session, key, valid).await
    }

    /// Deletes thumbnails from the bucket.
    ///
    /// # Errors
    /// AWS refuses one of them.
    pub async fn delete_thumbnails(&self, keys: &[String]) -> Result<(), ClientError> {
        gallery::delete(&self.inner.session, keys).await
    }

    /// Ends all work. What is under way goes on when the history is next opened.
    pub async fn close(self) {
        self.inner.closing.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }
}

impl Inner {
    async fn deliver(&self, id: JobId) {
        if let Err(error) = self.try_deliver(id).await {
            self.hub.note(id, LogLevel::Error, error.to_string());
            self.hub.update(id, |job| {
                job.end(JobState::Failed, OffsetDateTime::now_utc());
                job.failure = Some(failure::of_upload(&error));
            });
        }
    }

    async fn try_deliver(&self, id: JobId) -> Result<(), ClientError> {
        let Some(job) = self.hub.job(id) else {
            return Ok(());
        };
        // A retry, or a restart between the upload's last byte and the note of it.
        if (job.attempt > 1 || job.state == JobState::Uploading) && self.bring_back(&job).await? {
            self.uploaded(id);
            return Ok(());
        }
        if let Some(source) = self.leader_key(&job).await {
            self.hub.update(id, |job| job.state = JobState::Uploading);
            if upload::copy(&self.session, &source, &job).await? {
                self.uploaded(id);
                self.hub.note(
                    id,
                    LogLevel::Info,
                    "copied from the video's upload inside the bucket",
                );
                return Ok(());
            }
        }
        let _permit = self.uploads.acquire().await;
        self.hub.update(id, |job| job.state = JobState::Uploading);
        self.hub.note(
            id,
            LogLevel::Info,
            format!("uploading {}, {} bytes", job.video.name, job.video.bytes),
        );
        for pause in PAUSES.map(Some).into_iter().chain([None]) {
            let Some(job) = self.hub.job(id) else {
                return Ok(());
            };
            match upload::send(&self.session, &self.hub, &job).await {
                Ok(()) => break,
                Err(ClientError::Aws { code: Some(code), .. }) if code == "NoSuchUpload" => {
                    // The bucket's lifecycle rule has removed it meanwhile: from the start.
                    self.hub.delete_upload(id);
                }
                // No code means no answer: the network. The journal keeps what was sent.
                Err(error @ ClientError::Aws { code: None, .. }) => {
                    let Some(pause) = pause else { return Err(error) };
                    self.hub
                        .note(id, LogLevel::Warn, format!("{error}; trying again in {pause} s"));
                    tokio::time::sleep(Duration::from_secs(pause)).await;
                }
                Err(error) => return Err(error),
            }
        }
        self.uploaded(id);
        Ok(())
    }

    /// Makes a new event out of what the bucket has already.
    async fn bring_back(&self, job: &Job) -> Result<bool, ClientError> {
        if !upload::is_there(&self.session, job).await? {
            return Ok(false);
        }
        // After a restart the event of the upload itself is on its way.
        Ok(job.attempt == 1 || upload::copy(&self.session, &job.upload_key, job).await?)
    }

    /// The key of the upload to copy, once the job that sends it is that far; `None` where it came to nothing.
    async fn leader_key(&self, job: &Job) -> Option<String> {
        let leader = job.upload_of?;
        let mut changes = self.hub.changes();
        loop {
            let leader = self.hub.job(leader)?;
            let sending = matches!(leader.state, JobState::Queued | JobState::Uploading);
            if !sending {
                let sent = leader.phase(Phase::Event).started.is_some();
                return (sent && leader.video == job.video).then(|| leader.upload_key.clone());
            }
            changes.changed().await.ok()?;
        }
    }

    fn uploaded(&self, id: JobId) {
        self.hub.update(id, |job| {
            job.begin(Phase::Event, OffsetDateTime::now_utc());
            job.state = JobState::Waiting;
            job.upload = None;
        });
        self.hub.wake.notify_one();
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lock(folder: &Path) -> Result<std::fs::File, ClientError> {
    let file = folder.join("client.lock");
    let lock = std::fs::File::create(&file).map_err(|error| ClientError::folder(folder, error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(ClientError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(ClientError::folder(folder, error)),
    }
}

/// A file's name without its last extension, and that extension.
fn name_parts(video: &Path) -> (String, String) {
    let part = |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
    (
        part(video.file_stem()).unwrap_or_default(),
        part(video.extension()).unwrap_or_default(),
    )
}

/// `bunny`, `bunny-2`, `bunny-3`: so that saved files do not collide.
fn numbered(stem: &str, index: usize) -> String {
    if index == 0 {
        stem.to_owned()
    } else {
        format!("{stem}-{}", index + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the names shown before the submit are not those that it makes.
    #[test]
    fn planned_names() {
        let names = Client::planned_names(
            Path::new("/films/my.bunny.MP4"),
            &[
                Position::from_micros(10_541_000),
                Position::from_micros(27_875_000),
            ],
        );
        assert_eq!(
            names,
            [
                ("my.bunny_00-00-10.541.mp4".to_owned(), "my.bunny.png".to_owned()),
                (
                    "my.bunny-2_00-00-27.875.mp4".to_owned(),
                    "my.bunny-2.png".to_owned()
                ),
            ]
        );
    }
}
