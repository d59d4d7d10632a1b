//! Opening videos at a distance, for window and command line: by which login, with which cache, and what is said of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use posterframe_client::{
    Client, ClientError, FrameChoice, Objects, Paths, RemoteSubmission, RemoteVideo, SecretUrl, Submission,
};
use posterframe_contract::{JobId, OutputRequest, SheetRequest};
use posterframe_player::{Footage, VideoSource};
use posterframe_remote::{Cache, Object, Place, Remote, RemoteOptions, SourceError, Web};
use tokio::runtime::Handle;

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
    runtime: Handle,
}

impl Opener {
    /// Reads objects by the login of `objects`, and keeps what was read in `cache`. Requests run on `runtime`.
    pub fn new(objects: Option<Objects>, cache: Option<Arc<Cache>>, runtime: Handle) -> Self {
        Self {
            objects,
            cache,
            runtime,
        }
    }

    /// Whether it is known how to read the video. Objects need a login.
    pub fn reaches(&self, video: &Location) -> bool {
        self.objects.is_some() || !matches!(video, Location::Distant(Place::Object { .. }))
    }

    /// The video at `place`. Makes no request before it is opened or read. With `waits`, a lost network is waited for without
    /// end once the video is open, and `changed` is called after each change of its counts.
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
        let _runtime = self.runtime.enter();
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

/// Where a video is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file on this machine.
    File(PathBuf),
    /// An object or an address.
    Distant(Place),
}

impl Location {
    /// The place of one at a distance.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::File(_) => None,
            Self::Distant(place) => Some(place),
        }
    }

    /// Its path, or what stands for one: its address without what may be a secret.
    pub fn path(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            Self::Distant(place) => place.to_string().into(),
        }
    }
}

/// Reads a path as people write it. One of a file is made absolute: jobs outlive the folder that it is relative to.
///
/// # Errors
/// It begins like an object or an address, and is none.
impl TryFrom<&Path> for Location {
    type Error = anyhow::Error;

    fn try_from(path: &Path) -> anyhow::Result<Self> {
        Ok(match place(path)? {
            Some(place) => Self::Distant(place),
            None => Self::File(std::path::absolute(path).unwrap_or_else(|_| path.to_owned())),
        })
    }
}

/// Where the video is, if it is at a distance.
///
/// # Errors
/// The path begins like an object or an address, and is none.
pub fn place(video: &Path) -> anyhow::Result<Option<Place>> {
    let place = video.to_str().and_then(Place::parse).transpose();
    place.with_context(|| format!("this is no address of a video: {}", shown(video)))
}

/// Whether it is an address, or begins like one: what is wrong with it is said when it is opened.
pub fn is_distant(path: &Path) -> bool {
    !matches!(place(path), Ok(None))
}

/// The path as it is shown: what stands after a question mark in an address may be a secret.
pub fn shown(video: &Path) -> String {
    let text = video.display().to_string();
    let is_address = text.starts_with("https://") || text.starts_with("http://");
    match text.split_once('?') {
        Some((address, _)) if is_address => address.to_owned(),
        _ => text,
    }
}

/// Submits frames of a video; one at a distance stays where it is. It was read before.
///
/// # Errors
/// As of [`Client::submit`] and [`Client::submit_remote`].
pub fn submit(
    client: &Client,
    (video, footage): (&Location, &Footage),
    frames: Vec<FrameChoice>,
    (outputs, sheets): (Vec<OutputRequest>, Vec<SheetRequest>),
) -> Result<JobId, ClientError> {
    let interpretation = footage.interpretation;
    match (video, &footage.source) {
        (Location::Distant(place), VideoSource::Remote(remote)) => client.submit_remote(RemoteSubmission {
            source: described(place, remote),
            frames,
            outputs,
            sheets,
            interpretation,
        }),
        _ => client.submit(Submission {
            video: video.path(),
            frames,
            outputs,
            sheets,
            interpretation,
        }),
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
    match source {
        VideoSource::File(_) => None,
        VideoSource::Remote(remote) => {
            let from_disk = match remote.stats().counts().from_disk {
                0 => String::new(),
                bytes => format!("; {} from the disk", format::bytes(bytes)),
            };
            Some(format!("Read {}{from_disk}", was_read(remote)?))
        }
    }
}

/// How much of a video was read: `2.1 MB of 48.2 GB, 31 requests`. Nothing before it is open.
pub fn was_read(remote: &Remote) -> Option<String> {
    let counts = remote.stats().counts();
    Some(format!(
        "{} of {}, {}",
        format::bytes(counts.bytes),
        format::bytes(remote.size()?),
        counted(counts.requests as usize, "request")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a file is taken for an address, or an address’s secrets are printed with an error.
    #[test]
    fn what_is_at_a_distance() {
        assert_eq!(place(Path::new("s3:/b/v.mp4")).unwrap(), None);
        assert_eq!(place(Path::new("a?b.mp4")).unwrap(), None);
        assert_eq!(shown(Path::new("a?b.mp4")), "a?b.mp4");
        let found = place(Path::new("https://h/v.mp4?sig=secret")).unwrap().unwrap();
        assert_eq!(found.to_string(), "https://h/v.mp4");
        let error = place(Path::new("http://h/v.mp4?sig=secret")).unwrap_err();
        assert!(!format!("{error:#}").contains("secret"), "{error:#}");
    }
}
