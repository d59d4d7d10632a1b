//! Where a still or a sheet comes from, written inside the file itself.
//!
//! A picture that has left its folder has no manifest beside it. What it says of itself travels with it, as an XMP packet: the
//! one form of metadata that PNG, JPEG, WebP and AVIF all have a place for. Only that place is written; the bytes of the
//! picture stay as they are, so the pixels do too.
//!
//! [`Proof`] is what the packet of a still says, [`SheetProof`] that of a sheet; [`embed`] puts a packet into a file, [`extract`] takes it out. All three are given
//! files that others made: lengths are checked, and memory is bounded by the size of the file.
//!
//! Sources: XMP specification, part 1 (ISO 16684-1:2019, the packet) and part 3 (2020, where it stands in PNG and JPEG);
//! PNG, third edition, 11.3.3.4; RFC 9649, 2.7 (WebP); ISO/IEC 23008-12, Annex A and ISO/IEC 14496-12, 8.11 (AVIF).

mod avif;
mod error;
mod jpeg;
mod packet;
mod parse;
mod png;
mod webp;

#[cfg(test)]
mod tests;

use std::fmt;

use posterframe_contract::{Interpretation, Position, SheetRequest, Timecode};

pub use error::EmbedError;

/// The namespace of our own properties; `pf` in the packet.
pub const NAMESPACE: &str = "https://posterframe.dev/ns/proof/1.0/";

/// The longest packet that is written or parsed, in bytes. JPEG has less: see [`Container::limit`].
pub const MAX_PACKET_BYTES: usize = 64 * 1024;

/// The video that a picture comes from, and the programs that made the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The video's file name, without its folder.
    pub name: String,
    /// The video's size in bytes.
    pub bytes: Option<u64>,
    /// The `ETag` that the server gave the video.
    pub etag: Option<String>,
    /// SHA-256 of the whole video in lower-case hexadecimal.
    pub sha256: Option<String>,
    /// How the video was read, where that was not as its file says.
    pub interpretation: Interpretation,
    /// The version of libavcodec that decoded the video.
    pub libav_version: String,
    /// The version of the worker that wrote the file.
    pub worker_version: String,
}

/// Where a still comes from, and what was done to it.
///
/// ```
/// use posterframe_contract::{Interpretation, Position};
/// use posterframe_picture::proof::{Origin, Proof};
///
/// let proof = Proof {
///     origin: Origin {
///         name: "holiday & snow.mp4".to_owned(),
///         bytes: Some(3_318_272),
///         etag: None,
///         sha256: None,
///         interpretation: Interpretation::default(),
///         libav_version: "62.11.100".to_owned(),
///         worker_version: "0.1.0".to_owned(),
///     },
///     position: Position::from_micros(10_541_000),
///     frame_number: Some(253),
///     frame_time: Position::from_micros(10_541_667),
///     timecode: Some("01:00:10:13".parse().unwrap()),
///     pts: 129_536,
///     time_base: (1, 12_288),
///     frame_sha256: "9f86d0".to_owned(),
///     pixel_sha256: "60303a".to_owned(),
///     crop: Some([0, 60, 960, 420]),
///     deinterlaced: false,
///     note: None,
///     title: None,
/// };
/// assert_eq!(Proof::from_xmp(&proof.to_xmp()), Some(proof));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The video, and who made the file.
    pub origin: Origin,
    /// The position that was asked for.
    pub position: Position,
    /// The frame's number in the video, counted from 0.
    pub frame_number: Option<u64>,
    /// When the frame is shown, counted from the start of the video.
    pub frame_time: Position,
    /// Its timecode, where the video has any.
    pub timecode: Option<Timecode>,
    /// The frame's timestamp as the container has it, in units of [`Proof::time_base`].
    pub pts: i64,
    /// Numerator and denominator of the unit of [`Proof::pts`], in seconds.
    pub time_base: (i32, i32),
    /// SHA-256, in lower-case hexadecimal, of the exact frame's pixels before anything was done to them.
    pub frame_sha256: String,
    /// SHA-256, in lower-case hexadecimal, of this file's pixels before they were encoded.
    pub pixel_sha256: String,
    /// What was cut out of the frame: left, top, width and height in pixels of the frame.
    pub crop: Option<[u32; 4]>,
    /// Whether one of the frame's two fields was interpolated.
    pub deinterlaced: bool,
    /// What else there is to say, in words: the still's note.
    pub note: Option<String>,
    /// The picture's title: the still's name.
    pub title: Option<String>,
}

impl Proof {
    /// The proof as an XMP packet.
    ///
    /// Characters that XML cannot carry (most control characters, U+FFFE and U+FFFF) become U+FFFD. The packet is as long as
    /// its texts need: [`embed`] refuses one over [`Container::limit`].
    pub fn to_xmp(&self) -> String {
        packet::of_still(self)
    }

