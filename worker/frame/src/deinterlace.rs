//! Deinterlaces a frame: the field that is shown first stays, the lines of the other one are interpolated from it and from
//! the frames before and after, as the ffmpeg program's filter `bwdif=mode=send_frame` does. The decoder's own planes are
//! worked on, before any conversion: a conversion to RGB mixes the lines of both fields.
//!
//! The exact picture is never deinterlaced; libavfilter is not used for the reason that `swscale` gives.

mod bwdif;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;

use crate::decode::Decoded;
use crate::swscale::{self, Filter, Wanted};
use crate::{Error, Image, raw};
use bwdif::{Planes, Value};

/// The smallest picture that ffmpeg's filter takes: columns and lines.
const MIN_SIZE: (u32, u32) = (3, 4);

/// A picture without one of its fields.
#[derive(Clone, Debug)]
pub(crate) struct Deinterlaced {
    pub(crate) image: Image,
    /// Whether the video marks the frame as interlaced.
    pub(crate) is_marked: bool,
}

/// The frames right before and after a frame, where there are any.
#[derive(Clone)]
pub(crate) struct Neighbours {
    pub(crate) before: Option<Arc<Decoded>>,
    pub(crate) after: Option<Arc<Decoded>>,
}

impl Neighbours {
    /// Whether the frame between them is marked as interlaced, and they do not show that the mark is wrong: beside a picture
    /// of film whose field is shown twice, it is mostly one of film too. ffmpeg's filter has the same rule.
    pub(crate) fn agree_on_fields(&self, picture: &frame::Video) -> bool {
        let is_film = |one: &Arc<Decoded>| !one.picture.is_interlaced() && one.picture.repeat() != 0.0;
        picture.is_interlaced() && ![&self.before, &self.after].into_iter().flatten().any(is_film)
    }

    /// The frame between them without the field that is shown second; `None` where it is too small to have fields.
    pub(crate) fn deinterlaced(&self, picture: &frame::Video) -> Result<Option<frame::Video>, Error> {
        if picture.width() < MIN_SIZE.0 || picture.height() < MIN_SIZE.1 {
            return Ok(None);
        }
        let before = fitting(self.before.as_ref(), picture);
        // As ffmpeg does at the end of a video.
        let after = fitting(self.after.as_ref(), picture).unwrap_or(picture);
        let is_top_first = !picture.is_interlaced() || picture.is_top_first();
        let window = Window {
            before: before.map(with_values).transpose()?,
            current: with_values(picture)?,
            after: with_values(after)?,
            second: usize::from(is_top_first),
        };
        window.deinterlaced().map(Some)
    }
}

/// The neighbour, if it has the frame's format and size. Where these change, ffmpeg begins anew.
fn fitting<'a>(neighbour: Option<&'a Arc<Decoded>>, picture: &frame::Video) -> Option<&'a frame::Video> {
    let traits = |of: &frame::Video| (of.format(), of.width(), of.height());
    neighbour
        .map(|decoded| &decoded.picture)
        .filter(|other| traits(other) == traits(picture))
}

/// The picture in a format whose lines are values to calculate with.
fn with_values(picture: &frame::Video) -> Result<Cow<'_, frame::Video>, Error> {
    let from = picture.format();
    if raw::value_bits(from).is_some() {
        return Ok(Cow::Borrowed(picture));
    }
    let takes = |format: &Pixel| raw::value_bits(*format).is_some() && raw::is_convertible(*format);
    let wanted = Wanted {
        format: raw::best_format(raw::pixel_formats().filter(takes), from),
        size: (picture.width(), picture.height()),
        filter: Filter::Bicubic,
    };
    swscale::frame(picture, wanted).map(Cow::Owned)
}

/// Three frames of one format and size.
struct Window<'a> {
    before: Option<Cow<'a, frame::Video>>,
    current: Cow<'a, frame::Video>,
    after: Cow<'a, frame::Video>,
    /// The first line of the field that is shown second.
    second: usize,
}

impl Window<'_> {
    fn deinterlaced(&self) -> Result<frame::Video, Error> {
        let current = &*self.current;
        let mut into = raw::like(current, current.width(), current.height())?;
        let format = current.format();
        let bits = raw::value_bits(format).ok_or_else(raw::no_memory)?;
        let planes = raw::traits(format).ok_or_else(raw::no_memory)?.planes;
        for plane in 0..planes {
            if bits == 8 {
                self.plane::<1>(plane, bits, &mut into)?;
            } else {
                self.plane::<2>(plane, bits, &mut into)?;
            }
        }
        Ok(into)
    }

    fn plane<const N: usize>(&self, plane: usize, bits: u32, into: &mut frame::Video) -> Result<(), Error>
    where
        [u8; N]: Value,
    {
        let before = self
            .before
            .as_deref()
            .map(|before| lines(before, plane))
            .transpose()?;
        let (current, after) = (lines(&self.current, plane)?, lines(&self.after, plane)?);
        let planes = Planes::<[u8; N]> {
            before: before.as_ref().map(values),
            current: values(&current),
            after: values(&after),
            most: (1 << bits) - 1,
        };
        let stride = into.stride(plane);
        let bytes = into.data_mut(plane);
        for (y, (to, from)) in bytes.chunks_mut(stride).zip(&planes.current).enumerate() {
            let to = &mut to.as_chunks_mut::<N>().0[..from.len()];
            if y % 2 == self.second {
                planes.interpolate(y, to);
            } else {
                to.copy_from_slice(from);
            }
        }
        Ok(())
    }
}

fn lines(picture: &frame::Video, plane: usize) -> Result<raw::Lines<'_>, Error> {
    raw::lines(picture, plane).ok_or_else(raw::no_memory)
}

fn values<'a, const N: usize>(lines: &'a raw::Lines<'_>) -> Vec<&'a [[u8; N]]> {
    (0..lines.count()).map(|y| lines.get(y).as_chunks().0).collect()
}
