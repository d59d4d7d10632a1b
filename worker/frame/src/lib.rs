//! Video in, exact frame out.
//!
//! The frame at a position is the one that `ffmpeg -i INPUT -ss POSITION -frames:v 1 OUT.png` writes: the first frame
//! of the best video stream whose timestamp, less the start of the video, is at or after the position, with ffmpeg's
//! own rounding, rotation and colour conversion, byte for byte for the same libav. [`Video::frame_at`] gives that
//! frame, and seeks where a seek can be trusted instead of decoding everything before it.
//!
//! ```no_run
//! use std::path::Path;
//! use std::time::Duration;
//!
//! let mut video = posterframe_frame::Video::open(Path::new("clip.mp4"))?;
//! let frame = video.frame_at(Duration::from_millis(10_541))?;
//! std::fs::write("frame.png", frame.image.encode_png()?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | job |
//! | --- | --- |
//! | `source` | a file or any reader, under libav, with a way to be stopped |
//! | `demux` | the best video stream's packets |
//! | `clock` | packets' timestamps as the ffmpeg program mends them |
//! | `decode` | packets into frames with timestamps |
//! | `video` | which frame, and how to get to it: seek, go on, or start over |
//! | `convert`, `rotation` | the frame as the PNG encoder would get it from ffmpeg |
//! | `image` | pixels, their hash, and PNG |
//! | `index` | all frames' times, without their pictures |
//! | `raw` | what libav has and `ffmpeg-next` does not show; the only unsafe code |

mod clock;
mod convert;
mod decode;
mod demux;
mod error;
mod image;
mod index;
mod info;
mod options;
mod raw;
mod rotation;
mod source;
mod video;

pub use error::Error;
pub use image::{Image, PixelFormat};
pub use index::FrameIndex;
pub use info::VideoInfo;
pub use options::{Cancel, Options};
pub use source::{ReadSeek, Source};
pub use video::{Frame, Video};

/// The libav that decodes, such as `libavcodec 59.37.100`. The same version gives the same pixels.
pub fn libav_version() -> String {
    let version = ffmpeg_next::codec::version();
    format!(
        "libavcodec {}.{}.{}",
        version >> 16,
        (version >> 8) & 0xFF,
        version & 0xFF
    )
}
