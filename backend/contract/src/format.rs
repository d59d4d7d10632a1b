//! The file formats of pictures.

use serde::{Deserialize, Serialize};

/// A picture's file format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Alone: the frame's very pixels, as the ffmpeg program writes them.
    #[default]
    Png,
    /// Small, lossy, read everywhere.
    Jpeg,
    /// Smaller, lossy or not.
    Webp,
    /// Smallest, lossy, 8 or 10 bit: the one lossy format that holds HDR. It takes the longest to write.
    Avif,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Png, Self::Jpeg, Self::Webp, Self::Avif];

    /// The extension of its files.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Avif => "avif",
        }
    }

    /// Its name, as people write it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Webp => "WebP",
            Self::Avif => "AVIF",
        }
    }

    /// The media type of its files.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
        }
    }

    /// The format of a file name's extension, in any case: `jpg` and `jpeg` are one.
    pub fn of_extension(extension: &str) -> Option<Self> {
        let extension = extension.to_ascii_lowercase();
        let is_it = |format: &Self| extension == format.extension() || extension == format.word();
        Self::ALL.into_iter().find(is_it)
    }

    /// Its name in a request.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Webp => "webp",
            Self::Avif => "avif",
        }
    }
}
