//! What all parts of a gallery share.

use std::sync::Arc;

use parking_lot::Mutex;

use super::cache::Cache;
use super::index::Shelf;
use super::trash::Trash;
use crate::aws::Session;
use crate::store::Hub;

/// The parts of a gallery.
pub(super) struct State {
    pub(super) session: Session,
    pub(super) hub: Arc<Hub>,
    pub(super) cache: Cache,
    pub(super) shelf: Mutex<Shelf>,
    pub(super) trash: Trash,
    /// Held while a listing is under way.
    pub(super) listing: tokio::sync::Mutex<()>,
}
