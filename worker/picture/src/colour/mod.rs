//! HDR pictures as SDR ones.
//!
//! A still of an HDR video that a browser, a mail or a slide shows has to be SDR: most of what shows stills cannot show
//! PQ or HLG, and takes their codes for sRGB, which looks grey and flat. The steps, and where each comes from:
//!
//! 1. Code to linear light: PQ by SMPTE ST 2084, HLG by ITU-R BT.2100 with the OOTF of its reference display (1000 nits,
//!    gamma 1.2).
//! 2. Reference white, 203 nits (ITU-R BT.2408), is the white of the screen. libplacebo, and so mpv, takes the same 203
//!    nits. ffmpeg's `tonemap` counts in units of 100 nits, the older SDR reference, which is one stop brighter and sends
//!    more of the picture into the compressed part of the curve.
//! 3. BT.2020 to BT.709 by the matrix, in linear light (ITU-R BT.2087).
//! 4. Colours that BT.709 does not have move towards the grey of their luminance until it has them.
//! 5. Highlights by the EETF of ITU-R BT.2390-10, in PQ codes, on the largest of red, green and blue; all three are
//!    multiplied by the same number. That keeps their proportions, and so the hue and the saturation, and no channel is
//!    above white afterwards. The curve on each channel turns bright orange to yellow. The curve on luminance, or on the
//!    largest channel before step 3, keeps the hue as well, but leaves bright saturated colours above white, where only
//!    less saturation brings them down: the yellow of a colour chart becomes cream. ffmpeg's `tonemap` takes the largest
//!    channel too. libplacebo has this curve as `bt.2390`; its present default, a spline fitted to the average brightness
//!    of each scene, would give the same frame different colours in different videos.
//! 6. Linear light to sRGB code (IEC 61966-2-1), not to BT.1886: the result is a still, and what shows stills takes them
//!    for sRGB, tagged or not. Transfer 1 of ITU-T H.273 (BT.709) on a still is ambiguous: colour management inverts the
//!    camera curve, video applies a gamma of 2.4, browsers take it for sRGB.
//!
//! The result is the same to the bit on every machine: the tables come from `math`, and each pixel takes only additions,
//! multiplications, divisions and comparisons of `f32`.

mod curve;
mod eetf;
mod gamut;
mod math;
#[cfg(test)]
mod tests;
mod transfer;

use std::sync::{Arc, Mutex, PoisonError};

use curve::Curve;
use eetf::{Eetf, USUAL_NITS};
use gamut::{Gamut, Luminance};
use transfer::{Decoder, HLG_NITS};

/// How code becomes light.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Transfer {
    /// Video for SDR screens: BT.709, BT.601 and BT.2020 alike, shown with the gamma of ITU-R BT.1886, 2.4.
    Sdr,
    /// The perceptual quantizer of SMPTE ST 2084 and ITU-R BT.2100: HDR10, HDR10+.
    Pq,
    /// Hybrid log-gamma of ITU-R BT.2100 and ARIB STD-B67.
    Hlg,
}

/// Which red, green and blue. The white of all is D65.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Primaries {
    /// ITU-R BT.709, also those of sRGB.
    Bt709,
    /// ITU-R BT.2020 and BT.2100.
    Bt2020,
    /// DCI-P3 with D65 as white (SMPTE EG 432-1, Display P3).
    P3,
}

/// What the codes of a picture mean.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Colour {
    /// How code becomes light.
    pub transfer: Transfer,
    /// Which red, green and blue.
    pub primaries: Primaries,
}

impl Colour {
    /// SDR video of high definition, which [`to_sdr`] leaves as it is.
    pub const BT709: Self = Self {
        transfer: Transfer::Sdr,
        primaries: Primaries::Bt709,
    };
}

/// What a video says of its brightness.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mastering {
    /// The brightest light of the video in nits: `MaxCLL` where it is known, else the peak of the mastering display.
    /// Without it, or where it is no positive number, 1000 nits are taken. Light above it becomes white.
    pub max_nits: Option<f32>,
}

impl Mastering {
    /// The peak for the tone curve, in nits.
    fn peak(self, transfer: Transfer) -> f64 {
        let peak = match self.max_nits {
            Some(nits) if nits.is_finite() && nits > 0.0 => f64::from(nits),
            _ => USUAL_NITS,
        };
        match transfer {
            // HLG is decoded for its reference display, which has no more.
            Transfer::Hlg => peak.min(HLG_NITS),
            Transfer::Pq | Transfer::Sdr => peak,
        }
    }
}

/// A picture as SDR, with the primaries of BT.709.
///
/// `pixels` and the result have 16 bits (full range) of red, green and blue for each pixel, as coded, line by line and
/// without gaps; `width` is in pixels. Samples after the last whole line are left out.
///
/// The codes of the result are sRGB where the picture is HDR. Where it is SDR, they keep the curve of the picture, and SDR
/// with the primaries of BT.709 is returned as it is. [`sdr_cicp`] has the code points for either.
///
/// Several threads that share the lines of one picture are better off with one [`ToSdr`].
pub fn to_sdr(pixels: &[u16], width: u32, colour: Colour, peak: Mastering) -> Vec<u16> {
    let line = width as usize * 3;
    let whole = pixels.len().checked_div(line).unwrap_or(0) * line;
    let mut pixels = pixels[..whole].to_vec();
    ToSdr::new(colour, peak).convert(&mut pixels);
    pixels
}

