//! The way of a video and its request into the bucket: whose turn it is, what need not be sent, and what to do when it
//! fails.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use posterframe_contract::{JobId, names};
use posterframe_process::Program;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::here::Maker;
use super::meter::Meter;
use super::multipart::abort;
use super::plan::own_video_key;
use super::source::same;
use super::stored::StoredVideo;
use super::transfer::{PART_BYTES, Upload, UploadPool};
use crate::aws::Session;
use crate::config::Rate;
use crate::error::{ClientError, failure};
use crate::model::{Job, JobState, LogLevel, Phase, Wait, WaitReason};
use crate::store::{JobRegistry, Store};

/// What goes up at once: so many small videos, or …
const UPLOAD_SLOTS: usize = 8;
/// … two large ones, each of which takes so many slots. More would only share the same line, and all be late.
const SLOTS_OF_LARGE_VIDEO: u32 = 4;
/// Seconds between tries while the backend cannot be reached. The last one is kept, without end.
const RETRY_PAUSES_S: [u64; 6] = [1, 2, 5, 10, 20, 30];
/// How often new credentials are looked for.
const LOGIN_RETRY_PAUSE: Duration = Duration::from_secs(3);

/// All deliveries of one client, each a task of its own.
pub(crate) struct UploadQueue {
    session: Session,
    registry: Arc<JobRegistry>,
    pool: UploadPool,
    slots: Semaphore,
    /// What makes jobs on this computer.
    maker: Maker,
    running: Mutex<Running>,
    closing: CancellationToken,
    tasks: TaskTracker,
    runtime: Handle,
}

/// The deliveries under way.
#[derive(Default)]
struct Running {
    by_job: HashMap<JobId, RunningUpload>,
    /// How many were ever started: the newest one's number.
    started: u64,
}

/// How to cancel an upload task, and to wait until it is over.
struct RunningUpload {
    /// An upload task takes only its own entry away: by then another one of the same job may stand in its place.
    number: u64,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl RunningUpload {
    async fn end(self) {
        self.cancel.cancel();
        // An upload task that panicked is over too.
        let _ = self.task.await;
    }
}

impl UploadQueue {
    /// Ends with `closing`; its tasks are among `tasks`, on the runtime that this is called in.
    pub(crate) fn new(
        session: Session,
        registry: Arc<JobRegistry>,
        worker: Option<Program>,
        closing: CancellationToken,
        tasks: TaskTracker,
    ) -> Arc<Self> {
        Arc::new(Self {
            maker: Maker::new(session.clone(), registry.clone(), worker),
            session,
            registry,
            pool: UploadPool::new(),
            slots: Semaphore::new(UPLOAD_SLOTS),
            running: Mutex::default(),
            closing,
            tasks,
            runtime: Handle::current(),
        })
    }

    pub(crate) fn limit(&self) -> Option<Rate> {
        self.pool.throttle.limit()
    }

    pub(crate) fn set_limit(&self, limit: Option<Rate>) {
        self.pool.throttle.set_limit(limit);
    }

    /// Brings the job's video and its request into the bucket, in the background. What is under way for the same job ends
    /// first.
    pub(crate) fn start(self: &Arc<Self>, id: JobId) {
        let this = self.clone();
        self.run(id, async move { this.bring(id).await });
    }

    /// Runs `work` as the job's upload task.
    fn run(self: &Arc<Self>, id: JobId, work: impl Future<Output = ()> + Send + 'static) {
        let this = self.clone();
        let cancel = self.closing.child_token();
        let cancelled = cancel.clone();
        // Held over the spawn, so that an upload task that is over at once does not leave its entry behind.
        let mut running = self.running.lock();
        running.started += 1;
        let number = running.started;
        let before = running.by_job.remove(&id);
        let task = self.tasks.spawn_on(
            async move {
                if let Some(before) = before {
                    before.end().await;
                }
                // What is cancelled is not lost: the journal knows what is there.
                let over = cancelled.run_until_cancelled(Box::pin(work)).await;
                if over.is_some() {
                    let mut running = this.running.lock();
                    if running.by_job.get(&id).is_some_and(|own| own.number == number) {
                        running.by_job.remove(&id);
                    }
                }
            },
            &self.runtime,
        );
        running.by_job.insert(id, RunningUpload { number, cancel, task });
    }

