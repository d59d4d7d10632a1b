//! From a file to an object: in parts, resumable, compared byte by byte, and never two versions of a file mixed.

mod body;
mod checks;
mod copy;
mod meter;
mod multipart;
mod source;
mod throttle;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::hub::Hub;
use crate::journal::SentEntry;
use crate::session::Session;
use crate::{ClientError, Job, LogLevel, VideoFile};
use body::Piece;
use checks::Sums;
use meter::Tally;
use throttle::Throttle;

pub(crate) use checks::Check;
pub(crate) use copy::{copy_again, copy_from, find_earlier};
pub(crate) use meter::Meter;
pub(crate) use multipart::{MultipartEntry, abort};
pub(crate) use source::{look_at, same};

/// The smallest part, and the largest file that goes up in one request.
pub(crate) const PART_BYTES: u64 = 8 << 20;
/// Requests with a body on their way at once, of all uploads together. Each holds at most four chunks of 512 KiB: 16 MiB
/// for all, however large the files and however many the uploads.
const REQUESTS_AT_ONCE: usize = 8;
/// A request that moves no byte for so long has lost its connection, whatever the system says. The answer may take as
/// long as a slow line takes for what waits in the system's buffers.
const PATIENCE: Duration = Duration::from_mins(2);
/// How often a file may change under its upload before that is an error.
const MOST_CHANGES: u32 = 20;

/// What all uploads of a client share.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) throttle: Arc<Throttle>,
    /// The most bytes of an object that one request copies.
    pub(crate) most_copied: AtomicU64,
    requests: Semaphore,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self {
            throttle: Arc::new(Throttle::new()),
            most_copied: AtomicU64::new(copy::MOST_COPIED),
            requests: Semaphore::new(REQUESTS_AT_ONCE),
        }
    }

    async fn request(&self) -> SemaphorePermit<'_> {
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
    pub(crate) hub: &'a Hub,
    pub(crate) line: &'a Line,
    pub(crate) meter: &'a Arc<Meter>,
    pub(crate) job: &'a Job,
}

