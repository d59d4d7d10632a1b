//! From a file to an object: multipart, resumable, and never two versions of a file mixed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::{ByteStream, Length};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use futures::{StreamExt, TryStreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::hub::Hub;
use crate::session::Session;
use crate::store::UploadEntry;
use crate::{ClientError, Job, LogLevel, UploadProgress, VideoFile};

/// The smallest part, and the largest file that goes up in one request.
const PART_BYTES: u64 = 8 << 20;
/// S3's limit.
const MOST_PARTS: u64 = 10_000;
/// Parts on their way at once: 4 × 8 MiB is all the memory that an upload takes.
const PARTS_AT_ONCE: usize = 4;
/// S3's limit on an object that one request copies.
const MOST_COPIED: u64 = 5 << 30;

/// Looks at a file as it is now.
pub(crate) fn look_at(path: &Path) -> Result<VideoFile, ClientError> {
    let unreadable = |source| ClientError::Video {
        path: path.to_owned(),
        source,
    };
    let path = std::path::absolute(path).map_err(unreadable)?;
    let metadata = std::fs::metadata(&path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(ClientError::IsFolder(path));
    }
    // Opened once here, so that a file without read permission is refused before anything is sent.
    std::fs::File::open(&path).map_err(unreadable)?;
    if metadata.len() == 0 {
        return Err(ClientError::EmptyFile(path));
    }
    let modified = metadata.modified().map_err(unreadable)?;
    let modified = modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(VideoFile {
        name: path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        bytes: metadata.len(),
        modified_unix_nanos: modified.as_nanos().cast_signed(),
        path,
    })
}

/// Sends the job's video to its upload key. What an earlier try has sent already is not sent again.
pub(crate) async fn send(session: &Session, hub: &Hub, job: &Job) -> Result<(), ClientError> {
    let mut video = look_at(&job.video.path)?;
    if video != job.video {
        hub.note(
            job.id,
            LogLevel::Warn,
            "the file changed after the submit; it is sent as it is now",
        );
        discard(session, hub, job).await;
        hub.update(job.id, |job| job.video = video.clone());
    }
    loop {
        let progress = Progress::new(hub, job, video.bytes);
        if video.bytes <= PART_BYTES {
            put(session, job, &video).await?;
            progress.add(video.bytes);
            return Ok(());
        }
        let entry = multipart(session, hub, job, &video).await?;
        let parts = send_parts(session, job, &video, &entry, &progress).await?;
        let now = look_at(&video.path)?;
        if now == video {
            return complete(session, hub, job, &entry, parts).await;
        }
        hub.note(
            job.id,
            LogLevel::Warn,
            "the file changed during the upload; it is sent anew",
        );
        discard(session, hub, job).await;
        hub.update(job.id, |job| job.video = now.clone());
        video = now;
    }
}

async fn put(session: &Session, job: &Job, video: &VideoFile) -> Result<(), ClientError> {
    let body = ByteStream::from_path(&video.path)
        .await
        .map_err(|error| unreadable(video, error))?;
    session
        .s3
        .put_object()
        .bucket(&job.bucket)
        .key(&job.upload_key)
        .body(body)
        .send()
        .await
        .map_err(|error| ClientError::aws("The upload", &error))?;
    Ok(())
}

/// The multipart upload in the journal, or a new one.
async fn multipart(
    session: &Session,
    hub: &Hub,
    job: &Job,
    video: &VideoFile,
) -> Result<UploadEntry, ClientError> {
    if let Some(entry) = hub.upload(job.id) {
        return Ok(entry);
    }
    let created = session
        .s3
        .create_multipart_upload()
        .bucket(&job.bucket)
        .key(&job.upload_key)
        .send()
        .await
        .map_err(|error| ClientError::aws("The upload", &error))?;
    let part_bytes = PART_BYTES.max(video.bytes.div_ceil(MOST_PARTS).next_multiple_of(1 << 20));
    let entry = UploadEntry {
        upload_id: created.upload_id.unwrap_or_default(),
        part_bytes,
    };
    hub.put_upload(job.id, &entry)?;
    Ok(entry)
}

async fn send_parts(
    session: &Session,
    job: &Job,
    video: &VideoFile,
    entry: &UploadEntry,
    progress: &Progress<'_>,
) -> Result<Vec<CompletedPart>, ClientError> {
    let there = parts_there(session, job, entry).await?;
    let count = video.bytes.div_ceil(entry.part_bytes);
    let part_length = |number: u64| {
        entry
            .part_bytes
            .min(video.bytes - (number - 1) * entry.part_bytes)
    };
    for number in there.keys() {
        progress.skip(part_length((*number).unsigned_abs().into()));
    }
    let missing = (1..=count).filter(|number| !there.contains_key(&(*number as i32)));
    let sent: Vec<(i32, String)> = stream::iter(missing)
        .map(|number| async move {
            let etag = send_part(session, job, video, entry, number, part_length(number)).await?;
            progress.add(part_length(number));
            Ok::<_, ClientError>((number as i32, etag))
        })
        .buffer_unordered(PARTS_AT_ONCE)
        .try_collect()
        .await?;
    let mut all = there;
    all.extend(sent);
    let part = |(number, etag)| CompletedPart::builder().part_number(number).e_tag(etag).build();
    Ok(all.into_iter().map(part).collect())
}

