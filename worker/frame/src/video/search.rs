//! How to get to a frame: go on, seek, or start over.
//!
//! A seek is trusted only where the container's index tells for each frame where decoding can start, and only if
//! what came out proves it: the first packet is a keyframe at or before the target, that keyframe is a clean picture
//! of its own, nothing on the way was damaged, and the frame found is the one that the packets promised. Everything
//! else starts further back, or at the first packet, as the ffmpeg program does.

use std::sync::Arc;

use ffmpeg_next::Rescale;
use ffmpeg_next::codec::Id;

use super::{Back, FURTHER_BACK, NEAR, Progress, Video};
use crate::convert::Setup;
use crate::decode::{Goal, Pipeline};
use crate::frame::{MICROS, to_ticks};
use crate::order::PacketTimes;
use crate::recent::Found;
use crate::{Error, first};

/// How decoding towards a target ended.
enum Outcome {
    Found(Found),
    /// No packet to the end gives a frame at or after the target.
    PastTheEnd,
    /// Nothing proves that it is the frame.
    Untrusted,
    /// The pixels may differ from run to run: one thread has to decode the same again.
    InDoubt,
}

impl Video {
    pub(crate) fn decode_to(&mut self, target: i64, back: Back) -> Result<Option<Found>, Error> {
        loop {
            match self.go_to(target, back)? {
                Outcome::Found(found) => return Ok(Some(found)),
                Outcome::PastTheEnd => return Ok(None),
                Outcome::Untrusted => {
                    // The index is wrong or missing: decode from the first packet.
                    self.start_over()?;
                    match self.run(target)? {
                        Outcome::Found(found) => return Ok(Some(found)),
                        Outcome::InDoubt => {}
                        Outcome::PastTheEnd | Outcome::Untrusted => return Ok(None),
                    }
                }
                Outcome::InDoubt => {}
            }
            self.threads = 1;
            self.progress = Progress::Lost;
            self.start_over()?;
        }
    }

    /// The quickest way to the first frame at or after `target`.
    fn go_to(&mut self, target: i64, back: Back) -> Result<Outcome, Error> {
        if self.is_shortly_before(target)? {
            let outcome = self.run(target)?;
            if self.pipeline.is_from_the_start() {
                return Ok(outcome);
            }
            match outcome {
                Outcome::InDoubt => return Ok(outcome),
                Outcome::Found(_) if self.pipeline.is_clean() => return Ok(outcome),
                _ => {}
            }
        }
        if !self.trusts_seeks()? {
            return Ok(Outcome::Untrusted);
        }
        let goal = self.goal(target, back);
        if self.can_go_on(goal) && self.pipeline.redirect(goal) {
            self.recent.clear();
            match self.run_to(goal)? {
                Outcome::Untrusted => {}
                outcome => return Ok(outcome),
            }
        }
        for further_back in FURTHER_BACK {
            let further_back = further_back.rescale(MICROS, self.time_base());
            let latest = target.saturating_sub(i64::from(goal.wants_before));
            let landing = latest.saturating_sub(further_back).max(0);
            match self.seek_and_run(landing, goal)? {
                Outcome::Untrusted if landing > 0 && self.trusts_seeks()? => {}
                outcome => return Ok(outcome),
            }
        }
        Ok(Outcome::Untrusted)
    }

    /// Whether the container's index leads to where decoding can start, and packets tell the times of their pictures.
    pub(crate) fn trusts_seeks(&mut self) -> Result<bool, Error> {
        if let Some(trusts) = self.trusts_seeks {
            return Ok(trusts);
        }
        if self.progress == Progress::Lost {
            // An unfinished read of the same source would continue at a wrong offset.
            self.start_over()?;
        }
        let trusts = self.pipeline.demuxer.has_trusted_index()
            && match self.pipeline.demuxer.probe_packet_times()? {
                PacketTimes::Right => true,
                PacketTimes::Wrong => false,
                PacketTimes::Unclear => self.have_right_times()?,
            };
        self.trusts_seeks = Some(trusts);
        Ok(trusts)
    }

    /// [`Pipeline::has_right_times`]; the pipeline is at the first packet afterwards.
    fn have_right_times(&mut self) -> Result<bool, Error> {
        self.progress = Progress::Lost;
        let right = Pipeline::open(&self.source, &self.limits, self.threads)?.has_right_times()?;
        self.start_over()?;
        Ok(right)
    }

    /// Whether the pipeline is on its way to `target`, and nearer to it than a seek would come.
    fn is_shortly_before(&mut self, target: i64) -> Result<bool, Error> {
        let last = match self.progress {
            Progress::After(last) if last < target => last,
            Progress::Between(last) if self.pipeline.is_from_the_start() && last < Some(target) => {
                last.unwrap_or(0)
            }
            Progress::Start => 0,
            _ => return Ok(false),
        };
        let near = NEAR.rescale(MICROS, self.time_base());
        Ok(target.saturating_sub(last) <= near || !self.trusts_seeks()?)
    }

    /// Whether the way on from where the pipeline is leads to the goal, and a seek would not come nearer.
    fn can_go_on(&self, goal: Goal) -> bool {
        let next = match self.progress {
            Progress::After(last) | Progress::Between(Some(last)) => Some(last.saturating_add(1)),
            Progress::Between(None) => self.pipeline.landed_at(),
            Progress::Start | Progress::Lost => None,
        };
        let latest = goal.target.saturating_sub(i64::from(goal.wants_before));
        let Some(next) = next.filter(|&next| next <= latest) else {
            return false;
        };
        match self.pipeline.keyframe_before(latest) {
            Some(keyframe) => keyframe <= next,
            None => latest - next <= NEAR.rescale(MICROS, self.time_base()),
        }
    }

