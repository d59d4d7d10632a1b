//! The player of the New view: one open video, its frames, its film strip and its index.
//!
//! A player needs no screen: it is generic over the picture `P` that the caller's `paint` makes of pixels, and passes
//! [`Event`]s to the caller's `tell`. No method blocks. Dropping a [`Player`] cancels its threads without waiting for
//! them.
//!
//! | module | job |
//! | --- | --- |
//! | `mailbox` | one slot between two threads: the newest request wins |
//! | `decoder` | the thread that decodes exact frames |
//! | `drag` | the thread that shows keyframes while the playhead is dragged |
//! | `helpers` | the threads that make the film strip, the picture under a hovering pointer, and the index |
//! | `playback` | the thread that plays |
//! | `neighbours` | the flaws of a frame, and better frames near it |
//! | `threads` | starting threads, and turning panics into failures |
//! | `cache` | decoded frames, bounded in bytes |
//! | `source`, `footage` | a file, or a video at a distance; how it is read |
//! | `frame` | a decoded frame, and the proof that goes with a submission |
//! | `steps` | the target of a step by a frame, a second or a keyframe |

mod cache;
mod decoder;
mod drag;
mod footage;
mod frame;
mod helpers;
mod mailbox;
mod neighbours;
mod playback;
mod source;
mod steps;
mod threads;

use std::sync::Arc;
use std::time::Duration;

use posterframe_contract::Interpretation;
use posterframe_frame::{Cancel, Error, FrameIndex, Image, Options, VideoInfo};

pub use footage::Footage;
pub use frame::{ExactFrame, Proof};
pub use helpers::Strip;
pub use neighbours::{Better, Neighbours};
pub use playback::{Play, PlayRate};
pub use posterframe_frame::Flaw;
pub use source::VideoSource;
pub use steps::{Step, StepOrigin, target};

use decoder::{Ask, Frames};
use drag::Drag;
use mailbox::Mailbox;
use threads::Threads;

/// Number of threads that open the video and share the available memory.
const DECODERS: usize = 8;

/// The options with which each thread opens the video.
fn options(source: &VideoSource) -> Options {
    source.options(Options {
        max_pixels: posterframe_frame::max_pixels(DECODERS),
        ..Options::default()
    })
}

/// A request for a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Time since the start of the video. It selects the first frame at or after it.
    pub position: Duration,
    /// How the playhead moved there.
    pub motion: Motion,
    /// Whether a position past the last frame selects the last frame: true for pointers and steps, false for typed times.
    pub clamp: bool,
    /// Largest size of the picture on the screen, in pixels.
    pub fit: (u32, u32),
}

/// How the playhead moves, which decides the priority of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// With a dragged pointer: a near keyframe is shown first, and the exact frame once the pointer rests.
    Drag,
    /// To a single position: older requests are cancelled.
    Jump,
    /// By one of many small steps: the frame of an older step is still finished and shown.
    Step,
}

/// An event of a player.
#[derive(Debug)]
pub enum Event<P> {
    /// The video is open.
    Opened(Box<VideoInfo>),
    /// The video cannot be opened. No event follows.
    NotOpened(Failure),
    /// A keyframe near the position of a drag request.
    Keyframe {
        /// The request's number.
        generation: u64,
        /// The keyframe's time since the start of the video.
        time: Duration,
        /// A small picture.
        picture: P,
    },
    /// The exact frame of a request.
    Exact {
        /// The request's number.
        generation: u64,
        /// The frame.
        frame: Arc<ExactFrame<P>>,
    },
    /// A request failed.
    Failed {
        /// The request's number.
        generation: u64,
        /// The reason.
        failure: Failure,
    },
    /// A picture of the film strip.
    Still {
        /// The strip's number.
        strip: u64,
        /// The picture's index in the strip.
        index: usize,
        /// The picture.
        picture: P,
    },
    /// The picture under a hovering pointer; a nearer one may follow.
    Glance {
        /// The pointer's position.
        position: Duration,
        /// The picture.
        picture: P,
    },
    /// A picture of a video that plays. It is not the exact frame.
    Played {
        /// The request's number.
        generation: u64,
        /// The frame's time since the start of the video.
        time: Duration,
        /// The position that leads to the exact frame.
        position: Duration,
        /// The picture.
        picture: P,
        /// How fast it plays, once that is known.
        rate: Option<PlayRate>,
    },
    /// The video has played up to its end, or its start, or cannot be decoded further.
    PlayEnded {
        /// The request's number.
        generation: u64,
        /// Why it ended too early.
        failure: Option<Failure>,
    },
    /// The flaw of a frame, and better frames near it.
    Neighbours {
        /// The requested position.
        position: Duration,
        /// The answer.
        neighbours: Neighbours<P>,
    },
    /// The index with the times of all frames.
    Indexed(Arc<FrameIndex>),
    /// The index cannot be made.
    NotIndexed(Failure),
    /// A thread panicked. The result of its task is missing, and it continues with the next task.
    Broken(Failure),
}

