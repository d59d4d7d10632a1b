//! A search for frames of a video, off the window's thread: what selectors select, and a small picture of each.

use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use egui::{ColorImage, Context};
use posterframe_contract::Selector;
use posterframe_frame::{Cancel, Error, Flaw, Options, Quality, VideoInfo};
use posterframe_player::{Failure, Footage};

use crate::context::Engine;
use crate::select::{self, Picked, time_at};

/// The largest size of a candidate's picture, in pixels: of what is 100 points wide, on a screen with three pixels for each.
const PICTURE: (u32, u32) = (320, 180);
/// As many searches and players share the memory for pictures.
const DECODERS: usize = 8;
/// How often a search that is held back looks whether it was cancelled.
const LOOK_UP: Duration = Duration::from_millis(200);
/// Where the picture of a video is taken: that part of its length. Its first frames are often black.
const STILL_AT: u32 = 10;
/// The least progress that is told, from 0 to 1.
const STEP: f32 = 0.01;

/// A frame that was found.
pub struct Candidate {
    /// Where it is.
    pub picked: Picked,
    /// What is wrong with it by itself.
    pub flaw: Option<Flaw>,
    /// A small picture.
    pub picture: ColorImage,
}

/// What a search tells.
pub enum Found {
    /// The video is open.
    Opened(Box<VideoInfo>),
    /// A small picture of the video, for [`Search::in_background`].
    Still(ColorImage),
    /// What part of the work is done, from 0 to 1.
    Part(f32),
    /// A frame; those of a rule in their order.
    Frame(Box<Candidate>),
    /// Nothing comes after it.
    Ended(Result<(), Failure>),
}

/// Holds back searches while the window is in use. Clones share it.
#[derive(Clone, Default)]
pub struct Pause(Arc<(Mutex<bool>, Condvar)>);

impl Pause {
    /// Holds searches back, or lets them go on.
    pub fn set(&self, paused: bool) {
        let (lock, changed) = &*self.0;
        *lock.lock().unwrap_or_else(PoisonError::into_inner) = paused;
        changed.notify_all();
    }

    /// Waits as long as searches are held back and `cancel` says nothing.
    fn wait(&self, cancel: &Cancel) {
        let (lock, changed) = &*self.0;
        let mut paused = lock.lock().unwrap_or_else(PoisonError::into_inner);
        while *paused && !cancel.is_cancelled() {
            let waited = changed.wait_timeout(paused, LOOK_UP);
            paused = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A search under way. Dropping it cancels it.
pub struct Search {
    cancel: Cancel,
    found: Receiver<Found>,
}

impl Search {
    /// Starts to look for what `selectors` select. Each thing that it finds wakes the window.
    pub fn start(engine: &Engine, ctx: &Context, video: Footage, selectors: Vec<Selector>) -> Self {
        Self::begin(engine, ctx, (video, selectors), None)
    }

    /// The same for a video that nobody looks at: it comes with a picture of the video, and waits while `pause` says so.
    pub fn in_background(
        engine: &Engine,
        ctx: &Context,
        (video, selectors): (Footage, Vec<Selector>),
        pause: &Pause,
    ) -> Self {
        Self::begin(engine, ctx, (video, selectors), Some(pause.clone()))
    }

    fn begin(
        engine: &Engine,
        ctx: &Context,
        (video, selectors): (Footage, Vec<Selector>),
        pause: Option<Pause>,
    ) -> Self {
        let (sender, found) = mpsc::channel();
        let (cancel, ctx) = (Cancel::default(), ctx.clone());
        let task = Task {
            video,
            selectors,
            pause,
            cancel: cancel.clone(),
            sender,
            ctx,
        };
        engine.spawn_blocking(move || task.run());
        Self { cancel, found }
    }

    /// The next thing that was found since the last call.
    pub fn next(&self) -> Option<Found> {
        match self.found.try_recv() {
            Ok(found) => Some(found),
            Err(TryRecvError::Empty) => None,
            // Its thread is gone without a last word: a decoder panicked.
            Err(TryRecvError::Disconnected) => Some(Found::Ended(Err(Failure {
                text: "the search broke down".to_owned(),
                advice: "Try again. If it happens with this video each time, report it with what the program printed"
                    .to_owned(),
            }))),
        }
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

struct Task {
    video: Footage,
    selectors: Vec<Selector>,
    /// For a search in the background.
    pause: Option<Pause>,
    cancel: Cancel,
    sender: Sender<Found>,
    ctx: Context,
}

impl Task {
    fn run(&self) {
        let ended = self.find().map_err(|error| {
            let known = error.downcast_ref::<Error>();
            known.map_or_else(
                || Failure {
                    text: format!("{error:#}"),
                    advice: String::new(),
                },
                |known| self.video.source.failure(known),
            )
        });
        self.tell(Found::Ended(ended));
    }

    fn find(&self) -> anyhow::Result<()> {
        let options = self.video.source.options(Options {
            cancel: self.cancel.clone(),
            threads: 1,
            recent_bytes: 0,
            max_pixels: posterframe_frame::max_pixels(DECODERS),
            ..Options::default()
        });
        let mut video = self.video.open(options)?;
        self.tell(Found::Opened(Box::new(video.info().clone())));
        if self.pause.is_some() {
            let at = video.info().duration.unwrap_or_default() / STILL_AT;
            self.tell(Found::Still(picture(&video.keyframe_near(at, PICTURE)?)));
        }
        let mut told = 0.0;
        let picked = select::frames_of(&mut video, &self.selectors, &mut |part| {
            self.wait();
            let part = part as f32;
            if part >= told + STEP {
                told = part;
                self.tell(Found::Part(part));
            }
        })?;
        for picked in picked {
            self.wait();
            let frame = video.small_frame_at(time_at(picked.position), PICTURE)?;
            let picture = picture(&frame);
            let [width, height] = picture.size.map(|side| side as u32);
            self.tell(Found::Frame(Box::new(Candidate {
                picked: Picked {
                    number: picked.number.or(frame.number),
                    ..picked
                },
                flaw: Quality::of(width, height, picture.as_raw()).flaw(),
                picture,
            })));
        }
        Ok(())
    }

    fn wait(&self) {
        if let Some(pause) = &self.pause {
            pause.wait(&self.cancel);
        }
    }

    fn tell(&self, found: Found) {
        // Nobody listens where the search was dropped.
        if self.sender.send(found).is_ok() {
            self.ctx.request_repaint();
        }
    }
}

fn picture(frame: &posterframe_frame::Frame) -> ColorImage {
    let image = &frame.image;
    let size = [image.width() as usize, image.height() as usize];
    ColorImage::from_rgba_unmultiplied(size, &image.to_screen_rgba8())
}
