//! A cache of decoded frames, bounded in bytes, so that a step back is instant.

use std::collections::VecDeque;
use std::time::Duration;

/// The frames, most recently used last. There are only some tens of them, so a list is fast enough.
pub(super) struct Cache<V> {
    entries: VecDeque<Entry<V>>,
    bytes: usize,
    limit: usize,
}

struct Entry<V> {
    /// The frame's time.
    time: Duration,
    /// The lowest position that is known to lead to this frame.
    earliest: Duration,
    /// The time of the previous frame, if it is known.
    before: Option<Duration>,
    bytes: usize,
    value: V,
}

impl<V: Clone> Cache<V> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            entries: VecDeque::new(),
            bytes: 0,
            limit,
        }
    }

    /// The frame for `position`, if it is certain: `position` lies between an earlier request, which this frame answered,
    /// and the frame's own time, so no other frame lies between.
    pub(super) fn get(&mut self, position: Duration) -> Option<V> {
        self.used(|entry| (entry.earliest..=entry.time).contains(&position))
    }

    /// The frame before the one at `time`.
    pub(super) fn before(&mut self, time: Duration) -> Option<V> {
        let before = self.entries.iter().find(|entry| entry.time == time)?.before?;
        self.used(|entry| entry.time == before)
    }

    fn used(&mut self, wanted: impl Fn(&Entry<V>) -> bool) -> Option<V> {
        let index = self.entries.iter().position(wanted)?;
        let entry = self.entries.remove(index)?;
        let value = entry.value.clone();
        self.entries.push_back(entry);
        Some(value)
    }

    /// Keeps the frame at `time`, which answers all positions from `earliest` up to it. Returns the frames that it evicts:
    /// the one of the same time, and the least recently used ones. The caller drops them after it has unlocked the cache,
    /// since freeing their memory takes a while.
    #[must_use]
    pub(super) fn insert(&mut self, earliest: Duration, time: Duration, bytes: usize, value: V) -> Vec<V> {
        let mut earliest = earliest.min(time);
        let mut before = None;
        let mut evicted = Vec::new();
        if let Some(index) = self.entries.iter().position(|entry| entry.time == time)
            && let Some(old) = self.entries.remove(index)
        {
            self.bytes -= old.bytes;
            earliest = earliest.min(old.earliest);
            before = old.before;
            evicted.push(old.value);
        }
        self.entries.push_back(Entry {
            time,
            earliest,
            before,
            bytes,
            value,
        });
        self.bytes += bytes;
        // The newest frame stays even if it exceeds the limit alone, since it is on the screen anyway.
        while self.bytes > self.limit && self.entries.len() > 1 {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= oldest.bytes;
                evicted.push(oldest.value);
            }
        }
        evicted
    }

    /// Notes that the frame at `before` directly precedes the one at `time`.
    pub(super) fn link(&mut self, time: Duration, before: Duration) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.time == time) {
            entry.before = Some(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    // Breaks if a request gets a frame before the position, or a later one than the exact frame.
    #[test]
    fn only_what_is_certain_is_answered() {
        let mut cache = Cache::new(1000);
        let _ = cache.insert(ms(35), ms(40), 10, 'a');
        assert_eq!(cache.get(ms(40)), Some('a'));
        assert_eq!(cache.get(ms(36)), Some('a'));
        assert_eq!(cache.get(ms(34)), None);
        assert_eq!(cache.get(ms(41)), None);
        let _ = cache.insert(ms(20), ms(40), 10, 'b');
        assert_eq!(cache.get(ms(21)), Some('b'));
    }

    // Breaks if an earlier frame is taken for the previous one.
    #[test]
    fn neighbours_only_where_they_are_known() {
        let mut cache = Cache::new(1000);
        let _ = cache.insert(ms(0), ms(0), 10, 'a');
        let _ = cache.insert(ms(80), ms(80), 10, 'c');
        assert_eq!(cache.before(ms(80)), None);
        let _ = cache.insert(ms(40), ms(40), 10, 'b');
        cache.link(ms(80), ms(40));
        let _ = cache.insert(ms(80), ms(80), 10, 'd');
        assert_eq!(cache.before(ms(80)), Some('b'));
        assert_eq!(cache.before(ms(40)), None);
    }

    // Breaks if the cache exceeds its limit, or evicts a frame that was just used.
    #[test]
    fn the_least_used_goes_first() {
        let mut cache = Cache::new(30);
        for number in 0..3 {
            let _ = cache.insert(ms(number), ms(number), 10, number);
        }
        assert_eq!(cache.get(ms(0)), Some(0));
        let _ = cache.insert(ms(9), ms(9), 10, 9);
        assert_eq!(
            (cache.get(ms(0)), cache.get(ms(1)), cache.get(ms(9))),
            (Some(0), None, Some(9))
        );
        let _ = cache.insert(ms(5), ms(5), 1000, 5);
        assert_eq!(
            (cache.get(ms(5)), cache.bytes, cache.entries.len()),
            (Some(5), 1000, 1)
        );
    }
}
