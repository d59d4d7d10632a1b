//! From an exact frame to the pixels of an output, before they are encoded.
//!
//! Pictures of eight bits are made smaller in linear light: a mesh of black and white then keeps its brightness, and fine
//! bright lines do not fade. They are made larger as they are coded, for in linear light the ringing of the filter shows
//! as dark rims. Pictures of 16 bits, which are HDR mostly, are scaled as they are coded: their values follow the eye.

use std::borrow::Cow;
use std::sync::LazyLock;

use posterframe_contract::{Format, OutputColor, OutputRequest};

use crate::colour::{ToSdr, sdr_cicp};
use crate::geometry::Geometry;
use crate::light::Light;
use crate::scale::{Part, scaled};
use crate::{Image, PictureError, PixelFormat, Tags};

/// The pixels of an output of a frame, in the form in which they go into its encoder and into its hash.
///
/// # Errors
/// The output has a crop that is not within the frame, or there is not enough memory.
pub fn render<'a>(frame: &'a Image, output: &OutputRequest) -> Result<Cow<'a, Image>, PictureError> {
    if output.is_exact() {
        return Ok(Cow::Borrowed(frame));
    }
    let geometry = Geometry::of(frame.display_size(), output)?;
    let depth = match output.format {
        // HDR has steps that show in eight bits.
        Format::Avif if frame.tags().hdr().is_some() => Some(output.depth.unwrap_or(10)),
        Format::Png | Format::Avif => output.depth,
        Format::Jpeg | Format::Webp => Some(8),
    };
    let picture = resized(frame, geometry)?;
    // Neither JPEG nor WebP can hold HDR: what shows them takes its codes for sRGB. Nor is it in an AVIF of eight bits.
    let holds_hdr = match output.format {
        Format::Png => true,
        Format::Jpeg | Format::Webp => false,
        Format::Avif => depth != Some(8),
    };
    let picture = if holds_hdr && output.color == OutputColor::Video {
        picture
    } else {
        as_sdr(picture)
    };
    let picture = match depth {
        Some(8) => with_8_bits(picture),
        Some(_) => with_16_bits(picture),
        None => picture,
    };
    let picture = match output.format {
        Format::Jpeg => without_alpha(picture),
        Format::Webp | Format::Avif => with_colour(picture),
        Format::Png => picture,
    };
    padded(picture, geometry)
}

/// The geometry's part of a frame in its size, with square pixels.
fn resized(frame: &Image, geometry: Geometry) -> Result<Cow<'_, Image>, PictureError> {
    let tags = Tags {
        shape: (1, 1),
        ..frame.tags()
    };
    let (width, height) = (frame.width(), frame.height());
    let [left, top, across, down] = geometry.part;
    // From pixels of the true shape to those that are stored.
    let stretch = f64::from(width) / f64::from(frame.display_size().0);
    let part = Part {
        left: left * stretch,
        top,
        width: (across * stretch).min(f64::from(width)),
        height: down.min(f64::from(height)),
    };
    let is_whole = part.is_all_of((width, height)) && geometry.size == (width, height);
    if is_whole {
        return Ok(Cow::Owned(frame.clone().with_tags(tags)));
    }
    let is_smaller = f64::from(geometry.size.0) < across;
    let format = frame.format();
    let in_linear_light = format.has_8_bits() && is_smaller;
    let values: Vec<u16> = if in_linear_light {
        let alpha = format.alpha_index();
        let to = |(index, value): (usize, &u8)| match alpha {
            Some(alpha) if index % format.values() == alpha => u16::from(*value) * 257,
            _ => LINEAR[usize::from(*value)],
        };
        frame.data().iter().enumerate().map(to).collect()
    } else {
        frame.values_16()
    };
    let scaled = scaled(&values, format, (width, height), part, geometry.size)?;
    drop(values);
    let alpha = format.alpha_index();
    let data: Vec<u8> = if in_linear_light {
        let from = |(index, value): (usize, &u16)| match alpha {
            Some(alpha) if index % format.values() == alpha => to_8(*value),
            _ => CODED[usize::from(*value >> 4)],
        };
        scaled.iter().enumerate().map(from).collect()
    } else if format.has_8_bits() {
        scaled.into_iter().map(to_8).collect()
    } else {
        scaled.into_iter().flat_map(u16::to_be_bytes).collect()
    };
    let picture = Image::new(format, geometry.size.0, geometry.size.1, data)?;
    Ok(Cow::Owned(picture.with_tags(tags)))
}

