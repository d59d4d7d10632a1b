//! Jobs that are made on this computer, and whether that is worth it.

use std::time::Duration;

use posterframe_contract::JobId;

use super::Client;
use crate::config::Rate;
use crate::error::ClientError;
use crate::model::Submission;
use crate::upload;

impl Client {
    /// Takes a submission as [`Self::submit`], of which only what is made goes to the bucket: the worker runs on this computer,
    /// over the file, one job at a time. Log, result, verdict and retry are those of any job. Waits for the disk, as
    /// [`Self::submit`].
    ///
    /// # Errors
    /// As there. A file that is another one by the time that it is its turn fails the job.
    pub fn submit_here(&self, submission: Submission) -> Result<JobId, ClientError> {
        let inner = &self.inner;
        let now = inner.registry.now();
        let job = upload::job_here(submission, &inner.session.backend, &inner.paths, now)?;
        self.begin(job)
    }

    /// How long it would take to upload so many bytes to the bucket: as quickly as the last upload of a megabyte or more went
    /// there, or as the limit allows. `None` where there was none. Waits for the disk, as [`Self::submit`].
    pub fn upload_time(&self, bytes: u64) -> Option<Duration> {
        let bucket_id = self.inner.session.bucket_id();
        let rate = self
            .inner
            .registry
            .journal(move |store| store.upload_rate(&bucket_id));
        let rate = rate.wait().ok().flatten()?;
        let limit = self.upload_limit().map_or(u64::MAX, Rate::bytes_per_second);
        Some(Duration::from_secs_f64(
            bytes as f64 / rate.min(limit).max(1) as f64,
        ))
    }

    /// Stops every job that this computer is making itself, or is to make next. Gives their ids.
    pub async fn stop_here(&self) -> Vec<JobId> {
        let backend = &self.backend().name;
        let jobs = self.jobs();
        let here = jobs
            .iter()
            .filter(|job| job.here.is_some() && job.is_on_this_side() && job.backend == *backend);
        let mut stopped = Vec::new();
        for job in here {
            // One that has ended meanwhile is none to stop.
            if self.stop(job.id).await.is_ok() {
                stopped.push(job.id);
            }
        }
        stopped
    }
}
