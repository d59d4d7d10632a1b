//! What lies under all views: what they are given, and the commands they send. No view is known here.

mod commands;
mod engine;
mod link;
mod pictures;
mod preferences;

use posterframe_client::{Client, Paths};
use time::OffsetDateTime;

pub use commands::{Command, Commands, View};
pub use engine::{Engine, Remote, RemoteState, runtime};
pub use link::{LINK_LIFETIME, copy_link, expires};
pub use pictures::{Picture, Pictures, load_picture};
pub use preferences::{Preferences, WindowGeometry};

/// What every view is given.
pub struct ViewContext<'a> {
    /// The client; `None` until the backend has started.
    pub client: Option<&'a Client>,
    /// The network's threads.
    pub engine: &'a Engine,
    /// Where commands go.
    pub commands: &'a Commands,
    /// What the window remembers; saved when it has changed.
    pub preferences: &'a mut Preferences,
    /// Where files live.
    pub paths: &'a Paths,
    /// The time of this frame, so that all durations on the screen agree.
    pub now: OffsetDateTime,
}
