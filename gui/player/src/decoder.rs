//! The thread that decodes exact frames: it opens the video, and then takes requests from the mailbox.
//!
//! A jump cancels the decoding for an older request. A drag decodes the exact frame once the pointer rests or is slow,
//! and at once if the frame is near; if the pointer moves on meanwhile, decoding continues from the current position.
//! After a step back, the previous frames are decoded ahead while there is no other request.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use std::{io, thread};

use posterframe_frame::{Cancel, Error, Image, Options, Video};

use super::cache::Cache;
use super::mailbox::Mailbox;
use super::threads::{Threads, caught};
use super::{Event, ExactFrame, Footage, Motion, Output, Request, helpers};

/// How long a dragged pointer must rest before the exact frame is decoded: longer than the interval between two pointer
/// events, and much shorter than the pause before the button is released.
const REST_TIME: Duration = Duration::from_millis(25);
/// Distance from the frame on the screen, in the video's time, within which the exact frame takes hardly longer than a
/// keyframe.
const NEAR_DISTANCE: Duration = Duration::from_millis(400);
/// Distance between two pointer events, in the video's time, up to which the pointer counts as slow. It is then about to
/// rest, so the exact frame is decoded at once: the frames on the way are probably needed for the resting position too.
const SLOW_DISTANCE: Duration = Duration::from_millis(1_500);
/// Length of video before the target of a jump whose frames are decoded completely, so that steps back need no decoding.
const LEAD: Duration = Duration::from_millis(250);
/// Number of previous frames that are decoded ahead after a step back.
const LOOK_AHEAD_FRAMES: usize = 6;

/// The thread's name in failure messages.
const DECODER: &str = "the decoder";

/// A task for the decoder.
pub(super) enum Ask {
    /// Decode a frame. `answered` means that the cache has already answered the request.
    Frame { request: Request, answered: bool },
    /// Decode the frame under a hovering pointer, so that a click there is instant. `max` is the largest size of its small
    /// picture, in pixels.
    Glance { request: Request, max: (u32, u32) },
}

/// A frame, and the size for which its picture was made, in pixels.
type Fitted<P> = (Arc<ExactFrame<P>>, (u32, u32));

/// The cache of finished frames, shared by the decoder and the player.
pub(super) struct Frames<P>(Mutex<Cache<Fitted<P>>>);

impl<P: Clone> Frames<P> {
    pub(super) fn new(bytes: usize) -> Self {
        Self(Mutex::new(Cache::new(bytes)))
    }

    fn cache<T>(&self, look: impl FnOnce(&mut Cache<Fitted<P>>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The frame, if it is cached with a picture of the requested size.
    pub(super) fn ready(&self, request: &Request) -> Option<Arc<ExactFrame<P>>> {
        let (frame, fit) = self.cache(|cache| cache.get(request.position))?;
        (fit == request.fit).then_some(frame)
    }

    fn has(&self, position: Duration) -> bool {
        self.cache(|cache| cache.get(position).is_some())
    }

    fn keep(&self, earliest: Duration, frame: &Arc<ExactFrame<P>>, fit: (u32, u32)) {
        let bytes = frame.image.data().len() + fit.0 as usize * fit.1 as usize * 4;
        drop(self.cache(|cache| cache.insert(earliest, frame.time, bytes, (frame.clone(), fit))));
    }
}

/// The thread's arguments.
pub(super) struct Task<P> {
    pub(super) asks: Arc<Mailbox<Ask>>,
    pub(super) frames: Arc<Frames<P>>,
    pub(super) helpers: helpers::Helpers,
    pub(super) cancel: Cancel,
    pub(super) output: Arc<Output<P>>,
    /// Memory for frames that are decoded but not converted, in bytes.
    pub(super) recent_bytes: u64,
    pub(super) with_index: bool,
    pub(super) threads: Arc<Threads>,
}

pub(super) fn start<P: Clone + Send + Sync + 'static>(footage: &Footage, task: Task<P>) -> io::Result<()> {
    let footage = footage.clone();
    let threads = task.threads.clone();
    threads.start("decoder", move || run(&footage, &task))
}

fn run<P: Clone + Send + Sync + 'static>(footage: &Footage, task: &Task<P>) {
    let begun = OnceLock::new();
    let begin = || *begun.get_or_init(|| start_helpers(footage, task));
    // After a panic the video is opened again, since the decoder's state is unknown.
    while let Some(decoder) = open(footage, task) {
        if answer_all(decoder, task, begin).is_some() {
            return;
        }
        // The next request is for the new decoder, so it must not cancel its opening.
        task.asks.rest();
    }
}

/// Opens the video. `None` if that fails, which is reported.
fn open<P: Clone>(footage: &Footage, task: &Task<P>) -> Option<Decoder<P>> {
    let options = Options {
        cancel: task.asks.interrupt(),
        recent_bytes: task.recent_bytes,
        lead: LEAD,
        threads: threads(),
        ..super::options(&footage.source)
    };
    let opened = caught(DECODER, || footage.open(options));
    let failure = match opened {
        Ok(Ok(video)) => {
            (task.output.tell)(Event::Opened(Box::new(video.info().clone())));
            return Some(Decoder {
                footage: footage.clone(),
                video,
                frames: task.frames.clone(),
                output: task.output.clone(),
                last: None,
                dragged: None,
            });
        }
        Ok(Err(Error::Cancelled)) => return None,
        Ok(Err(error)) => footage.source.failure(&error),
        Err(failure) => failure,
    };
    (task.output.tell)(Event::NotOpened(failure));
    None
}

