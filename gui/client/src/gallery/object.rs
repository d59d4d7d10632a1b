//! A thumbnail's bytes, and what the worker stored beside them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use posterframe_contract::ThumbnailMetadata;
use tokio::io::AsyncWriteExt;

use super::{GalleryItem, Inner};
use crate::ClientError;
use crate::disk::{self, blocking};
use crate::fs::{Existing, Unfinished};
use crate::session::Session;

/// A download of which nothing came for so long has lost its connection, whatever the system says.
const STALLED: Duration = Duration::from_mins(1);

/// A thumbnail on this machine.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The PNG. It may go with the cache; who needs it for longer copies it.
    pub file: PathBuf,
    /// What the worker said of it; `None` for a PNG that another program made.
    pub metadata: Option<Arc<ThumbnailMetadata>>,
}

pub(super) async fn picture(inner: &Inner, item: &GalleryItem) -> Result<Picture, ClientError> {
    let name = cache_name(&inner.session, item);
    let session = &inner.session;
    let (file, metadata) = inner
        .cache
        .get(&name, async |file| {
            let answer = get(session, &item.key, Some(&item.etag)).await?;
            let metadata = answer
                .metadata()
                .and_then(|map| ThumbnailMetadata::from_map(map).ok());
            save_body(answer, file).await?;
            Ok(metadata)
        })
        .await?;
    Ok(Picture { file, metadata })
}

/// The same picture under two keys may say two things of itself: the key is part of the name, and so is the version.
pub(super) fn cache_name(session: &Session, item: &GalleryItem) -> String {
    let mut hasher = DefaultHasher::new();
    (
        &session.backend.bucket,
        &session.backend.endpoint,
        &item.key,
        &item.etag,
    )
        .hash(&mut hasher);
    // A file whose name says what it is can be found by a person.
    format!("{:016x}-{}", hasher.finish(), safe_tail(&item.name))
}

/// Asks for an object: this very version of it, where `etag` says which.
pub(super) async fn get(
    session: &Session,
    key: &str,
    etag: Option<&str>,
) -> Result<GetObjectOutput, ClientError> {
    let etag = etag.filter(|etag| !etag.is_empty());
    session
        .s3
        .get_object()
        .bucket(&session.backend.bucket)
        .key(key)
        .set_if_match(etag.map(|etag| format!("\"{etag}\"")))
        .send()
        .await
        .map_err(|error| ClientError::aws("The download of the thumbnail", &error))
}

/// Writes an answer's body to `file`, piece by piece: a thumbnail may be larger than one likes in memory.
/// How many bytes they were.
pub(super) async fn save_body(answer: GetObjectOutput, file: &Path) -> Result<u64, ClientError> {
    save_flowing(answer, file, STALLED).await
}

/// [`save_body`], where nothing may come for at most `stalled`.
async fn save_flowing(answer: GetObjectOutput, file: &Path, stalled: Duration) -> Result<u64, ClientError> {
    let failed = |error: &dyn std::fmt::Display| ClientError::folder(file, error);
    let own = file.to_owned();
    let created = blocking(move || disk::create(&own)).await;
    let mut target = tokio::fs::File::from_std(created.map_err(|error| failed(&error))?);
    let expected = answer.content_length.unwrap_or(-1);
    let (mut body, mut length) = (answer.body, 0);
    loop {
        let piece = tokio::time::timeout(stalled, body.next()).await;
        let piece = piece.map_err(|_| broken(format!("nothing came for {} s", stalled.as_secs())))?;
        let Some(piece) = piece else { break };
        let piece = piece.map_err(|error| broken(error.to_string()))?;
        length += piece.len() as i64;
        target.write_all(&piece).await.map_err(|error| failed(&error))?;
    }
    target.sync_data().await.map_err(|error| failed(&error))?;
    if expected >= 0 && length != expected {
        return Err(broken(format!("{length} of {expected} bytes came")));
    }
    Ok(length.unsigned_abs())
}

fn broken(reason: String) -> ClientError {
    ClientError::Aws {
        operation: "The download of the thumbnail",
        code: None,
        reason,
    }
}

/// Saves an object that is being answered to `file`, which appears whole or not at all.
pub(crate) async fn save(answer: GetObjectOutput, file: &Path) -> Result<u64, ClientError> {
    let failed = |error| ClientError::folder(file, error);
    let own = file.to_owned();
    let unfinished = blocking(move || {
        own.parent().map_or(Ok(()), disk::make_folder)?;
        Unfinished::private(&own)
    });
    let unfinished = unfinished.await.map_err(failed)?;
    let bytes = save_body(answer, unfinished.path()).await?;
    let own = file.to_owned();
    let put = blocking(move || unfinished.put(&own, Existing::Replace));
    put.await.map_err(failed)?;
    Ok(bytes)
}

/// What is put back with an object that was deleted.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Headers {
    pub(super) content_type: Option<String>,
    pub(super) cache_control: Option<String>,
    pub(super) content_disposition: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_language: Option<String>,
    pub(super) metadata: HashMap<String, String>,
}

impl Headers {
    pub(super) fn of(answer: &GetObjectOutput) -> Self {
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

/// Only what every file system takes.
fn safe(text: &str) -> String {
    let character = |c: char| {
        if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') {
            c
        } else {
            '-'
        }
    };
    text.chars().map(character).collect()
}

/// The end of a name, short enough for any file system whatever its alphabet.
fn safe_tail(name: &str) -> String {
    let characters: Vec<char> = safe(name).chars().collect();
    characters[characters.len().saturating_sub(40)..].iter().collect()
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use aws_sdk_s3::primitives::{ByteStream, SdkBody};

    use super::*;

    /// A body that never comes to its end.
    struct Stalled;

    impl http_body::Body for Stalled {
        type Data = bytes::Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
            Poll::Pending
        }
    }

    // Breaks if a download of which nothing comes any more is waited for for ever.
    #[tokio::test]
    async fn a_stalled_download_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.png");
        let body = ByteStream::new(SdkBody::from_body_1_x(Stalled));
        let answer = GetObjectOutput::builder().body(body).build();
        let saved = save_flowing(answer, &file, Duration::from_millis(1)).await;
        let error = saved.unwrap_err();
        assert_eq!(error.code(), None, "it is worth another try: {error}");
    }
}
