//! One video of a batch: the frames that were chosen of it, and the look for them.

use std::path::PathBuf;
use std::time::Duration;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};
use posterframe_contract::{JobId, Moment, OutputRequest, Rule, Selector};
use posterframe_player::{Failure, Flaw, Footage};

use crate::context::Engine;
use crate::distant::Location;
use crate::search::{Found, Pause, Search};
use crate::select::Picked;
use crate::views::new::rule::RuleDraft;

/// How many frames are looked for where somebody wants another one than those of the rule, beside those.
const OTHERS: u32 = 4;
/// The most of them.
const MAX_OTHERS: u32 = 20;

/// A frame that was found.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) picked: Picked,
    pub(super) flaw: Option<Flaw>,
    /// Made again when it is to be seen.
    pub(super) picture: Option<TextureHandle>,
}

/// Where a row is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// Nobody has looked at it.
    Waiting,
    /// Its frames are looked for; the part of that that is done, from 0 to 1.
    Looking(f32),
    /// They are there.
    Found,
    /// It cannot be read, or has no such frame.
    Failed(Failure),
    /// It is submitted.
    Sent(JobId),
}

/// What a look is for.
#[derive(Clone, Copy, PartialEq)]
enum Task {
    /// The frames of the rule.
    Rule,
    /// Others; then one on, or one back.
    Others(isize),
    /// Pictures of those that are known.
    Pictures,
}

/// One video.
pub(super) struct Row {
    pub(super) path: PathBuf,
    /// What the path says: asked of each row that waits, in each frame of the window.
    pub(super) video: Location,
    pub(super) bytes: u64,
    pub(super) length: Option<Duration>,
    /// A rule of its own.
    pub(super) rule: Option<RuleDraft>,
    /// Outputs of its own.
    pub(super) outputs: Option<Vec<OutputRequest>>,
    /// All frames to choose from: those of the rule, the best first, and then others.
    pub(super) found: Vec<Chosen>,
    /// The first of those that are taken, and how many are.
    pub(super) first: usize,
    pub(super) taken: usize,
    pub(super) state: State,
    pub(super) is_ticked: bool,
    /// Whether its frames were on the screen.
    pub(super) is_seen: bool,
    pub(super) still: Option<TextureHandle>,
    /// The number of the last frame of the window in which it was drawn, and since when it was drawn in each, in seconds.
    pub(super) drawn: u64,
    pub(super) shown_since: f64,
    /// Whether others were looked for.
    has_others: bool,
    wanted_others: Option<isize>,
    look: Option<(Task, Search)>,
}

impl Row {
    pub(super) fn new(path: PathBuf, bytes: u64) -> Self {
        let video = Location::try_from(path.as_path());
        Self {
            video: video.unwrap_or_else(|_| Location::File(path.clone())),
            path,
            bytes,
            length: None,
            rule: None,
            outputs: None,
            found: Vec::new(),
            first: 0,
            taken: 0,
            state: State::Waiting,
            is_ticked: false,
            is_seen: false,
            still: None,
            drawn: 0,
            shown_since: f64::INFINITY,
            has_others: false,
            wanted_others: None,
            look: None,
        }
    }

    pub(super) fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// The frames that are taken.
    fn all_taken(&self) -> impl Iterator<Item = &Chosen> {
        let count = self.found.len();
        (0..self.taken.min(count)).map(move |number| &self.found[(self.first + number) % count])
    }

    /// The frames that are taken, in the order of time.
    pub(super) fn frames(&self) -> Vec<&Chosen> {
        let mut taken: Vec<_> = self.all_taken().collect();
        taken.sort_by_key(|chosen| chosen.picked.position);
        taken
    }

    /// What is wrong with the first of the frames that are taken with which something is. All rows are asked in each frame of
    /// the window, so nothing is sorted for it.
    pub(super) fn flaw(&self) -> Option<Flaw> {
        let flawed = self.all_taken().filter(|chosen| chosen.flaw.is_some());
        flawed.min_by_key(|chosen| chosen.picked.position)?.flaw
    }

    /// Whether a submit takes it.
    pub(super) fn is_ready(&self) -> bool {
        self.state == State::Found && self.taken > 0
    }

