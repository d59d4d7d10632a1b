//! Reading the WebVTT file of a sheet: which part of which picture is shown when.

use std::time::Duration;

use percent_encoding::percent_decode_str;

/// The most cues that are read.
const MAX_CUES: usize = 100_000;

/// From one time to another, a part of a picture stands for the video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// Since the start of the video.
    pub from: Duration,
    /// Since the start of the video.
    pub to: Duration,
    /// The picture's file, as it is named beside the WebVTT file.
    pub file: String,
    /// Left, top, width and height in pixels of that picture.
    pub part: [u32; 4],
    /// Both lines as they are written.
    pub text: String,
}

/// The cues of a text that point into pictures. What is no such cue is left out: a player does so, too.
///
/// ```
/// use posterframe_picture::sheet::cues;
///
/// let text = "WEBVTT\n\n00:10.000 --> 01:00:20.500\na%20b-sheet.jpg#xywh=160,0,160,90\n";
/// let [cue] = &cues(text)[..] else { panic!() };
/// assert_eq!((cue.from.as_secs(), cue.file.as_str(), cue.part), (10, "a b-sheet.jpg", [160, 0, 160, 90]));
/// assert!(cues("no text of that kind").is_empty());
/// ```
pub fn cues(text: &str) -> Vec<Cue> {
    let mut lines = text.lines();
    let mut cues = Vec::new();
    while let Some(line) = lines.next() {
        let Some((from, to)) = line.split_once("-->") else {
            continue;
        };
        // Settings may follow the second time.
        let to = to.split_whitespace().next().unwrap_or_default();
        let place = lines.next().unwrap_or_default().trim();
        let read = || {
            let (file, part) = place.split_once("#xywh=")?;
            let mut sides = part.strip_prefix("pixel:").unwrap_or(part).split(',');
            let part = [(); 4].map(|()| sides.next().and_then(|side| side.parse().ok()));
            let [Some(left), Some(top), Some(width), Some(height)] = part else {
                return None;
            };
            Some(Cue {
                from: timestamp(from.trim())?,
                to: timestamp(to)?,
                file: percent_decode_str(file).decode_utf8().ok()?.into_owned(),
                part: [left, top, width, height],
                text: format!("{line}\n{place}"),
            })
        };
        cues.extend(read());
        if cues.len() == MAX_CUES {
            break;
        }
    }
    cues
}

/// `MM:SS.mmm`, or `HH:MM:SS.mmm` with any number of digits of hours.
fn timestamp(text: &str) -> Option<Duration> {
    let (clock, millis) = text.split_once('.')?;
    let millis: u64 = millis.parse().ok().filter(|_| millis.len() == 3)?;
    let mut seconds = 0_u64;
    for part in clock.split(':') {
        let part: u64 = part.parse().ok()?;
        seconds = seconds.checked_mul(60)?.checked_add(part)?;
    }
    Some(Duration::from_secs(seconds) + Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sheet::{Grid, vtt};

    proptest! {
        // Breaks if what is written is not read back: times, names and places.
        #[test]
        fn what_is_written_is_read(
            millis in prop::collection::btree_set(0_u64..400_000_000, 1..50), name in "[^/\u{0}-\u{1f}]{1,20}",
        ) {
            let times: Vec<Duration> = millis.iter().copied().map(Duration::from_millis).collect();
            let grid = Grid::new((160, 90), 10);
            let end = Duration::from_millis(400_000_001);
            let read = cues(&vtt(grid, &times, end, std::slice::from_ref(&name)));
            prop_assert_eq!(read.len(), times.len());
            for (index, cue) in read.iter().enumerate() {
                let place = grid.place(index);
                prop_assert_eq!(&cue.file, &name);
                prop_assert_eq!(cue.part, [place.left, place.top, 160, 90]);
                prop_assert_eq!(cue.from, if index == 0 { Duration::ZERO } else { times[index] });
                prop_assert_eq!(cue.to, times.get(index + 1).copied().unwrap_or(end));
            }
        }

        // Breaks if any text causes a panic.
        #[test]
        fn any_text(text in "(\\PC|[\n0-9:.# >,=-]){0,200}") {
            let _ = cues(&text);
        }
    }
}
