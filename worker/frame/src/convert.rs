//! A decoded frame as the PNG encoder would get it from the ffmpeg program: turned upright and in the encoder's
//! pixel format, by the same filters with the same flags.

use std::fmt::Write;

use ffmpeg_next::format::Pixel;
use ffmpeg_next::{Rational, filter, frame};

use crate::rotation::Matrix;
use crate::{Error, Image, PixelFormat, raw};

/// The formats of ffmpeg's PNG encoder, in its order: the filter graph picks the one that loses least.
const PNG_FORMATS: &str = "rgb24|rgba|rgb48be|rgba64be|pal8|gray|ya8|gray16be|ya16be|monob";

/// What is wanted of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// The exact pixels. `size` is that of the video's first frame, before it is turned: where a video changes its
    /// size on the way, the ffmpeg program scales what follows.
    Exact { size: (u32, u32) },
    /// A smaller picture of the right shape that fits into this size, for the screen.
    Fit { max: (u32, u32) },
}

/// Turns, converts and, if need be, scales a frame.
pub(crate) fn convert(
    picture: &frame::Video,
    container_matrix: Option<Matrix>,
    sample_aspect: Option<Rational>,
    target: Target,
) -> Result<Image, Error> {
    let turn = Matrix::of_frame(picture)
        .or(container_matrix)
        .map(Matrix::filters)
        .unwrap_or_default();
    let mut aspect = picture.aspect_ratio();
    if aspect.numerator() <= 0 || aspect.denominator() <= 0 {
        aspect = sample_aspect.unwrap_or(Rational(0, 1));
    }
    let mut filters = String::from("sws_flags=bicubic;[in]") + &turn;
    match target {
        Target::Exact { size } => {
            let same = (picture.width(), picture.height()) == size;
            if !same && size.0 > 0 && size.1 > 0 {
                let (width, height) = if turn.contains("transpose") {
                    (size.1, size.0)
                } else {
                    size
                };
                let _ = write!(filters, "scale={width}:{height}:flags=bicubic,");
            }
            let _ = write!(filters, "format={PNG_FORMATS}[out]");
        }
        Target::Fit { max } => {
            // A square pixel for each sample, then down to size: never up, and never to nothing. To even widths, for
            // which libav is several times as quick.
            let _ = write!(
                filters,
                "scale='trunc(iw*if(gt(sar,0),sar,1))':ih:flags=bilinear,\
                 scale='if(lte(iw,{w})*lte(ih,{h}),iw,max(1,trunc(iw*min({w}/iw,{h}/ih)/2)*2))'\
                 :'max(1,trunc(ih*min(1,min({w}/iw,{h}/ih))))':flags=area,setsar=1,format=rgba[out]",
                w = max.0.max(1),
                h = max.1.max(1),
            );
        }
    }
    let filtered = run(picture, aspect, &filters)?;
    to_image(&filtered)
}

fn run(picture: &frame::Video, aspect: Rational, filters: &str) -> Result<frame::Video, Error> {
    let unknown = || Error::Convert {
        reason: "libav lacks a filter".to_owned(),
    };
    let format = picture.format().descriptor().ok_or_else(|| Error::Convert {
        reason: "libav does not say in what pixel format the frame is".to_owned(),
    })?;
    let mut graph = filter::Graph::new();
    let arguments = format!(
        "video_size={}x{}:pix_fmt={}:time_base=1/1000000:pixel_aspect={}/{}",
        picture.width(),
        picture.height(),
        format.name(),
        aspect.numerator(),
        aspect.denominator().max(1),
    );
    let source = filter::find("buffer").ok_or_else(unknown)?;
    let sink = filter::find("buffersink").ok_or_else(unknown)?;
    graph.add(&source, "in", &arguments).map_err(Error::convert)?;
    graph.add(&sink, "out", "").map_err(Error::convert)?;
    let parser = graph
        .output("in", 0)
        .and_then(|parser| parser.input("out", 0))
        .map_err(Error::convert)?;
    parser.parse(filters).map_err(Error::convert)?;
    graph.validate().map_err(Error::convert)?;
    let mut filtered = frame::Video::empty();
    // The graph takes the pixels of what it is given.
    let picture = raw::share(picture).ok_or_else(|| Error::Convert {
        reason: "there is not enough memory".to_owned(),
    })?;
    graph
        .get("in")
        .ok_or_else(unknown)?
        .source()
        .add(&picture)
        .map_err(Error::convert)?;
    graph
        .get("out")
        .ok_or_else(unknown)?
        .sink()
        .frame(&mut filtered)
        .map_err(Error::convert)?;
    Ok(filtered)
}

fn to_image(picture: &frame::Video) -> Result<Image, Error> {
    let pixels = raw::packed_pixels(picture).ok_or_else(|| Error::Convert {
        reason: "libav does not give the pixels".to_owned(),
    })?;
    let (width, height) = (picture.width(), picture.height());
    let (format, data) = match picture.format() {
        Pixel::RGB24 => (PixelFormat::Rgb8, pixels),
        Pixel::RGBA => (PixelFormat::Rgba8, pixels),
        Pixel::RGB48BE => (PixelFormat::Rgb16, pixels),
        Pixel::RGBA64BE => (PixelFormat::Rgba16, pixels),
        Pixel::GRAY8 => (PixelFormat::Gray8, pixels),
        Pixel::YA8 => (PixelFormat::GrayAlpha8, pixels),
        Pixel::GRAY16BE => (PixelFormat::Gray16, pixels),
        Pixel::YA16BE => (PixelFormat::GrayAlpha16, pixels),
        Pixel::PAL8 => from_palette(&pixels, width as usize * height as usize),
        Pixel::MonoBlack => (
            PixelFormat::Gray8,
            from_bits(&pixels, width as usize, height as usize),
        ),
        other => {
            return Err(Error::Convert {
                reason: format!("an unexpected pixel format: {other:?}"),
            });
        }
    };
    let aspect = picture.aspect_ratio();
    Ok(Image::new(format, width, height, data)?.with_sample_aspect(aspect.numerator(), aspect.denominator()))
}

/// Indices and 256 colours of native-endian ARGB behind them.
fn from_palette(pixels: &[u8], count: usize) -> (PixelFormat, Vec<u8>) {
    let (indices, palette) = pixels.split_at(count.min(pixels.len()));
    let colour = |index: &u8| {
        let at = usize::from(*index) * 4;
        let argb = palette
            .get(at..at + 4)
            .and_then(|bytes| bytes.try_into().ok())
            .map_or(0, u32::from_ne_bytes);
        let [a, r, g, b] = argb.to_be_bytes();
        [r, g, b, a]
    };
    let rgba: Vec<u8> = indices.iter().flat_map(colour).collect();
    if rgba.chunks_exact(4).all(|pixel| pixel[3] == 255) {
        let rgb = rgba
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect();
        return (PixelFormat::Rgb8, rgb);
    }
    (PixelFormat::Rgba8, rgba)
}

/// One bit a pixel, lines padded to whole bytes, 1 is white.
fn from_bits(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let line = width.div_ceil(8);
    let bit = |x: usize, y: usize| {
        pixels
            .get(y * line + x / 8)
            .is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    };
    (0..height)
        .flat_map(|y| (0..width).map(move |x| if bit(x, y) { 255 } else { 0 }))
        .collect()
}
