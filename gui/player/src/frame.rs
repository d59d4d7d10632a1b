//! A decoded frame as the window needs it, and the proof that goes with a submission.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use posterframe_contract::Position;
use posterframe_frame::Image;

use super::quality::{Flaw, Quality};

/// The largest size of the still that stands for a job, in pixels: twice what lists show, for sharp screens.
const STILL: (u32, u32) = (320, 180);

/// The exact frame for a position.
#[derive(Debug)]
pub struct ExactFrame<P> {
    /// Its time since the start of the video.
    pub time: Duration,
    /// The position to submit: it leads back to this very frame.
    pub position: Position,
    /// Its timestamp, in ticks of its stream's clock.
    pub pts: i64,
    /// The length of one tick of its stream's clock: the frame after it is at least so much later.
    pub tick: Duration,
    /// The picture, not larger than it was asked for: for the screen only.
    pub picture: P,
    /// The size that shows the picture in its right shape.
    pub display_size: (u32, u32),
    /// The exact pixels, as the worker gets them.
    pub image: Arc<Image>,
    proof: OnceLock<Proof>,
}

/// What goes with a submission. It takes some milliseconds, and is made only for frames that are marked.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Hex SHA-256 of the exact pixels.
    pub sha256: String,
    /// Their width and height.
    pub size: (u32, u32),
    /// The name of their format, such as `rgb24`.
    pub format: &'static str,
    /// A small copy of the picture.
    pub still: Option<Image>,
    /// What is wrong with the picture by itself.
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

    /// The proof, made now if it is not there: not for the window's thread.
    pub fn proof(&self) -> &Proof {
        self.proof.get_or_init(|| Proof::of(&self.image))
    }

    /// The proof, if it is there.
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
            flaw: Quality::of(judged.width(), judged.height(), &judged.to_rgba8()).flaw(),
            still,
        }
    }
}