    /// Ends the job's upload task where it is, and returns when it has and all that it changed is on disk.
    pub(crate) async fn halt(&self, id: JobId) {
        let running = self.running.lock().by_job.remove(&id);
        if let Some(running) = running {
            running.end().await;
        }
        self.registry.flushed().await;
        // Its upload may have ended at the very last, and not have said so.
        self.registry.wake.notify_one();
    }

    /// Clears away, in the background, what stopped and forgotten jobs left unfinished in the bucket. What cannot be
    /// cleared away now is tried again at the next start.
    pub(crate) fn tidy(self: &Arc<Self>) {
        let this = self.clone();
        let closing = self.closing.clone();
        let tidy = async move {
            let left = this.registry.journal(Store::multiparts).await;
            let left = left.unwrap_or_default();
            for (id, entry) in left {
                let wanted = this
                    .registry
                    .job(id)
                    .is_some_and(|job| job.state != JobState::Stopped);
                if wanted || entry.backend != this.session.backend.name {
                    continue;
                }
                let done = async {
                    abort(&this.session, &entry).await?;
                    this.registry
                        .journal(move |store| store.delete_multipart(id))
                        .await
                };
                if let Err(error) = done.await {
                    tracing::info!("an unfinished upload stays in the bucket for now: {error}");
                }
            }
        };
        self.tasks.spawn_on(
            async move {
                closing.run_until_cancelled(tidy).await;
            },
            &self.runtime,
        );
    }

    async fn bring(&self, id: JobId) {
        let meter = Arc::new(Meter::default());
        let mut pauses = RETRY_PAUSES_S.into_iter();
        let mut said = None;
        loop {
            let Err(error) = Box::pin(self.try_once(id, &meter)).await else {
                return;
            };
            let Some(reason) = error.trouble() else {
                self.registry.note(id, LogLevel::Error, error.to_string());
                let is_here = self.registry.job(id).is_some_and(|job| job.here.is_some());
                let failure = if is_here {
                    failure::of_making(&error)
                } else {
                    failure::of_upload(&error)
                };
                let ended = self.registry.end_upload(id, |job, now| {
                    job.end(JobState::Failed, now);
                    job.failure = Some(failure);
                });
                ended.await;
                return;
            };
            if meter.has_moved() {
                pauses = RETRY_PAUSES_S.into_iter();
            }
            let pause =
                Duration::from_secs(pauses.next().unwrap_or(RETRY_PAUSES_S[RETRY_PAUSES_S.len() - 1]));
            let login = self
                .session
                .login
                .as_ref()
                .filter(|_| reason == WaitReason::Login);
            let advice = login.map(|login| login.advice()).or_else(|| error.advice());
            // A night without a network is one line of the log, not a thousand.
            if said != Some(reason) {
                let what = advice.as_ref().map(|advice| format!(" ({advice})"));
                let message = format!("{error}{}; trying on by itself", what.unwrap_or_default());
                self.registry.note(id, LogLevel::Warn, message);
                said = Some(reason);
            }
            let pause = if login.is_some() { LOGIN_RETRY_PAUSE } else { pause };
            self.hold(id, reason, &error, advice, pause).await;
            if let Some(login) = login {
                login.renew();
            }
        }
    }

    async fn hold(
        &self,
        id: JobId,
        reason: WaitReason,
        error: &ClientError,
        advice: Option<String>,
        pause: Duration,
    ) {
        let wait = Wait {
            reason,
            message: error.to_string(),
            advice,
            again: self.registry.now() + pause,
        };
        self.registry.change(id, |job| {
            job.wait = Some(wait);
            if let Some(upload) = &mut job.upload {
                upload.bytes_per_second = 0.0;
            }
        });
        tokio::time::sleep(pause).await;
    }

