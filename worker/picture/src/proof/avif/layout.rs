//! The file with a packet in it: what goes, what is new, and where everything stands then.

use std::collections::BTreeSet;
use std::ops::Range;

use super::boxes;
use super::iloc::{Extent, IN_FILE, IN_IDAT, Location};
use super::{EmbedError, Scan, damaged, find, items, unsupported};

/// What becomes of the packet that was there.
enum Old {
    Nothing,
    /// These bytes of the file are a box of its own, and go.
    Dropped(Range<usize>),
    /// These bytes of the file become zeros.
    Blanked(Range<usize>),
    /// These bytes of the body of `idat` become zeros.
    BlankedInIdat(Range<usize>),
}

/// How a packet gets into a file.
pub struct Edit {
    id: u32,
    is_new: bool,
    old: Old,
}

impl Edit {
    /// A packet in a file that has none, with a number that neither an item nor a group of items has.
    pub fn adding(scan: &Scan<'_>) -> Result<Self, EmbedError> {
        let mut used: BTreeSet<u32> = scan.items.iter().map(|item| item.id).collect();
        used.extend(scan.locations.items.iter().map(|item| item.id));
        used.extend(scan.descriptions.iter().flat_map(|&(from, to)| [from, to]));
        used.insert(scan.primary);
        if let Some(groups) = find(&scan.inner, *b"grpl") {
            for group in boxes::inner(groups.body).ok_or(damaged("its groups of items break off"))? {
                used.extend(group.full().and_then(|(_, mut numbers)| numbers.u32()));
            }
        }
        let id = (1..=u32::from(u16::MAX)).find(|id| !used.contains(id));
        Ok(Self {
            id: id.ok_or(unsupported("it has too many items"))?,
            is_new: true,
            old: Old::Nothing,
        })
    }

    /// A packet in the place of item `id`.
    pub fn replacing(scan: &Scan<'_>, id: u32) -> Result<Self, EmbedError> {
        let old = match scan.locations.of(id) {
            Some(location) => old(scan, location)?,
            None => Old::Nothing,
        };
        Ok(Self {
            id,
            is_new: false,
            old,
        })
    }

    pub fn write(&self, file: &[u8], scan: &Scan<'_>, packet: &[u8]) -> Result<Vec<u8>, EmbedError> {
        let meta_range = scan.meta.start..scan.meta.end();
        let dropped = match &self.old {
            Old::Dropped(range) => range.clone(),
            _ => 0..0,
        };
        for extent in in_file(scan, self.id) {
            if extent.end() > file.len() as u64 {
                return Err(damaged("an item is outside the file"));
            }
            if extent.length == 0 || overlaps(extent, &meta_range) || overlaps(extent, &dropped) {
                return Err(unsupported("an item is not in a box for data"));
            }
        }
        // `iloc` becomes at most four times as long, and what is new in the others has some hundred bytes.
        let most = file.len() as u64 + 8 * scan.meta.whole.len() as u64 + packet.len() as u64 + 1024;
        if 8 * scan.meta.whole.len() as u64 > u64::from(u32::MAX) {
            return Err(unsupported("its metadata is too long"));
        }
        let extents = scan.locations.items.iter().flat_map(|item| &item.extents);
        let is_wide = extents
            .map(Extent::end)
            .chain([most])
            .any(|end| end > u64::from(u32::MAX));

        // The length of `meta` does not depend on the offsets in it, so a first one says where things stand.
        let mut extent = Extent {
            index: 0,
            offset: 0,
            length: packet.len() as u64,
        };
        let draft = self.meta(scan, extent, is_wide, |offset| offset)?;
        let dropped_before = if dropped.end <= meta_range.start {
            dropped.len()
        } else {
            0
        };
        let place = meta_range.start - dropped_before + draft.len() + 8;
        extent.offset = place as u64;
        // `meta` may become shorter, so what goes is subtracted from where it stood before what is new is added.
        let new = draft.len() + 8 + packet.len();
        let meta = self.meta(scan, extent, is_wide, |offset| {
            let mut moved = offset;
            if offset >= dropped.end as u64 {
                moved -= dropped.len() as u64;
            }
            if offset >= meta_range.end as u64 {
                moved = moved - meta_range.len() as u64 + new as u64;
            }
            moved
        })?;

        let mut out = Vec::with_capacity(file.len() + new);
        for part in &scan.top {
            if part.start == meta_range.start {
                out.extend_from_slice(&meta);
                boxes::write(&mut out, *b"mdat", packet);
            } else if !dropped.contains(&part.start) {
                let at = out.len();
                out.extend_from_slice(part.whole);
                if let Old::Blanked(range) = &self.old
                    && (part.start..part.end()).contains(&range.start)
                {
                    out[at + range.start - part.start..at + range.end - part.start].fill(0);
                }
            }
        }
        Ok(out)
    }

