//! Deleting, and undoing it. What can be undone is on this machine, whole and on disk, before it leaves the bucket. A
//! restore that a crash cuts off goes on at the next start.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::item::GalleryItem;
use super::state::State;
use super::trash::{DeletionId, RESTORING, clear};
use crate::aws::Session;
use crate::aws::download::{get, save_body};
use crate::error::ClientError;
use crate::fs::{blocking, write_whole};

/// S3's limit on keys in one `DeleteObjects`.
const MAX_KEYS_PER_DELETE: usize = 1000;
/// Objects on their way at once.
const MAX_TRANSFERS: usize = 8;

/// One object in the trash; its bytes lie beside.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    bucket: String,
    endpoint: Option<String>,
    key: String,
    headers: Headers,
}

/// What is put back with an object that was deleted.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Headers {
    content_type: Option<String>,
    cache_control: Option<String>,
    content_disposition: Option<String>,
    content_encoding: Option<String>,
    content_language: Option<String>,
    metadata: HashMap<String, String>,
}

impl Headers {
    fn of(answer: &GetObjectOutput) -> Self {
        Self {
            content_type: answer.content_type.clone(),
            cache_control: answer.cache_control.clone(),
            content_disposition: answer.content_disposition.clone(),
            content_encoding: answer.content_encoding.clone(),
            content_language: answer.content_language.clone(),
            metadata: answer.metadata.clone().unwrap_or_default(),
        }
    }
}

pub(super) async fn delete(
    inner: &State,
    items: &[Arc<GalleryItem>],
    undoable: bool,
) -> Result<Option<DeletionId>, ClientError> {
    let cues = items.iter().filter_map(|item| item.cues.as_ref());
    let items: Vec<Arc<GalleryItem>> = items.iter().chain(cues).cloned().collect();
    let deletion = if undoable {
        let mut deletion = inner.trash.begin().await?;
        deletion.bytes = items.iter().map(|item| item.bytes).sum();
        if let Err(error) = keep_all(inner, &items, &deletion.folder).await {
            remove(deletion.folder).await;
            return Err(error);
        }
        inner.trash.deletions.lock().push(deletion.clone());
        Some(deletion.id)
    } else {
        None
    };
    let (plain, odd): (Vec<_>, Vec<_>) = items.iter().cloned().partition(|item| fits_xml(&item.key));
    for items in plain.chunks(MAX_KEYS_PER_DELETE) {
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

async fn delete_one(inner: &State, key: &str) -> Result<(), ClientError> {
    let Session { s3, backend, .. } = &inner.session;
    let deleted = s3.delete_object().bucket(&backend.bucket).key(key).send().await;
    deleted.map_err(|error| ClientError::aws("Deleting", &error))?;
    inner.index.lock().remove([key]);
    inner.registry.changed();
    Ok(())
}

async fn keep_all(inner: &State, items: &[Arc<GalleryItem>], folder: &Path) -> Result<(), ClientError> {
    let files: Vec<(PathBuf, Arc<GalleryItem>)> = items
        .iter()
        .enumerate()
        .map(|(index, item)| (folder.join(format!("{index}.png")), item.clone()))
        .collect();
    futures::stream::iter(files)
        .map(|(file, item)| keep(inner, item, file))
        .buffer_unordered(MAX_TRANSFERS)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

async fn keep(inner: &State, item: Arc<GalleryItem>, file: PathBuf) -> Result<(), ClientError> {
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

async fn delete_some(inner: &State, items: &[Arc<GalleryItem>]) -> Result<(), ClientError> {
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
    inner.index.lock().remove(gone);
    inner.registry.changed();
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

pub(super) async fn restore(inner: &State, id: DeletionId) -> Result<usize, ClientError> {
    let found = inner
        .trash
        .deletions
        .lock()
        .iter()
        .find(|deletion| deletion.id == id)
        .cloned();
    let Some(deletion) = found else {
        return Err(ClientError::NotNow("this was undone already"));
    };
    let count = restore_folder(inner, &deletion.folder).await?;
    inner.trash.deletions.lock().retain(|deletion| deletion.id != id);
    Ok(count)
}

/// What an earlier start left: half-done restores go on, the rest was meant to be gone.
pub(super) async fn resume(inner: &State) {
    let trash = inner.trash.folder.clone();
    for folder in blocking(move || clear(&trash)).await {
        if let Err(error) = restore_folder(inner, &folder).await {
            tracing::warn!("deleted thumbnails are not all put back: {error}");
        }
    }
}

async fn restore_folder(inner: &State, folder: &Path) -> Result<usize, ClientError> {
    let own = folder.to_owned();
    let files = blocking(move || begin_restore(&own)).await;
    let files = files.map_err(|error| ClientError::folder(folder, error))?;
    let results: Vec<Result<Option<usize>, ClientError>> = futures::stream::iter(files)
        .map(|file| put_back(inner, file))
        .buffer_unordered(MAX_TRANSFERS)
        .collect()
        .await;
    let mut count = 0;
    let mut others = false;
    for result in results {
        match result? {
            Some(pictures) => count += pictures,
            None => others = true,
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

/// Puts one back. How many pictures that is: none for a sheet's WebVTT file. `None` where it belongs to another bucket.
async fn put_back(inner: &State, side: PathBuf) -> Result<Option<usize>, ClientError> {
    let failed = |error: &dyn std::fmt::Display| ClientError::folder(&side, error);
    let text = tokio::fs::read(&side).await.map_err(|error| failed(&error))?;
    let kept: Kept = serde_json::from_slice(&text).map_err(|error| failed(&error))?;
    let backend = &inner.session.backend;
    let endpoint = backend.endpoint.clone().filter(|_| !backend.is_local());
    if (&kept.bucket, &kept.endpoint) != (&backend.bucket, &endpoint) {
        return Ok(None);
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
    let item = GalleryItem {
        job: posterframe_contract::thumbnail_job_id(folder, &kept.key),
        name,
        bytes,
        etag: etag.trim_matches('"').to_owned(),
        modified: OffsetDateTime::now_utc(),
        key: kept.key,
        cues: None,
    };
    let pictures = usize::from(!item.is_cues());
    inner.index.lock().insert(item);
    inner.registry.changed();
    let _ = tokio::fs::remove_file(&side).await;
    let _ = tokio::fs::remove_file(&file).await;
    Ok(Some(pictures))
}

/// The `ETag` of an object that is just as ours was.
async fn there(inner: &State, key: &str, bytes: u64, metadata: &HashMap<String, String>) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::super::Gallery;
    use super::super::played::{server, session};
    use super::*;
    use crate::config::Paths;
    use crate::store::JobRegistry;

    // Breaks if a thumbnail whose key XML cannot carry cannot be deleted, or keeps others from it.
    #[tokio::test]
    async fn any_key_can_be_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let (endpoint, questions) = server("<DeleteResult></DeleteResult>");
        let session = session(endpoint).await;
        let registry = JobRegistry::open(&folder.path().join("history.db"), Arc::default()).unwrap();
        let paths = Paths::resolve(Some(folder.path().to_owned())).unwrap();
        let gallery = Gallery::open(session, Arc::new(registry), &paths, 0);
        let item = |key: &str| {
            Arc::new(GalleryItem {
                key: key.into(),
                name: String::new(),
                bytes: 1,
                etag: String::new(),
                modified: OffsetDateTime::UNIX_EPOCH,
                job: None,
                cues: None,
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
