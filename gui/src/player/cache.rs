//! Decoded frames that may be wanted again, bounded in bytes: going back one frame is instant.

use std::collections::VecDeque;
use std::time::Duration;

/// The most bytes that the frames of one video take.
pub(super) const LIMIT: usize = 256 << 20;

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
        let index = self
            .entries
            .iter()
            .position(|entry| (entry.asked..=entry.time).contains(&position))?;
        let entry = self.entries.remove(index)?;
        let value = entry.value.clone();
        self.entries.push_back(entry);
        Some(value)
    }

    /// Keeps the frame at `time`, which was the answer for `asked`. The frame before it of the same time goes.
    pub(super) fn insert(&mut self, asked: Duration, time: Duration, bytes: usize, value: V) {
        let mut asked = asked.min(time);
        if let Some(index) = self.entries.iter().position(|entry| entry.time == time)
            && let Some(old) = self.entries.remove(index)
        {
            self.bytes -= old.bytes;
            asked = asked.min(old.asked);
        }
        self.entries.push_back(Entry {
            time,
            asked,
            bytes,
            value,
        });
        self.bytes += bytes;
        // The newest stays even where it alone is over the limit: it is on the screen anyway.
        while self.bytes > self.limit && self.entries.len() > 1 {
            if let Some(oldest) = self.entries.pop_front() {
                self.bytes -= oldest.bytes;
            }
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
        cache.insert(ms(35), ms(40), 10, 'a');
        assert_eq!(cache.get(ms(40)), Some('a'));
        assert_eq!(cache.get(ms(36)), Some('a'));
        assert_eq!(cache.get(ms(34)), None);
        assert_eq!(cache.get(ms(41)), None);
        cache.insert(ms(20), ms(40), 10, 'b');
        assert_eq!(cache.get(ms(21)), Some('b'));
    }

    // Breaks if the cache grows without bound, or throws away what was just used.
    #[test]
    fn the_least_used_goes_first() {
        let mut cache = Cache::new(30);
        for number in 0..3 {
            cache.insert(ms(number), ms(number), 10, number);
        }
        assert_eq!(cache.get(ms(0)), Some(0));
        cache.insert(ms(9), ms(9), 10, 9);
        assert_eq!(
            (cache.get(ms(0)), cache.get(ms(1)), cache.get(ms(9))),
            (Some(0), None, Some(9))
        );
        cache.insert(ms(5), ms(5), 1000, 5);
        assert_eq!(
            (cache.get(ms(5)), cache.bytes, cache.entries.len()),
            (Some(5), 1000, 1)
        );
    }
}