/// Answers requests until the player is dropped. `None` if a panic ended it.
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
        // The helpers start after the first picture, which gets all cores.
        answered();
    }
    Some(())
}

fn start_helpers<P: Clone + Send + Sync + 'static>(footage: &Footage, task: &Task<P>) {
    let (cancel, output, threads) = (&task.cancel, &task.output, &task.threads);
    let helpers = task.helpers.start(footage, cancel, output, threads);
    if task.with_index && !footage.source.may_be_indexed() {
        (task.output.tell)(Event::NotIndexed(helpers::too_far()));
    }
    let index = (task.with_index && footage.source.may_be_indexed())
        .then(|| helpers::start_index(footage, cancel, output, threads));
    if let Err(error) = helpers.and(index.unwrap_or(Ok(()))) {
        tracing::warn!("the film strip or the frames' numbers may be missing: {error}");
    }
}

/// Number of the codec's threads: more than cores, since a thread may wait for rows of a previous frame.
fn threads() -> usize {
    thread::available_parallelism().map_or(4, |cores| (cores.get() * 2).clamp(4, 16))
}

struct Decoder<P> {
    footage: Footage,
    video: Video,
    frames: Arc<Frames<P>>,
    output: Arc<Output<P>>,
    /// Time of the frame that was sent last.
    last: Option<Duration>,
    /// Position of the last drag request.
    dragged: Option<Duration>,
}

impl<P: Clone> Decoder<P> {
    fn answer(&mut self, generation: u64, request: &Request, answered: bool, asks: &Mailbox<Ask>) {
        let is_drag = request.motion == Motion::Drag;
        let was = std::mem::replace(&mut self.dragged, is_drag.then_some(request.position));
        // The first request of a drag counts as slow, since it is usually a click.
        let is_slow = was.is_none_or(|was| was.abs_diff(request.position) <= SLOW_DISTANCE);
        let waits = is_drag && !is_slow && !self.is_near(request.position);
        if waits && !self.frames.has(request.position) && asks.wait_for_newer(REST_TIME) {
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
                failure: self.footage.source.failure(&error),
            }),
        }
    }

    /// Decodes the frame under a hovering pointer, caches it for a click, and sends its small picture.
    fn glance(&mut self, request: &Request, max: (u32, u32)) {
        let small = self
            .frame(request)
            .and_then(|frame| Ok(frame.image.scaled_to_fit(max)?));
        match small {
            Ok(small) => self.tell(Event::Glance {
                position: request.position,
                picture: self.output.paint(&small),
            }),
            Err(Error::Cancelled) => {}
            Err(error) => tracing::debug!("the picture under the pointer is missing: {error}"),
        }
    }

    /// The frame, from the cache or decoded.
    fn frame(&mut self, request: &Request) -> Result<Arc<ExactFrame<P>>, Error> {
        match self.frames.cache(|cache| cache.get(request.position)) {
            Some((frame, fit)) => self.fitted(frame, fit, request),
            None => self.exact(request),
        }
    }

    fn is_near(&self, position: Duration) -> bool {
        self.last
            .is_some_and(|last| last.abs_diff(position) <= NEAR_DISTANCE)
    }

    fn exact(&mut self, request: &Request) -> Result<Arc<ExactFrame<P>>, Error> {
        let (earliest, frame) = match self.video.frame_at(request.position) {
            Err(Error::PastTheEnd { last, .. }) if request.clamp => (last, self.video.frame_at(last)?),
            other => (request.position, other?),
        };
        self.finish(earliest, frame, request.fit)
    }

    fn finish(
        &self,
        earliest: Duration,
        frame: posterframe_frame::Frame,
        fit: (u32, u32),
    ) -> Result<Arc<ExactFrame<P>>, Error> {
        let picture = self.picture(&frame.image, fit)?;
        let earliest = earliest.min(frame.earliest_position());
        let frame = Arc::new(ExactFrame::new(frame, picture));
        self.frames.keep(earliest, &frame, fit);
        Ok(frame)
    }

    /// A cached frame, with its picture in the requested size.
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

    /// Decodes the frames before `frame` ahead, until there is another request.
    fn look_ahead(&mut self, mut frame: Arc<ExactFrame<P>>, fit: (u32, u32), asks: &Mailbox<Ask>) {
        for _ in 0..LOOK_AHEAD_FRAMES {
            if asks.has_newer() {
                return;
            }
            let known = self.frames.cache(|cache| cache.before(frame.time));
            let previous = match known {
                Some((previous, _)) => previous,
                // Errors are reported when the frame is requested.
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

    /// The picture, scaled to the size on the screen: scaling it on the GPU would shimmer.
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
