//! What is known of the selected video: its facts and a picture, of which only the bytes that they need are read.

use std::time::{Duration, Instant};

use egui::{Context, TextureHandle, TextureOptions};
use posterframe_client::BucketObject;
use posterframe_contract::Interpretation;
use posterframe_frame::VideoInfo;
use posterframe_player::{Failure, Footage, VideoSource};
use posterframe_remote::{Place, Remote};

use super::place_of;
use crate::context::{ViewContext, reach};
use crate::distant;
use crate::search::{Found, Pause, Search};

/// How long a row is selected before anything is read of it: who walks down a list reads nothing.
const REST: Duration = Duration::from_millis(250);

/// A look into a video.
pub(super) struct Look {
    bucket: String,
    pub(super) object: BucketObject,
    since: Instant,
    remote: Option<Remote>,
    search: Option<Search>,
    pub(super) info: Option<VideoInfo>,
    pub(super) picture: Option<TextureHandle>,
    pub(super) failure: Option<Failure>,
}

impl Look {
    pub(super) fn new(bucket: String, object: BucketObject) -> Self {
        Self {
            bucket,
            object,
            since: Instant::now(),
            remote: None,
            search: None,
            info: None,
            picture: None,
            failure: None,
        }
    }

    pub(super) fn is_of(&self, bucket: &str, object: &BucketObject) -> bool {
        self.bucket == bucket && self.object == *object
    }

    pub(super) fn place(&self) -> Place {
        place_of(&self.bucket, &self.object)
    }

    /// Whether it is known to be a video.
    pub(super) const fn is_ready(&self) -> bool {
        self.info.is_some()
    }

    /// What was read of it.
    pub(super) fn receipt(&self) -> Option<String> {
        distant::receipt(&VideoSource::from(self.remote.clone()?))
    }

    /// Begins to read once the row has been selected for a moment, and takes in what was found.
    pub(super) fn update(&mut self, ctx: &Context, context: &ViewContext<'_>) {
        if self.remote.is_none() && self.failure.is_none() && !self.object.is_archived {
            let rest = REST.saturating_sub(self.since.elapsed());
            if rest.is_zero() {
                self.begin(ctx, context);
            } else {
                ctx.request_repaint_after(rest);
            }
        }
        while let Some(found) = self.search.as_ref().and_then(Search::next) {
            match found {
                Found::Opened(info) => self.info = Some(*info),
                Found::Still(picture) => {
                    let picture = ctx.load_texture("bucket", picture, TextureOptions::LINEAR);
                    self.picture = Some(picture);
                }
                Found::Ended(result) => {
                    self.failure = result.err();
                    self.search = None;
                }
                Found::Part(_) | Found::Frame(_) => {}
            }
        }
    }

    fn begin(&mut self, ctx: &Context, context: &ViewContext<'_>) {
        match reach(ctx, context.opener, &self.place()) {
            Ok(remote) => {
                let footage = Footage::new(remote.clone(), Interpretation::default());
                let search =
                    Search::in_background(context.engine, ctx, (footage, Vec::new()), &Pause::default());
                (self.remote, self.search) = (Some(remote), Some(search));
            }
            Err(error) => {
                self.failure = Some(Failure {
                    text: error.to_string(),
                    advice: error.advice(),
                });
            }
        }
    }
}
