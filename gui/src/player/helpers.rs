//! The threads beside the decoder: the film strip and the index. They open the video for themselves, so that the
//! picture under the pointer never waits for them.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use posterframe_frame::{Cancel, Error, FrameIndex, Options, Video};

use super::mailbox::Mailbox;
use super::{Event, Failure, Output};

/// A film strip to make.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strip {
    /// How many pictures.
    pub(super) count: usize,
    /// The largest size of each, in pixels.
    pub(super) max: (u32, u32),
}

pub(super) fn start_strip<P: Send + Sync + 'static>(
    path: &Path,
    strips: &Arc<Mailbox<Strip>>,
    cancel: &Cancel,
    output: &Arc<Output<P>>,
) -> io::Result<()> {
    let (path, strips) = (path.to_owned(), strips.clone());
    let (cancel, output) = (cancel.clone(), output.clone());
    thread::Builder::new()
        .name("film strip".to_owned())
        .spawn(move || {
            while let Some((_, strip)) = strips.take() {
                // The decoder tells what is wrong with the video; a strip with gaps says enough here.
                if let Err(error) = make(&path, strip, &cancel, &output) {
                    tracing::debug!("the film strip is not complete: {error}");
                }
            }
        })?;
    Ok(())
}

fn make<P>(path: &Path, strip: Strip, cancel: &Cancel, output: &Output<P>) -> Result<(), Error> {
    // One thread: the strip can wait, the frame on the screen cannot.
    let options = Options {
        cancel: cancel.clone(),
        threads: 1,
        ..Options::default()
    };
    let mut video = Video::open_with(path, options)?;
    video.stills(strip.count, strip.max, &mut |index, frame| {
        let image = &frame.image;
        let picture = (output.paint)(image.width(), image.height(), &image.to_rgba8());
        (output.tell)(Event::Still {
            count: strip.count,
            index,
            picture,
        });
    })
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
