//! Where the open video is: in a file, or at a distance. Each thread of a player opens it for itself; what one of them has
//! read of a video at a distance, the others need not fetch.

use std::path::{Path, PathBuf};
use std::time::Duration;

use posterframe_frame::{Error, HintedReader, Options, Source};
use posterframe_remote::{Reader, Remote, SourceError};

use super::Failure;

/// Longest time of one call on a video at a distance: a lost network is waited for, and a newer request ends the wait.
const REMOTE_TIMEOUT: Duration = Duration::from_hours(24);
/// Largest video at a distance whose frames are all looked up: larger ones would have to be read completely.
const MAX_INDEXED_BYTES: u64 = 32 << 20;

/// Where a video is.
#[derive(Clone, Debug)]
pub enum VideoSource {
    /// A file on this machine.
    File(PathBuf),
    /// An object or an address.
    Remote(Remote),
}

impl VideoSource {
    /// Its name, without secrets: for titles and messages.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Remote(remote) => remote.name(),
        }
    }

    /// What files of it are named after.
    pub fn file_name(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            Self::Remote(remote) => remote.file_name().into(),
        }
    }

    /// What went wrong, in words: what the network said, where that is why libav failed.
    pub fn failure(&self, error: &Error) -> Failure {
        match self.take_error() {
            Some(source) => Failure {
                text: source.to_string(),
                advice: source.advice(),
            },
            None => Failure::from(error),
        }
    }

    /// The failure to read that libav made another one of.
    pub fn take_error(&self) -> Option<SourceError> {
        match self {
            Self::File(_) => None,
            Self::Remote(remote) => remote.take_error(),
        }
    }

    /// `options` with as much time as reading from there may take: a lost network is waited for.
    pub fn options(&self, options: Options) -> Options {
        match self {
            Self::File(_) => options,
            Self::Remote(_) => Options {
                max_time: REMOTE_TIMEOUT,
                ..options
            },
        }
    }

    /// Whether the times of all frames may be looked up, once the video is open.
    pub(super) fn may_be_indexed(&self) -> bool {
        match self {
            Self::File(_) => true,
            Self::Remote(remote) => remote.size().is_some_and(|size| size <= MAX_INDEXED_BYTES),
        }
    }
}

/// Opens the video once more.
impl From<&VideoSource> for Source {
    fn from(source: &VideoSource) -> Self {
        match source {
            VideoSource::File(path) => Self::File(path.clone()),
            VideoSource::Remote(remote) => Self::Stream {
                reader: Box::new(HintedReader {
                    reader: remote.reader(),
                    will_read: Reader::will_read,
                    read_while: Reader::read_while,
                }),
                name: remote.file_name(),
            },
        }
    }
}

impl From<&Path> for VideoSource {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&PathBuf> for VideoSource {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<Remote> for VideoSource {
    fn from(remote: Remote) -> Self {
        Self::Remote(remote)
    }
}
