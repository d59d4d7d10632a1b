//! How good a still a picture makes: its flaws, which are hints for people, and its score, by which [`Rule::Best`] chooses.
//!
//! The measures are those of the field, taken of a small picture with square pixels:
//!
//! | measure | by |
//! | --- | --- |
//! | near-black, near-white: 98 % of the pixels | ffmpeg's filter `blackframe`, whose default is 98 % |
//! | contrast: standard deviation of the luma | – |
//! | entropy of the luma, in bits | Shannon; ffmpeg's filter `entropy` |
//! | detail: variance of the Laplacian, which blur reduces first | Pech-Pacheco et al., *Diatom autofocusing in brightfield microscopy*, ICPR 2000 |
//! | colourfulness | Hasler and Süsstrunk, *Measuring colourfulness in natural images*, SPIE 2003 |
//! | letterbox: lines at opposite edges whose mean is below 24 of 255 | ffmpeg's filter `cropdetect`, whose default is 24 |
//! | title card: the share of the pixels that have nearly the same luma, inside the letterbox | a rule of our own |
//! | likeness of two pictures: mean difference of 16 × 9 cells | thumbnails as in Yeo and Liu, *Rapid scene analysis on compressed video*, 1995 |
//! | a cut nearby | ffmpeg's filter `scdet` (`rules/change.rs`) |
//! | a fade nearby: the luma's mean goes one way | Truong et al., *New enhancements to cut, fade, and dissolve detection processes in video segmentation*, ACM Multimedia 2000 |
//!
//! The score is a sum of parts, from 0 to 100, that flaws are a factor of:
//!
//! | part | points | all of them |
//! | --- | --- | --- |
//! | exposure | 20 | at a mean luma of 60 to 190 |
//! | entropy | 25 | from 7 bits on |
//! | sharpness | 30 | in the limit; half of them with the detail that is usual in the video, the median of its keyframes |
//! | colour | 15 | from a colourfulness of 60 on ("quite colourful") |
//! | full picture | 10 | without bars; none with bars of a quarter of the picture |
//!
//! | flaw | factor |
//! | --- | --- |
//! | near-black, or of one colour (near-white, too) | 0.05 |
//! | within two frames of a cut, or in a fade | 0.3 |
//! | title card | down to 0.4, where four fifths have the same luma |
//! | less detail than usual | 0.8; below a quarter of it 0.3 |
//!
//! Below [`MIN_SCORE`] nothing is chosen as long as there is anything else.
//!
//! [`Rule::Best`]: crate::Rule::Best

mod measure;

#[cfg(test)]
mod tests;

use measure::{Luma, TINY};

/// A flaw of a frame as a thumbnail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Nearly all pixels are black.
    NearlyBlack,
    /// The whole picture has one colour, or nearly all pixels are white.
    Blank,
    /// Near frames of the same scene are much sharper.
    Blurred,
}

/// Fraction of nearly black pixels from which a frame is nearly black, and of nearly white ones from which it is blank.
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
/// Mean difference of two tiny pictures below which the frames look the same, of 255.
const SAME: f32 = 4.0;

const EXPOSURE_POINTS: f32 = 20.0;
const ENTROPY_POINTS: f32 = 25.0;
const SHARPNESS_POINTS: f32 = 30.0;
const COLOUR_POINTS: f32 = 15.0;
const FULL_POINTS: f32 = 10.0;

/// Mean luma from which an exposure is not too dark, and up to which it is not too bright.
const GOOD_MEAN: (f32, f32) = (60.0, 190.0);
/// Bits of entropy that give no points, and all of them.
const ENTROPY_BITS: (f32, f32) = (2.0, 7.0);
/// Colourfulness that gives all points.
const COLOURFUL: f32 = 60.0;
/// Share of bars that gives no points.
const MOST_BARS: f32 = 0.25;
/// Share of one luma from which a picture looks like a title card, and from which it certainly is one.
const FLAT: (f32, f32) = (0.5, 0.8);
/// Part of the usual detail below which a picture is certainly blurred.
const BLURRED: f32 = 0.25;

const FLAW_FACTOR: f32 = 0.05;
const TRANSITION_FACTOR: f32 = 0.3;
const TITLE_FACTOR: f32 = 0.4;
const SOFT_FACTOR: f32 = 0.8;
const BLURRED_FACTOR: f32 = 0.3;

/// The least score of a frame that is chosen while there are others.
pub const MIN_SCORE: u8 = 30;

/// The measures of a picture.
#[derive(Clone, Debug)]
pub struct Quality {
    /// Fraction of nearly black pixels, from 0 to 1.
    dark: f32,
    /// Fraction of nearly white pixels, from 0 to 1.
    bright: f32,
    /// Mean of the luma, of 255.
    mean: f32,
    /// Standard deviation of the luma, of 255.
    contrast: f32,
    /// Variance of the luma's second derivative, which blur reduces first.
    detail: f32,
    /// Entropy of the luma, in bits, from 0 to 8.
    entropy: f32,
    colourfulness: f32,
    /// Fraction of the picture that is black bars, from 0 to 1.
    bars: f32,
    /// Largest fraction of the pixels within the bars that have nearly the same luma, from 0 to 1.
    flat: f32,
    tiny: [f32; TINY.0 * TINY.1],
}

