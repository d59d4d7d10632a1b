//! The threads beside the decoder: the film strip, the picture under a hovering pointer, and the index. They open the
//! video for themselves, so that the picture under the playhead never waits for them.

use std::io;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, FrameIndex, Options, Video};

use super::decoder::Ask;
use super::mailbox::Mailbox;
use super::threads::{Threads, caught};
use super::{Event, Failure, Motion, Neighbours, Output, Request, neighbours};

/// How long a hovering pointer rests before the exact frame under it is worth decoding.
const REST: Duration = Duration::from_millis(120);

/// A film strip to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Of which part of the video.
    pub part: Range<Duration>,
    /// How many pictures.
    pub count: usize,
    /// The largest size of each, in pixels.
    pub max: (u32, u32),
}

/// A place to have a quick look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glance {
    pub(super) position: Duration,
    pub(super) max: (u32, u32),
    /// The size in which a click would ask for the frame.
    pub(super) fit: (u32, u32),
}

/// What the threads are asked for. Clones ask the same threads.
#[derive(Clone)]
pub(super) struct Helpers {
    /// The decoder's.
    asks: Arc<Mailbox<Ask>>,
    pub(super) strips: Arc<Mailbox<Strip>>,
    pub(super) glances: Arc<Mailbox<Glance>>,
    /// Frames whose neighbours are looked at.
    pub(super) looks: Arc<Mailbox<Duration>>,
}

impl Helpers {
    /// They ask the decoder, too.
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
        path: &Path,
        cancel: &Cancel,
        output: &Arc<Output<P>>,
        threads: &Threads,
    ) -> io::Result<()> {
        let helper = |name, what| Helper {
            name,
            what,
            path: path.to_owned(),
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
        // Who asks about several frames waits for each answer.
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

    /// Ends them.
    pub(super) fn close(&self) {
        self.strips.close();
        self.glances.close();
        self.looks.close();
    }
}

/// Opens the video for a thread that can wait: the frame on the screen cannot.
fn open(path: &Path, cancel: &Cancel) -> Result<Video, Error> {
    let options = Options {
        cancel: cancel.clone(),
        threads: 1,
        recent_bytes: 0,
        ..super::options()
    };
    Video::open_with(path, options)
}

/// A thread that opens the video at its first task, and keeps it open for the next.
struct Helper<P> {
    /// The thread's name.
    name: &'static str,
    /// What is said to have broken down.
    what: &'static str,
    path: PathBuf,
    cancel: Cancel,
    output: Arc<Output<P>>,
}

impl<P: Send + Sync + 'static> Helper<P> {
    /// `work` does a task, whose number comes with it; the mailbox tells whether there is a newer one. `instead` is what
    /// is told of a task that a panic has cut off.
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
                        none => none.insert(open(&self.path, &self.cancel)?),
                    };
                    work(video, (number, task.clone()), &tasks, &self.output)
                });
                match done {
                    Ok(Ok(())) => {}
                    // The decoder tells what is wrong with the video; a gap says enough here.
                    Ok(Err(error)) => tracing::debug!("a small picture is missing: {error}"),
                    Err(failure) => {
                        // Nobody knows in what state it is.
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
    // The exact one is the decoder's work, which may have something else to do.
    while !glances.wait_for_newer(REST) {
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

pub(super) fn start_index<P: Send + Sync + 'static>(
    path: &Path,
    cancel: &Cancel,
    output: &Arc<Output<P>>,
    threads: &Threads,
) -> io::Result<()> {
    let (path, cancel, output) = (path.to_owned(), cancel.clone(), output.clone());
    threads.start("index", move || {
        let scanned = caught("the counting of the frames", || {
            FrameIndex::scan(path.as_path(), &cancel)
        });
        match scanned {
            Ok(Ok(index)) => (output.tell)(Event::Indexed(Arc::new(index))),
            Ok(Err(Error::Cancelled)) => {}
            Ok(Err(error)) => (output.tell)(Event::NotIndexed(Failure::from(&error))),
            Err(failure) => {
                (output.tell)(Event::NotIndexed(failure.clone()));
                (output.tell)(Event::Broken(failure));
            }
        }
    })
}
