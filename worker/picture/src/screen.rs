//! Exact pictures on the screen: scaled down, and HDR as SDR.
//!
//! The window shows sRGB. Codes of PQ and HLG that are taken for sRGB look grey and flat, so HDR is tone-mapped as it is for
//! outputs of SDR, after scaling: there are fewer pixels then, and outputs do it in the same order. The exact pixels and
//! their hash have no part in it.

use crate::colour::{Colour, ToSdr};
use crate::render::to_8;
use crate::scale::{scaled_for_screen, scaled_rgba8};
use crate::{Image, PictureError, PixelFormat};

/// Most threads that tone-map a picture. More wait for memory.
const MAX_THREADS: usize = 8;
/// Fewest pixels that are worth a thread.
const MIN_BAND: usize = 1 << 16;

impl Image {
    /// A smaller copy for the screen: RGBA with eight bits per value and square pixels, at most `max` pixels wide and high,
    /// and never enlarged. HDR is tone-mapped.
    ///
    /// # Errors
    /// There is not enough memory.
    pub fn scaled_to_fit(&self, max: (u32, u32)) -> Result<Self, PictureError> {
        let (width, height) = fitted(self.display_size(), max);
        let size = (self.width(), self.height());
        if (width, height) == size {
            return Self::new(PixelFormat::Rgba8, width, height, self.to_screen_rgba8());
        }
        let pixels = if let Some(colour) = self.hdr() {
            let scaled = scaled_for_screen(&self.values_16(), self.format(), size, (width, height))?;
            self.tone_mapped(colour, scaled)
        } else {
            let is_opaque = !self.format().has_alpha();
            scaled_rgba8(&self.to_rgba8(), size, (width, height), is_opaque)?
        };
        Self::new(PixelFormat::Rgba8, width, height, pixels)
    }

    /// The picture as RGBA with eight bits per value, for the screen. HDR is tone-mapped.
    pub fn to_screen_rgba8(&self) -> Vec<u8> {
        match self.hdr() {
            Some(colour) => self.tone_mapped(colour, self.values_16()),
            None => self.to_rgba8(),
        }
    }

    /// There is no grey HDR video.
    fn hdr(&self) -> Option<Colour> {
        self.tags().hdr().filter(|_| self.format().values() >= 3)
    }

    /// RGBA of values that are coded as this picture's are.
    fn tone_mapped(&self, colour: Colour, mut values: Vec<u16>) -> Vec<u8> {
        let to_sdr = ToSdr::shared(colour, self.tags().light.mastering());
        let (each, has_alpha) = (self.format().values(), self.format().has_alpha());
        let mut rgba = vec![0; values.len() / each * 4];
        let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MAX_THREADS));
        let band = (rgba.len() / 4).div_ceil(threads).max(MIN_BAND);
        let bands = values.chunks_mut(band * each).zip(rgba.chunks_mut(band * 4));
        let convert = &|(values, rgba): (&mut [u16], &mut [u8])| {
            if has_alpha {
                to_sdr.convert_rgba(values);
                for (to, value) in rgba.iter_mut().zip(values) {
                    *to = to_8(*value);
                }
            } else {
                to_sdr.convert(values);
                let pixels = values.as_chunks::<3>().0;
                for (to, &[r, g, b]) in rgba.as_chunks_mut().0.iter_mut().zip(pixels) {
                    *to = [to_8(r), to_8(g), to_8(b), 255];
                }
            }
        };
        std::thread::scope(|scope| {
            let mut bands = bands.peekable();
            while let Some(band) = bands.next() {
                // The last one is this thread's.
                if bands.peek().is_some() {
                    scope.spawn(move || convert(band));
                } else {
                    convert(band);
                }
            }
        });
        rgba
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
    use crate::{ContentLight, Light, Tags, render};

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

    // Breaks if HDR is shown otherwise than the SDR output of the same size is made, its peak is not that of its tags, an
    // alpha is lost, or the exact pixels and their hash depend on what is shown.
    #[test]
    fn hdr_is_shown_as_its_sdr_output() {
        let ramp = |format: PixelFormat, nits| {
            let values = (0..64 * 36 * format.values() as u32).map(|at| (at * 2_711 % 65_536) as u16);
            let image = Image::new(format, 64, 36, values.flat_map(u16::to_be_bytes).collect()).unwrap();
            image.with_tags(Tags {
                primaries: 9,
                transfer: 16,
                light: Light {
                    content: Some(ContentLight {
                        max_pixel: nits,
                        max_frame_average: 0,
                    }),
                    ..Light::UNKNOWN
                },
                ..Tags::NONE
            })
        };
        for format in [PixelFormat::Rgb16, PixelFormat::Rgba16] {
            let image = ramp(format, 4_000);
            let output = render(&image, &"png:8:sdr".parse().unwrap())
                .unwrap()
                .into_owned();
            let shown = image.scaled_to_fit((64, 36)).unwrap();
            assert!(shown.data() == output.to_rgba8());
            assert!(shown.data() != image.to_rgba8());
            assert!(shown.data() != ramp(format, 600).to_screen_rgba8());
            assert_eq!(image.pixel_sha256(), ramp(format, 600).pixel_sha256());
        }
        let plain = ramp(PixelFormat::Rgb16, 1_000);
        let white = Image::new(PixelFormat::Rgb16, 64, 36, vec![0x94; 64 * 36 * 6]).unwrap();
        let white = white.with_tags(plain.tags());
        let (small, full) = (white.scaled_to_fit((16, 9)).unwrap(), white.to_screen_rgba8());
        assert!(*small.data() == full[..16 * 9 * 4] && !small.tags().is_hdr());
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
