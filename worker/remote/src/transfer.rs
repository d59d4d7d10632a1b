//! A range on its way: its bytes are read as they arrive, by any number of readers.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};

use crate::error::SourceError;

/// How often a reader that waits looks whether it is still to go on.
const LOOK: Duration = Duration::from_millis(50);

struct Progress {
    end: u64,
    got: Vec<u8>,
    done: Option<Result<(), SourceError>>,
}

/// A range on its way.
pub(crate) struct Transfer {
    start: u64,
    progress: Mutex<Progress>,
    arrived: Condvar,
    /// Number of readers that want it.
    wanted: AtomicUsize,
}

/// What a reader gets of a transfer.
pub(crate) enum Got {
    /// So many bytes.
    Bytes(usize),
    /// The transfer is over, and these bytes are not of it.
    Over,
    /// The reader is not to go on.
    Stopped,
}

impl Transfer {
    pub(crate) fn new(range: &Range<u64>) -> Self {
        Self {
            start: range.start,
            progress: Mutex::new(Progress {
                end: range.end,
                got: Vec::new(),
                done: None,
            }),
            arrived: Condvar::new(),
            wanted: AtomicUsize::new(0),
        }
    }

    pub(crate) const fn start(&self) -> u64 {
        self.start
    }

    pub(crate) fn end(&self) -> u64 {
        self.progress.lock().end
    }

    pub(crate) fn range(&self) -> Range<u64> {
        self.start..self.end()
    }

    /// The bytes that are still to come.
    pub(crate) fn missing(&self) -> Range<u64> {
        let progress = self.progress.lock();
        self.start + progress.got.len() as u64..progress.end
    }

    /// Ends at `end` in place of where it was to end; `again` drops what it has got.
    pub(crate) fn becomes(&self, end: u64, again: bool) {
        let mut progress = self.progress.lock();
        progress.end = end;
        if again {
            progress.got.clear();
        }
    }

    /// Takes bytes that arrived.
    pub(crate) fn take(&self, bytes: &[u8]) {
        let mut progress = self.progress.lock();
        let missing = (progress.end - self.start) as usize - progress.got.len();
        if progress.got.capacity() == progress.got.len() {
            progress.got.reserve_exact(missing.max(bytes.len()));
        }
        progress.got.extend_from_slice(bytes);
        drop(progress);
        self.arrived.notify_all();
    }

    /// What arrived, once nothing more will. It is read from elsewhere then.
    pub(crate) fn into_block(self: &Arc<Self>) -> Bytes {
        Bytes::from(std::mem::take(&mut self.progress.lock().got))
    }

    /// Wakes all readers: nothing more will arrive.
    pub(crate) fn finish(&self, how: Result<(), SourceError>) {
        self.progress.lock().done = Some(how);
        self.arrived.notify_all();
    }

    /// Waits for bytes at `position`, and copies what is there of them.
    ///
    /// # Errors
    /// The transfer failed.
    pub(crate) fn read(
        &self,
        position: u64,
        buffer: &mut [u8],
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Got, SourceError> {
        let offset = (position - self.start) as usize;
        let mut progress = self.progress.lock();
        loop {
            if let Some(there) = progress.got.get(offset..).filter(|there| !there.is_empty()) {
                let count = there.len().min(buffer.len());
                buffer[..count].copy_from_slice(&there[..count]);
                return Ok(Got::Bytes(count));
            }
            match &progress.done {
                Some(Ok(())) => return Ok(Got::Over),
                Some(Err(error)) => return Err(error.clone()),
                None => {}
            }
            if !goes_on() {
                return Ok(Got::Stopped);
            }
            self.arrived.wait_for(&mut progress, LOOK);
        }
    }

    /// Waits until `is_there` gives something, or the transfer is over.
    ///
    /// # Errors
    /// The transfer failed.
    pub(crate) fn wait_for<T>(
        &self,
        goes_on: &dyn Fn() -> bool,
        is_there: impl Fn() -> Option<T>,
    ) -> Result<Option<T>, SourceError> {
        loop {
            if let Some(there) = is_there() {
                return Ok(Some(there));
            }
            let mut progress = self.progress.lock();
            match &progress.done {
                Some(Ok(())) => {
                    drop(progress);
                    return Ok(is_there());
                }
                Some(Err(error)) => return Err(error.clone()),
                None => {}
            }
            if !goes_on() {
                return Ok(None);
            }
            self.arrived.wait_for(&mut progress, LOOK);
        }
    }

    /// Wakes those who wait for something else than bytes.
    pub(crate) fn tell(&self) {
        self.arrived.notify_all();
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed) > 0
    }
}

/// A reader's interest in a transfer. One that nobody wants any more is given up.
pub(crate) struct Wanted(pub(crate) Arc<Transfer>);

impl Wanted {
    pub(crate) fn new(transfer: Arc<Transfer>) -> Self {
        transfer.wanted.fetch_add(1, Ordering::Relaxed);
        Self(transfer)
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.wanted.fetch_sub(1, Ordering::Relaxed);
    }
}
