//! A remote video as a source of ranges of one version of it, over connections that may fail.
//!
//! [`Ranges`] is the part that differs between S3 and the web: how a request is made, and what its answer means. This
//! module is the common part. It repeats requests that fail temporarily, after a pause that doubles each time. It
//! continues an answer that breaks off or stalls where it ended. And it fails if the object was replaced since the first
//! answer, so that two versions are never mixed.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::ranged::{RangeSource, RangedReader};

/// Most requests in a row that bring less than [`PROGRESS_BYTES`].
const MAX_TRIES: u32 = 5;
/// Pause before the second try. Each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// Number of bytes from which a broken answer counts as progress.
const PROGRESS_BYTES: usize = 64 << 10;
/// Timeout for the start of an answer, and for each further chunk of it.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(15);
/// Largest object that is read completely, into memory, from a server that ignores ranges.
const MAX_WHOLE_BYTES: u64 = 16 << 20;

/// Why a video could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// It does not exist, the task may not read it, or the connection fails.
    #[error("{source_name} cannot be read: {reason}")]
    Unavailable {
        /// The video's URI, without secrets.
        source_name: String,
        /// The server's message, or the error.
        reason: String,
    },
    /// The object has no bytes.
    #[error("{0} is empty")]
    Empty(String),
    /// The object was replaced since the first request.
    #[error("{0} was replaced while it was being read")]
    Changed(String),
    /// The server ignores ranges, and the object is too large to be read completely.
    #[error(
        "{0} cannot be read in parts: its server serves no byte ranges, and it is larger than {limit} MiB",
        limit = MAX_WHOLE_BYTES >> 20
    )]
    NoRanges(String),
}

/// Identifies a version of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The `ETag`, with its quotes.
    pub etag: Option<String>,
    /// The `Last-Modified` date as the server writes it, to be sent back unchanged.
    pub last_modified: Option<String>,
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
pub trait Ranges: Send {
    /// The object's URI for the log and for errors, without secrets.
    fn name(&self) -> String;

    /// Makes one request, for the object in `version`, which is that of the first answer.
    ///
    /// # Errors
    /// The object cannot be read, or is no longer this version.
    fn request(
        &self,
        bytes: Range<u64>,
        version: Option<&Version>,
    ) -> impl Future<Output = Result<Answer, Failure>> + Send;
}

/// Counts of requests and bytes. Clones share the counts, so that the task can keep one while libav owns the reader.
#[derive(Clone, Debug, Default)]
pub struct ReadStats(Arc<Mutex<(u64, u64)>>);

impl ReadStats {
    /// Number of requests, including failed ones, and number of received bytes.
    pub fn requests_and_bytes(&self) -> (u64, u64) {
        *self.0.lock()
    }

    fn add(&self, requests: u64, bytes: u64) {
        let mut sums = self.0.lock();
        sums.0 += requests;
        sums.1 += bytes;
    }
}

/// One version of one object, read by ranges, on a thread that may block.
pub struct Remote<R> {
    ranges: R,
    runtime: Handle,
    stats: ReadStats,
    /// The object's version and size; `None` before the first answer.
    known: Option<(Version, u64)>,
    patience: Duration,
    first_pause: Duration,
}

/// An opened video.
pub struct Opened<R: Ranges> {
    /// The reader of its bytes.
    pub reader: RangedReader<Remote<R>>,
    /// The reader's counts.
    pub stats: ReadStats,
    /// Its size, in bytes.
    pub size: u64,
    /// Which version of the object it is.
    pub version: Version,
}

impl<R: Ranges> Remote<R> {
    /// Opens the object with one request, which gets its size and its first bytes.
    ///
    /// # Errors
    /// The object cannot be read, is empty, or is on a server that ignores ranges and too large.
    pub async fn open(ranges: R) -> Result<Opened<R>, SourceError> {
        Self {
            ranges,
            runtime: Handle::current(),
            stats: ReadStats::default(),
            known: None,
            patience: RESPONSE_TIMEOUT,
            first_pause: FIRST_PAUSE,
        }
        .opened()
        .await
    }

