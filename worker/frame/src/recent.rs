//! The frames that came out last, in their order, kept for stepping back: without them each step back would decode
//! its group of pictures anew.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::decode::Decoded;

/// A frame that was found, before it is converted.
#[derive(Clone)]
pub(crate) struct Found {
    /// Ticks since the start of the video.
    pub(crate) pts: i64,
    /// The frame before, where it is known.
    pub(crate) before: Option<i64>,
    /// Its number, counted from 0, where it is known.
    pub(crate) number: Option<u64>,
    pub(crate) decoded: Arc<Decoded>,
}

/// Consecutive frames: no frame of the video lies between two of these.
pub(crate) struct Recent {
    frames: VecDeque<Found>,
    /// Most bytes that the frames may take; the newest two stay even if they take more.
    max_bytes: u64,
    keeps: bool,
    /// Whether timestamps ascend: otherwise a search does not find the first frame at or after a position.
    ascending: bool,
}

impl Recent {
    pub(crate) fn new(max_bytes: u64) -> Self {
        Self {
            frames: VecDeque::new(),
            max_bytes,
            keeps: true,
            ascending: true,
        }
    }

    /// Keeps nothing, for callers that want one frame.
    pub(crate) fn none() -> Self {
        Self {
            keeps: false,
            ..Self::new(0)
        }
    }

    /// Whether anything is kept at all.
    pub(crate) const fn keeps(&self) -> bool {
        self.keeps
    }

    /// Forgets all frames: the next one does not follow the newest of these.
    pub(crate) fn clear(&mut self) {
        self.frames.clear();
        self.ascending = true;
    }

    /// The frame that follows the newest one.
    pub(crate) fn push(&mut self, found: Found) {
        if self.frames.back().is_some_and(|newest| newest.pts >= found.pts) {
            self.ascending = false;
        }
        if !self.ascending {
            self.frames.clear();
            return;
        }
        let most = self.capacity(found.decoded.bytes());
        self.frames.push_back(found);
        while self.frames.len() > most {
            self.frames.pop_front();
        }
    }

    /// How many frames of so many bytes are kept.
    pub(crate) fn capacity(&self, bytes: u64) -> usize {
        usize::try_from(self.max_bytes / bytes.max(1)).map_or(usize::MAX, |frames| frames.max(2))
    }

    /// The first frame at or after `target`, if these frames prove that it is the first.
    pub(crate) fn at(&self, target: i64) -> Option<Found> {
        let number = self.frames.partition_point(|found| found.pts < target);
        let found = self.frames.get(number)?;
        (number > 0 || found.pts == target || found.before.is_some_and(|before| before < target))
            .then(|| found.clone())
    }

    /// The last frame before `pts`, if these frames prove that it is the last.
    pub(crate) fn before(&self, pts: i64) -> Option<Found> {
        let number = self.frames.partition_point(|found| found.pts < pts);
        (number < self.frames.len())
            .then(|| self.frames.get(number.checked_sub(1)?).cloned())
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(max_bytes: u64, pts: &[i64]) -> Recent {
        let mut recent = Recent::new(max_bytes);
        for (number, &at) in pts.iter().enumerate() {
            recent.push(Found {
                pts: at,
                before: number.checked_sub(1).map(|before| pts[before]),
                number: None,
                decoded: Arc::new(Decoded {
                    picture: ffmpeg_next::frame::Video::new(ffmpeg_next::format::Pixel::GRAY8, 64, 10),
                    pts: Some(at),
                    matrix: None,
                }),
            });
        }
        recent
    }

    // Breaks if a frame is given for a position that another, unknown one may lie at.
    #[test]
    fn only_what_is_proved() {
        let recent = recent(1 << 20, &[10, 20, 30]);
        let at = |target| recent.at(target).map(|found| found.pts);
        assert_eq!(
            [at(5), at(10), at(11), at(30), at(31)],
            [None, Some(10), Some(20), Some(30), None]
        );
        let before = |pts| recent.before(pts).map(|found| found.pts);
        assert_eq!(
            [before(10), before(11), before(30), before(31)],
            [None, Some(10), Some(20), None]
        );
    }

    // Breaks if memory grows with the way, a step back finds nothing at all, or jumps in time are searched through.
    #[test]
    fn bounded_and_ascending() {
        let kept = |recent: &Recent| recent.frames.iter().map(|found| found.pts).collect::<Vec<_>>();
        assert_eq!(kept(&recent(0, &[1, 2, 3, 4])), [3, 4]);
        assert_eq!(kept(&recent(3 * 640, &[1, 2, 3, 4])), [2, 3, 4]);
        assert!(kept(&recent(1 << 20, &[1, 2, 1, 5])).is_empty());
    }
}
