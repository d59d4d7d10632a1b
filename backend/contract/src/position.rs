//! Frame positions as keys, environment variables and people write them.

use std::fmt;

/// A time in a video, in whole microseconds from its start.
///
/// Invariant: at most [`Position::MAX`], so that it fits libav's signed microseconds.
///
/// Two spellings exist. Keys use dashes ([`Position::from_key_part`], [`Position::key_part`]); people and
/// the task's environment use colons ([`FromStr`](std::str::FromStr), [`fmt::Display`]). Both keep every microsecond:
///
/// ```
/// use posterframe_contract::Position;
///
/// let position = Position::from_key_part("01-02-03.500").unwrap();
/// assert_eq!(position.as_micros(), 3_723_500_000);
/// assert_eq!(position.to_string(), "01:02:03.500");
/// assert_eq!(position.to_string().parse(), Ok(position));
/// assert_eq!(Position::from_key_part(&position.key_part()), Ok(position));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    micros: u64,
}

/// Why a text is not a [`Position`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PositionError {
    /// The part of a key between its last `_` and its extension does not follow the grammar.
    #[error(
        "expected a position such as 00-10, 00-10.541 or 01-02-03.500 (hours, minutes, seconds), not “{0}”"
    )]
    KeyPart(String),
    /// A typed time, or one from the environment, does not follow the grammar.
    #[error("expected a time such as 10.5, 1:02.5 or 01:02:03.500, not “{0}”")]
    Time(String),
}

const MICROS_PER_SECOND: u64 = 1_000_000;

impl Position {
    /// The latest position that can be written: 2⁶² µs, some 146,000 years.
    pub const MAX: Self = Self { micros: 1 << 62 };

    /// The position `micros` microseconds after the start, at most [`Position::MAX`].
    pub const fn from_micros(micros: u64) -> Self {
        if micros < Self::MAX.micros {
            Self { micros }
        } else {
            Self::MAX
        }
    }

    /// Microseconds after the start.
    pub const fn as_micros(self) -> u64 {
        self.micros
    }

    /// Reads the position part of a key: `[HH-]MM-SS[.fraction]`.
    ///
    /// `MM` and `SS` are two digits from 00 to 59, `HH` two or more. Without `HH`, minutes may exceed 59 and
    /// have more digits. The fraction has one to six digits.
    pub fn from_key_part(text: &str) -> Result<Self, PositionError> {
        Self::from_key_fields(text).ok_or_else(|| PositionError::KeyPart(text.to_owned()))
    }

    fn from_key_fields(text: &str) -> Option<Self> {
        let (whole, fraction) = split_fraction(text)?;
        let fields: Vec<&str> = whole.split('-').collect();
        if fields.iter().any(|field| field.len() < 2) {
            return None;
        }
        let two_digits = |field: &str| field.len() == 2;
        match fields[..] {
            [minutes, seconds] if two_digits(seconds) => {
                Self::from_fields(0, digits(minutes)?, sixty(seconds)?, fraction)
            }
            [hours, minutes, seconds] if two_digits(minutes) && two_digits(seconds) => {
                Self::from_fields(digits(hours)?, sixty(minutes)?, sixty(seconds)?, fraction)
            }
            _ => None,
        }
    }

    /// The position part of a key, always with hours: `00-00-10.541`, with six digits after the point only
    /// where milliseconds would lose something.
    pub fn key_part(self) -> String {
        self.to_string().replace(':', "-")
    }

    /// `HH:MM:SS.mmm`, truncated and never rounded: what the app shows.
    pub fn timecode(self) -> String {
        Self {
            micros: self.micros / 1000 * 1000,
        }
        .to_string()
    }

    fn from_fields(hours: u64, minutes: u64, seconds: u64, fraction: u64) -> Option<Self> {
        let micros = hours
            .checked_mul(60)?
            .checked_add(minutes)?
            .checked_mul(60)?
            .checked_add(seconds)?
            .checked_mul(MICROS_PER_SECOND)?
            .checked_add(fraction)?;
        (micros <= Self::MAX.micros).then_some(Self { micros })
    }
}

/// `10.541` → (`10`, 541 000 µs). No point means no fraction; a bare point is an error.
fn split_fraction(text: &str) -> Option<(&str, u64)> {
    let Some((whole, fraction)) = text.split_once('.') else {
        return Some((text, 0));
    };
    if fraction.len() > 6 {
        return None;
    }
    let scale = 10_u64.pow(6 - fraction.len() as u32);
    Some((whole, digits(fraction)? * scale))
}

/// Only ASCII digits, at least one: `u64::from_str` alone would take a leading `+`.
fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn sixty(text: &str) -> Option<u64> {
    digits(text).filter(|&value| text.len() <= 2 && value < 60)
}

