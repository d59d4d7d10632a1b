//! Finds the index of an MP4 or MOV by the lengths of its outermost boxes (ISO/IEC 14496-12, section 4.2), so that a
//! remote reader can fetch it with one request.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

/// Most boxes before the index: `ftyp`, `free`, `wide`, `mdat` and the like. A file with more of them is fragmented, and
/// has no single index.
const MAX_BOXES: usize = 16;

/// The bytes of the `moov` box; `None` in other formats, and in files that end before it.
pub(crate) fn mp4_index(reader: &mut (impl Read + Seek + ?Sized)) -> Option<Range<u64>> {
    let size = reader.seek(SeekFrom::End(0)).ok()?;
    let mut start = 0;
    for number in 0..MAX_BOXES {
        reader.seek(SeekFrom::Start(start)).ok()?;
        let (length, kind) = header(reader)?;
        // Every MP4 or MOV begins with one of these boxes.
        if number == 0 && !matches!(&kind, b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip") {
            return None;
        }
        let end = if length == 0 {
            size
        } else {
            start.checked_add(length)?
        };
        if &kind == b"moov" {
            return Some(start..end.min(size));
        }
        if end >= size {
            return None;
        }
        start = end;
    }
    None
}

/// A box's length including its header, which is 0 if it reaches to the end of the file, and its type.
fn header(reader: &mut (impl Read + ?Sized)) -> Option<(u64, [u8; 4])> {
    let (mut length, mut kind) = ([0; 4], [0; 4]);
    reader.read_exact(&mut length).ok()?;
    reader.read_exact(&mut kind).ok()?;
    let length = match u32::from_be_bytes(length) {
        1 => {
            let mut long = [0; 8];
            reader.read_exact(&mut long).ok()?;
            u64::from_be_bytes(long)
        }
        short => u64::from(short),
    };
    // A length shorter than the header is invalid: the next box cannot be found.
    (length == 0 || length >= 8).then_some((length, kind))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn bytes(boxes: &[(u64, &[u8; 4])], size: usize) -> Cursor<Vec<u8>> {
        let mut bytes = Vec::new();
        for (length, kind) in boxes {
            let start = bytes.len();
            if let Ok(short) = u32::try_from(*length) {
                bytes.extend(short.to_be_bytes());
                bytes.extend(*kind);
            } else {
                bytes.extend(1_u32.to_be_bytes());
                bytes.extend(*kind);
                bytes.extend(length.to_be_bytes());
            }
            if *length >= 8 && *length < 1_000 {
                bytes.resize(start + *length as usize, 0);
            }
        }
        bytes.resize(size.max(bytes.len()), 0);
        Cursor::new(bytes)
    }

    // Breaks if the index is searched at a wrong offset, or a hostile length leads past the end or into an endless loop.
    #[test]
    fn the_index_is_found_by_lengths() {
        let find = |boxes: &[(u64, &[u8; 4])], size| mp4_index(&mut bytes(boxes, size));
        assert_eq!(
            find(&[(16, b"ftyp"), (100, b"moov"), (500, b"mdat")], 0),
            Some(16..116)
        );
        assert_eq!(
            find(&[(16, b"ftyp"), (500, b"mdat"), (100, b"moov")], 0),
            Some(516..616)
        );
        // A box that reaches to the end of the file, and one that reaches past it.
        assert_eq!(find(&[(16, b"ftyp"), (0, b"moov")], 90), Some(16..90));
        assert_eq!(find(&[(16, b"ftyp"), (70_000, b"moov")], 90), Some(16..90));
        assert_eq!(find(&[(16, b"ftyp"), (u64::MAX, b"mdat")], 90), None);
        assert_eq!(find(&[(16, b"ftyp"), (0, b"mdat")], 90), None);
        assert_eq!(find(&[(16, b"ftyp"), (4, b"free")], 90), None);
        assert_eq!(find(&[(16, b"RIFF"), (100, b"moov")], 0), None);
        assert_eq!(find(&[], 0), None);
        assert_eq!(find(&[(8, b"free"); 40], 0), None);
    }
}
