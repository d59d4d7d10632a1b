//! The chapters that a file names itself.

use std::time::Duration;

use ffmpeg_next::Rescale;
use ffmpeg_next::format::context::Input;

use crate::frame::MICROS;
use crate::raw::{self, Of};

/// The most chapters that are read: a file may name any number.
const MAX_CHAPTERS: usize = 10_000;

/// A chapter of the video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Where it begins, since the start of the video, rounded up to microseconds: a position after which its first frame is.
    pub start: Duration,
    /// What it is called; bytes that are no UTF-8 are U+FFFD. Empty where it has no title.
    pub title: String,
}

/// In the order of their times.
pub(crate) fn of(input: &Input) -> Vec<Chapter> {
    let start = raw::start_time(input).unwrap_or(0);
    let chapters = input.chapters().take(MAX_CHAPTERS).enumerate();
    let mut chapters: Vec<Chapter> = chapters
        .map(|(index, chapter)| {
            let micros = chapter.start().rescale_with(
                chapter.time_base(),
                MICROS,
                ffmpeg_next::Rounding::NearInfinity,
            );
            let since_start = u64::try_from(micros.saturating_sub(start)).unwrap_or(0);
            Chapter {
                start: Duration::from_micros(since_start),
                title: raw::text(input, Of::Chapter(index), c"title").unwrap_or_default(),
            }
        })
        .collect();
    chapters.sort_by_key(|chapter| chapter.start);
    chapters
}
