//! One slot between two threads. What is put in replaces what was not yet taken out: under a dragged playhead only the
//! newest position matters.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A slot for one `T`.
pub(super) struct Mailbox<T> {
    slot: Mutex<Slot<T>>,
    changed: Condvar,
}

struct Slot<T> {
    content: Option<T>,
    /// Number of the newest that was put in.
    generation: u64,
    closed: bool,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        let slot = Slot {
            content: None,
            generation: 0,
            closed: false,
        };
        Self {
            slot: Mutex::new(slot),
            changed: Condvar::new(),
        }
    }
}

impl<T> Mailbox<T> {
    /// Puts a value in, in place of the one before. Returns its number; the first is 1.
    pub(super) fn put(&self, content: T) -> u64 {
        let mut slot = self.lock();
        slot.content = Some(content);
        slot.generation += 1;
        self.changed.notify_all();
        slot.generation
    }

    /// Waits for a value, and takes it out with its number; `None` once the mailbox is closed.
    pub(super) fn take(&self) -> Option<(u64, T)> {
        let mut slot = self.lock();
        loop {
            if slot.closed {
                return None;
            }
            if let Some(content) = slot.content.take() {
                return Some((slot.generation, content));
            }
            slot = self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for at most `limit` whether something newer comes; it stays in the slot.
    pub(super) fn wait_for_newer(&self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        let mut slot = self.lock();
        loop {
            if slot.closed || slot.content.is_some() {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            slot = self
                .changed
                .wait_timeout(slot, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Ends both sides.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Slot<T>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a stale position is decoded before the newest one.
    #[test]
    fn the_newest_wins() {
        let mailbox = Mailbox::default();
        assert_eq!((mailbox.put('a'), mailbox.put('b')), (1, 2));
        assert!(mailbox.wait_for_newer(Duration::ZERO));
        assert_eq!(mailbox.take(), Some((2, 'b')));
        assert!(!mailbox.wait_for_newer(Duration::from_millis(1)));
    }

    // Breaks if a thread outlives the player that it works for.
    #[test]
    fn closing_wakes_who_waits() {
        let mailbox = Mailbox::<char>::default();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| mailbox.take());
            mailbox.close();
            assert_eq!(waiting.join().unwrap(), None);
        });
        assert!(mailbox.wait_for_newer(Duration::from_mins(1)));
    }
}
