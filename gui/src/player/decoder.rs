//! The thread that decodes frames: opens the video, then takes requests out of the mailbox.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, Image, Options, Video};

use super::cache::{Cache, LIMIT};
use super::mailbox::Mailbox;
use super::{Event, ExactFrame, Failure, Output, Request};

/// How long a dragged pointer rests before the exact frame is worth decoding.
const REST: Duration = Duration::from_millis(60);
/// The picture under a moving pointer is gone in an instant: this size is enough, in pixels.
const DRAGGED: (u32, u32) = (960, 540);

pub(super) fn start<P: Clone + Send + Sync + 'static>(
    path: &Path,
    requests: &Arc<Mailbox<Request>>,
    cancel: &Cancel,
    output: &Arc<Output<P>>,
) -> io::Result<()> {
    let (path, requests) = (path.to_owned(), requests.clone());
    let (cancel, output) = (cancel.clone(), output.clone());
    thread::Builder::new()
        .name("decoder".to_owned())
        .spawn(move || run(&path, &requests, cancel, output))?;
    Ok(())
}

fn run<P: Clone + Send + Sync>(
    path: &Path,
    requests: &Mailbox<Request>,
    cancel: Cancel,
    output: Arc<Output<P>>,
) {
    let options = Options {
        cancel,
        ..Options::default()
    };
    let video = match Video::open_with(path, options) {
        Ok(video) => video,
        Err(Error::Cancelled) => return,
        Err(error) => return (output.tell)(Event::NotOpened(Failure::from(&error))),
    };
    (output.tell)(Event::Opened(Box::new(video.info().clone())));
    let mut decoder = Decoder {
        video,
        cache: Cache::new(LIMIT),
        output,
    };
    while let Some((generation, request)) = requests.take() {
        decoder.answer(generation, &request, requests);
    }
}

/// A frame, and the size that its picture was made for.
type Fitted<P> = (Arc<ExactFrame<P>>, (u32, u32));

struct Decoder<P> {
    video: Video,
    cache: Cache<Fitted<P>>,
    output: Arc<Output<P>>,
}

impl<P: Clone> Decoder<P> {
    fn answer(&mut self, generation: u64, request: &Request, requests: &Mailbox<Request>) {
        if let Some((frame, fit)) = self.cache.get(request.position)
            && let Ok(frame) = self.fitted(frame, fit, request)
        {
            return self.tell(Event::Exact { generation, frame });
        }
        if request.dragging {
            // Where there is no keyframe to be had, the exact frame follows anyway.
            if let Ok(frame) = self
                .video
                .keyframe_near(request.position, smaller(request.fit, DRAGGED))
            {
                let picture = self.paint(&frame.image);
                self.tell(Event::Keyframe {
                    generation,
                    time: frame.time,
                    picture,
                });
            }
            if requests.wait_for_newer(REST) {
                return;
            }
        }
        match self.exact(request) {
            Ok(frame) => self.tell(Event::Exact { generation, frame }),
            Err(Error::Cancelled) => {}
            Err(error) => self.tell(Event::Failed {
                generation,
                failure: Failure::from(&error),
            }),
        }
    }

    fn exact(&mut self, request: &Request) -> Result<Arc<ExactFrame<P>>, Error> {
        let (asked, frame) = match self.video.frame_at(request.position) {
            Err(Error::PastTheEnd { last, .. }) if request.clamp => (last, self.video.frame_at(last)?),
            other => (request.position, other?),
        };
        let picture = self.picture(&frame.image, request.fit)?;
        let frame = Arc::new(ExactFrame::new(frame, picture));
        self.keep(asked, &frame, request.fit);
        Ok(frame)
    }

    /// A frame of the cache with its picture in the size that is asked for now.
    fn fitted(
        &mut self,
        frame: Arc<ExactFrame<P>>,
        fit: (u32, u32),
        request: &Request,
    ) -> Result<Arc<ExactFrame<P>>, Error> {
        if fit == request.fit {
            return Ok(frame);
        }
        let frame = Arc::new(frame.resized(self.picture(&frame.image, request.fit)?));
        self.keep(request.position, &frame, request.fit);
        Ok(frame)
    }

    fn keep(&mut self, asked: Duration, frame: &Arc<ExactFrame<P>>, fit: (u32, u32)) {
        let bytes = frame.image.data().len() + fit.0 as usize * fit.1 as usize * 4;
        self.cache.insert(asked, frame.time, bytes, (frame.clone(), fit));
    }

    /// The picture in the size of the screen: a picture reduced by the screen's own filter shimmers.
    fn picture(&self, image: &Image, fit: (u32, u32)) -> Result<P, Error> {
        let (width, height) = image.display_size();
        let fits = width <= fit.0 && height <= fit.1;
        Ok(if fits {
            self.paint(image)
        } else {
            self.paint(&image.scaled_to_fit(fit)?)
        })
    }

    fn paint(&self, image: &Image) -> P {
        (self.output.paint)(image.width(), image.height(), &image.to_rgba8())
    }

    fn tell(&self, event: Event<P>) {
        (self.output.tell)(event);
    }
}

fn smaller(a: (u32, u32), b: (u32, u32)) -> (u32, u32) {
    (a.0.min(b.0), a.1.min(b.1))
}
