//! Video in, exact frame out.
//!
//! The frame at a position is the one that `ffmpeg -i INPUT -ss POSITION -frames:v 1 OUT.png` writes: the first frame
//! of the best video stream whose timestamp, less the start of the video, is at or after the position, with ffmpeg's
//! own rounding, rotation and colour conversion, byte for byte for the same libav. [`Video::frame_at`] gives that
//! frame, and seeks where a seek can be trusted instead of decoding everything before it.
//!
//! ```
//! use std::path::Path;
//! use std::time::Duration;
//!
//! # let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/sample.mp4");
//! let video = posterframe_frame::Video::open(&clip)?;
//! let frame = video.into_frame_at(Duration::from_millis(10_541))?;
//! let png = frame.image.encode_png()?;
//! assert_eq!((frame.image.width(), frame.image.height()), (960, 540));
//! assert!(png.starts_with(b"\x89PNG"));
//! # Ok::<(), posterframe_frame::Error>(())
//! ```
//!
//! | module | job |
//! | --- | --- |
//! | `source` | a file or any reader, under libav, with a way to be stopped |
//! | `limits` | when a call must end |
//! | `boxes`, `span` | which bytes will be read, for readers that fetch them |
//! | `demux`, `order`, `times` | the best video stream's packets; whether they tell their pictures' times |
//! | `clock` | packets' timestamps as the ffmpeg program mends them |
//! | `decode`, `decoder`, `threads` | packets into frames with timestamps; the decoder; with how many threads |
//! | `video` | which frame, and how to get to it: seek, go on, or start over |
//! | `recent` | the frames that came out last, for stepping back |
//! | `steps`, `stills` | neighbours and keyframes; pictures for a film strip |
//! | `frame` | a frame, its time, and the position that stands for it |
//! | `convert` | the frame as the PNG encoder would get it from ffmpeg |
//! | `first` | the video's first frame, which the size of all pictures comes from |
//! | `rotation`, `turn`, `rotate` | how a picture is to be turned; turning it |
//! | `image`, `tags`, `resize` | pixels, their hash, and PNG; what it says of them; smaller ones for the screen |
//! | `index`, `number` | all frames' times, without their pictures; the number of one |
//! | `raw`, `swscale` | what libav has and `ffmpeg-next` does not show; the only unsafe code |

mod boxes;
mod clock;
mod convert;
mod decode;
mod decoder;
mod demux;
mod error;
mod first;
mod frame;
mod image;
mod index;
mod info;
mod limits;
mod memory;
mod number;
mod options;
mod order;
mod raw;
mod recent;
mod resize;
mod rotate;
mod rotation;
mod source;
mod span;
mod steps;
mod stills;
mod swscale;
mod tags;
mod threads;
mod times;
mod turn;
mod video;

pub use error::Error;
pub use frame::Frame;
pub use image::{Image, PixelFormat};
pub use index::FrameIndex;
pub use info::VideoInfo;
pub use memory::max_pixels;
pub use options::{Cancel, Options};
pub use source::{ReadSeek, Source};
pub use video::Video;

/// The libav that decodes, such as `libavcodec 59.37.100`. The same version gives the same pixels.
pub fn libav_version() -> String {
    named("libavcodec", ffmpeg_next::codec::version())
}

/// All of libav that this program uses, a library each, [`libav_version`]'s first.
pub fn libav_versions() -> [String; 4] {
    [
        libav_version(),
        named("libavformat", ffmpeg_next::format::version()),
        named("libswscale", ffmpeg_next::software::scaling::version()),
        named("libavutil", ffmpeg_next::util::version()),
    ]
}

/// libav packs a version into one number: 16 bits of major, 8 of minor, 8 of micro.
fn named(library: &str, version: u32) -> String {
    let (major, minor, micro) = (version >> 16, (version >> 8) & 0xFF, version & 0xFF);
    format!("{library} {major}.{minor}.{micro}")
}
