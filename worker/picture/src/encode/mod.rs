//! Pictures as files.

mod avif;

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, SamplingFactor};
use posterframe_contract::{Chroma, Format, OutputRequest};

use crate::proof;
use crate::{Image, PictureError, PixelFormat};

/// The quality of a JPEG for which nobody asked another one: no difference at a second look.
const JPEG_QUALITY: u8 = 90;
/// The same for a WebP, whose scale is another.
const WEBP_QUALITY: u8 = 85;

/// The same for an AVIF: as near to the picture as that WebP, in some three quarters of its bytes.
const AVIF_QUALITY: u8 = 85;

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The quality that was taken, from 1 to 100; `None` where nothing is lost.
    pub quality: Option<u8>,
}

/// The quality where none is asked for, from 1 to 100; `None` for a format that loses nothing.
pub const fn usual_quality(format: Format) -> Option<u8> {
    match format {
        Format::Png => None,
        Format::Jpeg => Some(JPEG_QUALITY),
        Format::Webp => Some(WEBP_QUALITY),
        Format::Avif => Some(AVIF_QUALITY),
    }
}

/// Encodes what [`crate::render()`] made of a frame for this output: in the quality that is asked for, or in the best that stays
/// within the limit. The file has the XMP packet `xmp` in it, where there is one: see [`proof`].
///
/// # Errors
/// The limit cannot be kept, the encoder refuses, or the packet is too long.
pub fn encode(picture: &Image, output: &OutputRequest, xmp: Option<&str>) -> Result<Encoded, PictureError> {
    let encode = |quality| {
        let file = match output.format {
            Format::Png => picture.encode_png(),
            Format::Jpeg => jpeg(picture, quality, output.chroma),
            Format::Webp => webp(picture, quality, output.lossless),
            Format::Avif => avif::avif(picture, quality, output.chroma),
        }?;
        let Some(xmp) = xmp else { return Ok(file) };
        let with_proof = proof::embed(&file, xmp);
        with_proof.map_err(|error| PictureError::File(error.to_string()))
    };
    let Some(usual) = usual_quality(output.format).filter(|_| !output.lossless) else {
        let bytes = encode(100)?;
        return Ok(Encoded { bytes, quality: None });
    };
    match output.max_bytes {
        None => {
            let quality = output.quality.unwrap_or(usual);
            let bytes = encode(quality)?;
            Ok(Encoded {
                bytes,
                quality: Some(quality),
            })
        }
        Some(most) => best_within(most, encode),
    }
}

/// The best quality whose file has at most so many bytes. Files grow with their quality, so it is searched by halves,
/// which takes seven of them at most.
fn best_within(
    most: u64,
    encode: impl Fn(u8) -> Result<Vec<u8>, PictureError>,
) -> Result<Encoded, PictureError> {
    let (mut low, mut high) = (1, 100);
    let mut best = None;
    let mut smallest = u64::MAX;
    while low <= high {
        let quality = u8::midpoint(low, high);
        let bytes = encode(quality)?;
        smallest = smallest.min(bytes.len() as u64);
        if bytes.len() as u64 <= most {
            best = Some(Encoded {
                bytes,
                quality: Some(quality),
            });
            low = quality + 1;
        } else {
            high = quality - 1;
        }
    }
    best.ok_or(PictureError::OverLimit {
        bytes: smallest,
        most,
    })
}

/// The profile of sRGB (ICC.1, version 4.4), for the formats that have no shorter way to say it. Little CMS made it; it is dated
/// when sRGB became a standard.
static SRGB: &[u8] = include_bytes!("srgb.icc");

fn jpeg(picture: &Image, quality: u8, chroma: Chroma) -> Result<Vec<u8>, PictureError> {
    let failed = |error: jpeg_encoder::EncodingError| PictureError::File(error.to_string());
    let kind = match picture.format() {
        PixelFormat::Rgb8 => ColorType::Rgb,
        PixelFormat::Gray8 => ColorType::Luma,
        other => return Err(PictureError::File(format!("a JPEG cannot hold {}", other.name()))),
    };
    let side = |side: u32| {
        let (width, height) = (picture.width(), picture.height());
        u16::try_from(side).map_err(|_| PictureError::TooLarge { width, height })
    };
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(match chroma {
        Chroma::Quarter => SamplingFactor::F_2_2,
        Chroma::Full => SamplingFactor::F_1_1,
    });
    // As libjpeg does it. The encoder's own way is every second sample, which makes false detail of fine colours.
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    // A page shows it while it comes, and it is smaller.
    encoder.set_progressive(true);
    encoder.set_optimized_huffman_tables(true);
    encoder.add_icc_profile(SRGB).map_err(failed)?;
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    encoder
        .encode(picture.data(), width, height, kind)
        .map_err(failed)?;
    Ok(bytes)
}

