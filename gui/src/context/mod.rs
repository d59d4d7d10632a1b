//! What all views use: their context and the commands they send. Nothing in here depends on a view.

mod commands;
mod engine;
mod link;
mod pictures;
mod preferences;

use posterframe_client::{Client, Paths};
use time::OffsetDateTime;

pub use commands::{Command, Commands, View};
pub use engine::{Engine, RequestState, Requested, runtime};
pub use link::{LINK_LIFETIME, copy_link, expires};
pub use pictures::{Picture, Pictures, load_picture};
pub use preferences::{OwnPreset, Preferences, WindowGeometry};

/// The context that every view gets.
pub struct ViewContext<'a> {
    /// The client; `None` until the backend has started.
    pub client: Option<&'a Client>,
    /// The network's threads.
    pub engine: &'a Engine,
    /// The queue for the view's commands.
    pub commands: &'a Commands,
    /// The window's preferences; the app saves them when they change.
    pub preferences: &'a mut Preferences,
    /// The folders of the program's files.
    pub paths: &'a Paths,
    /// The time of this frame, so that all durations on the screen agree.
    pub now: OffsetDateTime,
}
