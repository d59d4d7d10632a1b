//! Decoded frames that may be wanted again, bounded in bytes: going back one frame is instant.

use std::collections::VecDeque;
use std::time::Duration;

/// The newest used frames, the newest last. There are some tens of them: a list is quick enough.
pub(super) struct Cache<V> {
    entries: VecDeque<Entry<V>>,
    bytes: usize,
    limit: usize,
}

struct Entry<V> {
    /// Any position for which this frame is the answer: from just after the frame before it.
    time: Duration,
    asked: Duration,
    /// The time of the frame before, where that is known.
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

    /// The frame that is the answer for `position`: it was so before, or `position` lies between that question and the
    /// frame's own time, where no other frame can be.
    pub(super) fn get(&mut self, position: Duration) -> Option<V> {
        self.used(|entry| (entry.asked..=entry.time).contains(&position))
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

    /// Keeps the frame at `time`, which was the answer for `asked`. Gives back what goes for it: the one of the same
    /// time, and the least used ones. To free their memory takes a while, for which nobody else shall wait.
    #[must_use]
    pub(super) fn insert(&mut self, asked: Duration, time: Duration, bytes: usize, value: V) -> Vec<V> {
        let mut asked = asked.min(time);
        let mut before = None;
        let mut gone = Vec::new();
        if let Some(index) = self.entries.iter().position(|entry| entry.time == time)
            && let Some(old) = self.entries.remove(index)
        {
            self.bytes -= old.bytes;
            asked = asked.min(old.asked);
            before = old.before;
            gone.push(old.value);
        }
        self.entries.push_back(Entry {
            time,
            asked,
            before,
            bytes,
            value,
        });
        self.bytes += bytes;
        // The newest stays even where it alone is over the limit: it is on the screen anyway.
        while self.bytes > self.limit && self.entries.len() > 1 {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= oldest.bytes;
                gone.push(oldest.value);
            }
        }
        gone
    }

    /// The frame before the one at `time` is the one at `before`.
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

    // Breaks if a question is answered with a frame that lies before the position, or with a later one than the exact.
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

    // Breaks if a frame that lies further back is taken for the one before.
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

    // Breaks if the cache grows without bound, or throws away what was just used.
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
