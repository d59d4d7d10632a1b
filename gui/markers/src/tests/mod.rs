mod formats;
mod round_trips;

use posterframe_contract::{Position, TimecodeRate, TimecodeScale};

use crate::{Found, read};

/// 29.97 frames a second, drop-frame, from 01:00:00;00.
fn scale() -> TimecodeScale {
    TimecodeScale::parse_start("01:00:00;00", 30, 1).unwrap()
}

/// A frame of that video, named.
fn found(number: u64, name: &str, note: &str) -> Found {
    Found {
        file: None,
        position: Position::from_micros(number * 1_001_000 / 30_000 * 1_000),
        number: Some(number),
        timecode: Some(scale().timecode(number)),
        name: name.to_owned(),
        note: note.to_owned(),
    }
}

fn pal() -> TimecodeScale {
    TimecodeScale::from_zero(TimecodeRate::of((25, 1), false).unwrap())
}

fn error(bytes: impl AsRef<[u8]>) -> String {
    read(bytes.as_ref()).unwrap_err().to_string()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}
