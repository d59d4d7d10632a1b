//! What the endpoint can do: servers that speak S3 differ.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use serde::{Deserialize, Serialize};

/// How the parts of an upload are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChecksumKind {
    /// By the bucket, by CRC-64/NVME.
    Crc64Nvme,
    /// By the endpoint, by MD5.
    Md5,
}

/// What is known of the endpoint's abilities: servers that speak S3 differ in them.
#[derive(Debug)]
pub(crate) struct Endpoint {
    checksums: AtomicU8,
    conditions: AtomicBool,
}

const UNKNOWN: u8 = 0;
const TAKES: u8 = 1;
const REFUSES: u8 = 2;

impl Endpoint {
    /// `known` for S3 itself and the backend on this machine.
    pub(super) fn new(known: bool) -> Self {
        Self {
            checksums: AtomicU8::new(if known { TAKES } else { UNKNOWN }),
            conditions: AtomicBool::new(true),
        }
    }

    /// How to compare what is sent: by CRC only where that is known to work.
    pub(crate) fn checksum_kind(&self) -> ChecksumKind {
        if self.checksums.load(Ordering::Relaxed) == TAKES {
            ChecksumKind::Crc64Nvme
        } else {
            ChecksumKind::Md5
        }
    }

    /// Whether CRC64NVME support is unknown or confirmed.
    pub(crate) fn may_take_checksums(&self) -> bool {
        self.checksums.load(Ordering::Relaxed) != REFUSES
    }

    /// Notes whether the endpoint keeps CRC64NVME sums.
    pub(crate) fn takes_checksums(&self, takes: bool) {
        self.checksums
            .store(if takes { TAKES } else { REFUSES }, Ordering::Relaxed);
    }

    /// The condition that there is no such object yet, where the endpoint knows conditions.
    pub(crate) fn if_none_match(&self) -> Option<String> {
        self.conditions.load(Ordering::Relaxed).then(|| "*".to_owned())
    }

    /// The endpoint knows none: to be tried again without. `false` where that was so already.
    pub(crate) fn goes_without_conditions(&self) -> bool {
        self.conditions.swap(false, Ordering::Relaxed)
    }
}