    /// On a step back, the frames before are likely to be wanted next.
    fn goal(&self, target: i64, back: Back) -> Goal {
        let near = NEAR.rescale(MICROS, self.time_base());
        let is_step = |last: i64| target < last && last.saturating_sub(target) <= near;
        let wants_before = match back {
            Back::Keep => true,
            Back::IfItIsAStep => self.found_last.is_some_and(is_step),
        };
        let kept = if wants_before {
            self.recent_ticks()
        } else {
            to_ticks(
                self.limits.options().lead.max(self.fields_lead()),
                self.time_base(),
            )
        };
        Goal {
            target,
            whole_from: target.saturating_sub(kept),
            wants_before,
        }
    }

    /// How long a time the frames take that may be kept, at least a second.
    fn recent_ticks(&self) -> i64 {
        let pixels = u64::from(self.info.width) * u64::from(self.info.height);
        // Of 4:2:0 in eight bits; other formats keep fewer frames than come out.
        let frames = self.recent.capacity(pixels * 3 / 2).min(1_000) as i64;
        let (num, den) = self.info.frame_rate.unwrap_or((30, 1));
        let micros = frames * 1_000_000 * i64::from(den) / i64::from(num.max(1));
        micros.max(1_000_000).rescale(MICROS, self.time_base())
    }

    pub(crate) fn start_over(&mut self) -> Result<(), Error> {
        if self.progress != Progress::Start {
            self.recent.clear();
            self.pipeline = Pipeline::open(&self.source, &self.limits, self.threads)?;
            self.progress = Progress::Start;
        }
        Ok(())
    }

    /// A seek; whatever comes out after it, no exact frame can be reached from there without another one.
    pub(crate) fn seek(&mut self, landing: i64, goal: Goal) -> Result<bool, Error> {
        // Packets show whether their times are right only before the first seek.
        self.trusts_seeks()?;
        let was = std::mem::replace(&mut self.progress, Progress::Lost);
        if was == Progress::Start {
            if self.first.is_none() {
                self.first = first::decode(&mut self.pipeline)?;
            } else if self.needs_first_packet() {
                self.pipeline.next()?;
            }
        }
        self.recent.clear();
        let turned = self.first.and_then(|first| first.matrix);
        let sought = self.pipeline.seek(landing, goal, turned);
        if !sought && was == Progress::Start {
            self.start_over()?;
        }
        Ok(sought)
    }

    fn seek_and_run(&mut self, landing: i64, goal: Goal) -> Result<Outcome, Error> {
        if self.seek(landing, goal)? {
            self.run_to(goal)
        } else {
            Ok(Outcome::Untrusted)
        }
    }

    /// On to the goal, and whether what came out proves it.
    fn run_to(&mut self, goal: Goal) -> Result<Outcome, Error> {
        let outcome = self.run(goal.target)?;
        if self.pipeline.is_misordered() {
            self.trusts_seeks = Some(false);
            return Ok(Outcome::Untrusted);
        }
        // Where the frame before is wanted too, the keyframe may not be the frame itself.
        let latest = goal.target.saturating_sub(i64::from(goal.wants_before));
        let proven = self.pipeline.proves_seek(latest);
        Ok(match (outcome, self.pipeline.first_after) {
            (Outcome::InDoubt, _) => Outcome::InDoubt,
            (Outcome::Found(found), Some(promised)) if proven && found.pts == promised => {
                Outcome::Found(found)
            }
            (Outcome::PastTheEnd, None) if proven && self.last_frame.is_some() => Outcome::PastTheEnd,
            _ => Outcome::Untrusted,
        })
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
    fn run(&mut self, target: i64) -> Result<Outcome, Error> {
        let mut before = match self.progress {
            Progress::After(last) => Some(last),
            Progress::Between(last) => last,
            Progress::Start | Progress::Lost => None,
        };
        self.progress = Progress::Lost;
        loop {
            let next = self.pipeline.next();
            if self.pipeline.is_in_doubt() {
                return Ok(Outcome::InDoubt);
            }
            let decoded = match next {
                Ok(Some(decoded)) => decoded,
                Ok(None) => break,
                Err(error) => {
                    if matches!(error, Error::Cancelled) && !self.pipeline.demuxer.failed {
                        self.progress = Progress::Between(before);
                    }
                    return Err(error);
                }
            };
            if self.pipeline.is_from_the_start() {
                self.first
                    .get_or_insert_with(|| Setup::of(&decoded.picture, decoded.matrix));
            }
            let Some(pts) = decoded.pts else { continue };
            let kept = self.recent.keeps() && self.pipeline.is_whole_from(pts);
            let is_it = pts >= target;
            if kept || is_it {
                let detach = self.recent.keeps() && !self.pipeline.may_keep();
                let decoded = if detach { decoded.detached() } else { decoded };
                let found = Found {
                    pts,
                    before: before.max(self.pipeline.last_before),
                    number: self.pipeline.number(pts),
                    decoded: Arc::new(decoded),
                };
                if kept {
                    self.recent.push(found.clone());
                }
                if is_it {
                    self.progress = Progress::After(pts);
                    return Ok(Outcome::Found(found));
                }
            }
            before = before.max(Some(pts));
        }
        self.last_frame = before.max(self.pipeline.last_before);
        Ok(Outcome::PastTheEnd)
    }
}
