//! Opening videos at a distance, for window and command line: by which login, with which cache, and what is said of them.

use std::sync::Arc;

use posterframe_client::{Objects, Paths, RemoteVideo, SecretUrl};
use posterframe_player::VideoSource;
use posterframe_remote::{Cache, Object, Place, Remote, RemoteOptions, SourceError, Web};

use crate::format;
use crate::job_text::counted;

/// What is kept in memory of a video at a distance: more than the index of most.
const MEMORY_BYTES: u64 = 32 << 20;
/// What is kept on disk, unless someone says otherwise.
pub const CACHE_BYTES: u64 = 1_000_000_000;

/// The cache on disk of what was read, of at most `limit` bytes. Window and command line share it.
pub fn cache(paths: &Paths, limit: u64) -> Cache {
    Cache::new(paths.cache.join("videos"), limit)
}

/// How videos at a distance are opened.
#[derive(Clone)]
pub struct Opener {
    objects: Option<Objects>,
    cache: Option<Arc<Cache>>,
}

impl Opener {
    /// Reads objects by the login of `objects`, and keeps what was read in `cache`.
    pub fn new(objects: Option<Objects>, cache: Option<Arc<Cache>>) -> Self {
        Self { objects, cache }
    }

    /// The video at `place`. Makes no request before it is opened or read. Must be called in a tokio runtime, which makes
    /// the requests. With `waits`, a lost network is waited for without end once the video is open, and `changed` is called
    /// after each change of its counts.
    ///
    /// # Errors
    /// It is an object, and there is no login.
    pub fn video(
        &self,
        place: &Place,
        waits: bool,
        changed: Option<Box<dyn Fn() + Send + Sync>>,
    ) -> Result<Remote, SourceError> {
        let mut options = RemoteOptions {
            memory_bytes: MEMORY_BYTES,
            cache: self.cache.clone(),
            changed,
            ..RemoteOptions::default()
        };
        if waits {
            options.tries = None;
        }
        match (place, &self.objects) {
            (Place::Object { bucket, key }, Some(objects)) => {
                Ok(Remote::new(Object::new(objects.s3(bucket), bucket, key), options))
            }
            (Place::Object { .. }, None) => Err(SourceError::Unavailable {
                source_name: place.to_string(),
                reason: "there is no login".to_owned(),
            }),
            (Place::Web(address), _) => Ok(Remote::new(Web::new(address.clone()), options)),
        }
    }
}

/// What a submission says of an open video.
pub fn described(place: &Place, remote: &Remote) -> RemoteVideo {
    let has_query = matches!(place, Place::Web(address) if address.has_query());
    let etag = remote.version().and_then(|version| version.etag);
    RemoteVideo {
        url: place.to_string(),
        secret: has_query.then(|| SecretUrl::new(place.secret())),
        name: remote.file_name(),
        bytes: remote.size().unwrap_or_default(),
        // A weak tag may be another one for the same bytes.
        etag: etag.filter(|etag| !etag.starts_with("W/")),
    }
}

/// What was read, for people: `Read 2.1 MB of 48.2 GB, 31 requests`. Nothing for a file.
pub fn receipt(source: &VideoSource) -> Option<String> {
    let VideoSource::Remote(remote) = source else {
        return None;
    };
    let counts = remote.stats().counts();
    let from_disk = match counts.from_disk {
        0 => String::new(),
        bytes => format!("; {} from the disk", format::bytes(bytes)),
    };
    Some(format!(
        "Read {} of {}, {}{from_disk}",
        format::bytes(counts.bytes),
        format::bytes(remote.size()?),
        counted(counts.requests as usize, "request")
    ))
}
