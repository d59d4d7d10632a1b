//! Frames that make good stills. What makes one is in `quality`; here is how they are found.
//!
//! Keyframes of the whole video are looked at first, since each costs a seek and a frame. The best of them are refined: the
//! frames after one are looked at too, for a sharper one, and because only those around a frame show that a cut or a fade is
//! near. Pictures are small, and no more than a number is kept of each.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

use super::Pick;
use super::change::{CUT, Changes};
use super::places::Place;
use crate::Error;
use crate::frame::{Frame, to_time};
use crate::quality::{MIN_SCORE, Quality};
use crate::video::{Back, Video};

/// Size at which pictures are judged, in pixels: large enough for blur to show.
const SIZE: (u32, u32) = (640, 360);
/// Most keyframes that are looked at: in a film of two hours, one in 36 seconds. Each is a seek, a frame to decode and some
/// hundred kB to read.
const MAX_CANDIDATES: u32 = 200;
/// Candidates for each frame that is wanted, and for all of them. Where a short video has fewer keyframes, or any video fewer
/// than are wanted, other frames are candidates too.
const CANDIDATES_EACH: u32 = 6;
const MIN_CANDIDATES: u32 = 24;
/// Most frames in which one candidate is refined.
const MAX_REFINED: usize = 50;
/// Time after which another keyframe ends them: in some videos each frame is one.
const MIN_REFINED: Duration = Duration::from_secs(1);
/// Frames on either side of a cut that are not whole for sure.
const NEAR_A_CUT: usize = 2;
/// Frames on either side that show a fade.
const NEAR_A_FADE: usize = 3;
/// Candidates that are refined in vain, for each frame that is wanted, and for all of them.
const TRIES_EACH: usize = 2;
const MORE_TRIES: usize = 8;
/// Part of the work that looking at candidates is.
const LOOKING: f64 = 0.6;

/// A frame that was looked at.
#[derive(Clone)]
struct Judged {
    place: Place,
    quality: Quality,
    /// From 0 to 100, before it is rounded.
    rating: f32,
}

impl Video {
    pub(super) fn best(
        &mut self,
        count: u32,
        apart: Duration,
        progress: &mut dyn FnMut(f64),
    ) -> Result<Vec<Pick>, Error> {
        let candidates = self.candidates(count, &mut |part| progress(part * LOOKING))?;
        let usual = usual_detail(&candidates);
        let mut candidates: Vec<Judged> = candidates
            .into_iter()
            .map(|(pts, quality)| Judged {
                place: Place {
                    pts,
                    before: None,
                    number: None,
                },
                rating: quality.rating(usual, false),
                quality,
            })
            .collect();
        candidates.sort_by(|a, b| b.rating.total_cmp(&a.rating).then(a.place.pts.cmp(&b.place.pts)));
        let count = count as usize;
        let mut search = Search {
            chosen: Vec::new(),
            apart,
            fallback: None,
            tries: count.saturating_mul(TRIES_EACH) + MORE_TRIES,
        };
        // Scenes once each, as long as there are any; then frames of one scene that differ.
        for is_alike in [Quality::is_like, Quality::is_same] {
            let mut later = Vec::new();
            for candidate in candidates {
                let is_enough = search.chosen.len() >= count || search.tries == 0;
                if is_enough || !search.is_apart(self, &candidate, is_alike) {
                    later.push(candidate);
                    continue;
                }
                let is_worth_it = candidate.rating >= f32::from(MIN_SCORE) || search.fallback.is_none();
                if !is_worth_it {
                    continue;
                }
                search.tries -= 1;
                let Some(refined) = self.refined(&candidate, usual)? else {
                    continue;
                };
                if !search.take(self, refined, is_alike) {
                    later.push(candidate);
                }
                let done = (search.chosen.len() as f64 / count.max(1) as f64).min(1.0);
                progress(LOOKING + (1.0 - LOOKING) * done);
            }
            candidates = later;
        }
        if search.chosen.is_empty() && count > 0 {
            search.chosen.extend(search.fallback);
        }
        search.chosen.sort_by_key(|judged| judged.place.pts);
        progress(1.0);
        let picked = |judged: &Judged| self.picked(judged.place, Some(judged.rating.round() as u8));
        Ok(search.chosen.iter().map(picked).collect())
    }

