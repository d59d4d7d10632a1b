//! A list's bytes as text, and texts that a format has no place for.

use posterframe_contract::{MAX_MARK_BYTES, MAX_NOTE_BYTES};

use crate::ReadError;

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// UTF-8, with or without a byte order mark, or UTF-16 with one.
pub(crate) fn decode(bytes: &[u8]) -> Result<String, ReadError> {
    if let Some(units) = bytes.strip_prefix(b"\xff\xfe") {
        return utf16(units, u16::from_le_bytes);
    }
    if let Some(units) = bytes.strip_prefix(b"\xfe\xff") {
        return utf16(units, u16::from_be_bytes);
    }
    let bytes = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            Err(after(&before, "expected UTF-8, or UTF-16 with a byte order mark"))
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, ReadError> {
    let mut pairs = bytes.chunks_exact(2);
    let units = pairs.by_ref().map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len());
    for letter in char::decode_utf16(units) {
        match letter {
            Ok(letter) => text.push(letter),
            Err(_) => return Err(after(&text, "expected the second half of a UTF-16 pair")),
        }
    }
    if pairs.remainder().is_empty() {
        Ok(text)
    } else {
        Err(after(&text, "the last character has only one of its two bytes"))
    }
}

/// The error of what comes after `before`.
fn after(before: &str, what: &str) -> ReadError {
    let line = before.rsplit('\n').next().unwrap_or_default();
    ReadError::at(
        before.matches('\n').count() as u64 + 1,
        line.chars().count() as u64 + 1,
        what,
    )
}

/// A name as a still can have it: one line, without blanks at its ends.
pub(crate) fn name(text: &str, line: u64, column: u64) -> Result<String, ReadError> {
    let name = one_line(text);
    if name.len() > MAX_MARK_BYTES {
        let bytes = name.len();
        let what = format!(
            "a name has at most {MAX_MARK_BYTES} bytes, and this one {bytes}: what is longer is a note"
        );
        return Err(ReadError::at(line, column, what));
    }
    Ok(name)
}

/// A note as a still can have it: lines end with a line feed.
pub(crate) fn note(text: &str, line: u64, column: u64) -> Result<String, ReadError> {
    let lines: Vec<String> = text.lines().map(one_line).collect();
    let note = lines.join("\n").trim().to_owned();
    if note.len() > MAX_NOTE_BYTES {
        let what = format!(
            "a note has at most {MAX_NOTE_BYTES} bytes, and this one {}",
            note.len()
        );
        return Err(ReadError::at(line, column, what));
    }
    Ok(note)
}

/// Without line ends, tabs and other control characters, which become spaces.
pub(crate) fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ").trim().to_owned()
}
