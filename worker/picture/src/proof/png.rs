//! A packet in a PNG: an `iTXt` chunk, uncompressed so that programs that look for the packet's first line find it.
//!
//! PNG, third edition, 5.3 (chunks) and 11.3.3.4 (`iTXt`); XMP specification, part 3, 1.1.5. The chunk stands before the
//! picture's data, where a reader has it without the whole file.

use crc_fast::{CrcAlgorithm, Digest};

use super::{Container, EmbedError};

/// A PNG's first bytes.
pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The chunk's keyword and the zero after it.
const KEYWORD: &[u8] = b"XML:com.adobe.xmp\0";

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// Length, kind, data and checksum.
    whole: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// The chunk that `bytes` begin with, and what follows it.
    fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let length = u32::from_be_bytes(*bytes.first_chunk()?);
        if length > i32::MAX as u32 {
            return None;
        }
        let (whole, rest) = bytes.split_at_checked(length as usize + 12)?;
        let chunk = Self {
            kind: *whole[4..].first_chunk()?,
            data: &whole[8..whole.len() - 4],
            whole,
        };
        Some((chunk, rest))
    }

    /// What follows the keyword, where this is a packet's chunk.
    fn packet(&self) -> Option<&'a [u8]> {
        (self.kind == *b"iTXt")
            .then(|| self.data.strip_prefix(KEYWORD))
            .flatten()
    }
}

pub(super) fn embed(file: &[u8], packet: &[u8]) -> Result<Vec<u8>, EmbedError> {
    let mut out = Vec::with_capacity(file.len() + packet.len() + 64);
    out.extend_from_slice(SIGNATURE);
    let mut rest = &file[SIGNATURE.len()..];
    let mut is_placed = false;
    for place in 0.. {
        let (chunk, next) = Chunk::first(rest).ok_or(damaged("it ends before its end chunk"))?;
        if (place == 0) != (chunk.kind == *b"IHDR") {
            return Err(damaged("its header is not the first chunk"));
        }
        if chunk.kind == *b"IDAT" && !is_placed {
            write_chunk(&mut out, packet);
            is_placed = true;
        }
        if chunk.packet().is_none() {
            out.extend_from_slice(chunk.whole);
        }
        rest = next;
        if chunk.kind == *b"IEND" {
            break;
        }
    }
    if !is_placed {
        return Err(damaged("there is no picture in it"));
    }
    out.extend_from_slice(rest);
    Ok(out)
}

pub(super) fn extract(file: &[u8]) -> Option<&[u8]> {
    let mut rest = &file[SIGNATURE.len()..];
    while let Some((chunk, next)) = Chunk::first(rest) {
        if let Some(text) = chunk.packet().and_then(uncompressed) {
            return Some(text);
        }
        if chunk.kind == *b"IEND" {
            return None;
        }
        rest = next;
    }
    None
}

/// The text after the flag and method of compression, the language and the translated keyword.
fn uncompressed(data: &[u8]) -> Option<&[u8]> {
    let [0, _method, rest @ ..] = data else {
        return None;
    };
    rest.splitn(3, |&byte| byte == 0).nth(2)
}

fn write_chunk(out: &mut Vec<u8>, packet: &[u8]) {
    // No compression, its method, no language, no translated keyword.
    let flags = [0; 4];
    let length = (KEYWORD.len() + flags.len() + packet.len()) as u32;
    let mut sum = Digest::new(CrcAlgorithm::Crc32IsoHdlc);
    out.extend_from_slice(&length.to_be_bytes());
    for part in [&b"iTXt"[..], KEYWORD, &flags, packet] {
        sum.update(part);
        out.extend_from_slice(part);
    }
    out.extend_from_slice(&(sum.finalize() as u32).to_be_bytes());
}

const fn damaged(what: &'static str) -> EmbedError {
    EmbedError::Damaged {
        container: Container::Png,
        what,
    }
}
