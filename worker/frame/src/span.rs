//! Which bytes hold the packets from a keyframe up to a time, by a stream's index: so that a remote reader can fetch
//! them in one piece.

use std::ops::Range;

use crate::raw::{Entry, Index};

/// Packets after the one at the target, since a decoder returns a frame only after a few more.
const EXTRA_PACKETS: usize = 4;
/// Bytes in place of those packets where the index has keyframes alone.
const EXTRA_BYTES: u64 = 64 << 10;
/// Packets that lie further apart than this are not fetched in one piece.
const MAX_GAP_BYTES: u64 = 128 << 10;

/// An index, entries in the order of decoding.
pub(crate) trait Entries {
    fn len(&self) -> usize;
    fn get(&self, at: usize) -> Option<Entry>;
}

impl Entries for Index<'_> {
    fn len(&self) -> usize {
        Index::len(self)
    }

    fn get(&self, at: usize) -> Option<Entry> {
        Index::get(self, at)
    }
}

/// The bytes from the last keyframe at or before `from` up to the packets around `until`, both in ticks of the
/// container. `None` where the index tells too little.
pub(crate) fn of_packets(index: &impl Entries, from: i64, until: i64) -> Option<Range<u64>> {
    let (first, start) = keyframe_before(index, from)?;
    if start.bytes == 0 {
        return between_keyframes(index, first, until);
    }
    let last = partition_point(index, |entry| entry.timestamp < until) + EXTRA_PACKETS;
    let mut end = start.offset + start.bytes;
    for at in first + 1..last.min(index.len()) {
        let entry = index.get(at)?;
        if entry.offset < end || entry.offset - end > MAX_GAP_BYTES {
            break;
        }
        end = entry.offset + entry.bytes;
    }
    Some(start.offset..end)
}

/// The last keyframe at or before `timestamp`, in ticks of the container, and its place in the index.
pub(crate) fn keyframe_before(index: &impl Entries, timestamp: i64) -> Option<(usize, Entry)> {
    let until = partition_point(index, |entry| entry.timestamp <= timestamp);
    (0..until)
        .rev()
        .filter_map(|at| Some((at, index.get(at)?)))
        .find(|(_, entry)| entry.keyframe)
}

/// Where the index has keyframes alone and no sizes, as a Matroska file's cues: the part of the way to the next
/// keyframe that the time is of the time, and a little more.
fn between_keyframes(index: &impl Entries, first: usize, until: i64) -> Option<Range<u64>> {
    let (start, next) = (index.get(first)?, index.get(first + 1)?);
    let bytes = next.offset.checked_sub(start.offset)?;
    // Timestamps of a hostile file may be anything.
    let since_start = |ticks: i64| u128::try_from(i128::from(ticks) - i128::from(start.timestamp)).ok();
    let ticks = since_start(next.timestamp).filter(|&ticks| ticks > 0)?;
    let part = since_start(until).unwrap_or(0).min(ticks);
    let bytes = u128::from(bytes) * part / ticks;
    let end = start
        .offset
        .checked_add(u64::try_from(bytes).ok()?)?
        .saturating_add(EXTRA_BYTES);
    Some(start.offset..end.min(next.offset))
}

pub(crate) fn partition_point(index: &impl Entries, is_before: impl Fn(&Entry) -> bool) -> usize {
    let (mut low, mut high) = (0, index.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if index.get(middle).is_some_and(|entry| is_before(&entry)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Entries for Vec<Entry> {
        fn len(&self) -> usize {
            Self::len(self)
        }

        fn get(&self, at: usize) -> Option<Entry> {
            self.as_slice().get(at).copied()
        }
    }

    fn entries(number: u64, bytes: u64, offset: impl Fn(u64) -> u64) -> Vec<Entry> {
        (0..number)
            .map(|at| Entry {
                offset: offset(at),
                bytes,
                timestamp: at as i64 * 10,
                keyframe: at % 25 == 0,
                left_out: false,
            })
            .collect()
    }

    // Breaks if more is fetched than the packets up to the target and a few, or less.
    #[test]
    fn from_the_keyframe_to_the_target() {
        let index = entries(100, 90, |at| 1_000 + at * 100);
        // Packet 30 and four more; 25 is the keyframe.
        assert_eq!(of_packets(&index, 300, 300), Some(3_500..4_390));
        assert_eq!(of_packets(&index, 249, 300), Some(1_000..4_390));
        assert_eq!(of_packets(&index, 980, 5_000), Some(8_500..10_990));
        assert_eq!(of_packets(&index, -1, 300), None);
        assert_eq!(of_packets(&Vec::new(), 300, 300), None);
    }

    // Breaks if another stream's bytes are fetched by the megabyte, or offsets that go backwards make nonsense.
    #[test]
    fn a_leap_ends_the_piece() {
        let leaps = entries(100, 90, |at| at * 100 + at / 28 * 1_000_000);
        assert_eq!(of_packets(&leaps, 300, 300), Some(2_500..2_790));
        let backwards = entries(100, 90, |at| 1_000_000 - at * 100);
        assert_eq!(of_packets(&backwards, 300, 300), Some(997_500..997_590));
    }

    // Breaks if cues are taken for packets.
    #[test]
    fn cues_tell_a_part() {
        let mut index = entries(3, 0, |at| at * 1_000_000);
        for entry in &mut index {
            entry.keyframe = true;
        }
        assert_eq!(
            of_packets(&index, 14, 14),
            Some(1_000_000..1_400_000 + EXTRA_BYTES)
        );
        assert_eq!(of_packets(&index, 14, 99), Some(1_000_000..2_000_000));
        assert_eq!(of_packets(&index, 25, 25), None);
    }
}
