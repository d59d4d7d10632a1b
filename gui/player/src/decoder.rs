//! The thread that decodes exact frames: opens the video, then takes requests out of the mailbox.
//!
//! A jump stops what is being decoded for an older request. A drag decodes the exact frame once the pointer rests or is
//! slow, and at once where that is only a few frames away; where the pointer moves on meanwhile, the decoder goes on
//! from where it got to. After a step back the frames before are made ready while nobody asks
//! for anything else.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use std::{io, thread};

use posterframe_frame::{Cancel, Error, Image, Options, Video};

use super::cache::Cache;
use super::mailbox::Mailbox;
use super::threads::{Threads, caught};
use super::{Event, ExactFrame, Failure, Motion, Output, Request, helpers};

/// How long a dragged pointer rests before the exact frame is worth decoding: longer than from one of its moves to the
/// next, and much shorter than a hand rests before it lets go.
const REST: Duration = Duration::from_millis(25);
/// So far from the frame on the screen the exact frame is nearly as quick as a keyframe.
const NEAR: Duration = Duration::from_millis(400);
/// A pointer that moves no further than this from one of its moves to the next, in the video's time, is about to rest:
/// its exact frame is worth beginning at once, for the way there is likely to be the way to the frame where it rests.
const SLOW: Duration = Duration::from_millis(1_500);
/// Of each jump so much before the frame is decoded whole: steps back from it are at hand.
const LEAD: Duration = Duration::from_millis(250);
/// Frames that are made ready before the one on the screen after a step back.
const AHEAD: usize = 6;

/// What is said to have broken down.
const DECODER: &str = "the decoder";

/// What the decoder is asked for.
pub(super) enum Ask {
    /// A frame, and whether it was answered out of the cache already.
    Frame { request: Request, answered: bool },
    /// The frame under a hovering pointer, and the largest size of its small picture: a click there finds it ready.
    Glance { request: Request, max: (u32, u32) },
}

/// A frame, and the size that its picture was made for.
type Fitted<P> = (Arc<ExactFrame<P>>, (u32, u32));

/// The finished frames, for the decoder and for who asks.
pub(super) struct Frames<P>(Mutex<Cache<Fitted<P>>>);

impl<P: Clone> Frames<P> {
    pub(super) fn new(bytes: usize) -> Self {
        Self(Mutex::new(Cache::new(bytes)))
    }

    fn cache<T>(&self, look: impl FnOnce(&mut Cache<Fitted<P>>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The frame with a picture of just the size that is asked for.
    pub(super) fn ready(&self, request: &Request) -> Option<Arc<ExactFrame<P>>> {
        let (frame, fit) = self.cache(|cache| cache.get(request.position))?;
        (fit == request.fit).then_some(frame)
    }

    fn has(&self, position: Duration) -> bool {
        self.cache(|cache| cache.get(position).is_some())
    }

    fn keep(&self, asked: Duration, frame: &Arc<ExactFrame<P>>, fit: (u32, u32)) {
        let bytes = frame.image.data().len() + fit.0 as usize * fit.1 as usize * 4;
        drop(self.cache(|cache| cache.insert(asked, frame.time, bytes, (frame.clone(), fit))));
    }
}

/// What the thread is given.
pub(super) struct Task<P> {
    pub(super) asks: Arc<Mailbox<Ask>>,
    pub(super) frames: Arc<Frames<P>>,
    pub(super) helpers: helpers::Helpers,
    pub(super) cancel: Cancel,
    pub(super) output: Arc<Output<P>>,
    /// Bytes for frames that are decoded and not finished.
    pub(super) recent_bytes: u64,
    pub(super) with_index: bool,
    pub(super) threads: Arc<Threads>,
}

pub(super) fn start<P: Clone + Send + Sync + 'static>(path: &Path, task: Task<P>) -> io::Result<()> {
    let path = path.to_owned();
    let threads = task.threads.clone();
    threads.start("decoder", move || run(&path, &task))
}

fn run<P: Clone + Send + Sync + 'static>(path: &Path, task: &Task<P>) {
    let begun = OnceLock::new();
    let begin = || *begun.get_or_init(|| start_helpers(path, task));
    // Once more after each panic: nobody knows in what state that leaves a decoder.
    while let Some(decoder) = open(path, task) {
        if answer_all(decoder, task, begin).is_some() {
            return;
        }
        // The next request is for the one that is opened now: it must not stop that.
        task.asks.rest();
    }
}

