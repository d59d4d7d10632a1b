//! Premiere Pro's markers: *File → Export → Markers*. Cells have tabs between them and no quotation marks; the file is UTF-16,
//! little-endian, with a byte order mark, and in some versions UTF-8. Titles are in the program's language, so columns are
//! told by their order where they are not English.

use posterframe_contract::{Moment, Timecode, TimecodeScale};

use crate::table::{cell, column, rows};
use crate::{Format, Found, Marker, ReadError, WriteError, text};

const TITLES: [&str; 6] = [
    "Marker Name",
    "Description",
    "In",
    "Out",
    "Duration",
    "Marker Type",
];
const NAME: usize = 0;
const NOTE: usize = 1;
const IN: usize = 2;

/// By the first line.
pub(crate) fn is_one(first: &str) -> bool {
    let cells: Vec<&str> = first.split('\t').map(str::trim).collect();
    let has_titles = cells.len() >= TITLES.len() && cells[NAME].eq_ignore_ascii_case(TITLES[NAME]);
    let is_row = cells.len() >= TITLES.len()
        && [IN, IN + 1]
            .iter()
            .all(|&at| cells[at].parse::<Timecode>().is_ok());
    has_titles || is_row
}

pub(crate) fn read(text: &str) -> Result<Vec<Marker>, ReadError> {
    let rows = rows(text, b'\t', false)?;
    let Some((_, head)) = rows.first() else {
        return Ok(Vec::new());
    };
    let of = |at: usize| column(head, &[TITLES[at]]);
    // Without titles the first row is a marker.
    let skipped = usize::from(cell(head, Some(IN)).parse::<Timecode>().is_err());
    let [name, note, place] = [NAME, NOTE, IN].map(|at| of(at).unwrap_or(at));
    let marker = |(line, row): &(u64, csv::StringRecord)| {
        let number = |column: usize| column as u64 + 1;
        let timecode = cell(row, Some(place)).parse::<Timecode>();
        let timecode = timecode.map_err(|error| ReadError::moment(*line, number(place), &error))?;
        Ok(Marker {
            file: None,
            at: Moment::Timecode(timecode),
            name: text::name(cell(row, Some(name)), *line, number(name))?,
            note: text::note(cell(row, Some(note)), *line, number(note))?,
        })
    };
    rows[skipped..].iter().map(marker).collect()
}

pub(crate) fn write(found: &[Found], scale: Option<TimecodeScale>) -> Result<Vec<u8>, WriteError> {
    let format = Format::Premiere;
    let files: Vec<_> = found.iter().map(|found| &found.file).collect();
    if files.windows(2).any(|two| two[0] != two[1]) {
        return Err(WriteError::SeveralVideos(format));
    }
    // Premiere shows drop-frame timecode with semicolons throughout.
    let text = |timecode: Timecode| {
        let text = timecode.to_string();
        if timecode.drop {
            text.replace(':', ";")
        } else {
            text
        }
    };
    let mut lines = TITLES.join("\t") + "\n";
    for found in found {
        let position = found.position;
        let (at, scale) = found
            .timecode
            .zip(scale)
            .ok_or(WriteError::NoTimecode { format, position })?;
        let nothing = scale.rate().timecode(0);
        let [name, note] = [&found.name, &found.note].map(|text| text::one_line(text));
        let cells = [&name, &note, &text(at), &text(at), &text(nothing), "Comment"];
        lines.push_str(&cells.join("\t"));
        lines.push('\n');
    }
    let units = lines.encode_utf16().flat_map(u16::to_le_bytes);
    Ok([0xff, 0xfe].into_iter().chain(units).collect())
}
