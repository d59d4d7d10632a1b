//! Converts a decoded frame to what the ffmpeg program would pass to its PNG encoder: upright and in the encoder's pixel
//! format, by the same steps in the same order as the program's filter graph.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::{Rational, frame};

use posterframe_picture::{Light, Tags};

use crate::colours::Colours;
use crate::decode::Decoded;
use crate::rotation::Matrix;
use crate::swscale::{self, Filter, Wanted};
use crate::turn::Turn;
use crate::{Error, Image, PixelFormat, raw};

/// The picture to make of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// The exact pixels.
    Exact,
    /// A smaller picture with square pixels that fits into `max` pixels, for the screen.
    Fit { max: (u32, u32) },
}

/// The container's properties for all frames.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Container {
    pub(crate) matrix: Option<Matrix>,
    /// Sample aspect ratio. It takes precedence over a frame's own.
    pub(crate) aspect: Option<Rational>,
    /// How bright the video is, where it is HDR.
    pub(crate) light: Light,
}

/// The properties that the ffmpeg program's filter graph is configured for; a change reconfigures it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Setup {
    format: Pixel,
    size: (u32, u32),
    pub(crate) matrix: Option<Matrix>,
    /// The pixels' aspect ratio, the only property whose change does not reconfigure the graph.
    aspect: Rational,
}

impl Setup {
    pub(crate) fn of(picture: &frame::Video, matrix: Option<Matrix>) -> Self {
        Self {
            format: picture.format(),
            size: (picture.width(), picture.height()),
            matrix,
            aspect: picture.aspect_ratio(),
        }
    }

    fn turn(&self, container: Container) -> Turn {
        self.matrix.or(container.matrix).map_or(Turn::None, Matrix::turn)
    }

    /// Whether both frames are converted by the same graph.
    fn has_graph_of(&self, other: &Self) -> bool {
        Self {
            aspect: other.aspect,
            ..*self
        } == *other
    }
}

/// Whether ffmpeg's PNG encoder takes this format.
const fn is_of_png(format: Pixel) -> bool {
    matches!(
        format,
        Pixel::RGB24
            | Pixel::RGBA
            | Pixel::RGB48BE
            | Pixel::RGBA64BE
            | Pixel::PAL8
            | Pixel::GRAY8
            | Pixel::YA8
            | Pixel::GRAY16BE
            | Pixel::YA16BE
            | Pixel::MonoBlack
    )
}

/// Turns, converts and, if need be, scales a frame.
///
/// `first` is the video's first frame. Its upright size is the size of all pictures: if later frames have another size,
/// the ffmpeg program scales them.
pub(crate) fn convert(
    decoded: &Decoded,
    container: Container,
    first: Option<Setup>,
    target: Target,
) -> Result<Image, Error> {
    let picture = &decoded.picture;
    let setup = Setup::of(picture, decoded.matrix);
    let first = first.unwrap_or(setup);
    let turn = setup.turn(container);
    let is_new = !setup.has_graph_of(&first);
    // In libav 7.1 the encoder takes the aspect ratio of the frame; in 5.1 that of the graph, and so of the frame that the
    // graph was configured for.
    let is_from_graph = raw::major_version() < 59 && !is_new;
    let own = if is_from_graph { first.aspect } else { setup.aspect };
    let plan = Plan {
        turn,
        size: first.turn(container).size(first.size),
        // 7.1 keeps the format that the first frame's graph chose; in 5.1 each graph chooses again.
        format: (raw::major_version() >= 59).then(|| png_format(first.format, first.turn(container))),
        is_new,
    };
    let aspect = plan.aspect(turn.size(setup.size), container.aspect.unwrap_or(own));
    let tags = |shape| Colours::tags(shape, raw::colours(picture), container.light);
    match target {
        Target::Exact => Ok(plan.exact(picture)?.with_tags(tags(aspect))),
        Target::Fit { max } => plan.small(picture, aspect, max, tags(Tags::NONE.shape)),
    }
}

/// The steps from a frame to its picture.
#[derive(Clone, Copy, Debug)]
struct Plan {
    turn: Turn,
    /// Width and height of the upright picture, in pixels.
    size: (u32, u32),
    /// The format; `None` if the frame decides it.
    format: Option<Pixel>,
    /// Whether the graph was reconfigured since the first frame: it then scales before it converts.
    is_new: bool,
}

impl Plan {
    fn exact(&self, picture: &frame::Video) -> Result<Image, Error> {
        let turned = self.turned(picture)?;
        let picture = turned.as_ref().unwrap_or(picture);
        let from = picture.format();
        let format = self.format.unwrap_or_else(|| png_format(from, Turn::None));
        if format == from && (picture.width(), picture.height()) == self.size {
            let pixels = raw::packed_pixels(picture).ok_or_else(raw::no_memory)?;
            return image(format, self.size, pixels);
        }
        let wanted = Wanted {
            // ffmpeg gives pixels without a palette the palette of BGR8.
            format: if format == Pixel::PAL8 {
                Pixel::BGR8
            } else {
                format
            },
            size: self.size,
            filter: Filter::Bicubic,
        };
        let pixels = swscale::packed(picture, wanted)?;
        image(wanted.format, self.size, pixels)
    }

