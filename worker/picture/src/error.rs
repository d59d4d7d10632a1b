//! Why a picture cannot be made.

/// Why a picture cannot be made, scaled, read or written.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The pixels are not those of a picture of this size and format.
    #[error("a picture of this size has {expected} bytes, not {bytes}")]
    Size {
        /// The bytes that there are.
        bytes: usize,
        /// Those that the size and the format need.
        expected: usize,
    },
    /// A crop is not within the frame.
    #[error("the crop of {crop} is not within the frame, which has {frame} pixels")]
    Crop {
        /// The crop, in words.
        crop: String,
        /// The frame's size, in words.
        frame: String,
    },
    /// A side is longer than the file formats hold.
    #[error("{width} × {height} pixels are more than a file can have")]
    TooLarge {
        /// Pixels across.
        width: u32,
        /// Lines.
        height: u32,
    },
    /// The best that can be done is larger than the limit.
    #[error("at the lowest quality the file has {bytes} bytes, more than the limit of {most}")]
    OverLimit {
        /// Its bytes.
        bytes: u64,
        /// The limit.
        most: u64,
    },
    /// The scaler refuses.
    #[error("the picture cannot be scaled: {0}")]
    Scale(String),
    /// A file's format refuses, or its bytes are damaged.
    #[error("{0}")]
    File(String),
}
