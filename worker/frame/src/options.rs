//! Limits, and a way to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::max_pixels;

/// Stops whatever it was given to, until it is [reset](Self::reset). Clones stop the same.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Stops it.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Lets the next call run: for who stops single calls on an open video, which goes on from there.
    pub fn reset(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether it was stopped.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How a video is opened, and what a call on it may cost.
#[derive(Clone, Debug)]
pub struct Options {
    /// Stops what is under way, from any thread.
    pub cancel: Cancel,
    /// The most pixels of one picture; more is refused before anything is decoded.
    pub max_pixels: u64,
    /// The longest that one call may take.
    pub max_time: Duration,
    /// The longest that one call may go on without a picture coming out of the decoder; time spent waiting for the
    /// source's bytes does not count.
    pub max_stall: Duration,
    /// The most bytes of pictures that one call may decode, on the way to its frame.
    pub max_decoded_bytes: u64,
    /// Bytes of decoded frames that are kept for stepping back.
    pub recent_bytes: u64,
    /// How much of the video before a frame that is sought comes out too, so that steps back from it are at hand.
    pub lead: Duration,
    /// Quicker and coarser pictures, where the codec has such: for looks, never for a thumbnail.
    pub draft: bool,
    /// The most threads that decode; 0 for as many as there are processors. Small pictures, decoders whose threads do
    /// not wait for each other as they should, and damaged streams have one: the pixels do not depend on the number.
    pub threads: usize,
}

impl Default for Options {
    /// As many pixels as the available memory is enough for ([`max_pixels`] of one decoder), ten minutes, one minute without a picture, 4 TiB of pictures (an hour of 8K at 24
    /// frames a second), 64 MiB of recent frames, no lead, no drafts, all cores.
    fn default() -> Self {
        Self {
            cancel: Cancel::default(),
            max_pixels: max_pixels(1),
            max_time: Duration::from_mins(10),
            max_stall: Duration::from_mins(1),
            max_decoded_bytes: 1 << 42,
            recent_bytes: 64 << 20,
            lead: Duration::ZERO,
            draft: false,
            threads: 0,
        }
    }
}
