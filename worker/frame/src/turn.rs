//! Turns pictures upright as libavfilter's `transpose`, `hflip`, `vflip` and `rotate` do: plane by plane, in the decoder's
//! format if these filters support it.

use ffmpeg_next::format::Pixel;
use ffmpeg_next::frame;

use crate::raw::{self, Lines};
use crate::{Error, rotate};

/// The operation that makes a picture upright.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Turn {
    /// The picture is upright.
    None,
    /// Flip left and right (`across`), top and bottom (`down`), or both, which is half a turn.
    Flip { across: bool, down: bool },
    /// Transpose lines and columns, and then flip. With one flip it is a quarter turn.
    Quarter { across: bool, down: bool },
    /// Rotate clockwise by this angle, in degrees; the corners are cut off.
    Degrees(f64),
}

impl Turn {
    pub(crate) const fn flip(across: bool, down: bool) -> Self {
        if across || down {
            Self::Flip { across, down }
        } else {
            Self::None
        }
    }

    pub(crate) const fn is_quarter(self) -> bool {
        matches!(self, Self::Quarter { .. })
    }

    /// The size of a picture of this size after the turn.
    pub(crate) const fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        if self.is_quarter() {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Whether libavfilter turns pictures of this format without a conversion.
    pub(crate) fn takes(self, format: Pixel) -> bool {
        let Some(traits) = raw::traits(format) else {
            return false;
        };
        let is_square = traits.chroma_shift.0 == traits.chroma_shift.1;
        match self {
            Self::None | Self::Flip { across: false, .. } => true,
            Self::Flip { .. } => !traits.is_bits && (is_square || !traits.is_packed),
            Self::Quarter { .. } => !traits.is_bits && !traits.has_palette && is_square,
            Self::Degrees(_) => rotate::takes(format),
        }
    }

    /// The turned picture; `None` if it stays unchanged.
    pub(crate) fn of(self, picture: &frame::Video) -> Result<Option<frame::Video>, Error> {
        let turn = match self {
            Self::None => return Ok(None),
            Self::Degrees(degrees) => return rotate::clockwise(picture, degrees).map(Some),
            turn => turn,
        };
        let (width, height) = turn.size((picture.width(), picture.height()));
        let mut turned = raw::like(picture, width, height)?;
        let traits = raw::traits(picture.format()).ok_or_else(raw::no_memory)?;
        for (plane, &step) in traits.steps.iter().enumerate().take(traits.planes) {
            let lines = raw::lines(picture, plane).ok_or_else(raw::no_memory)?;
            let stride = turned.stride(plane);
            let into = turned.data_mut(plane);
            match step {
                2 => turn.plane::<2>(&lines, into, stride),
                3 => turn.plane::<3>(&lines, into, stride),
                4 => turn.plane::<4>(&lines, into, stride),
                6 => turn.plane::<6>(&lines, into, stride),
                8 => turn.plane::<8>(&lines, into, stride),
                12 => turn.plane::<12>(&lines, into, stride),
                16 => turn.plane::<16>(&lines, into, stride),
                // One byte per pixel; or less, for formats in which only whole lines are moved.
                _ => turn.plane::<1>(&lines, into, stride),
            }
        }
        Ok(Some(turned))
    }

    /// Turns one plane whose pixels have `N` bytes.
    fn plane<const N: usize>(self, lines: &Lines<'_>, into: &mut [u8], stride: usize) {
        match self {
            Self::Quarter { across, down } => transpose::<N>(lines, into, stride, across, down),
            Self::Flip { across, down } => {
                for (y, to) in into.chunks_mut(stride).take(lines.count()).enumerate() {
                    let from = lines.get(if down { lines.count() - 1 - y } else { y });
                    if across {
                        let pixels = from.as_chunks::<N>().0.iter().rev();
                        for (to, from) in to.as_chunks_mut::<N>().0.iter_mut().zip(pixels) {
                            *to = *from;
                        }
                    } else {
                        to[..from.len()].copy_from_slice(from);
                    }
                }
            }
            Self::None | Self::Degrees(_) => {}
        }
    }
}

/// Transposes lines and columns, in blocks of lines that fit into the first-level cache.
fn transpose<const N: usize>(lines: &Lines<'_>, into: &mut [u8], stride: usize, across: bool, down: bool) {
    const BLOCK_LINES: usize = 16;
    let width = lines.count();
    let columns = |line: &[u8]| line.len() / N;
    let height = if width == 0 { 0 } else { columns(lines.get(0)) };
    for first in (0..width).step_by(BLOCK_LINES) {
        let few: Vec<&[[u8; N]]> = (first..(first + BLOCK_LINES).min(width))
            .map(|x| {
                lines
                    .get(if across { width - 1 - x } else { x })
                    .as_chunks::<N>()
                    .0
            })
            .collect();
        for y in 0..height {
            let row = if down { height - 1 - y } else { y };
            let to = &mut into[row * stride + first * N..][..few.len() * N];
            for (to, from) in to.as_chunks_mut::<N>().0.iter_mut().zip(&few) {
                *to = from[y];
            }
        }
    }
}
