//! The frames that are to be submitted, in the order in which they were marked.

use std::mem::discriminant;
use std::sync::Arc;

use egui::{ColorImage, TextureHandle, TextureOptions};
use posterframe_client::FrameChoice;
use posterframe_contract::Position;
use posterframe_player::{Flaw, Footage, Proof};

use super::video::Frame;
use crate::context::Engine;
use crate::frame_choice::{choices_of, frame_choice};
use crate::mark_list::some;
use crate::select::Picked;

/// A marked frame.
#[derive(Clone)]
pub struct Mark {
    pub position: Position,
    pub number: Option<usize>,
    /// What its still is called; maybe empty.
    pub name: String,
    /// What there is to say of it; maybe empty.
    pub note: String,
    /// The small picture, once it is made.
    pub still: Option<TextureHandle>,
    /// The one in whose place it was picked.
    before: Option<Box<Mark>>,
    evidence: Evidence,
}

/// What is known of a frame's pixels.
#[derive(Clone)]
enum Evidence {
    /// A rule has found it: only a small picture was decoded. Its pixels are looked at when it is submitted.
    Small(Option<Flaw>),
    /// A whole frame is large: it is kept only until its proof is made.
    Frame(Arc<Frame>, bool),
    Proof(Arc<Proof>),
}

impl Mark {
    fn of(frame: &Arc<Frame>, number: Option<usize>) -> Self {
        Self {
            position: frame.position,
            number,
            name: String::new(),
            note: String::new(),
            still: None,
            before: None,
            evidence: Evidence::Frame(frame.clone(), false),
        }
    }

    /// A frame that a rule has found, with what is wrong with it and a small picture.
    pub fn found(picked: Picked, flaw: Option<Flaw>, still: Option<TextureHandle>) -> Self {
        Self {
            position: picked.position,
            number: picked.number.map(|number| number as usize),
            name: String::new(),
            note: String::new(),
            still,
            before: None,
            evidence: Evidence::Small(flaw),
        }
    }

    /// What is wrong with it by itself.
    pub fn flaw(&self) -> Option<Flaw> {
        match &self.evidence {
            Evidence::Proof(proof) => proof.flaw,
            Evidence::Small(flaw) => *flaw,
            Evidence::Frame(..) => None,
        }
    }

    /// Where it is, and what is said of it.
    fn words(&self) -> (Position, &str, &str) {
        (self.position, &self.name, &self.note)
    }

    /// Whether it is the same, and the same is known of it.
    fn is_unchanged(&self, other: &Self) -> bool {
        let known = |mark: &Self| (mark.number, mark.still.is_some(), discriminant(&mark.evidence));
        self.words() == other.words() && known(self) == known(other)
    }

    /// Where the one was in whose place it was picked.
    pub fn before(&self) -> Option<Position> {
        self.before.as_ref().map(|mark| mark.position)
    }

    /// What it takes to submit the frame, without what takes time.
    pub fn pending_choice(&self) -> PendingChoice {
        let evidence = match &self.evidence {
            Evidence::Frame(frame, _) => Evidence::Frame(frame.clone(), true),
            other => other.clone(),
        };
        PendingChoice {
            position: self.position,
            number: self.number,
            name: self.name.clone(),
            note: self.note.clone(),
            evidence,
        }
    }
}

/// A frame on its way to a submission.
pub struct PendingChoice {
    position: Position,
    number: Option<usize>,
    name: String,
    note: String,
    evidence: Evidence,
}

impl PendingChoice {
    pub fn of(frame: &Arc<Frame>, number: Option<usize>) -> Self {
        Self {
            position: frame.position,
            number,
            name: String::new(),
            note: String::new(),
            evidence: Evidence::Frame(frame.clone(), true),
        }
    }

    /// The choices of a video with their proofs and stills: not for the window's thread. Frames that were never decoded
    /// as a whole are decoded now.
    ///
    /// # Errors
    /// One of those cannot be decoded.
    pub fn finish(video: &Footage, choices: Vec<Self>) -> anyhow::Result<Vec<FrameChoice>> {
        let small = choices
            .iter()
            .filter(|choice| matches!(choice.evidence, Evidence::Small(_)))
            .map(|choice| Picked {
                position: choice.position,
                number: choice.number.map(|number| number as u64),
                score: None,
            });
        let small: Vec<Picked> = small.collect();
        let mut decoded = match small.as_slice() {
            [] => Vec::new(),
            picked => choices_of(video, picked)?,
        }
        .into_iter();
        let finished = choices.into_iter().filter_map(|choice| {
            let frame = match &choice.evidence {
                Evidence::Small(_) => decoded.next()?,
                Evidence::Frame(frame, _) => frame_choice(choice.position, choice.number, frame.proof()),
                Evidence::Proof(proof) => frame_choice(choice.position, choice.number, proof),
            };
            Some(FrameChoice {
                name: some(&choice.name),
                note: some(&choice.note),
                ..frame
            })
        });
        Ok(finished.collect())
    }
}

