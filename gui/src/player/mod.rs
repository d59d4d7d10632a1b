//! The decoder under the New view: one open video, its frames, its film strip and its index.
//!
//! A player knows no screen: it is generic over the picture `P` that its `paint` function makes of pixels, and hands
//! [`Event`]s to a function of the caller's. Nothing here ever blocks who calls it; dropping a [`Player`] cancels its
//! threads and does not wait for them.
//!
//! | module | job |
//! | --- | --- |
//! | `mailbox` | one slot between two threads: the newest request wins |
//! | `decoder` | the thread that decodes frames |
//! | `helpers` | the threads that make the film strip and the index |
//! | `cache` | decoded frames, bounded in bytes |
//! | `frame` | a decoded frame, and the proof that goes with a submission |
//! | `steps` | where a step of a frame, a second or a keyframe leads |

mod cache;
mod decoder;
mod frame;
mod helpers;
mod mailbox;
mod steps;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, FrameIndex, VideoInfo};

pub use frame::{ExactFrame, Proof};
pub use steps::{From as StepFrom, Step, target};

use mailbox::Mailbox;

/// A frame to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The frame is the first one at or after this time since the start of the video.
    pub position: Duration,
    /// Show the keyframe near it first, and the exact frame only once the pointer rests.
    pub dragging: bool,
    /// A position past the last frame means the last frame: for pointers and steps, not for typed times.
    pub clamp: bool,
    /// The largest size at which the picture is shown, in pixels.
    pub fit: (u32, u32),
}

/// What a player has to tell.
#[derive(Debug)]
pub enum Event<P> {
    /// The video is open.
    Opened(Box<VideoInfo>),
    /// The video cannot be opened: nothing more follows.
    NotOpened(Failure),
    /// The picture near the request's position while dragging.
    Keyframe {
        /// The request's number.
        generation: u64,
        /// Its time since the start.
        time: Duration,
        /// The picture, small.
        picture: P,
    },
    /// The exact frame.
    Exact {
        /// The request's number.
        generation: u64,
        /// The frame.
        frame: Arc<ExactFrame<P>>,
    },
    /// The request came to nothing.
    Failed {
        /// The request's number.
        generation: u64,
        /// Why.
        failure: Failure,
    },
    /// A picture of the film strip.
    Still {
        /// How many the strip has.
        count: usize,
        /// Which one.
        index: usize,
        /// The picture.
        picture: P,
    },
    /// All frames' times.
    Indexed(Arc<FrameIndex>),
    /// The frames cannot be counted.
    NotIndexed(Failure),
}

/// An error in plain words, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What happened.
    pub text: String,
    /// What to do.
    pub advice: String,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            text: error.to_string(),
            advice: error.advice().to_owned(),
        }
    }
}

/// Makes a picture of a width, a height and RGBA bytes.
type Paint<P> = Box<dyn Fn(u32, u32, &[u8]) -> P + Send + Sync>;

/// How the threads make pictures, and whom they tell.
pub(crate) struct Output<P> {
    pub(crate) paint: Paint<P>,
    pub(crate) tell: Box<dyn Fn(Event<P>) + Send + Sync>,
}

/// One open video.
pub struct Player {
    path: PathBuf,
    requests: Arc<Mailbox<Request>>,
    strips: Arc<Mailbox<helpers::Strip>>,
    cancel: Cancel,
}

impl Player {
    /// Opens a video on threads of its own.
    ///
    /// `paint` makes a picture of a width, a height and RGBA bytes. `tell` hears of everything. Both are called on the
    /// player's threads.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn open<P: Clone + Send + Sync + 'static>(
        path: &Path,
        paint: impl Fn(u32, u32, &[u8]) -> P + Send + Sync + 'static,
        tell: impl Fn(Event<P>) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let player = Self {
            path: path.to_owned(),
            requests: Arc::default(),
            strips: Arc::default(),
            cancel: Cancel::default(),
        };
        let output = Arc::new(Output {
            paint: Box::new(paint),
            tell: Box::new(tell),
        });
        // Where a later thread cannot be had, dropping `player` ends the earlier ones.
        decoder::start(&player.path, &player.requests, &player.cancel, &output)?;
        helpers::start_strip(&player.path, &player.strips, &player.cancel, &output)?;
        helpers::start_index(&player.path, &player.cancel, &output)?;
        Ok(player)
    }

    /// The video's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks for a frame. A request that has not been begun is forgotten for this one. Returns this one's number, which
    /// comes back with its events: higher is newer.
    pub fn request(&self, request: Request) -> u64 {
        self.requests.put(request)
    }

    /// Asks for a film strip of `count` pictures, each at most `max` pixels.
    pub fn strip(&self, count: usize, max: (u32, u32)) {
        self.strips.put(helpers::Strip { count, max });
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.requests.close();
        self.strips.close();
    }
}

#[cfg(test)]
mod tests;
