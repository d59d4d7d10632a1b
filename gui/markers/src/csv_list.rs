//! CSV: a row for each marker, below a row of titles.

use posterframe_contract::{Moment, Selector};

use crate::table::{cell, column, rows};
use crate::{Found, Marker, ReadError, text};

const FILE: [&str; 6] = ["file", "video", "clip", "clip name", "reel", "source"];
const TIME: [&str; 5] = ["time", "position", "start", "start time", "at"];
const TIMECODE: [&str; 5] = ["timecode", "tc", "in", "source in", "timecode in"];
const FRAME: [&str; 2] = ["frame", "frame number"];
const NAME: [&str; 5] = ["name", "marker name", "marker", "title", "label"];
const NOTE: [&str; 6] = ["note", "notes", "comment", "comments", "description", "text"];

/// The delimiters of spreadsheets, which depend on the language of the system.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Where a marker is, is looked for in this order: a time leads to its frame without the frames before being read.
pub(crate) fn read(text: &str) -> Result<Vec<Marker>, ReadError> {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    let delimiter = DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b',');
    let rows = rows(text, delimiter, true)?;
    let Some((line, head)) = rows.first() else {
        return Ok(Vec::new());
    };
    let of = |titles: &[&str]| column(head, titles);
    let places: Vec<usize> = [of(&TIME), of(&TIMECODE), of(&FRAME)]
        .into_iter()
        .flatten()
        .collect();
    if places.is_empty() {
        return Err(ReadError::at(
            *line,
            1,
            "expected titles above the columns: time, timecode or frame, and name, note or file",
        ));
    }
    let (file, name, note) = (of(&FILE), of(&NAME), of(&NOTE));
    let number = |column: Option<usize>| column.unwrap_or_default() as u64 + 1;
    let marker = |(line, row): &(u64, csv::StringRecord)| {
        let place = places.iter().find(|&&place| !cell(row, Some(place)).is_empty());
        let Some(&place) = place else {
            let what = "expected a time, a timecode or a frame’s number";
            return Err(ReadError::at(*line, number(places.first().copied()), what));
        };
        let is_number = Some(place) == of(&FRAME);
        let at = moment(cell(row, Some(place)), is_number, *line, number(Some(place)))?;
        Ok(Marker {
            file: Some(cell(row, file).to_owned()).filter(|file| !file.is_empty()),
            at,
            name: text::name(cell(row, name), *line, number(name))?,
            note: text::note(cell(row, note), *line, number(note))?,
        })
    };
    rows[1..].iter().map(marker).collect()
}

/// `is_number`: a number alone is a frame's, and not so many seconds.
fn moment(cell: &str, is_number: bool, line: u64, column: u64) -> Result<Moment, ReadError> {
    if let (true, Ok(number)) = (is_number, cell.parse()) {
        return Ok(Moment::Frame(number));
    }
    match cell.parse() {
        Ok(Selector::At(moment)) => Ok(moment),
        Ok(Selector::Rule(_)) => Err(ReadError::at(
            line,
            column,
            format!("“{cell}” is a rule, not one frame"),
        )),
        Err(_) => {
            // What could be here is a place alone.
            let error = cell.parse::<Moment>().err();
            let error = error.map(|error| ReadError::moment(line, column, &error));
            Err(error.unwrap_or_else(|| ReadError::at(line, column, "expected a time")))
        }
    }
}

pub(crate) fn write(found: &[Found]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let has_files = found.iter().any(|found| found.file.is_some());
    let mut put = |cells: [&str; 6]| {
        let cells = if has_files { &cells[..] } else { &cells[1..] };
        writer.write_record(cells).expect("memory takes every byte");
    };
    put(["file", "timecode", "time", "frame", "name", "note"]);
    for found in found {
        put([
            found.file.as_deref().unwrap_or_default(),
            &found
                .timecode
                .map(|timecode| timecode.to_string())
                .unwrap_or_default(),
            &found.position.to_string(),
            &found.number.map(|number| number.to_string()).unwrap_or_default(),
            &found.name,
            &found.note,
        ]);
    }
    writer.into_inner().expect("memory takes every byte")
}
