//! From places and rules, as people type them, to frames of a video.

use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::bail;
use posterframe_contract::{MAX_STILLS, Moment, Position, Rule, Selector, Stride};
use posterframe_frame::{Frame, Pick, Video};

/// A frame to submit or to save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picked {
    /// The position that leads to it, or at which it is looked for.
    pub position: Position,
    /// Its number, counted from 0 in the order of display, where it is known.
    pub number: Option<u64>,
    /// How good a still it makes, from 0 to 100, where a rule has looked at that.
    pub score: Option<u8>,
}

/// The frames that are selected, in the order of the selectors, none of a rule's twice. A plain time stays as it is: whether there
/// is a frame is seen where it is decoded. `open` is called only where something else is selected.
///
/// # Errors
/// As those of [`frames_of`].
pub fn frames(
    selectors: &[Selector],
    open: impl FnOnce() -> anyhow::Result<Video>,
) -> anyhow::Result<Vec<Picked>> {
    let times = selectors.iter().map(|selector| match selector {
        Selector::At(Moment::Time(position)) => Some(at_time(*position)),
        _ => None,
    });
    match times.collect::<Option<Vec<_>>>() {
        Some(times) => checked(times),
        None => frames_of(&mut open()?, selectors, &mut |_| {}),
    }
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
    let mut picked: Vec<Picked> = Vec::new();
    let count = selectors.len().max(1) as f64;
    for (index, selector) in selectors.iter().enumerate() {
        match selector {
            Selector::At(Moment::Time(position)) => picked.push(at_time(*position)),
            Selector::At(moment) => {
                let pick = video.pick(place(*moment))?;
                let number = match moment {
                    Moment::Frame(number) => Some(*number),
                    _ => pick.number,
                };
                picked.push(Picked {
                    number,
                    ..picked_at(&pick)
                });
            }
            Selector::Rule(rule) => {
                let mut part = |part: f64| progress((index as f64 + part) / count);
                let found = video.picks(of_frames(*rule), &mut part)?;
                if found.is_empty() {
                    bail!("no frame fits the rule “{rule}”");
                }
                let new: Vec<Picked> = found
                    .iter()
                    .map(picked_at)
                    .filter(|new| picked.iter().all(|old| old.position != new.position))
                    .collect();
                picked.extend(new);
            }
        }
        progress((index as f64 + 1.0) / count);
    }
    checked(picked)
}

const fn at_time(position: Position) -> Picked {
    Picked {
        position,
        number: None,
        score: None,
    }
}

const fn picked_at(pick: &Pick) -> Picked {
    Picked {
        position: position_at(pick.position),
        number: pick.number,
        score: pick.score,
    }
}

fn checked(picked: Vec<Picked>) -> anyhow::Result<Vec<Picked>> {
    if picked.len() > MAX_STILLS {
        bail!(
            "a task makes at most {MAX_STILLS} stills, and these are {}: take a longer step or a smaller count",
            picked.len()
        );
    }
    Ok(picked)
}

/// A place in the terms of the frame library.
pub const fn place(moment: Moment) -> posterframe_frame::Moment {
    use posterframe_frame::Moment as Place;
    match moment {
        Moment::Time(position) => Place::Time(time_at(position)),
        Moment::Frame(number) => Place::Number(number),
        Moment::Part(part) => Place::Part(part.millionths()),
        Moment::Last => Place::Last,
        Moment::FromEnd(distance) => Place::FromEnd(time_at(distance)),
        Moment::Timecode(timecode) => Place::Timecode(timecode),
    }
}

fn of_frames(rule: Rule) -> posterframe_frame::Rule {
    use posterframe_frame::Rule as Frames;
    match rule {
        Rule::Every(Stride::Time(step)) => Frames::Every(posterframe_frame::Stride::Time(
            Duration::from_micros(step.as_micros()),
        )),
        Rule::Every(Stride::Frames(count)) => Frames::Every(posterframe_frame::Stride::Frames(count.get())),
        Rule::Count(count) => Frames::Count(count),
        Rule::Keyframes => Frames::Keyframes,
        Rule::Scenes => Frames::Scenes,
        Rule::Best { count, apart } => Frames::Best {
            count,
            apart: apart.map_or(Duration::ZERO, |apart| Duration::from_micros(apart.as_micros())),
        },
    }
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

/// A position as a time since the start of the video.
pub const fn time_at(position: Position) -> Duration {
    Duration::from_micros(position.as_micros())
}

/// A time since the start of the video as it is written and submitted: in whole microseconds.
pub const fn position_at(time: Duration) -> Position {
    Position::from_micros(time.as_micros() as u64)
}
