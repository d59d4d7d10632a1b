//! CIE ΔE2000 (ISO/CIE 11664-6).

/// A colour in CIE L*a*b*, for D65.
#[derive(Clone, Copy)]
pub struct Lab {
    l: f64,
    a: f64,
    b: f64,
}

impl Lab {
    /// Of linear red, green and blue of BT.709.
    pub fn of_bt709(rgb: [f64; 3]) -> Self {
        let sum = |weights: [f64; 3]| weights[0] * rgb[0] + weights[1] * rgb[1] + weights[2] * rgb[2];
        let root = |t: f64| {
            if t > 216.0 / 24389.0 {
                t.cbrt()
            } else {
                (24389.0 / 27.0 * t + 16.0) / 116.0
            }
        };
        // X, Y and Z, each in units of that of D65.
        let x = root(sum([0.412_390_8, 0.357_584_3, 0.180_480_8]) / 0.950_455_9);
        let y = root(sum([0.212_639_0, 0.715_168_7, 0.072_192_3]));
        let z = root(sum([0.019_330_8, 0.119_194_8, 0.950_532_2]) / 1.089_057_8);
        Self {
            l: 116.0 * y - 16.0,
            a: 500.0 * (x - y),
            b: 200.0 * (y - z),
        }
    }
}

/// The distance of two colours. Variables have the names of the standard.
pub fn delta_e(one: Lab, two: Lab) -> f64 {
    let weight = |c: f64| (c.powi(7) / (c.powi(7) + 25.0_f64.powi(7))).sqrt();
    let mean_chroma = f64::midpoint(one.a.hypot(one.b), two.a.hypot(two.b));
    let stretch = 1.5 - 0.5 * weight(mean_chroma);
    let polar = |colour: Lab| {
        let a = colour.a * stretch;
        (
            a.hypot(colour.b),
            colour.b.atan2(a).to_degrees().rem_euclid(360.0),
        )
    };
    let ((c1, h1), (c2, h2)) = (polar(one), polar(two));
    let is_grey = c1 * c2 == 0.0;
    let turn = match h2 - h1 {
        _ if is_grey => 0.0,
        turn if turn > 180.0 => turn - 360.0,
        turn if turn < -180.0 => turn + 360.0,
        turn => turn,
    };
    let lightness = f64::midpoint(one.l, two.l);
    let chroma = f64::midpoint(c1, c2);
    let hue = match h1 + h2 {
        sum if is_grey => sum,
        sum if (h1 - h2).abs() <= 180.0 => sum / 2.0,
        sum if sum < 360.0 => f64::midpoint(sum, 360.0),
        sum => f64::midpoint(sum, -360.0),
    };
    let cos = |degrees: f64| degrees.to_radians().cos();
    let t = 1.0 - 0.17 * cos(hue - 30.0) + 0.24 * cos(2.0 * hue) + 0.32 * cos(3.0 * hue + 6.0)
        - 0.20 * cos(4.0 * hue - 63.0);
    let from_middle = (lightness - 50.0).powi(2);
    let dl = (two.l - one.l) / (1.0 + 0.015 * from_middle / (20.0 + from_middle).sqrt());
    let dc = (c2 - c1) / (1.0 + 0.045 * chroma);
    let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin() / (1.0 + 0.015 * chroma * t);
    let angle = 60.0 * (-((hue - 275.0) / 25.0).powi(2)).exp();
    let rotation = -2.0 * weight(chroma) * angle.to_radians().sin();
    (dl * dl + dc * dc + dh * dh + rotation * dc * dh).max(0.0).sqrt()
}

// Breaks if a term is wrong: pairs of Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula", table 1.
#[test]
fn published_pairs() {
    let lab = |[l, a, b]: [f64; 3]| Lab { l, a, b };
    for (one, two, expected) in [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0009], 7.1792),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ([22.7233, 20.0904, -46.6940], [23.0331, 14.9730, -42.5619], 2.0373),
        ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ] {
        let distance = delta_e(lab(one), lab(two));
        assert!((distance - expected).abs() < 0.0001, "{one:?} {two:?} {distance}");
    }
}
