//! From one set of primaries to that of BT.709, in linear light.

use super::Primaries;

type Matrix = [[f64; 3]; 3];

/// The chromaticities x, y of red, green and blue: ITU-R BT.709, ITU-R BT.2020, SMPTE EG 432-1.
const fn chromaticities(primaries: Primaries) -> [[f64; 2]; 3] {
    match primaries {
        Primaries::Bt709 => [[0.640, 0.330], [0.300, 0.600], [0.150, 0.060]],
        Primaries::Bt2020 => [[0.708, 0.292], [0.170, 0.797], [0.131, 0.046]],
        Primaries::P3 => [[0.680, 0.320], [0.265, 0.690], [0.150, 0.060]],
    }
}

/// D65, the white of all three, as these recommendations give it.
const WHITE: [f64; 2] = [0.3127, 0.3290];

/// The colour of a chromaticity, with a luminance of 1, in XYZ.
fn xyz([x, y]: [f64; 2]) -> [f64; 3] {
    [x / y, 1.0, (1.0 - x - y) / y]
}

fn times(matrix: &Matrix, v: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

/// The inverse, by cofactors. The matrices of this file have one.
fn inverse(m: &Matrix) -> Matrix {
    let cofactor = |row: usize, column: usize| {
        let (r1, r2) = ((row + 1) % 3, (row + 2) % 3);
        let (c1, c2) = ((column + 1) % 3, (column + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let determinant = m[0][0] * cofactor(0, 0) + m[0][1] * cofactor(0, 1) + m[0][2] * cofactor(0, 2);
    [0, 1, 2].map(|row| [0, 1, 2].map(|column| cofactor(column, row) / determinant))
}

/// From linear red, green and blue to XYZ (SMPTE RP 177). The second row is the luminance of each primary.
pub(super) fn to_xyz(primaries: Primaries) -> Matrix {
    let [r, g, b] = chromaticities(primaries).map(xyz);
    let columns = [0, 1, 2].map(|row| [r[row], g[row], b[row]]);
    let scale = times(&inverse(&columns), xyz(WHITE));
    columns.map(|row| [row[0] * scale[0], row[1] * scale[1], row[2] * scale[2]])
}

/// From linear red, green and blue to those of BT.709; for BT.2020 the matrix of ITU-R BT.2407 and BT.2087.
fn to_bt709(primaries: Primaries) -> Matrix {
    if primaries == Primaries::Bt709 {
        // An inverse times its matrix is this but for the last bits, which would move colours at the edge.
        return [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    }
    let (from, to) = (to_xyz(primaries), inverse(&to_xyz(Primaries::Bt709)));
    to.map(|row| {
        [0, 1, 2].map(|column| row[0] * from[0][column] + row[1] * from[1][column] + row[2] * from[2][column])
    })
}

/// The luminance of a colour whose primaries have these luminances.
///
/// It is computed from differences, so that that of a grey is exactly the grey.
#[derive(Clone, Copy, Debug)]
pub(super) struct Luminance {
    red: f32,
    blue: f32,
}

impl Luminance {
    pub(super) fn new(primaries: Primaries) -> Self {
        let [_, [red, _, blue], _] = to_xyz(primaries);
        Self {
            red: red as f32,
            blue: blue as f32,
        }
    }

    pub(super) fn of(self, [r, g, b]: [f32; 3]) -> f32 {
        g + self.red * (r - g) + self.blue * (b - g)
    }
}

/// From linear light in one set of primaries to that of BT.709.
///
/// Cutting each channel off at 0 and 1 changes their proportions, and so the hue: a saturated orange becomes yellow. Moving
/// all three towards the grey of the same luminance until the last is inside changes the saturation alone: the dominant
/// wavelength and the luminance stay.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gamut {
    /// The entries of the matrix beside its diagonal, by row. The rows sum to 1, so these say all of it.
    off_diagonal: [[f32; 2]; 3],
    luminance: Luminance,
}

impl Gamut {
    pub(super) fn new(primaries: Primaries) -> Self {
        let m = to_bt709(primaries);
        Self {
            off_diagonal: [[m[0][1], m[0][2]], [m[1][0], m[1][2]], [m[2][0], m[2][1]]]
                .map(|row| row.map(|entry| entry as f32)),
            luminance: Luminance::new(Primaries::Bt709),
        }
    }

    /// The colour in BT.709, of any brightness. What BT.709 does not have, which is what has a channel below 0, is
    /// desaturated.
    pub(super) fn map(&self, [r, g, b]: [f32; 3]) -> [f32; 3] {
        let [red, green, blue] = self.off_diagonal;
        // By differences, so that a grey is exactly the grey.
        let colour = [
            r + red[0] * (g - r) + red[1] * (b - r),
            g + green[0] * (r - g) + green[1] * (b - g),
            b + blue[0] * (r - b) + blue[1] * (g - b),
        ];
        let least = colour[0].min(colour[1]).min(colour[2]);
        if least >= 0.0 {
            return colour;
        }
        let grey = self.luminance.of(colour).max(0.0);
        towards(grey, colour, grey / (grey - least))
    }

    /// The colour without a channel above 1, for light that no tone curve has brought there.
    pub(super) fn below_white(&self, colour: [f32; 3]) -> [f32; 3] {
        let most = colour[0].max(colour[1]).max(colour[2]);
        if most <= 1.0 {
            return colour;
        }
        let grey = self.luminance.of(colour).min(1.0);
        towards(grey, colour, (1.0 - grey) / (most - grey))
    }
}

/// The colour between grey, where `keep` is 0, and `colour`, where it is 1.
fn towards(grey: f32, colour: [f32; 3], keep: f32) -> [f32; 3] {
    colour.map(|channel| grey + keep * (channel - grey))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a primary or the white is wrong: the entries are those of ITU-R BT.2087-0, annex 2, and of BT.2020.
    #[test]
    fn the_published_matrix() {
        let published = [
            [1.6605, -0.5876, -0.0728],
            [-0.1246, 1.1329, -0.0083],
            [-0.0182, -0.1006, 1.1187],
        ];
        for (row, expected) in to_bt709(Primaries::Bt2020).iter().zip(published) {
            for (entry, expected) in row.iter().zip(expected) {
                assert!((entry - expected).abs() < 0.0001, "{row:?}");
            }
        }
        for (entry, expected) in to_xyz(Primaries::Bt2020)[1].iter().zip([0.2627, 0.6780, 0.0593]) {
            assert!((entry - expected).abs() < 0.0001);
        }
        for primaries in [Primaries::Bt709, Primaries::Bt2020, Primaries::P3] {
            for row in to_bt709(primaries) {
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{row:?}");
            }
        }
    }

    // Breaks if a colour of BT.709 moves, or one beyond it changes its luminance or the order of its channels.
    #[test]
    fn only_saturation_changes() {
        let gamut = Gamut::new(Primaries::Bt709);
        let inside = |colour| gamut.below_white(gamut.map(colour));
        assert_eq!(inside([0.0, 1.0, 0.25]), [0.0, 1.0, 0.25]);
        for colour in [
            [1.4, 0.2, -0.1],
            [-0.3, 0.9, 0.1],
            [0.1, -0.05, 1.3],
            [0.2, 0.0, -0.1],
        ] {
            let mapped = inside(colour);
            let luminance = |colour| gamut.luminance.of(colour);
            assert!((luminance(mapped) - luminance(colour)).abs() < 1e-5, "{mapped:?}");
            assert!(
                mapped.iter().all(|c| (-1e-6..=1.000_001).contains(c)),
                "{mapped:?}"
            );
            let ratio = |c: [f32; 3]| (c[0] - c[1]) / (c[1] - c[2]);
            assert!((ratio(mapped) / ratio(colour) - 1.0).abs() < 1e-3, "{mapped:?}");
        }
    }
}
