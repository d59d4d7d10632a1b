//! Steps from a frame to the next and previous frame and keyframe.

use ffmpeg_next::Rescale;

use crate::Error;
use crate::decode::Goal;
use crate::frame::{Frame, MICROS};
use crate::recent::Found;
use crate::video::{Back, FURTHER_BACK, Video};

impl Video {
    /// The first frame after `pts` (a [`Frame::pts`], in ticks since the start of the video); `None` after the last
    /// one.
    ///
    /// ```
    /// # use std::{path::Path, time::Duration};
    /// # use posterframe_frame::Video;
    /// # let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sample.mp4");
    /// let mut video = Video::open(&clip)?;
    /// let frame = video.frame_at(Duration::from_secs(2))?;
    /// let next = video.next_frame(frame.pts)?.expect("there are more");
    /// let back = video.previous_frame(next.pts)?.expect("there is one");
    /// assert!(back.image == frame.image && next.time > frame.time);
    /// # Ok::<(), posterframe_frame::Error>(())
    /// ```
    ///
    /// # Errors
    /// It cannot be decoded within the limits.
    pub fn next_frame(&mut self, pts: i64) -> Result<Option<Frame>, Error> {
        self.limits.restart();
        let found = self.find(pts.saturating_add(1), Back::IfItIsAStep)?;
        found.map(|found| self.exact(&found)).transpose()
    }

    /// The last frame before `pts` (a [`Frame::pts`], in ticks since the start of the video); `None` before the first
    /// one. `i64::MAX` gives the last frame of all.
    ///
    /// The first step decodes all frames from a keyframe on, and keeps as many as [`Options::recent_bytes`] allows for the
    /// next steps.
    ///
    /// # Errors
    /// It cannot be decoded within the limits.
    ///
    /// [`Options::recent_bytes`]: crate::Options::recent_bytes
    pub fn previous_frame(&mut self, pts: i64) -> Result<Option<Frame>, Error> {
        self.limits.restart();
        let previous = match self.recent.before(pts) {
            Some(previous) => Some(previous),
            None => self.decode_before(pts)?,
        };
        // No position leads to a frame before the start.
        let previous = previous.filter(|found| found.pts >= 0);
        previous.map(|found| self.exact(&found)).transpose()
    }

    /// The last frame before `pts`, where none is kept.
    pub(crate) fn decode_before(&mut self, pts: i64) -> Result<Option<Found>, Error> {
        let Some(found) = self.decode_to(pts, Back::Keep)? else {
            // `pts` is past the end, so the previous frame is the last one.
            let last = self.last_frame.ok_or(Error::NoFrame)?;
            return self.find(last, Back::Keep);
        };
        match (self.recent.before(pts), found.before) {
            (None, Some(before)) => self.find(before, Back::Keep),
            (kept, _) => Ok(kept),
        }
    }

    /// The first keyframe after `pts` (a [`Frame::pts`], in ticks since the start of the video); `None` after the
    /// last one. Only packets are read to find it, but without a trusted index the whole video is decoded once.
    ///
    /// ```
    /// # use std::{path::Path, time::Duration};
    /// # use posterframe_frame::Video;
    /// # let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sample.mp4");
    /// let mut video = Video::open(&clip)?;
    /// let next = video.next_keyframe(0)?.expect("there is a second one");
    /// assert!(next.keyframe);
    /// let first = video.previous_keyframe(next.pts)?.expect("the first");
    /// assert_eq!(first.pts, 0);
    /// assert!(video.previous_keyframe(0)?.is_none());
    /// # Ok::<(), posterframe_frame::Error>(())
    /// ```
    ///
    /// # Errors
    /// It cannot be decoded within the limits.
    pub fn next_keyframe(&mut self, pts: i64) -> Result<Option<Frame>, Error> {
        self.limits.restart();
        let keyframe = if self.trusts_seeks()? {
            self.next_keyframe_packet(pts)?
        } else {
            self.exact_index()?
                .keyframe_pts()
                .find(|&keyframe| keyframe > pts)
        };
        self.exactly(keyframe)
    }

    /// The last keyframe before `pts` (a [`Frame::pts`], in ticks since the start of the video); `None` before the
    /// first one. Otherwise the same as [`Self::next_keyframe`].
    ///
    /// # Errors
    /// It cannot be decoded within the limits.
    pub fn previous_keyframe(&mut self, pts: i64) -> Result<Option<Frame>, Error> {
        self.limits.restart();
        let keyframe = self.keyframe_before(pts)?;
        // No position leads to a frame before the start.
        self.exactly(keyframe.filter(|&keyframe| keyframe >= 0))
    }

    /// Where the last keyframe before `pts` is.
    pub(crate) fn keyframe_before(&mut self, pts: i64) -> Result<Option<i64>, Error> {
        if self.trusts_seeks()? {
            return self.previous_keyframe_packet(pts);
        }
        let index = self.exact_index()?;
        Ok(index.keyframe_pts().rfind(|&keyframe| keyframe < pts))
    }

    fn exactly(&mut self, pts: Option<i64>) -> Result<Option<Frame>, Error> {
        let Some(pts) = pts else { return Ok(None) };
        let found = self.find(pts, Back::IfItIsAStep)?;
        found.map(|found| self.exact(&found)).transpose()
    }

    fn next_keyframe_packet(&mut self, pts: i64) -> Result<Option<i64>, Error> {
        // A keyframe may be shown later than it is decoded. The search starts at the previous one, so that none is missed.
        if self.seek_keyframe(pts.max(0))? {
            while let Some(keyframe) = self.pipeline.skip_to_keyframe()? {
                if keyframe > pts {
                    return Ok(Some(keyframe));
                }
            }
        }
        Ok(None)
    }

    fn previous_keyframe_packet(&mut self, pts: i64) -> Result<Option<i64>, Error> {
        let mut previous = None;
        for further_back in FURTHER_BACK {
            let further_back = further_back.rescale(MICROS, self.time_base());
            let landing = pts.saturating_sub(further_back + 1).max(0);
            if self.seek_keyframe(landing)? {
                while let Some(keyframe) = self.pipeline.skip_to_keyframe()?.filter(|&at| at < pts) {
                    previous = previous.max(Some(keyframe));
                }
            }
            if previous.is_some() || landing == 0 {
                break;
            }
        }
        Ok(previous)
    }

    pub(crate) fn seek_keyframe(&mut self, landing: i64) -> Result<bool, Error> {
        let goal = Goal {
            target: landing,
            whole_from: landing,
            wants_before: false,
        };
        self.seek(landing, goal)
    }
}