/// Without a profile: a WebP without one is sRGB.
fn webp(picture: &Image, quality: u8, lossless: bool) -> Result<Vec<u8>, PictureError> {
    let (width, height) = (picture.width(), picture.height());
    let encoder = match picture.format() {
        PixelFormat::Rgb8 => webp::Encoder::from_rgb(picture.data(), width, height),
        PixelFormat::Rgba8 => webp::Encoder::from_rgba(picture.data(), width, height),
        other => return Err(PictureError::File(format!("a WebP cannot hold {}", other.name()))),
    };
    let failed = || PictureError::File("the WebP encoder has no settings".to_owned());
    let mut config = webp::WebPConfig::new().map_err(|()| failed())?;
    config.quality = f32::from(quality);
    config.lossless = lossless.into();
    // What is clear keeps its colour too, where nothing is to be lost.
    config.exact = lossless.into();
    let encoded = encoder.encode_advanced(&config);
    let encoded =
        encoded.map_err(|error| PictureError::File(format!("the WebP encoder refuses: {error:?}")))?;
    Ok(encoded.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render;

    /// A picture that no encoder finds easy.
    fn noisy(width: u32, height: u32) -> Image {
        let mut state = 7_u32;
        let data = (0..width * height * 3).map(|at| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (at / 30) as u8 / 2 + (state >> 25) as u8
        });
        Image::new(PixelFormat::Rgb8, width, height, data.collect()).unwrap()
    }

    fn encoded(image: &Image, output: &str) -> Result<Encoded, PictureError> {
        let output = output.parse().unwrap();
        encode(&render(image, &output).unwrap(), &output, None)
    }

    // Breaks if the profile is not in the file, or is none: its illuminant is D50, and its tags begin at multiples of four.
    #[test]
    fn jpegs_have_a_sound_profile() {
        let number = |at: usize| u32::from_be_bytes(SRGB[at..at + 4].try_into().unwrap());
        assert_eq!([68, 72, 76].map(number), [0xf6d6, 0x1_0000, 0xd32d]);
        assert_eq!(number(0) as usize, SRGB.len());
        for tag in 0..number(128) as usize {
            let (start, length) = (number(136 + tag * 12), number(140 + tag * 12));
            assert!(start % 4 == 0 && (start + length) as usize <= SRGB.len(), "{tag}");
        }
        let jpeg = encoded(&noisy(8, 8), "jpeg").unwrap().bytes;
        assert!(jpeg.windows(SRGB.len()).any(|part| part == SRGB));
    }

    // Breaks if a limit is not kept, is kept by a worse quality than needed, or an impossible one is not said to be so.
    #[test]
    fn limits_are_kept() {
        let image = noisy(320, 180);
        for format in ["jpeg", "webp", "avif"] {
            let whole = encoded(&image, &format!("{format}:q=100")).unwrap().bytes.len();
            for most in [whole / 3, whole / 6] {
                let made = encoded(&image, &format!("{format}:max={most}")).unwrap();
                assert!(made.bytes.len() <= most, "{format}");
                let better = made.quality.unwrap() + 1;
                let better = encoded(&image, &format!("{format}:q={better}")).unwrap();
                assert!(better.bytes.len() > most, "{format}: a better one fits");
            }
            let error = encoded(&image, &format!("{format}:max=50")).unwrap_err();
            assert!(
                matches!(error, PictureError::OverLimit { most: 50, bytes } if bytes > 50),
                "{error}"
            );
        }
    }

    // Breaks if a quality is not the one that was asked for, or full chroma makes no difference.
    #[test]
    fn qualities() {
        let image = noisy(160, 90);
        let bytes = |output: &str| encoded(&image, output).unwrap().bytes;
        assert!(bytes("jpeg:q=20").len() < bytes("jpeg:q=90").len());
        assert!(bytes("webp:q=20").len() < bytes("webp:q=90").len());
        assert!(bytes("jpeg").len() < bytes("jpeg:444").len());
        assert_eq!(encoded(&image, "jpeg").unwrap().quality, Some(JPEG_QUALITY));
        assert_eq!(encoded(&image, "webp:lossless").unwrap().quality, None);
    }
}
