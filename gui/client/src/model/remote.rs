//! A video that is not sent: the task reads it where it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An address with a query, which may be what gives access. It is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// The address.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretUrl(…)")
    }
}

/// A video at a distance, as it was when its frames were chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteVideo {
    /// `s3://bucket/key`, or its address without the query.
    pub url: String,
    /// The whole address, where it has a query.
    pub secret: Option<SecretUrl>,
    /// Its file name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its `ETag`, with its quotes: the task refuses another version.
    pub etag: Option<String>,
}

impl RemoteVideo {
    /// Bucket and key of an object.
    pub fn object(&self) -> Option<(&str, &str)> {
        self.url.strip_prefix("s3://")?.split_once('/')
    }
}

/// What a job notes of a video at a distance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSource {
    /// `s3://bucket/key`, or the address without its query.
    pub url: String,
    /// Whether the request needs the address's query.
    pub(crate) has_secret: bool,
    /// The whole address, only until the request is in the bucket: the history is no place for it. Another try reads the
    /// request there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<SecretUrl>,
}

impl JobSource {
    pub(crate) fn of(video: &RemoteVideo) -> Self {
        Self {
            url: video.url.clone(),
            has_secret: video.secret.is_some(),
            secret: video.secret.clone(),
        }
    }

    /// What the request says.
    pub(crate) fn request_url(&self) -> &str {
        self.secret.as_ref().map_or(&self.url, SecretUrl::expose)
    }

    /// Whether the request cannot be made before the address is read from the one in the bucket.
    pub(crate) const fn lacks_secret(&self) -> bool {
        self.has_secret && self.secret.is_none()
    }
}
