//! A packet in a JPEG: an `APP1` segment of its own.
//!
//! ITU-T T.81, B.1 (markers and segments); XMP specification, part 3, 1.1.3. JFIF wants its `APP0` and Exif its `APP1` next
//! to the start of the file, so the packet stands after these and before all others. Nothing after the first scan's header
//! is looked at: the picture's data is copied as it is.

use super::{Container, EmbedError};

/// The start of a JPEG, and the first byte of the marker after it.
pub(super) const SIGNATURE: [u8; 3] = [0xff, START, 0xff];

const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;

const PACKET: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// What did not fit into the packet: only the packet before it says which, so it goes with that one.
const EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const EXIF: &[u8] = b"Exif\0";

struct Segment<'a> {
    marker: u8,
    data: &'a [u8],
    /// Fill bytes, marker, length and data.
    whole: &'a [u8],
}

impl<'a> Segment<'a> {
    /// The segment that `bytes` begin with, and what follows it.
    fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        // Any number of 0xff may stand before a marker.
        let at = bytes.iter().position(|&byte| byte != 0xff)?;
        let marker = bytes[at];
        if at == 0 || marker == 0 {
            return None;
        }
        let length = match marker {
            0x01 | 0xd0..=END => 0,
            _ => usize::from(u16::from_be_bytes(*bytes[at + 1..].first_chunk()?)),
        };
        let (whole, rest) = bytes.split_at_checked(at + 1 + length)?;
        let data = match length {
            0 if matches!(marker, 0x01 | 0xd0..=END) => &[],
            _ => whole.get(at + 3..)?,
        };
        Some((Self { marker, data, whole }, rest))
    }

    fn is_packet(&self) -> bool {
        self.marker == APP1 && (self.data.starts_with(PACKET) || self.data.starts_with(EXTENSION))
    }

    fn is_leading(&self) -> bool {
        self.marker == APP0 || (self.marker == APP1 && self.data.starts_with(EXIF))
    }
}

pub(super) fn embed(file: &[u8], packet: &[u8]) -> Result<Vec<u8>, EmbedError> {
    let mut out = Vec::with_capacity(file.len() + packet.len() + 64);
    out.extend_from_slice(&file[..2]);
    let mut rest = &file[2..];
    let mut is_placed = false;
    loop {
        let (segment, next) = Segment::first(rest).ok_or(damaged("it ends before its picture"))?;
        if matches!(segment.marker, START | END) {
            return Err(damaged("there is no picture in it"));
        }
        if segment.is_packet() {
            rest = next;
            continue;
        }
        if !is_placed && !segment.is_leading() {
            write_segment(&mut out, packet)?;
            is_placed = true;
        }
        if segment.marker == SCAN {
            break;
        }
        out.extend_from_slice(segment.whole);
        rest = next;
    }
    out.extend_from_slice(rest);
    Ok(out)
}

pub(super) fn extract(file: &[u8]) -> Option<&[u8]> {
    let mut rest = &file[2..];
    while let Some((segment, next)) = Segment::first(rest) {
        if matches!(segment.marker, START | END | SCAN) {
            return None;
        }
        if segment.marker == APP1
            && let Some(packet) = segment.data.strip_prefix(PACKET)
        {
            return Some(packet);
        }
        rest = next;
    }
    None
}

fn write_segment(out: &mut Vec<u8>, packet: &[u8]) -> Result<(), EmbedError> {
    let bytes = 2 + PACKET.len() + packet.len();
    let length = u16::try_from(bytes).map_err(|_| EmbedError::TooLong {
        container: Container::Jpeg,
        bytes: packet.len(),
        limit: Container::Jpeg.limit(),
    })?;
    out.extend_from_slice(&[0xff, APP1]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(PACKET);
    out.extend_from_slice(packet);
    Ok(())
}

const fn damaged(what: &'static str) -> EmbedError {
    EmbedError::Damaged {
        container: Container::Jpeg,
        what,
    }
}
