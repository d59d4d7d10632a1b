//! From the video's bytes to frames, on a thread that may block.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use posterframe_frame::{Cancel, Frame, Options, ReadSeek, Source, Video};
use posterframe_remote::{RangeSource, RangedReader, SourceError};
use tracing::{info, warn};

use crate::config::Limits;
use crate::error::TaskError;

/// Decodes the frames at `positions` in the order of their times, each group of pictures once. `each` gets the index of a
/// position, and its frame or the error, and decides whether to continue; before a frame is converted, `ready` waits until
/// there is room for it.
///
/// # Errors
/// The video cannot be opened. Later, a source that fails ends the call, and is the error of the position that it failed
/// at.
pub(crate) fn decode(
    reader: RangedReader<impl RangeSource + 'static>,
    name: String,
    positions: &[Duration],
    limits: &Limits,
    cancel: Cancel,
    ready: &mut dyn FnMut(),
    each: &mut dyn FnMut(usize, Result<Frame, TaskError>) -> ControlFlow<()>,
) -> Result<(), TaskError> {
    let failed = FirstError::default();
    let reader = Watched {
        reader,
        failed: failed.clone(),
    };
    // Where reading failed, that is the cause; what libav made of it is not.
    let cause = |error| failed.take().map_or(TaskError::Frame(error), TaskError::Source);
    let source = Source::Stream {
        reader: Box::new(reader),
        name,
    };
    let options = Options {
        cancel,
        max_pixels: limits.max_pixels,
        max_time: limits.max_time,
        max_stall: limits.max_stall,
        max_decoded_bytes: limits.max_decoded_bytes,
        recent_bytes: 0,
        threads: limits.threads,
        // Nobody steps back from it, or takes less than the exact frame.
        ..Options::default()
    };
    let mut video = Video::open_with(source, options).map_err(cause)?;
    log_facts(&video);
    if let [position] = positions {
        // The decoder's memory is free before the picture is converted.
        let _ = each(0, video.into_frame_at(*position).map_err(cause));
        return Ok(());
    }
    video.frames_at(positions, &mut |index, found| {
        ready();
        let frame = found.and_then(|found| found.frame()).map_err(cause);
        let is_over = matches!(frame, Err(TaskError::Source(_)));
        match each(index, frame) {
            ControlFlow::Continue(()) if is_over => ControlFlow::Break(()),
            flow => flow,
        }
    });
    Ok(())
}
fn log_facts(video: &Video) {
    let info = video.info();
    info!(
        "{}, {} × {}, {}, {}",
        info.codec_label,
        info.width,
        info.height,
        info.frame_rate.map_or_else(
            || "no frame rate".to_owned(),
            |(n, d)| { format!("{} fps", (f64::from(n) / f64::from(d) * 1000.0).round() / 1000.0) }
        ),
        info.duration.map_or_else(
            || "no duration".to_owned(),
            |time| format!("{:.3} s", time.as_secs_f64())
        ),
    );
    if let Some(colours) = info.colours.label() {
        let peak = info.colours.peak_nits();
        let peak = peak.map_or_else(|| "no peak".to_owned(), |nits| format!("a peak of {nits} nits"));
        info!("{colours}, {peak}");
    }
    if let Some(warning) = info.colours.warning() {
        warn!("{warning}");
    }
}

/// The first failure to read, kept beside libav, which only passes a number on.
#[derive(Clone, Default)]
struct FirstError(Arc<Mutex<Option<SourceError>>>);

impl FirstError {
    fn take(&self) -> Option<SourceError> {
        self.0.lock().take()
    }

    fn note(&self, error: &io::Error) {
        if let Some(source) = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<SourceError>())
        {
            self.0.lock().get_or_insert_with(|| source.clone());
        }
    }
}

struct Watched<S> {
    reader: RangedReader<S>,
    failed: FirstError,
}

impl<S: RangeSource> Read for Watched<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader
            .read(buffer)
            .inspect_err(|error| self.failed.note(error))
    }
}

impl<S: RangeSource> Seek for Watched<S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.reader.seek(to)
    }
}

impl<S: RangeSource> ReadSeek for Watched<S> {
    fn will_read(&mut self, bytes: Range<u64>) {
        self.reader.will_read(bytes);
    }
}
