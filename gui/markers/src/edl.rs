//! Edit decision lists (CMX 3600) with `DaVinci` Resolve's markers: *Timelines → Export → Timeline Markers to EDL*.
//!
//! ```text
//! 001  001      V     C        01:00:10:13 01:00:10:14 01:00:10:13 01:00:10:14
//! A note |C:ResolveColorBlue |M:Marker 1 |D:1
//! ```
//!
//! The first of the four timecodes is in the clip, the third in the timeline; Resolve writes the same for both.

use std::fmt::Write as _;

use posterframe_contract::{Moment, Timecode, TimecodeScale};

use crate::{Format, Found, Marker, ReadError, WriteError, text};

const TITLE: &str = "TITLE:";
const FRAME_CODE_MODE: &str = "FCM:";
const CLIP: &str = "* FROM CLIP NAME:";
const COLOUR: &str = "|C:";
const NAME: &str = "|M:";
const DURATION: &str = "|D:";
/// Reels that stand for no file: Resolve's own number, and those of generated pictures.
const NO_FILE: [&str; 3] = ["AX", "BL", "BLACK"];

/// By the first line, or a marker's.
pub(crate) fn is_one(first: &str, text: &str) -> bool {
    first.starts_with(TITLE) || first.starts_with(FRAME_CODE_MODE) || text.contains("|C:ResolveColor")
}

/// An event, as far as its markers need it.
struct Event {
    line: u64,
    at: Timecode,
    file: Option<String>,
    /// Lines of text before the marker's.
    note: String,
}

pub(crate) fn read(list: &str) -> Result<Vec<Marker>, ReadError> {
    let mut markers = Vec::new();
    let mut event: Option<Event> = None;
    let mut drops = false;
    for (line, text) in (1_u64..).zip(list.lines()) {
        if let Some(mode) = text.trim().strip_prefix(FRAME_CODE_MODE) {
            drops = mode.trim().eq_ignore_ascii_case("drop frame");
        } else if let Some(name) = text.trim().strip_prefix(CLIP) {
            if let Some(event) = &mut event {
                event.file = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
            }
        } else if let Some(marker) = marked(text) {
            let Some(event) = &mut event else {
                let what = "expected an event before its marker: a number, a reel and four timecodes";
                return Err(ReadError::at(line, 1, what));
            };
            markers.push(marker_of(event, &marker, text, line)?);
        } else if let Some(next) = event_of(text, line, drops)? {
            event = Some(next);
        } else if !text.trim_start().starts_with('*')
            && !text.starts_with(TITLE)
            && let Some(event) = &mut event
        {
            event.note.push_str(text.trim());
            event.note.push('\n');
        }
    }
    Ok(markers)
}

/// The parts of a marker's line.
struct Marked<'a> {
    note: &'a str,
    name: &'a str,
}

fn marked(text: &str) -> Option<Marked<'_>> {
    let colour = text.find(COLOUR)?;
    let name = colour + text[colour..].find(NAME)? + NAME.len();
    let end = text[name..].rfind(DURATION).map_or(text.len(), |at| name + at);
    Some(Marked {
        note: &text[..colour],
        name: text[name..end].trim(),
    })
}

fn marker_of(event: &mut Event, marked: &Marked, text: &str, line: u64) -> Result<Marker, ReadError> {
    let column = |part: &str| {
        let at = part.as_ptr() as usize - text.as_ptr() as usize;
        text[..at].chars().count() as u64 + 1
    };
    let note = format!("{}{}", std::mem::take(&mut event.note), marked.note);
    Ok(Marker {
        file: event.file.clone(),
        at: Moment::Timecode(event.at),
        name: text::name(marked.name, line, column(marked.name))?,
        note: text::note(&note, event.line.max(line), 1)?,
    })
}

/// An event's line: a number, a reel, tracks and a transition, and four timecodes. `None` for any other line.
fn event_of(text: &str, line: u64, drops: bool) -> Result<Option<Event>, ReadError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let looks_like_one = |word: &&str| {
        word.matches([':', ';']).count() == 3 && word.starts_with(|first: char| first.is_ascii_digit())
    };
    let [number, reel, .., _, _, _, _] = words[..] else {
        return Ok(None);
    };
    let timecodes = &words[words.len() - 4..];
    if !is_number(number) || !timecodes.iter().all(looks_like_one) {
        return Ok(None);
    }
    let at = timecodes[0].parse::<Timecode>().map_err(|error| {
        let column = text.find(timecodes[0]).unwrap_or_default();
        ReadError::moment(line, text[..column].chars().count() as u64 + 1, &error)
    })?;
    // Many programs write colons throughout, and the mode above.
    let at = Timecode {
        drop: at.drop || drops,
        ..at
    };
    let is_file = !is_number(reel) && !NO_FILE.contains(&reel);
    Ok(Some(Event {
        line,
        at,
        file: is_file.then(|| reel.to_owned()),
        note: String::new(),
    }))
}

pub(crate) fn write(
    found: &[Found],
    title: &str,
    scale: Option<TimecodeScale>,
) -> Result<Vec<u8>, WriteError> {
    let mut list = format!("{TITLE} {}\n", text::one_line(title));
    let mode = if scale.is_some_and(|scale| scale.rate().drops()) {
        "DROP FRAME"
    } else {
        "NON-DROP FRAME"
    };
    let _ = writeln!(list, "{FRAME_CODE_MODE} {mode}\n");
    for (number, found) in (1..).zip(found) {
        let (format, position) = (Format::Edl, found.position);
        let no_timecode = WriteError::NoTimecode { format, position };
        let (at, scale) = found.timecode.zip(scale).ok_or(no_timecode.clone())?;
        let count = scale.rate().count(at).map_err(|_| no_timecode)?;
        let next = scale.rate().timecode(count as i64 + 1);
        let _ = writeln!(
            list,
            "{number:03}  001      V     C        {at} {next} {at} {next}  "
        );
        if let Some(file) = &found.file {
            let _ = writeln!(list, "{CLIP} {}", text::one_line(file));
        }
        // The bar ends a field. A note in front is Resolve's own place for it; the space keeps one that begins with a
        // number from being taken for an event.
        let [name, note] = [&found.name, &found.note].map(|text| text::one_line(text).replace('|', "/"));
        let _ = writeln!(
            list,
            " {note} {COLOUR}ResolveColorBlue {NAME}{name} {DURATION}1\n"
        );
    }
    Ok(list.into_bytes())
}
