//! A decoded frame as the window needs it, and the proof that goes with a submission.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use posterframe_contract::Position;
use posterframe_frame::Image;

/// The largest size of the still that stands for a job, in pixels.
const STILL: (u32, u32) = (320, 180);
/// A pixel is nearly black below this brightness, of 255…
const BLACK: u32 = 24;
/// …and a frame where so many of a hundred of its pixels are.
const NEARLY: usize = 98;

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
    /// A small copy of the picture.
    pub still: Option<Image>,
    /// Whether there is next to nothing to see.
    pub nearly_black: bool,
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
        self.proof.get_or_init(|| {
            let still = self.image.scaled_to_fit(STILL).ok();
            let nearly_black = nearly_black(&still.as_ref().unwrap_or(&self.image).to_rgba8());
            Proof {
                sha256: self.image.pixel_sha256(),
                still,
                nearly_black,
            }
        })
    }

    /// The proof, if it is there.
    pub fn ready_proof(&self) -> Option<&Proof> {
        self.proof.get()
    }
}

/// Whether a picture of RGBA pixels has next to nothing to see.
fn nearly_black(rgba: &[u8]) -> bool {
    let pixels = rgba.len() / 4;
    let dark = rgba.chunks_exact(4).filter(|pixel| {
        // Rec. 601's weights in whole numbers: precise enough for a hint.
        let [red, green, blue, _] = [0, 1, 2, 3].map(|index| u32::from(pixel[index]));
        (299 * red + 587 * green + 114 * blue) / 1000 < BLACK
    });
    pixels > 0 && dark.count() * 100 >= pixels * NEARLY
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a night scene is called black, or a black frame with a grain of noise is not.
    #[test]
    fn black_with_noise_is_black() {
        let mut rgba = [8, 8, 8, 255].repeat(1000);
        rgba[..40].fill(200);
        assert!(nearly_black(&rgba));
        rgba[..400].fill(200);
        assert!(!nearly_black(&rgba));
        assert!(!nearly_black(&[]));
    }
}
