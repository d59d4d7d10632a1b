//! The thumbnails in the bucket, whoever made them: listed, downloaded, linked to, deleted and brought back.

mod cache;
mod deletion;
mod follow;
mod index;
mod item;
mod link;
mod list;
mod object;
#[cfg(test)]
mod played;
mod state;
mod trash;

use std::sync::Arc;
use std::time::Duration;

use cache::Cache;
use parking_lot::Mutex;
use posterframe_contract::ThumbnailMetadata;
use state::State;
use tokio_util::sync::CancellationToken;
use trash::Trash;

use crate::aws::Session;
use crate::config::Paths;
use crate::error::ClientError;
use crate::store::JobRegistry;

pub use item::{Extent, GalleryItem, Listing};
pub use link::PresignedLink;
pub use object::CachedThumbnail;
pub use trash::DeletionId;

/// The thumbnails of one backend. Clones are the same gallery.
#[derive(Clone)]
pub struct Gallery {
    inner: Arc<State>,
}

impl Gallery {
    pub(crate) fn open(
        session: Session,
        registry: Arc<JobRegistry>,
        paths: &Paths,
        cache_bytes: u64,
    ) -> Self {
        let inner = State {
            cache: Cache::new(paths.cache.join("thumbnails"), cache_bytes),
            trash: Trash::new(paths.data.join("trash")),
            session,
            registry,
            index: Mutex::default(),
            listing: tokio::sync::Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Shows thumbnails of jobs that are done by themselves, until `closing`. Nothing is asked before someone has looked at
    /// the gallery.
    pub(crate) async fn follow(self, closing: CancellationToken) {
        follow::follow(&self.inner, closing).await;
    }

    /// What is known of the bucket. Answers at once; nothing is asked.
    pub fn listing(&self) -> Arc<Listing> {
        self.inner.index.lock().listing()
    }

    /// Lists the bucket. What comes is in [`Gallery::listing`] page by page; [`crate::Client::changes`] tells of each.
    ///
    /// # Errors
    /// AWS refuses, or cannot be reached.
    pub async fn refresh(&self, extent: Extent) -> Result<(), ClientError> {
        let _turn = self.inner.listing.lock().await;
        let listed = list::refresh(&self.inner, extent).await;
        self.inner
            .index
            .lock()
            .set_error(listed.as_ref().err().map(ToString::to_string));
        self.inner.registry.changed();
        listed
    }

    /// The picture as a file on this machine, and what the worker said of it: downloaded at most once.
    ///
    /// # Errors
    /// AWS refuses, or the cache cannot be written.
    pub async fn picture(&self, item: &GalleryItem) -> Result<CachedThumbnail, ClientError> {
        object::picture(&self.inner, item).await
    }

    /// What the worker said of a thumbnail whose picture has been here; asks nobody.
    pub fn known(&self, item: &GalleryItem) -> Option<Arc<ThumbnailMetadata>> {
        self.inner
            .cache
            .known(&object::cache_name(&self.inner.session, item))
    }

    /// A link to a thumbnail that works for `valid`, or as long as the login that signs it.
    ///
    /// # Errors
    /// There are no credentials to sign it with.
    pub async fn presign(&self, key: &str, valid: Duration) -> Result<PresignedLink, ClientError> {
        link::presign(&self.inner.session, key, valid).await
    }

    /// Whether there is room to keep these, so that deleting them can be undone.
    pub fn can_be_undone(&self, items: &[Arc<GalleryItem>]) -> bool {
        let bytes: u64 = items.iter().map(|item| item.bytes).sum();
        self.inner.trash.has_room(bytes)
    }

    /// Deletes thumbnails, and the WebVTT files of sheets with them. With `undoable`, each is on this machine, whole, before it leaves the bucket, and stays until
    /// the client is closed.
    ///
    /// # Errors
    /// One cannot be kept, in which case none is deleted, or AWS refuses.
    pub async fn delete(
        &self,
        items: &[Arc<GalleryItem>],
        undoable: bool,
    ) -> Result<Option<DeletionId>, ClientError> {
        deletion::delete(&self.inner, items, undoable).await
    }

    /// Puts back what a deletion took, with its metadata. Gives how many.
    ///
    /// # Errors
    /// Another object has such a key by now, or AWS refuses. What was not put back can be tried again.
    pub async fn restore(&self, deletion: DeletionId) -> Result<usize, ClientError> {
        deletion::restore(&self.inner, deletion).await
    }

    /// The latest deletion that can be undone.
    pub fn last_deletion(&self) -> Option<DeletionId> {
        self.inner.trash.last()
    }

    /// Bytes of downloaded pictures on disk.
    pub fn cache_bytes(&self) -> u64 {
        self.inner.cache.bytes()
    }

    /// The most that downloaded pictures may take on disk, from now on.
    pub fn set_cache_limit(&self, bytes: u64) {
        self.inner.cache.set_limit(bytes);
    }

    /// Deletes all downloaded pictures; those that are needed come again.
    ///
    /// # Errors
    /// A file cannot be deleted.
    pub fn clear_cache(&self) -> Result<(), ClientError> {
        let folder = self.inner.cache.folder();
        self.inner
            .cache
            .clear()
            .map_err(|error| ClientError::folder(folder, error))
    }
}
