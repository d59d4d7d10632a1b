//! What the ways of sending a video share: its job, its limits, and a look at what the bucket has.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::body::Piece;
use super::meter::{Meter, RequestProgress};
use super::source::look_at;
use super::sums::Sums;
use super::throttle::Throttle;
use crate::aws::{ChecksumKind, Session};
use crate::error::ClientError;
use crate::model::{Job, VideoFile};
use crate::store::{JobRegistry, SentEntry};

/// The smallest part, and the largest file that goes up in one request.
pub(crate) const PART_BYTES: u64 = 8 << 20;
/// Requests with a body on their way at once, of all uploads together. Each holds at most four chunks of 512 KiB: 16 MiB
/// for all, however large the files and however many the uploads.
pub(super) const REQUESTS_AT_ONCE: usize = 8;
/// A request that moves no byte for so long has lost its connection, whatever the system says. The answer may take as
/// long as a slow line takes for what waits in the system's buffers.
const STALL_TIMEOUT: Duration = Duration::from_mins(2);
/// Metadata of a request: the job's try that it is for.
pub(super) const ATTEMPT: &str = "attempt";

/// What all uploads of a client share.
#[derive(Debug)]
pub(crate) struct UploadPool {
    pub(crate) throttle: Arc<Throttle>,
    requests: Semaphore,
}

impl UploadPool {
    pub(crate) fn new() -> Self {
        Self {
            throttle: Arc::new(Throttle::new()),
            requests: Semaphore::new(REQUESTS_AT_ONCE),
        }
    }

    pub(super) async fn request(&self) -> SemaphorePermit<'_> {
        self.requests
            .acquire()
            .await
            .expect("the semaphore is never closed")
    }
}

/// All that one upload needs.
#[derive(Clone, Copy)]
pub(crate) struct Upload<'a> {
    pub(crate) session: &'a Session,
    pub(crate) registry: &'a JobRegistry,
    pub(crate) pool: &'a UploadPool,
    pub(crate) meter: &'a Arc<Meter>,
    pub(crate) job: &'a Job,
}

impl Upload<'_> {
    /// The object is there: an earlier try's last answer got lost. It must be this file.
    pub(super) async fn arrived(self, video: &VideoFile, sums: &Sums) -> Result<SentEntry, ClientError> {
        let object = head(self.session, &self.job.bucket, &self.job.video_key).await?;
        let there = object.filter(|object| {
            object.bytes == video.bytes
                && sums.agree(object.crc64nvme.as_deref(), Some(&object.etag)) != Some(false)
        });
        let there = there.ok_or_else(damaged)?;
        Ok(self.entry(video, sums, Some(&there.etag)))
    }

    pub(super) fn entry(self, video: &VideoFile, sums: &Sums, etag: Option<&str>) -> SentEntry {
        SentEntry {
            bucket_id: self.session.bucket_id(),
            key: self.job.video_key.clone(),
            etag: etag.unwrap_or_default().to_owned(),
            crc64nvme: sums.crc64nvme(),
            video: video.clone(),
            rate: None,
        }
    }

    pub(super) fn piece(
        self,
        video: &VideoFile,
        range: Range<u64>,
        progress: &Arc<RequestProgress>,
    ) -> ByteStream {
        let piece = Piece {
            path: video.path.clone(),
            range,
            throttle: self.pool.throttle.clone(),
            progress: progress.clone(),
        };
        piece.into_stream()
    }
}

/// Looks at the job's file off the network's threads: it may lie on a slow disk.
pub(super) async fn look(job: &Job) -> Result<VideoFile, ClientError> {
    let path = job.video.path.clone();
    let look = tokio::task::spawn_blocking(move || look_at(&path)).await;
    look.map_err(|error| ClientError::Video {
        path: job.video.path.clone(),
        source: std::io::Error::other(error),
    })?
}

/// A request's answer, or an error like that of a lost network once nothing moves any more.
pub(super) async fn unless_stalled<T>(
    progress: &RequestProgress,
    request: impl Future<Output = T>,
) -> Result<T, ClientError> {
    tokio::select! {
        answer = request => Ok(answer),
        () = progress.stalled(STALL_TIMEOUT) => Err(ClientError::Aws {
            operation: "The upload",
            code: None,
            reason: "nothing has moved for two minutes".to_owned(),
        }),
    }
}

pub(super) fn damaged() -> ClientError {
    ClientError::Aws {
        operation: "The upload",
        code: Some("BadDigest".to_owned()),
        reason: "what the bucket has is not what was sent".to_owned(),
    }
}

/// An object as `HeadObject` sees it.
pub(crate) struct Object {
    pub(crate) bytes: u64,
    pub(crate) etag: String,
    crc64nvme: Option<String>,
    /// The try that it is for, where it is a request.
    pub(crate) attempt: Option<u32>,
}

/// An object as the bucket has it; `None` where it has none.
pub(crate) async fn head(session: &Session, bucket: &str, key: &str) -> Result<Option<Object>, ClientError> {
    let head = session
        .s3
        .head_object()
        .bucket(bucket)
        .key(key)
        .set_checksum_mode(
            (session.endpoint.checksum_kind() == ChecksumKind::Crc64Nvme)
                .then_some(aws_sdk_s3::types::ChecksumMode::Enabled),
        )
        .send()
        .await;
    match head {
        Ok(head) => Ok(Some(Object {
            bytes: head.content_length().unwrap_or(0).unsigned_abs(),
            etag: head.e_tag().unwrap_or_default().to_owned(),
            crc64nvme: head.checksum_crc64_nvme().map(str::to_owned),
            attempt: head
                .metadata()
                .and_then(|metadata| metadata.get(ATTEMPT)?.parse().ok()),
        })),
        Err(error)
            if error
                .raw_response()
                .is_some_and(|answer| answer.status().as_u16() == 404) =>
        {
            Ok(None)
        }
        Err(error)
            if error
                .raw_response()
                .is_some_and(|answer| matches!(answer.status().as_u16(), 400 | 403)) =>
        {
            // An answer to HEAD has no body that could say whether the login or the rights are missing.
            let asked = session.s3.get_object().bucket(bucket).key(key).range("bytes=0-0");
            match Box::pin(asked.send()).await {
                Err(said) if said.code() == Some("NoSuchKey") => Ok(None),
                Err(said) => Err(ClientError::aws("Looking for the upload", &said)),
                Ok(_) => Err(ClientError::aws("Looking for the upload", &error)),
            }
        }
        Err(error) => Err(ClientError::aws("Looking for the upload", &error)),
    }
}
