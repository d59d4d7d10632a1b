//! The threads beside the decoder: the film strip, the picture under a hovering pointer, and the index. They open the
//! video for themselves, so that the picture under the playhead never waits for them.

use std::io;
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, FrameIndex, Options, Video};

use super::decoder::Ask;
use super::mailbox::Mailbox;
use super::{Event, Failure, Motion, Output, Request, neighbours};

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
    ) -> io::Result<()> {
        start("film strip", path, &self.strips, cancel, output, strip)?;
        let asks = self.asks.clone();
        let glance = move |video: &mut Video, (_, task), tasks: &_, output: &_| {
            glance(video, task, tasks, output, &asks)
        };
        start("glance", path, &self.glances, cancel, output, glance)?;
        start("neighbours", path, &self.looks, cancel, output, neighbours::look)
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

/// A thread that opens the video at its first task, and keeps it open for the next. `work` does a task, whose number
/// comes with it; the mailbox tells whether there is a newer one.
fn start<P: Send + Sync + 'static, T: Send + 'static>(
    name: &str,
    path: &Path,
    tasks: &Arc<Mailbox<T>>,
    cancel: &Cancel,
    output: &Arc<Output<P>>,
    work: impl Fn(&mut Video, (u64, T), &Mailbox<T>, &Output<P>) -> Result<(), Error> + Send + 'static,
) -> io::Result<()> {
    let (path, tasks) = (path.to_owned(), tasks.clone());
    let (cancel, output) = (cancel.clone(), output.clone());
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        let mut video = None;
        while let Some(task) = tasks.take() {
            let opened = match &mut video {
                Some(video) => Ok(video),
                none => open(&path, &cancel).map(|video| none.insert(video)),
            };
            // The decoder tells what is wrong with the video; a gap says enough here.
            if let Err(error) = opened.and_then(|video| work(video, task, &tasks, &output)) {
                tracing::debug!("a small picture is missing: {error}");
            }
        }
    })?;
    Ok(())
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
) -> io::Result<()> {
    let (path, cancel, output) = (path.to_owned(), cancel.clone(), output.clone());
    thread::Builder::new().name("index".to_owned()).spawn(move || {
        match FrameIndex::scan(path.as_path(), &cancel) {
            Ok(index) => (output.tell)(Event::Indexed(Arc::new(index))),
            Err(Error::Cancelled) => {}
            Err(error) => (output.tell)(Event::NotIndexed(Failure::from(&error))),
        }
    })?;
    Ok(())
}
