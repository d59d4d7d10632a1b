//! Pixels and what becomes of them, without libav.
//!
//! The scaler is generic, so it is compiled in the crate that calls it, which takes several times as long as all of
//! `posterframe-frame`. Here it is compiled once, not with each change of that crate.

pub mod proof;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{
    FilterType, ImageBufferError, PixelType, ResizeAlg, ResizeError, ResizeOptions, Resizer,
};

/// Why a picture cannot be scaled.
#[derive(Debug, thiserror::Error)]
pub enum ScaleError {
    /// The size is not that of the pixels.
    #[error(transparent)]
    Size(#[from] ImageBufferError),
    /// The scaler refuses.
    #[error(transparent)]
    Scaler(#[from] ResizeError),
}

/// A copy of a picture in another size, width and height in pixels.
///
/// `pixels` and the result have eight bits of red, green, blue and alpha for each pixel, line by line from the top and
/// without gaps; alpha is not premultiplied. Where `is_opaque`, every alpha is 255, which saves the multiplication by it.
///
/// # Errors
/// `pixels` has not exactly the bytes of a picture of size `from`.
pub fn scaled_rgba8(
    pixels: &[u8],
    from: (u32, u32),
    to: (u32, u32),
    is_opaque: bool,
) -> Result<Vec<u8>, ScaleError> {
    let from = ImageRef::new(from.0, from.1, pixels, PixelType::U8x4)?;
    let mut scaled = Image::new(to.0, to.1, PixelType::U8x4);
    // Hamming is sharper than bilinear, and smooth where a box filter takes two pixels here and three there.
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Hamming))
        .use_alpha(!is_opaque);
    Resizer::new().resize(&from, &mut scaled, &options)?;
    Ok(scaled.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a size that is not that of the pixels is read beyond their end, or a plain colour changes.
    #[test]
    fn sizes_and_colours() {
        let pixels = [10, 20, 30, 255].repeat(8 * 4);
        assert_eq!(
            scaled_rgba8(&pixels, (8, 4), (2, 1), true).unwrap(),
            [10, 20, 30, 255].repeat(2)
        );
        assert_eq!(
            scaled_rgba8(&pixels, (8, 4), (2, 1), false).unwrap(),
            [10, 20, 30, 255].repeat(2)
        );
        assert!(scaled_rgba8(&pixels, (8, 5), (2, 1), true).is_err());
    }
}
