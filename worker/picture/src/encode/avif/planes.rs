//! The planes of an AV1 picture: luma, chroma and alpha as integers of full range.

use posterframe_av1::Plane;

use crate::Image;

/// A picture, and the bits of the values that its planes get.
pub(super) struct Source<'a> {
    pub(super) picture: &'a Image,
    pub(super) depth: u8,
}

impl Source<'_> {
    pub(super) fn fill_luma(&self, plane: &mut Plane, luma: impl Fn([f32; 3]) -> f32) {
        self.fill(plane, 1, 0, |x, y| luma(self.colour(x, y)));
    }

    /// The chroma of each pixel, or of four pixels' mean, which lies in their middle as in a JPEG.
    pub(super) fn fill_chroma(&self, plane: &mut Plane, is_halved: bool, chroma: impl Fn([f32; 3]) -> f32) {
        let zero = 1 << (self.depth - 1);
        if !is_halved {
            return self.fill(plane, 1, zero, |x, y| chroma(self.colour(x, y)));
        }
        // Where the size is odd, the last pixels count twice.
        let (right, bottom) = (
            self.picture.width() as usize - 1,
            self.picture.height() as usize - 1,
        );
        self.fill(plane, 2, zero, |x, y| {
            let (x, y) = (x * 2, y * 2);
            let (beside, below) = ((x + 1).min(right), (y + 1).min(bottom));
            let four = [(x, y), (beside, y), (x, below), (beside, below)].map(|(x, y)| self.colour(x, y));
            chroma([0, 1, 2].map(|index| four.iter().map(|rgb| rgb[index]).sum::<f32>() / 4.0))
        });
    }

    /// The alpha, which is a pixel's value of this index.
    pub(super) fn fill_alpha(&self, plane: &mut Plane, index: usize) {
        self.fill(plane, 1, 0, |x, y| self.value(x, y, index));
    }

    fn colour(&self, x: usize, y: usize) -> [f32; 3] {
        [0, 1, 2].map(|index| self.value(x, y, index))
    }

    /// From 0 to 1.
    fn value(&self, x: usize, y: usize, index: usize) -> f32 {
        let format = self.picture.format();
        let at = (y * self.picture.width() as usize + x) * format.values() + index;
        let data = self.picture.data();
        if format.has_8_bits() {
            f32::from(data[at]) / 255.0
        } else {
            f32::from(u16::from_be_bytes([data[at * 2], data[at * 2 + 1]])) / 65_535.0
        }
    }

    /// Fills a plane that has a value for every `step` pixels of a line, and for every `step` lines.
    fn fill(&self, plane: &mut Plane, step: usize, zero: u16, value: impl Fn(usize, usize) -> f32) {
        let side = |side: u32| (side as usize).div_ceil(step);
        let (width, height) = (side(self.picture.width()), side(self.picture.height()));
        let most = f32::from((1_u16 << self.depth) - 1);
        let stride = plane.cfg.stride;
        let lines = plane.data_origin_mut().chunks_mut(stride).take(height);
        for (y, line) in lines.enumerate() {
            for (x, to) in line[..width].iter_mut().enumerate() {
                let value = (value(x, y) * most).round() + f32::from(zero);
                *to = value.clamp(0.0, most) as u16;
            }
        }
    }
}
