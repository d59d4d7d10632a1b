//! Fetches a range over connections that may fail.
//!
//! Requests that fail temporarily are repeated, after a pause that doubles each time. An answer that breaks off or stalls is
//! taken up where it ended. And it fails if the object was replaced since the first answer, so that two versions are never
//! mixed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::error::{MAX_WHOLE_BYTES, SourceError};
use crate::link::MIN_REQUEST_BYTES;
use crate::ranges::{Answer, Failure};
use crate::shared::Shared;
use crate::transfer::Transfer;

/// Number of bytes from which a broken answer counts as progress.
const PROGRESS_BYTES: u64 = 64 << 10;
/// Longest pause between two tries.
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// Tries of the first request where later ones have no limit: an address that is wrong should say so.
const OPENING_TRIES: u32 = 5;

/// More than this is not waited for once nobody wants it.
const MAX_IN_FLIGHT_BYTES: u64 = 1 << 20;

/// How an attempt ended.
enum Ended {
    /// All bytes are there, or nobody wants the rest.
    Ranged,
    /// The server sent the whole object.
    Whole,
}

impl Shared {
    /// Fetches the bytes of `transfer`, and ends it.
    pub(crate) async fn fetch(self: Arc<Self>, transfer: Arc<Transfer>) {
        let how = self.fetched(&transfer).await;
        let is_whole = matches!(how, Ok(Ended::Whole));
        self.end(&transfer, how.map(drop), is_whole);
    }

    async fn fetched(&self, transfer: &Transfer) -> Result<Ended, SourceError> {
        let (mut tries, mut pause) = (1, self.options.first_pause);
        loop {
            let before = transfer.missing();
            let (reason, longer) = match self.attempt(transfer).await {
                Ok(ended) => return Ok(ended),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Temporary { reason, pause }) => (reason, pause),
            };
            let is_open = self.state.lock().known.is_some();
            let limit = self.options.tries.or((!is_open).then_some(OPENING_TRIES));
            if transfer.missing().start >= before.start + PROGRESS_BYTES {
                (tries, pause) = (1, self.options.first_pause);
            } else if limit == Some(tries) {
                return Err(SourceError::Unavailable {
                    source_name: self.ranges.name(),
                    reason: format!("{reason}, {tries} times in a row"),
                });
            } else {
                tries += 1;
            }
            if !transfer.is_wanted() {
                return Ok(Ended::Ranged);
            }
            tracing::warn!("bytes {}..{}: {reason}; trying again", before.start, before.end);
            self.stats.change(|counts| counts.trouble = Some(reason));
            tokio::time::sleep(pause.max(longer)).await;
            pause = (pause * 2).min(MAX_PAUSE);
        }
    }

    /// Makes one request for the missing bytes.
    async fn attempt(&self, transfer: &Transfer) -> Result<Ended, Failure> {
        let wanted = transfer.missing();
        let version = self
            .state
            .lock()
            .known
            .as_ref()
            .map(|(version, _)| version.clone());
        self.stats.change(|counts| counts.requests += 1);
        let patience = self.options.patience;
        let began = Instant::now();
        let waited = timeout(patience, self.ranges.request(wanted.clone(), version.as_ref())).await;
        let answer = waited.map_err(|_| Failure::temporary("no answer"))??;
        let answered = Instant::now();
        self.link.answered(answered - began);
        if !answer.is_range && (transfer.start() != 0 || answer.size > MAX_WHOLE_BYTES) {
            return Err(Failure::Final(SourceError::NoRanges(self.ranges.name())));
        }
        self.check_version(&answer)?;
        let mut missing = wanted.end.min(answer.size).saturating_sub(wanted.start);
        if answer.is_range {
            self.ends_at(transfer, wanted.end.min(answer.size), false);
        } else {
            self.ends_at(transfer, answer.size, true);
            missing = answer.size;
        }
        self.stats.change(|counts| counts.trouble = None);
        // Those who wait for the size wait no more.
        transfer.tell();
        let (mut body, mut got) = (answer.body, 0);
        while missing > 0 {
            let waited = timeout(patience, body.next()).await;
            let piece = waited.map_err(|_| Failure::temporary("the connection stands still"))?;
            let Some(piece) = piece else {
                return Err(Failure::temporary(format!("{missing} bytes too few")));
            };
            let piece =
                piece.map_err(|error| Failure::temporary(format!("the connection broke off ({error})")))?;
            // Bytes beyond the requested range are ignored.
            let taken = (piece.len() as u64).min(missing);
            self.stats.change(|counts| {
                counts.bytes += taken;
                counts.expected = counts.expected.saturating_sub(taken);
            });
            transfer.take(&piece[..taken as usize]);
            missing -= taken;
            got += taken;
            // What is in flight would arrive anyway.
            let in_flight = self
                .link
                .in_flight_bytes()
                .clamp(MIN_REQUEST_BYTES, MAX_IN_FLIGHT_BYTES);
            if missing > in_flight && !transfer.is_wanted() && answer.is_range {
                break;
            }
        }
        self.link.received(got, answered.elapsed());
        Ok(if answer.is_range {
            Ended::Ranged
        } else {
            Ended::Whole
        })
    }

    /// Corrects where a transfer ends, and what is expected of it.
    fn ends_at(&self, transfer: &Transfer, end: u64, again: bool) {
        let before = transfer.missing();
        transfer.becomes(end, again);
        let now = transfer.missing();
        self.stats.change(|counts| {
            counts.expected =
                counts.expected.saturating_sub(before.end - before.start) + (now.end - now.start);
        });
    }

    /// Checks that the answer is for the same version as the first one, which it notes.
    fn check_version(&self, answer: &Answer) -> Result<(), Failure> {
        if answer.size == 0 {
            return Err(Failure::Final(SourceError::Empty(self.ranges.name())));
        }
        let known = self.state.lock().known.clone();
        let Some((version, size)) = known else {
            self.becomes_known(&answer.version, answer.size);
            return Ok(());
        };
        if version == answer.version && size == answer.size {
            Ok(())
        } else {
            Err(Failure::Final(SourceError::Changed(self.ranges.name())))
        }
    }
}
