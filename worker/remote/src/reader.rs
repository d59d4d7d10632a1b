//! Reads a remote object as a file, with few requests and no byte twice.
//!
//! libav reads an MP4 with seeks: the head, the index at either end, and then the packets from one keyframe on. The frame
//! library gives hints about the index and the packets, and what a hint names is asked for at once. Without a hint, a small
//! request follows a seek. Requests that continue it take as much again, and then twice as much each time, so that both a
//! seek and a long read cost little. Where a reader reads on, the next request is made before it needs the bytes.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use crate::error::SourceError;
use crate::link::{MAX_REQUEST_BYTES, MIN_REQUEST_BYTES};
use crate::shared::{Found, Shared};
use crate::transfer::{Got, Wanted};

/// Above this size of its requests, a run is read ahead of: so far that nobody waits for an answer to begin. The first
/// request after a seek is never larger, so that a single one counts as no run.
const RUN_BYTES: u64 = 256 << 10;

/// A remote object as [`Read`] and [`Seek`].
pub struct Reader {
    shared: Arc<Shared>,
    position: u64,
    /// End of the last request, and the size of the next one if it continues there.
    run: (u64, u64),
    /// The hinted range, which will be read next.
    hinted: Range<u64>,
    /// The ranges on their way that this reader has asked for.
    wanted: Vec<Wanted>,
}

impl Reader {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            position: 0,
            run: (0, 0),
            hinted: 0..0,
            wanted: Vec::new(),
        }
    }

    /// A hint that these bytes will be read next. What is on its way for an older hint, and not of this one, is given up.
    pub fn will_read(&mut self, bytes: Range<u64>) {
        self.wanted.retain(|wanted| {
            let range = wanted.0.range();
            range.start < bytes.end && bytes.start < range.end
        });
        self.hinted = bytes;
    }

    /// As [`Read::read`], but ends with an error once `goes_on` says no while the bytes are waited for.
    ///
    /// # Errors
    /// The bytes cannot be read; a [`SourceError`] is inside. Or the reader is not to go on.
    pub fn read_while(&mut self, buffer: &mut [u8], goes_on: &dyn Fn() -> bool) -> io::Result<usize> {
        let size = self.size(goes_on)?;
        if self.position >= size || buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let there = match self.shared.find(self.position) {
                Found::Here(bytes) => Some(bytes),
                Found::OnDisk(span) => self.shared.load(&span, self.position),
                Found::OnItsWay(transfer) => {
                    let wanted = Wanted::new(transfer);
                    match wanted.0.read(self.position, buffer, goes_on) {
                        Ok(Got::Bytes(count)) => return Ok(self.went(count)),
                        Ok(Got::Over) => None,
                        Ok(Got::Stopped) => return Err(stopped()),
                        Err(error) => return Err(self.failed(error)),
                    }
                }
                Found::Nowhere => {
                    self.fetch(self.position);
                    None
                }
            };
            if let Some(there) = there {
                let count = there.len().min(buffer.len());
                buffer[..count].copy_from_slice(&there[..count]);
                return Ok(self.went(count));
            }
        }
    }

    fn size(&self, goes_on: &dyn Fn() -> bool) -> io::Result<u64> {
        match self.shared.known(goes_on) {
            Ok(Some((_, size))) => Ok(size),
            Ok(None) => Err(stopped()),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Keeps the error beside libav, which only passes a number on.
    fn failed(&self, error: SourceError) -> io::Error {
        self.shared
            .state
            .lock()
            .error
            .get_or_insert_with(|| error.clone());
        io::Error::other(error)
    }

    fn went(&mut self, count: usize) -> usize {
        self.position += count as u64;
        self.read_ahead();
        count
    }

    /// Asks for the bytes at `start`, and for as many after them as will be read.
    fn fetch(&mut self, start: u64) {
        let (run_end, run_bytes) = self.run;
        let (bytes, next_bytes) = if self.hinted.contains(&start) {
            // After a hinted range, little is read.
            (self.hinted.end - start, 0)
        } else if start == run_end && run_bytes > 0 {
            (run_bytes, run_bytes * 2)
        } else {
            self.leap(start)
        };
        let bytes = bytes.min(MAX_REQUEST_BYTES);
        let continues = |wanted: &Wanted| wanted.0.end() == start || self.hinted.contains(&start);
        self.wanted.retain(continues);
        if let Some(wanted) = self.shared.fetch_from(start, bytes) {
            self.run = (wanted.0.end(), next_bytes.min(MAX_REQUEST_BYTES));
            self.wanted.push(wanted);
        }
    }

    /// What is asked for after a seek that nothing was said about, and what next.
    fn leap(&self, start: u64) -> (u64, u64) {
        let first = self.shared.link.first_request_bytes();
        let size = self.shared.state.lock().known.as_ref().map_or(0, |known| known.1);
        // A leap close to the end is to an index there: one request in place of two or three.
        let is_tail = start > size / 2 && size - start.min(size) <= MAX_REQUEST_BYTES / 4;
        if is_tail {
            (size - start, first)
        } else {
            (first, first)
        }
    }

    /// Asks for what is likely to be read next, so far ahead that nobody waits for an answer to begin.
    fn read_ahead(&mut self) {
        let link = &self.shared.link;
        let bytes = if self.hinted.contains(&self.position) || self.run.1 >= MAX_REQUEST_BYTES {
            link.read_ahead_bytes(self.shared.options.memory_bytes)
        } else {
            // It may end soon.
            link.in_flight_bytes().clamp(MIN_REQUEST_BYTES, RUN_BYTES)
        };
        let ahead = self.position.saturating_add(bytes);
        let is_hinted = self.hinted.contains(&self.position);
        let (run_end, run_bytes) = self.run;
        let limit = if is_hinted {
            self.hinted.end.min(ahead)
        } else if run_bytes > RUN_BYTES && self.position <= run_end {
            ahead
        } else {
            return;
        };
        loop {
            let covered = self.shared.covered_until(self.position, limit);
            let is_next = is_hinted || covered == run_end;
            let before = self.wanted.len();
            if covered >= limit || !is_next {
                return;
            }
            self.wanted.retain(|wanted| wanted.0.end() > self.position);
            let (_, run_bytes) = self.run;
            let bytes = if is_hinted {
                self.hinted.end - covered
            } else {
                run_bytes
            };
            let Some(wanted) = self.shared.fetch_from(covered, bytes.min(MAX_REQUEST_BYTES)) else {
                return;
            };
            let next_bytes = if is_hinted {
                0
            } else {
                (run_bytes * 2).min(MAX_REQUEST_BYTES)
            };
            self.run = (wanted.0.end(), next_bytes);
            self.wanted.push(wanted);
            if self.wanted.len() <= before {
                return;
            }
        }
    }
}

fn stopped() -> io::Error {
    io::Error::other("the read was stopped")
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_while(buffer, &|| true)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.size(&|| true)?.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// The [`SourceError`] inside an error of a read.
pub fn source_error(error: &io::Error) -> Option<&SourceError> {
    error.get_ref()?.downcast_ref()
}
