//! S3's additional checksums: asked for, computed while the bytes pass, compared, and put together from parts.

use base64_simd::STANDARD as BASE64;
use crc_fast::CrcAlgorithm;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::{ChecksumAlgorithm, ChecksumType};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// One value for each algorithm that is in use, in base64 as in the headers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Checksums {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crc32: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crc32c: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) crc64nvme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
    /// Over the checksums of the parts, not over the bytes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) composite: bool,
}

/// Takes the checksum members out of an input of any operation that has them.
macro_rules! checksums_of {
    ($from:expr) => {
        $crate::s3::checksums::Checksums {
            crc32: $from.checksum_crc32.clone(),
            crc32c: $from.checksum_crc32c.clone(),
            crc64nvme: $from.checksum_crc64nvme.clone(),
            sha1: $from.checksum_sha1.clone(),
            sha256: $from.checksum_sha256.clone(),
            composite: false,
        }
    };
}

/// Sets the checksum members of an output of any operation that has them.
macro_rules! set_checksums {
    ($to:expr, $sums:expr) => {{
        let sums = &$sums;
        $to.checksum_crc32.clone_from(&sums.crc32);
        $to.checksum_crc32c.clone_from(&sums.crc32c);
        $to.checksum_crc64nvme.clone_from(&sums.crc64nvme);
        $to.checksum_sha1.clone_from(&sums.sha1);
        $to.checksum_sha256.clone_from(&sums.sha256);
    }};
}

pub(crate) use {checksums_of, set_checksums};

/// The algorithms, by the names that S3 gives them, and where their value stands in [`Checksums`].
const ALGORITHMS: [&str; 5] = [
    ChecksumAlgorithm::CRC32,
    ChecksumAlgorithm::CRC32C,
    ChecksumAlgorithm::CRC64NVME,
    ChecksumAlgorithm::SHA1,
    ChecksumAlgorithm::SHA256,
];

impl Checksums {
    fn slots(&self) -> [&Option<String>; 5] {
        [
            &self.crc32,
            &self.crc32c,
            &self.crc64nvme,
            &self.sha1,
            &self.sha256,
        ]
    }

    fn slots_mut(&mut self) -> [&mut Option<String>; 5] {
        [
            &mut self.crc32,
            &mut self.crc32c,
            &mut self.crc64nvme,
            &mut self.sha1,
            &mut self.sha256,
        ]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.slots().iter().all(|value| value.is_none())
    }

    /// What `ChecksumType` says of these; nothing where there are none.
    pub(crate) fn kind(&self) -> Option<ChecksumType> {
        let kind = if self.composite {
            ChecksumType::COMPOSITE
        } else {
            ChecksumType::FULL_OBJECT
        };
        (!self.is_empty()).then(|| ChecksumType::from_static(kind))
    }

    /// The names of the algorithms in use.
    pub(crate) fn algorithms(&self) -> Vec<ChecksumAlgorithm> {
        let used = ALGORITHMS
            .into_iter()
            .zip(self.slots())
            .filter(|(_, value)| value.is_some());
        used.map(|(name, _)| ChecksumAlgorithm::from_static(name))
            .collect()
    }

    /// Every checksum that `sent` carries must be the computed one.
    pub(crate) fn verify(&self, sent: &Self) -> S3Result<()> {
        for ((name, sent), computed) in ALGORITHMS.into_iter().zip(sent.slots()).zip(self.slots()) {
            if sent.is_some() && sent != computed {
                return Err(s3_error!(
                    BadDigest,
                    "The {name} you specified did not match the calculated checksum."
                ));
            }
        }
        Ok(())
    }

    /// Adds what came after the body.
    pub(crate) fn add_trailers<T>(&mut self, request: &S3Request<T>) -> S3Result<()> {
        let trailers = request.trailing_headers.as_ref();
        let trailers = trailers.and_then(s3s::TrailingHeaders::take).unwrap_or_default();
        let announced = announced(request);
        for (name, slot) in ALGORITHMS.into_iter().zip(self.slots_mut()) {
            let header = format!("x-amz-checksum-{}", name.to_ascii_lowercase());
            if let Some(value) = trailers.get(&header) {
                *slot = Some(value.to_str().map_err(|_| s3_error!(InvalidRequest))?.to_owned());
            } else if announced.iter().any(|announced| announced == name) {
                let mut error = S3Error::with_message(
                    S3ErrorCode::Custom("MalformedTrailerError".into()),
                    format!(
                        "The request contained trailing data that was not well-formed: {header} is missing"
                    ),
                );
                error.set_status_code(http::StatusCode::BAD_REQUEST);
                return Err(error);
            }
        }
        Ok(())
    }
}

/// The names of the checksums that are to come after the body.
fn announced<T>(request: &S3Request<T>) -> Vec<String> {
    let trailer = request.headers.get("x-amz-trailer");
    let trailer = trailer.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let names = trailer.split(',').map(str::trim);
    names
        .filter_map(|name| name.strip_prefix("x-amz-checksum-"))
        .map(str::to_ascii_uppercase)
        .collect()
}

