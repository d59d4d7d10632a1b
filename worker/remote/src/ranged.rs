//! Reads a remote object as a file, with few requests and no byte twice.
//!
//! libav reads an MP4 with seeks: the head, the index at either end, and then the packets from one keyframe on. The frame
//! library gives hints about the index and the packets, and each hint is one request. Without a hint, a small request
//! follows a seek. Requests that continue it take as much again, and then twice as much each time, so that both a seek and
//! a long read cost little.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use bytes::Bytes;

/// Size of the first request after a seek.
const MIN_REQUEST_BYTES: u64 = 64 << 10;
/// Size of the largest request. It is limited, because libav gets no byte before the whole answer is in memory.
const MAX_REQUEST_BYTES: u64 = 4 << 20;
/// Most bytes that are kept in memory. Blocks fetched longest ago are dropped first.
const CACHE_BYTES: u64 = 4 << 20;

/// A source of ranges of an object.
pub trait RangeSource: Send {
    /// Bytes `start..end` of the object; fewer only at its end.
    ///
    /// # Errors
    /// The bytes cannot be read.
    fn get(&mut self, start: u64, end: u64) -> io::Result<Bytes>;
}

/// A remote object as [`Read`] and [`Seek`].
pub struct RangedReader<S> {
    source: S,
    size: u64,
    position: u64,
    /// The kept blocks, by the offset of their first byte. They never overlap.
    blocks: BTreeMap<u64, Bytes>,
    /// Offsets of `blocks`, the block fetched longest ago first.
    order: std::collections::VecDeque<u64>,
    kept: u64,
    /// End of the last request, and the size of the next one if it continues there.
    run: (u64, u64),
    /// The hinted range, which will be read next.
    hinted: Range<u64>,
}

impl<S: RangeSource> RangedReader<S> {
    /// A reader of an object of `size` bytes, whose first bytes are `head`.
    pub fn new(source: S, size: u64, head: Bytes) -> Self {
        let mut reader = Self {
            source,
            size,
            position: 0,
            blocks: BTreeMap::new(),
            order: std::collections::VecDeque::new(),
            kept: 0,
            run: (head.len() as u64, MIN_REQUEST_BYTES),
            hinted: 0..0,
        };
        reader.keep(0, head);
        reader
    }

    /// A hint that these bytes will be read next, so that they are fetched with one request.
    pub fn will_read(&mut self, bytes: Range<u64>) {
        self.hinted = bytes;
    }

    /// Number of bytes to fetch with the first request.
    pub const fn head_bytes() -> u64 {
        MIN_REQUEST_BYTES
    }

    fn keep(&mut self, start: u64, block: Bytes) {
        if block.is_empty() {
            return;
        }
        self.kept += block.len() as u64;
        self.blocks.insert(start, block);
        self.order.push_back(start);
        while self.kept > CACHE_BYTES {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            if let Some(block) = self.blocks.remove(&oldest) {
                self.kept -= block.len() as u64;
            }
        }
    }

    /// The kept bytes from `self.position` to the end of their block.
    fn kept(&self) -> Option<Bytes> {
        let (start, block) = self.blocks.range(..=self.position).next_back()?;
        let offset = usize::try_from(self.position - start).ok()?;
        (offset < block.len()).then(|| block.slice(offset..))
    }

    fn fetch(&mut self) -> io::Result<()> {
        let start = self.position;
        let (run_end, run_bytes) = self.run;
        let (bytes, next_bytes) = if self.hinted.contains(&start) {
            // After a hinted range, little is read.
            (
                (self.hinted.end - start).min(MAX_REQUEST_BYTES),
                MIN_REQUEST_BYTES,
            )
        } else if start == run_end {
            (run_bytes, (run_bytes * 2).min(MAX_REQUEST_BYTES))
        } else {
            (MIN_REQUEST_BYTES, MIN_REQUEST_BYTES)
        };
        // The request ends at the next kept block, so that no byte is fetched twice.
        let next = self
            .blocks
            .range(start..)
            .next()
            .map_or(self.size, |(&next, _)| next);
        let end = (start + bytes).min(next).min(self.size);
        let block = self.source.get(start, end)?;
        if block.len() as u64 != end - start {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the object ended before its stated size",
            ));
        }
        self.run = (end, next_bytes);
        self.keep(start, block);
        Ok(())
    }
}

