//! The index of a video: the times of all frames, for frame numbers and for steps by frames and keyframes.

use std::time::Duration;

use ffmpeg_next::{Rational, Rescale};

use crate::decode::Pipeline;
use crate::demux::Demuxer;
use crate::frame::{MICROS, canonical_position, to_ticks, to_time};
use crate::limits::Limits;
use crate::order::PacketTimes;
use crate::source::SharedSource;
use crate::{Error, Options, Source, raw};

/// Longest time for reading all packets of a file.
const SCAN_TIMEOUT: Duration = Duration::from_hours(2);
/// Largest file that is decoded if its packets do not have the frames' times.
const MAX_DECODED_BYTES: u64 = 256 << 20;

/// The times of all frames in the order of display.
#[derive(Clone, Debug)]
pub struct FrameIndex {
    time_base: Rational,
    /// The frames' timestamps, in ticks since the start of the video, ascending. Frames before the start are left out, since
    /// no position leads to them.
    pts: Vec<i64>,
    keyframes: Vec<usize>,
    exact: bool,
}

impl FrameIndex {
    /// Reads a whole video to find the times of the frames of the track that the options say. Nothing is decoded if the packets have these times, as in MP4,
    /// MOV, Matroska and `WebM`.
    ///
    /// # Errors
    /// The video cannot be read, the scan takes longer than two hours and than the options allow, or it is cancelled.
    pub fn scan(source: impl Into<Source>, options: &Options) -> Result<Self, Error> {
        let source = SharedSource::new(source.into())?;
        let limits = Self::limits(&Options {
            max_decoded_bytes: u64::MAX,
            ..options.clone()
        });
        let mut demuxer = Demuxer::open(&source, &limits)?;
        let time_base = demuxer.time_base;
        let is_small = source.bytes() <= MAX_DECODED_BYTES;
        let has_index = demuxer.has_trusted_index();
        if has_index || !is_small {
            let frames = from_packets(&mut demuxer, has_index)?;
            let has_times = has_index && frames.is_some() && !demuxer.damaged;
            let exact = has_times
                && match demuxer.packet_times() {
                    PacketTimes::Right => true,
                    PacketTimes::Wrong => false,
                    PacketTimes::Unclear => Pipeline::open(&source, &limits, 0)?.has_right_times()?,
                };
            if let Some(frames) = frames.filter(|_| exact || !is_small) {
                return Ok(Self::new(frames, time_base, exact));
            }
        }
        let frames = from_frames(&source, &limits)?;
        Ok(Self::new(frames, time_base, true))
    }

    /// The same of a source that is open already, exact whatever its size. `trusts_packets` says whether packets have the
    /// frames' times.
    pub(crate) fn exact(source: &SharedSource, limits: &Limits, trusts_packets: bool) -> Result<Self, Error> {
        let mut demuxer = Demuxer::open(source, limits)?;
        let time_base = demuxer.time_base;
        if trusts_packets
            && let Some(frames) = from_packets(&mut demuxer, true)?
            && !demuxer.damaged
        {
            return Ok(Self::new(frames, time_base, true));
        }
        drop(demuxer);
        Ok(Self::new(from_frames(source, limits)?, time_base, true))
    }

    /// The limits of a scan, which takes longer than a frame: all packets are read.
    pub(crate) fn limits(options: &Options) -> Limits {
        Limits::new(Options {
            max_time: options.max_time.max(SCAN_TIMEOUT),
            ..options.clone()
        })
    }

    fn new(mut frames: Vec<(i64, bool)>, time_base: Rational, exact: bool) -> Self {
        frames.retain(|&(pts, _)| pts >= 0);
        frames.sort_unstable();
        frames.dedup_by_key(|&mut (pts, _)| pts);
        let keyframes = frames
            .iter()
            .enumerate()
            .filter(|(_, (_, key))| *key)
            .map(|(number, _)| number)
            .collect();
        Self {
            time_base,
            pts: frames.into_iter().map(|(pts, _)| pts).collect(),
            keyframes,
            exact,
        }
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.pts.len()
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.pts.is_empty()
    }

    /// Whether the numbers are exact. They are estimates in large files of formats without an index.
    pub const fn is_exact(&self) -> bool {
        self.exact
    }

    /// The time of frame `number` since the start of the video, rounded down to microseconds; that of the last frame for
    /// larger numbers.
    pub fn time(&self, number: usize) -> Duration {
        self.at(number)
            .map_or(Duration::ZERO, |(pts, _)| to_time(pts, self.time_base))
    }

    /// The position of frame `number`, as in [`Frame::position`](crate::Frame::position).
    pub fn position(&self, number: usize) -> Duration {
        self.at(number).map_or(Duration::ZERO, |(pts, before)| {
            canonical_position(pts, before, self.time_base)
        })
    }

    /// The timestamp of frame `number`, in ticks since the start of the video, and that of the one before; the last frame's for
    /// larger numbers.
    pub(crate) fn at(&self, number: usize) -> Option<(i64, Option<i64>)> {
        let number = number.min(self.pts.len().checked_sub(1)?);
        Some((
            self.pts[number],
            number.checked_sub(1).map(|before| self.pts[before]),
        ))
    }