    async fn opened(mut self) -> Result<Opened<R>, SourceError> {
        let head = self.fetch(0..RangedReader::<Self>::head_bytes()).await?;
        let (version, size) = self.known.clone().unwrap_or_default();
        Ok(Opened {
            version,
            stats: self.stats.clone(),
            reader: RangedReader::new(self, size, head),
            size,
        })
    }

    /// The bytes of `wanted`, up to the object's end; the whole object if the server ignores ranges.
    async fn fetch(&mut self, wanted: Range<u64>) -> Result<Bytes, SourceError> {
        let mut got = BytesMut::new();
        let (mut tries, mut pause) = (1, self.first_pause);
        loop {
            let before = got.len();
            let (reason, longer) = match self.attempt(&wanted, &mut got).await {
                Ok(()) => return Ok(got.freeze()),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Temporary { reason, pause }) => (reason, pause),
            };
            if got.len() >= before + PROGRESS_BYTES {
                (tries, pause) = (1, self.first_pause);
            } else if tries == MAX_TRIES {
                return Err(SourceError::Unavailable {
                    source_name: self.ranges.name(),
                    reason: format!("{reason}, {MAX_TRIES} times in a row"),
                });
            } else {
                tries += 1;
            }
            tracing::warn!("bytes {}..{}: {reason}; trying again", wanted.start, wanted.end);
            tokio::time::sleep(pause.max(longer)).await;
            pause *= 2;
        }
    }

    /// Makes one request for the missing bytes, and appends them to `got`.
    async fn attempt(&mut self, wanted: &Range<u64>, got: &mut BytesMut) -> Result<(), Failure> {
        let start = wanted.start + got.len() as u64;
        self.stats.add(1, 0);
        let version = self.known.as_ref().map(|(version, _)| version);
        let waited = timeout(self.patience, self.ranges.request(start..wanted.end, version)).await;
        let answer = waited.map_err(|_| Failure::temporary("no answer"))??;
        self.check_version(&answer)?;
        let mut missing = wanted.end.min(answer.size).saturating_sub(start);
        if !answer.is_range {
            if wanted.start != 0 || answer.size > MAX_WHOLE_BYTES {
                return Err(Failure::Final(SourceError::NoRanges(self.ranges.name())));
            }
            got.clear();
            missing = answer.size;
        }
        got.reserve(missing as usize);
        let mut body = answer.body;
        while missing > 0 {
            let waited = timeout(self.patience, body.next()).await;
            let piece = waited.map_err(|_| Failure::temporary("the connection stands still"))?;
            let Some(piece) = piece else {
                return Err(Failure::temporary(format!("{missing} bytes too few")));
            };
            let piece =
                piece.map_err(|error| Failure::temporary(format!("the connection broke off ({error})")))?;
            // Bytes beyond the requested range are ignored.
            let taken = piece.len().min(missing as usize);
            self.stats.add(0, taken as u64);
            got.extend_from_slice(&piece[..taken]);
            missing -= taken as u64;
        }
        Ok(())
    }

    /// Checks that the answer is for the same version as the first one, which it notes.
    fn check_version(&mut self, answer: &Answer) -> Result<(), Failure> {
        if answer.size == 0 {
            return Err(Failure::Final(SourceError::Empty(self.ranges.name())));
        }
        let (version, size) = self
            .known
            .get_or_insert_with(|| (answer.version.clone(), answer.size));
        if *version == answer.version && *size == answer.size {
            Ok(())
        } else {
            Err(Failure::Final(SourceError::Changed(self.ranges.name())))
        }
    }
}

impl<R: Ranges> RangeSource for Remote<R> {
    fn get(&mut self, start: u64, end: u64) -> io::Result<Bytes> {
        let runtime = self.runtime.clone();
        runtime.block_on(self.fetch(start..end)).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests;
