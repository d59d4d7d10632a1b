//! Powers and logarithms with the same bits on every machine.
//!
//! `f64::powf` and `f64::ln` call the C library of the platform, and those differ in the last bits. A still made on a
//! laptop and the same still made on a server have to be equal by hash, so the tables of this module's parent are
//! computed with additions, multiplications and divisions only: IEEE 754 fixes each of their results, and Rust never
//! fuses two of them into one.

use std::f64::consts::{LN_2, SQRT_2};

/// `base` to the power of `exponent`. It is 0 for a base that is not above 0, which is what every curve here needs.
///
/// The relative error is below 1e-12 for bases and results between 1e-30 and 1e30.
pub(super) fn pow(base: f64, exponent: f64) -> f64 {
    if base > 0.0 {
        exp2(exponent * log2(base))
    } else {
        0.0
    }
}

/// e to the power of `x`.
pub(super) fn exp(x: f64) -> f64 {
    exp2(x / LN_2)
}

/// The logarithm of a normal number above 0 to the base of 2.
fn log2(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023;
    let mut mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    if mantissa > SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    // ln m = 2 (s + s³/3 + s⁵/5 + …) with s = (m − 1) / (m + 1), which is at most 0.172.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    for n in (0..12).rev() {
        sum = sum * square + 1.0 / (2 * n + 1) as f64;
    }
    exponent as f64 + 2.0 * s * sum / LN_2
}

/// 2 to the power of `x`, within the normal numbers.
fn exp2(x: f64) -> f64 {
    let x = x.clamp(-1022.0, 1023.0);
    let whole = (x + 0.5).floor().min(1023.0);
    let rest = (x - whole) * LN_2;
    let mut sum = 1.0;
    for n in (1..18).rev() {
        sum = 1.0 + sum * rest / n as f64;
    }
    sum * f64::from_bits(((whole as i64 + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a series has too few terms or a wrong one: the platform's own functions are the reference.
    #[test]
    fn near_the_platform() {
        for n in 1..20_000 {
            let base = f64::from(n) / 12_345.0;
            for exponent in [-2.0, 0.159_301_757_812_5, 1.0 / 2.4, 2.4, 6.277, 78.843_75] {
                let (ours, theirs) = (pow(base, exponent), base.powf(exponent));
                if theirs > 1e-30 {
                    assert!(
                        (ours / theirs - 1.0).abs() < 1e-12,
                        "{base} {exponent} {ours} {theirs}"
                    );
                }
            }
            let x = base * 10.0 - 8.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-13, "{x}");
        }
    }

    // Breaks if a bit changes: the values are those of the first machine, and must be those of every other.
    #[test]
    fn the_same_bits() {
        let bits = [pow(0.5, 2.4), pow(0.018, 1.0 / 2.4), exp(0.75)].map(f64::to_bits);
        let expected = [
            0x3fc8_4060_03b2_ae5d,
            0x3fc8_0068_ceee_7700,
            0x4000_ef9d_b467_dcf8,
        ];
        assert_eq!(bits, expected, "{bits:#x?}");
    }

    // Breaks if black is anything but black, or a bound of the exponent is passed.
    #[test]
    fn edges() {
        assert_eq!(pow(0.0, 2.4), 0.0);
        assert_eq!(pow(-1.0, 2.4), 0.0);
        assert_eq!(pow(1.0, 78.0), 1.0);
        assert!(exp2(1e9).is_finite());
        assert!(exp2(-1e9) >= 0.0);
    }
}