impl Upload<'_> {
    /// Sends the job's video to its upload key. What an earlier try has sent already is not sent again.
    pub(crate) async fn send(self) -> Result<(), ClientError> {
        let tell = std::pin::pin!(self.meter.tell(self.hub, self.job.id));
        let send = std::pin::pin!(self.send_quietly());
        match futures::future::select(send, tell).await {
            futures::future::Either::Left((sent, _)) => sent,
            futures::future::Either::Right(((), _)) => Ok(()),
        }
    }

    async fn send_quietly(self) -> Result<(), ClientError> {
        let job = self.job;
        let mut video = look(job).await?;
        if !same(&video, &job.video) {
            self.changed(
                &video,
                "the file changed after the submit; it is sent as it is now",
            )
            .await;
        }
        for _ in 0..MOST_CHANGES {
            self.meter.begin(video.bytes);
            let done = if video.bytes <= PART_BYTES {
                self.put(&video).await?
            } else {
                self.multipart(&video).await?
            };
            if let Some(sent) = done {
                let id = job.id;
                let noted = self.hub.journal(move |store| {
                    store.delete_multipart(id)?;
                    store.put_sent(&sent)
                });
                noted.await?;
                return Ok(());
            }
            video = look(job).await?;
            self.changed(&video, "the file changed during the upload; it is sent anew")
                .await;
        }
        Err(ClientError::Video {
            path: video.path,
            source: std::io::Error::other("it changes all the time"),
        })
    }

    async fn changed(self, video: &VideoFile, what: &str) {
        self.hub.note(self.job.id, LogLevel::Warn, what);
        let video = video.clone();
        let changed = self.hub.update(self.job.id, |job| {
            let before = std::mem::replace(&mut job.video, video);
            job.chosen_from.get_or_insert(before);
        });
        changed.await;
    }

    /// Sends a small file in one request. `None` where the file changed meanwhile.
    async fn put(self, video: &VideoFile) -> Result<Option<SentEntry>, ClientError> {
        let Self { session, job, .. } = self;
        let _permit = self.line.request().await;
        let check = session.endpoint.check();
        let whole = 0..video.bytes;
        let sums = source::sums(video, whole.clone(), check == Check::Md5).await?;
        if !same(&look(job).await?, video) {
            return Ok(None);
        }
        let tally = Tally::new(self.meter);
        let request = session
            .transfers
            .put_object()
            .bucket(&job.bucket)
            .key(&job.upload_key)
            .content_length(video.bytes.cast_signed())
            .body(self.piece(video, whole, &tally));
        let request = match check {
            Check::Crc64Nvme => request.checksum_crc64_nvme(sums.crc64nvme()),
            Check::Md5 => request.set_content_md5(sums.content_md5()),
        };
        // A repeated request, whose first answer got lost, must not raise a second event.
        let request = request.set_if_none_match(session.endpoint.if_none_match());
        let answer = match with_patience(&tally, Box::pin(request.send())).await? {
            Ok(answer) => answer,
            Err(error) => {
                let error = ClientError::aws("The upload", &error);
                return match error.code() {
                    Some("PreconditionFailed") => self.arrived(video, &sums).await.map(Some),
                    Some("NotImplemented") if session.endpoint.goes_without_conditions() => {
                        Err(error.into_backend_trouble())
                    }
                    _ => Err(error),
                };
            }
        };
        tally.keep();
        if sums.agree(answer.checksum_crc64_nvme(), answer.e_tag()) == Some(false) {
            return Err(damaged());
        }
        Ok(Some(self.entry(video, &sums, answer.e_tag())))
    }

    /// The object is there: an earlier try's last answer got lost. It must be this file.
    async fn arrived(self, video: &VideoFile, sums: &Sums) -> Result<SentEntry, ClientError> {
        let object = head(self.session, self.job).await?;
        let there = object.filter(|object| {
            object.bytes == video.bytes
                && sums.agree(object.crc64nvme.as_deref(), Some(&object.etag)) != Some(false)
        });
        let there = there.ok_or_else(damaged)?;
        Ok(self.entry(video, sums, Some(&there.etag)))
    }

    fn entry(self, video: &VideoFile, sums: &Sums, etag: Option<&str>) -> SentEntry {
        SentEntry {
            place: self.session.place(),
            key: self.job.upload_key.clone(),
            etag: etag.unwrap_or_default().to_owned(),
            crc64nvme: sums.crc64nvme(),
            video: video.clone(),
        }
    }

    fn piece(self, video: &VideoFile, range: Range<u64>, tally: &Arc<Tally>) -> ByteStream {
        let piece = Piece {
            path: video.path.clone(),
            range,
            throttle: self.line.throttle.clone(),
            tally: tally.clone(),
        };
        piece.into_stream()
    }
}

/// Looks at the job's file off the network's threads: it may lie on a slow disk.
async fn look(job: &Job) -> Result<VideoFile, ClientError> {
    let path = job.video.path.clone();
    let look = tokio::task::spawn_blocking(move || look_at(&path)).await;
    look.map_err(|error| ClientError::Video {
        path: job.video.path.clone(),
        source: std::io::Error::other(error),
    })?
}

/// A request's answer, or an error like that of a lost network once nothing moves any more.
async fn with_patience<T>(tally: &Tally, request: impl Future<Output = T>) -> Result<T, ClientError> {
    tokio::select! {
        answer = request => Ok(answer),
        () = tally.stalled(PATIENCE) => Err(ClientError::Aws {
            operation: "The upload",
            code: None,
            reason: "nothing has moved for two minutes".to_owned(),
        }),
    }
}

fn damaged() -> ClientError {
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
    /// The job's try that made it by a copy.
    pub(crate) attempt: Option<u32>,
}

/// The job's upload as the bucket has it; `None` where it has none.
pub(crate) async fn head(session: &Session, job: &Job) -> Result<Option<Object>, ClientError> {
    let head = session
        .s3
        .head_object()
        .bucket(&job.bucket)
        .key(&job.upload_key)
        .set_checksum_mode(
            (session.endpoint.check() == Check::Crc64Nvme)
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
                .and_then(|metadata| metadata.get(copy::ATTEMPT)?.parse().ok()),
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
            let asked = session
                .s3
                .get_object()
                .bucket(&job.bucket)
                .key(&job.upload_key)
                .range("bytes=0-0");
            match Box::pin(asked.send()).await {
                Err(said) if said.code() == Some("NoSuchKey") => Ok(None),
                Err(said) => Err(ClientError::aws("Looking for the upload", &said)),
                Ok(_) => Err(ClientError::aws("Looking for the upload", &error)),
            }
        }
        Err(error) => Err(ClientError::aws("Looking for the upload", &error)),
    }
}
