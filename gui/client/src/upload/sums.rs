//! The integrity of what is sent: sums of each part, compared by the bucket and with what it says it has.
//!
//! CRC-64/NVME where the endpoint takes it: S3 keeps it, and that of the whole object follows from the parts'. Elsewhere
//! MD5, which every server of the protocol compares and gives back as the part's `ETag`.

use base64_simd::STANDARD as BASE64;
use crc_fast::CrcAlgorithm;
use md5::{Digest as _, Md5};

const CRC: CrcAlgorithm = CrcAlgorithm::Crc64Nvme;

/// What some bytes sum up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) bytes: u64,
    crc: u64,
    md5: Option<[u8; 16]>,
}

/// Sums that are under way.
pub(crate) struct Summing {
    bytes: u64,
    crc: crc_fast::Digest,
    md5: Option<Md5>,
}

impl Summing {
    /// `md5` costs several times as much as the rest.
    pub(crate) fn new(md5: bool) -> Self {
        Self {
            bytes: 0,
            crc: crc_fast::Digest::new(CRC),
            md5: md5.then(Md5::new),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.crc.update(bytes);
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
    }

    pub(crate) fn finish(self) -> Sums {
        Sums {
            bytes: self.bytes,
            crc: self.crc.finalize(),
            md5: self.md5.map(|md5| md5.finalize().into()),
        }
    }
}

impl Sums {
    /// As in `x-amz-checksum-crc64nvme`.
    pub(crate) fn crc64nvme(&self) -> String {
        BASE64.encode_to_string(self.crc.to_be_bytes())
    }

    /// As in `Content-MD5`.
    pub(crate) fn content_md5(&self) -> Option<String> {
        self.md5.map(|md5| BASE64.encode_to_string(md5))
    }

    /// What the bytes of all `parts` sum up to, one after the other.
    pub(crate) fn of_all<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let empty = Summing::new(false).finish();
        parts.into_iter().fold(empty, |all, part| Self {
            bytes: all.bytes + part.bytes,
            crc: crc_fast::checksum_combine(CRC, all.crc, part.crc, part.bytes),
            md5: None,
        })
    }

    /// Whether what the bucket says of some bytes is said of these: `crc` of `x-amz-checksum-crc64nvme`, `etag`. `None`
    /// where it says nothing that can be compared.
    pub(crate) fn agree(&self, crc: Option<&str>, etag: Option<&str>) -> Option<bool> {
        if let Some(crc) = crc {
            return Some(crc == self.crc64nvme());
        }
        // With encryption by KMS an ETag is no MD5, and looks like one all the same: then there is a checksum.
        let etag = etag?.trim_matches('"');
        let md5 = hex::encode(self.md5?);
        (etag.len() == md5.len()).then(|| etag.eq_ignore_ascii_case(&md5))
    }
}

/// Whether `etag` is what S3 makes of these parts' MD5s; `None` where it cannot be compared.
pub(crate) fn composite(parts: &[Sums], etag: Option<&str>) -> Option<bool> {
    let etag = etag?.trim_matches('"');
    let mut all = Md5::new();
    for part in parts {
        all.update(part.md5?);
    }
    let expected = format!("{}-{}", hex::encode(all.finalize()), parts.len());
    (etag.len() == expected.len()).then(|| etag.eq_ignore_ascii_case(&expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(bytes: &[u8]) -> Sums {
        let mut summing = Summing::new(true);
        summing.update(bytes);
        summing.finish()
    }

    // Breaks if the sum of a file sent in parts is not that of the file, so that every upload would look damaged.
    #[test]
    fn parts_sum_up_to_the_whole() {
        let whole = sums(b"hello, world");
        let parts = [sums(b"hello, "), sums(b"world")];
        assert_eq!(Sums::of_all(&parts).crc64nvme(), whole.crc64nvme());
        assert_eq!(Sums::of_all(&parts).bytes, 12);
        // The check value of the CRC's definition.
        assert_eq!(
            sums(b"123456789").crc64nvme(),
            BASE64.encode_to_string(0xae8b_1486_0a79_9888_u64.to_be_bytes())
        );
    }

    // Breaks if a damaged part is trusted, or a sound one is not.
    #[test]
    fn damage_is_seen() {
        let sound = sums(b"sound");
        let etag = format!("\"{}\"", hex::encode(sound.md5.unwrap()));
        assert_eq!(
            sound.agree(Some(&sound.crc64nvme()), Some("\"other\"")),
            Some(true)
        );
        assert_eq!(
            sound.agree(Some(&sums(b"Sound").crc64nvme()), Some(&etag)),
            Some(false)
        );
        assert_eq!(sound.agree(None, Some(&etag)), Some(true));
        assert_eq!(sums(b"Sound").agree(None, Some(&etag)), Some(false));
        assert_eq!(sound.agree(None, Some("\"abc-2\"")), None);
        let parts = [sound, sums(b"x")];
        let mut all = Md5::new();
        all.update(parts[0].md5.unwrap());
        all.update(parts[1].md5.unwrap());
        let etag = format!("\"{}-2\"", hex::encode(all.finalize()));
        assert_eq!(composite(&parts, Some(&etag)), Some(true));
        assert_eq!(composite(&[parts[1], parts[0]], Some(&etag)), Some(false));
    }
}
