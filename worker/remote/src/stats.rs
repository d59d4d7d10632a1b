//! What was read of a video, as it is read: for a receipt, and for a line of text in a window.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

/// What was read so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadCounts {
    /// Requests, failed ones among them.
    pub requests: u64,
    /// Bytes that were received.
    pub bytes: u64,
    /// Bytes that came from the disk in place of a request.
    pub from_disk: u64,
    /// Bytes that are asked for and have not arrived.
    pub expected: u64,
    /// What the last request failed with, while it is tried again.
    pub trouble: Option<String>,
}

type OnChange = Box<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct Inner {
    counts: Mutex<ReadCounts>,
    changed: Option<OnChange>,
}

/// Counts of requests and bytes. Clones share the counts, so that the task can keep one while libav owns the reader.
#[derive(Clone, Default)]
pub struct ReadStats(Arc<Inner>);

impl fmt::Debug for ReadStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.counts().fmt(f)
    }
}

impl ReadStats {
    /// Counts that call `changed` after each change, on a thread of the runtime.
    pub(crate) fn new(changed: Option<OnChange>) -> Self {
        Self(Arc::new(Inner {
            counts: Mutex::default(),
            changed,
        }))
    }

    /// Number of requests, including failed ones, and number of received bytes.
    pub fn requests_and_bytes(&self) -> (u64, u64) {
        let counts = self.0.counts.lock();
        (counts.requests, counts.bytes)
    }

    /// All counts.
    pub fn counts(&self) -> ReadCounts {
        self.0.counts.lock().clone()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut ReadCounts)) {
        change(&mut self.0.counts.lock());
        if let Some(changed) = &self.0.changed {
            changed();
        }
    }
}
