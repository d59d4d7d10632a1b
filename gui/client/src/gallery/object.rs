//! A thumbnail's bytes, and what the worker stored beside them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;

use posterframe_contract::ThumbnailMetadata;

use super::item::GalleryItem;
use super::state::State;
use crate::aws::Session;
use crate::aws::download::{get, save_body};
use crate::error::ClientError;

/// A thumbnail on this machine.
#[derive(Clone, Debug)]
pub struct CachedThumbnail {
    /// The PNG. It may go with the cache; who needs it for longer copies it.
    pub file: PathBuf,
    /// What the worker said of it; `None` for a PNG that another program made.
    pub metadata: Option<Arc<ThumbnailMetadata>>,
}

pub(super) async fn picture(inner: &State, item: &GalleryItem) -> Result<CachedThumbnail, ClientError> {
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
    Ok(CachedThumbnail { file, metadata })
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