    /// The upright picture; `None` if the frame is upright already. If the turn does not support the format, the frame is
    /// converted first.
    fn turned(&self, picture: &frame::Video) -> Result<Option<frame::Video>, Error> {
        let mut upright = None;
        if !self.turn.takes(picture.format()) {
            let fits = |format| {
                if self.is_new {
                    raw::is_convertible(format)
                } else {
                    is_of_png(format)
                }
            };
            let choices = raw::pixel_formats().filter(|&format| self.turn.takes(format) && fits(format));
            let wanted = Wanted {
                format: raw::best_format(choices, picture.format()),
                size: (picture.width(), picture.height()),
                filter: Filter::Bicubic,
            };
            upright = Some(swscale::frame(picture, wanted)?);
        }
        if let Some(turned) = self.turn.of(upright.as_ref().unwrap_or(picture))? {
            upright = Some(turned);
        }
        Ok(upright)
    }

    /// The aspect ratio of the picture's pixels, width to height; a width of 0 if that of the stored pixels is not known.
    fn aspect(&self, upright: (u32, u32), stored: Rational) -> (u32, u32) {
        let (mut across, mut down) = (i64::from(stored.numerator()), i64::from(stored.denominator()));
        if across <= 0 || down <= 0 {
            return Tags::NONE.shape;
        }
        if self.turn.is_quarter() {
            (across, down) = (down, across);
        }
        let pixels = |a: u32, b: u32| i64::from(a) * i64::from(b);
        let aspect = raw::reduced(
            across.saturating_mul(pixels(self.size.1, upright.0)),
            down.saturating_mul(pixels(self.size.0, upright.1)),
        );
        match (aspect.numerator(), aspect.denominator()) {
            (across @ 1.., down @ 1..) if raw::is_possible_aspect(self.size, aspect) => {
                (across as u32, down as u32)
            }
            _ => Tags::NONE.shape,
        }
    }

    /// A picture with square pixels, scaled down to fit into `max`. It is never enlarged, and has at least one pixel.
    /// HDR is tone-mapped, from more bits than the screen has: its darks would show steps.
    fn small(
        &self,
        picture: &frame::Video,
        aspect: (u32, u32),
        max: (u32, u32),
        tags: Tags,
    ) -> Result<Image, Error> {
        let size = self.fitted(aspect, max);
        let wanted = Wanted {
            format: if tags.is_hdr() {
                Pixel::RGBA64BE
            } else {
                Pixel::RGBA
            },
            // The small picture is turned afterwards, which is faster.
            size: self.turn.size(size),
            filter: Filter::Area,
        };
        let pixels = match self.turn {
            Turn::None => swscale::packed(picture, wanted)?,
            Turn::Degrees(_) => {
                let turned = self.turned(picture)?;
                swscale::packed(turned.as_ref().unwrap_or(picture), wanted)?
            }
            turn => {
                let small = swscale::frame(picture, wanted)?;
                let turned = turn.of(&small)?.unwrap_or(small);
                raw::packed_pixels(&turned).ok_or_else(raw::no_memory)?
            }
        };
        let small = image(wanted.format, size, pixels)?;
        Ok(if tags.is_hdr() {
            small.with_tags(tags).scaled_to_fit(size)?
        } else {
            small
        })
    }

    fn fitted(&self, (across, down): (u32, u32), max: (u32, u32)) -> (u32, u32) {
        let shape = if across == 0 {
            1.0
        } else {
            f64::from(across) / f64::from(down)
        };
        let width = (f64::from(self.size.0) * shape).trunc().max(1.0);
        let height = f64::from(self.size.1);
        let scale = (f64::from(max.0.max(1)) / width).min(f64::from(max.1.max(1)) / height);
        if scale >= 1.0 {
            return (width as u32, height as u32);
        }
        // libav is several times faster with an even number of pixels in a line.
        let even = |length: f64| ((length / 2.0) as u32 * 2).max(1);
        let any = |length: f64| (length as u32).max(1);
        if self.turn.is_quarter() {
            (any(width * scale), even(height * scale))
        } else {
            (even(width * scale), any(height * scale))
        }
    }
}

/// The format in which the PNG encoder gets such frames: the one that loses least.
fn png_format(from: Pixel, turn: Turn) -> Pixel {
    let of_png = || raw::pixel_formats().filter(|&format| is_of_png(format));
    if !turn.takes(from) {
        raw::best_format(of_png().filter(|&format| turn.takes(format)), from)
    } else if is_of_png(from) {
        from
    } else {
        raw::best_format(of_png(), from)
    }
}

fn image(format: Pixel, (width, height): (u32, u32), pixels: Vec<u8>) -> Result<Image, Error> {
    let (format, data) = match format {
        Pixel::RGB24 => (PixelFormat::Rgb8, pixels),
        Pixel::RGBA => (PixelFormat::Rgba8, pixels),
        Pixel::RGB48BE => (PixelFormat::Rgb16, pixels),
        Pixel::RGBA64BE => (PixelFormat::Rgba16, pixels),
        Pixel::GRAY8 => (PixelFormat::Gray8, pixels),
        Pixel::YA8 => (PixelFormat::GrayAlpha8, pixels),
        Pixel::GRAY16BE => (PixelFormat::Gray16, pixels),
        Pixel::YA16BE => (PixelFormat::GrayAlpha16, pixels),
        Pixel::PAL8 => from_palette(&pixels, width as usize * height as usize),
        Pixel::BGR8 => (
            PixelFormat::Rgb8,
            pixels.into_iter().flat_map(from_bgr8).collect(),
        ),
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
    Ok(Image::new(format, width, height, data)?)
}

/// Converts BGR8: two bits of blue, three of green, three of red.
const fn from_bgr8(pixel: u8) -> [u8; 3] {
    [(pixel & 7) * 36, ((pixel >> 3) & 7) * 36, (pixel >> 6) * 85]
}

/// Converts indices, followed by a palette of 256 colours in native-endian ARGB.
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

/// Converts one bit per pixel, in lines padded to whole bytes; 1 is white.
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
