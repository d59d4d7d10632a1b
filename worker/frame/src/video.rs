//! Which frame, and how to get to it: go on, seek, or start over.
//!
//! A seek is trusted only where the container's index tells for each frame where decoding can start, and only if
//! what came out proves it: the first packet is a keyframe at or before the target, that keyframe is a clean picture
//! of its own, nothing on the way was damaged, and the frame found is the one that the packets promised. Everything
//! else starts further back, or at the first packet, as the ffmpeg program does.

use std::time::Duration;

use ffmpeg_next::codec::Id;
use ffmpeg_next::{Rational, Rescale};

use crate::convert::{self, Target};
use crate::decode::{Decoded, Pipeline};
use crate::info::VideoInfo;
use crate::rotation::Matrix;
use crate::source::{Deadline, SharedSource};
use crate::{Error, Image, Options, Source, raw};

pub(crate) const MICROS: Rational = Rational(1, 1_000_000);
/// Going on is quicker than a seek for so long a way.
const NEAR: i64 = 2_000_000;
/// Where a seek to the target itself does not land well, one to so much earlier may.
const FURTHER_BACK: [i64; 3] = [0, 5_000_000, 30_000_000];
/// A film strip of a video with fewer keyframes than stills is worth decoding up to so many frames.
const SHORT: u64 = 3_000;

/// A frame and where it is.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its timestamp in ticks of [`Self::time_base`], counted from the start of the video.
    pub pts: i64,
    /// Seconds for each tick, as a fraction.
    pub time_base: (u32, u32),
    /// Its time since the start of the video, rounded down to microseconds.
    pub time: Duration,
    /// Whether it can be decoded without any other.
    pub keyframe: bool,
    /// The picture.
    pub image: Image,
    /// The frame before, where it is known.
    before: Option<i64>,
}

impl Frame {
    /// The position that stands for this frame: its time rounded down to milliseconds, or to microseconds where
    /// milliseconds would give the frame before.
    pub fn position(&self) -> Duration {
        let time_base = Rational(self.time_base.0 as i32, self.time_base.1 as i32);
        canonical_position(self.pts, self.before, time_base)
    }
}

/// [`Frame::position`] of the frame at `pts` ticks after one at `before`.
pub(crate) fn canonical_position(pts: i64, before: Option<i64>, time_base: Rational) -> Duration {
    let time = to_time(pts, time_base);
    let millis = Duration::from_millis(time.as_millis() as u64);
    let ticks = to_ticks(millis, time_base);
    if before.is_none_or(|before| ticks > before) {
        millis
    } else {
        time
    }
}

/// Rounded down to microseconds; 0 for what lies before the start.
pub(crate) fn to_time(pts: i64, time_base: Rational) -> Duration {
    let micros = i128::from(pts) * 1_000_000 * i128::from(time_base.numerator())
        / i128::from(time_base.denominator().max(1));
    Duration::from_micros(u64::try_from(micros.max(0)).unwrap_or(u64::MAX))
}

/// As ffmpeg rounds a position: to the nearest tick.
pub(crate) fn to_ticks(position: Duration, time_base: Rational) -> i64 {
    i64::try_from(position.as_micros())
        .unwrap_or(i64::MAX)
        .rescale(MICROS, time_base)
}

/// An opened video.
pub struct Video {
    source: SharedSource,
    options: Options,
    deadline: Deadline,
    pipeline: Pipeline,
    info: VideoInfo,
    /// Size of the first frame, before it is turned.
    first_size: (u32, u32),
    matrix: Option<Matrix>,
    sample_aspect: Option<Rational>,
    trusts_seeks: bool,
    place: Place,
    /// The last frame of all, in ticks, once the end was reached.
    last_frame: Option<i64>,
}

/// Where the pipeline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Nothing was decoded yet.
    Start,
    /// All frames up to this one, in ticks, have come out.
    After(i64),
    /// Somewhere that no exact frame can be reached from.
    Lost,
}

impl Video {
    /// Opens a video with the default [`Options`].
    ///
    /// # Errors
    /// It cannot be read, is no video, or has no video stream that can be decoded.
    pub fn open(source: impl Into<Source>) -> Result<Self, Error> {
        Self::open_with(source, Options::default())
    }

