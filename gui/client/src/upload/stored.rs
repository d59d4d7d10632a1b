//! What the bucket has already: the job's video, and its request.

use aws_sdk_s3::config::retry::RetryConfig;

use super::source;
use super::transfer::{ATTEMPT, Upload, head};
use crate::error::ClientError;
use crate::model::VideoFile;

/// The job's video in the bucket, whole.
pub(super) struct StoredVideo {
    pub(super) key: String,
    /// With its quotes, as S3 gives it.
    pub(super) etag: String,
}

impl Upload<'_> {
    /// Whether the upload itself is there, as where the app ended between its last byte and the note of it.
    pub(super) async fn has_arrived(self) -> Result<bool, ClientError> {
        let there = head(self.session, &self.job.bucket, &self.job.video_key).await?;
        Ok(there.is_some_and(|object| object.bytes == self.job.video.bytes))
    }

    /// The job's video as the bucket has it: where the job knows it, or by an earlier upload of the very bytes that the
    /// journal knows. What the bucket has no more, or has something else in place of, the journal forgets.
    pub(super) async fn stored_video(self) -> Result<Option<StoredVideo>, ClientError> {
        let job = self.job;
        // A first try that has sent nothing yet knows no video in the bucket.
        if (job.video_etag.is_some() || job.attempt > 1)
            && let Some(object) = head(self.session, &job.bucket, &job.video_key).await?
            && object.bytes == job.video.bytes
            && job.video_etag.as_ref().is_none_or(|etag| *etag == object.etag)
        {
            return Ok(Some(StoredVideo {
                key: job.video_key.clone(),
                etag: object.etag,
            }));
        }
        while let Some(sent) = self.earlier().await? {
            let there = head(self.session, &job.bucket, &sent.key).await?;
            if there.is_some_and(|object| object.etag == sent.etag && object.bytes == sent.video.bytes) {
                let (key, etag) = (sent.key, sent.etag);
                return Ok(Some(StoredVideo { key, etag }));
            }
            self.registry
                .journal(move |store| store.delete_sent(&sent))
                .await?;
        }
        Ok(None)
    }

    /// An earlier upload of the very bytes of the job's video, where the journal knows one.
    ///
    /// Size and samples find it. Where the file's time is another (a copy of the file), the whole file is read and must
    /// sum up to what was sent then: much quicker than to send it.
    async fn earlier(self) -> Result<Option<crate::store::SentEntry>, ClientError> {
        let video: &VideoFile = &self.job.video;
        let (bucket_id, bytes) = (self.session.bucket_id(), video.bytes);
        let known = self.registry.journal(move |store| store.sent(&bucket_id, bytes));
        let mut candidates = known.await?;
        candidates.retain(|sent| source::same_content(&sent.video, video));
        if video.content.is_none() || candidates.is_empty() {
            return Ok(None);
        }
        if let Some(sent) = candidates.iter().find(|sent| source::same(&sent.video, video)) {
            return Ok(Some(sent.clone()));
        }
        // A file that is gone or unreadable has nothing to compare; the upload itself will say so.
        let Ok(sums) = source::sums(video, 0..video.bytes, false).await else {
            return Ok(None);
        };
        let crc = sums.crc64nvme();
        Ok(candidates.into_iter().find(|sent| sent.crc64nvme == crc))
    }

    /// Puts the job's request, which starts its task. One of this very try that is there already is not put again: each
    /// raises an event.
    pub(super) async fn put_request(self) -> Result<(), ClientError> {
        let Self { session, job, .. } = self;
        let Some(key) = &job.request_key else {
            return Ok(());
        };
        let there = head(session, &job.bucket, key).await?;
        if there.is_some_and(|object| object.attempt == Some(job.attempt)) {
            return Ok(());
        }
        let put = session
            .s3
            .put_object()
            .bucket(&job.bucket)
            .key(key)
            .content_type("application/json")
            .metadata(ATTEMPT, job.attempt.to_string())
            .body(job.request().to_json().into_bytes().into())
            .customize()
            // One whose answer got lost is looked for before it is put again.
            .config_override(aws_sdk_s3::config::Builder::new().retry_config(RetryConfig::disabled()));
        let answer = put.send().await;
        answer
            .map(drop)
            .map_err(|error| ClientError::aws("Putting the request", &error))
    }
}
