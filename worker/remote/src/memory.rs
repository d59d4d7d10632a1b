//! The bytes of an object that are in memory, bounded.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;

/// How many blocks before a position are looked at, since blocks may overlap where two programs filled one cache.
const LOOKED_AT: usize = 4;

struct Block {
    bytes: Bytes,
    /// Larger than that of each block that was fetched or read before.
    used: u64,
}

/// Blocks of an object. Those that were fetched or read longest ago are dropped first: with the order of fetching alone, a
/// block could go while it is read, where the one after it came first.
pub(crate) struct Memory {
    /// By the offset of their first byte.
    blocks: BTreeMap<u64, Block>,
    /// Number of uses.
    uses: u64,
    kept: u64,
    limit: u64,
    /// The blocks cannot be fetched again one by one, so that none is dropped.
    pub(crate) is_whole: bool,
}

impl Memory {
    pub(crate) const fn new(limit: u64) -> Self {
        Self {
            blocks: BTreeMap::new(),
            uses: 0,
            kept: 0,
            limit,
            is_whole: false,
        }
    }

    /// Keeps a block, and drops others to make room, but never the new one.
    pub(crate) fn insert(&mut self, start: u64, bytes: Bytes) {
        let old = self.blocks.get(&start).map_or(0, |block| block.bytes.len());
        if bytes.len() <= old {
            return;
        }
        self.uses += 1;
        self.kept += (bytes.len() - old) as u64;
        let used = self.uses;
        self.blocks.insert(start, Block { bytes, used });
        while self.kept > self.limit && self.blocks.len() > 1 && !self.is_whole {
            let oldest = self.blocks.iter().min_by_key(|(_, block)| block.used);
            let Some(oldest) = oldest.map(|(start, _)| *start) else {
                break;
            };
            if let Some(block) = self.blocks.remove(&oldest) {
                self.kept -= block.bytes.len() as u64;
            }
        }
    }

    /// The bytes from `position` to the end of a block.
    pub(crate) fn at(&mut self, position: u64) -> Option<Bytes> {
        let before = self.blocks.range_mut(..=position).rev().take(LOOKED_AT);
        let (start, block) = before
            .filter(|(start, block)| position - **start < block.bytes.len() as u64)
            .max_by_key(|(start, block)| **start + block.bytes.len() as u64)?;
        self.uses += 1;
        block.used = self.uses;
        Some(block.bytes.slice((position - start) as usize..))
    }

    /// The first block that begins after `position`.
    pub(crate) fn next_after(&self, position: u64) -> Option<u64> {
        let next = self.blocks.range(position + 1..).next();
        next.map(|(start, _)| *start)
    }
}

/// Ranges that are somewhere, by their first byte.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spans(BTreeMap<u64, u64>);

impl Spans {
    pub(crate) fn insert(&mut self, span: &Range<u64>) {
        let end = self.0.entry(span.start).or_insert(span.end);
        *end = span.end.max(*end);
    }

    pub(crate) fn remove(&mut self, span: &Range<u64>) {
        self.0.remove(&span.start);
    }

    /// The span with the most bytes from `position` on.
    pub(crate) fn at(&self, position: u64) -> Option<Range<u64>> {
        let before = self.0.range(..=position).rev().take(LOOKED_AT);
        let spans = before.map(|(start, end)| *start..*end);
        spans
            .filter(|span| span.contains(&position))
            .max_by_key(|span| span.end)
    }

    pub(crate) fn next_after(&self, position: u64) -> Option<u64> {
        self.0.range(position + 1..).next().map(|(start, _)| *start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if memory grows with what is read, or the newest bytes are dropped before they are used.
    #[test]
    fn memory_is_bounded() {
        let mut memory = Memory::new(100);
        for start in [0, 60, 120] {
            memory.insert(start, Bytes::from(vec![1; 60]));
        }
        assert!(memory.at(0).is_none() && memory.at(60).is_none());
        assert_eq!(memory.at(121).unwrap().len(), 59);
        memory.insert(1_000, Bytes::from(vec![1; 500]));
        assert_eq!(memory.at(1_000).unwrap().len(), 500);
        assert_eq!(memory.next_after(0), Some(1_000));
    }

    // Breaks if the block that is read is dropped for one that is read later.
    #[test]
    fn what_is_read_stays() {
        let mut memory = Memory::new(100);
        memory.insert(40, Bytes::from(vec![1; 40]));
        memory.insert(0, Bytes::from(vec![1; 40]));
        assert_eq!(memory.at(41).unwrap().len(), 39);
        memory.insert(80, Bytes::from(vec![1; 40]));
        assert!(memory.at(79).is_some() && memory.at(80).is_some() && memory.at(39).is_none());
    }

    // Breaks if a short block that lies in a long one hides it.
    #[test]
    fn blocks_may_overlap() {
        let mut memory = Memory::new(1_000);
        memory.insert(0, Bytes::from(vec![1; 100]));
        memory.insert(50, Bytes::from(vec![1; 10]));
        memory.insert(0, Bytes::from(vec![1; 1]));
        assert_eq!(memory.at(55).unwrap().len(), 45);
        assert_eq!(memory.at(70).unwrap().len(), 30);
        let mut spans = Spans::default();
        for span in [0..100, 50..60, 0..1] {
            spans.insert(&span);
        }
        assert_eq!(spans.at(70), Some(0..100));
        assert_eq!((spans.at(100), spans.next_after(0)), (None, Some(50)));
    }
}
