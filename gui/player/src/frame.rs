//! A decoded frame for the window, and its proof for a submission.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use posterframe_contract::Position;
use posterframe_frame::{Flaw, Image, Quality};

/// Largest size of a job's still, in pixels: twice the size in lists, for screens of high density.
const STILL: (u32, u32) = (320, 180);

/// The exact frame for a position.
#[derive(Debug)]
pub struct ExactFrame<P> {
    /// The frame's time since the start of the video.
    pub time: Duration,
    /// The position to submit, which leads to this exact frame.
    pub position: Position,
    /// The frame's presentation timestamp, in units of the stream's time base.
    pub pts: i64,
    /// One unit of the stream's time base: the smallest distance to the next frame.
    pub tick: Duration,
    /// The picture for the screen, at most as large as requested.
    pub picture: P,
    /// Width and height in pixels after the sample aspect ratio is applied.
    pub display_size: (u32, u32),
    /// The exact pixels, the same as the worker's.
    pub image: Arc<Image>,
    proof: OnceLock<Proof>,
}

/// The proof of a frame, sent with a submission. It takes some milliseconds, and so is made only for marked frames.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Hex SHA-256 of the exact pixels.
    pub sha256: String,
    /// Width and height of the exact pixels.
    pub size: (u32, u32),
    /// Name of the pixel format, such as `rgb24`.
    pub format: &'static str,
    /// A small copy of the picture; `None` if it could not be made.
    pub still: Option<Image>,
    /// The picture's flaw, if the picture alone shows one.
    pub flaw: Option<Flaw>,
}

impl<P> ExactFrame<P> {
    pub(super) fn new(frame: posterframe_frame::Frame, picture: P) -> Self {
        let position = Position::from_micros(frame.position().as_micros() as u64);
        let (num, den) = frame.time_base;
        Self {
            time: frame.time,
            pts: frame.pts,
            position,
            tick: Duration::from_secs_f64(f64::from(num) / f64::from(den.max(1))),
            picture,
            display_size: frame.image.display_size(),
            image: Arc::new(frame.image),
            proof: OnceLock::new(),
        }
    }

    /// The same frame with a picture of another size.
    pub(super) fn resized(&self, picture: P) -> Self {
        Self {
            picture,
            image: self.image.clone(),
            proof: self.proof.clone(),
            ..*self
        }
    }

    /// The proof, made at the first call. That takes some milliseconds: not for the window's thread.
    pub fn proof(&self) -> &Proof {
        self.proof.get_or_init(|| Proof::of(&self.image))
    }

    /// The proof, if it is made already.
    pub fn ready_proof(&self) -> Option<&Proof> {
        self.proof.get()
    }
}

impl Proof {
    /// The proof of `image`. Takes some milliseconds.
    pub fn of(image: &Image) -> Self {
        let still = image.scaled_to_fit(STILL).ok();
        let judged = still.as_ref().unwrap_or(image);
        Self {
            sha256: image.pixel_sha256(),
            size: (image.width(), image.height()),
            format: image.format().name(),
            flaw: Quality::of(judged.width(), judged.height(), &judged.to_screen_rgba8()).flaw(),
            still,
        }
    }
}