/// Opens the video. `None` where that comes to nothing, which is told.
fn open<P: Clone>(path: &Path, task: &Task<P>) -> Option<Decoder<P>> {
    let options = Options {
        cancel: task.asks.interrupt(),
        recent_bytes: task.recent_bytes,
        lead: LEAD,
        threads: threads(),
        ..super::options()
    };
    let opened = caught(DECODER, || Video::open_with(path, options));
    let failure = match opened {
        Ok(Ok(video)) => {
            (task.output.tell)(Event::Opened(Box::new(video.info().clone())));
            return Some(Decoder {
                video,
                frames: task.frames.clone(),
                output: task.output.clone(),
                last: None,
                dragged: None,
            });
        }
        Ok(Err(Error::Cancelled)) => return None,
        Ok(Err(error)) => Failure::from(&error),
        Err(failure) => failure,
    };
    (task.output.tell)(Event::NotOpened(failure));
    None
}

/// Takes requests until the player is dropped; `None` where a panic has ended that.
fn answer_all<P: Clone>(mut decoder: Decoder<P>, task: &Task<P>, answered: impl Fn()) -> Option<()> {
    while let Some((generation, ask)) = task.asks.take() {
        let is_frame = matches!(ask, Ask::Frame { .. });
        let result = caught(DECODER, || match ask {
            Ask::Frame { request, answered } => decoder.answer(generation, &request, answered, &task.asks),
            Ask::Glance { request, max } => decoder.glance(&request, max),
        });
        if let Err(failure) = result {
            if is_frame {
                let failure = failure.clone();
                (task.output.tell)(Event::Failed { generation, failure });
            }
            (task.output.tell)(Event::Broken(failure));
            return None;
        }
        // All cores belong to the first picture.
        answered();
    }
    Some(())
}

fn start_helpers<P: Clone + Send + Sync + 'static>(path: &Path, task: &Task<P>) {
    let (cancel, output, threads) = (&task.cancel, &task.output, &task.threads);
    let helpers = task.helpers.start(path, cancel, output, threads);
    let index = task
        .with_index
        .then(|| helpers::start_index(path, cancel, output, threads));
    if let Err(error) = helpers.and(index.unwrap_or(Ok(()))) {
        tracing::warn!("the film strip or the frames' numbers may be missing: {error}");
    }
}

/// More threads than cores: while one waits for rows of the frame before, the others have something to do.
fn threads() -> usize {
    thread::available_parallelism().map_or(4, |cores| (cores.get() * 2).clamp(4, 16))
}

struct Decoder<P> {
    video: Video,
    frames: Arc<Frames<P>>,
    output: Arc<Output<P>>,
    /// The time of the frame that was answered last.
    last: Option<Duration>,
    /// Where the pointer was that is dragged.
    dragged: Option<Duration>,
}

impl<P: Clone> Decoder<P> {
    fn answer(&mut self, generation: u64, request: &Request, answered: bool, asks: &Mailbox<Ask>) {
        let is_drag = request.motion == Motion::Drag;
        let was = std::mem::replace(&mut self.dragged, is_drag.then_some(request.position));
        // Where the pointer goes down it may rest: most often it is a click.
        let is_slow = was.is_none_or(|was| was.abs_diff(request.position) <= SLOW);
        let waits = is_drag && !is_slow && !self.is_near(request.position);
        if waits && !self.frames.has(request.position) && asks.wait_for_newer(REST) {
            return;
        }
        match self.frame(request) {
            Ok(frame) => {
                let back = self.last.is_some_and(|last| frame.time < last);
                self.last = Some(frame.time);
                if !answered {
                    let frame = frame.clone();
                    self.tell(Event::Exact { generation, frame });
                }
                if back && request.motion == Motion::Step {
                    self.look_ahead(frame, request.fit, asks);
                }
            }
            Err(Error::Cancelled) => {}
            Err(error) => self.tell(Event::Failed {
                generation,
                failure: Failure::from(&error),
            }),
        }
    }