/// Linear light of sRGB's and, nearly enough, a video's values of eight bits; 65,535 is white.
static LINEAR: LazyLock<[u16; 256]> = LazyLock::new(|| {
    std::array::from_fn(|value| {
        let coded = value as f64 / 255.0;
        let linear = if coded <= 0.040_45 {
            coded / 12.92
        } else {
            ((coded + 0.055) / 1.055).powf(2.4)
        };
        (linear * 65_535.0).round() as u16
    })
});

/// The way back, by the upper twelve bits of linear light: the value of eight bits whose light is nearest.
static CODED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut value = 0;
    let coded = (0..4_096_u32).map(|step| {
        let light = step * 16 + 8;
        let distance = |value: usize| (i64::from(LINEAR[value]) - i64::from(light)).abs();
        while value < 255 && distance(value + 1) <= distance(value) {
            value += 1;
        }
        value as u8
    });
    coded.collect()
});

/// Sixteen bits to eight, rounded.
pub(crate) fn to_8(value: u16) -> u8 {
    ((u32::from(value) * 255 + 32_895) >> 16) as u8
}

/// An HDR picture tone-mapped, from the brightest light that the video says it has; any other as it is.
fn as_sdr(picture: Cow<'_, Image>) -> Cow<'_, Image> {
    let Some(colour) = picture.tags().hdr() else {
        return picture;
    };
    let (primaries, transfer, _) = sdr_cicp(colour);
    let tags = Tags {
        primaries,
        transfer,
        light: Light::UNKNOWN,
        ..picture.tags()
    };
    let (format, values) = match picture.format() {
        PixelFormat::Rgb8 | PixelFormat::Rgb16 => (PixelFormat::Rgb16, 3),
        PixelFormat::Rgba8 | PixelFormat::Rgba16 => (PixelFormat::Rgba16, 4),
        // There is no grey HDR video.
        _ => return picture,
    };
    let mut pixels = picture.values_16();
    let to_sdr = ToSdr::shared(colour, picture.tags().light.mastering());
    if values == 3 {
        to_sdr.convert(&mut pixels);
    } else {
        to_sdr.convert_rgba(&mut pixels);
    }
    let data = pixels.into_iter().flat_map(u16::to_be_bytes).collect();
    let converted = picture.converted(format, data).into_owned();
    Cow::Owned(converted.with_tags(tags))
}

fn with_8_bits(picture: Cow<'_, Image>) -> Cow<'_, Image> {
    let format = match picture.format() {
        PixelFormat::Rgb16 => PixelFormat::Rgb8,
        PixelFormat::Rgba16 => PixelFormat::Rgba8,
        PixelFormat::Gray16 => PixelFormat::Gray8,
        PixelFormat::GrayAlpha16 => PixelFormat::GrayAlpha8,
        _ => return picture,
    };
    let data = picture.values_16().into_iter().map(to_8).collect();
    picture.converted(format, data)
}

fn with_16_bits(picture: Cow<'_, Image>) -> Cow<'_, Image> {
    let format = match picture.format() {
        PixelFormat::Rgb8 => PixelFormat::Rgb16,
        PixelFormat::Rgba8 => PixelFormat::Rgba16,
        PixelFormat::Gray8 => PixelFormat::Gray16,
        PixelFormat::GrayAlpha8 => PixelFormat::GrayAlpha16,
        _ => return picture,
    };
    let data = picture.values_16().into_iter().flat_map(u16::to_be_bytes);
    picture.converted(format, data.collect())
}

/// A picture of eight bits over black, where it has an alpha.
fn without_alpha(picture: Cow<'_, Image>) -> Cow<'_, Image> {
    let format = match picture.format() {
        PixelFormat::Rgba8 => PixelFormat::Rgb8,
        PixelFormat::GrayAlpha8 => PixelFormat::Gray8,
        _ => return picture,
    };
    let values = picture.format().values();
    let over_black = |pixel: &[u8]| {
        let (alpha, colours) = pixel
            .split_last()
            .map_or((255, pixel), |(alpha, rest)| (*alpha, rest));
        let over = move |value: &u8| ((u32::from(*value) * u32::from(alpha) + 127) / 255) as u8;
        colours.iter().map(over).collect::<Vec<u8>>()
    };
    let data = picture.data().chunks_exact(values).flat_map(over_black).collect();
    picture.converted(format, data)
}

/// A picture with red, green and blue: a WebP has no grey, and the encoder of AVIF is simpler without.
fn with_colour(picture: Cow<'_, Image>) -> Cow<'_, Image> {
    let (format, bytes) = match picture.format() {
        PixelFormat::Gray8 => (PixelFormat::Rgb8, 1),
        PixelFormat::GrayAlpha8 => (PixelFormat::Rgba8, 1),
        PixelFormat::Gray16 => (PixelFormat::Rgb16, 2),
        PixelFormat::GrayAlpha16 => (PixelFormat::Rgba16, 2),
        _ => return picture,
    };
    let coloured = |pixel: &[u8]| {
        let (grey, alpha) = pixel.split_at(bytes);
        [grey, grey, grey, alpha].concat()
    };
    let pixels = picture.data().chunks_exact(picture.format().bytes_per_pixel());
    let data = pixels.flat_map(coloured).collect();
    picture.converted(format, data)
}

/// The picture in the middle of its canvas, which is black or, with an alpha, clear.
fn padded(picture: Cow<'_, Image>, geometry: Geometry) -> Result<Cow<'_, Image>, PictureError> {
    let (width, height) = geometry.canvas;
    if (width, height) == (picture.width(), picture.height()) {
        return Ok(picture);
    }
    let bytes = picture.format().bytes_per_pixel();
    let line = width as usize * bytes;
    let left = (width - picture.width()) as usize / 2 * bytes;
    let top = (height - picture.height()) as usize / 2;
    let mut data = vec![0; line * height as usize];
    let from = picture.data().chunks_exact(picture.width() as usize * bytes);
    for (to, from) in data.chunks_exact_mut(line).skip(top).zip(from) {
        to[left..left + from.len()].copy_from_slice(from);
    }
    let canvas = Image::new(picture.format(), width, height, data)?;
    Ok(Cow::Owned(canvas.with_tags(picture.tags())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(image: &Image, output: &str) -> Image {
        render(image, &output.parse().unwrap()).unwrap().into_owned()
    }

    fn plain(format: PixelFormat, pixel: &[u8], size: (u32, u32)) -> Image {
        let pixels = size.0 as usize * size.1 as usize;
        Image::new(format, size.0, size.1, pixel.repeat(pixels)).unwrap()
    }

    // Breaks if the exact PNG is touched, or a plain colour of any format changes on its way through any output.
    #[test]
    fn plain_colours_stay() {
        let cases: [(PixelFormat, &[u8], [u8; 3]); 8] = [
            (PixelFormat::Rgb8, &[10, 120, 230], [10, 120, 230]),
            (PixelFormat::Rgba8, &[10, 120, 230, 255], [10, 120, 230]),
            (PixelFormat::Rgb16, &[10, 10, 120, 120, 230, 230], [10, 120, 230]),
            (
                PixelFormat::Rgba16,
                &[10, 10, 120, 120, 230, 230, 255, 255],
                [10, 120, 230],
            ),
            (PixelFormat::Gray8, &[77], [77; 3]),
            (PixelFormat::GrayAlpha8, &[77, 255], [77; 3]),
            (PixelFormat::Gray16, &[77, 77], [77; 3]),
            (PixelFormat::GrayAlpha16, &[77, 77, 255, 255], [77; 3]),
        ];
        for (format, pixel, expected) in cases {
            let image = plain(format, pixel, (64, 36));
            assert!(rendered(&image, "png") == image);
            for output in [
                "jpeg",
                "webp",
                "png:8",
                "png:16",
                "jpeg:32x18",
                "png:32x18",
                "webp:100x100:crop",
                "jpeg:30x30:crop",
                "webp:crop=3,4,20,10",
                "avif:8",
                "avif:10:32x18",
            ] {
                let picture = rendered(&image, output);
                let rgba = picture.to_rgba8();
                assert!(
                    rgba.chunks_exact(4).all(|pixel| pixel[..3] == expected),
                    "{image:?} {output}: {:?}",
                    &rgba[..4]
                );
            }
        }
    }

    // Breaks if a mesh of black and white gets darker than it is, or 16 bits are lost where the format holds them.
    #[test]
    fn light_is_kept() {
        let mesh: Vec<u8> = (0..64 * 64)
            .flat_map(|at| [if (at + at / 64) % 2 == 0 { 255 } else { 0 }; 3])
            .collect();
        let mesh = Image::new(PixelFormat::Rgb8, 64, 64, mesh).unwrap();
        let small = rendered(&mesh, "png:16x16");
        // Half of the light of white is 188 of sRGB's values.
        assert!(
            small.data().iter().all(|value| (186..=190).contains(value)),
            "{:?}",
            &small.data()[..3]
        );
        let deep = plain(PixelFormat::Rgb16, &[1, 2, 3, 4, 5, 6], (64, 36));
        assert_eq!(rendered(&deep, "png:32x18").format(), PixelFormat::Rgb16);
        assert_eq!(rendered(&deep, "png:32x18").data()[..6], [1, 2, 3, 4, 5, 6]);
    }

    // Breaks if an HDR frame becomes a JPEG whose codes are those of HDR, or loses HDR where the format holds it.
    #[test]
    fn hdr_becomes_sdr_where_it_must() {
        // 203 nits, the white of paper, in PQ: 0.58 of the code.
        let white = (0.580_689_f64 * 65_535.0) as u16;
        let pixel = [white; 3].map(u16::to_be_bytes).concat();
        let hdr = plain(PixelFormat::Rgb16, &pixel, (8, 4)).with_tags(Tags {
            primaries: 9,
            transfer: 16,
            ..Tags::NONE
        });
        for output in ["png:4x2", "avif", "avif:10:4x2"] {
            let kept = rendered(&hdr, output);
            assert_eq!(
                (&kept.data()[..6], kept.tags().transfer),
                (&pixel[..], 16),
                "{output}"
            );
        }
        for output in ["jpeg", "webp", "png:8:sdr", "avif:8"] {
            let sdr = rendered(&hdr, output);
            assert_eq!(
                (sdr.format(), sdr.tags().transfer),
                (PixelFormat::Rgb8, 13),
                "{output}"
            );
            // A knee bends it a little: paper is not the brightest light.
            assert!(
                (220..=240).contains(&sdr.data()[0]),
                "{output}: {}",
                sdr.data()[0]
            );
        }
        assert_eq!(rendered(&hdr, "png:sdr").format(), PixelFormat::Rgb16);
    }

    // Breaks if narrow pixels make a narrow output, a pad is not black and centred, or an alpha is not blended.
    #[test]
    fn shape_ground_and_alpha() {
        let narrow = plain(PixelFormat::Rgb8, &[200, 100, 50], (72, 57)).with_tags(Tags {
            shape: (16, 11),
            ..Tags::NONE
        });
        let square = rendered(&narrow, "jpeg");
        assert_eq!((square.width(), square.height()), (105, 57));
        assert_eq!(square.sample_aspect(), (1, 1));
        let padded = rendered(&plain(PixelFormat::Gray8, &[9], (40, 20)), "jpeg:40x40:pad");
        let line = |line: usize| &padded.data()[line * 40..][..40];
        assert!(line(9) == [0; 40] && line(10) == [9; 40] && line(29) == [9; 40] && line(30) == [0; 40]);
        let half = rendered(&plain(PixelFormat::Rgba8, &[200, 100, 50, 128], (4, 4)), "jpeg");
        assert_eq!(half.data()[..3], [100, 50, 25]);
    }
}
