//! Pixels in another size.
//!
//! The scaler is generic, so it is compiled in the crate that calls it, which takes several times as long as all of
//! `posterframe-frame`. Here it is compiled once, not with each change of that crate.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8x4, U16, U16x2, U16x3, U16x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

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
    match format.values() {
        1 => typed(
            values,
            from,
            to,
            options,
            |[grey]| U16::new(grey),
            |pixel| [pixel.0],
        ),
        2 => typed(values, from, to, options, U16x2::new, |pixel| pixel.0),
        3 => typed(values, from, to, options, U16x3::new, |pixel| pixel.0),
        _ => typed(values, from, to, options, U16x4::new, |pixel| pixel.0),
    }
}

/// The scaler for one kind of pixel of `N` values. Only the kinds that there are here are compiled: all would take minutes.
fn typed<P: PixelTrait, const N: usize>(
    values: &[u16],
    from: (u32, u32),
    to: (u32, u32),
    options: &ResizeOptions,
    pixel: impl Fn([u16; N]) -> P,
    values_of: impl Fn(P) -> [u16; N],
) -> Result<Vec<u16>, PictureError> {
    let pixels: Vec<P> = values.as_chunks().0.iter().map(|values| pixel(*values)).collect();
    let source = TypedImageRef::new(from.0, from.1, &pixels).map_err(failed)?;
    let mut scaled = TypedImage::new(to.0, to.1);
    Resizer::new()
        .resize_typed(&source, &mut scaled, options)
        .map_err(failed)?;
    Ok(scaled
        .pixels()
        .iter()
        .flat_map(|pixel| values_of(*pixel))
        .collect())
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
    let from = TypedImageRef::<U8x4>::from_buffer(from.0, from.1, pixels).map_err(failed)?;
    let mut scaled = TypedImage::<U8x4>::new(to.0, to.1);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(SCREEN))
        .use_alpha(!is_opaque);
    Resizer::new()
        .resize_typed(&from, &mut scaled, &options)
        .map_err(failed)?;
    Ok(scaled.pixels().iter().flat_map(|pixel| pixel.0).collect())
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
