//! The thread that shows keyframes under a moving pointer; each costs the decoding of one frame. It opens the video for
//! itself, so that it does not wait for exact frames.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use posterframe_frame::{Cancel, Error, Options, Video};

use super::mailbox::Mailbox;
use super::threads::{Threads, caught};
use super::{Event, Footage, Output};

/// Largest size of these pictures, in pixels. They are replaced so soon that more detail would not be seen.
const MAX_SIZE: (u32, u32) = (960, 540);

/// The pointer's position during a drag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drag {
    pub(super) generation: u64,
    pub(super) position: Duration,
    /// Largest size of the picture, in pixels.
    pub(super) fit: (u32, u32),
}

pub(super) fn start<P: Clone + Send + Sync + 'static>(
    footage: &Footage,
    drags: &Arc<Mailbox<Drag>>,
    cancel: &Cancel,
    output: &Arc<Output<P>>,
    threads: &Threads,
) -> io::Result<()> {
    let (footage, drags) = (footage.clone(), drags.clone());
    let (cancel, output) = (cancel.clone(), output.clone());
    threads.start("drag", move || {
        loop {
            let ended = caught("the picture under the playhead", || {
                run(&footage, &drags, &cancel, &output)
            });
            match ended {
                Ok(Ok(())) => return,
                // An error is only logged, since the exact frame follows anyway.
                Ok(Err(error)) => {
                    return tracing::debug!("there are no pictures while the playhead is dragged: {error}");
                }
                Err(failure) => (output.tell)(Event::Broken(failure)),
            }
        }
    })
}

/// The last keyframe's picture, and the size for which it was made.
struct Shown<P> {
    pts: i64,
    time: Duration,
    fit: (u32, u32),
    picture: P,
}

fn run<P: Clone>(
    footage: &Footage,
    drags: &Mailbox<Drag>,
    cancel: &Cancel,
    output: &Output<P>,
) -> Result<(), Error> {
    let mut video = None;
    let mut shown: Option<Shown<P>> = None;
    while let Some((_, drag)) = drags.take() {
        // The video is opened at the first drag, so that the first exact frame gets all cores.
        let video = match &mut video {
            Some(video) => video,
            none => none.insert(open(footage, cancel)?),
        };
        let fit = (drag.fit.0.min(MAX_SIZE.0), drag.fit.1.min(MAX_SIZE.1));
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

fn open(footage: &Footage, cancel: &Cancel) -> Result<Video, Error> {
    let options = Options {
        cancel: cancel.clone(),
        recent_bytes: 0,
        draft: true,
        // A second thread would be idle, since only one frame is decoded at a time.
        threads: 1,
        ..super::options(&footage.source)
    };
    footage.open(options)
}
