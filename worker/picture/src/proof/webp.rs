//! A packet in a WebP: a chunk `XMP `, and the flag in `VP8X` that says so.
//!
//! RFC 9649, 2.3 to 2.7. A simple file, which has only its picture's chunk, becomes an extended one: the canvas is the
//! picture's size, and alpha is what the lossless header says. In an extended file only that flag is set. The packet stands
//! at the end, after all chunks whose order is fixed.

use super::{Container, EmbedError};

const EXTENDED: [u8; 4] = *b"VP8X";
const LOSSY: [u8; 4] = *b"VP8 ";
const LOSSLESS: [u8; 4] = *b"VP8L";
const FRAME: [u8; 4] = *b"ANMF";
const PACKET: [u8; 4] = *b"XMP ";

const HAS_XMP: u8 = 0x04;
const HAS_ALPHA: u8 = 0x10;

pub(super) fn is_webp(file: &[u8]) -> bool {
    file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP")
}

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// The chunk that `bytes` begin with, and what follows it. The last one may lack the byte that makes its length even.
    fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let kind = *bytes.first_chunk()?;
        let length = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?) as usize;
        let (data, rest) = bytes[8..].split_at_checked(length)?;
        let rest = rest.get(length % 2..).unwrap_or_default();
        Some((Self { kind, data }, rest))
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.kind);
        out.extend_from_slice(&(self.data.len() as u32).to_le_bytes());
        out.extend_from_slice(self.data);
        if !self.data.len().is_multiple_of(2) {
            out.push(0);
        }
    }
}

/// The chunks of the file, and what follows them.
fn split(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_le_bytes(*file.get(4..)?.first_chunk()?) as usize;
    let (riff, after) = file[8..].split_at_checked(length)?;
    Some((riff.get(4..)?, after))
}

pub(super) fn embed(file: &[u8], packet: &[u8]) -> Result<Vec<u8>, EmbedError> {
    let (mut rest, after) = split(file).ok_or(damaged("it is shorter than it says"))?;
    let mut out = Vec::with_capacity(file.len() + packet.len() + 64);
    out.extend_from_slice(&file[..12]);
    let mut has_picture = false;
    for place in 0.. {
        if rest.is_empty() {
            break;
        }
        let (chunk, next) = Chunk::first(rest).ok_or(damaged("a chunk is longer than the file"))?;
        has_picture |= [LOSSY, LOSSLESS, FRAME].contains(&chunk.kind);
        if place == 0 {
            let header = header(&chunk).ok_or(damaged("its first chunk is neither header nor picture"))?;
            Chunk {
                kind: EXTENDED,
                data: &header,
            }
            .write(&mut out);
        }
        if place > 0 && chunk.kind == EXTENDED {
            return Err(damaged("its header is not the first chunk"));
        }
        if chunk.kind != PACKET && chunk.kind != EXTENDED {
            copy(&mut out, rest, next, &chunk);
        }
        rest = next;
    }
    if !has_picture {
        return Err(damaged("there is no picture in it"));
    }
    Chunk {
        kind: PACKET,
        data: packet,
    }
    .write(&mut out);
    // RFC 9649, 2.4: at most 2³² − 10.
    let length = u32::try_from(out.len() - 8)
        .ok()
        .filter(|&length| length <= u32::MAX - 9)
        .ok_or(EmbedError::Unsupported {
            container: Container::WebP,
            what: "it would be longer than 4 GiB",
        })?;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    out.extend_from_slice(after);
    Ok(out)
}

/// Copies a chunk as it stands in the file, with the byte after it, which need not be zero.
fn copy(out: &mut Vec<u8>, from: &[u8], to: &[u8], chunk: &Chunk<'_>) {
    out.extend_from_slice(&from[..from.len() - to.len()]);
    let is_cut = chunk.data.len() % 2 == 1 && from.len() - to.len() == 8 + chunk.data.len();
    if is_cut {
        out.push(0);
    }
}

/// The data of `VP8X`, by the file's first chunk: with the flag for XMP.
fn header(first: &Chunk<'_>) -> Option<Vec<u8>> {
    if first.kind == EXTENDED {
        let mut data = (first.data.len() >= 10).then(|| first.data.to_vec())?;
        data[0] |= HAS_XMP;
        return Some(data);
    }
    let (width, height, has_alpha) = picture(first)?;
    let mut data = vec![HAS_XMP | if has_alpha { HAS_ALPHA } else { 0 }, 0, 0, 0];
    // One less than width and height in pixels, 24 bits each.
    data.extend_from_slice(&(width - 1).to_le_bytes()[..3]);
    data.extend_from_slice(&(height - 1).to_le_bytes()[..3]);
    Some(data)
}

/// Width and height in pixels, and whether alpha is used, from the start of a picture's data.
fn picture(chunk: &Chunk<'_>) -> Option<(u32, u32, bool)> {
    let (width, height, has_alpha) = match chunk.kind {
        // RFC 6386, 9.1: three bytes of tag, three of start code, then 14 bits of size and two of scale each.
        LOSSY => {
            let [tag, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] = *chunk.data else {
                return None;
            };
            let size = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            let is_key = tag & 1 == 0;
            is_key.then_some((size(w0, w1), size(h0, h1), false))?
        }
        // RFC 9649, 3.4: a signature, then 14 bits of width and height less one, one of alpha, three of version.
        LOSSLESS => {
            let [0x2f, b0, b1, b2, b3, ..] = *chunk.data else {
                return None;
            };
            let bits = u32::from_le_bytes([b0, b1, b2, b3]);
            (
                (bits & 0x3fff) + 1,
                ((bits >> 14) & 0x3fff) + 1,
                bits >> 28 & 1 == 1,
            )
        }
        _ => return None,
    };
    (width > 0 && height > 0).then_some((width, height, has_alpha))
}

pub(super) fn extract(file: &[u8]) -> Option<&[u8]> {
    let (mut rest, _) = split(file)?;
    while let Some((chunk, next)) = Chunk::first(rest) {
        if chunk.kind == PACKET {
            return Some(chunk.data);
        }
        rest = next;
    }
    None
}

const fn damaged(what: &'static str) -> EmbedError {
    EmbedError::Damaged {
        container: Container::WebP,
        what,
    }
}
