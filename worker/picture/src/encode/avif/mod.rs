//! AVIF, by rav1e: the one lossy format here that holds HDR and more than eight bits.
//!
//! Colour is stored as luma and chroma of full range, and both the stream and the container (`colr`, of type `nclx`) say which:
//! code points of ITU-T H.273, as HDR needs them and browsers follow them. An alpha is a picture of its own, as AVIF wants it.
//!
//! The matrix of SDR is BT.709's, that of its primaries. BT.601's, which many encoders take, is what readers assume where
//! nothing is said, and the container's writer then leaves `colr` out.

mod colour;
mod planes;

use avif_serialize::Aviffy;
use posterframe_av1::{ChromaSampling, EncoderConfig, Frame, PixelRange, Rational, SpeedSettings};
use posterframe_contract::Chroma;

use self::colour::Colour;
use self::planes::Source;
use crate::{Image, PictureError};

/// Of rav1e's 0 (slowest) to 10. Measured at one quality: files of speed 6 are as large and take nearly twice as long, those of
/// 4 are 1 % smaller and take five times as long. Speed 9 saves a third of the time for files that are up to 5 % larger.
const SPEED: u8 = 8;

/// The longest side of an AV1 picture, in pixels: its header has 16 bits for it.
const MAX_SIDE: u32 = 65_535;

/// Pixels for each tile, about, and the most tiles. Tiles are what threads share, and each costs a little in size. Their number
/// follows from the picture alone: by the number of cores, one task would write another file elsewhere.
const TILE_PIXELS: usize = 512 * 512;
const MAX_TILES: usize = 32;

/// The picture as an AVIF, with 10 bits where it has 16. The quality is from 1 to 100.
///
/// # Errors
/// A side is longer than the format holds, or the encoder refuses.
pub(super) fn avif(picture: &Image, quality: u8, chroma: Chroma) -> Result<Vec<u8>, PictureError> {
    let (width, height) = (picture.width(), picture.height());
    if width.max(height) > MAX_SIDE {
        return Err(PictureError::TooLarge { width, height });
    }
    let depth = if picture.format().has_8_bits() { 8 } else { 10 };
    let colour = Colour::of(picture.tags());
    let source = Source { picture, depth };
    let (sampling, is_halved) = match chroma {
        Chroma::Quarter => (ChromaSampling::Cs420, true),
        Chroma::Full => (ChromaSampling::Cs444, false),
    };
    let stream = |sampling, description, fill: &dyn Fn(&mut Frame)| {
        let config = EncoderConfig {
            width: picture.width() as usize,
            height: picture.height() as usize,
            time_base: Rational::new(1, 1),
            bit_depth: usize::from(depth),
            chroma_sampling: sampling,
            pixel_range: PixelRange::Full,
            color_description: description,
            still_picture: true,
            quantizer: quantizer(quality),
            min_quantizer: quantizer(quality) as u8,
            tiles: tiles(picture),
            speed_settings: SpeedSettings::from_preset(SPEED),
            ..EncoderConfig::default()
        };
        let stream = posterframe_av1::encode(config, fill);
        stream.map_err(|error| PictureError::File(format!("the AVIF encoder refuses: {error}")))
    };
    let pixels = stream(sampling, Some(colour.description), &|frame| {
        let [luma, blue, red] = &mut frame.planes;
        source.fill_luma(luma, |rgb| colour.luma(rgb));
        source.fill_chroma(blue, is_halved, |rgb| colour.chroma(rgb)[0]);
        source.fill_chroma(red, is_halved, |rgb| colour.chroma(rgb)[1]);
    })?;
    let alpha = picture.format().alpha_index().map(|index| {
        let fill = |frame: &mut Frame| source.fill_alpha(&mut frame.planes[0], index);
        stream(ChromaSampling::Cs400, None, &fill)
    });
    let alpha = alpha.transpose()?;
    let mut file = Vec::new();
    let written = Aviffy::new()
        .set_width(picture.width())
        .set_height(picture.height())
        .set_bit_depth(depth)
        .set_chroma_subsampling((is_halved, is_halved))
        // 0, Main, holds 4:2:0, and 1, High, 4:4:4 too.
        .set_seq_profile(u8::from(!is_halved))
        .set_color_primaries(colour.primaries)
        .set_transfer_characteristics(colour.transfer)
        .set_matrix_coefficients(colour.matrix)
        .set_full_color_range(true)
        .write_slice(&mut file, &pixels, alpha.as_deref());
    written.map_err(|error| PictureError::File(error.to_string()))?;
    Ok(file)
}

fn tiles(picture: &Image) -> usize {
    let pixels = picture.width() as usize * picture.height() as usize;
    pixels.div_ceil(TILE_PIXELS).min(MAX_TILES)
}

/// AV1's quantizer, from 254 down to 1, of a quality: lines between the points of the `ravif` crate, whose qualities other
/// programs have too. A quantizer of 0 would be AV1's lossless mode, which rav1e lacks.
fn quantizer(quality: u8) -> usize {
    let quality = usize::from(quality.min(100));
    let between = |(from, high): (usize, usize), (to, low): (usize, usize)| {
        high - ((high - low) * (quality - from) + (to - from) / 2) / (to - from)
    };
    match quality {
        0..25 => between((0, 255), (25, 191)),
        25..82 => between((25, 191), (82, 119)),
        _ => between((82, 119), (100, 1)),
    }
}
