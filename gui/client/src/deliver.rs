//! The way of a video into the bucket: whose turn it is, what need not be sent, and what to do when it fails.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use posterframe_contract::JobId;
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::hub::Hub;
use crate::session::Session;
use crate::{ClientError, Job, JobState, LogLevel, Phase, failure, upload};

/// Videos on their way at once: more would only share the same line.
const UPLOADS_AT_ONCE: usize = 2;
/// Pauses between tries of an upload while the backend cannot be reached.
const PAUSES: [u64; 6] = [1, 2, 5, 10, 20, 30];

/// All deliveries of one client, each a task of its own.
pub(crate) struct Deliveries {
    session: Session,
    hub: Arc<Hub>,
    uploads: Semaphore,
    /// How to cancel a delivery, and to wait until it is over.
    running: Mutex<HashMap<JobId, (CancellationToken, JoinHandle<()>)>>,
    closing: CancellationToken,
    tasks: TaskTracker,
    runtime: Handle,
}

impl Deliveries {
    /// Ends with `closing`; its tasks are among `tasks`, on the runtime that this is called in.
    pub(crate) fn new(
        session: Session,
        hub: Arc<Hub>,
        closing: CancellationToken,
        tasks: TaskTracker,
    ) -> Arc<Self> {
        Arc::new(Self {
            session,
            hub,
            uploads: Semaphore::new(UPLOADS_AT_ONCE),
            running: Mutex::default(),
            closing,
            tasks,
            runtime: Handle::current(),
        })
    }

    /// Brings the job's video into the bucket, in the background.
    pub(crate) fn start(self: &Arc<Self>, id: JobId) {
        let this = self.clone();
        let cancel = self.closing.child_token();
        let cancelled = cancel.clone();
        // Held over the spawn, so that a delivery that is over at once does not leave its entry behind.
        let mut running = guard(&self.running);
        let task = self.tasks.spawn_on(
            async move {
                // What is cancelled is not lost: the journal knows what is there.
                let over = cancelled.run_until_cancelled(Box::pin(this.deliver(id))).await;
                if over.is_some() {
                    guard(&this.running).remove(&id);
                }
            },
            &self.runtime,
        );
        running.insert(id, (cancel, task));
    }

    /// Ends the job's delivery where it is, and returns when it has.
    pub(crate) async fn halt(&self, id: JobId) {
        let delivery = guard(&self.running).remove(&id);
        if let Some((cancel, task)) = delivery {
            cancel.cancel();
            // A delivery that panicked is over too.
            let _ = task.await;
        }
    }

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
