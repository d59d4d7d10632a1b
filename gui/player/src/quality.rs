//! Flaws of a picture, judged by its pixels. They are hints for people, so a missed flaw is better than a false alarm.

/// A flaw of a frame as a thumbnail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nearly all pixels are black.
    NearlyBlack,
    /// The whole picture has one colour.
    Blank,
    /// Near frames of the same scene are much sharper.
    Blurred,
}

/// Brightness below which a pixel is nearly black, of 255.
const BLACK: u8 = 24;
/// Fraction of nearly black pixels from which a frame is nearly black.
const MIN_BLACK_FRACTION: f32 = 0.98;
/// Contrast below which a frame has one colour. It is not 0, because of noise and compression.
const BLANK: f32 = 3.0;
/// Ratio of details from which a frame counts as blurred beside another one of its scene. The ratio between I, P and B
/// frames of one codec is smaller.
const SHARPER: f32 = 2.2;
/// Smallest detail of a frame that can be sharp: a smooth sky is not blurred.
const SMOOTH: f32 = 4.0;
/// Mean difference of two tiny pictures below which the frames are of one scene, of 255.
const SCENE: f32 = 24.0;
/// Width and height of the tiny picture, in pixels.
const TINY: (usize, usize) = (16, 9);

/// The measures of a picture.
#[derive(Clone, Debug)]
pub(super) struct Quality {
    /// Fraction of nearly black pixels, from 0 to 1.
    dark: f32,
    /// Standard deviation of the brightness, of 255.
    contrast: f32,
    /// Variance of the brightness's second derivative, which blur reduces first.
    detail: f32,
    tiny: [f32; TINY.0 * TINY.1],
}

impl Quality {
    /// Measures a picture of RGBA pixels.
    pub(super) fn of(width: u32, height: u32, rgba: &[u8]) -> Self {
        let (width, height) = (width as usize, height as usize);
        let luma: Vec<u8> = rgba.chunks_exact(4).map(brightness).collect();
        let count = luma.len().max(1) as f32;
        let dark = luma.iter().filter(|&&value| value < BLACK).count() as f32 / count;
        let mean = luma.iter().map(|&value| f32::from(value)).sum::<f32>() / count;
        let spread = luma
            .iter()
            .map(|&value| (f32::from(value) - mean).powi(2))
            .sum::<f32>();
        Self {
            dark,
            contrast: (spread / count).sqrt(),
            detail: detail(&luma, width, height),
            tiny: tiny(&luma, width, height),
        }
    }

    /// The flaw that the picture alone shows, if any.
    pub(super) fn flaw(&self) -> Option<Flaw> {
        if self.dark >= MIN_BLACK_FRACTION {
            Some(Flaw::NearlyBlack)
        } else if self.contrast < BLANK {
            Some(Flaw::Blank)
        } else {
            None
        }
    }

    /// Whether `other` shows the same scene much sharper.
    pub(super) fn is_blurred_beside(&self, other: &Self) -> bool {
        self.is_like(other) && other.detail > SMOOTH && other.detail > self.detail * SHARPER
    }

    /// Whether both are of one scene.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let pairs = self.tiny.iter().zip(&other.tiny);
        let difference = pairs.map(|(a, b)| (a - b).abs()).sum::<f32>();
        difference / (self.tiny.len() as f32) < SCENE
    }

    pub(super) const fn detail(&self) -> f32 {
        self.detail
    }
}

/// Brightness by Rec. 601, with its weights as integers: precise enough for a hint.
fn brightness(pixel: &[u8]) -> u8 {
    let [red, green, blue] = [0, 1, 2].map(|index| u32::from(pixel[index]));
    ((299 * red + 587 * green + 114 * blue) / 1000) as u8
}

fn detail(luma: &[u8], width: usize, height: usize) -> f32 {
    if width < 3 || height < 3 || luma.len() < width * height {
        return 0.0;
    }
    let (mut sum, mut squares) = (0.0_f64, 0.0_f64);
    for y in 1..height - 1 {
        for x in 1..width - 1 {
            let at = y * width + x;
            let [center, left, right, above, below] =
                [at, at - 1, at + 1, at - width, at + width].map(|at| i32::from(luma[at]));
            let curve = f64::from(4 * center - left - right - above - below);
            sum += curve;
            squares += curve * curve;
        }
    }
    let count = ((width - 2) * (height - 2)) as f64;
    (squares / count - (sum / count).powi(2)) as f32
}

fn tiny(luma: &[u8], width: usize, height: usize) -> [f32; TINY.0 * TINY.1] {
    let (mut sums, mut counts) = ([0.0; TINY.0 * TINY.1], [0.0_f32; TINY.0 * TINY.1]);
    for (at, &value) in luma.iter().enumerate().take(width * height) {
        let (x, y) = (at % width * TINY.0 / width, at / width * TINY.1 / height);
        sums[y * TINY.0 + x] += f32::from(value);
        counts[y * TINY.0 + x] += 1.0;
    }
    std::array::from_fn(|cell| sums[cell] / counts[cell].max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (u32, u32) = (64, 36);

    fn picture(value: impl Fn(u32, u32) -> u8) -> Quality {
        let pixels = (0..SIZE.0 * SIZE.1).flat_map(|at| {
            let value = value(at % SIZE.0, at / SIZE.0);
            [value, value, value, 255]
        });
        Quality::of(SIZE.0, SIZE.1, &pixels.collect::<Vec<_>>())
    }

    // Breaks if a night scene counts as black, a black frame with noise does not, or a white frame has no flaw.
    #[test]
    fn black_and_blank() {
        let night = |lit| picture(move |x, y| if y * SIZE.0 + x < lit { 200 } else { 8 });
        assert_eq!(night(30).flaw(), Some(Flaw::NearlyBlack));
        assert_eq!(night(300).flaw(), None);
        assert_eq!(picture(|x, _| 250 + (x % 3) as u8).flaw(), Some(Flaw::Blank));
        assert_eq!(picture(|x, _| (x * 4) as u8).flaw(), None);
        assert_eq!(Quality::of(0, 0, &[]).flaw(), Some(Flaw::Blank));
    }

    // Breaks if a blurred frame beside a sharp one is not detected, or a smooth one beside another scene counts as blurred.
    #[test]
    fn blurred_beside_the_same_sharp() {
        let bars = |soft: u32| {
            picture(move |x, _| {
                let sum: u32 = (0..=soft)
                    .map(|back| if (x + 64 - back) / 2 % 2 == 0 { 30 } else { 220 })
                    .sum();
                (sum / (soft + 1)) as u8
            })
        };
        let (sharp, blurred) = (bars(0), bars(2));
        assert!(blurred.is_blurred_beside(&sharp));
        assert!(!sharp.is_blurred_beside(&blurred) && !sharp.is_blurred_beside(&sharp));
        let (left, right) = (picture(|x, _| (x * 4) as u8), picture(|x, _| 255 - (x * 4) as u8));
        assert!(!left.is_like(&right) && !left.is_blurred_beside(&right));
    }
}
