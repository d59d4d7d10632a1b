//! An open video, its properties and its frames.

mod neighbours;
mod search;

use std::ops::ControlFlow;
use std::time::Duration;

use ffmpeg_next::Rational;

use crate::convert::{self, Container, Setup, Target};
use crate::decode::{Decoded, Pipeline};
use crate::deinterlace::{Deinterlaced, Neighbours};
use crate::frame::{Frame, to_ticks, to_time};
use crate::info::VideoInfo;
use crate::limits::Limits;
use crate::recent::{Found, Recent};
use crate::source::SharedSource;
use crate::{Error, FrameIndex, Image, Options, Source, Timecodes, raw};

/// Distance ahead within which decoding on is faster than a seek, and distance back within which a jump counts as a step
/// back. Microseconds.
const NEAR: i64 = 2_000_000;
/// Distances before the target to which the first, second and third seek lead. Each is tried if the previous one proves
/// nothing. Microseconds.
pub(crate) const FURTHER_BACK: [i64; 3] = [0, 5_000_000, 30_000_000];

/// An open video. It keeps its demuxer and its decoder at their position between calls, so that the next frame costs the
/// decoding of one frame. It also keeps the frames that were decoded last, so that steps back are fast.
///
/// | result | call | cost |
/// | --- | --- | --- |
/// | the frame at a position, exactly | [`frame_at`](Self::frame_at) | a seek, and the way from a keyframe |
/// | many exact frames | [`frames_at`](Self::frames_at) | each group of pictures once |
/// | one exact frame, and nothing after it | [`into_frame_at`](Self::into_frame_at) | less memory |
/// | its neighbours | [`next_frame`](Self::next_frame), [`previous_frame`](Self::previous_frame) | one frame; one way from a keyframe for many steps back |
/// | keyframes | [`next_keyframe`](Self::next_keyframe), [`previous_keyframe`](Self::previous_keyframe) | a seek, and one frame |
/// | a quick look | [`keyframe_near`](Self::keyframe_near) | a seek, and one frame |
/// | which frame a place or a rule means | [`pick`](Self::pick), [`picks`](Self::picks) | packets; scenes and the best are decoded |
/// | a film strip | [`stills`](Self::stills), [`keyframes_every`](Self::keyframes_every) | a seek and a frame each |
///
/// All times are since the start of the video. Each call ends with [`Error::Cancelled`] soon after [`Options::cancel`] is
/// cancelled, and with a specific error at each of the options' limits.
///
/// ```
/// use std::path::Path;
/// use std::time::Duration;
///
/// use posterframe_frame::Video;
///
/// # let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sample.mp4");
/// let mut video = Video::open(&clip)?;
/// assert_eq!((video.info().width, video.info().height), (960, 540));
///
/// let frame = video.frame_at(Duration::from_millis(10_541))?;
/// // A frame's position leads back to it.
/// assert_eq!(video.frame_at(frame.position())?.pts, frame.pts);
/// # Ok::<(), posterframe_frame::Error>(())
/// ```
pub struct Video {
    source: SharedSource,
    pub(crate) limits: Limits,
    pub(crate) pipeline: Pipeline,
    pub(crate) info: VideoInfo,
    /// The first frame, once anything was decoded.
    first: Option<Setup>,
    container: Container,
    /// Whether seeks can be trusted, once that was asked.
    trusts_seeks: Option<bool>,
    /// The most threads that decode; 0 for as many as there are processors.
    threads: usize,
    progress: Progress,
    /// The frame that was found last, in ticks.
    found_last: Option<i64>,
    pub(crate) recent: Recent,
    /// The last frame of all, in ticks, once the end was reached.
    pub(crate) last_frame: Option<i64>,
    /// The times of all frames, once they had to be known.
    index: Option<FrameIndex>,
}

/// What the pipeline has decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Nothing was decoded yet.
    Start,
    /// All frames up to this one, in ticks, have come out.
    After(i64),
    /// On the way to a frame, when the call was cancelled: all that was not skipped has come out up to this one, in
    /// ticks, if any has.
    Between(Option<i64>),
    /// Decoding on from here leads to no exact frame: a seek or a start from the first packet is needed.
    Lost,
}

impl Video {
    /// Opens a video with the default [`Options`].
    ///
    /// # Errors
    /// The source cannot be read, is no video, or has no video stream that can be decoded.
    pub fn open(source: impl Into<Source>) -> Result<Self, Error> {
        Self::open_with(source, Options::default())
    }

