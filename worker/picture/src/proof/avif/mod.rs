//! A packet in an AVIF: an item of type `mime`, which describes the picture.
//!
//! ISO/IEC 23008-12, Annex A (metadata items) and ISO/IEC 14496-12, 8.11 (`meta`). The packet has an `mdat` of its own right
//! after `meta`, so it can be replaced without a trace; a packet that another program put between the picture's data is
//! filled with zeros, since taking it out would move that data. Whatever stands behind `meta` moves by as much as is new, and
//! `iloc` with it.
//!
//! Image sequences are refused: their samples have offsets in `moov`, and no still is one.

mod boxes;
mod iloc;
mod items;
mod layout;

use std::collections::BTreeMap;

use boxes::Part;
use iloc::{Extent, IN_FILE, IN_IDAT, Locations};
use items::Item;
use layout::Edit;

use super::{Container, EmbedError};

pub(super) fn is_avif(file: &[u8]) -> bool {
    let brands = boxes::first(file, 0).filter(|part| part.kind == *b"ftyp");
    // Major brand, its version, compatible brands.
    brands.is_some_and(|brands| {
        let is_ours = |(place, brand): (usize, &[u8])| place != 1 && (brand == b"avif" || brand == b"avis");
        brands.body.chunks(4).enumerate().any(is_ours)
    })
}

/// What there is to know of a file before a packet is read or written.
struct Scan<'a> {
    top: Vec<Part<'a>>,
    meta: Part<'a>,
    /// The boxes in `meta`, with their places in its body after version and flags.
    inner: Vec<Part<'a>>,
    primary: u32,
    items: Vec<Item>,
    descriptions: Vec<(u32, u32)>,
    locations: Locations,
}

impl<'a> Scan<'a> {
    fn of(file: &'a [u8]) -> Option<Self> {
        let top = boxes::file(file)?;
        let meta = only(&top, *b"meta")?;
        let inner = boxes::inner(meta.full()?.1.0)?;
        let has_several = |kind| inner.iter().filter(|part| part.kind == kind).count() > 1;
        if has_several(*b"iref") || has_several(*b"idat") {
            return None;
        }
        let iref = find(&inner, *b"iref");
        Some(Self {
            meta,
            primary: items::primary(&only(&inner, *b"pitm")?)?,
            items: items::items(&only(&inner, *b"iinf")?)?,
            descriptions: match iref {
                Some(iref) => items::descriptions(&iref)?,
                None => Vec::new(),
            },
            locations: Locations::parse(&only(&inner, *b"iloc")?)?,
            top,
            inner,
        })
    }

    /// The items with XMP that describe the shown picture, or nothing that is named.
    fn packets(&self) -> impl Iterator<Item = &Item> {
        let mut is_of_picture = BTreeMap::new();
        for (from, to) in &self.descriptions {
            *is_of_picture.entry(*from).or_insert(false) |= *to == self.primary;
        }
        self.items
            .iter()
            .filter(move |item| item.is_xmp && is_of_picture.get(&item.id).copied().unwrap_or(true))
    }

    fn idat(&self) -> &'a [u8] {
        find(&self.inner, *b"idat").map_or(&[], |part| part.body)
    }
}

fn find<'a>(parts: &[Part<'a>], kind: [u8; 4]) -> Option<Part<'a>> {
    parts.iter().find(|part| part.kind == kind).copied()
}

/// The one box of a kind; `None` where there is none, or more than one.
fn only<'a>(parts: &[Part<'a>], kind: [u8; 4]) -> Option<Part<'a>> {
    let mut found = parts.iter().filter(|part| part.kind == kind);
    let part = found.next().copied();
    if found.next().is_some() { None } else { part }
}

/// The bytes of an extent; all that follow its offset where it has no length.
fn bytes_of<'a>(source: &'a [u8], extent: &Extent) -> Option<&'a [u8]> {
    let rest = source.get(usize::try_from(extent.offset).ok()?..)?;
    if extent.length == 0 {
        return Some(rest);
    }
    rest.get(..usize::try_from(extent.length).ok()?)
}

pub(super) fn extract(file: &[u8]) -> Option<Vec<u8>> {
    let scan = Scan::of(file)?;
    let packet = scan.packets().find(|item| !item.is_coded)?;
    let location = scan.locations.of(packet.id)?;
    let source = if location.is_in(IN_FILE) {
        file
    } else if location.is_in(IN_IDAT) {
        scan.idat()
    } else {
        return None;
    };
    let mut out = Vec::new();
    for extent in &location.extents {
        let bytes = bytes_of(source, extent)?;
        // Extents may name the same bytes many times over; a packet of an honest file has no more than the file.
        if out.len() + bytes.len() > file.len() {
            return None;
        }
        out.extend_from_slice(bytes);
    }
    Some(out)
}

pub(super) fn embed(file: &[u8], packet: &[u8]) -> Result<Vec<u8>, EmbedError> {
    let scan = Scan::of(file).ok_or(damaged("its boxes contradict each other, or it breaks off"))?;
    let is_known =
        |part: &Part<'_>| [*b"ftyp", *b"meta", *b"mdat", *b"free", *b"skip", *b"wide"].contains(&part.kind);
    if !scan.top.iter().all(is_known) {
        return Err(unsupported("it has more than one still"));
    }
    let mut old = scan.packets();
    let edit = match (old.next(), old.next()) {
        (Some(_), Some(_)) => return Err(unsupported("it has several XMP packets already")),
        (Some(item), None) if item.is_coded => {
            return Err(unsupported("its XMP packet is compressed or protected"));
        }
        (Some(item), None) => Edit::replacing(&scan, item.id)?,
        (None, _) => Edit::adding(&scan)?,
    };
    edit.write(file, &scan, packet)
}

const fn damaged(what: &'static str) -> EmbedError {
    EmbedError::Damaged {
        container: Container::Avif,
        what,
    }
}

const fn unsupported(what: &'static str) -> EmbedError {
    EmbedError::Unsupported {
        container: Container::Avif,
        what,
    }
}
