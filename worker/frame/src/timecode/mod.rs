//! A video's timecodes: what the file says of its first frame, and which frame has which, exactly.
//!
//! A timecode counts frames, so it needs frames at equal distances. Where the container's index has all of them, that is
//! checked at the opening; elsewhere each frame must be where its number says, and is refused a timecode where it is not.

mod rate;
mod start;

use ffmpeg_next::Rational;
use posterframe_contract::{Timecode, TimecodeError, TimecodeRate, TimecodeScale};

use crate::demux::Demuxer;
use crate::{FrameIndex, NoTimecode};

use self::rate::Grid;

/// The timecodes of a video's frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timecodes {
    scale: TimecodeScale,
    /// Frames a second, as numerator and denominator.
    rate: (u32, u32),
    grid: Grid,
    is_own: bool,
}

impl Timecodes {
    /// Of an input whose packets are not read yet. `start` is where the video starts, in ticks of the container.
    pub(crate) fn of(demuxer: &Demuxer, start: i64) -> Result<Self, NoTimecode> {
        let (rate, grid) = rate::of(demuxer, start)?;
        let own = start::of(&demuxer.input, demuxer.stream);
        let frames = TimecodeRate::of(rate, false).ok_or(NoTimecode::NoRate)?.frames();
        let scale = match &own {
            Some(own) => own.scale(frames)?,
            None => TimecodeScale::from_zero(TimecodeRate::new(frames, false).ok_or(NoTimecode::NoRate)?),
        };
        Ok(Self {
            scale,
            rate,
            grid,
            is_own: own.is_some(),
        })
    }

    /// The same, once the times of all frames are known.
    ///
    /// # Errors
    /// [`NoTimecode::VariableRate`].
    pub fn checked(self, index: &FrameIndex) -> Result<Self, NoTimecode> {
        let is_right = |number: usize| {
            let (pts, _) = index.at(number)?;
            (self.grid.number(pts) == Some(number as u64)).then_some(())
        };
        match (0..index.len()).try_for_each(is_right) {
            Some(()) => Ok(self),
            None => Err(NoTimecode::VariableRate),
        }
    }

    /// Which timecode each frame has, by its number.
    pub const fn scale(&self) -> TimecodeScale {
        self.scale
    }

    /// Frames a second, as numerator and denominator.
    pub const fn frame_rate(&self) -> (u32, u32) {
        self.rate
    }

    /// Whether the file says where its timecodes begin. Otherwise they are counted from 00:00:00:00.
    pub const fn is_own(&self) -> bool {
        self.is_own
    }

    /// What to know of timecodes at a frame rate that is no standard one.
    pub fn note(&self) -> Option<String> {
        let (numerator, denominator) = self.rate;
        (!TimecodeRate::is_standard(self.rate)).then(|| {
            let rate = f64::from(numerator) / f64::from(denominator);
            let rate = format!("{rate:.3}");
            format!(
                "{} frames a second is no standard rate of timecode: {} frames are counted as a second",
                rate.trim_end_matches('0').trim_end_matches('.'),
                self.scale.rate().frames()
            )
        })
    }

    /// The timecode of the frame at `pts` ticks since the start of the video, as in [`Frame::pts`](crate::Frame::pts), which has
    /// this number, where it is known.
    ///
    /// # Errors
    /// [`NoTimecode::VariableRate`]: it is not where a frame of this video's rate is, or not the one that was counted.
    pub fn at(&self, pts: i64, number: Option<u64>) -> Result<Timecode, NoTimecode> {
        let by_time = self.grid.number(pts).ok_or(NoTimecode::VariableRate)?;
        match number {
            Some(number) if number != by_time => Err(NoTimecode::VariableRate),
            _ => Ok(self.scale.timecode(by_time)),
        }
    }

    /// The number of the frame that has this timecode, whether or not the video has so many, and the earliest tick that leads to
    /// it.
    pub(crate) fn target(&self, timecode: Timecode) -> Result<(u64, i64), TimecodeError> {
        let number = self.scale.number(timecode)?;
        Ok((number, self.grid.earliest(number)))
    }

    /// The number of the frame at `pts`, where it is a frame of this rate.
    pub(crate) fn number_at(&self, pts: i64) -> Option<u64> {
        self.grid.number(pts)
    }
}

/// A rate that libav says, if it is one.
fn positive(rate: Rational) -> Option<(u32, u32)> {
    let (numerator, denominator) = (rate.numerator(), rate.denominator());
    (numerator > 0 && denominator > 0).then_some((numerator as u32, denominator as u32))
}