/// An error in plain words, with advice.
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

/// Makes a picture from width, height and RGBA bytes.
type Paint<P> = Box<dyn Fn(u32, u32, &[u8]) -> P + Send + Sync>;

/// The caller's functions that make pictures and receive events.
pub(crate) struct Output<P> {
    pub(crate) paint: Paint<P>,
    pub(crate) tell: Box<dyn Fn(Event<P>) + Send + Sync>,
}

impl<P> Output<P> {
    /// HDR is tone-mapped: this is the one place that pictures pass on their way to the screen.
    fn paint(&self, image: &Image) -> P {
        (self.paint)(image.width(), image.height(), &image.to_screen_rgba8())
    }
}

/// Options for opening a video.
#[derive(Clone, Copy, Debug)]
pub struct PlayerOptions {
    /// Most bytes of decoded frames to cache.
    pub cache_bytes: usize,
    /// Whether to make the index; false if the caller has it already.
    pub index: bool,
    /// How the video is read. [`VideoInfo::tracks`] of [`Event::Opened`] has the tracks to choose from; a video that is to be read
    /// otherwise is opened anew.
    pub interpretation: Interpretation,
}

impl Default for PlayerOptions {
    /// 256 MiB of frames, with an index, and as the file says.
    fn default() -> Self {
        Self {
            cache_bytes: 256 << 20,
            index: true,
            interpretation: Interpretation::default(),
        }
    }
}

/// One open video.
pub struct Player<P> {
    footage: Footage,
    asks: Arc<Mailbox<Ask>>,
    drags: Arc<Mailbox<Drag>>,
    plays: Arc<Mailbox<Option<Play>>>,
    helpers: helpers::Helpers,
    frames: Arc<Frames<P>>,
    output: Arc<Output<P>>,
    cancel: Cancel,
    threads: Arc<Threads>,
}

impl<P: Clone + Send + Sync + 'static> Player<P> {
    /// Opens a video on new threads: a file's path, or a [`Remote`](posterframe_remote::Remote), which need not be open.
    ///
    /// `paint` makes a picture from width, height and RGBA bytes. `tell` receives the events. Both run on the player's
    /// threads.
    ///
    /// # Errors
    /// The system is out of threads. Errors of the video come as events.
    pub fn open(
        source: impl Into<VideoSource>,
        options: PlayerOptions,
        paint: impl Fn(u32, u32, &[u8]) -> P + Send + Sync + 'static,
        tell: impl Fn(Event<P>) + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let footage = Footage::new(source, options.interpretation);
        // Half is for finished frames, and half for decoded frames that are not converted yet, which are smaller.
        let half = options.cache_bytes / 2;
        let asks = Arc::<Mailbox<Ask>>::default();
        let player = Self {
            footage: footage.clone(),
            asks: asks.clone(),
            drags: Arc::default(),
            plays: Arc::default(),
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
        // If a later thread cannot be started, dropping `player` ends the earlier ones.
        decoder::start(&footage, task)?;
        let (drags, cancel) = (&player.drags, &player.cancel);
        drag::start(&footage, drags, cancel, &player.output, &player.threads)?;
        playback::start(&footage, &player.plays, &player.output, &player.threads)?;
        Ok(player)
    }

    /// The video, and how it is read.
    pub fn footage(&self) -> &Footage {
        &self.footage
    }

    /// Requests a frame. This replaces a request that is not begun yet, and cancels one that is under way, unless the new
    /// one is a step. Returns the request's number, which its events carry; newer requests have higher numbers.
    ///
    /// The event of a cached frame is sent before this returns.
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

    /// Plays from a position on. This replaces what plays. Returns the request's number, which its events carry.
    pub fn play(&self, play: Play) -> u64 {
        self.plays.put_urgently(Some(play))
    }

    /// Ends playing. A picture that was told already may still arrive.
    pub fn stop_playing(&self) {
        self.plays.put_urgently(None);
    }

    /// Requests a film strip, and cancels an older one. It begins after the first exact frame. Returns the strip's number,
    /// which the events of its pictures carry.
    pub fn strip(&self, strip: Strip) -> u64 {
        self.helpers.strips.put(strip)
    }

    /// Requests a small picture for a hovering pointer, at most `max` pixels: of a near frame at once, and of the exact
    /// frame if the pointer rests and there is no other request. The exact frame is then cached for a request with `fit`.
    pub fn glance(&self, position: Duration, max: (u32, u32), fit: (u32, u32)) {
        self.helpers.glances.put(helpers::Glance { position, max, fit });
    }

    /// Requests the flaw of the frame at `position`, and better frames near it. A newer request replaces an older one.
    pub fn look_around(&self, position: Duration) {
        self.helpers.looks.put(position);
    }
}

impl<P> Drop for Player<P> {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.asks.close();
        self.drags.close();
        self.plays.close();
        self.helpers.close();
    }
}

#[cfg(test)]
mod tests;
