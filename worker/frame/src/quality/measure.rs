//! The measures of a picture's luma and colours. What they are for stands in `quality`.

use std::ops::Range;

/// Luma below which a pixel is nearly black, of 255, and from which it is nearly white.
const BLACK: u8 = 24;
const WHITE: u8 = 232;
/// Levels of luma that count as nearly the same.
const NEARLY_SAME: usize = 9;
/// Width and height of the tiny picture, in pixels.
pub(super) const TINY: (usize, usize) = (16, 9);

/// A picture's luma, top line first.
pub(super) struct Luma {
    width: usize,
    height: usize,
    values: Vec<u8>,
    /// How many pixels have each luma.
    histogram: [u32; 256],
}

/// The lines and columns that are not bars.
pub(super) struct Inside {
    lines: Range<usize>,
    columns: Range<usize>,
}

impl Luma {
    pub(super) fn of(width: usize, height: usize, rgba: &[u8]) -> Self {
        let mut values: Vec<u8> = rgba.as_chunks().0.iter().copied().map(brightness).collect();
        values.truncate(width * height);
        let mut histogram = [0; 256];
        for &value in &values {
            histogram[usize::from(value)] += 1;
        }
        // What is shorter than it says has no lines.
        let height = if values.len() < width * height { 0 } else { height };
        Self {
            width,
            height,
            values,
            histogram,
        }
    }

    fn count(&self) -> f32 {
        self.values.len().max(1) as f32
    }

    fn fraction(&self, of: &[u32]) -> f32 {
        of.iter().sum::<u32>() as f32 / self.count()
    }

    pub(super) fn dark(&self) -> f32 {
        self.fraction(&self.histogram[..usize::from(BLACK)])
    }

    pub(super) fn bright(&self) -> f32 {
        self.fraction(&self.histogram[usize::from(WHITE)..])
    }

    /// The mean and the standard deviation.
    pub(super) fn mean_and_contrast(&self) -> (f32, f32) {
        let levels = || (0_u16..).zip(&self.histogram);
        let count = f64::from(self.count());
        let mean = levels()
            .map(|(level, &pixels)| f64::from(level) * f64::from(pixels))
            .sum::<f64>()
            / count;
        let spread = levels()
            .map(|(level, &pixels)| (f64::from(level) - mean).powi(2) * f64::from(pixels))
            .sum::<f64>();
        (mean as f32, (spread / count).sqrt() as f32)
    }

    /// The variance of the Laplacian.
    pub(super) fn detail(&self) -> f32 {
        let width = self.width;
        if width < 3 || self.height < 3 {
            return 0.0;
        }
        let line = |y: usize| &self.values[y * width..][..width];
        let (mut sum, mut squares) = (0_i64, 0_i64);
        for y in 1..self.height - 1 {
            let (above, here, below) = (line(y - 1), line(y), line(y + 1));
            let (mut line_sum, mut line_squares) = (0_i32, 0_u64);
            for x in 1..width - 1 {
                let [center, left, right, up, down] =
                    [here[x], here[x - 1], here[x + 1], above[x], below[x]].map(i32::from);
                let curve = 4 * center - left - right - up - down;
                line_sum += curve;
                line_squares += (curve * curve) as u64;
            }
            sum += i64::from(line_sum);
            squares += line_squares as i64;
        }
        let count = ((width - 2) * (self.height - 2)) as f64;
        (squares as f64 / count - (sum as f64 / count).powi(2)) as f32
    }

