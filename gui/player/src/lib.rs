//! The decoder under the New view: one open video, its frames, its film strip and its index.
//!
//! A player knows no screen: it is generic over the picture `P` that its `paint` function makes of pixels, and hands
//! [`Event`]s to a function of the caller's. Nothing here ever blocks who calls it; dropping a [`Player`] cancels its
//! threads and does not wait for them.
//!
//! | module | job |
//! | --- | --- |
//! | `mailbox` | one slot between two threads: the newest request wins |
//! | `decoder` | the thread that decodes exact frames |
//! | `drag` | the thread that shows keyframes while the playhead is dragged |
//! | `helpers` | the threads that make the film strip, the picture under a hovering pointer, and the index |
//! | `neighbours`, `quality` | what is wrong with a frame, and better ones beside it |
//! | `threads` | the threads themselves, and what becomes of a panic on one |
//! | `cache` | decoded frames, bounded in bytes |
//! | `frame` | a decoded frame, and the proof that goes with a submission |
//! | `steps` | where a step of a frame, a second or a keyframe leads |

mod cache;
mod decoder;
mod drag;
mod frame;
mod helpers;
mod mailbox;
mod neighbours;
mod quality;
mod steps;
mod threads;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, FrameIndex, Image, Options, VideoInfo};

pub use frame::{ExactFrame, Proof};
pub use helpers::Strip;
pub use neighbours::{Better, Neighbours};
pub use quality::Flaw;
pub use steps::{Step, StepOrigin, target};

use decoder::{Ask, Frames};
use drag::Drag;
use mailbox::Mailbox;
use threads::Threads;

/// The threads that have the video open for themselves, and share the memory that is available.
const DECODERS: usize = 6;

/// What a player's threads open their video with.
fn options() -> Options {
    Options {
        max_pixels: posterframe_frame::max_pixels(DECODERS),
        ..Options::default()
    }
}

/// A frame to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The frame is the first one at or after this time since the start of the video.
    pub position: Duration,
    /// How the playhead got there.
    pub motion: Motion,
    /// A position past the last frame means the last frame: for pointers and steps, not for typed times.
    pub clamp: bool,
    /// The largest size at which the picture is shown, in pixels.
    pub fit: (u32, u32),
}

/// How the playhead moves, which says what a request is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// Under the pointer: a keyframe near it comes first, and the exact frame once the pointer rests.
    Drag,
    /// To a place by itself: nothing older is worth finishing.
    Jump,
    /// One of many small steps, each of which is worth seeing.
    Step,
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
        /// The strip's number.
        strip: u64,
        /// Which one.
        index: usize,
        /// The picture.
        picture: P,
    },
    /// The picture under a hovering pointer; a nearer one may follow.
    Glance {
        /// Where the pointer was.
        position: Duration,
        /// The picture.
        picture: P,
    },
    /// What is known of a frame and those beside it.
    Neighbours {
        /// The position that was asked for.
        position: Duration,
        /// What is known.
        neighbours: Neighbours<P>,
    },
    /// All frames' times.
    Indexed(Arc<FrameIndex>),
    /// The frames cannot be counted.
    NotIndexed(Failure),
    /// A thread broke down over something: what it was at is missing, and it goes on with what comes next.
    Broken(Failure),
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

impl<P> Output<P> {
    fn paint(&self, image: &Image) -> P {
        (self.paint)(image.width(), image.height(), &image.to_rgba8())
    }
}

/// How a video is opened.
#[derive(Clone, Copy, Debug)]
pub struct PlayerOptions {
    /// The most bytes of decoded frames that are kept.
    pub cache_bytes: usize,
    /// Whether to count the frames: not where they are counted already.
    pub index: bool,
}

impl Default for PlayerOptions {
    /// 256 MiB, and the frames are counted.
    fn default() -> Self {
        Self {
            cache_bytes: 256 << 20,
            index: true,
        }
    }
}

