//! Better frames beside one that somebody has marked: a lit one beside a black one, a sharp one beside a blurred one.

use std::time::Duration;

use posterframe_frame::{Error, Frame, Video};

use super::mailbox::Mailbox;
use super::quality::{Flaw, Quality};
use super::{Event, Output};

/// Pictures are judged in this size: large enough for blur to show.
const JUDGED: (u32, u32) = (640, 360);
/// So many better frames are enough to choose from.
const MOST: usize = 4;
/// How far from a black frame others are looked for, in milliseconds, the nearest first.
const FAR: [i64; 12] = [
    -500, 500, -1000, 1000, -2000, 2000, -4000, 4000, -8000, 8000, -16_000, 16_000,
];
/// So many frames on either side of one that may be blurred are looked at.
const NEAR: i64 = 12;
/// Frames to choose from are so many frames apart: direct neighbours look the same.
const APART: i64 = 3;

/// What is known of a frame and those beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbours<P> {
    /// What is wrong with the frame.
    pub flaw: Option<Flaw>,
    /// Better ones, in the order of time.
    pub better: Vec<Better<P>>,
}

/// A frame that may be better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Better<P> {
    /// Its time since the start of the video.
    pub time: Duration,
    /// A small picture of it.
    pub picture: P,
}

/// Tells of the frame at a position, and of better ones if it needs them. There is always an answer: who asks about
/// several frames waits for it.
pub(super) fn look<P: Clone>(
    video: &mut Video,
    (_, position): (u64, Duration),
    asked: &Mailbox<Duration>,
    output: &Output<P>,
) -> Result<(), Error> {
    let nothing = Neighbours {
        flaw: None,
        better: Vec::new(),
    };
    let (neighbours, result) = match around(video, position, asked, output) {
        Ok(neighbours) => (neighbours, Ok(())),
        Err(error) => (nothing, Err(error)),
    };
    (output.tell)(Event::Neighbours { position, neighbours });
    result
}

fn around<P>(
    video: &mut Video,
    position: Duration,
    asked: &Mailbox<Duration>,
    output: &Output<P>,
) -> Result<Neighbours<P>, Error> {
    let frame = video.small_frame_at(position, JUDGED)?;
    let quality = judge(&frame);
    let (flaw, better) = if let Some(flaw) = quality.flaw() {
        (Some(flaw), lit(video, &frame, asked, output)?)
    } else {
        let sharper = sharper(video, &frame, &quality, asked, output)?;
        ((!sharper.is_empty()).then_some(Flaw::Blurred), sharper)
    };
    Ok(Neighbours { flaw, better })
}

fn judge(frame: &Frame) -> Quality {
    let image = &frame.image;
    Quality::of(image.width(), image.height(), &image.to_rgba8())
}

fn lit<P>(
    video: &mut Video,
    frame: &Frame,
    asked: &Mailbox<Duration>,
    output: &Output<P>,
) -> Result<Vec<Better<P>>, Error> {
    let mut better: Vec<Better<P>> = Vec::new();
    for millis in FAR {
        let Some(position) = moved(frame.time, millis * 1000) else {
            continue;
        };
        let found = match video.small_frame_at(position, JUDGED) {
            Err(Error::PastTheEnd { .. }) => continue,
            other => other?,
        };
        if judge(&found).flaw().is_none() && better.iter().all(|other| other.time != found.time) {
            better.push(offered(&found, output));
        }
        if better.len() == MOST || asked.has_newer() {
            break;
        }
    }
    better.sort_by_key(|frame| frame.time);
    Ok(better)
}

fn sharper<P>(
    video: &mut Video,
    frame: &Frame,
    quality: &Quality,
    asked: &Mailbox<Duration>,
    output: &Output<P>,
) -> Result<Vec<Better<P>>, Error> {
    let (num, den) = video.info().frame_rate.unwrap_or((30, 1));
    let each = 1_000_000 * i64::from(den) / i64::from(num.max(1));
    let mut seen: Vec<(i64, Frame, Quality)> = Vec::new();
    for number in -NEAR..=NEAR {
        let position = match moved(frame.time, number * each) {
            Some(position) if number != 0 => position,
            _ => continue,
        };
        let found = match video.small_frame_at(position, JUDGED) {
            Err(Error::PastTheEnd { .. }) => break,
            other => other?,
        };
        let judged = judge(&found);
        if quality.is_blurred_beside(&judged) {
            seen.push((number, found, judged));
        }
        if asked.has_newer() {
            return Ok(Vec::new());
        }
    }
    seen.sort_by(|(_, _, a), (_, _, b)| b.detail().total_cmp(&a.detail()));
    let mut chosen: Vec<(i64, Better<P>)> = Vec::new();
    for (number, found, _) in &seen {
        let apart = |(other, _): &(i64, Better<P>)| (number - other).abs() >= APART;
        if chosen.len() < MOST && chosen.iter().all(apart) {
            chosen.push((*number, offered(found, output)));
        }
    }
    chosen.sort_by_key(|(number, _)| *number);
    Ok(chosen.into_iter().map(|(_, better)| better).collect())
}

fn offered<P>(frame: &Frame, output: &Output<P>) -> Better<P> {
    let small = frame.image.scaled_to_fit((160, 90)).ok();
    let image = small.as_ref().unwrap_or(&frame.image);
    Better {
        time: frame.time,
        picture: output.paint(image),
    }
}

/// `None` before the start.
fn moved(time: Duration, micros: i64) -> Option<Duration> {
    let by = Duration::from_micros(micros.unsigned_abs());
    if micros < 0 {
        time.checked_sub(by)
    } else {
        Some(time + by)
    }
}
