//! Where things are: videos, requests and files, in S3, on the web, or on this machine.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use posterframe_contract::names;
use posterframe_remote::{Address, Place};

/// Where the video is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// In S3, read with the task's own credentials.
    Object(Object),
    /// Anywhere on the web, read as anybody may.
    Web(Address),
    /// A file on this machine. No text in a request or in the environment leads to one, so that a task reads none: only who
    /// starts the worker for it can name it ([`crate::run_here`]).
    File(PathBuf),
}

/// `s3://bucket/key`, or the address without its query, which may be what gives access to it; of a file its name alone.
impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(object) => object.fmt(f),
            Self::Web(address) => address.fmt(f),
            Self::File(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                f.write_str(&names::file_source(&name))
            }
        }
    }
}

/// An object of S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
}

/// `s3://bucket/key`.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// A folder of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The bucket.
    pub bucket: String,
    /// The folder's key without slashes at its ends; empty for the bucket's root.
    pub key: String,
}

impl Folder {
    /// The folder's own name: a job's id, or what its request is called.
    pub fn name(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }

    /// The file of this name in it.
    pub fn file(&self, name: &str) -> Object {
        Object {
            bucket: self.bucket.clone(),
            key: match self.key.as_str() {
                "" => name.to_owned(),
                folder => format!("{folder}/{name}"),
            },
        }
    }
}

impl FromStr for Folder {
    type Err = ();

    /// Reads `bucket/folder`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (bucket, key) = text.split_once('/').unwrap_or((text, ""));
        let key = key.trim_matches('/').to_owned();
        match bucket {
            "" => Err(()),
            bucket => Ok(Self {
                bucket: bucket.to_owned(),
                key,
            }),
        }
    }
}

/// `bucket/key`, `s3://bucket/key`, or an address. One of S3's own, in either of its styles, is read with the task's
/// credentials, unless it carries a query, such as a signature of its own. An address is percent-encoded; the others
/// are taken as they are, and a key may hold `://` itself.
pub(crate) fn parse_input(text: &str) -> Option<Input> {
    if let Some(address) = text.strip_prefix("https://") {
        if let Some(Place::Object { bucket, key }) = Place::of_s3_address(address) {
            return Some(Input::Object(Object { bucket, key }));
        }
        return text.parse().ok().map(Input::Web);
    }
    let object = match text.split_once("://") {
        Some(("s3", object)) => object,
        // No bucket's name has a colon: what has one before any slash is an address.
        Some((scheme, _)) if !scheme.contains('/') => return text.parse().ok().map(Input::Web),
        _ => text,
    };
    object_at(object).map(Input::Object)
}

/// `bucket/key`.
fn object_at(path: &str) -> Option<Object> {
    let (bucket, key) = path.split_once('/')?;
    // No bucket's name has a colon: this is no address of ours either, such as `file:/folder/name`.
    (!bucket.is_empty() && !bucket.contains(':') && !key.is_empty()).then(|| Object {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
    })
}