    /// Opens a video.
    ///
    /// # Errors
    /// Like [`Self::open`], or the pictures are larger than the options allow.
    pub fn open_with(source: impl Into<Source>, options: Options) -> Result<Self, Error> {
        let source = SharedSource::new(source.into())?;
        let recent = Recent::new(options.recent_bytes);
        let threads = options.threads;
        let limits = Limits::new(options);
        let mut pipeline = Pipeline::open(&source, &limits, threads)?;
        let mut info = VideoInfo::of(&pipeline, source.bytes());
        if info.colours.is_hdr() {
            // One thread: its answer is the same each time.
            let decoder = crate::decoder::open(&pipeline.demuxer, limits.options(), 1)?;
            info.colours.add_first_frame(&mut pipeline.demuxer, decoder)?;
        }
        let demuxer = &pipeline.demuxer;
        let container = Container {
            matrix: demuxer.matrix(),
            aspect: raw::container_aspect(&demuxer.input, demuxer.stream),
            light: info.colours.light,
        };
        Ok(Self {
            source,
            limits,
            pipeline,
            info,
            first: None,
            container,
            trusts_seeks: None,
            threads,
            progress: Progress::Start,
            found_last: None,
            recent,
            last_frame: None,
            index: None,
        })
    }

    /// The video's properties.
    pub const fn info(&self) -> &VideoInfo {
        &self.info
    }

    /// The frame at `position`: the first one at or after it.
    ///
    /// # Errors
    /// [`Error::PastTheEnd`] where there is none, which names the last frame's time; or it cannot be decoded within
    /// the limits.
    pub fn frame_at(&mut self, position: Duration) -> Result<Frame, Error> {
        self.limits.restart();
        let found = self.find_at(position)?;
        self.exact(&found)
    }

    /// Like [`Self::frame_at`], for a single frame. The decoder, which needs most of a video's memory, is closed before the
    /// picture is converted.
    ///
    /// # Errors
    /// As [`Self::frame_at`].
    pub fn into_frame_at(mut self, position: Duration) -> Result<Frame, Error> {
        self.limits.restart();
        if !self.expects_fields() {
            self.recent = Recent::none();
        }
        let found = self.find_with_neighbours(position)?;
        drop(self);
        found.frame()
    }

    /// The frames of [`Self::frame_at`] at each of `positions`, found in the order of their times: each group of pictures is
    /// read and decoded once. `each` gets the index of a position, and its frame before it is converted, or the error; it
    /// decides whether to continue.
    ///
    /// ```
    /// # use std::{ops::ControlFlow, path::Path, time::Duration};
    /// # use posterframe_frame::{Error, Video};
    /// # let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sample.mp4");
    /// let mut video = Video::open(&clip)?;
    /// let positions = [8_000, 2_000, 3_600_000].map(Duration::from_millis);
    /// let mut times = Vec::new();
    /// video.frames_at(&positions, &mut |index, found| {
    ///     times.push((index, found.and_then(|found| found.frame()).map(|frame| frame.time)));
    ///     ControlFlow::Continue(())
    /// });
    /// assert_eq!((times[0].0, times[1].0), (1, 0));
    /// assert!(matches!(times[2], (2, Err(Error::PastTheEnd { .. }))));
    /// # Ok::<(), posterframe_frame::Error>(())
    /// ```
    pub fn frames_at(
        &mut self,
        positions: &[Duration],
        each: &mut dyn FnMut(usize, Result<FoundFrame, Error>) -> ControlFlow<()>,
    ) {
        let time_base = self.time_base();
        let target = |index: usize| to_ticks(positions[index], time_base);
        let mut order: Vec<usize> = (0..positions.len()).collect();
        order.sort_by_key(|&index| positions[index]);
        let mut order = order.into_iter().peekable();
        let mut same: Option<FoundFrame> = None;
        let mut end: Option<Duration> = None;
        while let Some(index) = order.next() {
            let position = positions[index];
            let result = match (same.take(), end) {
                (Some(found), _) => Ok(found),
                (None, Some(last)) => Err(Error::PastTheEnd { position, last }),
                (None, None) => {
                    self.limits.restart();
                    self.find_with_neighbours(position)
                }
            };
            match &result {
                // Kept only for the next position, if it has the same frame: decoding on must not be short of a buffer.
                Ok(found) => {
                    let is_next = order.peek().is_some_and(|&next| target(next) <= found.found.pts);
                    same = is_next.then(|| found.clone());
                }
                // Positions ascend.
                Err(Error::PastTheEnd { last, .. }) => end = Some(*last),
                Err(_) => {}
            }
            if each(index, result).is_break() {
                return;
            }
        }
    }