    /// Reads a packet that [`Proof::to_xmp`] wrote, also after another program has written it anew in its own form.
    ///
    /// `None` where it is longer than [`MAX_PACKET_BYTES`], is not well-formed, declares a document type, says a property
    /// twice, or lacks one that every proof has.
    pub fn from_xmp(xmp: &str) -> Option<Self> {
        parse::still(xmp)
    }
}

/// Where a picture of a sheet comes from. Its cues say when its tiles are; so it does not.
///
/// ```
/// # use posterframe_contract::Interpretation;
/// # use posterframe_picture::proof::{Origin, SheetProof};
/// let proof = SheetProof {
///     origin: Origin {
///         name: "holiday.mp4".to_owned(),
///         bytes: Some(3_318_272),
///         etag: Some("\"9b2c\"".to_owned()),
///         sha256: None,
///         interpretation: Interpretation::default(),
///         libav_version: "62.11.100".to_owned(),
///         worker_version: "0.1.0".to_owned(),
///     },
///     sheet: "160x90@10s".parse().unwrap(),
///     number: 1,
///     tiles: 60,
///     pixel_sha256: "60303a".to_owned(),
/// };
/// assert_eq!(SheetProof::from_xmp(&proof.to_xmp()), Some(proof));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetProof {
    /// The video, and who made the file.
    pub origin: Origin,
    /// What was asked for.
    pub sheet: SheetRequest,
    /// Which of the sheet's pictures it is, counted from 1.
    pub number: u32,
    /// How many tiles this picture has.
    pub tiles: u32,
    /// SHA-256, in lower-case hexadecimal, of this file's pixels before they were encoded.
    pub pixel_sha256: String,
}

impl SheetProof {
    /// As [`Proof::to_xmp`].
    pub fn to_xmp(&self) -> String {
        packet::of_sheet(self)
    }

    /// As [`Proof::from_xmp`]. `None` for a still's packet, too.
    pub fn from_xmp(xmp: &str) -> Option<Self> {
        parse::sheet(xmp)
    }
}

/// A kind of file that holds a picture and a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// Portable Network Graphics.
    Png,
    /// JPEG, with or without JFIF or Exif around it.
    Jpeg,
    /// WebP: lossy, lossless or animated.
    WebP,
    /// AV1 in the High Efficiency Image File Format.
    Avif,
}

impl Container {
    /// The kind of a file, by its first bytes; `None` where it is none of these.
    pub fn of(file: &[u8]) -> Option<Self> {
        if file.starts_with(png::SIGNATURE) {
            Some(Self::Png)
        } else if file.starts_with(&jpeg::SIGNATURE) {
            Some(Self::Jpeg)
        } else if webp::is_webp(file) {
            Some(Self::WebP)
        } else if avif::is_avif(file) {
            Some(Self::Avif)
        } else {
            None
        }
    }

    /// The longest packet that [`embed`] puts into such a file, in bytes.
    pub const fn limit(self) -> usize {
        match self {
            // A segment's length has 16 bits; XMP specification, part 3, 1.1.3.
            Self::Jpeg => 65_502,
            Self::Png | Self::WebP | Self::Avif => MAX_PACKET_BYTES,
        }
    }
}

/// The name as people write it: `PNG`, `JPEG`, `WebP`, `AVIF`.
impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Avif => "AVIF",
        })
    }
}

/// A copy of `file` with `xmp` inside it, in place of any earlier packet.
///
/// Every byte that is not metadata, its place or its length stays as it is, bytes after the end of the picture too.
///
/// # Errors
/// The file is none of [`Container`], is damaged where it has to be read, or has no place for this packet. See [`EmbedError`].
pub fn embed(file: &[u8], xmp: &str) -> Result<Vec<u8>, EmbedError> {
    let container = Container::of(file).ok_or(EmbedError::Unknown)?;
    if xmp.is_empty() {
        return Err(EmbedError::Empty);
    }
    if xmp.len() > container.limit() {
        return Err(EmbedError::TooLong {
            container,
            bytes: xmp.len(),
            limit: container.limit(),
        });
    }
    match container {
        Container::Png => png::embed(file, xmp.as_bytes()),
        Container::Jpeg => jpeg::embed(file, xmp.as_bytes()),
        Container::WebP => webp::embed(file, xmp.as_bytes()),
        Container::Avif => avif::embed(file, xmp.as_bytes()),
    }
}

/// The packet inside `file`, as [`embed`] or another program put it there; the first where there are several.
///
/// `None` where there is none, it is compressed or not UTF-8, or the file is damaged before it.
pub fn extract(file: &[u8]) -> Option<String> {
    let packet = match Container::of(file)? {
        Container::Png => png::extract(file)?.to_vec(),
        Container::Jpeg => jpeg::extract(file)?.to_vec(),
        Container::WebP => webp::extract(file)?.to_vec(),
        Container::Avif => avif::extract(file)?,
    };
    String::from_utf8(packet).ok()
}