/// All marks of a video.
#[derive(Clone, Default)]
pub struct Marks {
    marks: Vec<Mark>,
}

impl Marks {
    /// The marks in their order.
    pub fn all(&self) -> &[Mark] {
        &self.marks
    }

    /// Which mark is at `position`.
    pub fn find(&self, position: Position) -> Option<usize> {
        self.marks.iter().position(|mark| mark.position == position)
    }

    /// Marks a frame, or takes its mark off.
    pub fn toggle(&mut self, frame: &Arc<Frame>, number: Option<usize>) {
        if let Some(index) = self.find(frame.position) {
            self.remove(index);
        } else {
            self.marks.push(Mark::of(frame, number));
        }
    }

    /// Marks these frames, except those that are marked already.
    pub fn add_all(&mut self, marks: Vec<Mark>) {
        for mark in marks {
            if self.find(mark.position).is_none() {
                self.marks.push(mark);
            }
        }
    }

    /// Whether the same frames are marked, in the same order, and the same is known of them.
    pub fn is_unchanged(&self, other: &Self) -> bool {
        self.marks.len() == other.marks.len()
            && self
                .marks
                .iter()
                .zip(&other.marks)
                .all(|(one, other)| one.is_unchanged(other))
    }

    /// Whether the same frames are marked, in the same order, and the same is said of them.
    pub fn is_same(&self, other: &Self) -> bool {
        let words = self.marks.iter().map(Mark::words);
        words.eq(other.marks.iter().map(Mark::words))
    }

    /// Says something of the frame at `position`, if that is marked.
    pub fn describe(&mut self, position: Position, name: &str, note: &str) {
        if let Some(index) = self.find(position) {
            let mark = &mut self.marks[index];
            name.clone_into(&mut mark.name);
            note.clone_into(&mut mark.note);
        }
    }

    /// Marks a frame in place of the one at `old`, which can be put back. One that is marked already stays as it is.
    pub fn replace(&mut self, old: Position, frame: &Arc<Frame>, number: Option<usize>) {
        if self.find(frame.position).is_none()
            && let Some(index) = self.find(old)
        {
            let old = std::mem::replace(&mut self.marks[index], Mark::of(frame, number));
            let new = &mut self.marks[index];
            (new.name, new.note) = (old.name.clone(), old.note.clone());
            new.before = Some(Box::new(old));
        }
    }

    /// Puts back the mark in whose place this one was picked. Returns where that is.
    pub fn put_back(&mut self, index: usize) -> Option<Position> {
        let before = self.marks.get_mut(index)?.before.take()?;
        let position = before.position;
        // Marked again meanwhile: once is enough.
        if self.find(position).is_some() {
            self.marks.remove(index);
        } else {
            self.marks[index] = *before;
        }
        Some(position)
    }

    /// Takes a mark off.
    pub fn remove(&mut self, index: usize) {
        if index < self.marks.len() {
            self.marks.remove(index);
        }
    }

    /// The video is read in another way: where the marks are stays, and what is known of their pixels does not.
    pub fn forget_pixels(&mut self) {
        for mark in &mut self.marks {
            (mark.number, mark.before) = (None, None);
            mark.evidence = Evidence::Small(None);
        }
    }

    /// Takes off the marks at these positions.
    pub fn remove_all(&mut self, positions: &[Position]) {
        self.marks.retain(|mark| !positions.contains(&mark.position));
    }

    /// The mark next to `position` in time, before or after it.
    pub fn neighbour(&self, position: Position, forward: bool) -> Option<Position> {
        let positions = self.marks.iter().map(|mark| mark.position);
        if forward {
            positions.filter(|mark| *mark > position).min()
        } else {
            positions.filter(|mark| *mark < position).max()
        }
    }

    /// Has the proofs made off this thread, and takes them in when they are there. `number` tells the frame's number,
    /// once it is known.
    pub fn update(
        &mut self,
        ctx: &egui::Context,
        engine: &Engine,
        number: impl Fn(Position) -> Option<usize>,
    ) {
        for mark in &mut self.marks {
            mark.number = mark.number.or_else(|| number(mark.position));
            let Evidence::Frame(frame, asked) = &mut mark.evidence else {
                continue;
            };
            if let Some(proof) = frame.ready_proof() {
                mark.still = proof.still.as_ref().map(|still| {
                    let size = [still.width() as usize, still.height() as usize];
                    let picture = ColorImage::from_rgba_unmultiplied(size, &still.to_rgba8());
                    ctx.load_texture("mark", picture, TextureOptions::LINEAR)
                });
                mark.evidence = Evidence::Proof(Arc::new(proof.clone()));
            } else if !std::mem::replace(asked, true) {
                let (frame, ctx) = (frame.clone(), ctx.clone());
                engine.spawn_blocking(move || {
                    frame.proof();
                    ctx.request_repaint();
                });
            }
        }
    }
}
