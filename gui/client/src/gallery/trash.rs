//! Deleting, and undoing it. What can be undone is on this machine, whole and on disk, before it leaves the bucket. A
//! restore that a crash cuts off goes on at the next start.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::object::{Headers, get, save_body};
use super::{GalleryItem, Inner, lock};
use crate::ClientError;
use crate::disk::{self, blocking};
use crate::fs::write_whole;
use crate::session::Session;

/// S3's limit on keys in one `DeleteObjects`.
const DELETE_AT_ONCE: usize = 1000;
/// Objects on their way at once.
const AT_ONCE: usize = 8;
/// The most that deleted thumbnails may take on disk until the app closes.
const MOST_BYTES: u64 = 1 << 30;
/// In a deletion's folder while it is put back: what a crash cuts off goes on.
const RESTORING: &str = "restoring";

/// A deletion that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeletionId(u64);

pub(super) struct Trash {
    folder: PathBuf,
    deletions: Mutex<Vec<Deletion>>,
}

#[derive(Clone)]
struct Deletion {
    id: DeletionId,
    bytes: u64,
    folder: PathBuf,
}

/// One object in the trash; its bytes lie beside.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    bucket: String,
    endpoint: Option<String>,
    key: String,
    headers: Headers,
}

impl Trash {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            deletions: Mutex::default(),
        }
    }

    pub(super) fn has_room(&self, bytes: u64) -> bool {
        let used: u64 = lock(&self.deletions).iter().map(|deletion| deletion.bytes).sum();
        used.saturating_add(bytes) <= MOST_BYTES
    }

    pub(super) fn last(&self) -> Option<DeletionId> {
        lock(&self.deletions).last().map(|deletion| deletion.id)
    }

    /// The app closes: what was deleted stays so. What is half put back stays here.
    pub(super) async fn empty(&self) {
        lock(&self.deletions).clear();
        let trash = self.folder.clone();
        blocking(move || clear(&trash)).await;
    }

    async fn begin(&self) -> Result<Deletion, ClientError> {
        // Milliseconds, so that no folder of an earlier start is taken.
        let number = OffsetDateTime::now_utc().unix_timestamp_nanos() as u64 / 1_000_000;
        let id = DeletionId(self.last().map_or(number, |last| number.max(last.0 + 1)));
        let folder = self.folder.join(id.0.to_string());
        let own = folder.clone();
        let made = blocking(move || disk::make_folder(&own)).await;
        made.map_err(|error| ClientError::folder(&folder, error))?;
        Ok(Deletion { id, bytes: 0, folder })
    }
}

pub(super) async fn delete(
    inner: &Inner,
    items: &[Arc<GalleryItem>],
    undoable: bool,
) -> Result<Option<DeletionId>, ClientError> {
    let deletion = if undoable {
        let mut deletion = inner.trash.begin().await?;
        deletion.bytes = items.iter().map(|item| item.bytes).sum();
        if let Err(error) = keep_all(inner, items, &deletion.folder).await {
            remove(deletion.folder).await;
            return Err(error);
        }
        lock(&inner.trash.deletions).push(deletion.clone());
        Some(deletion.id)
    } else {
        None
    };
    let (plain, odd): (Vec<_>, Vec<_>) = items.iter().cloned().partition(|item| fits_xml(&item.key));
    for items in plain.chunks(DELETE_AT_ONCE) {
        delete_some(inner, items).await?;
    }
    for item in odd {
        delete_one(inner, &item.key).await?;
    }
    Ok(deletion)
}

/// Whether XML can carry a key. One that it cannot would spoil the request for all that are in it.
fn fits_xml(key: &str) -> bool {
    let fits = |c| matches!(c, '\t' | '\n' | '\r') || c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}');
    key.chars().all(fits)
}

async fn delete_one(inner: &Inner, key: &str) -> Result<(), ClientError> {
    let Session { s3, backend, .. } = &inner.session;
    let deleted = s3.delete_object().bucket(&backend.bucket).key(key).send().await;
    deleted.map_err(|error| ClientError::aws("Deleting", &error))?;
    lock(&inner.shelf).remove([key]);
    inner.hub.changed();
    Ok(())
}

