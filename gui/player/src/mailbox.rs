//! A mailbox with one slot, between two threads. A new value replaces one that was not taken yet: while the playhead is
//! dragged, only the newest position matters.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use posterframe_frame::Cancel;

/// A mailbox for one `T`.
pub(super) struct Mailbox<T> {
    slot: Mutex<Slot<T>>,
    changed: Condvar,
    interrupt: Cancel,
}

struct Slot<T> {
    content: Option<T>,
    /// Whether the content has low priority.
    at_leisure: bool,
    /// Number of the newest value.
    generation: u64,
    taker: Taker,
    closed: bool,
}

/// What the receiving thread does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taker {
    Waits,
    Busy,
    AtLeisure,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Self {
        let slot = Slot {
            content: None,
            at_leisure: false,
            generation: 0,
            taker: Taker::Waits,
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
    /// Puts a value in, and replaces one that was not taken. Returns the value's number; the first is 1.
    pub(super) fn put(&self, content: T) -> u64 {
        self.insert(content, false)
    }

    /// Like [`Self::put`], and cancels the work on the value that was taken before.
    pub(super) fn put_urgently(&self, content: T) -> u64 {
        self.insert(content, true)
    }

    /// Puts in a value of low priority, whose work any other value cancels. Returns whether it was put in: it is not if the
    /// slot is full or the taker is busy.
    pub(super) fn put_at_leisure(&self, content: T) -> bool {
        let mut slot = self.lock();
        let free = slot.taker != Taker::Busy && (slot.content.is_none() || slot.at_leisure);
        if free {
            self.fill(&mut slot, content, true);
        }
        free
    }

    /// The signal that cancels the taker's work, which the taker must check. It is set from [`Self::put_urgently`] until
    /// the next [`Self::take`], and after [`Self::close`].
    pub(super) fn interrupt(&self) -> Cancel {
        self.interrupt.clone()
    }

    fn insert(&self, content: T, urgently: bool) -> u64 {
        let mut slot = self.lock();
        // This runs under the lock. Otherwise it might cancel the work on the new content.
        if urgently && slot.taker == Taker::Busy {
            self.interrupt.cancel();
        }
        self.fill(&mut slot, content, false);
        slot.generation
    }

    fn fill(&self, slot: &mut Slot<T>, content: T, at_leisure: bool) {
        if slot.taker == Taker::AtLeisure {
            self.interrupt.cancel();
        }
        slot.content = Some(content);
        slot.at_leisure = at_leisure;
        slot.generation += 1;
        self.changed.notify_all();
    }

    /// Waits for a value, and takes it with its number. `None` once the mailbox is closed.
    pub(super) fn take(&self) -> Option<(u64, T)> {
        let mut slot = self.lock();
        slot.taker = Taker::Waits;
        loop {
            if slot.closed {
                return None;
            }
            if let Some(content) = slot.content.take() {
                slot.taker = if slot.at_leisure {
                    Taker::AtLeisure
                } else {
                    Taker::Busy
                };
                self.interrupt.reset();
                return Some((slot.generation, content));
            }
            slot = self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Marks the taker as idle: new values cancel nothing until its next [`Self::take`].
    pub(super) fn rest(&self) {
        let mut slot = self.lock();
        slot.taker = Taker::Waits;
        if !slot.closed {
            self.interrupt.reset();
        }
    }

    /// Waits at most `limit` for a newer value, which stays in the slot. Returns whether there is one.
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

    /// Discards a value that was not taken.
    pub(super) fn clear(&self) {
        self.lock().content = None;
    }

    /// Whether a newer value waits, or the mailbox is closed.
    pub(super) fn has_newer(&self) -> bool {
        self.wait_for_newer(Duration::ZERO)
    }

    /// Closes the mailbox: waiting and later [`Self::take`]s return `None`, and the taker's work is cancelled.
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

    // Breaks if an urgent request waits for the previous one, or cancels itself.
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

    // Breaks if a value of low priority replaces another value, or another value does not cancel it.
    #[test]
    fn leisure_gives_way() {
        let mailbox = Mailbox::default();
        let interrupt = mailbox.interrupt();
        mailbox.put('a');
        assert!(!mailbox.put_at_leisure('x'));
        mailbox.take();
        assert!(!mailbox.put_at_leisure('x'));
        std::thread::scope(|scope| {
            let taken = scope.spawn(|| mailbox.take());
            while !mailbox.put_at_leisure('x') {
                std::thread::yield_now();
            }
            assert_eq!(taken.join().unwrap(), Some((2, 'x')));
        });
        assert!(!interrupt.is_cancelled());
        assert!(mailbox.put_at_leisure('y') && interrupt.is_cancelled());
        mailbox.put('b');
        assert_eq!(mailbox.take(), Some((4, 'b')));
        assert!(!interrupt.is_cancelled());
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
