//! The thumbnails in the bucket, whoever made them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use posterframe_contract::{JobId, ThumbnailMetadata, thumbnail_job_id};
use time::OffsetDateTime;

use crate::ClientError;
use crate::session::Session;

/// Thumbnails a page.
const PAGE: usize = 200;
/// S3's limit on keys in one `DeleteObjects`.
const DELETE_AT_ONCE: usize = 1000;

/// One thumbnail in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GalleryItem {
    /// Its key.
    pub key: String,
    /// Its file name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its `ETag`, without quotes: another picture has another.
    pub etag: String,
    /// When it was written.
    pub modified: OffsetDateTime,
    /// The job that made it, where its key says so.
    pub job: Option<JobId>,
}

/// Some thumbnails, the newest first.
#[derive(Clone, Debug, Default)]
pub struct GalleryPage {
    /// The thumbnails.
    pub items: Vec<GalleryItem>,
    /// What to ask the next page with; `None` on the last one.
    pub next: Option<String>,
}

/// A link that anyone can open until it expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresignedLink {
    /// The address.
    pub url: String,
    /// When it stops working: with the credentials that signed it, if these expire first.
    pub expires: OffsetDateTime,
}

/// A page of thumbnails, newest first. S3 lists by key only, so that each first page lists all of them.
pub(crate) async fn page(session: &Session, after: Option<String>) -> Result<GalleryPage, ClientError> {
    let mut items = list(session).await?;
    items.sort_unstable_by(|a, b| b.modified.cmp(&a.modified).then_with(|| b.key.cmp(&a.key)));
    let start = after.map_or(0, |after| {
        items
            .iter()
            .position(|item| item.key == after)
            .map_or(items.len(), |index| index + 1)
    });
    let mut items = items.split_off(start);
    let more = items.len() > PAGE;
    items.truncate(PAGE);
    let next = if more {
        items.last().map(|item| item.key.clone())
    } else {
        None
    };
    Ok(GalleryPage { items, next })
}

async fn list(session: &Session) -> Result<Vec<GalleryItem>, ClientError> {
    let folder = session.backend.thumbnails_folder.trim_matches('/');
    let mut pages = session
        .s3
        .list_objects_v2()
        .bucket(&session.backend.bucket)
        .prefix(format!("{folder}/"))
        .into_paginator()
        .send();
    let mut items = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| ClientError::aws("Listing the thumbnails", &error))?;
        items.extend(page.contents().iter().filter_map(|object| {
            let key = object.key()?;
            let name = key.rsplit('/').next()?;
            if !key.to_ascii_lowercase().ends_with(".png") {
                return None;
            }
            Some(GalleryItem {
                key: key.to_owned(),
                name: name.to_owned(),
                bytes: object.size().unwrap_or(0).unsigned_abs(),
                etag: object.e_tag().unwrap_or_default().trim_matches('"').to_owned(),
                modified: object
                    .last_modified()
                    .map_or(OffsetDateTime::UNIX_EPOCH, from_aws),
                job: thumbnail_job_id(folder, key),
            })
        }));
    }
    Ok(items)
}

/// The picture as a file in `cache`, downloaded at most once for each version of it.
pub(crate) async fn fetch(
    session: &Session,
    cache: &Path,
    item: &GalleryItem,
) -> Result<PathBuf, ClientError> {
    let folder = cache.join("thumbnails");
    // The ETag alone would do, but a file whose name says what it is can be found by a person.
    let name = format!("{}-{}", safe(&item.etag), safe_tail(&item.name));
    let file = folder.join(name);
    if file.is_file() {
        return Ok(file);
    }
    download(session, &item.key, &file).await?;
    Ok(file)
}

/// Downloads an object to `file`, which appears whole or not at all.
pub(crate) async fn download(session: &Session, key: &str, file: &Path) -> Result<(), ClientError> {
    let answer = session
        .s3
        .get_object()
        .bucket(&session.backend.bucket)
        .key(key)
        .send()
        .await
        .map_err(|error| ClientError::aws("The download of the thumbnail", &error))?;
    let bytes = answer.body.collect().await.map_err(|error| ClientError::Aws {
        operation: "The download of the thumbnail",
        code: None,
        reason: error.to_string(),
    })?;
    write_whole(file, &bytes.into_bytes()).map_err(|error| ClientError::folder(file, error))
}

/// Writes a file under a temporary name first.
pub(crate) fn write_whole(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let unfinished = file.with_extension(format!("part-{}", std::process::id()));
    std::fs::write(&unfinished, bytes)?;
    std::fs::rename(&unfinished, file).inspect_err(|_| {
        let _ = std::fs::remove_file(&unfinished);
    })
}

/// What the worker stored beside the picture; `None` for a PNG that is not ours.
pub(crate) async fn metadata(session: &Session, key: &str) -> Result<Option<ThumbnailMetadata>, ClientError> {
    let head = session
        .s3
        .head_object()
        .bucket(&session.backend.bucket)
        .key(key)
        .send()
        .await
        .map_err(|error| ClientError::aws("Looking at the thumbnail", &error))?;
    Ok(head
        .metadata()
        .and_then(|map| ThumbnailMetadata::from_map(map).ok()))
}

pub(crate) async fn presign(
    session: &Session,
    key: &str,
    valid: Duration,
) -> Result<PresignedLink, ClientError> {
    let config = PresigningConfig::expires_in(valid).map_err(|error| ClientError::Aws {
        operation: "Making the link",
        code: None,
        reason: error.to_string(),
    })?;
    let request = session.s3.get_object().bucket(&session.backend.bucket).key(key);
    let request = request
        .presigned(config)
        .await
        .map_err(|error| ClientError::aws("Making the link", &error))?;
    Ok(PresignedLink {
        url: request.uri().to_owned(),
        expires: OffsetDateTime::now_utc() + valid,
    })
}

pub(crate) async fn delete(session: &Session, keys: &[String]) -> Result<(), ClientError> {
    for keys in keys.chunks(DELETE_AT_ONCE) {
        let objects = keys
            .iter()
            .filter_map(|key| ObjectIdentifier::builder().key(key).build().ok())
            .collect();
        let delete = Delete::builder()
            .set_objects(Some(objects))
            .quiet(true)
            .build()
            .ok();
        let answer = session
            .s3
            .delete_objects()
            .bucket(&session.backend.bucket)
            .set_delete(delete)
            .send()
            .await
            .map_err(|error| ClientError::aws("Deleting", &error))?;
        if let Some(error) = answer.errors().first() {
            return Err(ClientError::Aws {
                operation: "Deleting",
                code: error.code().map(str::to_owned),
                reason: format!(
                    "{}: {}",
                    error.key().unwrap_or("?"),
                    error.message().unwrap_or("no reason given")
                ),
            });
        }
    }
    Ok(())
}

pub(crate) fn from_aws(time: &aws_sdk_s3::primitives::DateTime) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(time.as_nanos()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Only what every file system takes.
fn safe(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') {
                c
            } else {
                '-'
            }
        })
        .collect()
}

/// The end of a name, short enough for any file system whatever its alphabet.
fn safe_tail(name: &str) -> String {
    let characters: Vec<char> = safe(name).chars().collect();
    characters[characters.len().saturating_sub(40)..].iter().collect()
}
