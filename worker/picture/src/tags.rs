//! The tags of a PNG's pixels: their aspect ratio and colour properties.
//!
//! The chunks are those of ffmpeg 7.1's PNG encoder, byte for byte: `cICP` (which alone tells HDR from SDR) for every
//! known transfer function but sRGB's, and `cHRM` for every known set of primaries. ffmpeg 5.1 writes fewer: no `cICP`,
//! and `cHRM` only for common primaries. The chunks that it writes are the same. How bright a video is (`mDCV`, `cLLI`) is
//! written under the names of the final standard; ffmpeg 7.1 uses those of its draft.

use png::chunk::{self, ChunkType};

use crate::colour::{Colour, Primaries, Transfer};
use crate::light::Light;

/// ITU-T H.273's number for unknown primaries, transfer functions and matrices.
const UNSPECIFIED: u8 = 2;
const BT709: u8 = 1;
const SRGB: u8 = 13;

/// The aspect ratio and colour properties of an image's pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tags {
    /// Sample aspect ratio, width to height; a width of 0 if it is not known.
    pub shape: (u32, u32),
    /// The colour primaries. These and the transfer function are numbers of ITU-T H.273.
    pub primaries: u8,
    /// The transfer function.
    pub transfer: u8,
    /// How bright the video is, where it is HDR and says so.
    pub light: Light,
}

impl Tags {
    /// Nothing is known.
    pub const NONE: Self = Self {
        shape: (0, 1),
        primaries: UNSPECIFIED,
        transfer: UNSPECIFIED,
        light: Light::UNKNOWN,
    };

    /// Whether the transfer function is one of HDR: PQ or HLG.
    pub const fn is_hdr(self) -> bool {
        self.hdr().is_some()
    }

    /// Which HDR it is; `None` for SDR and for what nobody says.
    pub(crate) const fn hdr(self) -> Option<Colour> {
        let transfer = match self.transfer {
            16 => Transfer::Pq,
            18 => Transfer::Hlg,
            _ => return None,
        };
        let primaries = match self.primaries {
            BT709 => Primaries::Bt709,
            12 => Primaries::P3,
            // HDR video has these, also where it does not say so.
            _ => Primaries::Bt2020,
        };
        Some(Colour { transfer, primaries })
    }

    /// The tags of a decoded PNG.
    pub(crate) fn of_png(info: &png::Info<'_>) -> Self {
        let shape = info
            .pixel_dims
            .filter(|dims| dims.unit == png::Unit::Unspecified)
            .map_or(Self::NONE.shape, |dims| (dims.xppu, dims.yppu));
        let (primaries, transfer) = match info.coding_independent_code_points {
            Some(points) => (points.color_primaries, points.transfer_function),
            None if info.srgb.is_some() => (BT709, SRGB),
            None => (UNSPECIFIED, UNSPECIFIED),
        };
        Self {
            shape,
            primaries,
            transfer,
            light: Light::of_png(info),
        }
    }

    /// The chunks, in ffmpeg's order. They must be written before the pixels.
    pub(crate) fn chunks(self) -> Vec<(ChunkType, Vec<u8>)> {
        let (width, height) = self.shape;
        let mut chunks = vec![(chunk::pHYs, [&numbers(&[width, height])[..], &[0]].concat())];
        if (self.primaries, self.transfer) == (BT709, SRGB) {
            // The rendering intent is relative colorimetric.
            chunks.push((chunk::sRGB, vec![1]));
        } else if self.transfer != UNSPECIFIED {
            // Matrix 0 is RGB, and 1 is full range.
            chunks.push((chunk::cICP, vec![self.primaries, self.transfer, 0, 1]));
        }
        if let Some(points) = chromaticities(self.primaries) {
            chunks.push((chunk::cHRM, numbers(&points)));
        }
        if let Some(gamma) = gamma(self.transfer) {
            chunks.push((chunk::gAMA, numbers(&[gamma])));
        }
        chunks.extend(self.light.chunks());
        chunks
    }
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The chromaticities of primaries by ITU-T H.273, table 2: x and y of white, red, green and blue, in units of 1/100,000.
const fn chromaticities(primaries: u8) -> Option<[u32; 8]> {
    Some(match primaries {
        1 => [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000],
        4 => [31_000, 31_600, 67_000, 33_000, 21_000, 71_000, 14_000, 8_000],
        5 => [31_270, 32_900, 64_000, 33_000, 29_000, 60_000, 15_000, 6_000],
        6 | 7 => [31_270, 32_900, 63_000, 34_000, 31_000, 59_500, 15_500, 7_000],
        8 => [31_000, 31_600, 68_100, 31_900, 24_300, 69_200, 14_500, 4_900],
        9 => [31_270, 32_900, 70_800, 29_200, 17_000, 79_700, 13_100, 4_600],
        10 => [33_333, 33_333, 73_500, 26_500, 27_400, 71_800, 16_700, 900],
        11 => [31_400, 35_100, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000],
        12 => [31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000],
        22 => [31_270, 32_900, 63_000, 34_000, 29_500, 60_500, 15_500, 7_700],
        _ => return None,
    })
}

/// The exponent that best approximates the inverse of a transfer function of ITU-T H.273, table 3, in units of 1/100,000.
/// `None` for HDR.
const fn gamma(transfer: u8) -> Option<u32> {
    Some(match transfer {
        // The functions of video: 1/1.961.
        1 | 6 | 7 | 12 | 14 | 15 => 50_994,
        4 | SRGB => 45_455,
        5 => 35_714,
        8 => 100_000,
        // 1/2.6.
        17 => 38_462,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if an HDR still or one with unusual primaries has no tags, or one with unknown colours has some.
    #[test]
    fn each_kind_has_its_chunks() {
        let names = |primaries, transfer| -> Vec<ChunkType> {
            let tags = Tags {
                primaries,
                transfer,
                ..Tags::NONE
            };
            tags.chunks().into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names(2, 2), [chunk::pHYs]);
        assert_eq!(names(BT709, 2), [chunk::pHYs, chunk::cHRM]);
        assert_eq!(
            names(BT709, SRGB),
            [chunk::pHYs, chunk::sRGB, chunk::cHRM, chunk::gAMA]
        );
        assert_eq!(
            names(BT709, 1),
            [chunk::pHYs, chunk::cICP, chunk::cHRM, chunk::gAMA]
        );
        // PQ and HLG.
        assert_eq!(names(9, 16), [chunk::pHYs, chunk::cICP, chunk::cHRM]);
        assert_eq!(names(9, 18), [chunk::pHYs, chunk::cICP, chunk::cHRM]);
    }
}
