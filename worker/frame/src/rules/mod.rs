//! Frames by their place or by a rule: which frames of an open video those are, exactly.
//!
//! | module | job |
//! | --- | --- |
//! | `places` | which frame is at a position, by packets where they can be trusted |
//! | `even` | frames at equal distances |
//! | `scenes`, `change` | the first frame of each scene; how a picture differs from the one before |
//! | `best` | frames that make good stills; what makes one is in `quality` |

mod best;
mod change;
mod even;
mod places;
mod scenes;

use std::time::Duration;

use posterframe_contract::Timecode;

use crate::Error;
use crate::frame::{canonical_position, to_time};
use crate::video::Video;

use self::places::Place;

/// The place of one frame in a video.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// The first frame at or after this time since the start.
    Time(Duration),
    /// The frame of this number, counted from 0 in the order of display.
    Number(u64),
    /// The first frame at or after this part of the way from the start to the last frame, in millionths of a per cent, at
    /// most 100,000,000.
    Part(u32),
    /// The last frame.
    Last,
    /// The first frame at or after this time before the last frame.
    FromEnd(Duration),
    /// The frame with this timecode.
    Timecode(Timecode),
}

/// Several frames of a video, by what they have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The first frame, and one at each further step.
    Every(Stride),
    /// So many, evenly, the first and the last half a step from the ends; fewer where the video has fewer frames.
    Count(u32),
    /// All frames that can be decoded without others.
    Keyframes,
    /// The first whole frame of each scene: behind a cut, or where a fade or a dissolve has ended.
    Scenes,
    /// Those that make the best stills, in the order of time; fewer where the video has fewer that are good and differ.
    Best {
        /// How many at most.
        count: u32,
        /// The least time between two of them.
        apart: Duration,
    },
}

/// The distance from one frame to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stride {
    /// So much time; nothing counts as a microsecond.
    Time(Duration),
    /// So many frames; 0 counts as 1.
    Frames(u64),
}

/// A frame that a place or a rule leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Its timestamp in ticks of the video's time base, as in [`Frame::pts`](crate::Frame::pts).
    pub pts: i64,
    /// Its time since the start of the video, rounded down to microseconds.
    pub time: Duration,
    /// The position that leads back to it, as in [`Frame::position`](crate::Frame::position).
    pub position: Duration,
    /// Its number, counted from 0, where it is known without reading more.
    pub number: Option<u64>,
    /// How good a still it makes, from 0 to 100, where the rule is [`Rule::Best`].
    pub score: Option<u8>,
}

impl Video {
    /// The frame at `moment`. Packets are read where they can be trusted, and nothing is decoded then. A number needs the
    /// times of all frames, so the whole video is read once.
    ///
    /// ```
    /// use std::path::Path;
    /// use std::time::Duration;
    ///
    /// use posterframe_frame::{Moment, Video};
    ///
    /// # let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sample.mp4");
    /// let mut video = Video::open(&clip)?;
    /// let middle = video.pick(Moment::Part(50_000_000))?;
    /// assert_eq!(video.frame_at(middle.position)?.pts, middle.pts);
    /// let last = video.pick(Moment::Last)?;
    /// assert!(video.next_frame(last.pts)?.is_none());
    /// assert_eq!(video.pick(Moment::Number(253))?.position, Duration::from_millis(10_541));
    /// # Ok::<(), posterframe_frame::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::PastTheEnd`], [`Error::BeforeTheStart`] or [`Error::NoSuchFrame`] where there is no such frame; or the video
    /// cannot be read within the limits.
    pub fn pick(&mut self, moment: Moment) -> Result<Pick, Error> {
        self.limits.restart();
        let time_base = self.time_base();
        let place = match moment {
            Moment::Time(position) => self.place_at(position)?,
            Moment::Number(number) => self.place_of(number)?,
            Moment::Part(part) => {
                let last = to_time(self.last_pts()?, time_base).as_micros();
                let micros = last * u128::from(part.min(PARTS)) / u128::from(PARTS);
                self.place_at(Duration::from_micros(micros as u64))?
            }
            Moment::Last => {
                let last = self.last_pts()?;
                self.place_from(last)?.ok_or(Error::NoFrame)?
            }
            Moment::FromEnd(distance) => {
                let last = to_time(self.last_pts()?, time_base);
                let position = last.checked_sub(distance);
                self.place_at(position.ok_or(Error::BeforeTheStart { distance, last })?)?
            }
            Moment::Timecode(timecode) => self.place_of_timecode(timecode)?,
        };
        Ok(self.picked(place, None))
    }

    /// The frames that `rule` gives, in the order of time, none twice. `progress` is told what part of the work is done, from
    /// 0 to 1, and never less than before.
    ///
    /// | rule | reads | decodes |
    /// | --- | --- | --- |
    /// | every so much time, count | groups of pictures around each frame | nothing |
    /// | every so many frames, keyframes | the whole video once | nothing |
    /// | scenes | the groups of pictures in which something changes | the same, and a keyframe of each other one |
    /// | best | at most 200 keyframes, and some groups of pictures | the same |
    ///
    /// Where packets cannot be trusted (a transport stream, an AVI), each of these decodes the video.
    ///
    /// ```
    /// use std::path::Path;
    /// use std::time::Duration;
    ///
    /// use posterframe_frame::{Rule, Stride, Video};
    ///
    /// # let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sample.mp4");
    /// let mut video = Video::open(&clip)?;
    /// let every = video.picks(Rule::Every(Stride::Time(Duration::from_secs(5))), &mut |_| {})?;
    /// assert_eq!(every.iter().map(|pick| pick.time.as_secs()).collect::<Vec<_>>(), [0, 5, 10]);
    /// let best = video.picks(Rule::Best { count: 1, apart: Duration::ZERO }, &mut |_| {})?;
    /// assert!(best[0].score > Some(30));
    /// # Ok::<(), posterframe_frame::Error>(())
    /// ```
    ///
    /// # Errors
    /// The video cannot be read or decoded within the limits, which are those of each frame, there are more frames than
    /// [`Options::max_picks`](crate::Options::max_picks), or the call is cancelled.
    pub fn picks(&mut self, rule: Rule, progress: &mut dyn FnMut(f64)) -> Result<Vec<Pick>, Error> {
        self.limits.restart();
        let mut newest = 0.0_f64;
        let progress = &mut |part: f64| {
            if part > newest {
                newest = part.min(1.0);
                progress(newest);
            }
        };
        let picks = match rule {
            Rule::Every(Stride::Time(step)) => self.every_time(step, progress)?,
            Rule::Every(Stride::Frames(step)) => self.every_frames(step)?,
            Rule::Count(count) => self.evenly(count, progress)?,
            Rule::Keyframes => self.all_keyframes()?,
            Rule::Scenes => self.scenes(progress)?,
            Rule::Best { count, apart } => return self.best(count, apart, progress),
        };
        self.allow_picks(picks.len())?;
        progress(1.0);
        Ok(picks.into_iter().map(|place| self.picked(place, None)).collect())
    }

    fn allow_picks(&self, count: usize) -> Result<(), Error> {
        let most = self.limits.options().max_picks;
        if count > most {
            return Err(Error::TooManyFrames(most));
        }
        Ok(())
    }

    fn picked(&self, place: Place, score: Option<u8>) -> Pick {
        let time_base = self.time_base();
        Pick {
            pts: place.pts,
            time: to_time(place.pts, time_base),
            position: canonical_position(place.pts, place.before, time_base),
            number: place.number,
            score,
        }
    }
}

/// The whole way, in millionths of a per cent.
const PARTS: u32 = 100_000_000;
