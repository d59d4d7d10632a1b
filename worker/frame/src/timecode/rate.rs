//! How far frames are apart, and whether they are so throughout.

use posterframe_contract::TimecodeRate;

use super::positive;
use crate::demux::Demuxer;
use crate::{NoTimecode, raw};

/// Of a frame's duration, the part by which a frame may be early or late: cameras' clocks shake, and a container whose times
/// were rounded twice is off by a tick or two.
const SHAKE: i128 = 8;
/// Parts in a million by which a container may be off that writes a standard rate in a form that cannot hold it: Matroska
/// has nanoseconds of a frame, others have 29.97.
const NEARLY: f64 = 2.0;
/// The same where every frame is looked at afterwards: the mean of a few seconds in milliseconds.
const ROUGHLY: f64 = 2_000.0;

/// Where frames are: at equal distances, in ticks since the start of the video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// The first frame's timestamp, in ticks.
    first: i64,
    /// Ticks a frame, as numerator and denominator.
    ticks: (i64, i64),
}

impl Grid {
    fn new(first: i64, rate: (u32, u32), time_base: (u32, u32)) -> Option<Self> {
        let numerator = i64::from(time_base.1).checked_mul(i64::from(rate.1))?;
        let denominator = i64::from(time_base.0).checked_mul(i64::from(rate.0))?;
        let is_valid = numerator > 0 && denominator > 0;
        is_valid.then_some(Self {
            first,
            ticks: (numerator, denominator),
        })
    }

    /// The number of the frame at `pts`; `None` where none of this rate is.
    pub(super) fn number(self, pts: i64) -> Option<u64> {
        let (ticks, by) = (i128::from(self.ticks.0), i128::from(self.ticks.1));
        let since = (i128::from(pts) - i128::from(self.first)) * by;
        let number = (since + ticks / 2).div_euclid(ticks);
        // A tick either way is the container's own rounding.
        let is_near = (since - number * ticks).abs() <= (ticks / SHAKE).max(by);
        u64::try_from(number).ok().filter(|_| is_near)
    }

    /// The first tick that is nearer to the frame of this number than to the one before.
    pub(super) fn earliest(self, number: u64) -> i64 {
        let (ticks, by) = (i128::from(self.ticks.0), i128::from(self.ticks.1));
        let half_before = i128::from(number) * ticks - ticks / 2;
        let target = i128::from(self.first) + half_before.div_euclid(by) + 1;
        i64::try_from(target).unwrap_or(i64::MAX)
    }

    /// The same with its first frame at or after the start of the video: no position leads to one before.
    fn starting_at_zero(self) -> Self {
        let (ticks, by) = (i128::from(self.ticks.0), i128::from(self.ticks.1));
        if self.first >= 0 {
            return self;
        }
        let skipped = (-i128::from(self.first) * by + ticks - 1) / ticks;
        let first = i128::from(self.first) + (skipped * ticks + by / 2) / by;
        Self {
            first: i64::try_from(first).unwrap_or(0),
            ..self
        }
    }
}

/// The frame rate, and where frames are. `start` is where the video starts, in ticks of the container.
pub(super) fn of(demuxer: &Demuxer, start: i64) -> Result<((u32, u32), Grid), NoTimecode> {
    let stream = demuxer.input.stream(demuxer.stream).ok_or(NoTimecode::NoRate)?;
    let said = positive(stream.avg_frame_rate()).or_else(|| positive(stream.rate()));
    let time_base = positive(demuxer.time_base).ok_or(NoTimecode::NoRate)?;
    let first = demuxer.start_time().unwrap_or(start).saturating_sub(start);
    let grid = |rate| {
        let grid = Grid::new(first, rate, time_base).ok_or(NoTimecode::NoRate)?;
        Ok((rate, grid.starting_at_zero()))
    };
    let times = if demuxer.has_trusted_index() {
        times_of_index(demuxer)
    } else {
        Vec::new()
    };
    let (Some(&earliest), Some(&latest)) = (times.first(), times.last()) else {
        let said = said.ok_or(NoTimecode::NoRate)?;
        return grid(nearest(said, NEARLY).unwrap_or(said));
    };
    let mean = mean_rate(latest.saturating_sub(earliest), times.len() - 1, time_base);
    // A single frame has no distance.
    let candidates = [said.and_then(|said| nearest(said, ROUGHLY)), mean, said];
    let fits = |rate: &(u32, u32)| {
        Grid::new(earliest, *rate, time_base).is_some_and(|grid| {
            let mut times = times.iter().enumerate();
            times.all(|(number, &time)| grid.number(time) == Some(number as u64))
        })
    };
    let mut candidates = candidates.into_iter().flatten().peekable();
    candidates.peek().ok_or(NoTimecode::NoRate)?;
    let rate = candidates.find(fits).ok_or(NoTimecode::VariableRate)?;
    grid(rate)
}

