//! Where scenes begin.
//!
//! Keyframes come first: encoders put one at nearly each cut, and two that look alike have no cut between them, unless the
//! scene comes back. Only where two neighbours differ, or are far apart, all frames between them are looked at:
//!
//! - A cut is where the score of ffmpeg's `scdet` exceeds its default ([`CUT`]).
//! - A fade or a dissolve is found by the twin comparison of Zhang, Kankanhalli and Smoliar (*Automatic partitioning of
//!   full-motion video*, Multimedia Systems 1993): a run of frames that each differ a little from the one before, at whose end
//!   the picture differs a lot from the one before the run. They compare histograms; these are means of cells, in which noise
//!   vanishes too.
//!
//! A scene begins with its first whole frame: not while it fades in, and not in the black between two scenes. A flash begins
//! none.
//!
//! `av-scenechange` finds cuts alone, as an encoder wants them: none in the last frames, and no fades.

use std::ops::ControlFlow;
use std::time::Duration;

use ffmpeg_next::Rescale;

use super::change::{CUT, Changes, Tiny};
use super::places::Place;
use crate::frame::MICROS;
use crate::quality::{Flaw, Quality};
use crate::video::{Back, Video};
use crate::{Error, Image};

/// Size at which frames are compared, in pixels.
const SIZE: (u32, u32) = (160, 90);
/// Most keyframes of a video that are compared, and the least time between two.
const MAX_KEYFRAMES: u32 = 4_000;
const MIN_INTERVAL: Duration = Duration::from_millis(500);
/// Time between two keyframes from which they say too little of what lies between, in microseconds.
const MAX_GAP: i64 = 12_000_000;
/// Mean difference of two keyframes below which nothing happens between them, of 255.
const ALIKE: f32 = 4.0;
/// Mean difference of two frames in a row from which something is going on, of 255: the lower threshold of the twins.
const STEP: f32 = 0.8;
/// Part of a fade-in's largest step below which it is over: it may lead into a moving picture, where no step is small.
const LESS: f32 = 0.6;
/// Mean of a picture below which what follows fades in, of 255.
const DARK: f32 = 24.0;
/// Mean difference across a run from which it leads to another scene, of 255: the higher one.
const DIFFERENT: f32 = 16.0;
/// Frames in a row without a step that end a run.
const STILL_FRAMES: u32 = 2;
/// Longest run in frames. What changes for longer is motion.
const MAX_RUN: u32 = 150;
/// Frames after a transition until it is clear that it was no flash.
const SETTLED: u32 = 5;
/// Longest flash, in frames, and the part of its difference that is left after it.
const MAX_FLASH: u32 = 12;
const FLASH_LEFT: f32 = 0.35;
/// The shortest scene, in microseconds: the shortest that `PySceneDetect` gives is of 0.6 s.
const MIN_SCENE: i64 = 500_000;

/// A frame as the detector sees it.
struct Look {
    rgba: Vec<u8>,
    tiny: Tiny,
    is_black: bool,
}

impl Look {
    fn of(image: &Image) -> Self {
        let rgba = image.to_screen_rgba8();
        let quality = Quality::of(image.width(), image.height(), &rgba);
        Self {
            tiny: Tiny::of(image.width() as usize, &rgba),
            is_black: quality.flaw() == Some(Flaw::NearlyBlack),
            rgba,
        }
    }
}

/// Frames in a row of which each differs a little from the one before.
struct Run {
    /// What the picture was before.
    before: Tiny,
    frames: u32,
    largest: f32,
    /// The frames since the last step, and the first of them.
    still: u32,
    first_still: Option<Place>,
}

/// A scene has ended, and it is not yet clear with which frame another one begins, if any.
struct Change {
    /// What the picture was before, and the most that it has differed from that.
    before: Option<Tiny>,
    most: f32,
    frames: u32,
    /// The first frame of the new scene, and the frames since.
    first: Option<Place>,
    since: u32,
}

/// Finds the scenes among frames that it gets in the order of time.
struct Detector {
    changes: Changes,
    before: Option<Tiny>,
    newest: Option<Place>,
    run: Option<Run>,
    change: Option<Change>,
    min_scene: i64,
    scenes: Vec<Place>,
}

impl Detector {
    /// `min_scene` is the length of the shortest scene, in ticks.
    fn new(min_scene: i64) -> Self {
        let mut detector = Self {
            changes: Changes::default(),
            before: None,
            newest: None,
            run: None,
            change: None,
            min_scene,
            scenes: Vec::new(),
        };
        detector.change(None, None);
        detector
    }

    fn change(&mut self, before: Option<Tiny>, first: Option<Place>) {
        // From the picture to black, and from black to the next picture, is one change.
        let earlier = self.change.take().filter(|change| change.first.is_none());
        let (before, frames) = earlier.map_or((before, 0), |change| (change.before, change.frames));
        self.change = Some(Change {
            before,
            most: 0.0,
            frames,
            first,
            since: 0,
        });
    }

    fn frame(&mut self, place: Place, look: Look) {
        let step = self
            .before
            .as_ref()
            .map_or(0.0, |before| before.difference(&look.tiny));
        if self.changes.score(look.rgba) >= CUT {
            self.settle();
            self.run = None;
            let before = self.before.take();
            self.change(before, (!look.is_black).then_some(place));
        } else {
            self.go_on(place, step, &look.tiny, look.is_black);
        }
        self.watch(place, &look.tiny, look.is_black);
        (self.before, self.newest) = (Some(look.tiny), Some(place));
    }

