//! Scales exact pictures down for the screen.

use crate::scale::scaled_rgba8;
use crate::{Image, PictureError, PixelFormat};

impl Image {
    /// A smaller copy for the screen: RGBA with eight bits per value and square pixels, at most `max` pixels wide and high,
    /// and never enlarged.
    ///
    /// # Errors
    /// There is not enough memory.
    pub fn scaled_to_fit(&self, max: (u32, u32)) -> Result<Self, PictureError> {
        let (width, height) = fitted(self.display_size(), max);
        if (width, height) == (self.width(), self.height()) {
            return Self::new(PixelFormat::Rgba8, width, height, self.to_rgba8());
        }
        let size = (self.width(), self.height());
        let is_opaque = !self.format().has_alpha();
        let pixels = scaled_rgba8(&self.to_rgba8(), size, (width, height), is_opaque)?;
        Self::new(PixelFormat::Rgba8, width, height, pixels)
    }
}

/// The largest size with the same aspect ratio that exceeds neither `size` nor `max`.
fn fitted((width, height): (u32, u32), max: (u32, u32)) -> (u32, u32) {
    let (most_across, most_down) = (max.0.max(1), max.1.max(1));
    if width <= most_across && height <= most_down {
        return (width, height);
    }
    let part = |of: u32, numerator: u32, denominator: u32| {
        let denominator = u64::from(denominator.max(1));
        let part = (u64::from(of) * u64::from(numerator) + denominator / 2) / denominator;
        u32::try_from(part).unwrap_or(u32::MAX).max(1)
    };
    if u64::from(width) * u64::from(most_down) > u64::from(height) * u64::from(most_across) {
        (most_across, part(height, most_across, width))
    } else {
        (part(width, most_down, height), most_down)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a picture is stretched, exceeds `max`, or has no pixels.
    #[test]
    fn sizes_fit() {
        assert_eq!(fitted((1920, 1080), (948, 533)), (948, 533));
        assert_eq!(fitted((1920, 1080), (960, 600)), (960, 540));
        assert_eq!(fitted((1080, 1920), (960, 540)), (304, 540));
        assert_eq!(fitted((320, 180), (960, 540)), (320, 180));
        assert_eq!(fitted((10_000, 1), (100, 100)), (100, 1));
        assert_eq!(fitted((5, 5), (0, 0)), (1, 1));
    }

    // Breaks if the resizer does not know a format, reads depth or grey wrongly, or shifts a colour.
    #[test]
    fn every_format_keeps_its_colour() {
        // The pixels are opaque, since alpha weights the mean.
        let cases: [(PixelFormat, &[u8], [u8; 4]); 8] = [
            (PixelFormat::Rgb8, &[10, 20, 30], [10, 20, 30, 255]),
            (PixelFormat::Rgba8, &[10, 20, 30, 255], [10, 20, 30, 255]),
            (PixelFormat::Rgb16, &[10, 1, 20, 2, 30, 3], [10, 20, 30, 255]),
            (
                PixelFormat::Rgba16,
                &[10, 1, 20, 2, 30, 3, 255, 255],
                [10, 20, 30, 255],
            ),
            (PixelFormat::Gray8, &[77], [77, 77, 77, 255]),
            (PixelFormat::GrayAlpha8, &[77, 255], [77, 77, 77, 255]),
            (PixelFormat::Gray16, &[77, 9], [77, 77, 77, 255]),
            (PixelFormat::GrayAlpha16, &[77, 9, 255, 255], [77, 77, 77, 255]),
        ];
        for (format, pixel, expected) in cases {
            let image = Image::new(format, 40, 30, pixel.repeat(40 * 30)).unwrap();
            for max in [(10, 10), (40, 30)] {
                let small = image.scaled_to_fit(max).unwrap();
                assert_eq!(small.format(), PixelFormat::Rgba8);
                assert!(
                    small.data().chunks_exact(4).all(|pixel| pixel == expected),
                    "{image:?}"
                );
            }
        }
    }

    // Breaks if transparent pixels change the colour of opaque ones, or the mean of black and white is not grey.
    #[test]
    fn pixels_are_averaged() {
        let checks: Vec<u8> = (0..64 * 64)
            .map(|at| if (at + at / 64) % 2 == 0 { 255 } else { 0 })
            .collect();
        let grey = Image::new(PixelFormat::Gray8, 64, 64, checks)
            .unwrap()
            .scaled_to_fit((16, 16))
            .unwrap();
        assert!(
            grey.data()
                .chunks_exact(4)
                .all(|pixel| pixel[0].abs_diff(128) <= 2)
        );
        let column = [[200, 0, 0, 255], [0, 255, 0, 0]].concat();
        let half = Image::new(PixelFormat::Rgba8, 2, 64, column.repeat(64)).unwrap();
        let small = half.scaled_to_fit((1, 32)).unwrap();
        let pixel = &small.data()[..4];
        assert!(
            pixel[0] > 190 && pixel[1] < 10 && pixel[3].abs_diff(128) <= 2,
            "{pixel:?}"
        );
    }
}
