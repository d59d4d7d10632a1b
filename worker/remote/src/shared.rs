//! What all readers of one version of one object share: what one of them has read, or is reading, the others do not ask for
//! again.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::runtime::Handle;

use crate::cache::{Cache, VersionFolder};
use crate::error::SourceError;
use crate::link::{Link, MIN_REQUEST_BYTES};
use crate::memory::{Memory, Spans};
use crate::ranges::{Ranges, Version};
use crate::stats::ReadStats;
use crate::transfer::{Transfer, Wanted};

/// How a video at a distance is read.
pub struct RemoteOptions {
    /// Most bytes that are kept in memory, beside those that are on their way. At least 8 MiB, for two of the largest requests.
    pub memory_bytes: u64,
    /// Where bytes are kept for the next time.
    pub cache: Option<Arc<Cache>>,
    /// After so many requests in a row that bring next to nothing, reading fails. `None` to try on until the reader is
    /// told to stop, so that a lost network is waited for; opening fails all the same.
    pub tries: Option<u32>,
    /// Called after each change of the counts, on a thread of the runtime.
    pub changed: Option<Box<dyn Fn() + Send + Sync>>,
    /// How long the start of an answer, and each further piece of it, may take.
    pub patience: Duration,
    /// Pause before the second try. Each further pause is twice as long.
    pub first_pause: Duration,
}

impl Default for RemoteOptions {
    /// 8 MiB in memory, no cache on disk, five tries.
    fn default() -> Self {
        Self {
            memory_bytes: 8 << 20,
            cache: None,
            tries: Some(5),
            changed: None,
            patience: Duration::from_secs(15),
            first_pause: Duration::from_millis(200),
        }
    }
}

/// The object's version and size.
pub(crate) type Known = (Version, u64);

pub(crate) struct State {
    /// `None` before the first answer.
    pub(crate) known: Option<Known>,
    pub(crate) memory: Memory,
    pub(crate) transfers: Vec<Arc<Transfer>>,
    disk: Option<(VersionFolder, Spans)>,
    pub(crate) error: Option<SourceError>,
    /// The object is another one by now.
    pub(crate) was_replaced: bool,
}

pub(crate) struct Shared {
    pub(crate) ranges: Box<dyn Ranges>,
    pub(crate) runtime: Handle,
    pub(crate) stats: ReadStats,
    pub(crate) link: Link,
    pub(crate) options: RemoteOptions,
    pub(crate) state: Mutex<State>,
}

/// Where a reader finds bytes.
pub(crate) enum Found {
    Here(Bytes),
    OnItsWay(Arc<Transfer>),
    OnDisk(Range<u64>),
    Nowhere,
}

impl Shared {
    pub(crate) fn new(ranges: Box<dyn Ranges>, mut options: RemoteOptions) -> Self {
        Self {
            ranges,
            runtime: Handle::current(),
            stats: ReadStats::new(options.changed.take()),
            link: Link::default(),
            state: Mutex::new(State {
                known: None,
                memory: Memory::new(options.memory_bytes),
                transfers: Vec::new(),
                disk: None,
                error: None,
                was_replaced: false,
            }),
            options,
        }
    }

    /// The version and size, after the first answer. `None` where the reader is not to go on.
    ///
    /// # Errors
    /// The object cannot be opened.
    pub(crate) fn known(self: &Arc<Self>, goes_on: &dyn Fn() -> bool) -> Result<Option<Known>, SourceError> {
        let opening = {
            let mut state = self.state.lock();
            if let Some(known) = &state.known {
                return Ok(Some(known.clone()));
            }
            if let Some(opening) = state.transfers.first() {
                opening.clone()
            } else {
                // Where the first bytes are on disk, one byte is enough to tell whether they are still right.
                let cache = self.options.cache.as_ref();
                let has_head = cache.is_some_and(|cache| cache.has_head(&self.ranges.identity()));
                let bytes = if has_head { 1 } else { MIN_REQUEST_BYTES };
                self.begin(&mut state, &(0..bytes))
            }
        };
        let wanted = Wanted::new(opening);
        wanted.0.wait_for(goes_on, || self.state.lock().known.clone())
    }

    /// Notes the first answer's version and size.
    pub(crate) fn becomes_known(&self, version: &Version, size: u64) {
        let disk = self.options.cache.as_ref().filter(|_| version.is_strong());
        let disk = disk.map(|cache| cache.version(&self.ranges.identity(), version, size));
        let mut state = self.state.lock();
        state.known = Some((version.clone(), size));
        state.disk = disk;
    }

