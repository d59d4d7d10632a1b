//! How a picture differs from the one before: the score of ffmpeg's filters `scdet` and `select` (`scene`), which is high at a
//! cut only. Motion makes every picture differ from the one before; what counts is how much more this one does.

/// The score from which there is a cut, in per cent: the default of ffmpeg's `scdet`.
pub(super) const CUT: f32 = 10.0;

/// The pictures of a video one after another, all of one size.
#[derive(Default)]
pub(super) struct Changes {
    before: Vec<u8>,
    /// The mean difference between the last two, in per cent.
    difference: f32,
}

impl Changes {
    /// The score of the next picture, of RGBA pixels, from 0 to 100. That of the first one is 0.
    pub(super) fn score(&mut self, rgba: Vec<u8>) -> f32 {
        if self.before.len() != rgba.len() || rgba.is_empty() {
            self.before = rgba;
            self.difference = 0.0;
            return 0.0;
        }
        let difference = mean_difference(&self.before, &rgba) * 100.0 / 256.0;
        let score = difference.min((difference - self.difference).abs());
        self.before = rgba;
        self.difference = difference;
        score
    }

    /// What comes next does not follow what came last.
    pub(super) fn leave_out(&mut self) {
        *self = Self::default();
    }
}

/// Cells across and down.
const CELLS: (usize, usize) = (16, 9);

/// The mean colours of 16 × 9 cells: noise and small motion vanish in them.
#[derive(Clone, Debug)]
pub(super) struct Tiny([[f32; 3]; CELLS.0 * CELLS.1]);

impl Tiny {
    /// Of a picture of RGBA pixels.
    pub(super) fn of(width: usize, rgba: &[u8]) -> Self {
        let mut sums = [[0_u32; 4]; CELLS.0 * CELLS.1];
        let lines = rgba.chunks_exact((width * 4).max(4));
        let height = lines.len().max(1);
        for (y, line) in lines.enumerate() {
            for (x, pixel) in line.as_chunks::<4>().0.iter().enumerate() {
                let cell = &mut sums[y * CELLS.1 / height * CELLS.0 + x * CELLS.0 / width];
                // The fourth counts the pixels.
                for (sum, value) in cell.iter_mut().zip([pixel[0], pixel[1], pixel[2], 1]) {
                    *sum += u32::from(value);
                }
            }
        }
        Self(
            sums.map(|[red, green, blue, count]| {
                [red, green, blue].map(|sum| sum as f32 / count.max(1) as f32)
            }),
        )
    }

    /// The mean of all colours, of 255.
    pub(super) fn mean(&self) -> f32 {
        let values = self.0.as_flattened();
        values.iter().sum::<f32>() / values.len() as f32
    }

    /// The mean difference, of 255.
    pub(super) fn difference(&self, other: &Self) -> f32 {
        let pairs = self.0.as_flattened().iter().zip(other.0.as_flattened());
        pairs.map(|(a, b)| (a - b).abs()).sum::<f32>() / self.0.as_flattened().len() as f32
    }
}

/// The mean difference of the colours of two pictures of RGBA pixels, of 255.
fn mean_difference(a: &[u8], b: &[u8]) -> f32 {
    let pixels = a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0);
    let sum: u64 = pixels
        .map(|(a, b)| {
            let [red, green, blue] = [0, 1, 2].map(|index| u32::from(a[index].abs_diff(b[index])));
            u64::from(red + green + blue)
        })
        .sum();
    sum as f32 / (a.len() / 4 * 3).max(1) as f32
}
