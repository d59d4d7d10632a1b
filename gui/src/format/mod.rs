//! Formats numbers for people: sizes, durations, times of day, ages.

mod age;
mod unit;

pub use age::{age, day, moment};
pub use unit::DisplayUnit;

use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// A size as `301 KB` or `26.2 MB`, in powers of ten like in file managers.
pub fn bytes(bytes: u64) -> String {
    let units = ["KB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = usize::from(unit > 0);
    format!("{value:.decimals$} {}", units[unit])
}

/// A number with separators: `100,000`.
pub fn count(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A duration as `0.4 s`, `1 min 12 s` or `2 h 5 min`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    let seconds = seconds.round() as u64;
    if seconds < 3600 {
        format!("{} min {} s", seconds / 60, seconds % 60)
    } else {
        format!("{} h {} min", seconds / 3600, seconds / 60 % 60)
    }
}

/// `1:00.0`, `1:02:03.4`.
pub fn length(length: Duration) -> String {
    let tenths = length.as_millis() / 100;
    let (hours, minutes, seconds) = (tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}.{}", tenths % 10),
        _ => format!("{hours}:{minutes:02}:{seconds:02}.{}", tenths % 10),
    }
}

/// `24 fps`, `23.976 fps`.
pub fn frame_rate((num, den): (u32, u32)) -> String {
    let rate = f64::from(num) / f64::from(den.max(1));
    let text = format!("{rate:.3}");
    format!("{} fps", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The local time of day, `HH:MM:SS.mmm`.
pub fn clock(unix_millis: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(unix_millis) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let format = format_description!("[hour]:[minute]:[second].[subsecond digits:3]");
    local(time).format(format).unwrap_or_default()
}

/// The same moment in local time, with the offset that is valid at that moment, since clocks change twice a year.
pub fn local(time: OffsetDateTime) -> OffsetDateTime {
    let offset = Timestamp::from_second(time.unix_timestamp())
        .ok()
        .and_then(|then| UtcOffset::from_whole_seconds(zone().to_offset(then).seconds()).ok());
    time.to_offset(offset.unwrap_or(UtcOffset::UTC))
}

/// The system's time zone at the first call; UTC if the system has none.
fn zone() -> &'static TimeZone {
    static ZONE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::try_system().unwrap_or(TimeZone::UTC));
    &ZONE
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if sizes are shown in powers of two, or change units at a wrong size.
    #[test]
    fn sizes() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(301_448), "301 KB");
        assert_eq!(bytes(999_600), "1.0 MB");
        assert_eq!(bytes(26_200_000), "26.2 MB");
        assert_eq!(bytes(3_104_772_000), "3.1 GB");
    }

    // Breaks if a time in winter is shown with the offset of summer, as a single offset would do.
    #[test]
    fn a_change_of_clocks() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let hours = |time: OffsetDateTime| {
            let then = Timestamp::from_second(time.unix_timestamp()).unwrap();
            zone.to_offset(then).seconds() / 3600
        };
        assert_eq!(hours(time::macros::datetime!(2026-10-25 00:59 UTC)), 2);
        assert_eq!(hours(time::macros::datetime!(2026-10-25 01:00 UTC)), 1);
    }

    // Breaks if a large number has no separators, or begins with one.
    #[test]
    fn counts() {
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(100_000), "100,000");
    }

    // Breaks if a minute is shown as 60.0 s.
    #[test]
    fn durations() {
        assert_eq!(duration(Duration::from_millis(640)), "0.6 s");
        assert_eq!(duration(Duration::from_millis(59_960)), "1 min 0 s");
        assert_eq!(duration(Duration::from_mins(125)), "2 h 5 min");
    }

    // Breaks if lengths are rounded up to a time that the video does not reach.
    #[test]
    fn lengths() {
        let text = |millis| length(Duration::from_millis(millis));
        assert_eq!(
            (text(60_041), text(3_723_490), text(950)),
            ("1:00.0".into(), "1:02:03.4".into(), "0:00.9".into())
        );
    }

    // Breaks if a rate is shown with digits that nobody needs, or without those that tell NTSC from film.
    #[test]
    fn frame_rates() {
        assert_eq!(frame_rate((24, 1)), "24 fps");
        assert_eq!(frame_rate((24_000, 1001)), "23.976 fps");
        assert_eq!(frame_rate((25, 2)), "12.5 fps");
    }
}
