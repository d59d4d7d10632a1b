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
    /// Whether the content is only for a taker who has nothing else to do.
    at_leisure: bool,
    /// Number of the newest that was put in.
    generation: u64,
    taker: Taker,
    closed: bool,
}

/// What was taken out last, and whether its taker has come back for more.
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
    /// Puts a value in, in place of the one before. Returns its number; the first is 1.
    pub(super) fn put(&self, content: T) -> u64 {
        self.insert(content, false)
    }

    /// [`Self::put`], and what is made of the one that was taken out before is not worth finishing.
    pub(super) fn put_urgently(&self, content: T) -> u64 {
        self.insert(content, true)
    }

    /// Puts in what is worth doing only while there is nothing else to do: anything else that is put in stops it. Whether
    /// it was put in: not beside something else.
    pub(super) fn put_at_leisure(&self, content: T) -> bool {
        let mut slot = self.lock();
        let free = slot.taker != Taker::Busy && (slot.content.is_none() || slot.at_leisure);
        if free {
            self.fill(&mut slot, content, true);
        }
        free
    }

    /// Stops the taker's work, for the taker to heed: from [`Self::put_urgently`] until it comes back for more, and
    /// from [`Self::close`] on.
    pub(super) fn interrupt(&self) -> Cancel {
        self.interrupt.clone()
    }

    fn insert(&self, content: T, urgently: bool) -> u64 {
        let mut slot = self.lock();
        // Under the lock: else what is interrupted might be the answer to this very content.
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

    /// Waits for a value, and takes it out with its number; `None` once the mailbox is closed.
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

    /// The taker does nothing for anybody: what is put in stops nothing until it comes back for more.
    pub(super) fn rest(&self) {
        let mut slot = self.lock();
        slot.taker = Taker::Waits;
        if !slot.closed {
            self.interrupt.reset();
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

    // Breaks if what can wait gets in the way of what cannot, or is not stopped by it.
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
