//! `WebVTT`: a cue for each marker, whose first line is its name and whose others are its note.
//!
//! Source: <https://www.w3.org/TR/webvtt1/>, 4.1 (files), 4.2.1 (timings), 4.2.2 (text).

use std::fmt::Write as _;

use posterframe_contract::{Moment, Position};

use crate::{Format, Found, Marker, ReadError, WriteError, text};

const HEAD: &str = "WEBVTT";
const ARROW: &str = "-->";
const MILLI: u64 = 1_000;
/// What a block begins with that is no cue.
const OTHER: [&str; 3] = ["NOTE", "STYLE", "REGION"];
/// How long the last cue lasts.
const LAST: u64 = 1_000 * MILLI;

/// Characters that a cue's text has no place for, and their names.
const NAMED: [(&str, &str); 6] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&nbsp;", "\u{a0}"),
    ("&lrm;", "\u{200e}"),
    ("&rlm;", "\u{200f}"),
    ("&amp;", "&"),
];

pub(crate) fn is_one(text: &str) -> bool {
    let rest = text.strip_prefix(HEAD);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']))
}

pub(crate) fn read(list: &str) -> Result<Vec<Marker>, ReadError> {
    let lines: Vec<(u64, &str)> = (1..).zip(list.lines()).collect();
    let blocks = lines.split(|(_, line)| line.trim().is_empty());
    let mut markers = Vec::new();
    // The first block is the head.
    for block in blocks.filter(|block| !block.is_empty()).skip(1) {
        let is_other = |first: &str| {
            OTHER
                .iter()
                .any(|word| first.split_whitespace().next() == Some(word))
        };
        if block.first().is_some_and(|(_, first)| is_other(first)) {
            continue;
        }
        let Some(timing) = block.iter().take(2).position(|(_, line)| line.contains(ARROW)) else {
            continue;
        };
        let (line, timings) = block[timing];
        let (start, _) = timings.split_once(ARROW).unwrap_or_default();
        let at = time(start.trim()).ok_or_else(|| {
            let column = timings.len() - timings.trim_start().len();
            let what = format!("“{}”: expected a time such as 00:00:10.541", start.trim());
            ReadError::at(line, column as u64 + 1, what)
        })?;
        let payload = &block[timing + 1..];
        let texts: Vec<String> = payload.iter().map(|(_, line)| plain(line)).collect();
        let place = payload.first().map_or(line, |(line, _)| *line);
        let id = block[..timing].first().map(|(_, id)| id.trim());
        let (name, note) = match texts.split_first() {
            Some((name, note)) => (name.clone(), note.join("\n")),
            None => (id.unwrap_or_default().to_owned(), String::new()),
        };
        markers.push(Marker {
            file: None,
            at: Moment::Time(at),
            name: text::name(&name, place, 1)?,
            note: text::note(&note, place + 1, 1)?,
        });
    }
    Ok(markers)
}

/// `[HH:]MM:SS.mmm`.
fn time(text: &str) -> Option<Position> {
    let is_time = text.contains(':')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b":.".contains(&byte));
    text.parse().ok().filter(|_| is_time)
}

/// A line of a cue without its tags, and with characters in place of their names.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        rest = rest[open..]
            .find('>')
            .map_or("", |close| &rest[open + close + 1..]);
    }
    text.push_str(rest);
    for (name, character) in NAMED {
        text = text.replace(name, character);
    }
    text
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

pub(crate) fn write(found: &[Found]) -> Result<Vec<u8>, WriteError> {
    let files: Vec<_> = found.iter().map(|found| &found.file).collect();
    if files.windows(2).any(|two| two[0] != two[1]) {
        return Err(WriteError::SeveralVideos(Format::WebVtt));
    }
    let mut found: Vec<&Found> = found.iter().collect();
    found.sort_by_key(|found| found.position);
    let mut list = format!("{HEAD}\n");
    for (number, one) in found.iter().enumerate() {
        let start = one.position.as_micros();
        if !start.is_multiple_of(MILLI) {
            return Err(WriteError::TooClose(one.position));
        }
        let next = found.get(number + 1).map(|next| next.position.as_micros());
        // A player shows nothing of a cue that ends where it begins.
        let end = next.unwrap_or(start + LAST).max(start + MILLI);
        let _ = writeln!(list, "\n{}\n{} {ARROW} {}", number + 1, clock(start), clock(end));
        // A blank line would end the cue, and the first line is the name.
        let blank = "&nbsp;";
        let name = escaped(&text::one_line(&one.name));
        let note = one.note.lines().filter(|line| !line.trim().is_empty());
        let note: Vec<String> = note.map(|line| escaped(&text::one_line(line))).collect();
        let _ = writeln!(list, "{}", if name.is_empty() { blank } else { &name });
        for line in note {
            let _ = writeln!(list, "{line}");
        }
    }
    Ok(list.into_bytes())
}

/// `HH:MM:SS.mmm`.
fn clock(micros: u64) -> String {
    let millis = micros / MILLI;
    let seconds = millis / 1_000;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!(
        "{hours:02}:{minutes:02}:{:02}.{:03}",
        seconds % 60,
        millis % 1_000
    )
}