    /// The number of the first frame at or after `position`. `None` past the last frame.
    pub fn number_at(&self, position: Duration) -> Option<usize> {
        self.number_from(to_ticks(position, self.time_base))
    }

    /// The number of the first frame at or after `target`, in ticks. `None` past the last frame.
    pub(crate) fn number_from(&self, target: i64) -> Option<usize> {
        let number = self.pts.partition_point(|&pts| pts < target);
        (number < self.pts.len()).then_some(number)
    }

    /// The numbers of the keyframes, ascending.
    pub fn keyframes(&self) -> &[usize] {
        &self.keyframes
    }

    /// The timestamps of the keyframes, in ticks, ascending.
    pub(crate) fn keyframe_pts(&self) -> impl DoubleEndedIterator<Item = i64> {
        self.keyframes.iter().map(|&number| self.pts[number])
    }

    /// The last keyframe before frame `number`.
    pub fn previous_keyframe(&self, number: usize) -> Option<usize> {
        let after = self.keyframes.partition_point(|&keyframe| keyframe < number);
        after.checked_sub(1).map(|at| self.keyframes[at])
    }

    /// The first keyframe after frame `number`.
    pub fn next_keyframe(&self, number: usize) -> Option<usize> {
        let at = self.keyframes.partition_point(|&keyframe| keyframe <= number);
        self.keyframes.get(at).copied()
    }
}

/// The timestamps of all packets that give a frame, with whether each is a keyframe. `None` if `strict` is set and a
/// packet has no timestamp.
fn from_packets(demuxer: &mut Demuxer, strict: bool) -> Result<Option<Vec<(i64, bool)>>, Error> {
    let start = raw::start_time(&demuxer.input)
        .unwrap_or(0)
        .rescale(MICROS, demuxer.time_base);
    let mut frames = Vec::new();
    while let Some(packet) = demuxer.next()? {
        demuxer.progress();
        let time = packet.pts().or_else(|| packet.dts().filter(|_| !strict));
        if strict && time.is_none() {
            return Ok(None);
        }
        frames.extend(
            time.filter(|_| demuxer.gives_a_frame(&packet))
                .map(|time| (time - start, packet.is_key())),
        );
    }
    Ok(Some(frames))
}

/// The timestamps of all frames that a position leads to, with whether each is a keyframe, by decoding the video.
fn from_frames(source: &SharedSource, limits: &Limits) -> Result<Vec<(i64, bool)>, Error> {
    let mut threads = limits.options().threads;
    loop {
        let mut pipeline = Pipeline::open(source, limits, threads)?;
        let mut frames = Vec::new();
        while !pipeline.is_in_doubt()
            && let Some(decoded) = pipeline.next()?
        {
            frames.extend(decoded.pts.map(|pts| (pts, decoded.picture.is_key())));
        }
        if !pipeline.is_in_doubt() {
            return Ok(at_a_position(frames));
        }
        threads = 1;
    }
}

/// Removes frames that no position leads to. A position leads to the first decoded frame at or after it. So after
/// timestamps jump back, frames are unreachable until they exceed the previous maximum.
fn at_a_position(frames: Vec<(i64, bool)>) -> Vec<(i64, bool)> {
    let mut newest = None;
    let mut is_later = |pts| {
        newest
            .replace(newest.max(Some(pts)).unwrap_or(pts))
            .is_none_or(|newest| pts > newest)
    };
    frames.into_iter().filter(|&(pts, _)| is_later(pts)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(pts: &[i64], time_base: Rational) -> FrameIndex {
        FrameIndex::new(
            pts.iter().map(|&pts| (pts, pts % 10 == 0)).collect(),
            time_base,
            true,
        )
    }

    // Breaks if a frame's position leads to another frame: submissions contain positions.
    #[test]
    fn positions_map_back_to_their_frames() {
        let thirtieths: Vec<i64> = (0..90).map(|number| number * 1001).collect();
        let crowded: Vec<i64> = (0..50).map(|number| number * 30).collect();
        for index in [
            index(&thirtieths, Rational(1, 30_000)),
            index(&crowded, Rational(1, 90_000)),
        ] {
            for number in 0..index.len() {
                assert_eq!(index.number_at(index.position(number)), Some(number));
                assert_eq!(index.number_at(index.time(number)), Some(number));
            }
        }
    }

    // Breaks if a position has microseconds where milliseconds are enough, or milliseconds where they are not.
    #[test]
    fn milliseconds_where_they_are_enough() {
        let film = index(&[0, 1, 253], Rational(1, 24));
        assert_eq!(film.position(2), Duration::from_millis(10_541));
        // The frames are a third of a millisecond apart.
        let fast = index(&[0, 30, 60], Rational(1, 90_000));
        assert_eq!(fast.position(1), Duration::from_micros(333));
    }

    // Breaks if steps by keyframes get stuck, or leave the video.
    #[test]
    fn keyframes_on_either_side() {
        let index = index(&[0, 1, 2, 10, 11, 20], Rational(1, 24));
        assert_eq!(index.keyframes(), [0, 3, 5]);
        assert_eq!(
            (index.previous_keyframe(3), index.next_keyframe(3)),
            (Some(0), Some(5))
        );
        assert_eq!((index.previous_keyframe(0), index.next_keyframe(5)), (None, None));
        assert_eq!(index.number_at(Duration::from_secs(9)), None);
    }
}
