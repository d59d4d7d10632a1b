//! What all parts of a gallery share.

use std::sync::Arc;

use parking_lot::Mutex;

use super::cache::Cache;
use super::index::GalleryIndex;
use super::trash::Trash;
use crate::aws::Session;
use crate::store::JobRegistry;

/// The parts of a gallery.
pub(super) struct State {
    pub(super) session: Session,
    pub(super) registry: Arc<JobRegistry>,
    pub(super) cache: Cache,
    pub(super) index: Mutex<GalleryIndex>,
    pub(super) trash: Trash,
    /// Held while a listing is under way.
    pub(super) listing: tokio::sync::Mutex<()>,
}
