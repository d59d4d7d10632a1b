//! Deletions that can be undone, on this machine until the app closes.

use std::fs;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use time::OffsetDateTime;

use crate::error::ClientError;
use crate::fs::{blocking, private};

/// The most that deleted thumbnails may take on disk until the app closes.
const MAX_TRASH_BYTES: u64 = 1 << 30;
/// In a deletion's folder while it is put back: what a crash cuts off goes on.
pub(super) const RESTORING: &str = "restoring";

/// A deletion that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeletionId(u64);

pub(super) struct Trash {
    pub(super) folder: PathBuf,
    pub(super) deletions: Mutex<Vec<Deletion>>,
}

#[derive(Clone)]
pub(super) struct Deletion {
    pub(super) id: DeletionId,
    pub(super) bytes: u64,
    pub(super) folder: PathBuf,
}

impl Trash {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            deletions: Mutex::default(),
        }
    }

    pub(super) fn has_room(&self, bytes: u64) -> bool {
        let used: u64 = self.deletions.lock().iter().map(|deletion| deletion.bytes).sum();
        used.saturating_add(bytes) <= MAX_TRASH_BYTES
    }

    pub(super) fn last(&self) -> Option<DeletionId> {
        self.deletions.lock().last().map(|deletion| deletion.id)
    }

    /// The app closes: what was deleted stays so. What is half put back stays here.
    pub(super) async fn empty(&self) {
        self.deletions.lock().clear();
        let trash = self.folder.clone();
        blocking(move || clear(&trash)).await;
    }

    pub(super) async fn begin(&self) -> Result<Deletion, ClientError> {
        // Milliseconds, so that no folder of an earlier start is taken.
        let number = OffsetDateTime::now_utc().unix_timestamp_nanos() as u64 / 1_000_000;
        let id = DeletionId(self.last().map_or(number, |last| number.max(last.0 + 1)));
        let folder = self.folder.join(id.0.to_string());
        let own = folder.clone();
        let made = blocking(move || private::make_folder(&own)).await;
        made.map_err(|error| ClientError::folder(&folder, error))?;
        Ok(Deletion { id, bytes: 0, folder })
    }
}

/// Clears all deletions away but for those that are half put back, which are given.
pub(super) fn clear(trash: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(trash).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path()).filter(|path| path.is_dir());
    let (half, rest): (Vec<PathBuf>, Vec<PathBuf>) =
        folders.partition(|folder| folder.join(RESTORING).exists());
    for folder in rest {
        let _ = fs::remove_dir_all(folder);
    }
    half
}
