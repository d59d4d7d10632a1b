//! A rate of bytes a second, as people write it.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes a second, at least 1. Written `750 kB/s`, `2 MB/s`, `1.5 MiB/s` or as a bare number of bytes; `/s` may be
/// left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(NonZeroU64);

/// The text is no rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rate such as 750 kB/s or 2 MB/s is expected, not “{0}”")]
pub struct RateError(String);

const UNITS: [(&str, f64); 9] = [
    ("", 1.0),
    ("b", 1.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("bytes", 1.0),
];

impl Rate {
    /// `bytes` a second; `None` for 0.
    pub fn new(bytes: u64) -> Option<Self> {
        NonZeroU64::new(bytes).map(Self)
    }

    /// Bytes a second.
    pub const fn bytes_per_second(self) -> u64 {
        self.0.get()
    }
}

/// A number of bytes as people write it: `500 MB`, `1.5 GiB`, `1000`. `None` for other texts, and for a petabyte and more.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.trim().to_lowercase();
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let bytes = number.parse::<f64>().ok()? * factor;
    (bytes < 1e15).then_some(bytes as u64)
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let bytes = text.trim().strip_suffix("/s").unwrap_or(text);
        parse_bytes(bytes)
            .and_then(Self::new)
            .ok_or_else(|| RateError(text.to_owned()))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes_per_second();
        let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
        let fits = units.into_iter().find(|(_, factor)| bytes as f64 >= *factor);
        let (unit, factor) = fits.unwrap_or(("B", 1.0));
        write!(f, "{} {unit}/s", bytes as f64 / factor)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a rate such as \"2 MB/s\" is expected")]
        enum Written {
            Bytes(u64),
            Text(String),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Bytes(bytes) => bytes.to_string(),
            Written::Text(text) => text,
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a rate is read as another one than was written, or nonsense as a rate.
    #[test]
    fn rates_are_read_and_written() {
        let bytes = |text: &str| text.parse::<Rate>().map(Rate::bytes_per_second).ok();
        assert_eq!(bytes("2 MB/s"), Some(2_000_000));
        assert_eq!(bytes("1.5MiB"), Some(1_572_864));
        assert_eq!(bytes("750kb/s"), Some(750_000));
        assert_eq!(bytes("4096"), Some(4096));
        for wrong in ["", "0", "-1 MB", "fast", "2 Mbit/s", "1e3", "9999999 GB"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
        for text in ["2 MB/s", "1.5 kB/s", "999 B/s", "12.345678 MB/s"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
    }
}
