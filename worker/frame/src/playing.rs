//! Frames one after another, forwards and backwards, as small pictures: for playing.

use std::time::Duration;

use crate::Error;
use crate::frame::{Frame, to_time};
use crate::video::{Back, Video};

impl Video {
    /// The first frame after `pts` (a [`Frame::pts`], in ticks since the start of the video), at most `max` pixels; `None`
    /// after the last one.
    ///
    /// ```
    /// # use std::{path::Path, time::Duration};
    /// # use posterframe_frame::Video;
    /// # let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sample.mp4");
    /// let mut video = Video::open(&clip)?;
    /// let first = video.small_frame_at(Duration::ZERO, (320, 180))?;
    /// let second = video.next_small_frame(first.pts, (320, 180))?.expect("there are more");
    /// let back = video.small_frames_before(second.pts, (320, 180), 10)?;
    /// assert!(second.pts > first.pts && back.len() == 1 && back[0].pts == first.pts);
    /// # Ok::<(), posterframe_frame::Error>(())
    /// ```
    ///
    /// # Errors
    /// It cannot be decoded within the limits.
    pub fn next_small_frame(&mut self, pts: i64, max: (u32, u32)) -> Result<Option<Frame>, Error> {
        self.limits.restart();
        let found = self.find(pts.saturating_add(1), Back::IfItIsAStep)?;
        found.map(|found| self.small(&found, max)).transpose()
    }

    /// The frames from the last keyframe before `pts` up to it, at most `max` pixels, in their order. Where there are more
    /// than about `most`, they are spread evenly. Empty before the first frame.
    ///
    /// # Errors
    /// They cannot be decoded within the limits.
    pub fn small_frames_before(
        &mut self,
        pts: i64,
        max: (u32, u32),
        most: usize,
    ) -> Result<Vec<Frame>, Error> {
        self.limits.restart();
        let start = self.keyframe_before(pts)?.unwrap_or_default().max(0);
        let length = self.time_between(start, pts);
        let stride = self.frames_in(length).div_ceil(most.max(1) as u64).max(1);
        let (mut frames, mut target, mut number) = (Vec::new(), start, 0_u64);
        while target < pts {
            self.limits.restart();
            let Some(found) = self.find(target, Back::IfItIsAStep)? else {
                break;
            };
            if found.pts >= pts {
                break;
            }
            if number.is_multiple_of(stride) {
                frames.push(self.small(&found, max)?);
            }
            number += 1;
            target = found.pts.saturating_add(1);
        }
        Ok(frames)
    }

    fn time_between(&self, from: i64, to: i64) -> Duration {
        let time_base = self.time_base();
        to_time(to, time_base).saturating_sub(to_time(from, time_base))
    }
}
