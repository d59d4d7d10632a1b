//! From places and rules, as people type them, to frames of a video.

use std::ops::ControlFlow;
use std::time::Duration;

use posterframe_contract::{Position, Selector};
use posterframe_frame::{Frame, Video};
pub use posterframe_worker::{Picked, frame_place as place, position_at, time_at};
use posterframe_worker::{SelectError, Selection};

/// The frames that are selected, in the order of the selectors, none of a rule's twice. A plain time stays as it is: whether there
/// is a frame is seen where it is decoded. `open` is called only where something else is selected.
///
/// # Errors
/// As those of [`frames_of`].
pub fn frames(
    selectors: &[Selector],
    open: impl FnOnce() -> anyhow::Result<Video>,
) -> anyhow::Result<Vec<Picked>> {
    let times: Option<Vec<Position>> = selectors.iter().map(Selector::position).collect();
    let Some(times) = times else {
        return frames_of(&mut open()?, selectors, &mut |_| {});
    };
    let mut selection = Selection::default();
    for position in times {
        selection.add_time(position)?;
    }
    Ok(selection.frames().to_vec())
}

/// [`frames`] of an open video. `progress` is told what part of the work is done, from 0 to 1.
///
/// # Errors
/// The video cannot be read, has no such frame, or a rule gives none, or more than a task makes.
pub fn frames_of(
    video: &mut Video,
    selectors: &[Selector],
    progress: &mut dyn FnMut(f64),
) -> anyhow::Result<Vec<Picked>> {
    let mut selection = Selection::default();
    let count = selectors.len().max(1) as f64;
    for (index, selector) in selectors.iter().enumerate() {
        let mut part = |part: f64| progress((index as f64 + part) / count);
        let added = selection.add(video, *selector, &mut part);
        added.map_err(|error| match error {
            // It has its advice and its exit status.
            SelectError::Frame(error) => anyhow::Error::from(error),
            error => error.into(),
        })?;
        progress((index as f64 + 1.0) / count);
    }
    Ok(selection.frames().to_vec())
}

/// Decodes the picked frames in one way through the video, and makes something of each. What was made, in their order.
///
/// # Errors
/// One of them cannot be decoded, or nothing can be made of it. The rest is not decoded then.
pub fn decode<T>(
    mut video: Video,
    picked: &[Picked],
    mut make: impl FnMut(usize, &Frame) -> anyhow::Result<T>,
) -> anyhow::Result<Vec<T>> {
    let times: Vec<Duration> = picked.iter().map(|picked| time_at(picked.position)).collect();
    let mut made: Vec<Option<T>> = picked.iter().map(|_| None).collect();
    let mut failed = None;
    video.frames_at(&times, &mut |index, found| {
        let frame = found.and_then(|found| found.frame()).map_err(anyhow::Error::from);
        match frame.and_then(|frame| make(index, &frame)) {
            Ok(one) => {
                made[index] = Some(one);
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(made.into_iter().flatten().collect()),
    }
}
