//! The video tracks of a file, and the one whose pictures are shown.

use std::num::NonZeroU16;

use ffmpeg_next::format::context::Input;
use ffmpeg_next::format::stream::Disposition;
use ffmpeg_next::{Rational, media};

use crate::Error;
use crate::raw::{self, Of};

/// A video track of a file. Cover pictures are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its number among the video tracks, counted from 1: what [`Interpretation::track`] takes.
    ///
    /// [`Interpretation::track`]: posterframe_contract::Interpretation::track
    pub number: NonZeroU16,
    /// The codec for people: `H.264`.
    pub codec: String,
    /// Width of the stored picture, in pixels, as the container says it.
    pub width: u32,
    /// Height of the stored picture, in pixels, as the container says it.
    pub height: u32,
    /// Average frames per second, as numerator and denominator, if it is known.
    pub frame_rate: Option<(u32, u32)>,
    /// What the file calls it.
    pub title: Option<String>,
    /// Whether it is the one that is shown.
    pub is_shown: bool,
}

/// All video tracks, of which the one of stream number `shown` is shown.
pub(crate) fn all(input: &Input, shown: usize) -> Vec<Track> {
    let tracks = numbered(input).filter_map(|(number, index)| {
        let stream = input.stream(index)?;
        let (width, height) = raw::picture_size(input, index);
        Some(Track {
            number,
            codec: label(stream.parameters().id().name()).to_owned(),
            width: width.max(0) as u32,
            height: height.max(0) as u32,
            frame_rate: rate_of(stream.avg_frame_rate()),
            title: raw::text(input, Of::Stream(index), c"title"),
            is_shown: index == shown,
        })
    });
    tracks.collect()
}

/// The stream of a video track, or of the best one.
///
/// # Errors
/// There is no such track, or no video at all.
pub(crate) fn stream(input: &Input, track: Option<NonZeroU16>) -> Result<usize, Error> {
    let Some(track) = track else {
        return best(input).ok_or(Error::NoVideoStream);
    };
    let found = numbered(input).find(|(number, _)| *number == track);
    found.map(|(_, index)| index).ok_or_else(|| Error::NoTrack {
        track,
        tracks: numbered(input).count(),
    })
}

/// The streams of the video tracks with their numbers, which the ffmpeg program counts in the same order (`0:V:0` is track 1).
fn numbered(input: &Input) -> impl Iterator<Item = (NonZeroU16, usize)> {
    let numbers = (1..).filter_map(NonZeroU16::new);
    numbers.zip(videos(input).filter(|&index| !is_cover(input, index)))
}

fn videos(input: &Input) -> impl Iterator<Item = usize> {
    let videos = input
        .streams()
        .filter(|stream| stream.parameters().medium() == media::Type::Video);
    videos.map(|stream| stream.index())
}

fn is_cover(input: &Input, index: usize) -> bool {
    disposition(input, index).contains(Disposition::ATTACHED_PIC)
}

fn disposition(input: &Input, index: usize) -> Disposition {
    input
        .stream(index)
        .map_or_else(Disposition::empty, |stream| stream.disposition())
}

/// The stream that the ffmpeg program picks: the largest picture, preferring streams that have packets and those that
/// are marked as default; a cover picture only where there is nothing else.
fn best(input: &Input) -> Option<usize> {
    let mut best: Option<(i64, usize)> = None;
    for index in videos(input) {
        let (width, height) = raw::picture_size(input, index);
        let score = if is_cover(input, index) {
            1
        } else {
            i64::from(width) * i64::from(height)
                + if raw::has_packets(input, index) {
                    100_000_000
                } else {
                    0
                }
                + if disposition(input, index).contains(Disposition::DEFAULT) {
                    5_000_000
                } else {
                    0
                }
        };
        if score > best.map_or(0, |(score, _)| score) {
            best = Some((score, index));
        }
    }
    best.map(|(_, index)| index)
}

/// A rate as numerator and denominator, if it is known.
pub(crate) fn rate_of(rate: Rational) -> Option<(u32, u32)> {
    let (numerator, denominator) = (rate.numerator(), rate.denominator());
    (numerator > 0 && denominator > 0).then_some((numerator as u32, denominator as u32))
}

/// A codec as people write it.
pub(crate) fn label(codec: &'static str) -> &'static str {
    match codec {
        "h264" => "H.264",
        "hevc" => "HEVC",
        "vp8" => "VP8",
        "vp9" => "VP9",
        "av1" => "AV1",
        "mpeg1video" => "MPEG-1",
        "mpeg2video" => "MPEG-2",
        "mpeg4" => "MPEG-4",
        "prores" => "ProRes",
        "mjpeg" => "Motion JPEG",
        "theora" => "Theora",
        "gif" => "GIF",
        "aac" => "AAC",
        "mp3" => "MP3",
        "opus" => "Opus",
        "vorbis" => "Vorbis",
        "ac3" => "AC-3",
        "flac" => "FLAC",
        other => other,
    }
}
