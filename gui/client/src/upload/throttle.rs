//! The limit on what all uploads together take of the line.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::config::Rate;

/// Bytes of a file in memory at once, for each request on its way. Two wait while one is sent.
const CHUNK_BYTES: u64 = 512 << 10;
/// With a limit the chunks are smaller, so that they come several times a second.
const CHUNKS_PER_SECOND: u64 = 16;
const LEAST_CHUNK_BYTES: u64 = 4 << 10;
/// How soon a changed limit and a cancelled upload are noticed.
const NAP: Duration = Duration::from_millis(50);

/// Shared by all uploads of a client.
#[derive(Debug)]
pub(crate) struct Throttle(Mutex<State>);

#[derive(Debug)]
struct State {
    limit: Option<Rate>,
    /// When the next byte may go.
    free: Instant,
    /// Counts changes of the limit.
    generation: u64,
}

impl Throttle {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State {
            limit: None,
            free: Instant::now(),
            generation: 0,
        }))
    }

    pub(crate) fn limit(&self) -> Option<Rate> {
        self.0.lock().limit
    }

    /// Takes effect at once, also for what waits already.
    pub(crate) fn set_limit(&self, limit: Option<Rate>) {
        let mut state = self.0.lock();
        state.limit = limit;
        state.free = Instant::now();
        state.generation += 1;
    }

    /// How many bytes to read at once.
    pub(crate) fn chunk(&self) -> u64 {
        self.limit().map_or(CHUNK_BYTES, |limit| {
            (limit.bytes_per_second() / CHUNKS_PER_SECOND).clamp(LEAST_CHUNK_BYTES, CHUNK_BYTES)
        })
    }

    /// Blocks the thread until `bytes` may go, or `given_up`.
    pub(crate) fn wait(&self, bytes: u64, given_up: impl Fn() -> bool) {
        let (until, generation) = self.take(bytes);
        while !given_up() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.0.lock().generation != generation {
                return;
            }
            std::thread::sleep(left.min(NAP));
        }
    }

    /// When `bytes` may go. They are taken as gone.
    fn take(&self, bytes: u64) -> (Instant, u64) {
        let mut state = self.0.lock();
        let now = Instant::now();
        let Some(limit) = state.limit else {
            return (now, state.generation);
        };
        let start = state.free.max(now);
        state.free = start + Duration::from_secs_f64(bytes as f64 / limit.bytes_per_second() as f64);
        (start, state.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if several uploads together take more than the limit, or a lifted limit still holds.
    #[test]
    fn the_limit_is_for_all_together() {
        let throttle = Throttle::new();
        let now = Instant::now();
        assert!(throttle.take(u64::MAX).0 <= Instant::now());
        throttle.set_limit(Rate::new(1_000_000));
        for _ in 0..4 {
            throttle.take(500_000);
        }
        // The fifth waits for the two seconds that the four take.
        let (fifth, _) = throttle.take(1);
        assert!(fifth >= now + Duration::from_secs(2));
        assert_eq!(throttle.chunk(), 62_500);
        throttle.set_limit(None);
        assert!(throttle.take(1).0 <= Instant::now());
        assert_eq!(throttle.chunk(), CHUNK_BYTES);
    }
}