    /// The frame under a hovering pointer, as a small picture, and ready for a click.
    fn glance(&mut self, request: &Request, max: (u32, u32)) {
        let small = self
            .frame(request)
            .and_then(|frame| frame.image.scaled_to_fit(max));
        match small {
            Ok(small) => self.tell(Event::Glance {
                position: request.position,
                picture: self.output.paint(&small),
            }),
            Err(Error::Cancelled) => {}
            Err(error) => tracing::debug!("the picture under the pointer is missing: {error}"),
        }
    }

    /// The frame out of the cache, or decoded.
    fn frame(&mut self, request: &Request) -> Result<Arc<ExactFrame<P>>, Error> {
        match self.frames.cache(|cache| cache.get(request.position)) {
            Some((frame, fit)) => self.fitted(frame, fit, request),
            None => self.exact(request),
        }
    }

    fn is_near(&self, position: Duration) -> bool {
        self.last.is_some_and(|last| last.abs_diff(position) <= NEAR)
    }

    fn exact(&mut self, request: &Request) -> Result<Arc<ExactFrame<P>>, Error> {
        let (asked, frame) = match self.video.frame_at(request.position) {
            Err(Error::PastTheEnd { last, .. }) if request.clamp => (last, self.video.frame_at(last)?),
            other => (request.position, other?),
        };
        self.finish(asked, frame, request.fit)
    }

    fn finish(
        &self,
        asked: Duration,
        frame: posterframe_frame::Frame,
        fit: (u32, u32),
    ) -> Result<Arc<ExactFrame<P>>, Error> {
        let picture = self.picture(&frame.image, fit)?;
        let asked = asked.min(frame.earliest_position());
        let frame = Arc::new(ExactFrame::new(frame, picture));
        self.frames.keep(asked, &frame, fit);
        Ok(frame)
    }

    /// A frame of the cache with its picture in the size that is asked for now.
    fn fitted(
        &self,
        frame: Arc<ExactFrame<P>>,
        fit: (u32, u32),
        request: &Request,
    ) -> Result<Arc<ExactFrame<P>>, Error> {
        if fit == request.fit {
            return Ok(frame);
        }
        let frame = Arc::new(frame.resized(self.picture(&frame.image, request.fit)?));
        self.frames.keep(request.position, &frame, request.fit);
        Ok(frame)
    }

    /// Makes the frames before `frame` ready, until something else is wanted.
    fn look_ahead(&mut self, mut frame: Arc<ExactFrame<P>>, fit: (u32, u32), asks: &Mailbox<Ask>) {
        for _ in 0..AHEAD {
            if asks.has_newer() {
                return;
            }
            let known = self.frames.cache(|cache| cache.before(frame.time));
            let previous = match known {
                Some((previous, _)) => previous,
                // What is wrong is told to who asks for the frame.
                None => match self.video.previous_frame(frame.pts) {
                    Ok(Some(previous)) => match self.finish(previous.position(), previous, fit) {
                        Ok(previous) => previous,
                        Err(_) => return,
                    },
                    Ok(None) | Err(_) => return,
                },
            };
            self.frames.cache(|cache| cache.link(frame.time, previous.time));
            frame = previous;
        }
    }

    /// The picture in the size of the screen: a picture reduced by the screen's own filter shimmers.
    fn picture(&self, image: &Image, fit: (u32, u32)) -> Result<P, Error> {
        let (width, height) = image.display_size();
        let fits = width <= fit.0 && height <= fit.1;
        Ok(if fits {
            self.output.paint(image)
        } else {
            self.output.paint(&image.scaled_to_fit(fit)?)
        })
    }

    fn tell(&self, event: Event<P>) {
        (self.output.tell)(event);
    }
}
