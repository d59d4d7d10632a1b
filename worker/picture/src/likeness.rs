//! How alike two pictures are: whether a still is of a frame, after encoders and other programs have been at it.

use posterframe_contract::{Fit, OutputColor, OutputRequest, OutputSize};

use crate::scale::scaled_rgba8;
use crate::{Image, PictureError, render};

/// Width and height of a sketch.
const SKETCH: (u32, u32) = (48, 27);

/// The peak signal-to-noise ratio of a still and a frame, in decibels: 99 for the same pixels, above 40 where no eye sees a
/// difference, below 20 for pictures that have little in common. The frame is cropped as `crop` says, brought to the still's
/// size, and compared in eight bits of luma, over black where something is clear: encoders store luma well, and colour at a
/// quarter of its pixels.
///
/// # Errors
/// The crop is not within the frame.
pub fn psnr(still: &Image, frame: &Image, crop: Option<[u32; 4]>) -> Result<f64, PictureError> {
    let output = OutputRequest {
        size: Some(OutputSize {
            width: Some(still.width()),
            height: Some(still.height()),
        }),
        fit: Fit::Crop,
        crop,
        depth: Some(8),
        // Of HDR, an SDR still was tone-mapped; one that is HDR is compared as a screen shows both.
        color: OutputColor::Sdr,
        ..OutputRequest::default()
    };
    let frame = render(frame, &output)?;
    Ok(psnr_rgba(&still.to_screen_rgba8(), &frame.to_rgba8()))
}

fn psnr_rgba(a: &[u8], b: &[u8]) -> f64 {
    let (a, _) = a.as_chunks::<4>();
    let (b, _) = b.as_chunks::<4>();
    // BT.601's weights, in units of 1/1,000.
    let luma = |pixel: &[u8; 4]| {
        let [red, green, blue, alpha] = pixel.map(i64::from);
        (299 * red + 587 * green + 114 * blue) * alpha / 255
    };
    let squares = a.iter().zip(b).map(|(a, b)| (luma(a) - luma(b)).pow(2));
    let mean = squares.sum::<i64>() as f64 / 1e6 / a.len().min(b.len()).max(1) as f64;
    if mean == 0.0 {
        99.0
    } else {
        (10.0 * (255.0_f64.powi(2) / mean).log10()).min(98.9)
    }
}

/// A picture in so few pixels that thousands are compared in no time.
#[derive(Clone, Debug)]
pub struct Sketch(Vec<u8>);

impl Sketch {
    /// The sketch of a picture, whatever its shape.
    ///
    /// # Errors
    /// There is not enough memory.
    pub fn of(image: &Image) -> Result<Self, PictureError> {
        let size = (image.width(), image.height());
        let pixels = image.to_screen_rgba8();
        scaled_rgba8(&pixels, size, SKETCH, !image.format().has_alpha()).map(Self)
    }

    /// [`psnr`] of two sketches.
    pub fn psnr(&self, other: &Self) -> f64 {
        psnr_rgba(&self.0, &other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PixelFormat;

    fn image(seed: u8) -> Image {
        let data = (0..64 * 36 * 3_u32).map(|at| ((at / 7) as u8).wrapping_mul(3).wrapping_add(seed));
        Image::new(PixelFormat::Rgb8, 64, 36, data.collect()).unwrap()
    }

    // Breaks if an SDR still of an HDR frame is compared with the codes of HDR, or an HDR still with those of SDR.
    #[test]
    fn hdr_is_compared_as_the_still_is() {
        let codes = (0..64 * 36 * 3_u32).flat_map(|at| ((at * 17 % 45_000) as u16).to_be_bytes());
        let frame = Image::new(PixelFormat::Rgb16, 64, 36, codes.collect()).unwrap();
        let frame = frame.with_tags(crate::Tags {
            primaries: 9,
            transfer: 16,
            ..crate::Tags::NONE
        });
        let sdr = render(&frame, &"png:8:sdr".parse().unwrap())
            .unwrap()
            .into_owned();
        assert!(psnr(&sdr, &frame, None).unwrap() > 60.0);
        assert!(psnr(&frame, &frame, None).unwrap() > 60.0);
        let sketch = |image: &Image| Sketch::of(image).unwrap();
        assert!(sketch(&sdr).psnr(&sketch(&frame)) > 40.0);
    }

    // Breaks if a picture is not like itself, or as like another one as itself.
    #[test]
    fn likeness() {
        let (a, b) = (image(0), image(90));
        assert_eq!(psnr(&a, &a, None).unwrap(), 99.0);
        let other = psnr(&a, &b, None).unwrap();
        assert!(other < 20.0, "{other}");
        let (a, b) = (Sketch::of(&a).unwrap(), Sketch::of(&b).unwrap());
        assert!(a.psnr(&a) > 90.0 && a.psnr(&b) < 25.0);
        assert!(psnr(&image(0), &image(0), Some([60, 0, 30, 10])).is_err());
    }
}