impl<S: RangeSource> Read for RangedReader<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        if self.kept().is_none() {
            self.fetch()?;
        }
        let block = self.kept().ok_or(io::ErrorKind::UnexpectedEof)?;
        let read = block.len().min(buffer.len());
        buffer[..read].copy_from_slice(&block[..read]);
        self.position += read as u64;
        Ok(read)
    }
}

impl<S: RangeSource> Seek for RangedReader<S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    struct Slice {
        bytes: Bytes,
        requests: Arc<Mutex<Vec<(u64, u64)>>>,
    }

    impl RangeSource for Slice {
        fn get(&mut self, start: u64, end: u64) -> io::Result<Bytes> {
            self.requests.lock().unwrap().push((start, end));
            Ok(self.bytes.slice(start as usize..end as usize))
        }
    }

    /// The requested ranges.
    type Requests = Arc<Mutex<Vec<(u64, u64)>>>;

    fn reader(size: u64) -> (RangedReader<Slice>, Bytes, Requests) {
        let bytes: Bytes = (0..size).map(|n| (n * 31 / 7) as u8).collect();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let head = bytes.slice(..size.min(MIN_REQUEST_BYTES) as usize);
        let source = Slice {
            bytes: bytes.clone(),
            requests: requests.clone(),
        };
        (RangedReader::new(source, size, head), bytes, requests)
    }

    // Breaks if a byte is wrong or fetched twice, or a long read takes more requests than doubling needs.
    #[test]
    fn a_run_doubles_its_requests() {
        let (mut reader, bytes, requests) = reader(10 << 20);
        let mut read = Vec::new();
        reader.read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes);
        let requests = requests.lock().unwrap();
        assert!(
            requests.windows(2).all(|pair| pair[0].1 == pair[1].0),
            "{requests:?}"
        );
        assert!(requests.len() <= 9, "{requests:?}");
    }

    // Breaks if a read after a seek fetches far more than it needs, or reading again costs a second request.
    #[test]
    fn leaps_are_modest_and_remembered() {
        let (mut reader, bytes, requests) = reader(100 << 20);
        let mut four = [0; 4];
        for offset in [90 << 20, 50 << 20, 0, 90 << 20, (50 << 20) - 2] {
            reader.seek(SeekFrom::Start(offset)).unwrap();
            reader.read_exact(&mut four).unwrap();
            assert_eq!(four, bytes[offset as usize..][..4]);
        }
        let requests = requests.lock().unwrap();
        assert_eq!(requests.len(), 3, "{requests:?}");
        // The last request ends where a kept block begins.
        assert_eq!(requests[2], ((50 << 20) - 2, 50 << 20));
    }

    // Breaks if a hinted range costs more than one request, or more bytes.
    #[test]
    fn what_is_told_is_one_request() {
        let (mut reader, bytes, requests) = reader(100 << 20);
        let hinted = (50 << 20)..(51 << 20);
        reader.will_read(hinted.clone());
        reader.seek(SeekFrom::Start(hinted.start)).unwrap();
        let mut read = vec![0; 1 << 20];
        reader.read_exact(&mut read).unwrap();
        assert_eq!(read, bytes[50 << 20..51 << 20]);
        assert_eq!(*requests.lock().unwrap(), [(hinted.start, hinted.end)]);
        // A short read after the hinted range, and a hint that reaches past the end.
        reader.read_exact(&mut [0; 4]).unwrap();
        reader.will_read((99 << 20)..u64::MAX);
        reader.seek(SeekFrom::Start(99 << 20)).unwrap();
        reader.read_exact(&mut [0; 4]).unwrap();
        let expected = [
            (hinted.end, hinted.end + MIN_REQUEST_BYTES),
            (99 << 20, 100 << 20),
        ];
        assert_eq!(requests.lock().unwrap()[1..], expected);
    }

    // Breaks if a seek past either end causes a panic or returns wrong bytes.
    #[test]
    fn ends() {
        let (mut reader, _, _) = reader(1000);
        assert!(reader.seek(SeekFrom::Current(-1)).is_err());
        assert_eq!(reader.seek(SeekFrom::End(5)).unwrap(), 1005);
        assert_eq!(reader.read(&mut [0; 4]).unwrap(), 0);
        let (mut empty, _, _) = self::reader(0);
        assert_eq!(empty.read(&mut [0; 4]).unwrap(), 0);
    }
}