async fn keep_all(inner: &Inner, items: &[Arc<GalleryItem>], folder: &Path) -> Result<(), ClientError> {
    let files: Vec<(PathBuf, Arc<GalleryItem>)> = items
        .iter()
        .enumerate()
        .map(|(index, item)| (folder.join(format!("{index}.png")), item.clone()))
        .collect();
    futures::stream::iter(files)
        .map(|(file, item)| keep(inner, item, file))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

async fn keep(inner: &Inner, item: Arc<GalleryItem>, file: PathBuf) -> Result<(), ClientError> {
    // This very version: what somebody has replaced meanwhile is not what the person looked at.
    let answer = get(&inner.session, &item.key, Some(&item.etag)).await?;
    let kept = Kept {
        bucket: inner.session.backend.bucket.clone(),
        endpoint: inner
            .session
            .backend
            .endpoint
            .clone()
            .filter(|_| !inner.session.backend.is_local()),
        key: item.key.clone(),
        headers: Headers::of(&answer),
    };
    save_body(answer, &file).await?;
    blocking(move || {
        let failed = |error: std::io::Error| ClientError::folder(&file, error);
        let text = serde_json::to_vec(&kept).map_err(|error| failed(error.into()))?;
        write_whole(&file.with_extension("json"), &text).map_err(failed)
    })
    .await
}

async fn delete_some(inner: &Inner, items: &[Arc<GalleryItem>]) -> Result<(), ClientError> {
    let objects = items
        .iter()
        .filter_map(|item| ObjectIdentifier::builder().key(&item.key).build().ok())
        .collect();
    let delete = Delete::builder()
        .set_objects(Some(objects))
        .quiet(true)
        .build()
        .ok();
    let answer = inner
        .session
        .s3
        .delete_objects()
        .bucket(&inner.session.backend.bucket)
        .set_delete(delete)
        .send()
        .await
        .map_err(|error| ClientError::aws("Deleting", &error))?;
    let refused: Vec<&str> = answer.errors().iter().filter_map(|error| error.key()).collect();
    let gone = items
        .iter()
        .map(|item| item.key.as_str())
        .filter(|key| !refused.contains(key));
    lock(&inner.shelf).remove(gone);
    inner.hub.changed();
    match answer.errors().first() {
        None => Ok(()),
        Some(error) => Err(ClientError::Aws {
            operation: "Deleting",
            code: error.code().map(str::to_owned),
            reason: format!(
                "{}: {}",
                error.key().unwrap_or("?"),
                error.message().unwrap_or("no reason given")
            ),
        }),
    }
}

pub(super) async fn restore(inner: &Inner, id: DeletionId) -> Result<usize, ClientError> {
    let found = lock(&inner.trash.deletions)
        .iter()
        .find(|deletion| deletion.id == id)
        .cloned();
    let Some(deletion) = found else {
        return Err(ClientError::NotNow("this was undone already"));
    };
    let count = restore_folder(inner, &deletion.folder).await?;
    lock(&inner.trash.deletions).retain(|deletion| deletion.id != id);
    Ok(count)
}

/// What an earlier start left: half-done restores go on, the rest was meant to be gone.
pub(super) async fn resume(inner: &Inner) {
    let trash = inner.trash.folder.clone();
    for folder in blocking(move || clear(&trash)).await {
        if let Err(error) = restore_folder(inner, &folder).await {
            tracing::warn!("deleted thumbnails are not all put back: {error}");
        }
    }
}

async fn restore_folder(inner: &Inner, folder: &Path) -> Result<usize, ClientError> {
    let own = folder.to_owned();
    let files = blocking(move || begin_restore(&own)).await;
    let files = files.map_err(|error| ClientError::folder(folder, error))?;
    let results: Vec<Result<bool, ClientError>> = futures::stream::iter(files)
        .map(|file| put_back(inner, file))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut count = 0;
    let mut others = false;
    for result in results {
        if result? {
            count += 1;
        } else {
            others = true;
        }
    }
    if !others {
        remove(folder.to_owned()).await;
    }
    Ok(count)
}

/// Notes in a deletion's folder that it is put back. What is to be put back.
fn begin_restore(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    write_whole(&folder.join(RESTORING), b"")?;
    let entries = fs::read_dir(folder)?.flatten();
    let is_kept = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    Ok(entries.map(|entry| entry.path()).filter(is_kept).collect())
}

/// One that stays for now is cleared away at the next start.
async fn remove(folder: PathBuf) {
    let _ = blocking(move || fs::remove_dir_all(folder)).await;
}

/// Puts one back; `false` where it belongs to another bucket.
async fn put_back(inner: &Inner, side: PathBuf) -> Result<bool, ClientError> {
    let failed = |error: &dyn std::fmt::Display| ClientError::folder(&side, error);
    let text = tokio::fs::read(&side).await.map_err(|error| failed(&error))?;
    let kept: Kept = serde_json::from_slice(&text).map_err(|error| failed(&error))?;
    let backend = &inner.session.backend;
    let endpoint = backend.endpoint.clone().filter(|_| !backend.is_local());
    if (&kept.bucket, &kept.endpoint) != (&backend.bucket, &endpoint) {
        return Ok(false);
    }
    let file = side.with_extension("png");
    let body = ByteStream::from_path(&file)
        .await
        .map_err(|error| failed(&error))?;
    let about = tokio::fs::metadata(&file).await;
    let bytes = about.map_err(|error| failed(&error))?.len();
    let headers = kept.headers;
    let metadata = headers.metadata.clone();
    let put = inner
        .session
        .transfers
        .put_object()
        .bucket(&kept.bucket)
        .key(&kept.key)
        // What somebody put there meanwhile stays.
        .if_none_match("*")
        .set_content_type(headers.content_type)
        .set_cache_control(headers.cache_control)
        .set_content_disposition(headers.content_disposition)
        .set_content_encoding(headers.content_encoding)
        .set_content_language(headers.content_language)
        .set_metadata(Some(headers.metadata))
        .body(body)
        .send()
        .await;
    let etag = match put {
        Ok(answer) => answer.e_tag.unwrap_or_default(),
        Err(error) => {
            // Put back already, just before a crash.
            let ours = there(inner, &kept.key, bytes, &metadata).await;
            ours.ok_or_else(|| ClientError::aws("Putting the thumbnail back", &error))?
        }
    };
    let name = kept.key.rsplit('/').next().unwrap_or_default().to_owned();
    let folder = backend.thumbnails_folder.trim_matches('/');
    lock(&inner.shelf).insert(GalleryItem {
        job: posterframe_contract::thumbnail_job_id(folder, &kept.key),
        name,
        bytes,
        etag: etag.trim_matches('"').to_owned(),
        modified: OffsetDateTime::now_utc(),
        key: kept.key,
    });
    inner.hub.changed();
    let _ = tokio::fs::remove_file(&side).await;
    let _ = tokio::fs::remove_file(&file).await;
    Ok(true)
}

/// The `ETag` of an object that is just as ours was.
async fn there(inner: &Inner, key: &str, bytes: u64, metadata: &HashMap<String, String>) -> Option<String> {
    let head = inner
        .session
        .s3
        .head_object()
        .bucket(&inner.session.backend.bucket)
        .key(key)
        .send()
        .await
        .ok()?;
    let same = head.content_length == Some(bytes as i64)
        && head
            .metadata
            .as_ref()
            .is_some_and(|there| !there.is_empty() && there == metadata);
    same.then_some(head.e_tag).flatten()
}

/// Clears all deletions away but for those that are half put back, which are given.
fn clear(trash: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(trash).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path()).filter(|path| path.is_dir());
    let (half, rest): (Vec<PathBuf>, Vec<PathBuf>) =
        folders.partition(|folder| folder.join(RESTORING).exists());
    for folder in rest {
        let _ = fs::remove_dir_all(folder);
    }
    half
}