    /// Keyframes of the whole video, or other frames where it has few, by their timestamps.
    fn candidates(
        &mut self,
        count: u32,
        progress: &mut dyn FnMut(f64),
    ) -> Result<BTreeMap<i64, Quality>, Error> {
        let whole = self.info.duration.unwrap_or_default();
        let mut candidates = BTreeMap::new();
        let most = MAX_CANDIDATES.max(count.saturating_mul(2));
        self.keyframes_every(whole / most, SIZE, &mut |frame| {
            progress(frame.time.as_secs_f64() / whole.as_secs_f64().max(f64::MIN_POSITIVE));
            take(&mut candidates, &frame, most);
            ControlFlow::Continue(())
        })?;
        let wanted = count.saturating_mul(CANDIDATES_EACH).clamp(MIN_CANDIDATES, most);
        let are_too_few = candidates.len() < (count as usize).max(1) || whole.is_zero();
        let are_few = candidates.len() < wanted as usize;
        if are_too_few || are_few && self.is_better_decoded(whole, u64::from(wanted))? {
            let interval = if whole.is_zero() {
                MIN_REFINED
            } else {
                whole / wanted
            };
            self.tiles_every(interval, true, SIZE, &mut |frame| {
                take(&mut candidates, &frame, most);
                ControlFlow::Continue(())
            })?;
        }
        Ok(candidates)
    }

    /// The best frame of those from `candidate` on; `None` if nothing can be decoded there.
    fn refined(&mut self, candidate: &Judged, usual: f32) -> Result<Option<Judged>, Error> {
        let mut frames: Vec<(Place, Quality)> = Vec::new();
        let mut cuts: Vec<usize> = Vec::new();
        let mut changes = Changes::default();
        let mut target = candidate.place.pts;
        let end = to_time(target, self.time_base()) + MIN_REFINED;
        while frames.len() < MAX_REFINED {
            self.limits.restart();
            let Some(found) = self.find(target, Back::IfItIsAStep)? else {
                break;
            };
            let frame = self.small(&found, SIZE)?;
            if frame.keyframe && frame.time > end {
                // Encoders put keyframes at cuts.
                cuts.push(frames.len());
                break;
            }
            target = found.pts.saturating_add(1);
            let rgba = frame.image.to_screen_rgba8();
            let quality = Quality::of(frame.image.width(), frame.image.height(), &rgba);
            if frames.is_empty() && candidate.place.pts > 0 || changes.score(rgba) >= CUT {
                cuts.push(frames.len());
            }
            frames.push((Place::from(&found), quality));
        }
        let judged = (0..frames.len()).map(|at| {
            let is_near_a_cut = cuts
                .iter()
                .any(|&cut| at + NEAR_A_CUT >= cut && at <= cut + NEAR_A_CUT);
            let around = at.saturating_sub(NEAR_A_FADE)..(at + NEAR_A_FADE + 1).min(frames.len());
            let is_in_a_fade = Quality::is_fade(frames[around].iter().map(|(_, quality)| quality));
            let (place, quality) = &frames[at];
            Judged {
                place: *place,
                rating: quality.rating(usual, is_near_a_cut || is_in_a_fade),
                quality: quality.clone(),
            }
        });
        // The earliest of equal ones.
        Ok(judged.reduce(|best, other| if other.rating > best.rating { other } else { best }))
    }
}

/// The frames that are chosen so far.
struct Search {
    chosen: Vec<Judged>,
    apart: Duration,
    /// The best of those that are not good enough.
    fallback: Option<Judged>,
    tries: usize,
}

impl Search {
    fn is_apart(&self, video: &Video, one: &Judged, is_alike: fn(&Quality, &Quality) -> bool) -> bool {
        let time = |judged: &Judged| to_time(judged.place.pts, video.time_base());
        self.chosen.iter().all(|chosen| {
            chosen.place.pts != one.place.pts
                && time(chosen).abs_diff(time(one)) >= self.apart
                && !is_alike(&chosen.quality, &one.quality)
        })
    }

    /// Whether it is chosen, or will never be.
    fn take(&mut self, video: &Video, refined: Judged, is_alike: fn(&Quality, &Quality) -> bool) -> bool {
        if refined.rating < f32::from(MIN_SCORE) {
            let is_better = |other: &Judged| refined.rating > other.rating;
            if self.fallback.as_ref().is_none_or(is_better) {
                self.fallback = Some(refined);
            }
            return true;
        }
        let is_apart = self.is_apart(video, &refined, is_alike);
        if is_apart {
            self.chosen.push(refined);
        }
        is_apart
    }
}

/// Judges a candidate. Of a video that does not say how long it is, every other one is kept as they become too many.
fn take(candidates: &mut BTreeMap<i64, Quality>, frame: &Frame, most: u32) {
    let (image, rgba) = (&frame.image, frame.image.to_screen_rgba8());
    candidates.insert(frame.pts, Quality::of(image.width(), image.height(), &rgba));
    if candidates.len() > 2 * most as usize {
        let mut keep = false;
        candidates.retain(|_, _| {
            keep = !keep;
            keep
        });
    }
}

/// The median of the details of those without a flaw.
fn usual_detail(candidates: &BTreeMap<i64, Quality>) -> f32 {
    let mut details: Vec<f32> = candidates
        .values()
        .filter(|quality| quality.flaw().is_none())
        .map(Quality::detail)
        .collect();
    details.sort_by(f32::total_cmp);
    details.get(details.len() / 2).copied().unwrap_or_default()
}
