//! What is known of the thumbnails in the bucket.

use std::sync::Arc;

use posterframe_contract::JobId;
use time::OffsetDateTime;

/// The extension of WebVTT files.
pub(super) const CUES: &str = ".vtt";

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
    /// The WebVTT file of a sheet, beside its first picture.
    pub cues: Option<Arc<GalleryItem>>,
}

impl GalleryItem {
    /// Whether it is a WebVTT file, which is shown with its sheet only.
    pub(super) fn is_cues(&self) -> bool {
        self.name.ends_with(CUES)
    }

    /// Its key without the extension, which a sheet's picture and its WebVTT file share.
    pub(super) fn stem(&self) -> &str {
        self.key.rsplit_once('.').map_or(&self.key, |(stem, _)| stem)
    }
}

/// What is known of the bucket at the moment.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The thumbnails, newest first.
    pub items: Arc<Vec<Arc<GalleryItem>>>,
    /// Counts up whenever `items` changes.
    pub revision: u64,
    /// Whether all of the bucket's thumbnails folder has been listed once.
    pub complete: bool,
    /// Why the last listing failed.
    pub error: Option<String>,
}

/// How much of the bucket a refresh lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it: a request for each thousand thumbnails.
    All,
    /// What jobs of the last days and people with names of their own put there: mostly a single request.
    Recent,
}
