//! What code means what light: the transfer functions, and their tables.
//!
//! Light is in units of SDR white, 203 nits: 1.0 is the white of the result.

use std::sync::OnceLock;

use super::curve::Curve;
use super::math::{exp, pow};

/// The luminance of SDR white in an HDR picture, in nits: the reference white of ITU-R BT.2408.
pub(super) const WHITE_NITS: f64 = 203.0;
/// The peak of the display HLG is decoded for, in nits: the reference display of ITU-R BT.2100.
pub(super) const HLG_NITS: f64 = 1000.0;
/// The system gamma of a display of 1000 nits, ITU-R BT.2100 table 5.
const HLG_GAMMA: f64 = 1.2;
/// The brightest a PQ code can be, in nits.
pub(super) const PQ_NITS: f64 = 10_000.0;

// SMPTE ST 2084, also ITU-R BT.2100 table 4.
const M1: f64 = 2610.0 / 16384.0;
const M2: f64 = 2523.0 / 4096.0 * 128.0;
const C1: f64 = 3424.0 / 4096.0;
const C2: f64 = 2413.0 / 4096.0 * 32.0;
const C3: f64 = 2392.0 / 4096.0 * 32.0;

// ITU-R BT.2100 table 5.
const HLG_A: f64 = 0.178_832_77;
const HLG_B: f64 = 1.0 - 4.0 * HLG_A;
const HLG_C: f64 = 0.559_910_73;

/// The gamma of an SDR video display, ITU-R BT.1886 for a black of no light.
const BT1886_GAMMA: f64 = 2.4;

/// The luminance in nits of a PQ code between 0 and 1: the EOTF of ST 2084.
pub(super) fn pq_nits(code: f64) -> f64 {
    let root = pow(code, 1.0 / M2);
    PQ_NITS * pow((root - C1).max(0.0) / (C2 - C3 * root), 1.0 / M1)
}

/// The PQ code of a luminance in nits: the inverse EOTF of ST 2084.
pub(super) fn pq_code(nits: f64) -> f64 {
    let y = pow(nits / PQ_NITS, M1);
    pow((C1 + C2 * y) / (1.0 + C3 * y), M2)
}

/// The light of the scene, between 0 and 1, of an HLG code between 0 and 1: the inverse OETF of BT.2100.
pub(super) fn hlg_scene(code: f64) -> f64 {
    if code <= 0.5 {
        code * code / 3.0
    } else {
        (exp((code - HLG_C) / HLG_A) + HLG_B) / 12.0
    }
}

/// The sRGB code, between 0 and 1, of light between 0 and 1: IEC 61966-2-1.
fn srgb_code(light: f64) -> f64 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * pow(light, 1.0 / 2.4) - 0.055
    }
}

/// The light of each 16-bit code.
pub(super) type Decoder = [f32; 65536];

fn decoder(light: impl Fn(f64) -> f64) -> Box<Decoder> {
    let table: Vec<f32> = (0..=u16::MAX)
        .map(|code| light(f64::from(code) / 65535.0) as f32)
        .collect();
    table.try_into().expect("an entry for each code")
}

/// Light on the display, in units of SDR white.
pub(super) fn pq_decoder() -> &'static Decoder {
    static TABLE: OnceLock<Box<Decoder>> = OnceLock::new();
    TABLE.get_or_init(|| decoder(|code| pq_nits(code) / WHITE_NITS))
}

/// Light of the scene; [`hlg_ootf`] makes light on the display of it.
pub(super) fn hlg_decoder() -> &'static Decoder {
    static TABLE: OnceLock<Box<Decoder>> = OnceLock::new();
    TABLE.get_or_init(|| decoder(hlg_scene))
}

/// Light on the display, in units of its white.
pub(super) fn sdr_decoder() -> &'static Decoder {
    static TABLE: OnceLock<Box<Decoder>> = OnceLock::new();
    TABLE.get_or_init(|| decoder(|code| pow(code, BT1886_GAMMA)))
}

/// By what the light of an HLG scene is multiplied to have the light on the display, in units of SDR white. It depends on
/// the scene's luminance alone, so that the display keeps the hue: the OOTF of BT.2100.
pub(super) fn hlg_ootf() -> &'static Curve {
    static CURVE: OnceLock<Curve> = OnceLock::new();
    CURVE.get_or_init(|| {
        Curve::new((-40, 0), |luminance| {
            HLG_NITS / WHITE_NITS * pow(luminance, HLG_GAMMA - 1.0)
        })
    })
}

/// The sRGB code, between 0 and 65535, of light in units of white.
pub(super) fn srgb_encoder() -> &'static Curve {
    static CURVE: OnceLock<Curve> = OnceLock::new();
    CURVE.get_or_init(|| Curve::new((-16, 0), |light| 65535.0 * srgb_code(light)))
}

/// The BT.1886 code, between 0 and 65535, of light in units of white.
pub(super) fn sdr_encoder() -> &'static Curve {
    static CURVE: OnceLock<Curve> = OnceLock::new();
    // The darkest code but black, 1 of 65535, is 2⁻³⁸·⁴ of white.
    CURVE.get_or_init(|| Curve::new((-40, 0), |light| 65535.0 * pow(light, 1.0 / BT1886_GAMMA)))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a constant of PQ is wrong: the codes are those of BT.2408 table 1 and of the ends of the range.
    #[test]
    fn pq_has_the_published_levels() {
        for (nits, code) in [
            (0.0, 0.0),
            (100.0, 0.508),
            (203.0, 0.581),
            (1000.0, 0.752),
            (10_000.0, 1.0),
        ] {
            assert!((pq_code(nits) - code).abs() < 0.0005, "{nits}");
        }
        for code in 1..=1000 {
            let code = f64::from(code) / 1000.0;
            assert!((pq_code(pq_nits(code)) - code).abs() < 1e-9, "{code}");
        }
        assert_eq!(pq_nits(0.0), 0.0);
    }

    // Breaks if a constant of HLG or its OOTF is wrong: 75 % is reference white (203 nits) and 38 % grey card (26 nits)
    // on a display of 1000 nits, BT.2408 table 1.
    #[test]
    fn hlg_has_the_published_levels() {
        let nits = |code: f64| {
            let scene = hlg_scene(code);
            scene * f64::from(hlg_ootf().at(scene as f32)) * WHITE_NITS
        };
        assert!((nits(0.75) - 203.0).abs() < 1.0, "{}", nits(0.75));
        assert!((nits(0.38) - 26.0).abs() < 1.0, "{}", nits(0.38));
        assert!((nits(1.0) - 1000.0).abs() < 0.1, "{}", nits(1.0));
        assert_eq!(nits(0.0), 0.0);
    }

    // Breaks if the two parts of the sRGB curve do not meet, or the interpolation is coarser than a tenth of a code.
    #[test]
    fn srgb_is_exact_to_a_tenth_of_a_code() {
        for n in 0..=100_000 {
            let light = f64::from(n) / 100_000.0;
            let off = f64::from(srgb_encoder().at(light as f32)) - 65535.0 * srgb_code(light);
            assert!(off.abs() < 0.1, "{light} {off}");
        }
    }
}