/// The hashers for what `sent` carries, for what trailers will, and for the algorithm `asked` for.
pub(crate) fn hasher<T>(
    request: &S3Request<T>,
    sent: &Checksums,
    asked: Option<&ChecksumAlgorithm>,
) -> S3Result<ChecksumHasher> {
    let mut names = announced(request);
    names.extend(sent.algorithms().iter().map(|name| name.as_str().to_owned()));
    names.extend(asked.map(|name| name.as_str().to_ascii_uppercase()));
    let mut hasher = ChecksumHasher::default();
    for name in names {
        match name.as_str() {
            ChecksumAlgorithm::CRC32 => hasher.crc32 = Some(Crc32::new()),
            ChecksumAlgorithm::CRC32C => hasher.crc32c = Some(Crc32c::new()),
            ChecksumAlgorithm::CRC64NVME => hasher.crc64nvme = Some(Crc64Nvme::new()),
            ChecksumAlgorithm::SHA1 => hasher.sha1 = Some(Sha1::new()),
            ChecksumAlgorithm::SHA256 => hasher.sha256 = Some(Sha256::new()),
            _ => {
                return Err(s3_error!(
                    InvalidRequest,
                    "Checksum algorithm provided is unsupported: {name}"
                ));
            }
        }
    }
    Ok(hasher)
}

/// The values that `hasher` came to.
pub(crate) fn finish(hasher: ChecksumHasher) -> Checksums {
    let sums = hasher.finalize();
    checksums_of!(sums)
}

/// The checksum of a multipart object, from those of its parts with their sizes; none if a part has none.
///
/// A composite checksum is the checksum of the parts' checksums, with the number of parts after a dash. That of
/// the full object follows from the parts' for the CRCs alone, which is why S3 offers it for these alone.
pub(crate) fn of_parts(algorithm: &str, full_object: bool, parts: &[(Checksums, u64)]) -> Option<Checksums> {
    let slot = ALGORITHMS.iter().position(|name| *name == algorithm)?;
    let raw: Option<Vec<(Vec<u8>, u64)>> = parts
        .iter()
        .map(|(sums, size)| Some((BASE64.decode_to_vec(sums.slots()[slot].as_ref()?).ok()?, *size)))
        .collect();
    let raw = raw?;
    let value = if full_object {
        BASE64.encode_to_string(full(algorithm, &raw)?)
    } else {
        let joined: Vec<u8> = raw.iter().flat_map(|(sum, _)| sum.iter().copied()).collect();
        format!(
            "{}-{}",
            BASE64.encode_to_string(one(algorithm, &joined)?),
            raw.len()
        )
    };
    let mut sums = Checksums {
        composite: !full_object,
        ..Checksums::default()
    };
    *sums.slots_mut()[slot] = Some(value);
    Some(sums)
}

fn one(algorithm: &str, data: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm {
        ChecksumAlgorithm::CRC32 => Crc32::checksum(data).to_vec(),
        ChecksumAlgorithm::CRC32C => Crc32c::checksum(data).to_vec(),
        ChecksumAlgorithm::CRC64NVME => Crc64Nvme::checksum(data).to_vec(),
        ChecksumAlgorithm::SHA1 => Sha1::checksum(data).to_vec(),
        ChecksumAlgorithm::SHA256 => Sha256::checksum(data).to_vec(),
        _ => return None,
    })
}

fn full(algorithm: &str, parts: &[(Vec<u8>, u64)]) -> Option<Vec<u8>> {
    let (crc, width) = match algorithm {
        ChecksumAlgorithm::CRC32 => (CrcAlgorithm::Crc32IsoHdlc, 4),
        ChecksumAlgorithm::CRC32C => (CrcAlgorithm::Crc32Iscsi, 4),
        ChecksumAlgorithm::CRC64NVME => (CrcAlgorithm::Crc64Nvme, 8),
        _ => return None,
    };
    let number = |sum: &[u8]| {
        sum.iter()
            .fold(0_u64, |value, byte| value << 8 | u64::from(*byte))
    };
    let (first, rest) = parts.split_first()?;
    let value = rest.iter().fold(number(&first.0), |value, (sum, size)| {
        crc_fast::checksum_combine(crc, value, number(sum), *size)
    });
    Some(value.to_be_bytes()[8 - width..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(data: &[u8]) -> Checksums {
        let mut hasher = ChecksumHasher {
            crc32: Some(Crc32::new()),
            crc64nvme: Some(Crc64Nvme::new()),
            ..Default::default()
        };
        hasher.update(data);
        finish(hasher)
    }

    // Breaks if the checksum of a multipart object differs from that of the same bytes in one piece.
    #[test]
    fn full_object_from_parts() {
        let parts = [(sums(b"hello, "), 7), (sums(b"world"), 5)];
        for algorithm in [ChecksumAlgorithm::CRC32, ChecksumAlgorithm::CRC64NVME] {
            let combined = of_parts(algorithm, true, &parts).unwrap();
            assert!(sums(b"hello, world").verify(&combined).is_ok(), "{algorithm}");
            assert_eq!(combined.kind().unwrap().as_str(), "FULL_OBJECT");
        }
    }

    // Breaks if clients that compare composite checksums refuse the upload.
    #[test]
    fn composite_of_parts() {
        let parts = [(sums(b"a"), 1), (sums(b"b"), 1)];
        let value = of_parts(ChecksumAlgorithm::CRC32, false, &parts)
            .unwrap()
            .crc32
            .unwrap();
        assert!(value.ends_with("==-2"), "{value}");
        assert_eq!(of_parts(ChecksumAlgorithm::SHA1, false, &parts), None);
    }

    // Breaks if damage on the way goes unnoticed.
    #[test]
    fn mismatches_are_found() {
        let sent = Checksums {
            crc32: sums(b"a").crc32,
            ..Checksums::default()
        };
        assert!(sums(b"a").verify(&sent).is_ok());
        assert!(sums(b"b").verify(&sent).is_err());
        assert!(Checksums::default().verify(&sent).is_err());
    }
}
