//! Which frame is at a position. Packets tell it where seeks are trusted: the same timestamps that a seek has to prove
//! (`video/search.rs`). Then nothing is decoded. Elsewhere the way to the frame is decoded, as for the frame itself.

use std::time::Duration;

use ffmpeg_next::Rescale;
use posterframe_contract::Timecode;

use crate::frame::{MICROS, to_ticks, to_time};
use crate::recent::Found;
use crate::video::{Back, FURTHER_BACK, Video};
use crate::{Error, NoTimecode};

/// Packets without a decoding time that may hold an earlier picture than the earliest one so far: more than any codec
/// reorders.
const MAX_REORDERED: usize = 32;

/// A frame's timestamp, and that of the one before, in ticks since the start of the video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(super) pts: i64,
    pub(super) before: Option<i64>,
    pub(super) number: Option<u64>,
}

impl From<&Found> for Place {
    fn from(found: &Found) -> Self {
        Self {
            pts: found.pts,
            before: found.before,
            number: found.number,
        }
    }
}

/// What packets say.
enum Promise {
    Frame(Place),
    /// No frame is at or after the target, and this is the last one.
    PastTheEnd(i64),
    /// They do not tell.
    Nothing,
}

impl Video {
    /// The first frame at or after `position`.
    pub(super) fn place_at(&mut self, position: Duration) -> Result<Place, Error> {
        let place = self.place_from(to_ticks(position, self.time_base()))?;
        place.ok_or_else(|| {
            let last = self.last_frame.map(|pts| to_time(pts, self.time_base()));
            last.map_or(Error::NoFrame, |last| Error::PastTheEnd { position, last })
        })
    }

    /// The frame of this number, counted from 0.
    pub(super) fn place_of(&mut self, number: u64) -> Result<Place, Error> {
        let index = self.exact_index()?;
        let at = usize::try_from(number).ok().filter(|&at| at < index.len());
        let place = at.and_then(|at| index.at(at));
        let Some((pts, before)) = place else {
            let last = (index.len() as u64).checked_sub(1).ok_or(Error::NoFrame)?;
            return Err(Error::NoSuchFrame { number, last });
        };
        Ok(Place {
            pts,
            before,
            number: Some(number),
        })
    }

    /// The frame with this timecode. By its time, which leads to it without reading the frames before, and then by what is
    /// found there: a video whose frames are elsewhere than its rate says has no timecodes.
    pub(super) fn place_of_timecode(&mut self, timecode: Timecode) -> Result<Place, Error> {
        let timecodes = self.info.timecodes.clone()?;
        let (number, target) = timecodes.target(timecode)?;
        let Some(place) = self.place_from(target)? else {
            let last = self.last_pts()?;
            let last = timecodes.number_at(last).ok_or(NoTimecode::VariableRate)?;
            let [first, last] = [0, last].map(|number| timecodes.scale().timecode(number));
            return Err(Error::NoSuchTimecode {
                timecode,
                first,
                last,
            });
        };
        let found = timecodes.number_at(place.pts);
        if found != Some(number) || place.number.is_some_and(|counted| counted != number) {
            return Err(NoTimecode::VariableRate.into());
        }
        Ok(Place {
            number: Some(number),
            ..place
        })
    }

    /// The last frame's timestamp.
    pub(super) fn last_pts(&mut self) -> Result<i64, Error> {
        if self.last_frame.is_none() {
            self.place_from(i64::MAX)?;
        }
        // No position leads to a frame before the start.
        self.last_frame.filter(|&last| last >= 0).ok_or(Error::NoFrame)
    }

    /// The first frame at or after `target`, in ticks. `None` past the end, and then `last_frame` is known if there is any.
    pub(super) fn place_from(&mut self, target: i64) -> Result<Option<Place>, Error> {
        self.limits.restart();
        if let Some(index) = self.known_index() {
            let number = index.number_from(target);
            if number.is_none() {
                self.last_frame = index.at(usize::MAX).map(|(pts, _)| pts);
            }
            let (index, number) = (self.known_index(), number);
            return Ok(index.zip(number).and_then(|(index, number)| {
                let (pts, before) = index.at(number)?;
                let number = Some(number as u64);
                Some(Place { pts, before, number })
            }));
        }
        if self.trusts_seeks()? {
            match self.promised(target)? {
                Promise::Frame(place) => return Ok(Some(place)),
                Promise::PastTheEnd(last) => {
                    self.last_frame = Some(last);
                    return Ok(None);
                }
                Promise::Nothing => {}
            }
        }
        let found = self.find(target, Back::IfItIsAStep)?;
        Ok(found.as_ref().map(Place::from))
    }

    /// What the packets around `target` say of the first frame at or after it.
    fn promised(&mut self, target: i64) -> Result<Promise, Error> {
        // The frame before is wanted too.
        let latest = target.saturating_sub(1).max(0);
        for further_back in FURTHER_BACK {
            let further_back = further_back.rescale(MICROS, self.time_base());
            let landing = latest.saturating_sub(further_back).max(0);
            if !self.seek_keyframe(landing)? {
                return Ok(Promise::Nothing);
            }
            match self.read_promise(target, latest)? {
                Promise::Nothing if landing > 0 => {}
                promise => return Ok(promise),
            }
        }
        Ok(Promise::Nothing)
    }

    /// Reads packets from where a seek has landed, which must be at a keyframe at or before `latest`.
    fn read_promise(&mut self, target: i64, latest: i64) -> Result<Promise, Error> {
        let start = self.pipeline.start();
        let (mut before, mut first): (Option<i64>, Option<i64>) = (None, None);
        let (mut is_landing, mut since_first) = (true, 0);
        while let Some(packet) = self.pipeline.demuxer.next()? {
            self.limits.progress(0);
            let Some(pts) = packet.pts().filter(|_| !packet.is_corrupt()) else {
                return Ok(Promise::Nothing);
            };
            let pts = pts.saturating_sub(start);
            if std::mem::take(&mut is_landing) && (pts > latest.max(0) || !packet.is_key()) {
                return Ok(Promise::Nothing);
            }
            if self.pipeline.demuxer.gives_a_frame(&packet) {
                if pts >= target {
                    first = Some(first.map_or(pts, |first| first.min(pts)));
                } else {
                    before = before.max(Some(pts));
                }
            }
            let Some(first) = first else { continue };
            since_first += 1;
            // A picture is decoded before it is shown: what comes later is shown later than this.
            let is_settled = match packet.dts() {
                Some(dts) => dts.saturating_sub(start) >= first,
                None => since_first > MAX_REORDERED,
            };
            if is_settled {
                break;
            }
        }
        Ok(match (first, before) {
            (Some(pts), before) => Promise::Frame(Place {
                pts,
                before,
                number: None,
            }),
            (None, Some(last)) => Promise::PastTheEnd(last),
            (None, None) => Promise::Nothing,
        })
    }
}
