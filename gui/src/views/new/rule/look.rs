//! The look for the frames of a rule in one video.

use std::path::PathBuf;

use egui::{Context, TextureHandle, TextureOptions};
use posterframe_contract::Selector;
use posterframe_player::{Failure, Flaw, Footage};

use crate::context::Engine;
use crate::search::{Candidate, Found, Search};
use crate::select::Picked;

/// A frame that can be marked.
pub(super) struct Offer {
    pub(super) picked: Picked,
    pub(super) flaw: Option<Flaw>,
    pub(super) picture: TextureHandle,
    /// Whether it will be marked.
    pub(super) ticked: bool,
}

/// What a rule gives in one video.
pub(super) struct Look {
    pub(super) path: PathBuf,
    pub(super) video: Footage,
    pub(super) selectors: Vec<Selector>,
    /// While it is under way.
    search: Option<Search>,
    has_begun: bool,
    /// What part of the work is done, from 0 to 1.
    pub(super) part: f32,
    /// The best ones first, where there are scores.
    pub(super) offers: Vec<Offer>,
    pub(super) failure: Option<Failure>,
}

impl Look {
    pub(super) fn new(path: PathBuf, video: Footage, selectors: Vec<Selector>) -> Self {
        Self {
            path,
            video,
            selectors,
            search: None,
            has_begun: false,
            part: 0.0,
            offers: Vec::new(),
            failure: None,
        }
    }

    /// Whether it has not begun.
    pub(super) const fn waits(&self) -> bool {
        !self.has_begun
    }

    /// Whether it is under way.
    pub(super) const fn is_under_way(&self) -> bool {
        self.search.is_some()
    }

    /// Whether there is nothing more to come.
    pub(super) const fn is_over(&self) -> bool {
        self.has_begun && self.search.is_none()
    }

    pub(super) fn begin(&mut self, engine: &Engine, ctx: &Context) {
        self.search = Some(Search::start(
            engine,
            ctx,
            self.video.clone(),
            self.selectors.clone(),
        ));
        self.has_begun = true;
    }

    /// Takes in what was found.
    pub(super) fn update(&mut self, ctx: &Context) {
        while let Some(found) = self.search.as_ref().and_then(Search::next) {
            match found {
                Found::Opened(_) | Found::Still(_) => {}
                Found::Part(part) => self.part = part,
                Found::Frame(candidate) => self.take_in(ctx, *candidate),
                Found::Ended(result) => {
                    self.failure = result.err();
                    self.search = None;
                }
            }
        }
    }

    fn take_in(&mut self, ctx: &Context, candidate: Candidate) {
        let Candidate {
            picked,
            flaw,
            picture,
        } = candidate;
        let offer = Offer {
            picked,
            flaw,
            picture: ctx.load_texture("candidate", picture, TextureOptions::LINEAR),
            ticked: true,
        };
        let place = self
            .offers
            .partition_point(|other| other.picked.score >= offer.picked.score);
        self.offers.insert(place, offer);
    }
}
