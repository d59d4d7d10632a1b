//! What positions are shown as.

use posterframe_contract::Position;
use posterframe_frame::Timecodes;
use serde::{Deserialize, Serialize};

/// The unit of positions that are shown, and of those that are typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisplayUnit {
    /// The time since the start: `00:00:10.541`.
    #[default]
    Time,
    /// The timecode: `01:00:10:13`.
    Timecode,
    /// The frame's number, counted from 0: `253`.
    Frame,
}

impl DisplayUnit {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Time, Self::Timecode, Self::Frame];

    /// The word for it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Time => "Time",
            Self::Timecode => "TC",
            Self::Frame => "Frame",
        }
    }

    /// Whether what is typed counts frames, as [`Entry::parse`](posterframe_contract::Entry::parse) asks.
    pub const fn counts_frames(self) -> bool {
        matches!(self, Self::Timecode | Self::Frame)
    }

    /// The frame at `position` in this unit; its time where its number is not known, or the video has no timecodes.
    pub fn text(self, position: Position, number: Option<u64>, timecodes: Option<&Timecodes>) -> String {
        let time = || position.timecode();
        match self {
            Self::Time => time(),
            Self::Timecode => number.zip(timecodes).map_or_else(time, |(number, timecodes)| {
                timecodes.scale().timecode(number).to_string()
            }),
            Self::Frame => number.map_or_else(time, |number| number.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use posterframe_frame::Video;

    use super::*;

    // Breaks if a frame is shown as another one, or as nothing where the unit has no word for it.
    #[test]
    fn frames_in_each_unit() {
        let video = Video::open(std::path::Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../assets/sample.mp4"
        )));
        let timecodes = video.unwrap().info().timecodes.clone().unwrap();
        let position = Position::from_micros(10_541_000);
        let shown = |number, timecodes| DisplayUnit::ALL.map(|unit| unit.text(position, number, timecodes));
        assert_eq!(
            shown(Some(253), Some(&timecodes)),
            ["00:00:10.541", "00:00:10:13", "253"]
        );
        assert_eq!(shown(None, Some(&timecodes)), ["00:00:10.541"; 3]);
        assert_eq!(shown(Some(253), None), ["00:00:10.541", "00:00:10.541", "253"]);
    }
}
