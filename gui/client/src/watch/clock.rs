//! Time as the watcher needs it: a steady clock for all that it measures itself, and the calendar's only to be shown.
//! In tests both are set by hand.

use std::future::Future;
use std::time::Instant;

use time::OffsetDateTime;

/// What time it is.
pub(crate) trait Clock: Send + Sync + 'static {
    /// On the steady clock: it never jumps, whatever is done to the calendar's.
    fn now(&self) -> Instant;
    /// On the calendar's.
    fn wall(&self) -> OffsetDateTime;
    /// Waits until `at`.
    fn sleep_until(&self, at: Instant) -> impl Future<Output = ()> + Send;
}

/// The machine's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    async fn sleep_until(&self, at: Instant) {
        tokio::time::sleep_until(at.into()).await;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::*;

    /// A clock that stands until something waits for it.
    #[derive(Clone, Debug)]
    pub(crate) struct ManualClock {
        start: Instant,
        /// Steady time since the start, and what the calendar says more.
        state: Arc<Mutex<(Duration, time::Duration)>>,
    }

    impl ManualClock {
        pub(crate) fn new() -> Self {
            Self {
                start: Instant::now(),
                state: Arc::default(),
            }
        }

        /// Steady time since the start.
        pub(crate) fn passed(&self) -> Duration {
            self.state.lock().unwrap().0
        }

        pub(crate) fn advance_to(&self, at: Instant) {
            let mut state = self.state.lock().unwrap();
            state.0 = state.0.max(at.saturating_duration_since(self.start));
        }

        /// Sets the calendar.
        pub(crate) fn jump(&self, by: time::Duration) {
            self.state.lock().unwrap().1 += by;
        }
    }

    impl Clock for ManualClock {
        fn now(&self) -> Instant {
            self.start + self.passed()
        }

        fn wall(&self) -> OffsetDateTime {
            let (passed, jumped) = *self.state.lock().unwrap();
            OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000) + passed + jumped
        }

        async fn sleep_until(&self, at: Instant) {
            self.advance_to(at);
        }
    }
}