/// When each frame is decoded, by an index that has them all. They are shown at the same distances: a picture's place among
/// the others is the codec's, and its time is made of the same steps.
fn times_of_index(demuxer: &Demuxer) -> Vec<i64> {
    let index = raw::index(&demuxer.input, demuxer.stream);
    let entries = (0..index.len()).filter_map(|at| index.get(at));
    // Matroska's has keyframes alone, without their sizes.
    let entries = entries.filter(|entry| entry.bytes > 0 && !entry.left_out);
    entries.map(|entry| entry.timestamp).collect()
}

/// The rate of so many frames in so many ticks.
fn mean_rate(ticks: i64, frames: usize, (numerator, denominator): (u32, u32)) -> Option<(u32, u32)> {
    let frames = i64::try_from(frames).ok()?.checked_mul(i64::from(denominator))?;
    let ticks = ticks.checked_mul(i64::from(numerator))?;
    if frames <= 0 || ticks <= 0 {
        return None;
    }
    positive(raw::reduced(frames, ticks))
}

/// The nearest standard rate, if it is within so many parts in a million.
fn nearest(rate: (u32, u32), parts: f64) -> Option<(u32, u32)> {
    let as_number = |(numerator, denominator): (u32, u32)| f64::from(numerator) / f64::from(denominator);
    let distance = |standard: (u32, u32)| (as_number(rate) / as_number(standard) - 1.0).abs();
    let standard = TimecodeRate::standard().iter().copied();
    let nearest = standard.min_by(|&one, &other| distance(one).total_cmp(&distance(other)))?;
    (distance(nearest) * 1e6 <= parts).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a frame of a constant rate is refused because its container rounds, or one of another rate is not.
    #[test]
    fn frames_where_they_should_be() {
        for (rate, time_base) in [
            ((24_000, 1001), (1, 1_000)),
            ((30_000, 1001), (1, 1_000)),
            ((60_000, 1001), (1, 30_000)),
            ((30_000, 1001), (1, 600)),
            ((120_000, 1001), (1, 1_000)),
            ((25, 2), (1, 12_800)),
        ] {
            let grid = Grid::new(7, rate, time_base).unwrap();
            for number in [0_u64, 1, 2, 3, 1_000, 2_589_407, 5_178_815] {
                let exact = u128::from(number) * u128::from(rate.1) * u128::from(time_base.1);
                let by = u128::from(rate.0) * u128::from(time_base.0);
                for pts in [exact / by, (exact + by / 2) / by] {
                    assert_eq!(grid.number(7 + pts as i64), Some(number), "{rate:?}");
                }
                let earliest = grid.earliest(number);
                let between = earliest <= 7 + (exact / by) as i64;
                assert!(between && grid.number(earliest - 1) != Some(number), "{earliest}");
            }
        }
        let grid = Grid::new(0, (25, 1), (1, 1_000)).unwrap();
        assert_eq!(grid.number(-40), None);
        // A quarter of a frame late; and one tick at a rate of three ticks a frame.
        assert_eq!((grid.number(410), grid.number(404)), (None, Some(10)));
        assert_eq!(Grid::new(0, (300, 1), (1, 1_000)).unwrap().number(4), Some(1));
    }

    // Breaks if the frames before the start of a video, which cannot be reached, are counted.
    #[test]
    fn the_first_frame_is_one_that_is_shown() {
        let grid = |first| Grid::new(first, (25, 1), (1, 1_000)).unwrap().starting_at_zero();
        for (first, expected) in [(-80, 0), (-70, 10), (-1, 39), (0, 0), (21, 21)] {
            assert_eq!(grid(first).first, expected, "{first}");
        }
    }

    // Breaks if 23.976 is taken for 24, or a rate of its own for a standard one.
    #[test]
    fn rates_that_are_nearly_standard() {
        for (rate, parts, expected) in [
            ((19_001, 317), NEARLY, Some((60_000, 1001))),
            ((2_997, 100), NEARLY, Some((30_000, 1001))),
            ((24, 1), NEARLY, Some((24, 1))),
            ((2_397, 100), NEARLY, None),
            ((2_397, 100), ROUGHLY, Some((24_000, 1001))),
            ((900, 59), ROUGHLY, None),
            ((15, 1), ROUGHLY, None),
        ] {
            assert_eq!(nearest(rate, parts), expected, "{rate:?}");
        }
        assert_eq!(mean_rate(3_000, 90, (1, 1_000)), Some((30, 1)));
        assert_eq!((mean_rate(0, 0, (1, 1)), mean_rate(-1, 5, (1, 1))), (None, None));
    }
}