    /// Goes on with a run, begins one, or ends it.
    fn go_on(&mut self, place: Place, step: f32, tiny: &Tiny, is_black: bool) {
        let fades_in = self.run.as_ref().filter(|run| run.before.mean() < DARK);
        let largest = fades_in.map_or(0.0, |run| run.largest);
        if step >= STEP.max(largest * LESS) {
            if let Some(before) = &self.before {
                let run = self.run.get_or_insert_with(|| Run {
                    before: before.clone(),
                    frames: 0,
                    largest: 0.0,
                    still: 0,
                    first_still: None,
                });
                run.frames += 1 + run.still;
                run.largest = run.largest.max(step);
                (run.still, run.first_still) = (0, None);
            }
            return;
        }
        let Some(run) = &mut self.run else { return };
        run.still += 1;
        run.first_still.get_or_insert(place);
        if run.still >= STILL_FRAMES {
            let is_transition = run.frames <= MAX_RUN && run.before.difference(tiny) >= DIFFERENT;
            let run = self.run.take();
            if let Some(run) = run.filter(|_| is_transition) {
                self.settle();
                self.change(Some(run.before), run.first_still.filter(|_| !is_black));
            }
        }
    }

    /// Looks for the first frame of the new scene, and whether the old one comes back.
    fn watch(&mut self, place: Place, tiny: &Tiny, is_black: bool) {
        let is_still = self.run.as_ref().is_none_or(|run| run.frames > MAX_RUN);
        let Some(change) = &mut self.change else { return };
        change.frames += 1;
        let left = change
            .before
            .as_ref()
            .map_or(f32::MAX, |before| before.difference(tiny));
        change.most = change.most.max(left);
        if is_black {
            change.first = None;
            change.since = 0;
        } else if change.first.is_some() || is_still {
            change.first.get_or_insert(place);
            change.since += 1;
        }
        if change.since >= SETTLED {
            let is_flash = change.frames <= MAX_FLASH && left < change.most * FLASH_LEFT;
            if is_flash {
                self.change = None;
            } else {
                self.settle();
            }
        }
    }

    /// The new scene begins where it seems to, if it does.
    fn settle(&mut self) {
        let Some(first) = self.change.as_ref().and_then(|change| change.first) else {
            return;
        };
        self.change = None;
        let newest = self.scenes.last();
        if newest.is_none_or(|newest| first.pts.saturating_sub(newest.pts) >= self.min_scene) {
            self.scenes.push(first);
        }
    }

    /// Frames were left out, in which nothing happens: what was going on has ended with the newest frame.
    fn leave_out(&mut self) {
        if let (Some(run), Some(now), Some(place)) = (self.run.take(), &self.before, self.newest)
            && run.frames <= MAX_RUN
            && run.before.difference(now) >= DIFFERENT
        {
            let first = Some(place).filter(|_| now.mean() >= DARK);
            self.settle();
            self.change(Some(run.before), first);
        }
        self.settle();
        self.changes.leave_out();
        self.before = None;
        self.run = None;
    }
}

impl Video {
    pub(super) fn scenes(&mut self, progress: &mut dyn FnMut(f64)) -> Result<Vec<Place>, Error> {
        let time_base = self.time_base();
        let mut detector = Detector::new(MIN_SCENE.rescale(MICROS, time_base));
        let parts = self.parts_to_look_at(&mut |part| progress(part * 0.3))?;
        let whole = self.info.duration.unwrap_or_default().as_micros() as i64;
        let whole = whole.rescale(MICROS, time_base).max(1) as f64;
        let mut first = None;
        let mut newest = None;
        for (from, until) in parts {
            if newest.is_some_and(|newest| newest < from) {
                detector.leave_out();
            }
            let mut target = newest.map_or(from, |newest: i64| from.max(newest + 1));
            while target <= until {
                self.limits.restart();
                let Some(found) = self.find(target, Back::IfItIsAStep)? else {
                    break;
                };
                let place = Place::from(&found);
                first.get_or_insert(place);
                detector.frame(place, Look::of(&self.small(&found, SIZE)?.image));
                newest = Some(place.pts);
                progress(0.3 + 0.7 * (place.pts as f64 / whole).clamp(0.0, 1.0));
                target = place.pts.saturating_add(1);
            }
        }
        detector.settle();
        let mut scenes = detector.scenes;
        // All of it is black.
        if scenes.is_empty() {
            scenes.extend(first);
        }
        Ok(scenes)
    }

    /// Parts of the video in which something may happen: from one frame to another one, in ticks.
    fn parts_to_look_at(&mut self, progress: &mut dyn FnMut(f64)) -> Result<Vec<(i64, i64)>, Error> {
        let everything = vec![(0, i64::MAX)];
        if !self.trusts_seeks()? {
            return Ok(everything);
        }
        let time_base = self.time_base();
        let whole = self.info.duration.unwrap_or_default();
        let interval = (whole / MAX_KEYFRAMES).max(MIN_INTERVAL);
        let mut keyframes: Vec<(i64, Tiny)> = Vec::new();
        self.keyframes_every(interval, SIZE, &mut |frame| {
            progress(frame.time.as_secs_f64() / whole.as_secs_f64().max(f64::MIN_POSITIVE));
            let rgba = frame.image.to_screen_rgba8();
            keyframes.push((frame.pts, Tiny::of(frame.image.width() as usize, &rgba)));
            ControlFlow::Continue(())
        })?;
        let Some((last, _)) = keyframes.last() else {
            return Ok(everything);
        };
        let mut parts = vec![(0, keyframes[0].0)];
        for pair in keyframes.windows(2) {
            let [(from, a), (until, b)] = pair else { continue };
            let gap = MAX_GAP.rescale(MICROS, time_base);
            if a.difference(b) >= ALIKE || until.saturating_sub(*from) > gap {
                parts.push((*from, *until));
            }
        }
        parts.push((*last, i64::MAX));
        Ok(parts)
    }
}
