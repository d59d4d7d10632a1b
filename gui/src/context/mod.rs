//! What all views use: their context and the commands they send. Nothing in here depends on a view.

mod commands;
mod engine;
mod link;
mod pictures;
mod preferences;

use std::sync::Arc;
use std::time::Duration;

use egui::Context;
use posterframe_client::{Client, Paths};
use posterframe_player::VideoSource;
use posterframe_remote::{Place, Remote, SourceError};
use time::OffsetDateTime;

use crate::distant::{self, Location, Opener};

pub use commands::{Command, Commands, View};
pub use engine::{Engine, RequestState, Requested, runtime};
pub use link::{LINK_LIFETIME, copy_link, expires};
pub use pictures::{Picture, Pictures, load_picture};
pub use preferences::{OwnPreset, Preferences, WindowGeometry};

/// From so many videos of a folder on, they are a batch and not tabs.
pub const BATCH_FROM: usize = 9;
/// The shortest time between two repaints for what is read: figures that change faster cannot be read.
const READ_INTERVAL: Duration = Duration::from_millis(250);

/// The context that every view gets.
pub struct ViewContext<'a> {
    /// The client; `None` until the backend has started.
    pub client: Option<&'a Client>,
    /// The network's threads.
    pub engine: &'a Engine,
    /// How videos at a distance are read.
    pub opener: &'a Opener,
    /// The queue for the view's commands.
    pub commands: &'a Commands,
    /// The window's preferences; the app saves them when they change.
    pub preferences: &'a mut Preferences,
    /// The folders of the program's files.
    pub paths: &'a Paths,
    /// The time of this frame, so that all durations on the screen agree.
    pub now: OffsetDateTime,
}

/// How the window reads videos at a distance: by the backend's login, once there is one.
pub fn opener(
    client: Option<&Client>,
    engine: &Engine,
    (preferences, paths): (&Preferences, &Paths),
) -> Opener {
    let limit = preferences.video_cache;
    let cache = (limit > 0).then(|| Arc::new(distant::cache(paths, limit)));
    Opener::new(client.map(Client::objects), cache, engine.handle())
}

/// What the window reads a video from. Makes no request.
///
/// # Errors
/// It is an object, and there is no login yet.
pub fn source(ctx: &Context, opener: &Opener, video: &Location) -> Result<VideoSource, SourceError> {
    match video {
        Location::File(path) => Ok(VideoSource::from(path)),
        Location::Distant(place) => reach(ctx, opener, place).map(VideoSource::from),
    }
}

/// A reader of the video at `place`. What is read wakes the window now and then. Makes no request.
///
/// # Errors
/// It is an object, and there is no login yet.
pub fn reach(ctx: &Context, opener: &Opener, place: &Place) -> Result<Remote, SourceError> {
    let ctx = ctx.clone();
    let changed = Box::new(move || ctx.request_repaint_after(READ_INTERVAL));
    opener.video(place, true, Some(changed))
}
