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
//! | `source` | a file or any reader as libav's input, which can be cancelled |
//! | `limits` | the limits of a call |
//! | `boxes`, `span` | the bytes that will be read, for readers that fetch them |
//! | `colours` | what a video says of its colours, and how bright it is |
//! | `chapters` | the chapters that a file names |
//! | `track` | the video tracks of a file, and the one that is shown |
//! | `demux`, `order`, `times` | the packets of that track; whether they have their pictures' times |
//! | `clock` | corrects packets' timestamps as the ffmpeg program does |
//! | `decode`, `decoder`, `threads` | packets to frames with timestamps; the decoder; its number of threads |
//! | `video` | finding a frame: by a seek, by decoding on, or from the start |
//! | `recent` | the last decoded frames, for steps back |
//! | `steps`, `stills`, `playing` | neighbours and keyframes; pictures for a film strip; one small picture after another |
//! | `frame` | a frame, its time and its position |
//! | `deinterlace` | a frame without one of its fields, for outputs that are not the exact frame |
//! | `convert` | converts a frame as ffmpeg does for its PNG encoder |
//! | `first` | the video's first frame, which decides the size of all pictures |
//! | `rotation`, `turn`, `rotate` | the rotation that a video asks for; rotating pictures |
//! | `image`, `tags`, `resize` | pixels, their hash, and PNG; a PNG's colour properties; smaller pictures for the screen |
//! | `index`, `number` | the times of all frames; the number of one |
//! | `timecode` | the timecode of the first frame, and which frame has which |
//! | `rules` | frames by their place or by a rule: every so often, keyframes, scenes, the best |
//! | `quality` | how good a still a picture makes |
//! | `raw`, `swscale` | parts of libav that `ffmpeg-next` does not expose; the only unsafe code |

mod boxes;
mod chapters;
mod clock;
mod colours;
mod convert;
mod decode;
mod decoder;
mod deinterlace;
mod demux;
mod error;
mod first;
mod frame;
mod index;
mod info;
mod limits;
mod memory;
mod number;
mod options;
mod order;
mod playing;
mod quality;
mod raw;
mod recent;
mod rotate;
mod rotation;
mod rules;
mod source;
mod span;
mod steps;
mod stills;
mod swscale;
mod threads;
mod timecode;
mod times;
mod track;
mod turn;
mod video;

pub use chapters::Chapter;
pub use colours::{Colours, DolbyVision};
pub use error::{Error, NoTimecode};
pub use frame::Frame;
pub use index::FrameIndex;
pub use info::VideoInfo;
pub use memory::max_pixels;
pub use options::{Cancel, Options};
pub use posterframe_contract::{Interpretation, Rotation};
pub use posterframe_picture::{Deinterlace, Image, PictureError, PixelFormat};
pub use quality::{Flaw, MIN_SCORE, Quality};
pub use rules::{Moment, Pick, Rule, Stride};
pub use source::{HintedReader, ReadSeek, ReadWhile, Source};
pub use timecode::Timecodes;
pub use track::Track;
pub use video::{FoundFrame, Video};

/// The decoding library and its version, such as `libavcodec 59.37.100`. The same version gives the same pixels.
pub fn libav_version() -> String {
    named("libavcodec", ffmpeg_next::codec::version())
}

/// All libav libraries of this program with their versions, [`libav_version`] first.
pub fn libav_versions() -> [String; 4] {
    [
        libav_version(),
        named("libavformat", ffmpeg_next::format::version()),
        named("libswscale", ffmpeg_next::software::scaling::version()),
        named("libavutil", ffmpeg_next::util::version()),
    ]
}

/// Formats libav's packed version: 16 bits of major, 8 of minor, 8 of micro.
fn named(library: &str, version: u32) -> String {
    let (major, minor, micro) = (version >> 16, (version >> 8) & 0xFF, version & 0xFF);
    format!("{library} {major}.{minor}.{micro}")
}
