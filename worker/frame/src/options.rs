//! The options of a video: limits and cancelling.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::{Deinterlace, Interpretation, max_pixels};

/// Cancels the calls that it was passed to, until it is [reset](Self::reset). Clones share the state.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Cancels the current call and later ones.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Allows further calls, so that an open video can be used after a cancelled call.
    pub fn reset(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether it is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How a video is opened, and the limits of each call on it.
#[derive(Clone, Debug)]
pub struct Options {
    /// Cancels calls, from any thread.
    pub cancel: Cancel,
    /// Most pixels of one picture. Larger ones are refused before anything is decoded.
    pub max_pixels: u64,
    /// Longest time of one call.
    pub max_time: Duration,
    /// Longest time of one call without a decoded picture. Waiting for the source's bytes does not count.
    pub max_stall: Duration,
    /// Most bytes of pictures that one call may decode.
    pub max_decoded_bytes: u64,
    /// Most frames that a rule may give: some are found one by one, in a time that grows with their number.
    pub max_picks: usize,
    /// Most bytes of decoded frames that are kept for steps back.
    pub recent_bytes: u64,
    /// After a seek, all frames within this time before the target are decoded and kept, so that steps back are fast.
    pub lead: Duration,
    /// Whether to decode faster and coarser pictures, if the codec can: for previews, never for a thumbnail.
    pub draft: bool,
    /// Which track is shown, and what of the file's own word on it does not count.
    pub interpretation: Interpretation,
    /// Which frames of [`frames_at`] and [`into_frame_at`] come with [`Frame::deinterlaced`] beside the exact picture. For
    /// these the frames before and after are decoded too.
    ///
    /// [`frames_at`]: crate::Video::frames_at
    /// [`into_frame_at`]: crate::Video::into_frame_at
    /// [`Frame::deinterlaced`]: crate::Frame::deinterlaced
    pub deinterlace: Deinterlace,
    /// Most decoding threads; 0 means one per processor. Only one is used for small pictures, for decoders whose threads do
    /// not wait for each other correctly, and for damaged streams, so that the pixels do not depend on the number.
    pub threads: usize,
}

impl Default for Options {
    /// As many pixels as the available memory is enough for ([`max_pixels`] of one decoder), ten minutes, one minute without a picture, 4 TiB of pictures (an hour of 8K at 24
    /// frames a second), 100,000 frames of a rule, 64 MiB of recent frames, no lead, no drafts, all as the file says, nothing deinterlaced, all cores.
    fn default() -> Self {
        Self {
            cancel: Cancel::default(),
            max_pixels: max_pixels(1),
            max_time: Duration::from_mins(10),
            max_stall: Duration::from_mins(1),
            max_decoded_bytes: 1 << 42,
            max_picks: 100_000,
            recent_bytes: 64 << 20,
            lead: Duration::ZERO,
            draft: false,
            interpretation: Interpretation::default(),
            deinterlace: Deinterlace::Off,
            threads: 0,
        }
    }
}
