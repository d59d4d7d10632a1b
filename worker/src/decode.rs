//! From the video's bytes to frames, on a thread that may block.

use std::ops::ControlFlow;
use std::time::Duration;

use posterframe_contract::{MAX_STILLS, SheetNames, SheetRequest, StillRequest};
use posterframe_frame::{Cancel, Deinterlace, Frame, Options, Video};
use posterframe_picture::proof::Origin;
use tracing::{info, warn};

use crate::config::Limits;
use crate::error::TaskError;
use crate::opened::Opened;
use crate::select::{Picked, SelectError, Selection, time_at};
use crate::sheet::{SheetFacts, SheetPicture, make_sheet};

/// What is to be made of a video.
pub(crate) struct Wanted {
    /// Which frames.
    pub(crate) stills: Vec<StillRequest>,
    pub(crate) sheets: Vec<(SheetRequest, SheetNames)>,
    /// How the video is read, and what the sheets say of it.
    pub(crate) origin: Origin,
    /// The most deinterlacing that an output asks for.
    pub(crate) deinterlace: Deinterlace,
}

/// What became of the places and rules of a request.
pub(crate) struct Selected {
    /// The frames that are to be decoded.
    pub(crate) frames: Vec<Picked>,
    /// Each of them as a still of the request: with its position, and the name and note of the entry that gives it first.
    pub(crate) stills: Vec<StillRequest>,
    /// For each entry of the request that is no plain time, which of the frames it is.
    pub(crate) selections: Vec<(StillRequest, Result<Vec<usize>, TaskError>)>,
}

/// What came of a part of that, with its index.
pub(crate) enum Decoded {
    /// Before all stills.
    Selected(Selected),
    Still(usize, Result<Frame, TaskError>),
    SheetPicture(usize, SheetPicture),
    /// After its pictures.
    Sheet(usize, Result<SheetFacts, TaskError>),
}

impl Decoded {
    /// Whether the video cannot be read any more, so that there is nothing to come.
    const fn source_failed(&self) -> bool {
        matches!(
            self,
            Self::Still(_, Err(TaskError::Source(_))) | Self::Sheet(_, Err(TaskError::Source(_)))
        )
    }
}

/// Decodes what is `wanted`: first the frames, once it is known which these are, in the order of their times, each group of
/// pictures once; then the sheets.
/// `each` gets what comes, and decides whether to continue; before a frame is converted, `ready` waits until there is room
/// for it.
///
/// # Errors
/// The video cannot be opened, or the frames are too many. Later, a source that fails ends the call, and is the error of the part that it failed at.
pub(crate) fn decode(
    opened: &Opened,
    wanted: &Wanted,
    limits: &Limits,
    cancel: Cancel,
    ready: &mut dyn FnMut(),
    each: &mut dyn FnMut(Decoded) -> ControlFlow<()>,
) -> Result<(), TaskError> {
    // Where reading failed, that is the cause; what libav made of it is not.
    let cause = |error: TaskError| opened.take_error().map_or(error, TaskError::Source);
    let of_frame = |error| cause(TaskError::Frame(error));
    let options = Options {
        cancel,
        max_pixels: limits.max_pixels,
        max_time: limits.max_time,
        max_stall: limits.max_stall,
        max_decoded_bytes: limits.max_decoded_bytes,
        max_picks: MAX_STILLS,
        recent_bytes: 0,
        interpretation: wanted.origin.interpretation,
        deinterlace: wanted.deinterlace,
        threads: limits.threads,
        // Nobody steps back from it, or takes less than the exact frame.
        ..Options::default()
    };
    let mut video = Video::open_with(opened.source(), options).map_err(of_frame)?;
    if !wanted.origin.interpretation.is_default() {
        info!("read as {}", wanted.origin.interpretation);
    }
    log_facts(&video);
    let selected = select(&mut video, &wanted.stills, &cause)?;
    let frames = selected.frames.iter();
    let positions: Vec<Duration> = frames.map(|picked| time_at(picked.position)).collect();
    if each(Decoded::Selected(selected)).is_break() {
        return Ok(());
    }
    if let ([position], []) = (&*positions, &*wanted.sheets) {
        // The decoder's memory is free before the picture is converted.
        let _ = each(Decoded::Still(
            0,
            video.into_frame_at(*position).map_err(of_frame),
        ));
        return Ok(());
    }
    let mut hand_on = |decoded: Decoded| {
        let is_over = decoded.source_failed();
        match each(decoded) {
            ControlFlow::Continue(()) if is_over => ControlFlow::Break(()),
            flow => flow,
        }
    };
    let mut flow = ControlFlow::Continue(());
    video.frames_at(&positions, &mut |index, found| {
        ready();
        let frame = found.and_then(|found| found.frame()).map_err(of_frame);
        flow = hand_on(Decoded::Still(index, frame));
        flow
    });
    for (index, (sheet, names)) in wanted.sheets.iter().enumerate() {
        if flow.is_break() {
            break;
        }
        let made = make_sheet(&mut video, sheet, &wanted.origin, names, &mut |picture| {
            hand_on(Decoded::SheetPicture(index, picture))
        });
        let made = made.map_err(|error| {
            let sheet = sheet.to_string();
            cause(TaskError::Sheet { sheet, error })
        });
        flow = hand_on(Decoded::Sheet(index, made));
    }
    Ok(())
}

/// The frames that the stills of a request say. A place or a rule that leads to none fails alone.
///
/// # Errors
/// The source cannot be read any more, or a task makes fewer.
fn select(
    video: &mut Video,
    wanted: &[StillRequest],
    cause: &dyn Fn(TaskError) -> TaskError,
) -> Result<Selected, TaskError> {
    let (mut selection, mut selections) = (Selection::default(), Vec::new());
    let mut stills: Vec<StillRequest> = Vec::new();
    for entry in wanted {
        let found = match selection.add(video, entry.selector, &mut |_| {}) {
            Ok(found) => Ok(found),
            Err(error @ SelectError::TooMany(_)) => return Err(TaskError::Select(error)),
            Err(error) => match cause(TaskError::Select(error)) {
                error @ TaskError::Source(_) => return Err(error),
                error => Err(error),
            },
        };
        let new = selection.frames().iter().skip(stills.len());
        stills.extend(new.map(|frame| StillRequest {
            name: entry.name.clone(),
            note: entry.note.clone(),
            ..StillRequest::at(frame.position)
        }));
        if entry.position().is_none() {
            selections.push((entry.clone(), found));
        }
    }
    Ok(Selected {
        frames: selection.frames().to_vec(),
        stills,
        selections,
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
    if let Some(colours) = info.colours.label() {
        let peak = info.colours.peak_nits();
        let peak = peak.map_or_else(|| "no peak".to_owned(), |nits| format!("a peak of {nits} nits"));
        info!("{colours}, {peak}");
    }
    if let Some(warning) = info.colours.warning() {
        warn!("{warning}");
    }
}