    pub(crate) fn find_at(&mut self, position: Duration) -> Result<Found, Error> {
        let target = to_ticks(position, self.time_base());
        self.find(target, Back::IfItIsAStep)?.ok_or_else(|| {
            let last = self.last_frame.map(|pts| to_time(pts, self.time_base()));
            last.map_or(Error::NoFrame, |last| Error::PastTheEnd { position, last })
        })
    }

    pub(crate) const fn time_base(&self) -> Rational {
        self.pipeline.demuxer.time_base
    }

    pub(crate) fn exact(&self, found: &Found) -> Result<Frame, Error> {
        self.converter().frame(found, Target::Exact)
    }

    pub(crate) fn small(&self, found: &Found, max: (u32, u32)) -> Result<Frame, Error> {
        self.converter().frame(found, Target::Fit { max })
    }

    fn converter(&self) -> Converter {
        Converter {
            timecodes: self.info.timecodes.as_ref().ok().copied(),
            time_base: self.time_base(),
            container: self.container,
            first: self.first,
        }
    }

    /// The first frame at or after `target`; `None` past the end, and then `last_frame` is known if there is any.
    pub(crate) fn find(&mut self, target: i64, back: Back) -> Result<Option<Found>, Error> {
        if let Some(found) = self.recent.at(target) {
            self.found_last = Some(found.pts);
            return Ok(Some(found));
        }
        let found = self.decode_to(target, back)?;
        self.found_last = found.as_ref().map(|found| found.pts);
        Ok(found)
    }

    /// The times of all frames, read from the packets or, where these do not have them, by decoding the video. That takes as
    /// long as [`FrameIndex::scan`] the first time, and nothing later.
    pub(crate) fn exact_index(&mut self) -> Result<&FrameIndex, Error> {
        let index = if let Some(index) = self.index.take() {
            index
        } else {
            let trusts_packets = self.trusts_seeks()?;
            let limits = FrameIndex::limits(self.limits.options());
            FrameIndex::exact(&self.source, &limits, trusts_packets)?
        };
        Ok(self.index.insert(index))
    }

    /// The same, where it was read already.
    pub(crate) const fn known_index(&self) -> Option<&FrameIndex> {
        self.index.as_ref()
    }
}

/// Whether the frames before the target are to be decoded and kept too.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Back {
    /// They are.
    Keep,
    /// They are if the target is shortly before the frame that was found last.
    IfItIsAStep,
}

/// A frame that is decoded and not yet converted, which would take more memory.
#[derive(Clone)]
pub struct FoundFrame {
    converter: Converter,
    found: Found,
    /// Where it is to be deinterlaced.
    neighbours: Option<Neighbours>,
}

impl FoundFrame {
    /// Converts it.
    ///
    /// # Errors
    /// [`Error::Convert`].
    pub fn frame(&self) -> Result<Frame, Error> {
        let mut frame = self.converter.frame(&self.found, Target::Exact)?;
        if let Some(neighbours) = &self.neighbours {
            frame.deinterlaced = self.converter.deinterlaced(&self.found, neighbours)?;
        }
        Ok(frame)
    }
}

/// What it takes to make a [`Frame`] of what was decoded, but for the decoder.
#[derive(Clone, Copy)]
struct Converter {
    timecodes: Option<Timecodes>,
    time_base: Rational,
    container: Container,
    first: Option<Setup>,
}

impl Converter {
    fn frame(&self, found: &Found, target: Target) -> Result<Frame, Error> {
        let picture = &found.decoded.picture;
        Ok(Frame {
            pts: found.pts,
            time_base: (
                self.time_base.numerator() as u32,
                self.time_base.denominator() as u32,
            ),
            time: to_time(found.pts, self.time_base),
            keyframe: picture.is_key(),
            image: self.image(&found.decoded, target)?,
            before: found.before,
            number: found.number,
            timecode: self
                .timecodes
                .and_then(|timecodes| timecodes.at(found.pts, found.number).ok()),
            deinterlaced: None,
        })
    }

    fn image(&self, decoded: &Decoded, target: Target) -> Result<Image, Error> {
        convert::convert(decoded, self.container, self.first, target)
    }

    fn deinterlaced(&self, found: &Found, neighbours: &Neighbours) -> Result<Option<Deinterlaced>, Error> {
        let Some(picture) = neighbours.deinterlaced(&found.decoded.picture)? else {
            return Ok(None);
        };
        let decoded = Decoded {
            picture,
            ..*found.decoded
        };
        Ok(Some(Deinterlaced {
            image: self.image(&decoded, Target::Exact)?,
            is_marked: neighbours.agree_on_fields(&found.decoded.picture),
        }))
    }
}
