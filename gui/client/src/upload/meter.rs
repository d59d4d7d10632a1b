//! How far an upload is, byte by byte, and how fast.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use posterframe_contract::JobId;
use tokio::time::Instant;

use crate::model::UploadProgress;
use crate::store::JobRegistry;

/// How often the progress is told.
const REPORT_INTERVAL: Duration = Duration::from_millis(100);
/// The rate is that of the last seconds: steady enough to be read, quick enough to be true.
const RATE_WINDOW: Duration = Duration::from_secs(5);
/// Fewer bytes do not tell how quick a line is.
const LEAST_RATED: u64 = 1 << 20;

/// The progress of one upload.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    total: AtomicU64,
    /// Bytes that were in the bucket already.
    there: AtomicU64,
    /// Bytes handed to the network, less those of requests that failed.
    sent: AtomicU64,
    /// Bytes of requests that succeeded.
    accepted: AtomicU64,
    history: Mutex<VecDeque<(Instant, u64)>>,
}

impl Meter {
    /// Begins with nothing of `total` bytes.
    pub(crate) fn begin(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
        self.there.store(0, Ordering::Relaxed);
        self.sent.store(0, Ordering::Relaxed);
        self.accepted.store(0, Ordering::Relaxed);
        self.history.lock().clear();
    }

    /// Bytes that need not be sent.
    pub(crate) fn skip(&self, bytes: u64) {
        self.there.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Whether this run has brought any request to its end.
    pub(crate) fn has_moved(&self) -> bool {
        self.accepted.load(Ordering::Relaxed) > 0
    }

    /// How quickly the bucket took what it has taken since [`Self::begin`], which was `took` ago, in bytes a second. `None`
    /// where that is too little to tell: then it is the answers that were waited for.
    pub(crate) fn rate(&self, took: Duration) -> Option<u64> {
        let bytes = self.accepted.load(Ordering::Relaxed);
        (bytes >= LEAST_RATED).then(|| (bytes as f64 / took.as_secs_f64().max(0.001)) as u64)
    }

    /// Tells `registry` of the job's progress, for as long as it is polled.
    pub(crate) async fn tell(&self, registry: &JobRegistry, id: JobId) -> Infallible {
        loop {
            let progress = self.look(Instant::now());
            let moving = self.sent.load(Ordering::Relaxed) > 0;
            registry.change(id, |job| {
                job.upload = Some(progress);
                if moving {
                    job.wait = None;
                }
            });
            tokio::time::sleep(REPORT_INTERVAL).await;
        }
    }

    fn look(&self, now: Instant) -> UploadProgress {
        let sent = self.sent.load(Ordering::Relaxed);
        let mut history = self.history.lock();
        history.push_back((now, sent));
        // The oldest entry is the last one that is not too young.
        while history.get(1).is_some_and(|(time, _)| now - *time >= RATE_WINDOW) {
            history.pop_front();
        }
        let bytes_per_second = history.front().map_or(0.0, |(time, then)| {
            let seconds = (now - *time).as_secs_f64();
            if seconds > 0.0 {
                sent.saturating_sub(*then) as f64 / seconds
            } else {
                0.0
            }
        });
        let total = self.total.load(Ordering::Relaxed);
        UploadProgress {
            sent: (self.there.load(Ordering::Relaxed) + sent).min(total),
            total,
            bytes_per_second,
        }
    }
}

/// What one request has handed to the network. It counts until the request fails.
#[derive(Debug)]
pub(crate) struct RequestProgress {
    meter: Arc<Meter>,
    bytes: AtomicU64,
    /// Bytes of all tries of the request: it only grows.
    moved: AtomicU64,
}

impl RequestProgress {
    pub(crate) fn new(meter: &Arc<Meter>) -> Arc<Self> {
        Arc::new(Self {
            meter: meter.clone(),
            bytes: AtomicU64::new(0),
            moved: AtomicU64::new(0),
        })
    }

    /// A new try begins: what the last one handed over does not count.
    pub(crate) fn begin(&self) {
        let bytes = self.bytes.swap(0, Ordering::Relaxed);
        self.meter.sent.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.moved.fetch_add(bytes, Ordering::Relaxed);
        self.meter.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The request succeeded: its bytes stay.
    pub(crate) fn keep(&self) {
        let bytes = self.bytes.swap(0, Ordering::Relaxed);
        self.meter.accepted.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Returns once nothing has moved for `patience`.
    pub(crate) async fn stalled(&self, patience: Duration) {
        let mut last = (self.moved.load(Ordering::Relaxed), Instant::now());
        loop {
            tokio::time::sleep(patience / 8).await;
            let moved = self.moved.load(Ordering::Relaxed);
            if moved != last.0 {
                last = (moved, Instant::now());
            } else if last.1.elapsed() >= patience {
                return;
            }
        }
    }
}

impl Drop for RequestProgress {
    fn drop(&mut self) {
        self.begin();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a failed request's bytes count as sent, or a finished one's do not.
    #[test]
    fn failed_tries_do_not_count() {
        let meter = Arc::new(Meter::default());
        meter.begin(100);
        meter.skip(40);
        let progress = RequestProgress::new(&meter);
        progress.add(30);
        assert_eq!(meter.look(Instant::now()).sent, 70);
        progress.begin();
        progress.add(20);
        assert_eq!(meter.look(Instant::now()).sent, 60);
        drop(progress);
        assert_eq!(meter.look(Instant::now()).sent, 40);
        assert!(!meter.has_moved());
        let progress = RequestProgress::new(&meter);
        progress.add(10);
        progress.keep();
        drop(progress);
        assert_eq!(meter.look(Instant::now()).sent, 50);
        assert!(meter.has_moved());
    }

    // Breaks if the rate is that since the start: it would not show a line that has come to a halt.
    #[test]
    fn the_rate_is_of_the_last_seconds() {
        let meter = Arc::new(Meter::default());
        meter.begin(1_000_000);
        let progress = RequestProgress::new(&meter);
        let start = Instant::now();
        meter.look(start);
        for second in 1..=10 {
            progress.add(1000);
            let rate = meter.look(start + Duration::from_secs(second)).bytes_per_second;
            assert!((rate - 1000.0).abs() < 1.0, "{rate}");
        }
        for second in 11..=20 {
            meter.look(start + Duration::from_secs(second));
        }
        assert_eq!(meter.look(start + Duration::from_secs(21)).bytes_per_second, 0.0);
    }
}