/// What the bucket has of this upload: part numbers and their `ETag`s.
async fn parts_there(
    session: &Session,
    job: &Job,
    entry: &UploadEntry,
) -> Result<BTreeMap<i32, String>, ClientError> {
    let mut pages = session
        .s3
        .list_parts()
        .bucket(&job.bucket)
        .key(&job.upload_key)
        .upload_id(&entry.upload_id)
        .into_paginator()
        .send();
    let mut there = BTreeMap::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| ClientError::aws("Going on with the upload", &error))?;
        let known = page
            .parts()
            .iter()
            .filter_map(|part| Some((part.part_number()?, part.e_tag()?.to_owned())));
        there.extend(known);
    }
    Ok(there)
}

async fn send_part(
    session: &Session,
    job: &Job,
    video: &VideoFile,
    entry: &UploadEntry,
    number: u64,
    length: u64,
) -> Result<String, ClientError> {
    let body = ByteStream::read_from()
        .path(&video.path)
        .offset((number - 1) * entry.part_bytes)
        .length(Length::Exact(length))
        .build()
        .await
        .map_err(|error| unreadable(video, error))?;
    let answer = session
        .s3
        .upload_part()
        .bucket(&job.bucket)
        .key(&job.upload_key)
        .upload_id(&entry.upload_id)
        .part_number(number as i32)
        .body(body)
        .send()
        .await
        .map_err(|error| ClientError::aws("The upload", &error))?;
    Ok(answer.e_tag.unwrap_or_default())
}

async fn complete(
    session: &Session,
    hub: &Hub,
    job: &Job,
    entry: &UploadEntry,
    parts: Vec<CompletedPart>,
) -> Result<(), ClientError> {
    session
        .s3
        .complete_multipart_upload()
        .bucket(&job.bucket)
        .key(&job.upload_key)
        .upload_id(&entry.upload_id)
        .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
        .send()
        .await
        .map_err(|error| ClientError::aws("The upload", &error))?;
    hub.delete_upload(job.id);
    Ok(())
}

/// Gives up what was sent of a multipart upload.
pub(crate) async fn discard(session: &Session, hub: &Hub, job: &Job) {
    let Some(entry) = hub.upload(job.id) else { return };
    let aborted = session
        .s3
        .abort_multipart_upload()
        .bucket(&job.bucket)
        .key(&job.upload_key)
        .upload_id(entry.upload_id)
        .send()
        .await;
    if let Err(error) = aborted {
        // The bucket's lifecycle rule removes it in time.
        tracing::warn!(
            "an unfinished upload stays in the bucket: {}",
            ClientError::aws("Aborting", &error)
        );
    }
    hub.delete_upload(job.id);
}

/// Whether the bucket has the job's upload, whole.
pub(crate) async fn is_there(session: &Session, job: &Job) -> Result<bool, ClientError> {
    let head = session
        .s3
        .head_object()
        .bucket(&job.bucket)
        .key(&job.upload_key)
        .send()
        .await;
    match head {
        Ok(head) => Ok(head.content_length().unwrap_or(0).unsigned_abs() == job.video.bytes),
        Err(error)
            if error
                .raw_response()
                .is_some_and(|answer| answer.status().as_u16() == 404) =>
        {
            Ok(false)
        }
        Err(error) => Err(ClientError::aws("Looking for the upload", &error)),
    }
}

/// Copies `from` to the job's upload key inside the bucket: a new event, no byte sent. `Ok(false)` where there is
/// nothing to copy, or it is too large for one request.
pub(crate) async fn copy(session: &Session, from: &str, job: &Job) -> Result<bool, ClientError> {
    if job.video.bytes > MOST_COPIED {
        return Ok(false);
    }
    let source = format!("{}/{}", job.bucket, utf8_percent_encode(from, &ESCAPED));
    let copied = session
        .s3
        .copy_object()
        .bucket(&job.bucket)
        .key(&job.upload_key)
        .copy_source(source)
        // S3 copies an object onto itself only where something about it changes.
        .metadata_directive(aws_sdk_s3::types::MetadataDirective::Replace)
        .metadata("attempt", job.attempt.to_string())
        .send()
        .await;
    match copied {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.code(), Some("NoSuchKey" | "NotFound")) => Ok(false),
        Err(error) => Err(ClientError::aws("Copying the upload", &error)),
    }
}

const ESCAPED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

fn unreadable(video: &VideoFile, error: impl std::error::Error + Send + Sync + 'static) -> ClientError {
    ClientError::Video {
        path: video.path.clone(),
        source: std::io::Error::other(error),
    }
}

/// Bytes sent, told to the hub as they go.
struct Progress<'a> {
    hub: &'a Hub,
    job: &'a Job,
    total: u64,
    began: Instant,
    /// Bytes there before, and bytes sent by this run.
    counts: Mutex<(u64, u64)>,
}

impl<'a> Progress<'a> {
    fn new(hub: &'a Hub, job: &'a Job, total: u64) -> Self {
        let progress = Self {
            hub,
            job,
            total,
            began: Instant::now(),
            counts: Mutex::default(),
        };
        progress.skip(0);
        progress
    }

    fn skip(&self, bytes: u64) {
        self.count(bytes, 0);
    }

    fn add(&self, bytes: u64) {
        self.count(0, bytes);
    }

    fn count(&self, skipped: u64, sent: u64) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.0 += skipped;
        counts.1 += sent;
        let seconds = self.began.elapsed().max(Duration::from_millis(1)).as_secs_f64();
        let progress = UploadProgress {
            sent: counts.0 + counts.1,
            total: self.total,
            bytes_per_second: counts.1 as f64 / seconds,
        };
        self.hub.change(self.job.id, |job| job.upload = Some(progress));
    }
}
