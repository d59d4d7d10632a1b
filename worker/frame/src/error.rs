//! The library's errors, in plain words.

use std::io;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use posterframe_contract::{Timecode, TimecodeError};

/// Why there is no frame. The messages do not name the file, since the caller knows it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened or read.
    #[error("the file cannot be opened: {reason}")]
    Open {
        /// The file.
        path: PathBuf,
        /// The system's error.
        reason: io::Error,
    },
    /// The path leads to a folder.
    #[error("this is a folder, not a video")]
    IsFolder(PathBuf),
    /// The path leads to a pipe, a device or a socket.
    #[error("this is {0}, not a file")]
    NotAFile(&'static str),
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// libav does not know the format, or the file ends before anything can be decoded.
    #[error("this is not a video that can be read ({reason})")]
    NotAVideo {
        /// libav's error.
        reason: String,
    },
    /// The file has only sound, subtitles or data.
    #[error("there is no video stream in the file")]
    NoVideoStream,
    /// There are fewer video tracks.
    #[error("the video has {tracks} video {word}; there is no track {track}", word = if *tracks == 1 { "track" } else { "tracks" })]
    NoTrack {
        /// The requested number, counted from 1.
        track: NonZeroU16,
        /// How many video tracks there are.
        tracks: usize,
    },
    /// libav has no decoder for the codec.
    #[error("there is no decoder for this video: {codec}")]
    UnknownCodec {
        /// The codec's name.
        codec: String,
    },
    /// A picture has more pixels than the limit.
    #[error("the picture has {width} × {height} pixels, more than the limit of {limit}")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The limit, in pixels.
        limit: u64,
    },
    /// The position lies past the last frame.
    #[error("{position} lies past the last frame, which is at {last}", position = clock(*position), last = clock(*last))]
    PastTheEnd {
        /// The requested position.
        position: Duration,
        /// The time of the last frame.
        last: Duration,
    },
    /// There are fewer frames.
    #[error("there is no frame {number}: the last one is {last}")]
    NoSuchFrame {
        /// The requested number, counted from 0.
        number: u64,
        /// The number of the last frame.
        last: u64,
    },
    /// A rule gives more frames than the limit.
    #[error("the rule gives more than {0} frames")]
    TooManyFrames(usize),
    /// No frame has this timecode.
    #[error("there is no frame at {timecode}: the timecodes go from {first} to {last}")]
    NoSuchTimecode {
        /// What was asked for.
        timecode: Timecode,
        /// The first frame's.
        first: Timecode,
        /// The last frame's.
        last: Timecode,
    },
    /// No frame of any video of this rate has this timecode.
    #[error(transparent)]
    WrongTimecode(#[from] TimecodeError),
    /// The video has no timecodes.
    #[error("{0}")]
    NoTimecode(NoTimecode),
    /// A distance from the last frame is longer than the video.
    #[error("{distance} before the last frame lies before the start: that frame is at {last}", distance = clock(*distance), last = clock(*last))]
    BeforeTheStart {
        /// The requested time before the last frame.
        distance: Duration,
        /// The time of the last frame.
        last: Duration,
    },
    /// Not a single frame could be decoded.
    #[error("no frame of the video can be decoded")]
    NoFrame,
    /// The frame was decoded, but cannot be converted or encoded.
    #[error("the frame cannot be converted: {reason}")]
    Convert {
        /// The error of libav or the PNG encoder.
        reason: String,
    },
    /// The call took longer than the limit.
    #[error("the frame took longer than the limit of {} s", .0.as_secs_f64())]
    TooSlow(Duration),
    /// The decoder returned no picture for longer than the limit.
    #[error("no picture came out of the video for {} s", .0.as_secs_f64())]
    Stalled(Duration),
    /// More bytes of pictures had to be decoded than the limit.
    #[error("more than {0} bytes of pictures had to be decoded on the way to the frame")]
    TooMuch(u64),
    /// The call was cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// Why a video, or one of its frames, has no timecode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTimecode {
    /// The container says no frame rate, or one that no timecode counts.
    #[error("this video has no timecode: its frame rate is not known")]
    NoRate,
    /// Frames are not at equal distances.
    #[error("this video has no timecode: its frame rate varies, so frames and time do not keep step")]
    VariableRate,
    /// What the file says is no timecode of its rate.
    #[error("this video’s timecode cannot be read: “{text}” at {frames} frames a second")]
    Unreadable {
        /// What it says.
        text: String,
        /// The frames that are counted in a second.
        frames: u16,
    },
    /// The track counts other frames than the video has.
    #[error(
        "this video’s timecode does not fit: it counts {counted} frames a second, and the video has {frames}"
    )]
    OtherRate {
        /// What the track counts.
        counted: u16,
        /// What the video has.
        frames: u16,
    },
}

impl Error {
    /// Advice for the user.
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::Open { .. } => "Check the path, and that you may read the file",
            Self::IsFolder(_) => "Choose a video in it",
            Self::NotAFile(_) => "Copy what comes out of it to a file, and choose that",
            Self::Empty => "Copy or download the file again",
            Self::NotAVideo { .. } => {
                "Check that the file plays; if it was copied or downloaded, do that again"
            }
            Self::NoVideoStream => "Choose a file that has pictures",
            Self::NoTrack { .. } => "Choose one of these; the first one is 1",
            Self::UnknownCodec { .. } => "Convert the video to a common format, such as H.264 in MP4",
            Self::TooLarge { .. } => "Convert the video to a smaller picture size",
            Self::PastTheEnd { .. } | Self::NoSuchFrame { .. } => "Pick an earlier frame",
            Self::TooManyFrames(_) => "Take a longer step",
            Self::NoSuchTimecode { .. } => "Pick a timecode between these two",
            Self::WrongTimecode(_) => "Pick the timecode of a frame",
            Self::NoTimecode(_) => {
                "Give the time since the start, such as 1:10.5, or the frame’s number, such as 253f"
            }
            Self::BeforeTheStart { .. } => "Pick a later frame",
            Self::NoFrame => "Check that the file plays, or re-encode the video",
            Self::Convert { .. } => "Pick another frame, or re-encode the video",
            Self::Stalled(_) => "Check that the file plays; it may be damaged, or its source too slow",
            Self::TooSlow(_) | Self::TooMuch(_) => {
                "Pick an earlier frame, or re-encode the video with more keyframes"
            }
            Self::Cancelled => "Try again",
        }
    }

    /// A failure of a conversion in libav.
    pub(crate) fn convert(error: ffmpeg_next::Error) -> Self {
        Self::Convert {
            reason: error.to_string(),
        }
    }
}

impl From<posterframe_picture::PictureError> for Error {
    fn from(error: posterframe_picture::PictureError) -> Self {
        Self::Convert {
            reason: error.to_string(),
        }
    }
}

impl From<NoTimecode> for Error {
    fn from(reason: NoTimecode) -> Self {
        Self::NoTimecode(reason)
    }
}

/// Formats a time as `HH:MM:SS.mmm`, with microseconds if they are not zero.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let micros = time.subsec_micros();
    let whole = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    if micros.is_multiple_of(1000) {
        format!("{whole}.{:03}", micros / 1000)
    } else {
        format!("{whole}.{micros:06}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the error for a position past the end stops naming the last frame's time.
    #[test]
    fn past_the_end_names_the_last_frame() {
        let error = Error::PastTheEnd {
            position: Duration::from_secs(3_723),
            last: Duration::from_micros(11_958_333),
        };
        assert_eq!(
            error.to_string(),
            "01:02:03.000 lies past the last frame, which is at 00:00:11.958333"
        );
    }
}
