//! The tone curve: how bright light of an HDR picture is on an SDR screen.

use super::curve::Curve;
use super::transfer::{PQ_NITS, WHITE_NITS, pq_code, pq_nits};

/// The peak, in nits, of a picture that does not say its own: that of most mastering displays, and of HLG's reference
/// display. ffmpeg's `tonemap` takes 10 000 nits for PQ, which darkens pictures for highlights they do not have.
pub(super) const USUAL_NITS: f64 = 1000.0;

/// The EETF of ITU-R BT.2390-10, section 5.4.1, from a peak in nits to SDR white, for a black of no light on both sides.
///
/// In PQ codes, which are even steps to the eye, it leaves everything below a knee as it is, and bends what is above along
/// a Hermite spline that ends flat where the peak meets white.
#[derive(Debug)]
pub(super) struct Eetf {
    /// Light in and light out, in units of SDR white.
    curve: Curve,
    /// Up to here nothing changes, in units of SDR white.
    knee: f32,
}

impl Eetf {
    /// The curve for a picture whose brightest light has `peak` nits. Light above it is shown as white.
    pub(super) fn new(peak: f64) -> Self {
        let peak = peak.clamp(WHITE_NITS, PQ_NITS);
        let black = pq_code(0.0);
        let range = pq_code(peak) - black;
        let white = (pq_code(WHITE_NITS) - black) / range;
        let knee = 1.5 * white - 0.5;
        let bent = |light: f64| {
            let code = (pq_code(light * WHITE_NITS) - black) / range;
            // Without a peak above white there is nothing to bend, and the spline has no width.
            if code <= knee || knee > 1.0 - 1e-9 {
                return light.min(1.0);
            }
            let code = spline(code.min(1.0), knee, white);
            (pq_nits(code * range + black) / WHITE_NITS).min(1.0)
        };
        Self {
            curve: Curve::new((-8, 6), bent),
            // Rounded down, so that no light above the knee is taken for one below.
            knee: (pq_nits(knee * range + black) / WHITE_NITS * 0.999_999) as f32,
        }
    }

    /// By what to multiply red, green and blue whose largest is `most`, in units of SDR white.
    pub(super) fn gain(&self, most: f32) -> f32 {
        if most <= self.knee {
            1.0
        } else {
            self.curve.at(most) / most
        }
    }
}

/// The Hermite spline of BT.2390 from `knee`, where its slope is 1, to 1.0, where its value is `white` and its slope 0.
fn spline(code: f64, knee: f64, white: f64) -> f64 {
    let t = (code - knee) / (1.0 - knee);
    let (t2, t3) = (t * t, t * t * t);
    (2.0 * t3 - 3.0 * t2 + 1.0) * knee + (t3 - 2.0 * t2 + t) * (1.0 - knee) + (3.0 * t2 - 2.0 * t3) * white
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nits(eetf: &Eetf, nits: f32) -> f32 {
        let light = nits / WHITE_NITS as f32;
        light * eetf.gain(light) * WHITE_NITS as f32
    }

    // Breaks if the knee is elsewhere, the spline has a wrong term, or the peak is not white. Computed by hand from the
    // report's formulas for 1000 nits: the knee is at PQ 0.495, and PQ 0.5807 becomes 0.5554.
    #[test]
    fn published_points() {
        let eetf = Eetf::new(1000.0);
        assert_eq!(nits(&eetf, 50.0), 50.0);
        assert!((nits(&eetf, 85.0) - 85.0).abs() < 0.01);
        assert!((nits(&eetf, 203.0) - pq_nits(0.5554) as f32).abs() < 0.5);
        assert!((nits(&eetf, 1000.0) - 203.0).abs() < 0.01);
        assert!((nits(&eetf, 9000.0) - 203.0).abs() < 0.01);
    }

    // Breaks if a picture that is no brighter than SDR white is changed.
    #[test]
    fn no_peak_no_change() {
        for peak in [0.1, 120.0, 203.0] {
            let eetf = Eetf::new(peak);
            assert_eq!(nits(&eetf, 100.0), 100.0);
            assert!((nits(&eetf, 202.9) - 202.9).abs() < 0.01);
            assert!((nits(&eetf, 400.0) - 203.0).abs() < 0.01);
        }
    }
}