    /// Begins to fetch a range. A range that is on its way already must not be asked for.
    fn begin(self: &Arc<Self>, state: &mut State, range: &Range<u64>) -> Arc<Transfer> {
        let transfer = Arc::new(Transfer::new(range));
        state.transfers.push(transfer.clone());
        self.stats
            .change(|counts| counts.expected += range.end - range.start);
        self.runtime.spawn(self.clone().fetch(transfer.clone()));
        transfer
    }

    /// Fetches at most `bytes` from `start`, up to what is known or on its way. `None` where `start` itself is.
    pub(crate) fn fetch_from(self: &Arc<Self>, start: u64, bytes: u64) -> Option<Wanted> {
        let mut state = self.state.lock();
        let size = state.known.as_ref()?.1;
        if start >= size || !matches!(state.find(start), Found::Nowhere) {
            return None;
        }
        let mut end = start.saturating_add(bytes).min(size);
        end = end.min(state.memory.next_after(start).unwrap_or(end));
        if let Some((_, spans)) = &state.disk {
            end = end.min(spans.next_after(start).unwrap_or(end));
        }
        let later = state.transfers.iter().map(|transfer| transfer.start());
        end = later.filter(|later| *later > start).fold(end, u64::min);
        Some(Wanted::new(self.begin(&mut state, &(start..end))))
    }

    pub(crate) fn find(&self, position: u64) -> Found {
        self.state.lock().find(position)
    }

    /// The first byte after `position` that is neither here nor on its way, at most `limit`.
    pub(crate) fn covered_until(&self, position: u64, limit: u64) -> u64 {
        let mut state = self.state.lock();
        let mut end = position;
        while end < limit {
            end = match state.find(end) {
                Found::Here(bytes) => end + bytes.len() as u64,
                Found::OnItsWay(transfer) => transfer.end(),
                Found::OnDisk(span) => span.end,
                Found::Nowhere => break,
            };
        }
        end.min(limit)
    }

    /// The bytes of a span on disk from `position` on. `None`, and the span is forgotten, where they are not what was
    /// written.
    pub(crate) fn load(&self, span: &Range<u64>, position: u64) -> Option<Bytes> {
        let folder = self.state.lock().disk.as_ref()?.0.clone();
        let bytes = Cache::read(&folder, span);
        let mut state = self.state.lock();
        let Some(bytes) = bytes else {
            state.disk.as_mut()?.1.remove(span);
            return None;
        };
        state.memory.insert(span.start, bytes.clone());
        self.stats.change(|counts| counts.from_disk += bytes.len() as u64);
        Some(bytes.slice((position - span.start) as usize..))
    }

    /// Ends a transfer: what arrived is kept, and its readers go on.
    pub(crate) fn end(
        self: &Arc<Self>,
        transfer: &Arc<Transfer>,
        how: Result<(), SourceError>,
        is_whole: bool,
    ) {
        let missing = transfer.missing();
        let (start, block) = (transfer.start(), transfer.into_block());
        {
            let mut state = self.state.lock();
            state.memory.is_whole |= is_whole;
            state.was_replaced |= how.as_ref().is_err_and(SourceError::is_changed);
            state.memory.insert(start, block.clone());
            state.transfers.retain(|other| !Arc::ptr_eq(other, transfer));
        }
        self.stats
            .change(|counts| counts.expected = counts.expected.saturating_sub(missing.end - missing.start));
        transfer.finish(how);
        if block.len() > 1 && !is_whole {
            let shared = self.clone();
            self.runtime.spawn_blocking(move || shared.store(start, &block));
        }
    }

    fn store(&self, start: u64, block: &Bytes) {
        let folder = self.state.lock().disk.as_ref().map(|(folder, _)| folder.clone());
        let (Some(cache), Some(folder)) = (&self.options.cache, folder) else {
            return;
        };
        match cache.write(&folder, start, block) {
            Ok(()) => {
                if let Some((_, spans)) = &mut self.state.lock().disk {
                    spans.insert(&(start..start + block.len() as u64));
                }
            }
            Err(error) => tracing::debug!("a block is not kept on disk: {error}"),
        }
    }
}

impl State {
    pub(crate) fn find(&mut self, position: u64) -> Found {
        if let Some(bytes) = self.memory.at(position) {
            return Found::Here(bytes);
        }
        let has = |transfer: &&Arc<Transfer>| transfer.range().contains(&position);
        if let Some(transfer) = self.transfers.iter().find(has) {
            return Found::OnItsWay(transfer.clone());
        }
        let span = self.disk.as_ref().and_then(|(_, spans)| spans.at(position));
        span.map_or(Found::Nowhere, Found::OnDisk)
    }
}