    /// The whole box `meta`, with the packet at `extent` and each offset into the file as `moved` says.
    fn meta(
        &self,
        scan: &Scan<'_>,
        extent: Extent,
        is_wide: bool,
        moved: impl Fn(u64) -> u64,
    ) -> Result<Vec<u8>, EmbedError> {
        let full = unsupported("its numbers have no place for one more item");
        let iloc = scan
            .locations
            .with(self.locations(scan, extent, moved))
            .write(is_wide)
            .ok_or(full.clone())?;
        let iref = if self.is_described(scan) {
            None
        } else {
            let iref = find(&scan.inner, *b"iref");
            let described = items::with_description(iref.as_ref(), self.id, scan.primary);
            Some(described.ok_or(full.clone())?)
        };
        let mut body = scan.meta.body[..4].to_vec();
        for part in &scan.inner {
            match (&part.kind, &self.old, &iref) {
                (b"iloc", ..) => boxes::write(&mut body, *b"iloc", &iloc),
                (b"iinf", ..) if self.is_new => {
                    let iinf = items::with_packet(part, self.id as u16).ok_or(full.clone())?;
                    boxes::write(&mut body, *b"iinf", &iinf);
                }
                (b"iref", _, Some(iref)) => boxes::write(&mut body, *b"iref", iref),
                (b"idat", Old::BlankedInIdat(range), _) => {
                    let mut idat = part.body.to_vec();
                    idat[range.clone()].fill(0);
                    boxes::write(&mut body, *b"idat", &idat);
                }
                _ => body.extend_from_slice(part.whole),
            }
        }
        if let (Some(iref), None) = (&iref, find(&scan.inner, *b"iref")) {
            boxes::write(&mut body, *b"iref", iref);
        }
        let mut out = Vec::with_capacity(body.len() + 8);
        boxes::write(&mut out, *b"meta", &body);
        Ok(out)
    }

    fn is_described(&self, scan: &Scan<'_>) -> bool {
        scan.descriptions.contains(&(self.id, scan.primary))
    }

    /// All items with their new offsets, the packet in the place of its earlier self or at the end.
    fn locations(&self, scan: &Scan<'_>, packet: Extent, moved: impl Fn(u64) -> u64) -> Vec<Location> {
        let packet = Location {
            id: self.id,
            method: IN_FILE,
            reference: 0,
            extents: vec![packet],
        };
        let mut all = Vec::with_capacity(scan.locations.items.len() + 1);
        let mut is_placed = false;
        for location in &scan.locations.items {
            if location.id == self.id {
                if !is_placed {
                    all.push(packet.clone());
                }
                is_placed = true;
                continue;
            }
            let mut location = location.clone();
            if location.is_in(IN_FILE) {
                for extent in &mut location.extents {
                    extent.offset = moved(extent.offset);
                }
            }
            all.push(location);
        }
        if !is_placed {
            all.push(packet);
        }
        all
    }
}

/// What becomes of the packet at `location`: it goes only where nothing else is.
fn old(scan: &Scan<'_>, location: &Location) -> Result<Old, EmbedError> {
    let extent = match location.extents[..] {
        [] => return Ok(Old::Nothing),
        [extent] if extent.length > 0 => extent,
        _ => return Err(unsupported("its XMP packet is in several pieces")),
    };
    let method = location.method & 0xf;
    let is_shared = scan
        .locations
        .items
        .iter()
        .filter(|other| other.id != location.id && other.is_in(method))
        .flat_map(|other| &other.extents)
        .any(|other| other.length == 0 || other.overlaps(&extent));
    if is_shared {
        return Err(unsupported("its XMP packet is part of another item"));
    }
    let outside = damaged("its XMP packet is outside the file");
    let range = usize::try_from(extent.offset)
        .ok()
        .zip(usize::try_from(extent.end()).ok());
    let (start, end) = range.ok_or(outside.clone())?;
    if location.is_in(IN_IDAT) {
        let is_inside = end <= scan.idat().len();
        return is_inside.then_some(Old::BlankedInIdat(start..end)).ok_or(outside);
    }
    if !location.is_in(IN_FILE) {
        return Err(unsupported("its XMP packet is in another item or file"));
    }
    let mut data = scan.top.iter().filter(|part| part.kind == *b"mdat");
    let holder = data.find(|part| part.body_start() <= start && end <= part.end());
    let holder = holder.ok_or(unsupported("its XMP packet is not in a box for data"))?;
    if (holder.body_start(), holder.end()) == (start, end) {
        Ok(Old::Dropped(holder.start..holder.end()))
    } else {
        Ok(Old::Blanked(start..end))
    }
}

/// The extents of all items but the packet that are offsets into the file.
fn in_file<'a>(scan: &'a Scan<'_>, packet: u32) -> impl Iterator<Item = &'a Extent> {
    let others = scan.locations.items.iter();
    others
        .filter(move |location| location.id != packet && location.is_in(IN_FILE))
        .flat_map(|location| &location.extents)
}

fn overlaps(extent: &Extent, range: &Range<usize>) -> bool {
    extent.offset < range.end as u64 && (range.start as u64) < extent.end()
}