    /// Whether its frames are not known yet.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.state, State::Waiting | State::Looking(_))
    }

    pub(super) const fn is_under_way(&self) -> bool {
        self.look.is_some()
    }

    /// Looks for the frames anew.
    pub(super) fn start_over(&mut self) {
        if !matches!(self.state, State::Sent(_)) {
            self.look = None;
            self.found.clear();
            (self.first, self.taken, self.has_others) = (0, 0, false);
            self.is_seen = false;
            self.state = State::Waiting;
        }
    }

    /// Takes the next frames, or those before, of those to choose from. Others are looked for first where there are none.
    pub(super) fn take_others(&mut self, by: isize) {
        if !self.is_ready() {
            return;
        }
        if self.found.len() > self.taken {
            let count = self.found.len().cast_signed();
            self.first = (self.first.cast_signed() + by).rem_euclid(count).cast_unsigned();
            self.is_seen = false;
        } else if !self.has_others && self.wanted_others.is_none() {
            self.wanted_others = Some(by);
        }
    }

    /// Whether there is something to look for. `is_drawn` says that it is on the screen.
    pub(super) fn wants_a_look(&self, is_drawn: bool) -> bool {
        let lacks_pictures =
            || self.still.is_none() || self.all_taken().any(|chosen| chosen.picture.is_none());
        let is_failed = matches!(self.state, State::Failed(_));
        self.look.is_none()
            && (self.state == State::Waiting
                || self.wanted_others.is_some()
                || is_drawn && !is_failed && lacks_pictures())
    }

    /// Begins the look that is due, for the frames of `rule`.
    pub(super) fn begin(
        &mut self,
        (engine, ctx): (&Engine, &Context),
        video: Footage,
        (rule, pause): (&[Selector], &Pause),
    ) {
        let (task, selectors) = if self.state == State::Waiting {
            self.state = State::Looking(0.0);
            (Task::Rule, rule.to_vec())
        } else if let Some(by) = self.wanted_others.take() {
            let count = (self.taken as u32).saturating_add(OTHERS).min(MAX_OTHERS);
            (
                Task::Others(by),
                vec![Selector::Rule(Rule::Best { count, apart: None })],
            )
        } else {
            let frames = self.frames().into_iter();
            let times = frames.map(|chosen| Selector::At(Moment::Time(chosen.picked.position)));
            (Task::Pictures, times.collect())
        };
        let search = Search::in_background(engine, ctx, (video, selectors), pause);
        self.look = Some((task, search));
    }

    /// Takes in what was found. Whether that is to be kept on disk.
    pub(super) fn update(&mut self, ctx: &Context) -> bool {
        let mut has_changed = false;
        while let Some((task, found)) = self.next_found() {
            match found {
                Found::Opened(info) => self.length = info.duration.or(self.length),
                Found::Still(picture) => self.still = Some(texture(ctx, picture)),
                Found::Part(part) if task == Task::Rule => self.state = State::Looking(part),
                Found::Part(_) => {}
                Found::Frame(candidate) => {
                    let picture = Some(texture(ctx, candidate.picture));
                    let position = candidate.picked.position;
                    let known = self
                        .found
                        .iter_mut()
                        .find(|chosen| chosen.picked.position == position);
                    let chosen = Chosen {
                        picked: candidate.picked,
                        flaw: candidate.flaw,
                        picture,
                    };
                    match known {
                        Some(known) => known.picture = chosen.picture,
                        None if task == Task::Rule => {
                            let score = |chosen: &Chosen| chosen.picked.score;
                            let place = self.found.partition_point(|other| score(other) >= score(&chosen));
                            self.found.insert(place, chosen);
                        }
                        None => self.found.push(chosen),
                    }
                }
                Found::Ended(result) => {
                    self.look = None;
                    has_changed = true;
                    self.end(task, result);
                }
            }
        }
        has_changed
    }

    fn next_found(&self) -> Option<(Task, Found)> {
        let (task, search) = self.look.as_ref()?;
        Some((*task, search.next()?))
    }

    fn end(&mut self, task: Task, result: Result<(), Failure>) {
        match (task, result) {
            (Task::Rule, Ok(())) => {
                self.taken = self.found.len();
                self.state = State::Found;
            }
            (Task::Others(by), Ok(())) => {
                self.has_others = true;
                self.take_others(by);
            }
            // The frames that are there stay.
            (Task::Others(_), Err(_)) => self.has_others = true,
            (Task::Pictures, Ok(())) => {}
            (Task::Rule | Task::Pictures, Err(failure)) => self.state = State::Failed(failure),
        }
    }

    /// Gives its pictures up: they are made again when it is drawn.
    pub(super) fn forget_pictures(&mut self) {
        self.still = None;
        for chosen in &mut self.found {
            chosen.picture = None;
        }
    }
}

fn texture(ctx: &Context, picture: ColorImage) -> TextureHandle {
    ctx.load_texture("batch", picture, TextureOptions::LINEAR)
}