/// The tables to turn pictures of one colour and one peak into SDR. It may be shared between threads.
#[derive(Debug)]
pub struct ToSdr(Option<Steps>);

#[derive(Debug)]
struct Steps {
    decoder: &'static Decoder,
    /// For HLG: the curve from the scene's luminance to the gain, and the luminance.
    ootf: Option<(&'static Curve, Luminance)>,
    /// For HDR.
    eetf: Option<Eetf>,
    gamut: Gamut,
    encoder: &'static Curve,
}

impl ToSdr {
    /// Computes the tables. The first use in a process takes some milliseconds more.
    pub fn new(colour: Colour, peak: Mastering) -> Self {
        if colour == Colour::BT709 {
            return Self(None);
        }
        let Colour { transfer, primaries } = colour;
        let (decoder, ootf) = match transfer {
            Transfer::Sdr => (transfer::sdr_decoder(), None),
            Transfer::Pq => (transfer::pq_decoder(), None),
            Transfer::Hlg => (
                transfer::hlg_decoder(),
                Some((transfer::hlg_ootf(), Luminance::new(primaries))),
            ),
        };
        let is_hdr = transfer != Transfer::Sdr;
        Self(Some(Steps {
            decoder,
            ootf,
            eetf: is_hdr.then(|| Eetf::new(peak.peak(transfer))),
            gamut: Gamut::new(primaries),
            encoder: if is_hdr {
                transfer::srgb_encoder()
            } else {
                transfer::sdr_encoder()
            },
        }))
    }

    /// The tables of the last call, or new ones where that was for another colour or peak: one video asks for the same
    /// tables with each picture.
    pub fn shared(colour: Colour, peak: Mastering) -> Arc<Self> {
        static LAST: Mutex<Option<(Colour, Mastering, Arc<ToSdr>)>> = Mutex::new(None);
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((of, with, tables)) if (*of, *with) == (colour, peak) => tables.clone(),
            _ => {
                let tables = Arc::new(Self::new(colour, peak));
                *last = Some((colour, peak, tables.clone()));
                tables
            }
        }
    }

    /// Turns pixels into SDR in place, as [`to_sdr`] does. Samples after the last whole pixel stay as they are.
    pub fn convert(&self, pixels: &mut [u16]) {
        let Some(steps) = &self.0 else {
            return;
        };
        let (pixels, _) = pixels.as_chunks_mut::<3>();
        for pixel in pixels {
            *pixel = steps.pixel(*pixel);
        }
    }

    /// The same for pixels of red, green, blue and alpha, which stays.
    pub fn convert_rgba(&self, pixels: &mut [u16]) {
        let Some(steps) = &self.0 else {
            return;
        };
        let (pixels, _) = pixels.as_chunks_mut::<4>();
        for pixel in pixels {
            let [red, green, blue, alpha] = *pixel;
            let [red, green, blue] = steps.pixel([red, green, blue]);
            *pixel = [red, green, blue, alpha];
        }
    }
}

impl Steps {
    fn pixel(&self, code: [u16; 3]) -> [u16; 3] {
        let mut light = code.map(|code| self.decoder[usize::from(code)]);
        if let Some((ootf, luminance)) = self.ootf {
            let gain = ootf.at(luminance.of(light));
            light = light.map(|channel| channel * gain);
        }
        light = self.gamut.map(light);
        light = match &self.eetf {
            Some(eetf) => {
                let gain = eetf.gain(light[0].max(light[1]).max(light[2]));
                light.map(|channel| channel * gain)
            }
            None => self.gamut.below_white(light),
        };
        // The encoder and the cast saturate, so the last bits beyond 0 and 1 do no harm.
        light.map(|channel| (self.encoder.at(channel) + 0.5) as u16)
    }
}

/// The code points of ITU-T H.273 for pictures of red, green and blue: primaries, transfer, matrix. The range is full.
///
/// These tag a file that keeps the codes of the video. SDR of every kind has transfer 1, which H.273 says is the same
/// function as 6, 14 and 15. The matrix is 0, red, green and blue themselves.
pub fn cicp(colour: Colour) -> (u8, u8, u8) {
    let primaries = match colour.primaries {
        Primaries::Bt709 => 1,
        Primaries::Bt2020 => 9,
        Primaries::P3 => 12,
    };
    let transfer = match colour.transfer {
        Transfer::Sdr => 1,
        Transfer::Pq => 16,
        Transfer::Hlg => 18,
    };
    (primaries, transfer, 0)
}

/// The code points for what [`to_sdr`] makes of pictures of a colour: sRGB (transfer 13) of HDR, BT.709 of SDR.
pub fn sdr_cicp(colour: Colour) -> (u8, u8, u8) {
    match colour.transfer {
        Transfer::Sdr => cicp(Colour::BT709),
        Transfer::Pq | Transfer::Hlg => (1, 13, 0),
    }
}
