//! Pixels in another size.
//!
//! The scaler is generic, so it is compiled in the crate that calls it, which takes several times as long as all of
//! `posterframe-frame`. Here it is compiled once, not with each change of that crate.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::{PictureError, PixelFormat};

/// The filter of pictures for the screen: sharper than bilinear, and smooth where a box filter takes two pixels here and three
/// there.
const SCREEN: FilterType = FilterType::Hamming;

/// A part of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Part {
    /// Whether it is all of a picture of this size.
    pub(crate) fn is_all_of(self, (width, height): (u32, u32)) -> bool {
        let all = Self {
            left: 0.0,
            top: 0.0,
            width: width.into(),
            height: height.into(),
        };
        self == all
    }
}

/// A picture in another size, by the filter that pictures for the screen have. `values` has 16 bits for each value of
/// `format`, line by line and without gaps, as the result has.
///
/// # Errors
/// `values` has not exactly those of a picture of size `from`.
pub(crate) fn scaled_for_screen(
    values: &[u16],
    format: PixelFormat,
    from: (u32, u32),
    to: (u32, u32),
) -> Result<Vec<u16>, PictureError> {
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(SCREEN))
        .use_alpha(format.has_alpha());
    resized(values, format, from, to, &options)
}

/// A part of a picture in another size, by a Lanczos filter of three lobes. `values` has 16 bits for each value of `format`,
/// line by line and without gaps, as the result has; alpha is not premultiplied.
///
/// # Errors
/// `values` has not exactly those of a picture of size `from`, or the part is not within it.
pub(crate) fn scaled(
    values: &[u16],
    format: PixelFormat,
    from: (u32, u32),
    part: Part,
    to: (u32, u32),
) -> Result<Vec<u16>, PictureError> {
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(part.left.max(0.0), part.top.max(0.0), part.width, part.height)
        .use_alpha(format.has_alpha());
    resized(values, format, from, to, &options)
}

fn resized(
    values: &[u16],
    format: PixelFormat,
    from: (u32, u32),
    to: (u32, u32),
    options: &ResizeOptions,
) -> Result<Vec<u16>, PictureError> {
    let kind = match format.values() {
        1 => PixelType::U16,
        2 => PixelType::U16x2,
        3 => PixelType::U16x3,
        _ => PixelType::U16x4,
    };
    let mut bytes = vec![0; values.len() * 2];
    for (pair, value) in bytes.as_chunks_mut().0.iter_mut().zip(values) {
        *pair = value.to_ne_bytes();
    }
    let source = ImageRef::new(from.0, from.1, &bytes, kind).map_err(failed)?;
    let mut scaled = Image::new(to.0, to.1, kind);
    Resizer::new()
        .resize(&source, &mut scaled, options)
        .map_err(failed)?;
    let (pairs, _) = scaled.buffer().as_chunks();
    Ok(pairs.iter().map(|pair| u16::from_ne_bytes(*pair)).collect())
}

/// A copy of a picture in another size, width and height in pixels.
///
/// `pixels` and the result have eight bits of red, green, blue and alpha for each pixel, line by line from the top and
/// without gaps; alpha is not premultiplied. Where `is_opaque`, every alpha is 255, which saves the multiplication by it.
///
/// # Errors
/// `pixels` has not exactly the bytes of a picture of size `from`.
pub(crate) fn scaled_rgba8(
    pixels: &[u8],
    from: (u32, u32),
    to: (u32, u32),
    is_opaque: bool,
) -> Result<Vec<u8>, PictureError> {
    let from = ImageRef::new(from.0, from.1, pixels, PixelType::U8x4).map_err(failed)?;
    let mut scaled = Image::new(to.0, to.1, PixelType::U8x4);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(SCREEN))
        .use_alpha(!is_opaque);
    Resizer::new()
        .resize(&from, &mut scaled, &options)
        .map_err(failed)?;
    Ok(scaled.into_vec())
}

fn failed(error: impl std::fmt::Display) -> PictureError {
    PictureError::Scale(error.to_string())
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
