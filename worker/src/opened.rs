//! The video as it is read: by ranges from a distance, or a file of this machine.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_sdk_s3::Client;
use posterframe_contract::log::BytesRead;
use posterframe_contract::names;
use posterframe_frame::{HintedReader, Source};
use posterframe_remote::{Object, Reader, Remote, RemoteOptions, SourceError, Web};

use crate::place::Input;

/// One version of a video, which is open.
#[derive(Clone)]
pub(crate) struct Opened {
    /// Its source, for the log and the manifest.
    pub(crate) name: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// Its `ETag`, where it has one.
    pub(crate) etag: Option<String>,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Remote(Remote),
    File {
        path: PathBuf,
        /// `None` where the file system keeps no times.
        modified: Option<SystemTime>,
    },
}

impl Opened {
    /// Opens `input`, an object with `client`.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) async fn open(client: &Client, input: &Input) -> Result<Self, SourceError> {
        let options = RemoteOptions::default();
        let remote = match input {
            Input::Object(object) => {
                let object = Object::new(client.clone(), &object.bucket, &object.key);
                Remote::new(object, options)
            }
            Input::Web(address) => Remote::new(Web::new(address.clone()), options),
            Input::File(path) => return Self::file(input.to_string(), path),
        };
        remote.open().await?;
        Ok(Self {
            name: remote.name(),
            bytes: remote.size().unwrap_or_default(),
            etag: remote.version().unwrap_or_default().etag,
            way: Way::Remote(remote),
        })
    }

    fn file(name: String, path: &Path) -> Result<Self, SourceError> {
        let (bytes, modified) = look(path).map_err(|error| SourceError::Unavailable {
            source_name: name.clone(),
            reason: error.to_string(),
        })?;
        if bytes == 0 {
            return Err(SourceError::Empty(name));
        }
        Ok(Self {
            name,
            bytes,
            etag: None,
            way: Way::File {
                path: path.to_owned(),
                modified,
            },
        })
    }

    /// Its file name, which a contact sheet says to people.
    pub(crate) fn file_name(&self) -> String {
        match &self.way {
            Way::Remote(remote) => remote.file_name(),
            Way::File { .. } => names::source_name(&self.name).to_owned(),
        }
    }

    /// Its bytes, for the decoder.
    pub(crate) fn source(&self) -> Source {
        match &self.way {
            Way::Remote(remote) => Source::Stream {
                reader: Box::new(HintedReader {
                    reader: remote.reader(),
                    will_read: Reader::will_read,
                    read_while: Reader::read_while,
                }),
                name: remote.file_name(),
            },
            Way::File { path, .. } => Source::File(path.clone()),
        }
    }

    /// The first failure of reading since the last call: libav only passes a number on.
    pub(crate) fn take_error(&self) -> Option<SourceError> {
        match &self.way {
            Way::Remote(remote) => remote.take_error(),
            Way::File { .. } => None,
        }
    }

    /// What was read over a network so far.
    pub(crate) fn read(&self) -> Option<BytesRead> {
        let Way::Remote(remote) = &self.way else {
            return None;
        };
        let (requests, bytes) = remote.stats().requests_and_bytes();
        Some(BytesRead {
            bytes,
            of: self.bytes,
            requests,
        })
    }

    /// Whether what was read is one version of it: a server is asked for that with each range, a file is looked at again.
    ///
    /// # Errors
    /// The file has changed since it was opened, or is gone.
    pub(crate) fn check(&self) -> Result<(), SourceError> {
        let Way::File { path, modified } = &self.way else {
            return Ok(());
        };
        match look(path) {
            Ok(now) if now == (self.bytes, *modified) => Ok(()),
            _ => Err(SourceError::Changed(self.name.clone())),
        }
    }
}

/// A file's size, and when it was last written.
fn look(path: &Path) -> std::io::Result<(u64, Option<SystemTime>)> {
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.len(), metadata.modified().ok()))
}