/// One open video.
pub struct Player<P> {
    path: PathBuf,
    asks: Arc<Mailbox<Ask>>,
    drags: Arc<Mailbox<Drag>>,
    helpers: helpers::Helpers,
    frames: Arc<Frames<P>>,
    output: Arc<Output<P>>,
    cancel: Cancel,
    threads: Arc<Threads>,
}

impl<P: Clone + Send + Sync + 'static> Player<P> {
    /// Opens a video on threads of its own.
    ///
    /// `paint` makes a picture of a width, a height and RGBA bytes. `tell` hears of everything. Both are called on the
    /// player's threads.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn open(
        path: &Path,
        options: PlayerOptions,
        paint: impl Fn(u32, u32, &[u8]) -> P + Send + Sync + 'static,
        tell: impl Fn(Event<P>) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        // Half of it for finished frames, half for those that only have to be converted, which are smaller.
        let half = options.cache_bytes / 2;
        let asks = Arc::<Mailbox<Ask>>::default();
        let player = Self {
            path: path.to_owned(),
            asks: asks.clone(),
            drags: Arc::default(),
            helpers: helpers::Helpers::new(&asks),
            frames: Arc::new(Frames::new(half)),
            output: Arc::new(Output {
                paint: Box::new(paint),
                tell: Box::new(tell),
            }),
            cancel: Cancel::default(),
            threads: Arc::default(),
        };
        let task = decoder::Task {
            asks: player.asks.clone(),
            frames: player.frames.clone(),
            helpers: player.helpers.clone(),
            cancel: player.cancel.clone(),
            output: player.output.clone(),
            recent_bytes: half as u64,
            with_index: options.index,
            threads: player.threads.clone(),
        };
        // Where a later thread cannot be had, dropping `player` ends the earlier ones.
        decoder::start(path, task)?;
        let (drags, cancel) = (&player.drags, &player.cancel);
        drag::start(path, drags, cancel, &player.output, &player.threads)?;
        Ok(player)
    }

    /// The video's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks for a frame. A request that has not been begun is forgotten for this one; only steps let one be finished
    /// that is under way. Returns this one's number, which comes back with its events: higher is newer.
    ///
    /// What is in the cache is told before this returns.
    pub fn request(&self, request: Request) -> u64 {
        let ready = self.frames.ready(&request);
        let ask = Ask::Frame {
            request,
            answered: ready.is_some(),
        };
        let generation = match request.motion {
            Motion::Step => self.asks.put(ask),
            Motion::Drag | Motion::Jump => self.asks.put_urgently(ask),
        };
        if let Some(frame) = ready {
            self.drags.clear();
            (self.output.tell)(Event::Exact { generation, frame });
        } else if request.motion == Motion::Drag {
            self.drags.put(Drag {
                generation,
                position: request.position,
                fit: request.fit,
            });
        } else {
            self.drags.clear();
        }
        generation
    }

    /// Asks for a film strip; one that is being made is given up for this one. It is begun once the first frame is
    /// there. Returns its number, which comes back with its pictures.
    pub fn strip(&self, strip: Strip) -> u64 {
        self.helpers.strips.put(strip)
    }

    /// Asks for a small picture, at most `max` pixels, for a hovering pointer: a near one at once, and the exact one if
    /// the pointer rests and nothing else is asked for. That frame is then ready for a request in the size `fit`.
    pub fn glance(&self, position: Duration, max: (u32, u32), fit: (u32, u32)) {
        self.helpers.glances.put(helpers::Glance { position, max, fit });
    }

    /// Asks what is wrong with the frame at `position`, and for better ones beside it. One question at a time: a newer
    /// one takes its place.
    pub fn look_around(&self, position: Duration) {
        self.helpers.looks.put(position);
    }
}

impl<P> Drop for Player<P> {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.asks.close();
        self.drags.close();
        self.helpers.close();
    }
}

#[cfg(test)]
mod tests;
