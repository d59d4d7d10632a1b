//! The proof that the worker stores on each PNG, as S3 object metadata.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::{Position, PositionError};

/// What the worker says of a thumbnail: which frame of which object it is, and what made it.
///
/// Metadata values travel as HTTP headers, so the source key is percent-encoded; everything else is ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThumbnailMetadata {
    /// The position that was asked for.
    pub position: Position,
    /// The frame's own time, less the container's start, rounded down to microseconds.
    pub frame_time: Position,
    /// The frame's timestamp in ticks of `time_base`, as the container has it.
    pub frame_pts: i64,
    /// The stream's time base, numerator and denominator of seconds a tick.
    pub time_base: (i32, i32),
    /// Key of the video in its bucket, or the URL it came from; as [`crate::names::file_source`] of a file.
    pub source_key: String,
    /// Hex SHA-256 of width, height, pixel format and pixels.
    pub pixel_sha256: String,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// The pixel format, as it goes into the hash: `rgb8`, `rgba16`, …; `None` where an earlier worker did not say.
    #[serde(default)]
    pub pixel_format: Option<String>,
    /// The libav that decoded it.
    pub libav_version: String,
    /// The worker that ran it.
    pub worker_version: String,
}

/// An object's metadata is not that of one of our thumbnails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// A value is missing.
    #[error("the thumbnail's metadata lacks {0}")]
    Missing(&'static str),
    /// A value is malformed.
    #[error("the thumbnail's metadata has a malformed {0}")]
    Malformed(&'static str),
}

const POSITION: &str = "position";
const FRAME_TIME: &str = "frame-time";
const FRAME_PTS: &str = "frame-pts";
const TIME_BASE: &str = "frame-time-base";
const SOURCE_KEY: &str = "source-key";
const PIXEL_SHA256: &str = "pixel-sha256";
const SIZE: &str = "pixel-size";
const PIXEL_FORMAT: &str = "pixel-format";
const LIBAV_VERSION: &str = "libav-version";
const WORKER_VERSION: &str = "worker-version";

/// Everything that is no visible ASCII, and `%` itself.
const ESCAPED: AsciiSet = CONTROLS.add(b' ').add(b'%');

impl ThumbnailMetadata {
    /// The metadata as S3 stores it: names without their `x-amz-meta-` prefix, lower case.
    pub fn to_map(&self) -> HashMap<String, String> {
        let (numerator, denominator) = self.time_base;
        let (width, height) = self.size;
        let mut map: HashMap<String, String> = [
            (POSITION, self.position.to_string()),
            (FRAME_TIME, self.frame_time.to_string()),
            (FRAME_PTS, self.frame_pts.to_string()),
            (TIME_BASE, format!("{numerator}/{denominator}")),
            (
                SOURCE_KEY,
                utf8_percent_encode(&self.source_key, &ESCAPED).to_string(),
            ),
            (PIXEL_SHA256, self.pixel_sha256.clone()),
            (SIZE, format!("{width}x{height}")),
            (LIBAV_VERSION, self.libav_version.clone()),
            (WORKER_VERSION, self.worker_version.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let format = self.pixel_format.clone();
        map.extend(format.map(|format| (PIXEL_FORMAT.to_owned(), format)));
        map
    }

    /// Reads what [`Self::to_map`] wrote.
    ///
    /// # Errors
    /// Something is missing or malformed, as on a PNG that someone put there by hand.
    pub fn from_map(map: &HashMap<String, String>) -> Result<Self, MetadataError> {
        let get = |name| {
            map.get(name)
                .map(String::as_str)
                .ok_or(MetadataError::Missing(name))
        };
        let position = |name| {
            get(name)?
                .parse()
                .map_err(|_: PositionError| MetadataError::Malformed(name))
        };
        Ok(Self {
            position: position(POSITION)?,
            frame_time: position(FRAME_TIME)?,
            frame_pts: get(FRAME_PTS)?
                .parse()
                .map_err(|_| MetadataError::Malformed(FRAME_PTS))?,
            time_base: pair(get(TIME_BASE)?, '/').ok_or(MetadataError::Malformed(TIME_BASE))?,
            source_key: percent_decode_str(get(SOURCE_KEY)?)
                .decode_utf8_lossy()
                .into_owned(),
            pixel_sha256: get(PIXEL_SHA256)?.to_owned(),
            size: pair(get(SIZE)?, 'x').ok_or(MetadataError::Malformed(SIZE))?,
            pixel_format: map.get(PIXEL_FORMAT).cloned(),
            libav_version: get(LIBAV_VERSION)?.to_owned(),
            worker_version: get(WORKER_VERSION)?.to_owned(),
        })
    }
}

fn pair<T: std::str::FromStr>(text: &str, separator: char) -> Option<(T, T)> {
    let (first, second) = text.split_once(separator)?;
    Some((first.parse().ok()?, second.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> ThumbnailMetadata {
        ThumbnailMetadata {
            position: Position::from_micros(10_541_000),
            frame_time: Position::from_micros(10_541_666),
            frame_pts: 129_536,
            time_base: (1, 12_288),
            source_key: "uploads/ünï 100%_00-00-10.541.mp4".to_owned(),
            pixel_sha256: "9f2c".to_owned(),
            size: (1280, 720),
            pixel_format: Some("rgb8".to_owned()),
            libav_version: "59.37.100".to_owned(),
            worker_version: "0.1.0".to_owned(),
        }
    }

    // Breaks if the proof does not survive S3, whose metadata is ASCII headers.
    #[test]
    fn round_trips_as_ascii() {
        let map = sample().to_map();
        assert!(
            map.iter()
                .all(|(name, value)| name.is_ascii() && value.is_ascii())
        );
        assert_eq!(ThumbnailMetadata::from_map(&map), Ok(sample()));
    }

    // Breaks if a thumbnail of a worker that did not tell its pixel format yet is none of ours.
    #[test]
    fn the_pixel_format_may_be_missing() {
        let mut map = sample().to_map();
        map.remove(PIXEL_FORMAT);
        let earlier = ThumbnailMetadata {
            pixel_format: None,
            ..sample()
        };
        assert_eq!(ThumbnailMetadata::from_map(&map), Ok(earlier.clone()));
        assert_eq!(earlier.to_map(), map);
    }

    // Breaks if a PNG that was put there by hand passes for one of ours.
    #[test]
    fn missing_and_malformed_are_told_apart() {
        let mut map = sample().to_map();
        map.insert(SIZE.to_owned(), "wide".to_owned());
        assert_eq!(
            ThumbnailMetadata::from_map(&map),
            Err(MetadataError::Malformed(SIZE))
        );
        map.remove(POSITION);
        assert_eq!(
            ThumbnailMetadata::from_map(&map),
            Err(MetadataError::Missing(POSITION))
        );
    }
}
