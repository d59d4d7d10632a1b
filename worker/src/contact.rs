//! What a contact sheet says of its video.

use std::time::Duration;

use posterframe_frame::VideoInfo;
use posterframe_picture::contact::time_text;

/// A video's facts in the order of their weight, as far as they are known: its length, its file's size in bytes, its codec, width
/// and height in pixels, frame rate, and colours where they are more than usual.
pub(crate) fn facts(info: &VideoInfo) -> Vec<String> {
    let rate = info.frame_rate.map(|(frames, seconds)| {
        let rate = f64::from(frames) / f64::from(seconds);
        format!("{} fps", (rate * 1000.0).round() / 1000.0)
    });
    let all = [
        info.duration.map(length),
        Some(size(info.bytes)),
        Some(info.codec_label.clone()),
        Some(format!("{} × {}", info.width, info.height)),
        rate,
        info.colours.label(),
    ];
    all.into_iter().flatten().collect()
}

/// With decimals where seconds alone would say little.
fn length(whole: Duration) -> String {
    let is_short = whole < Duration::from_mins(1) && whole.subsec_millis() > 0;
    time_text(whole, if is_short { 2 } else { 0 })
}

/// `158.0 MB (158,008,374 bytes)`: the one to be read, the other to be compared.
fn size(bytes: u64) -> String {
    let all = bytes.to_string();
    let digits = all.char_indices().map(|(index, digit)| {
        let is_group = index > 0 && (all.len() - index).is_multiple_of(3);
        format!("{}{digit}", if is_group { "," } else { "" })
    });
    let exact = format!("{} bytes", digits.collect::<String>());
    let units = [
        (1_000_000_000_000, "TB"),
        (1_000_000_000, "GB"),
        (1_000_000, "MB"),
        (1_000, "kB"),
    ];
    let unit = units.into_iter().find(|(unit, _)| bytes >= *unit);
    unit.map_or_else(
        || exact.clone(),
        |(unit, name)| format!("{:.1} {name} ({exact})", bytes as f64 / unit as f64),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a size is not what the file has, or cannot be read at a glance.
    #[test]
    fn sizes() {
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(1_000), "1.0 kB (1,000 bytes)");
        assert_eq!(size(158_008_374), "158.0 MB (158,008,374 bytes)");
        assert_eq!(size(u64::MAX), "18446744.1 TB (18,446,744,073,709,551,615 bytes)");
    }

    // Breaks if a short clip's length is said as no time at all, or a film's to the hundredth.
    #[test]
    fn lengths() {
        let length = |millis| length(Duration::from_millis(millis));
        assert_eq!(length(480), "0:00.48");
        assert_eq!(length(12_000), "0:12");
        assert_eq!(length(5_400_480), "1:30:00");
    }
}
