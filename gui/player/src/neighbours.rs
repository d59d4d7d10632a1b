//! Better frames near a marked one: a bright one near a black one, or a sharp one near a blurred one.

use std::time::Duration;

use posterframe_frame::{Error, Flaw, Frame, Quality, Video};

use super::mailbox::Mailbox;
use super::{Event, Output};

/// Size at which pictures are judged, in pixels: large enough for blur to show.
const JUDGED_SIZE: (u32, u32) = (640, 360);
/// Most better frames that are offered.
const MAX_BETTER: usize = 4;
/// Offsets from a black frame at which other frames are tried, in milliseconds, the nearest first.
const OFFSETS_MS: [i64; 12] = [
    -500, 500, -1000, 1000, -2000, 2000, -4000, 4000, -8000, 8000, -16_000, 16_000,
];
/// Number of frames on either side that are compared with a frame that may be blurred.
const COMPARED_FRAMES: i64 = 12;
/// Smallest distance between offered frames, in frames: direct neighbours look the same.
const MIN_DISTANCE: i64 = 3;

/// The flaw of a frame, and better frames near it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbours<P> {
    /// The frame's flaw, if it has one.
    pub flaw: Option<Flaw>,
    /// Better frames, in order of time.
    pub better: Vec<Better<P>>,
}

/// A frame that may be better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Better<P> {
    /// The frame's time since the start of the video.
    pub time: Duration,
    /// A small picture.
    pub picture: P,
}

/// Sends the flaw of the frame at a position, and better frames if it has one. It always sends an answer, since the
/// caller waits for it before it asks about the next frame.
pub(super) fn look<P: Clone>(
    video: &mut Video,
    (_, position): (u64, Duration),
    requests: &Mailbox<Duration>,
    output: &Output<P>,
) -> Result<(), Error> {
    let no_flaw = Neighbours {
        flaw: None,
        better: Vec::new(),
    };
    let (neighbours, result) = match around(video, position, requests, output) {
        Ok(neighbours) => (neighbours, Ok(())),
        Err(error) => (no_flaw, Err(error)),
    };
    (output.tell)(Event::Neighbours { position, neighbours });
    result
}

fn around<P>(
    video: &mut Video,
    position: Duration,
    requests: &Mailbox<Duration>,
    output: &Output<P>,
) -> Result<Neighbours<P>, Error> {
    let frame = video.small_frame_at(position, JUDGED_SIZE)?;
    let quality = judge(&frame);
    let (flaw, better) = if let Some(flaw) = quality.flaw() {
        (Some(flaw), lit(video, &frame, requests, output)?)
    } else {
        let sharper = sharper(video, &frame, &quality, requests, output)?;
        ((!sharper.is_empty()).then_some(Flaw::Blurred), sharper)
    };
    Ok(Neighbours { flaw, better })
}

fn judge(frame: &Frame) -> Quality {
    let image = &frame.image;
    Quality::of(image.width(), image.height(), &image.to_screen_rgba8())
}

fn lit<P>(
    video: &mut Video,
    frame: &Frame,
    requests: &Mailbox<Duration>,
    output: &Output<P>,
) -> Result<Vec<Better<P>>, Error> {
    let mut better: Vec<Better<P>> = Vec::new();
    for millis in OFFSETS_MS {
        let Some(position) = moved(frame.time, millis * 1000) else {
            continue;
        };
        let found = match video.small_frame_at(position, JUDGED_SIZE) {
            Err(Error::PastTheEnd { .. }) => continue,
            other => other?,
        };
        if judge(&found).flaw().is_none() && better.iter().all(|other| other.time != found.time) {
            better.push(offered(&found, output));
        }
        if better.len() == MAX_BETTER || requests.has_newer() {
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
    requests: &Mailbox<Duration>,
    output: &Output<P>,
) -> Result<Vec<Better<P>>, Error> {
    let (num, den) = video.info().frame_rate.unwrap_or((30, 1));
    let each = 1_000_000 * i64::from(den) / i64::from(num.max(1));
    let mut seen: Vec<(i64, Frame, Quality)> = Vec::new();
    for number in -COMPARED_FRAMES..=COMPARED_FRAMES {
        let position = match moved(frame.time, number * each) {
            Some(position) if number != 0 => position,
            _ => continue,
        };
        let found = match video.small_frame_at(position, JUDGED_SIZE) {
            Err(Error::PastTheEnd { .. }) => break,
            other => other?,
        };
        let judged = judge(&found);
        if quality.is_blurred_beside(&judged) {
            seen.push((number, found, judged));
        }
        if requests.has_newer() {
            return Ok(Vec::new());
        }
    }
    seen.sort_by(|(_, _, a), (_, _, b)| b.detail().total_cmp(&a.detail()));
    let mut chosen: Vec<(i64, Better<P>)> = Vec::new();
    for (number, found, _) in &seen {
        let apart = |(other, _): &(i64, Better<P>)| (number - other).abs() >= MIN_DISTANCE;
        if chosen.len() < MAX_BETTER && chosen.iter().all(apart) {
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

/// `time` moved by `micros` microseconds; `None` before the start of the video.
fn moved(time: Duration, micros: i64) -> Option<Duration> {
    let by = Duration::from_micros(micros.unsigned_abs());
    if micros < 0 {
        time.checked_sub(by)
    } else {
        Some(time + by)
    }
}
