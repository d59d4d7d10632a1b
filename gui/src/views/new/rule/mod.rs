//! Mark by rule: frames at equal distances, scenes, or the best ones, to choose from before they are marked.
//!
//! | module | job |
//! | --- | --- |
//! | `draft`, `fields` | the rule, and what is typed for it |
//! | `look` | what it gives in one video |
//! | `popover` | all of it on the screen |

mod draft;
mod fields;
mod look;
mod popover;

use std::path::Path;
use std::time::{Duration, Instant};

use egui::{Context, Key, Modifiers, Pos2, Ui};
use posterframe_contract::Position;

use super::NewView;
use super::model::{Mark, OpenVideo};
use crate::context::{Command, Commands, Engine};
use crate::job_text::counted;
use look::{Look, Offer};

pub(super) use draft::RuleDraft;

/// How long a rule stays the same before frames are looked for.
const REST: Duration = Duration::from_millis(400);
/// The most videos that are looked at once: the one on the screen keeps a core.
const AT_ONCE: usize = 2;

/// The popover's state.
#[derive(Default)]
pub(super) struct ByRule {
    is_open: bool,
    draft: RuleDraft,
    /// When the rule was changed, until it is looked for.
    changed: Option<Instant>,
    /// Whether it is for all open videos.
    is_for_all: bool,
    looks: Vec<Look>,
    /// The right bottom corner of the popover.
    corner: Pos2,
}

impl ByRule {
    pub(super) const fn is_open(&self) -> bool {
        self.is_open
    }

    pub(super) const fn set_corner(&mut self, corner: Pos2) {
        self.corner = corner;
    }

    /// Opens the popover, or closes it. What is under way ends with it.
    pub(super) fn toggle(&mut self) {
        self.is_open = !self.is_open;
        self.looks.clear();
        self.changed = None;
    }

    /// What the rule gives in this video.
    fn look(&self, path: &Path) -> Option<&Look> {
        self.looks.iter().find(|look| look.path == path)
    }

    /// The frames that can still be marked.
    fn offers<'a>(&'a self, video: &'a OpenVideo) -> impl Iterator<Item = &'a Offer> {
        let offers = self.look(&video.path).map_or(&[][..], |look| &look.offers);
        offers
            .iter()
            .filter(|offer| video.marks.find(offer.picked.position).is_none())
    }

    /// Where the frames of this video are that would be marked.
    pub(super) fn candidates<'a>(&'a self, video: &'a OpenVideo) -> impl Iterator<Item = Position> {
        let offers = self.offers(video).filter(|offer| offer.ticked);
        offers.map(|offer| offer.picked.position)
    }

    /// Takes or leaves the frame of this number.
    fn tick(&mut self, video: &OpenVideo, number: usize) {
        let position = self.offers(video).nth(number).map(|offer| offer.picked.position);
        let look = self.looks.iter_mut().find(|look| look.path == video.path);
        let offers = look.map(|look| look.offers.iter_mut());
        if let Some(offer) = offers
            .into_iter()
            .flatten()
            .find(|offer| Some(offer.picked.position) == position)
        {
            offer.ticked = !offer.ticked;
        }
    }

    /// Looks for the frames of the rule in the shown video, and in the others where it is for all of them.
    fn update(&mut self, (ctx, engine): (&Context, &Engine), videos: &[OpenVideo], selected: usize) {
        for look in &mut self.looks {
            look.update(ctx);
        }
        if !self.is_open {
            return;
        }
        if let Some(rest) = self.changed.map(|changed| REST.saturating_sub(changed.elapsed())) {
            if !rest.is_zero() {
                ctx.request_repaint_after(rest);
                return;
            }
            self.changed = None;
        }
        let selectors = self.draft.selectors().unwrap_or_default();
        let wanted = videos.iter().enumerate();
        let wanted = wanted.filter(|(index, video)| {
            (*index == selected || self.is_for_all) && video.failure.is_none() && !selectors.is_empty()
        });
        let mut wanted: Vec<_> = wanted.collect();
        wanted.sort_by_key(|(index, _)| *index != selected);
        let mut looks = Vec::new();
        for (_, video) in wanted {
            let is_it = |look: &Look| {
                look.path == video.path
                    && look.selectors == selectors
                    && look.video.interpretation == video.interpretation
            };
            let known = self.looks.iter().position(is_it);
            if let Some(index) = known {
                looks.push(self.looks.swap_remove(index));
            } else if let Some(footage) = video.footage() {
                looks.push(Look::new(video.path.clone(), footage, selectors.clone()));
            }
        }
        self.looks = looks;
        let under_way = self.looks.iter().filter(|look| look.is_under_way()).count();
        let waiting = self.looks.iter_mut().filter(|look| look.waits());
        for look in waiting.take(AT_ONCE.saturating_sub(under_way)) {
            look.begin(engine, ctx);
        }
    }
}

impl NewView {
    /// Looks for frames by the rule, while its popover is open.
    pub(super) fn look_by_rule(&mut self, ctx: &Context, engine: &Engine) {
        self.rule.update((ctx, engine), &self.videos, self.selected);
        for video in &mut self.videos {
            video.candidates = self.rule.candidates(video).collect();
        }
    }

    /// The keys of the popover.
    pub(super) fn take_rule_keys(&mut self, ui: &Ui, commands: &Commands) {
        const TICKS: [Key; 5] = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5];
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        if pressed(Modifiers::SHIFT, Key::M) {
            self.rule.toggle();
        }
        if !self.rule.is_open {
            return;
        }
        for (number, key) in TICKS.into_iter().enumerate() {
            if pressed(Modifiers::NONE, key) {
                self.rule.tick(&self.videos[self.selected], number);
            }
        }
        if pressed(Modifiers::NONE, Key::Escape) {
            self.rule.toggle();
        }
        let is_on_a_button = ui.memory(|memory| memory.focused().is_some());
        if !is_on_a_button && pressed(Modifiers::NONE, Key::Enter) && self.can_mark_by_rule() {
            self.mark_by_rule(commands);
        }
    }

    /// How many frames would be marked.
    fn count_by_rule(&self) -> usize {
        let videos = self.videos.iter();
        videos.map(|video| self.rule.candidates(video).count()).sum()
    }

    /// Whether all that can be marked is there.
    fn can_mark_by_rule(&self) -> bool {
        let is_over = self.rule.looks.iter().all(Look::is_over);
        is_over && self.rule.changed.is_none() && self.count_by_rule() > 0
    }

    /// Marks what was found.
    fn mark_by_rule(&mut self, commands: &Commands) {
        let mut videos = 0;
        let count = self.count_by_rule();
        for video in &mut self.videos {
            let Some(look) = self.rule.looks.iter().find(|look| look.path == video.path) else {
                continue;
            };
            let mut marks: Vec<Mark> = look
                .offers
                .iter()
                .filter(|offer| offer.ticked)
                .map(|offer| Mark::found(offer.picked, offer.flaw, Some(offer.picture.clone())))
                .collect();
            // Files are numbered in the order of time.
            marks.sort_by_key(|mark| mark.position);
            videos += usize::from(!marks.is_empty());
            video.marks.add_all(marks);
        }
        self.rule.toggle();
        if videos > 1 {
            commands.send(Command::Offer {
                text: format!("Marked {} in {videos} videos", counted(count, "frame")),
                label: "Undo",
                command: Box::new(Command::UndoInNew),
            });
        }
    }
}
