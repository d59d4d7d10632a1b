//! What differs between S3 and the web: how a request for a range is made, and what its answer means.

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::primitives::ByteStream;

use crate::error::SourceError;

/// Identifies a version of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The `ETag`, with its quotes.
    pub etag: Option<String>,
    /// The `Last-Modified` date as the server writes it, to be sent back unchanged.
    pub last_modified: Option<String>,
}

impl Version {
    /// Whether two objects with this version have the same bytes. A weak tag promises less, and no tag nothing.
    pub(crate) fn is_strong(&self) -> bool {
        let is_strong = |etag: &String| !etag.starts_with("W/");
        self.etag.as_ref().is_some_and(is_strong) || self.last_modified.is_some()
    }
}

/// A server's answer, whose body has not been read.
pub struct Answer {
    /// The object's version.
    pub version: Version,
    /// Whether the body is the requested range; otherwise it is the whole object.
    pub is_range: bool,
    /// Size of the whole object, in bytes.
    pub size: u64,
    /// The body, as a stream.
    pub body: ByteStream,
}

/// Why a request failed.
#[derive(Debug)]
pub enum Failure {
    /// A later request may succeed.
    Temporary {
        /// The error.
        reason: String,
        /// The pause that the server asks for; zero if it asks for none.
        pause: Duration,
    },
    /// Later requests will fail too.
    Final(SourceError),
}

impl Failure {
    /// A temporary failure for which the server asks for no pause.
    pub fn temporary(reason: impl Into<String>) -> Self {
        Self::Temporary {
            reason: reason.into(),
            pause: Duration::ZERO,
        }
    }
}

/// Requests for ranges of one object.
#[async_trait]
pub trait Ranges: Send + Sync {
    /// The object's URI for the log and for errors, without secrets.
    fn name(&self) -> String;

    /// The object's file name.
    fn file_name(&self) -> String;

    /// What tells this object from all others: part of the key of its bytes in a cache. May contain secrets.
    fn identity(&self) -> String {
        self.name()
    }

    /// Makes one request, for the object in `version`, which is that of the first answer.
    ///
    /// # Errors
    /// The object cannot be read, or is no longer this version.
    async fn request(&self, bytes: Range<u64>, version: Option<&Version>) -> Result<Answer, Failure>;
}
