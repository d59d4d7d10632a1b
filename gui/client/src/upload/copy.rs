//! A video that the bucket has already is copied inside it: a new key and a new event, and no byte sent.

use std::sync::atomic::Ordering;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, MetadataDirective};
use futures::{StreamExt, TryStreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::multipart::MAX_PARTS;
use super::source;
use super::transfer::{ATTEMPT, Object, REQUESTS_AT_ONCE, Upload, head};
use crate::error::ClientError;
use crate::model::VideoFile;
use crate::store::SentEntry;

/// What one request copies of a larger one.
const COPY_PART_BYTES: u64 = 512 << 20;

const ESCAPED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// An earlier upload of the very bytes of `video`, where the journal knows one.
///
/// Size and samples find it. Where the file's time is another (a copy of the file), the whole file is read and must
/// sum up to what was sent then: much quicker than to send it.
pub(crate) async fn find_earlier(upload: Upload<'_>) -> Result<Option<SentEntry>, ClientError> {
    let video: &VideoFile = &upload.job.video;
    let (bucket_id, bytes) = (upload.session.bucket_id(), video.bytes);
    let known = upload
        .registry
        .journal(move |store| store.sent(&bucket_id, bytes));
    let mut candidates = known.await?;
    candidates.retain(|sent| sent.key != upload.job.upload_key && source::same_content(&sent.video, video));
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

/// Copies what `sent` says to the job's key. `Ok(false)` where the bucket has it no more, or something else in its
/// place: then the journal forgets it.
pub(crate) async fn copy_from(upload: Upload<'_>, sent: &SentEntry) -> Result<bool, ClientError> {
    let Upload { registry, job, .. } = upload;
    if head(upload.session, job).await?.is_some() {
        // A copy whose answer got lost. The key is the job's own: nothing else can lie there.
        return Ok(true);
    }
    let there = copy(upload, &sent.key, &sent.etag, sent.video.bytes).await?;
    let entry = match &there {
        Some(etag) => SentEntry {
            key: job.upload_key.clone(),
            etag: etag.clone(),
            ..sent.clone()
        },
        None => sent.clone(),
    };
    let is_there = there.is_some();
    let noted = registry.journal(move |store| {
        if is_there {
            store.put_sent(&entry)
        } else {
            store.delete_sent(&entry)
        }
    });
    noted.await?;
    Ok(is_there)
}

/// Copies the job's upload onto itself, which raises a new event. `Ok(false)` where the bucket has it no more.
pub(crate) async fn copy_again(upload: Upload<'_>) -> Result<bool, ClientError> {
    let job = upload.job;
    let Some(Object {
        bytes, etag, attempt, ..
    }) = head(upload.session, job).await?
    else {
        return Ok(false);
    };
    if attempt == Some(job.attempt) {
        // This try's copy is there; only its answer got lost.
        return Ok(true);
    }
    let copied = copy(upload, &job.upload_key, &etag, bytes).await?;
    Ok(copied.is_some())
}

/// Copies `from` to the job's key if it still has this `etag`; the copy's `ETag`.
async fn copy(upload: Upload<'_>, from: &str, etag: &str, bytes: u64) -> Result<Option<String>, ClientError> {
    let Upload { session, job, .. } = upload;
    let _permit = upload.pool.request().await;
    let source = format!("{}/{}", job.bucket, utf8_percent_encode(from, &ESCAPED));
    let most = upload.pool.max_copy_bytes.load(Ordering::Relaxed);
    if bytes > most {
        let part_bytes = COPY_PART_BYTES.min(most).max(bytes.div_ceil(MAX_PARTS));
        return copy_parts(upload, &source, etag, bytes, part_bytes).await;
    }
    let copied = session
        .transfers
        .copy_object()
        .bucket(&job.bucket)
        .key(&job.upload_key)
        .copy_source(source)
        .copy_source_if_match(etag)
        // S3 copies an object onto itself only where something about it changes.
        .metadata_directive(MetadataDirective::Replace)
        .metadata(ATTEMPT, job.attempt.to_string())
        .customize()
        // Each copy raises an event. One whose answer got lost is looked for before it is made again.
        .config_override(aws_sdk_s3::config::Builder::new().retry_config(RetryConfig::disabled()))
        .send()
        .await;
    match copied {
        Ok(copied) => Ok(Some(
            copied
                .copy_object_result()
                .and_then(|result| result.e_tag())
                .unwrap_or_default()
                .to_owned(),
        )),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(ClientError::aws("Copying the upload", &error)),
    }
}

fn is_gone(error: &impl ProvideErrorMetadata) -> bool {
    matches!(
        error.code(),
        Some("NoSuchKey" | "NotFound" | "PreconditionFailed")
    )
}

/// As [`copy`], for what one request cannot copy.
async fn copy_parts(
    upload: Upload<'_>,
    source: &str,
    etag: &str,
    bytes: u64,
    part_bytes: u64,
) -> Result<Option<String>, ClientError> {
    let Upload { session, job, .. } = upload;
    let created = session
        .s3
        .create_multipart_upload()
        .bucket(&job.bucket)
        .key(&job.upload_key)
        .metadata(ATTEMPT, job.attempt.to_string())
        .send()
        .await
        .map_err(|error| ClientError::aws("Copying the upload", &error))?;
    let id = created.upload_id().unwrap_or_default();
    let parts = stream::iter(1..=bytes.div_ceil(part_bytes)).map(|number| async move {
        let start = (number - 1) * part_bytes;
        let end = (start + part_bytes).min(bytes) - 1;
        let copied = session
            .transfers
            .upload_part_copy()
            .bucket(&job.bucket)
            .key(&job.upload_key)
            .upload_id(id)
            .part_number(number as i32)
            .copy_source(source)
            .copy_source_if_match(etag)
            .copy_source_range(format!("bytes={start}-{end}"))
            .send()
            .await?;
        let etag = copied.copy_part_result.and_then(|part| part.e_tag);
        Ok(CompletedPart::builder()
            .part_number(number as i32)
            .set_e_tag(etag)
            .build())
    });
    let parts: Result<Vec<_>, aws_sdk_s3::error::SdkError<_>> =
        parts.buffered(REQUESTS_AT_ONCE).try_collect().await;
    let completed = match parts {
        Ok(parts) => session
            .transfers
            .complete_multipart_upload()
            .bucket(&job.bucket)
            .key(&job.upload_key)
            .upload_id(id)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .send()
            .await
            .map(|completed| Some(completed.e_tag.unwrap_or_default()))
            .map_err(|error| ClientError::aws("Copying the upload", &error)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(ClientError::aws("Copying the upload", &error)),
    };
    if completed
        .as_ref()
        .is_err_and(|error| error.code() == Some("NoSuchUpload"))
    {
        // The answer to the completion got lost: then the copy is there, and of this very try.
        let there = head(session, job).await?;
        let ours = there.filter(|object| object.bytes == bytes && object.attempt == Some(job.attempt));
        if let Some(object) = ours {
            return Ok(Some(object.etag));
        }
    }
    if !matches!(completed, Ok(Some(_))) {
        // What this leaves behind where it fails too, the bucket's lifecycle rule removes.
        let _ = session
            .s3
            .abort_multipart_upload()
            .bucket(&job.bucket)
            .key(&job.upload_key)
            .upload_id(id)
            .send()
            .await;
    }
    completed
}
