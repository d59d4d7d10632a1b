//! A remote video as a source of ranges: one version of it, whatever happens to the connection.
//!
//! What differs between S3 and the web is a [`Ranges`]: how one request is made and what its answer means. What is
//! the same is here: requests that fail in passing are made again after a pause that doubles, an answer that breaks
//! off or stands still is taken up where it ended, and an object that is no longer the one of the first answer is an
//! error instead of a mixture of two.

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

/// Requests in a row that may bring less than [`PROGRESS_BYTES`].
const MAX_TRIES: u32 = 5;
/// The pause before the second try; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// An answer that brought so many bytes counts as progress, even if the connection broke.
const PROGRESS_BYTES: usize = 64 << 10;
/// Timeout for the start of an answer, and for each further chunk of it.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(15);
/// Largest object that is read whole from a server which ignores ranges; it is kept in memory.
const MAX_WHOLE_BYTES: u64 = 16 << 20;

/// Why a video could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// It does not exist, this task may not read it, or the connection does not hold.
    #[error("{source_name} cannot be read: {reason}")]
    Unavailable {
        /// Where it is.
        source_name: String,
        /// What the server said, or what happened.
        reason: String,
    },
    /// It has no bytes.
    #[error("{0} is empty")]
    Empty(String),
    /// It is another object than at the first request.
    #[error("{0} was replaced while it was being read")]
    Changed(String),
    /// The server sends everything or nothing, and everything is too much.
    #[error(
        "{0} cannot be read in parts: its server serves no byte ranges, and it is larger than {limit} MiB",
        limit = MAX_WHOLE_BYTES >> 20
    )]
    NoRanges(String),
}

/// What tells one version of an object from another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The entity tag, with its quotes.
    pub etag: Option<String>,
    /// The date in the words of the server, to be sent back as it is.
    pub last_modified: Option<String>,
}

/// What a server answered, before its bytes have come.
pub struct Answer {
    /// Which version of the object it is about.
    pub version: Version,
    /// Whether it brings the range that was asked for; else it brings the whole object.
    pub is_range: bool,
    /// Bytes of the whole object.
    pub size: u64,
    /// The bytes, as they come.
    pub body: ByteStream,
}

/// Why a request brought nothing.
#[derive(Debug)]
pub enum Failure {
    /// It may go better the next time, after a pause at least so long.
    InPassing {
        /// What happened.
        reason: String,
        /// How long the server asks not to be asked.
        pause: Duration,
    },
    /// It will not.
    Final(SourceError),
}

impl Failure {
    /// A failure after which the server asks for no pause.
    pub fn in_passing(reason: impl Into<String>) -> Self {
        Self::InPassing {
            reason: reason.into(),
            pause: Duration::ZERO,
        }
    }
}

/// A way to ask for parts of one object.
pub trait Ranges: Send {
    /// Where the object is, for the log and for errors: nothing secret.
    fn name(&self) -> String;

    /// One request, for the object as it was at the first answer.
    fn request(
        &self,
        bytes: Range<u64>,
        version: Option<&Version>,
    ) -> impl Future<Output = Result<Answer, Failure>> + Send;
}

/// What was read so far. Clones show the same figures, so that the task keeps one while libav has the reader.
#[derive(Clone, Debug, Default)]
pub struct ReadStats(Arc<Mutex<(u64, u64)>>);

impl ReadStats {
    /// Requests, with those that failed, and bytes that they brought.
    pub fn requests_and_bytes(&self) -> (u64, u64) {
        *self.0.lock()
    }

    fn add(&self, requests: u64, bytes: u64) {
        let mut sums = self.0.lock();
        sums.0 += requests;
        sums.1 += bytes;
    }
}

/// One version of one object, read by ranges from a thread that may block.
pub struct Remote<R> {
    ranges: R,
    runtime: Handle,
    stats: ReadStats,
    /// The object's version and size, from the first answer on.
    known: Option<(Version, u64)>,
    patience: Duration,
    first_pause: Duration,
}

/// An opened video.
pub struct Opened<R: Ranges> {
    /// Its bytes.
    pub reader: RangedReader<Remote<R>>,
    /// What the reader has read.
    pub stats: ReadStats,
    /// Its length in bytes.
    pub size: u64,
    /// Which version of the object it is.
    pub version: Version,
}

impl<R: Ranges> Remote<R> {
    /// Opens the object with one request, which brings its size and its head.
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

    /// `wanted`, as far as the object reaches; all of it from a server that serves no ranges.
    async fn fetch(&mut self, wanted: Range<u64>) -> Result<Bytes, SourceError> {
        let mut got = BytesMut::new();
        let (mut tries, mut pause) = (1, self.first_pause);
        loop {
            let before = got.len();
            let (reason, longer) = match self.attempt(&wanted, &mut got).await {
                Ok(()) => return Ok(got.freeze()),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::InPassing { reason, pause }) => (reason, pause),
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

    /// One request for what is missing.
    async fn attempt(&mut self, wanted: &Range<u64>, got: &mut BytesMut) -> Result<(), Failure> {
        let start = wanted.start + got.len() as u64;
        self.stats.add(1, 0);
        let version = self.known.as_ref().map(|(version, _)| version);
        let waited = timeout(self.patience, self.ranges.request(start..wanted.end, version)).await;
        let answer = waited.map_err(|_| Failure::in_passing("no answer"))??;
        self.recognise(&answer)?;
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
            let piece = waited.map_err(|_| Failure::in_passing("the connection stands still"))?;
            let Some(piece) = piece else {
                return Err(Failure::in_passing(format!("{missing} bytes too few")));
            };
            let piece =
                piece.map_err(|error| Failure::in_passing(format!("the connection broke off ({error})")))?;
            // Whatever a server sends beyond what it was asked for is not taken.
            let taken = piece.len().min(missing as usize);
            self.stats.add(0, taken as u64);
            got.extend_from_slice(&piece[..taken]);
            missing -= taken as u64;
        }
        Ok(())
    }

    /// Whether the answer is about the object of the first one.
    fn recognise(&mut self, answer: &Answer) -> Result<(), Failure> {
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
