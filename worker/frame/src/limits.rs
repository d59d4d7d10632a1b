//! The limits of a call: it ends when it is cancelled, or when it exceeds a limit of the options.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::{Error, Options};

/// The options' limits, and the counts of the current call. Clones share the counts.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    options: Options,
    spent: Arc<Mutex<Spent>>,
}

/// The counts of the current call.
#[derive(Debug)]
struct Spent {
    began: Instant,
    /// When the call last made progress.
    progress: Instant,
    /// Bytes of decoded pictures.
    decoded: u64,
}

impl Spent {
    fn nothing() -> Self {
        let now = Instant::now();
        Self {
            began: now,
            progress: now,
            decoded: 0,
        }
    }
}

impl Limits {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            spent: Arc::new(Mutex::new(Spent::nothing())),
        }
    }

    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }

    fn spent<T>(&self, look: impl FnOnce(&mut Spent) -> T) -> T {
        look(&mut self.spent.lock())
    }

    /// Begins a new call.
    pub(crate) fn restart(&self) {
        self.spent(|spent| *spent = Spent::nothing());
    }

    /// Notes progress: a decoded picture of `decoded` bytes, or 0 for anything else.
    pub(crate) fn progress(&self, decoded: u64) {
        self.spent(|spent| {
            spent.progress = Instant::now();
            spent.decoded += decoded;
        });
    }

    /// Notes that the reader took `time`. This does not count as a stall, since readers over a network have their own
    /// timeouts.
    pub(crate) fn waited(&self, time: Duration) {
        self.spent(|spent| spent.progress += time);
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let options = &self.options;
        if options.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let now = Instant::now();
        let over = |since: Instant, limit: Duration| now.saturating_duration_since(since) > limit;
        self.spent(|spent| {
            if over(spent.began, options.max_time) {
                Err(Error::TooSlow(options.max_time))
            } else if over(spent.progress, options.max_stall) {
                Err(Error::Stalled(options.max_stall))
            } else if spent.decoded > options.max_decoded_bytes {
                Err(Error::TooMuch(options.max_decoded_bytes))
            } else {
                Ok(())
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a limit is not enforced, its error names another one, or a new call counts the costs of the previous one.
    #[test]
    fn each_limit_is_named() {
        let long = Duration::from_hours(1);
        let limits = |max_time, max_stall, max_decoded_bytes| {
            Limits::new(Options {
                max_time,
                max_stall,
                max_decoded_bytes,
                ..Options::default()
            })
        };
        std::thread::sleep(Duration::from_millis(2));
        let slow = limits(Duration::ZERO, long, 9);
        let stalled = limits(long, Duration::from_millis(1), 9);
        let much = limits(long, long, 9);
        much.progress(10);
        std::thread::sleep(Duration::from_millis(2));
        assert!(matches!(slow.check(), Err(Error::TooSlow(_))));
        assert!(matches!(stalled.check(), Err(Error::Stalled(_))));
        stalled.waited(long);
        assert!(stalled.check().is_ok());
        assert!(matches!(much.check(), Err(Error::TooMuch(9))));
        much.restart();
        much.progress(9);
        assert!(much.check().is_ok());
    }
}