    /// Opens a video.
    ///
    /// # Errors
    /// As [`Self::open`], or its pictures are larger than the options allow.
    pub fn open_with(source: impl Into<Source>, options: Options) -> Result<Self, Error> {
        let source = SharedSource::new(source.into())?;
        let deadline = Deadline::new(options.cancel.clone(), options.max_time);
        let pipeline = Pipeline::open(&source, &options, &deadline)?;
        let info = VideoInfo::of(&pipeline, source.bytes());
        let demuxer = &pipeline.demuxer;
        let matrix = Matrix::of_stream(&demuxer.input, demuxer.stream);
        let sample_aspect = raw::sample_aspect(&demuxer.input, demuxer.stream);
        let first_size = (pipeline.decoder.width(), pipeline.decoder.height());
        let trusts_seeks = demuxer.has_trusted_index();
        Ok(Self {
            source,
            options,
            deadline,
            pipeline,
            info,
            first_size,
            matrix,
            sample_aspect,
            trusts_seeks,
            place: Place::Start,
            last_frame: None,
        })
    }

    /// What the video is.
    pub const fn info(&self) -> &VideoInfo {
        &self.info
    }

    /// The frame at `position`: the first one at or after it.
    ///
    /// # Errors
    /// There is none, or it cannot be decoded within the limits.
    pub fn frame_at(&mut self, position: Duration) -> Result<Frame, Error> {
        self.deadline.restart();
        let found = self.find(position)?;
        let target = Target::Exact {
            size: self.first_size,
        };
        self.finish(&found, target)
    }

    /// A keyframe near `position`, quickly, no larger than `max`: for a pointer on the move, not for a thumbnail.
    ///
    /// # Errors
    /// Nothing can be decoded.
    pub fn keyframe_near(&mut self, position: Duration, max: (u32, u32)) -> Result<Frame, Error> {
        self.deadline.restart();
        self.still(position, max)
    }

    /// `count` stills spread over the video, no larger than `max`, each handed to `each` with its number as soon as
    /// it is there. They are near their places, and exact where that costs little.
    ///
    /// # Errors
    /// Nothing can be decoded. What came before the error was handed over.
    pub fn stills(
        &mut self,
        count: usize,
        max: (u32, u32),
        each: &mut dyn FnMut(usize, Frame),
    ) -> Result<(), Error> {
        let Some(duration) = self.info.duration else {
            self.deadline.restart();
            let frame = self.still(Duration::ZERO, max)?;
            each(0, frame);
            return Ok(());
        };
        let exact =
            self.is_short() || self.keyframes() < count && self.trusts_seeks && self.frames() <= SHORT;
        for number in 0..count {
            self.deadline.restart();
            let position = duration.mul_f64((number as f64 + 0.5) / count as f64);
            let frame = if exact {
                let found = self.find(position)?;
                self.finish(&found, Target::Fit { max })?
            } else {
                self.still(position, max)?
            };
            each(number, frame);
        }
        Ok(())
    }

    fn keyframes(&self) -> usize {
        let demuxer = &self.pipeline.demuxer;
        raw::index_summary(&demuxer.input, demuxer.stream).keyframes
    }

    /// Frames by the container's count, or by its duration.
    fn frames(&self) -> u64 {
        let rate = self
            .info
            .frame_rate
            .map_or(30.0, |(num, den)| f64::from(num) / f64::from(den));
        let seconds = self
            .info
            .duration
            .map_or(f64::INFINITY, |duration| duration.as_secs_f64());
        self.info.frame_count.unwrap_or((seconds * rate) as u64)
    }

    fn is_short(&self) -> bool {
        self.frames() <= SHORT / 10
    }

    fn still(&mut self, position: Duration, max: (u32, u32)) -> Result<Frame, Error> {
        let target = to_ticks(position, self.pipeline.demuxer.time_base);
        if self.pipeline.seek(target) {
            self.place = Place::Lost;
            self.pipeline.only_keyframes();
            while let Some(decoded) = self.pipeline.next()? {
                if let Some(pts) = decoded.pts {
                    let found = Found {
                        pts,
                        before: None,
                        decoded,
                    };
                    return self.finish(&found, Target::Fit { max });
                }
            }
        }
        let found = self.find(position)?;
        self.finish(&found, Target::Fit { max })
    }

