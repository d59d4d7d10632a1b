//! The time, in the spellings that the protocols want.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// Milliseconds since the Unix epoch, as everything here is stored.
pub(crate) fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_millis() as i64)
}

pub(crate) fn from_ms(ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Epoch seconds with a fraction: the timestamps of AWS JSON 1.1.
pub(crate) fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

fn format(ms: i64, items: &[BorrowedFormatItem<'_>]) -> String {
    from_ms(ms).format(items).unwrap_or_default()
}

/// `2026-01-31T12:00:00.000Z`, as in S3's events.
pub(crate) fn iso(ms: i64) -> String {
    format(
        ms,
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"),
    )
}

/// `2026/01/31`, as in the names of a function's log streams.
pub(crate) fn date_path(ms: i64) -> String {
    format(ms, format_description!("[year]/[month]/[day]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a timestamp is spelled in a way that clients cannot read.
    #[test]
    fn spellings() {
        let ms = 1_769_860_800_123;
        assert_eq!(iso(ms), "2026-01-31T12:00:00.123Z");
        assert_eq!(date_path(ms), "2026/01/31");
        assert!((seconds(ms) - 1_769_860_800.123).abs() < 1e-6);
    }
}
