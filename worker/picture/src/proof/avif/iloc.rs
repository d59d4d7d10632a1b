//! Where items stand: `iloc`, ISO/IEC 14496-12, 8.11.3.
//!
//! Written anew in one form: without base offsets, all numbers with four bytes, or with eight in a file that may be longer
//! than 4 GiB. Only so has every new offset a place that is wide enough.

use super::boxes::Part;

/// An item's data is in this file, at offsets from its beginning.
pub const IN_FILE: u16 = 0;
/// An item's data is in `idat`, at offsets from the beginning of that box's body.
pub const IN_IDAT: u16 = 1;

/// A piece of an item's data.
#[derive(Clone, Copy)]
pub struct Extent {
    pub index: u64,
    /// From the beginning of the file, of `idat` or of another item, in bytes.
    pub offset: u64,
    /// In bytes; 0 is all that is there.
    pub length: u64,
}

impl Extent {
    pub const fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }

    pub const fn overlaps(&self, other: &Self) -> bool {
        self.offset < other.end() && other.offset < self.end()
    }
}

#[derive(Clone)]
pub struct Location {
    pub id: u32,
    /// [`IN_FILE`], [`IN_IDAT`], or 2: in another item. The upper twelve bits are reserved.
    pub method: u16,
    /// 0 where it is this file.
    pub reference: u16,
    pub extents: Vec<Extent>,
}

impl Location {
    pub const fn is_in(&self, method: u16) -> bool {
        self.method & 0xf == method && self.reference == 0
    }
}

pub struct Locations {
    version: u8,
    flags: [u8; 3],
    /// Bytes of [`Extent::index`].
    index_bytes: usize,
    pub items: Vec<Location>,
}

impl Locations {
    pub fn parse(part: &Part<'_>) -> Option<Self> {
        let (version, mut numbers) = part.full()?;
        let flags = *part.body.get(1..)?.first_chunk()?;
        let sizes = numbers.u16()?;
        let nibble = |shift: u16| usize::from(sizes >> shift & 0xf);
        let (offset_bytes, length_bytes, base_bytes) = (nibble(12), nibble(8), nibble(4));
        let index_bytes = if version == 0 { 0 } else { nibble(0) };
        let sizes = [offset_bytes, length_bytes, base_bytes, index_bytes];
        if version > 2 || sizes.iter().any(|bytes| !matches!(bytes, 0 | 4 | 8)) {
            return None;
        }
        let count = if version < 2 {
            u32::from(numbers.u16()?)
        } else {
            numbers.u32()?
        };
        let mut items = Vec::new();
        for _ in 0..count {
            let id = if version < 2 {
                u32::from(numbers.u16()?)
            } else {
                numbers.u32()?
            };
            let method = if version == 0 { IN_FILE } else { numbers.u16()? };
            let reference = numbers.u16()?;
            let base = numbers.sized(base_bytes)?;
            let extent_count = numbers.u16()?;
            // Extents without any bytes would let a short file ask for much memory.
            if extent_count > 1 && index_bytes + offset_bytes + length_bytes == 0 {
                return None;
            }
            let mut extents = Vec::new();
            for _ in 0..extent_count {
                extents.push(Extent {
                    index: numbers.sized(index_bytes)?,
                    offset: base.checked_add(numbers.sized(offset_bytes)?)?,
                    length: numbers.sized(length_bytes)?,
                });
            }
            items.push(Location {
                id,
                method,
                reference,
                extents,
            });
        }
        Some(Self {
            version,
            flags,
            index_bytes,
            items,
        })
    }

    /// The same with other items.
    pub const fn with(&self, items: Vec<Location>) -> Self {
        Self {
            version: self.version,
            flags: self.flags,
            index_bytes: self.index_bytes,
            items,
        }
    }

    pub fn of(&self, id: u32) -> Option<&Location> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The box's body; `None` where this version has no place for an item's number or for so many items.
    pub fn write(&self, is_wide: bool) -> Option<Vec<u8>> {
        let bytes = if is_wide { 8 } else { 4 };
        let mut out = vec![self.version];
        out.extend_from_slice(&self.flags);
        out.push((bytes << 4 | bytes) as u8);
        out.push(self.index_bytes as u8);
        let number = |out: &mut Vec<u8>, number: u32| {
            if self.version < 2 {
                out.extend_from_slice(&u16::try_from(number).ok()?.to_be_bytes());
            } else {
                out.extend_from_slice(&number.to_be_bytes());
            }
            Some(())
        };
        number(&mut out, u32::try_from(self.items.len()).ok()?)?;
        for item in &self.items {
            number(&mut out, item.id)?;
            if self.version > 0 {
                out.extend_from_slice(&item.method.to_be_bytes());
            }
            out.extend_from_slice(&item.reference.to_be_bytes());
            out.extend_from_slice(&(item.extents.len() as u16).to_be_bytes());
            for extent in &item.extents {
                sized(&mut out, extent.index, self.index_bytes);
                sized(&mut out, extent.offset, bytes);
                sized(&mut out, extent.length, bytes);
            }
        }
        Some(out)
    }
}

/// The lower `bytes` bytes of a number.
fn sized(out: &mut Vec<u8>, number: u64, bytes: usize) {
    out.extend_from_slice(&number.to_be_bytes()[8 - bytes..]);
}