    fn finish(&self, found: &Found, target: Target) -> Result<Frame, Error> {
        let time_base = self.pipeline.demuxer.time_base;
        let keyframe = found.decoded.picture.is_key();
        let image = convert::convert(&found.decoded.picture, self.matrix, self.sample_aspect, target)?;
        Ok(Frame {
            pts: found.pts,
            time_base: (time_base.numerator() as u32, time_base.denominator() as u32),
            time: to_time(found.pts, time_base),
            keyframe,
            image,
            before: found.before,
        })
    }

    /// Decodes up to the first frame at or after `position`.
    fn find(&mut self, position: Duration) -> Result<Found, Error> {
        let time_base = self.pipeline.demuxer.time_base;
        let target = to_ticks(position, time_base);
        let near = NEAR.rescale(MICROS, time_base);
        // Going on from where the pipeline is.
        let last = match self.place {
            Place::After(last) if last < target => Some(last),
            Place::Start => Some(0),
            _ => None,
        };
        if let Some(last) = last
            && (!self.trusts_seeks || target - last <= near)
        {
            match self.run(target)? {
                Some(found) => return Ok(found),
                None if self.pipeline.is_from_the_start() => return Err(self.past_the_end(position)),
                None => {}
            }
        }
        if self.trusts_seeks {
            for further_back in FURTHER_BACK {
                let landing = (target - further_back.rescale(MICROS, time_base)).max(0);
                if let Some(found) = self.seek_and_run(landing, target)? {
                    return Ok(found);
                }
                if landing == 0 {
                    break;
                }
            }
            // Past the end, or an index that lies: either way the whole way tells.
        }
        self.start_over()?;
        match self.run(target)? {
            Some(found) => Ok(found),
            None => Err(self.past_the_end(position)),
        }
    }

    fn start_over(&mut self) -> Result<(), Error> {
        if self.place != Place::Start {
            self.pipeline = Pipeline::open(&self.source, &self.options, &self.deadline)?;
            self.place = Place::Start;
        }
        Ok(())
    }

    /// `None` where the seek cannot be trusted, or there is no such frame.
    fn seek_and_run(&mut self, landing: i64, target: i64) -> Result<Option<Found>, Error> {
        if self.place == Place::Start && self.needs_first_packet() {
            self.pipeline.next()?;
        }
        let was = std::mem::replace(&mut self.place, Place::Lost);
        if !self.pipeline.seek(landing) {
            if was == Place::Start {
                self.start_over()?;
            }
            return Ok(None);
        }
        self.pipeline.skip_until(target);
        let found = self.run(target)?;
        let trusted = self.pipeline.proves_seek(target);
        Ok(found.filter(|found| trusted && self.pipeline.first_after == Some(found.pts)))
    }

    /// Some decoders learn from the very first packet which encoder's mistakes to make up for, and remember it
    /// across seeks.
    fn needs_first_packet(&self) -> bool {
        match self.pipeline.decoder.id() {
            Id::MPEG4 => true,
            Id::H264 => self.info.pixel_format.starts_with("yuv444"),
            _ => false,
        }
    }

    /// On to the first frame at or after `target`.
    fn run(&mut self, target: i64) -> Result<Option<Found>, Error> {
        let mut before = match self.place {
            Place::After(last) => Some(last),
            _ => None,
        };
        self.place = Place::Lost;
        while let Some(decoded) = self.pipeline.next()? {
            let Some(pts) = decoded.pts else { continue };
            if pts >= target {
                self.place = Place::After(pts);
                let before = before.max(self.pipeline.last_before);
                return Ok(Some(Found { pts, before, decoded }));
            }
            before = before.max(Some(pts));
        }
        self.last_frame = before.max(self.pipeline.last_before);
        Ok(None)
    }

    fn past_the_end(&self, position: Duration) -> Error {
        let last = self
            .last_frame
            .map(|pts| to_time(pts, self.pipeline.demuxer.time_base));
        last.map_or(Error::NoFrame, |last| Error::PastTheEnd { position, last })
    }
}

/// A frame that was found, before it is converted.
struct Found {
    pts: i64,
    before: Option<i64>,
    decoded: Decoded,
}