/// `[[HH:]MM:]SS[.fraction][s|ms|us]`, leading zeros optional; the highest field may exceed 59.
///
/// All positions that ffmpeg's `-ss` takes, but for those before the start, and with its rounding (`av_parse_time`):
/// what is smaller than a microsecond is cut off.
///
/// ```
/// use posterframe_contract::Position;
///
/// let micros = |text: &str| text.parse().map(Position::as_micros);
/// assert_eq!(micros("1.3333333333333333"), Ok(1_333_333));
/// assert_eq!(micros("500ms"), Ok(500_000));
/// ```
/// `HH:MM:SS.mmm`, or `HH:MM:SS.mmmuuu` where milliseconds would lose something.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.micros / MICROS_PER_SECOND;
        let micros = self.micros % MICROS_PER_SECOND;
        write!(
            f,
            "{:02}:{:02}:{:02}.",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )?;
        if micros.is_multiple_of(1000) {
            write!(f, "{:03}", micros / 1000)
        } else {
            write!(f, "{micros:06}")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> Option<u64> {
        Position::from_key_part(text).ok().map(Position::as_micros)
    }

    // Breaks if the grammar of DESIGN's keys loosens or tightens.
    #[test]
    fn key_grammar() {
        assert_eq!(key("00-10"), Some(10_000_000));
        assert_eq!(key("90-00"), Some(5_400_000_000));
        assert_eq!(key("120-00"), Some(7_200_000_000));
        assert_eq!(key("01-02-03.5"), Some(3_723_500_000));
        assert_eq!(key("100-00-00"), Some(360_000_000_000));
        assert_eq!(key("00-00-10.541666"), Some(10_541_666));
        for bad in [
            "",
            "10",
            "0-10",
            "00-1",
            "00-60",
            "00-010",
            "00-60-00",
            "1-00-00",
            "00-10.",
            "00-10.1234567",
            "00:10",
            "00-+1",
            "00-10-00-00",
            "-00-10",
            "00-1٣",
            "99999999999999999999-00-00",
        ] {
            assert_eq!(key(bad), None, "{bad}");
        }
    }

    // Breaks if a time that people type stops being understood, or nonsense starts to be.
    #[test]
    fn typed_times() {
        let micros = |text: &str| text.parse::<Position>().ok().map(Position::as_micros);
        assert_eq!(micros("10.5"), Some(10_500_000));
        assert_eq!(micros("1:02.5"), Some(62_500_000));
        assert_eq!(micros("00:10"), Some(10_000_000));
        assert_eq!(micros(" 90:00 "), Some(5_400_000_000));
        assert_eq!(micros("1:02:03"), Some(3_723_000_000));
        for bad in [
            "", ":", "1:60", "1:2:3:4", "-1", "1e3", "1.5.5", "1:002", "s", "ms", ".", "+", "++1", "1.+5",
            "+1:02", "1m", "10 s", "10S", "1.5ss", "1.5:02", ".5", "1.٣",
        ] {
            assert_eq!(micros(bad), None, "{bad}");
        }
    }

    // Breaks if a position that ffmpeg's `-ss` takes is refused, or rounded otherwise: the frame may be another one.
    #[test]
    fn as_ffmpeg_reads_them() {
        let micros = |text: &str| text.parse::<Position>().ok().map(Position::as_micros);
        for (text, expected) in [
            ("1.3333333333333333", 1_333_333),
            ("0.0000001", 0),
            ("0.9999999", 999_999),
            ("500ms", 500_000),
            ("1.5ms", 1_500),
            ("1.9999999ms", 1_999),
            ("10us", 10),
            ("10.9us", 10),
            ("0.5s", 500_000),
            ("1.", 1_000_000),
            ("1.s", 1_000_000),
            ("+1", 1_000_000),
            ("+0.5s", 500_000),
            ("1:02ms", 62_000),
            ("00:01:02.123456789s", 62_123_456),
        ] {
            assert_eq!(micros(text), Some(expected), "{text}");
        }
        assert_eq!(micros("99999999999999999999ms"), None);
    }

    // Breaks if the app's display rounds up: frame 253 at 24 fps is at 10.541666….
    #[test]
    fn timecode_truncates() {
        assert_eq!(Position::from_micros(10_541_999).timecode(), "00:00:10.541");
    }

    proptest! {
        // Breaks if either spelling loses a microsecond.
        #[test]
        fn round_trips(micros in 0..=Position::MAX.micros) {
            let position = Position::from_micros(micros);
            prop_assert_eq!(Position::from_key_part(&position.key_part()), Ok(position));
            prop_assert_eq!(position.to_string().parse(), Ok(position));
        }

        // Breaks if any text makes the parser panic.
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = Position::from_key_part(&text);
            let _ = text.parse::<Position>();
        }
    }
}
