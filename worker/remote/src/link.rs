//! How quick the link to the server is, measured with each answer, and how much is asked for at once on such a link.

use std::time::Duration;

use parking_lot::Mutex;

/// Size of the smallest request.
pub(crate) const MIN_REQUEST_BYTES: u64 = 64 << 10;
/// Size of the largest request. A longer read is several requests, so that memory stays bounded.
pub(crate) const MAX_REQUEST_BYTES: u64 = 4 << 20;
/// Size of the largest request after a seek that nothing was said about: most such reads want little.
const MAX_FIRST_BYTES: u64 = 256 << 10;
/// From this time to an answer's first byte, requests are made larger to be fewer.
const SLOW_ANSWER: Duration = Duration::from_millis(10);
/// From this rate, in bytes a second, one connection is likely to be slower than the link: several requests at once help.
/// On a slower link they would only share it, and what is needed first would come later.
const FAST_LINK: f64 = 8e6;
/// Weight of the newest measurement.
const NEWEST: f64 = 0.3;
/// An answer with fewer bytes says nothing about the rate: they may all have come with its beginning.
const MIN_SAMPLE_BYTES: u64 = 256 << 10;
/// A wait that is longer than the shortest one counts this much towards it: the server was busy, or the link has changed.
const LONGER: f64 = 0.05;

#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    /// Seconds to an answer's first byte.
    latency: Option<f64>,
    /// Bytes a second after that.
    rate: Option<f64>,
}

/// The measured link.
#[derive(Debug, Default)]
pub(crate) struct Link(Mutex<Measured>);

fn mixed(old: Option<f64>, new: f64) -> f64 {
    old.map_or(new, |old| old * (1.0 - NEWEST) + new * NEWEST)
}

impl Link {
    /// An answer began this long after its request. The shortest wait is the link's; longer ones are a connection's
    /// beginning, or a server that was busy.
    pub(crate) fn answered(&self, after: Duration) {
        let new = after.as_secs_f64();
        let mut measured = self.0.lock();
        measured.latency = Some(match measured.latency {
            Some(old) if new > old => old + (new - old) * LONGER,
            _ => new,
        });
    }

    /// So many bytes of an answer came within this time of its beginning.
    pub(crate) fn received(&self, bytes: u64, within: Duration) {
        let seconds = within.as_secs_f64();
        if bytes >= MIN_SAMPLE_BYTES && seconds > 0.0 {
            let mut measured = self.0.lock();
            measured.rate = Some(mixed(measured.rate, bytes as f64 / seconds));
        }
    }

    /// Bytes that come in the time that an answer takes to begin.
    pub(crate) fn in_flight_bytes(&self) -> u64 {
        let Measured { latency, rate } = *self.0.lock();
        let bytes = latency.unwrap_or(0.0) * rate.unwrap_or(0.0);
        (bytes as u64).min(MAX_REQUEST_BYTES)
    }

    /// Size of the first request after a seek that nothing was said about: as many bytes as cost no more time than the
    /// wait for the first one.
    pub(crate) fn first_request_bytes(&self) -> u64 {
        let is_slow = self
            .0
            .lock()
            .latency
            .is_some_and(|latency| latency >= SLOW_ANSWER.as_secs_f64());
        let bytes = if is_slow { self.in_flight_bytes() } else { 0 };
        bytes.clamp(MIN_REQUEST_BYTES, MAX_FIRST_BYTES)
    }

    /// How far ahead of a reader that reads on there are requests: so far that it does not wait for an answer to begin. At
    /// most what there is room for, so that nothing is dropped before it was read.
    pub(crate) fn read_ahead_bytes(&self, memory_bytes: u64) -> u64 {
        let is_fast = self.0.lock().rate.is_some_and(|rate| rate >= FAST_LINK);
        let several = if is_fast { 2 * MAX_REQUEST_BYTES } else { 0 };
        let ahead = self.in_flight_bytes().max(MIN_REQUEST_BYTES) + several;
        ahead.min(memory_bytes.saturating_sub(MAX_REQUEST_BYTES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: u64 = 32 << 20;

    fn link(millis: u64, rate: f64) -> Link {
        let link = Link::default();
        link.answered(Duration::from_millis(millis));
        link.received(1 << 20, Duration::from_secs_f64(f64::from(1 << 20) / rate));
        link
    }

    // Breaks if requests on a near server read more than is needed, or those on a far one wait for each few bytes.
    #[test]
    fn requests_fit_the_link() {
        assert_eq!(Link::default().first_request_bytes(), MIN_REQUEST_BYTES);
        assert_eq!(link(1, 1e9).first_request_bytes(), MIN_REQUEST_BYTES);
        // 20 Mbit/s and 50 ms are 125,000 bytes.
        let far = link(50, 2.5e6);
        assert!((124_000..126_000).contains(&far.first_request_bytes()));
        assert!((124_000..126_000).contains(&far.read_ahead_bytes(ROOM)));
        assert_eq!(link(300, 1e9).first_request_bytes(), MAX_FIRST_BYTES);
    }

    // Breaks if a slow link is shared by several requests, or a fast one waits for one connection.
    #[test]
    fn several_at_once_on_a_fast_link() {
        assert!(link(100, 2.5e6).read_ahead_bytes(ROOM) < MAX_REQUEST_BYTES);
        assert!(link(30, 1e8).read_ahead_bytes(ROOM) > 2 * MAX_REQUEST_BYTES);
        assert_eq!(link(30, 1e8).read_ahead_bytes(8 << 20), 4 << 20);
    }

    // Breaks if one slow answer among quick ones decides, or a small one says what the rate is.
    #[test]
    fn measurements_are_mixed() {
        let link = link(100, 1e6);
        link.answered(Duration::from_millis(200));
        link.received(10, Duration::from_secs(9));
        assert_eq!(link.in_flight_bytes(), 105_000);
        link.answered(Duration::from_millis(50));
        assert_eq!(link.in_flight_bytes(), 50_000);
    }
}
