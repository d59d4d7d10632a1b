//! Boxes, and numbers in them: ISO/IEC 14496-12, 4.2.

/// A box, with where it stands in the bytes it was read from.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    pub kind: [u8; 4],
    /// Where it begins.
    pub start: usize,
    /// Size, kind and what they announce.
    pub whole: &'a [u8],
    /// What comes after size and kind.
    pub body: &'a [u8],
}

impl<'a> Part<'a> {
    /// Where it ends.
    pub const fn end(&self) -> usize {
        self.start + self.whole.len()
    }

    /// Where its body begins.
    pub const fn body_start(&self) -> usize {
        self.end() - self.body.len()
    }

    /// The version of a full box, and what comes after version and flags.
    pub fn full(&self) -> Option<(u8, Numbers<'a>)> {
        let mut numbers = Numbers(self.body);
        let version = numbers.take(4)?[0];
        Some((version, numbers))
    }
}

/// All boxes of a file; `None` where one is longer than what is there.
pub fn file(bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let part = first(bytes, start)?;
        start = part.end();
        parts.push(part);
    }
    Some(parts)
}

/// All boxes in a box. Each has a size of its own here: “to the end” is for a file's last box.
pub fn inner(bytes: &[u8]) -> Option<Vec<Part<'_>>> {
    let parts = file(bytes)?;
    let all_sized = parts.iter().all(|part| !part.whole.starts_with(&[0; 4]));
    all_sized.then_some(parts)
}

/// The box that begins at `start`.
pub fn first(bytes: &[u8], start: usize) -> Option<Part<'_>> {
    let rest = bytes.get(start..)?;
    let mut numbers = Numbers(rest);
    let size = numbers.u32()?;
    let kind = *numbers.take(4)?.first_chunk()?;
    let (size, header) = match size {
        // To the end of what it stands in.
        0 => (rest.len(), 8),
        1 => (usize::try_from(numbers.u64()?).ok()?, 16),
        size => (size as usize, 8),
    };
    let whole = rest.get(..size)?;
    Some(Part {
        kind,
        start,
        whole,
        body: whole.get(header..)?,
    })
}

/// Appends a box that is at most 4 GiB long.
pub fn write(out: &mut Vec<u8>, kind: [u8; 4], body: &[u8]) {
    out.extend_from_slice(&(8 + body.len() as u32).to_be_bytes());
    out.extend_from_slice(&kind);
    out.extend_from_slice(body);
}

/// Big-endian numbers, one after another.
#[derive(Clone, Copy)]
pub struct Numbers<'a>(pub &'a [u8]);

impl<'a> Numbers<'a> {
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of 0 to 8 bytes.
    pub fn sized(&mut self, bytes: usize) -> Option<u64> {
        let taken = self.take(bytes)?;
        Some(
            taken
                .iter()
                .fold(0, |number, &byte| number << 8 | u64::from(byte)),
        )
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.sized(2).map(|number| number as u16)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.sized(4).map(|number| number as u32)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.sized(8)
    }

    /// The bytes before the next zero; all that are left where there is none.
    pub fn text(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|&byte| byte == 0);
        let text = &self.0[..end.unwrap_or(self.0.len())];
        self.0 = &self.0[end.map_or(self.0.len(), |end| end + 1)..];
        text
    }
}
