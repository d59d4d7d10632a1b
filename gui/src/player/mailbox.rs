//! One slot between two threads. What is put in replaces what was not yet taken out: under a dragged playhead only the
//! newest position matters.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use posterframe_frame::Cancel;

/// A slot for one `T`.
pub(super) struct Mailbox<T> {
    slot: Mutex<Slot<T>>,
    changed: Condvar,
    interrupt: Cancel,
}

struct Slot<T> {
    content: Option<T>,
    /// Number of the newest that was put in.
    generation: u64,
    /// Something was taken out, and its taker has not come back for more.
    busy: bool,
    closed: bool,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        let slot = Slot {
            content: None,
            generation: 0,
            busy: false,
            closed: false,
        };
        Self {
            slot: Mutex::new(slot),
            changed: Condvar::new(),
            interrupt: Cancel::default(),
        }
    }
}

impl<T> Mailbox<T> {
    /// Puts a value in, in place of the one before. Returns its number; the first is 1.
    pub(super) fn put(&self, content: T) -> u64 {
        self.insert(content, false)
    }

    /// [`Self::put`], and what is made of the one that was taken out before is not worth finishing.
    pub(super) fn put_urgently(&self, content: T) -> u64 {
        self.insert(content, true)
    }

    /// Stops the taker's work, for the taker to heed: from [`Self::put_urgently`] until it comes back for more, and
    /// from [`Self::close`] on.
    pub(super) fn interrupt(&self) -> Cancel {
        self.interrupt.clone()
    }

    fn insert(&self, content: T, urgently: bool) -> u64 {
        let mut slot = self.lock();
        // Under the lock: else what is interrupted might be the answer to this very content.
        if urgently && slot.busy {
            self.interrupt.cancel();
        }
        slot.content = Some(content);
        slot.generation += 1;
        self.changed.notify_all();
        slot.generation
    }

    /// Waits for a value, and takes it out with its number; `None` once the mailbox is closed.
    pub(super) fn take(&self) -> Option<(u64, T)> {
        let mut slot = self.lock();
        slot.busy = false;
        loop {
            if slot.closed {
                return None;
            }
            if let Some(content) = slot.content.take() {
                slot.busy = true;
                self.interrupt.reset();
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

    /// Takes out what nobody has begun: it is not wanted any more.
    pub(super) fn clear(&self) {
        self.lock().content = None;
    }

    /// Whether something newer waits, or the mailbox is closed.
    pub(super) fn has_newer(&self) -> bool {
        self.wait_for_newer(Duration::ZERO)
    }

    /// Ends both sides.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.interrupt.cancel();
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

    // Breaks if an urgent request waits for the one before, or is itself taken for what is to be stopped.
    #[test]
    fn what_is_urgent_stops_only_what_is_under_way() {
        let mailbox = Mailbox::default();
        let interrupt = mailbox.interrupt();
        mailbox.put_urgently('a');
        assert!(!interrupt.is_cancelled());
        mailbox.take();
        mailbox.put('b');
        assert!(!interrupt.is_cancelled());
        mailbox.put_urgently('c');
        assert!(interrupt.is_cancelled());
        assert_eq!(mailbox.take(), Some((3, 'c')));
        assert!(!interrupt.is_cancelled());
        mailbox.close();
        assert!(interrupt.is_cancelled());
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
