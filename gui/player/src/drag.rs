//! The thread that shows something under a moving pointer: keyframes, which cost the decoding of one frame each. It has
//! the video open for itself, so that no exact frame is waited for.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, Options, Video};

use super::mailbox::Mailbox;
use super::threads::{Threads, caught};
use super::{Event, Output};

/// The picture under a moving pointer is gone in an instant: this size is enough, in pixels.
const LARGEST: (u32, u32) = (960, 540);

/// Where the pointer is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drag {
    pub(super) generation: u64,
    pub(super) position: Duration,
    /// The largest size at which it is shown, in pixels.
    pub(super) fit: (u32, u32),
}

pub(super) fn start<P: Clone + Send + Sync + 'static>(
    path: &Path,
    drags: &Arc<Mailbox<Drag>>,
    cancel: &Cancel,
    output: &Arc<Output<P>>,
    threads: &Threads,
) -> io::Result<()> {
    let (path, drags) = (path.to_owned(), drags.clone());
    let (cancel, output) = (cancel.clone(), output.clone());
    threads.start("drag", move || {
        loop {
            let ended = caught("the picture under the playhead", || {
                run(&path, &drags, &cancel, &output)
            });
            match ended {
                Ok(Ok(())) => return,
                // The exact frame follows anyway.
                Ok(Err(error)) => {
                    return tracing::debug!("there are no pictures while the playhead is dragged: {error}");
                }
                Err(failure) => (output.tell)(Event::Broken(failure)),
            }
        }
    })
}

/// The picture that is shown, and what it was made for.
struct Shown<P> {
    pts: i64,
    time: Duration,
    fit: (u32, u32),
    picture: P,
}

fn run<P: Clone>(
    path: &Path,
    drags: &Mailbox<Drag>,
    cancel: &Cancel,
    output: &Output<P>,
) -> Result<(), Error> {
    let mut video = None;
    let mut shown: Option<Shown<P>> = None;
    while let Some((_, drag)) = drags.take() {
        // Opened at the first drag: the first picture has all cores for itself.
        let video = match &mut video {
            Some(video) => video,
            none => none.insert(open(path, cancel)?),
        };
        let fit = (drag.fit.0.min(LARGEST.0), drag.fit.1.min(LARGEST.1));
        let other = match shown.as_ref().filter(|shown| shown.fit == fit) {
            Some(shown) => video.other_keyframe_near(drag.position, fit, shown.pts),
            None => video.keyframe_near(drag.position, fit).map(Some),
        };
        match other {
            Ok(None) => {}
            Ok(Some(frame)) => {
                shown = Some(Shown {
                    pts: frame.pts,
                    time: frame.time,
                    fit,
                    picture: output.paint(&frame.image),
                });
            }
            Err(Error::Cancelled) => return Ok(()),
            Err(error) => {
                tracing::debug!("no keyframe: {error}");
                continue;
            }
        }
        if let Some(shown) = &shown {
            (output.tell)(Event::Keyframe {
                generation: drag.generation,
                time: shown.time,
                picture: shown.picture.clone(),
            });
        }
    }
    Ok(())
}

fn open(path: &Path, cancel: &Cancel) -> Result<Video, Error> {
    let options = Options {
        cancel: cancel.clone(),
        recent_bytes: 0,
        draft: true,
        // One frame at a time leaves nothing for a second thread to do.
        threads: 1,
        ..super::options()
    };
    Video::open_with(path, options)
}
