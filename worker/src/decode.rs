//! From the video's bytes to the PNG's.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use parking_lot::Mutex;
use posterframe_contract::Position;
use posterframe_frame::{Cancel, Options, ReadSeek, Source, Video};
use posterframe_remote::{RangeSource, RangedReader, SourceError};
use tracing::info;

use crate::config::Limits;
use crate::error::TaskError;

/// The one frame that a task makes. Its pixels are gone by now: only the PNG goes on.
pub(crate) struct Thumbnail {
    pub(crate) png: Vec<u8>,
    pub(crate) time: Position,
    pub(crate) pts: i64,
    pub(crate) time_base: (u32, u32),
    pub(crate) size: (u32, u32),
    pub(crate) pixel_format: &'static str,
    pub(crate) pixel_sha256: String,
}

/// Blocks; the reader's requests run on the task's runtime meanwhile.
pub(crate) fn decode(
    reader: RangedReader<impl RangeSource + 'static>,
    name: String,
    position: Position,
    limits: &Limits,
    cancel: Cancel,
) -> Result<Thumbnail, TaskError> {
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
    let video = Video::open_with(source, options).map_err(cause)?;
    log_facts(&video);
    let micros = std::time::Duration::from_micros(position.as_micros());
    let frame = video.into_frame_at(micros).map_err(cause)?;
    let time = Position::from_micros(frame.time.as_micros() as u64);
    info!("frame at {time}, pts {}", frame.pts);
    let image = frame.image;
    let png = image.encode_png()?;
    info!("PNG {} × {}, {} bytes", image.width(), image.height(), png.len());
    Ok(Thumbnail {
        png,
        time,
        pts: frame.pts,
        time_base: frame.time_base,
        size: (image.width(), image.height()),
        pixel_format: image.format().name(),
        pixel_sha256: image.pixel_sha256(),
    })
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
