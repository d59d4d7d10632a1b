//! The helper threads: for the film strip, the picture under a hovering pointer, better frames, and the index. Each opens
//! the video for itself, so that the decoder never waits for them.

use std::io;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, Options, Video};

use super::decoder::Ask;
use super::mailbox::Mailbox;
use super::threads::{Threads, caught};
use super::{Event, Failure, Footage, Motion, Neighbours, Output, Request, neighbours};

/// How long a hovering pointer must rest before the exact frame under it is decoded.
const REST_TIME: Duration = Duration::from_millis(120);

/// A request for a film strip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// The part of the video that it covers.
    pub part: Range<Duration>,
    /// Number of pictures.
    pub count: usize,
    /// Largest size of each picture, in pixels.
    pub max: (u32, u32),
}

/// A request for a small picture under a hovering pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glance {
    pub(super) position: Duration,
    pub(super) max: (u32, u32),
    /// The size for which a click would request the frame, in pixels.
    pub(super) fit: (u32, u32),
}

/// The mailboxes of the helper threads. Clones share them.
#[derive(Clone)]
pub(super) struct Helpers {
    /// The decoder's mailbox.
    asks: Arc<Mailbox<Ask>>,
    pub(super) strips: Arc<Mailbox<Strip>>,
    pub(super) glances: Arc<Mailbox<Glance>>,
    /// Requests for better frames near a position.
    pub(super) looks: Arc<Mailbox<Duration>>,
}

impl Helpers {
    /// Mailboxes for helpers that may also send tasks to the decoder.
    pub(super) fn new(asks: &Arc<Mailbox<Ask>>) -> Self {
        Self {
            asks: asks.clone(),
            strips: Arc::default(),
            glances: Arc::default(),
            looks: Arc::default(),
        }
    }

    /// Starts the threads.
    pub(super) fn start<P: Clone + Send + Sync + 'static>(
        &self,
        footage: &Footage,
        cancel: &Cancel,
        output: &Arc<Output<P>>,
        threads: &Threads,
    ) -> io::Result<()> {
        let helper = |name, what| Helper {
            name,
            what,
            footage: footage.clone(),
            cancel: cancel.clone(),
            output: output.clone(),
        };
        let nothing = |_: &_| None;
        helper("film strip", "the film strip").start(&self.strips, threads, strip, nothing)?;
        let asks = self.asks.clone();
        let glance = move |video: &mut Video, (_, task), tasks: &_, output: &_| {
            glance(video, task, tasks, output, &asks)
        };
        let what = "the picture under the pointer";
        helper("glance", what).start(&self.glances, threads, glance, |_| None)?;
        // After a panic an empty answer is sent, since the caller waits for one before it asks about the next frame.
        let no_better = |position: &Duration| {
            Some(Event::Neighbours {
                position: *position,
                neighbours: Neighbours {
                    flaw: None,
                    better: Vec::new(),
                },
            })
        };
        let what = "the look for better frames";
        helper("neighbours", what).start(&self.looks, threads, neighbours::look, no_better)
    }

    /// Ends the threads.
    pub(super) fn close(&self) {
        self.strips.close();
        self.glances.close();
        self.looks.close();
    }
}

/// Opens the video with few resources, since the frame on the screen is more urgent.
fn open(footage: &Footage, cancel: &Cancel) -> Result<Video, Error> {
    let options = Options {
        cancel: cancel.clone(),
        threads: 1,
        recent_bytes: 0,
        ..super::options(&footage.source)
    };
    footage.open(options)
}

/// A thread that opens the video at its first task, and keeps it open for the next.
struct Helper<P> {
    /// The thread's name.
    name: &'static str,
    /// The helper's name in failure messages.
    what: &'static str,
    footage: Footage,
    cancel: Cancel,
    output: Arc<Output<P>>,
}

impl<P: Send + Sync + 'static> Helper<P> {
    /// Starts the thread. `work` does a task and gets its number; the mailbox tells it whether there is a newer task.
    /// `instead` makes the event for a task that panics.
    fn start<T: Clone + Send + 'static>(
        self,
        tasks: &Arc<Mailbox<T>>,
        threads: &Threads,
        work: impl Fn(&mut Video, (u64, T), &Mailbox<T>, &Output<P>) -> Result<(), Error> + Send + 'static,
        instead: impl Fn(&T) -> Option<Event<P>> + Send + 'static,
    ) -> io::Result<()> {
        let tasks = tasks.clone();
        threads.start(self.name, move || {
            let mut video = None;
            while let Some((number, task)) = tasks.take() {
                let done = caught(self.what, || {
                    let video = match &mut video {
                        Some(video) => video,
                        none => none.insert(open(&self.footage, &self.cancel)?),
                    };
                    work(video, (number, task.clone()), &tasks, &self.output)
                });
                match done {
                    Ok(Ok(())) => {}
                    // The decoder reports errors of the video, so a missing picture is only logged.
                    Ok(Err(error)) => tracing::debug!("a small picture is missing: {error}"),
                    Err(failure) => {
                        // The state of this decoder is unknown after a panic.
                        video = None;
                        if let Some(event) = instead(&task) {
                            (self.output.tell)(event);
                        }
                        (self.output.tell)(Event::Broken(failure));
                    }
                }
            }
        })
    }
}

fn strip<P>(
    video: &mut Video,
    (number, strip): (u64, Strip),
    strips: &Mailbox<Strip>,
    output: &Output<P>,
) -> Result<(), Error> {
    video.stills(strip.part, strip.count, strip.max, &mut |index, frame| {
        (output.tell)(Event::Still {
            strip: number,
            index,
            picture: output.paint(&frame.image),
        });
        if strips.has_newer() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
}

fn glance<P>(
    video: &mut Video,
    Glance { position, max, fit }: Glance,
    glances: &Mailbox<Glance>,
    output: &Output<P>,
    asks: &Mailbox<Ask>,
) -> Result<(), Error> {
    let near = video.keyframe_near(position, max)?;
    (output.tell)(Event::Glance {
        position,
        picture: output.paint(&near.image),
    });
    // The decoder makes the exact picture, as soon as it has no other request.
    while !glances.wait_for_newer(REST_TIME) {
        let request = Request {
            position,
            motion: Motion::Jump,
            clamp: true,
            fit,
        };
        if asks.put_at_leisure(Ask::Glance { request, max }) {
            break;
        }
    }
    Ok(())
}

/// Why the frames of a large video at a distance have no numbers.
pub(super) fn too_far() -> Failure {
    Failure {
        text: "the frames are not numbered, since that would read the whole video".to_owned(),
        advice: "Steps go by time; download the video for the frames’ numbers".to_owned(),
    }
}

pub(super) fn start_index<P: Send + Sync + 'static>(
    footage: &Footage,
    cancel: &Cancel,
    output: &Arc<Output<P>>,
    threads: &Threads,
) -> io::Result<()> {
    let (footage, cancel, output) = (footage.clone(), cancel.clone(), output.clone());
    threads.start("index", move || {
        let scanned = caught("the counting of the frames", || footage.index(&cancel));
        match scanned {
            Ok(Ok(index)) => (output.tell)(Event::Indexed(Arc::new(index))),
            Ok(Err(Error::Cancelled)) => {}
            Ok(Err(error)) => (output.tell)(Event::NotIndexed(footage.source.failure(&error))),
            Err(failure) => {
                (output.tell)(Event::NotIndexed(failure.clone()));
                (output.tell)(Event::Broken(failure));
            }
        }
    })
}
