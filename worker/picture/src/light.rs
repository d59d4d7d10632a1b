//! How bright a video says that it is: for the tone curve, and for the files that keep its codes.

use png::chunk::{self, ChunkType};

use crate::colour::Mastering;

/// Units of a chromaticity in a PNG's `mDCV`, as in a video's own metadata (SMPTE ST 2086): 1/50,000.
const CHROMATICITY: u32 = 2;
/// Units of a luminance there and in `cLLI`: 1/10,000 nit.
const NIT: u32 = 10_000;

/// The display on which a video was graded (SMPTE ST 2086).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MasteringDisplay {
    /// The chromaticities x and y of red, green, blue and white, in units of 1/50,000.
    pub chromaticities: [u16; 8],
    /// Its brightest light, in units of 1/10,000 nit.
    pub max_luminance: u32,
    /// Its darkest light, in the same units.
    pub min_luminance: u32,
}

/// The brightest light of a video (CTA-861.3), in nits; 0 where it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentLight {
    /// `MaxCLL`: of its brightest pixel.
    pub max_pixel: u32,
    /// `MaxFALL`: of its brightest frame, on average.
    pub max_frame_average: u32,
}

/// What a video says of its brightness: the same for all of its frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Light {
    /// The display on which it was graded.
    pub display: Option<MasteringDisplay>,
    /// Its brightest light.
    pub content: Option<ContentLight>,
}

impl Light {
    /// Nothing is said.
    pub const UNKNOWN: Self = Self {
        display: None,
        content: None,
    };

    /// The peak for the tone curve: `MaxCLL`, else that of the mastering display, which the video cannot exceed.
    pub fn mastering(self) -> Mastering {
        let content = self.content.map(|content| content.max_pixel as f32);
        let display = self
            .display
            .map(|display| display.max_luminance as f32 / NIT as f32);
        let is_said = |nits: &f32| *nits > 0.0;
        Mastering {
            max_nits: content.filter(is_said).or(display.filter(is_said)),
        }
    }

    /// What it says, and where it is silent what `other` says.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let is_said = |content: &ContentLight| content.max_pixel > 0;
        Self {
            display: self.display.or(other.display),
            content: self.content.filter(is_said).or(other.content).or(self.content),
        }
    }

    /// The chunks of a PNG (third edition, sections 11.3.2.7 and 11.3.2.8).
    pub(crate) fn chunks(self) -> impl Iterator<Item = (ChunkType, Vec<u8>)> {
        let display = self.display.map(|display| {
            let chromaticities = display.chromaticities.into_iter().flat_map(u16::to_be_bytes);
            let luminances = [display.max_luminance, display.min_luminance];
            let luminances = luminances.into_iter().flat_map(u32::to_be_bytes);
            (chunk::mDCV, chromaticities.chain(luminances).collect())
        });
        let content = self.content.map(|content| {
            let nits = [content.max_pixel, content.max_frame_average].map(|nits| nits.saturating_mul(NIT));
            (chunk::cLLI, nits.into_iter().flat_map(u32::to_be_bytes).collect())
        });
        display.into_iter().chain(content)
    }

    /// The light of a decoded PNG.
    pub(crate) fn of_png(info: &png::Info<'_>) -> Self {
        let display = info.mastering_display_color_volume.map(|display| {
            let points = display.chromaticities;
            let points = [points.red, points.green, points.blue, points.white];
            let scaled = |value: png::ScaledFloat| (value.into_scaled() / CHROMATICITY) as u16;
            let mut chromaticities = [0; 8];
            for (pair, (x, y)) in chromaticities.chunks_exact_mut(2).zip(points) {
                pair.copy_from_slice(&[scaled(x), scaled(y)]);
            }
            MasteringDisplay {
                chromaticities,
                max_luminance: display.max_luminance,
                min_luminance: display.min_luminance,
            }
        });
        let content = info.content_light_level.map(|light| ContentLight {
            max_pixel: light.max_content_light_level / NIT,
            max_frame_average: light.max_frame_average_light_level / NIT,
        });
        Self { display, content }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn display(nits: u32) -> MasteringDisplay {
        MasteringDisplay {
            chromaticities: [0; 8],
            max_luminance: nits * NIT,
            min_luminance: 50,
        }
    }

    const fn content(max_pixel: u32) -> ContentLight {
        ContentLight {
            max_pixel,
            max_frame_average: 0,
        }
    }

    // Breaks if the display's peak is taken where the content's is known, or 0, which stands for unknown, is a peak.
    #[test]
    fn the_content_goes_before_the_display() {
        let peak = |display: Option<u32>, content: Option<u32>| {
            let light = Light {
                display: display.map(self::display),
                content: content.map(self::content),
            };
            light.mastering().max_nits
        };
        assert_eq!(peak(Some(4_000), Some(850)), Some(850.0));
        assert_eq!(peak(Some(4_000), Some(0)), Some(4_000.0));
        assert_eq!(peak(Some(4_000), None), Some(4_000.0));
        assert_eq!(peak(Some(0), Some(0)), None);
        assert_eq!(peak(None, None), None);
        let container = Light {
            display: Some(display(1_000)),
            content: Some(content(0)),
        };
        let frame = Light {
            display: Some(display(4_000)),
            content: Some(content(700)),
        };
        let both = container.or(frame);
        assert_eq!(
            (both.display, both.content),
            (Some(display(1_000)), Some(content(700)))
        );
    }
}