    async fn try_once(&self, id: JobId, meter: &Arc<Meter>) -> Result<(), ClientError> {
        let Some(job) = self.registry.job(id) else {
            return Ok(());
        };
        if job.here.is_some() {
            return self.maker.make(id).await;
        }
        if job.source.is_some() {
            self.upload(&job, meter).ask_for_remote().await?;
            self.uploaded(id).await;
            return Ok(());
        }
        // A restart between the upload's last byte and the note of it: the event is on its way.
        let is_short = job.request_key.is_none();
        if is_short && job.state == JobState::Uploading && self.upload(&job, meter).has_arrived().await? {
            self.uploaded(id).await;
            return Ok(());
        }
        let stored = self.stored_or_awaited(id, meter).await?;
        if stored.is_none() {
            let _slot = self.slot(job.video.bytes).await;
            self.send(id, meter).await?;
        }
        let Some(job) = self.ask(id, stored).await else {
            return Ok(());
        };
        self.upload(&job, meter).put_request().await?;
        self.uploaded(id).await;
        Ok(())
    }

    /// The job's video in the bucket, after the upload of another job that is bringing it. `None` where it is to be sent.
    async fn stored_or_awaited(
        &self,
        id: JobId,
        meter: &Arc<Meter>,
    ) -> Result<Option<StoredVideo>, ClientError> {
        loop {
            let Some(job) = self.registry.job(id) else {
                return Ok(None);
            };
            let stored = self.upload(&job, meter).stored_video().await?;
            let Some(leader) = self.leader(&job).filter(|_| stored.is_none()) else {
                return Ok(stored);
            };
            let queued = self.registry.update(id, |job| job.state = JobState::Queued);
            queued.await;
            self.sent_or_not(leader, &job).await;
        }
    }

    /// Sends the job's video.
    async fn send(&self, id: JobId, meter: &Arc<Meter>) -> Result<(), ClientError> {
        let backend = self.session.backend.clone();
        let job = self.registry.try_update(id, move |job| {
            job.state = JobState::Uploading;
            // The first try's key may be one that starts a task by itself.
            if job.request_key.is_some() {
                job.video_key = own_video_key(&backend, job)?;
            }
            job.video_etag = None;
            Ok(())
        });
        let job = job.await?;
        if !meter.has_moved() {
            self.registry.note(
                id,
                LogLevel::Info,
                format!("uploading {}, {} bytes", job.video.name, job.video.bytes),
            );
        }
        let etag = self.upload(&job, meter).send().await?;
        let sent = self.registry.update(id, |job| job.video_etag = Some(etag));
        sent.await;
        Ok(())
    }

    /// Makes the job one that asks for what the bucket has, where it has the video already; the job as it is then.
    async fn ask(&self, id: JobId, stored: Option<StoredVideo>) -> Option<Arc<Job>> {
        let job = self.registry.job(id);
        // Its own upload in the short form, which arrived at the very moment at which it was paused, has raised the event.
        let is_own = |stored: &StoredVideo| {
            let key = job
                .as_ref()
                .map(|job| (&job.video_key, job.request_key.is_none()));
            key == Some((&stored.key, true))
        };
        let Some(stored) = stored.filter(|stored| !is_own(stored)) else {
            return job;
        };
        let message = format!("the bucket has the video: {}; nothing is sent", stored.key);
        let request = names::request_key(&self.session.backend.jobs_folder, id);
        let asks = self.registry.update(id, move |job| {
            job.state = JobState::Uploading;
            job.video_key = stored.key;
            job.video_etag = Some(stored.etag);
            job.request_key = Some(request);
        });
        let job = asks.await;
        self.registry.note(id, LogLevel::Info, message);
        job
    }

