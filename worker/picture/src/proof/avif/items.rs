//! Which items there are: `pitm`, `iinf` and `iref`, ISO/IEC 14496-12, 8.11.4, 8.11.6 and 8.11.12.

use super::boxes::{self, Numbers, Part};

const CONTENT_TYPE: &[u8] = b"application/rdf+xml";

/// The number of the picture that is shown.
pub fn primary(pitm: &Part<'_>) -> Option<u32> {
    let (version, mut numbers) = pitm.full()?;
    number(version, &mut numbers)
}

/// What `iinf` says of an item.
pub struct Item {
    pub id: u32,
    pub is_xmp: bool,
    /// It has to be decompressed, or deciphered.
    pub is_coded: bool,
}

pub fn items(iinf: &Part<'_>) -> Option<Vec<Item>> {
    let (version, mut numbers) = iinf.full()?;
    number(version, &mut numbers)?;
    boxes::inner(numbers.0)?.iter().map(item).collect()
}

fn item(infe: &Part<'_>) -> Option<Item> {
    let (version, mut numbers) = infe.full()?;
    let id = number(u8::from(version > 2), &mut numbers)?;
    let protection = numbers.u16()?;
    let mut item = Item {
        id,
        is_xmp: false,
        is_coded: protection != 0,
    };
    if version >= 2 && numbers.take(4)? == b"mime" {
        numbers.text();
        item.is_xmp = numbers.text() == CONTENT_TYPE;
        item.is_coded |= !numbers.text().is_empty();
    }
    Some(item)
}

/// `iinf` with a packet's item after all others; `None` where its count has no place for one more.
pub fn with_packet(iinf: &Part<'_>, id: u16) -> Option<Vec<u8>> {
    let (version, mut numbers) = iinf.full()?;
    let count = number(version, &mut numbers)?.checked_add(1)?;
    let mut body = iinf.body[..4].to_vec();
    write_number(&mut body, version, count)?;
    body.extend_from_slice(numbers.0);
    // Version 2: a number of 16 bits, no protection, type, name, content type; no encoding.
    let mut infe = vec![2, 0, 0, 0];
    infe.extend_from_slice(&id.to_be_bytes());
    infe.extend_from_slice(b"\0\0mimeXMP\0");
    infe.extend_from_slice(CONTENT_TYPE);
    infe.push(0);
    boxes::write(&mut body, *b"infe", &infe);
    Some(body)
}

/// Pairs of items, the first of which describes the second (`cdsc`).
pub fn descriptions(iref: &Part<'_>) -> Option<Vec<(u32, u32)>> {
    let (version, numbers) = iref.full()?;
    let mut pairs = Vec::new();
    for part in boxes::inner(numbers.0)? {
        let mut numbers = Numbers(part.body);
        let from = number(version, &mut numbers)?;
        for _ in 0..numbers.u16()? {
            let to = number(version, &mut numbers)?;
            if part.kind == *b"cdsc" {
                pairs.push((from, to));
            }
        }
    }
    Some(pairs)
}

/// `iref` with one more description, or a new one; `None` where the numbers are too large for its version.
pub fn with_description(iref: Option<&Part<'_>>, from: u32, to: u32) -> Option<Vec<u8>> {
    let is_small = u16::try_from(from.max(to)).is_ok();
    let mut body = iref.map_or_else(|| vec![u8::from(!is_small), 0, 0, 0], |iref| iref.body.to_vec());
    let version = *body.first()?;
    let mut reference = Vec::new();
    write_number(&mut reference, version, from)?;
    reference.extend_from_slice(&1_u16.to_be_bytes());
    write_number(&mut reference, version, to)?;
    boxes::write(&mut body, *b"cdsc", &reference);
    Some(body)
}

/// A count or an item's number: of 16 bits in version 0, of 32 in later ones.
fn number(version: u8, numbers: &mut Numbers<'_>) -> Option<u32> {
    if version == 0 {
        numbers.u16().map(u32::from)
    } else {
        numbers.u32()
    }
}

fn write_number(out: &mut Vec<u8>, version: u8, number: u32) -> Option<()> {
    if version == 0 {
        out.extend_from_slice(&u16::try_from(number).ok()?.to_be_bytes());
    } else {
        out.extend_from_slice(&number.to_be_bytes());
    }
    Some(())
}