impl Quality {
    /// Measures a picture of RGBA pixels.
    pub fn of(width: u32, height: u32, rgba: &[u8]) -> Self {
        let luma = Luma::of(width as usize, height as usize, rgba);
        let (mean, contrast) = luma.mean_and_contrast();
        let inside = luma.inside_bars();
        let (entropy, flat) = luma.entropy_and_flat(&inside);
        Self {
            dark: luma.dark(),
            bright: luma.bright(),
            mean,
            contrast,
            detail: luma.detail(),
            entropy,
            colourfulness: measure::colourfulness(rgba),
            bars: luma.outside(&inside),
            flat,
            tiny: luma.tiny(),
        }
    }

    /// The flaw that the picture alone shows, if any.
    pub fn flaw(&self) -> Option<Flaw> {
        if self.dark >= MIN_BLACK_FRACTION {
            Some(Flaw::NearlyBlack)
        } else if self.contrast < BLANK || self.bright >= MIN_BLACK_FRACTION {
            Some(Flaw::Blank)
        } else {
            None
        }
    }

    /// Whether `other` shows the same scene much sharper.
    pub fn is_blurred_beside(&self, other: &Self) -> bool {
        self.is_like(other) && other.detail > SMOOTH && other.detail > self.detail * SHARPER
    }

    /// Whether both are of one scene.
    pub fn is_like(&self, other: &Self) -> bool {
        self.difference(other) < SCENE
    }

    /// Whether both look the same.
    pub fn is_same(&self, other: &Self) -> bool {
        self.difference(other) < SAME
    }

    fn difference(&self, other: &Self) -> f32 {
        let pairs = self.tiny.iter().zip(&other.tiny);
        let difference = pairs.map(|(a, b)| (a - b).abs()).sum::<f32>();
        difference / (self.tiny.len() as f32)
    }

    /// How much detail there is: the variance of the Laplacian. It compares pictures of one video and one size.
    pub const fn detail(&self) -> f32 {
        self.detail
    }

    /// Whether the luma goes one way through these pictures, which follow each other, as in a fade from or to black or white:
    /// each step has the sign of the one before, in its mean as in its contrast.
    pub(crate) fn is_fade<'a>(pictures: impl Iterator<Item = &'a Self>) -> bool {
        /// Least change from one picture to the next, and of all together, of 255.
        const STEP: f32 = 0.25;
        const ALL: f32 = 2.5;
        let (means, contrasts): (Vec<f32>, Vec<f32>) = pictures.map(|it| (it.mean, it.contrast)).unzip();
        let steps =
            |values: Vec<f32>| -> Vec<f32> { values.windows(2).map(|pair| pair[1] - pair[0]).collect() };
        let goes_one_way = |steps: &[f32], least: f32| {
            steps.iter().all(|&step| step > least) || steps.iter().all(|&step| step < -least)
        };
        let (means, contrasts) = (steps(means), steps(contrasts));
        means.len() > 1
            && goes_one_way(&means, STEP)
            && goes_one_way(&contrasts, 0.0)
            && means.iter().sum::<f32>().abs() >= ALL
    }

    /// The score from 0 to 100, where `usual_detail` is what pictures of this video have. `in_transition` says that a fade is
    /// going on, or that a cut is within two frames.
    pub fn score(&self, usual_detail: f32, in_transition: bool) -> u8 {
        self.rating(usual_detail, in_transition).round() as u8
    }

    /// The score before it is rounded.
    pub(crate) fn rating(&self, usual_detail: f32, in_transition: bool) -> f32 {
        let part = |value: f32, (none, all): (f32, f32)| ((value - none) / (all - none)).clamp(0.0, 1.0);
        let exposure = part(self.mean, (0.0, GOOD_MEAN.0)).min(part(self.mean, (255.0, GOOD_MEAN.1)));
        let usual_detail = usual_detail.max(SMOOTH);
        let sharpness = self.detail / (self.detail + usual_detail);
        let points = EXPOSURE_POINTS * exposure
            + ENTROPY_POINTS * part(self.entropy, ENTROPY_BITS)
            + SHARPNESS_POINTS * sharpness
            + COLOUR_POINTS * part(self.colourfulness, (0.0, COLOURFUL))
            + FULL_POINTS * part(self.bars, (MOST_BARS, 0.0));
        let title = 1.0 - (1.0 - TITLE_FACTOR) * part(self.flat, FLAT);
        let blur = match self.detail / usual_detail {
            ratio if ratio < BLURRED => BLURRED_FACTOR,
            ratio if ratio < 1.0 => SOFT_FACTOR,
            _ => 1.0,
        };
        let flaw = if self.flaw().is_some() { FLAW_FACTOR } else { 1.0 };
        let transition = if in_transition { TRANSITION_FACTOR } else { 1.0 };
        points * title * blur * flaw * transition
    }
}