    fn upload<'a>(&'a self, job: &'a Job, meter: &'a Arc<Meter>) -> Upload<'a> {
        Upload {
            session: &self.session,
            registry: &self.registry,
            pool: &self.pool,
            meter,
            job,
        }
    }

    async fn slot(&self, bytes: u64) -> SemaphorePermit<'_> {
        let slots = if bytes > PART_BYTES {
            SLOTS_OF_LARGE_VIDEO
        } else {
            1
        };
        self.slots
            .acquire_many(slots)
            .await
            .expect("the semaphore is never closed")
    }

    /// The job, submitted before this one, that is bringing the same video: one upload for all. Ids are in order, so
    /// that no two jobs wait for each other.
    fn leader(&self, job: &Job) -> Option<JobId> {
        let jobs = self.registry.jobs();
        let leads = |other: &&Arc<Job>| other.id < job.id && is_bringing(other, job);
        jobs.iter().rev().find(leads).map(|leader| leader.id)
    }

    /// Returns when `leader` brings the video of `job` no more, whatever came of it.
    async fn sent_or_not(&self, leader: JobId, job: &Job) {
        let mut changes = self.registry.changes();
        while self
            .registry
            .job(leader)
            .is_some_and(|leader| is_bringing(&leader, job))
        {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    async fn uploaded(&self, id: JobId) {
        let uploaded = self.registry.end_upload(id, |job, now| {
            job.begin(Phase::Event, now);
            job.upload = None;
            job.wait = None;
        });
        uploaded.await;
        self.registry.wake.notify_one();
    }
}

/// Whether the video that `leader` is bringing is that of `job`, to the same bucket.
fn is_bringing(leader: &Job, job: &Job) -> bool {
    matches!(
        leader.state,
        JobState::Queued | JobState::Uploading | JobState::Paused
    ) && leader.video_etag.is_none()
        && leader.here.is_none()
        && leader.backend == job.backend
        && leader.bucket == job.bucket
        && same(&leader.video, &job.video)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AccessKeys, Backend};

    async fn deliveries(folder: &std::path::Path) -> Arc<UploadQueue> {
        let keys = AccessKeys {
            id: "id".into(),
            secret: "secret".into(),
        };
        let backend = Backend::this_computer("http://127.0.0.1:9".into(), "r".into(), "b".into(), keys);
        let session = Session::open(backend).await;
        let registry = Arc::new(JobRegistry::open(&folder.join("history.db"), Arc::default()).unwrap());
        let (closing, tasks) = (CancellationToken::new(), TaskTracker::new());
        UploadQueue::new(session, registry, None, closing, tasks)
    }

    // Breaks if an upload task that ends takes the entry of the next one with it: nobody could halt that one any more.
    #[tokio::test]
    async fn an_ended_delivery_leaves_the_next_one_alone() {
        let folder = tempfile::tempdir().unwrap();
        let deliveries = deliveries(folder.path()).await;
        let id = JobId::new();
        let (alive, mut gone) = tokio::sync::oneshot::channel::<()>();
        let next = deliveries.clone();
        // It ends at the very moment at which the next one stands in its place.
        deliveries.run(id, async move {
            next.run(id, async move {
                let _alive = alive;
                std::future::pending::<()>().await;
            });
        });
        while deliveries.running.lock().started < 2 {
            tokio::task::yield_now().await;
        }
        deliveries.halt(id).await;
        assert!(
            gone.try_recv()
                .is_err_and(|error| error == tokio::sync::oneshot::error::TryRecvError::Closed)
        );
    }

    // Breaks if two deliveries of one job run at a time, as when somebody resumes it twice.
    #[tokio::test]
    async fn one_delivery_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let deliveries = deliveries(folder.path()).await;
        let id = JobId::new();
        let at_work = Arc::new(tokio::sync::Mutex::new(()));
        let (done, mut all) = tokio::sync::mpsc::channel(8);
        for _ in 0..4 {
            let (at_work, done) = (at_work.clone(), done.clone());
            deliveries.run(id, async move {
                let _turn = at_work.try_lock().expect("another one is still at it");
                let _ = done.send(()).await;
                std::future::pending::<()>().await;
            });
            tokio::task::yield_now().await;
        }
        assert!(all.recv().await.is_some());
        deliveries.halt(id).await;
        assert!(at_work.try_lock().is_ok());
        assert!(deliveries.running.lock().by_job.is_empty());
    }
}