    /// Bars lie at opposite edges, so only what both edges have counts: a dark floor is no bar.
    pub(super) fn inside_bars(&self) -> Inside {
        let (width, height) = (self.width, self.height);
        let whole = Inside {
            lines: 0..height,
            columns: 0..width,
        };
        if height == 0 || width == 0 {
            return whole;
        }
        let is_dark = |sum: u32, count: usize| sum < u32::from(BLACK) * count as u32;
        let mut columns = vec![0_u32; width];
        let mut lines = Vec::with_capacity(height);
        for line in self.values.chunks_exact(width) {
            lines.push(is_dark(line.iter().map(|&value| u32::from(value)).sum(), width));
            for (sum, &value) in columns.iter_mut().zip(line) {
                *sum += u32::from(value);
            }
        }
        let columns: Vec<bool> = columns.into_iter().map(|sum| is_dark(sum, height)).collect();
        let bar = |dark: &[bool]| {
            let first = dark.iter().take_while(|&&dark| dark).count();
            let last = dark.iter().rev().take_while(|&&dark| dark).count();
            first.min(last)
        };
        let (bar_lines, bar_columns) = (bar(&lines), bar(&columns));
        if bar_lines * 2 >= height || bar_columns * 2 >= width {
            return whole;
        }
        Inside {
            lines: bar_lines..height - bar_lines,
            columns: bar_columns..width - bar_columns,
        }
    }

    /// The fraction of the picture that is bars.
    pub(super) fn outside(&self, inside: &Inside) -> f32 {
        let all = (self.width * self.height).max(1);
        1.0 - (inside.lines.len() * inside.columns.len()) as f32 / all as f32
    }

    /// The entropy in bits, and the largest share that has nearly the same luma.
    pub(super) fn entropy_and_flat(&self, inside: &Inside) -> (f32, f32) {
        let mut histogram = [0_u32; 256];
        for y in inside.lines.clone() {
            for &value in &self.values[y * self.width..][inside.columns.clone()] {
                histogram[usize::from(value)] += 1;
            }
        }
        let count = f64::from(histogram.iter().sum::<u32>().max(1));
        let entropy = histogram
            .iter()
            .filter(|&&pixels| pixels > 0)
            .map(|&pixels| f64::from(pixels) / count)
            .map(|share| -share * share.log2())
            .sum::<f64>();
        let flat = histogram
            .windows(NEARLY_SAME)
            .map(|window| window.iter().sum::<u32>());
        (
            entropy as f32,
            (f64::from(flat.max().unwrap_or(0)) / count) as f32,
        )
    }

    /// The means of 16 × 9 cells.
    pub(super) fn tiny(&self) -> [f32; TINY.0 * TINY.1] {
        let (mut sums, mut counts) = ([0_u32; TINY.0 * TINY.1], [0_u32; TINY.0 * TINY.1]);
        let cells: Vec<usize> = (0..self.width).map(|x| x * TINY.0 / self.width).collect();
        for y in 0..self.height {
            let row = y * TINY.1 / self.height * TINY.0;
            for (&cell, &value) in cells.iter().zip(&self.values[y * self.width..]) {
                sums[row + cell] += u32::from(value);
                counts[row + cell] += 1;
            }
        }
        std::array::from_fn(|cell| sums[cell] as f32 / counts[cell].max(1) as f32)
    }
}

/// Luma by Rec. 601, with its weights as integers: precise enough for a judgement.
fn brightness([red, green, blue, _]: [u8; 4]) -> u8 {
    let [red, green, blue] = [red, green, blue].map(u32::from);
    ((299 * red + 587 * green + 114 * blue) / 1000) as u8
}

/// The colourfulness of Hasler and Süsstrunk, from 0 to some 110.
pub(super) fn colourfulness(rgba: &[u8]) -> f32 {
    let (mut sums, mut squares) = ([0_i64; 2], [0_i64; 2]);
    let pixels = rgba.as_chunks::<4>().0;
    for pixel in pixels {
        let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(i32::from);
        // Yellow to blue is twice what it is, so that it is whole.
        for (index, value) in [red - green, red + green - 2 * blue].into_iter().enumerate() {
            sums[index] += i64::from(value);
            squares[index] += i64::from(value * value);
        }
    }
    let count = pixels.len().max(1) as f64;
    let [(red_mean, red_spread), (yellow_mean, yellow_spread)] =
        [(0, 1.0), (1, 2.0)].map(|(index, scale)| {
            let mean = sums[index] as f64 / count;
            let variance = (squares[index] as f64 / count - mean * mean).max(0.0);
            (mean / scale, variance.sqrt() / scale)
        });
    (red_spread.hypot(yellow_spread) + 0.3 * red_mean.hypot(yellow_mean)) as f32
}