#[cfg(test)]
mod tests {
    use super::super::Gallery;
    use super::super::played::{server, session};
    use super::*;
    use crate::Paths;
    use crate::hub::Hub;

    // Breaks if a thumbnail whose key XML cannot carry cannot be deleted, or keeps others from it.
    #[tokio::test]
    async fn any_key_can_be_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let (endpoint, questions) = server("<DeleteResult></DeleteResult>");
        let session = session(endpoint).await;
        let hub = Hub::open(&folder.path().join("history.db"), Arc::default()).unwrap();
        let paths = Paths::resolve(Some(folder.path().to_owned())).unwrap();
        let gallery = Gallery::open(session, Arc::new(hub), &paths, 0);
        let item = |key: &str| {
            Arc::new(GalleryItem {
                key: key.into(),
                name: String::new(),
                bytes: 1,
                etag: String::new(),
                modified: OffsetDateTime::UNIX_EPOCH,
                job: None,
            })
        };
        let items = [item("thumbnails/a\u{1}.png"), item("thumbnails/b.png")];
        gallery.delete(&items, false).await.unwrap();
        let asked: Vec<String> = questions.try_iter().collect();
        assert!(
            asked[0].starts_with("POST /b?delete") || asked[0].starts_with("POST /b/?delete"),
            "{asked:?}"
        );
        assert!(asked[1].starts_with("DELETE /b/thumbnails/a%01.png"), "{asked:?}");
    }
}
