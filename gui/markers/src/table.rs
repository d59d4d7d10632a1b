//! Tables with a delimiter: their rows, and which column is what.

use csv::{ReaderBuilder, StringRecord};

use crate::ReadError;

/// A row, and its line, counted from 1.
pub(crate) type Row = (u64, StringRecord);

/// The rows of a table. Where cells are not `quoted`, a quotation mark is a character like any other.
pub(crate) fn rows(text: &str, delimiter: u8, quoted: bool) -> Result<Vec<Row>, ReadError> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(quoted)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            ReadError::at(line, 1, error.to_string())
        })?;
        // Blank lines before a row are a part of it, in the reader's own count of lines.
        let at = record.position().map_or(0, |position| position.byte() as usize);
        let blank = text[at..].len() - text[at..].trim_start_matches(['\r', '\n']).len();
        line += text[counted..at + blank].matches('\n').count() as u64;
        counted = at + blank;
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push((line, record));
        }
    }
    Ok(rows)
}

/// The cell of a row in this column, without blanks at its ends; empty where the row is shorter.
pub(crate) fn cell(row: &StringRecord, column: Option<usize>) -> &str {
    column
        .and_then(|column| row.get(column))
        .unwrap_or_default()
        .trim()
}

/// The first column whose title is one of `titles`, in upper or lower case.
pub(crate) fn column(head: &StringRecord, titles: &[&str]) -> Option<usize> {
    let is_one = |cell: &str| titles.iter().any(|title| cell.trim().eq_ignore_ascii_case(title));
    head.iter().position(is_one)
}
