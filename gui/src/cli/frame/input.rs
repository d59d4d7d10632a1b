//! Where the video comes from.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};

use posterframe_client::fs;
use posterframe_contract::names::{MAX_NAME_BYTES, as_text};
use posterframe_contract::{Format, Interpretation, Position};
use posterframe_frame::Source;
use posterframe_picture::proof::Origin;
use posterframe_player::VideoSource;
use posterframe_remote::SourceError;

use crate::cli::remote::Opened;

/// Where the video comes from.
pub(super) enum Input {
    File(PathBuf),
    /// A temporary copy of standard input.
    Copy(File),
    /// An object or an address, and its file name.
    Remote(Box<Opened>, String),
}

impl Input {
    pub(super) fn remote(opened: Opened) -> Self {
        let name = opened.remote.file_name();
        Self::Remote(Box::new(opened), name)
    }

    pub(super) fn source(&self) -> anyhow::Result<Source> {
        Ok(match self {
            Self::File(path) => path.as_path().into(),
            Self::Copy(file) => Source::Stream {
                reader: Box::new(file.try_clone()?),
                name: "stdin".to_owned(),
            },
            Self::Remote(opened, _) => (&VideoSource::from(opened.remote.clone())).into(),
        })
    }

    /// What files say of it that are made of it when it is read so.
    pub(super) fn origin(&self, interpretation: Interpretation) -> Origin {
        let (name, bytes) = match self {
            Self::File(path) => {
                let name = path.file_name().map(as_text).unwrap_or_default();
                (name, std::fs::metadata(path).ok().map(|file| file.len()))
            }
            Self::Copy(file) => {
                let bytes = file.metadata().ok().map(|file| file.len());
                ("standard input".to_owned(), bytes)
            }
            Self::Remote(opened, name) => (name.clone(), opened.remote.size()),
        };
        let etag = match self {
            Self::Remote(opened, _) => opened.remote.version().and_then(|version| version.etag),
            Self::File(_) | Self::Copy(_) => None,
        };
        Origin {
            name,
            bytes,
            etag,
            sha256: None,
            interpretation,
            libav_version: posterframe_frame::libav_version(),
            worker_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    pub(super) fn stem(&self) -> &OsStr {
        match self {
            Self::File(path) => path.file_stem(),
            Self::Copy(_) => None,
            Self::Remote(_, name) => Path::new(name).file_stem(),
        }
        .unwrap_or(OsStr::new("video"))
    }

    /// A video at a distance.
    pub(super) fn distant(&self) -> Option<VideoSource> {
        match self {
            Self::Remote(opened, _) => Some(opened.remote.clone().into()),
            Self::File(_) | Self::Copy(_) => None,
        }
    }

    /// Why reading the video failed, where that is why libav did.
    pub(super) fn take_error(&self) -> Option<SourceError> {
        self.distant()?.take_error()
    }
}

/// The default file name: the video's name, byte for byte if it is not too long, and the position.
pub(super) fn default_output(input: &Input, position: Position, format: Format) -> PathBuf {
    let tail = format!("_{}.{}", position.key_part(), format.extension());
    let mut name = input.stem().to_owned();
    name.push(&tail);
    if name.len() > MAX_NAME_BYTES {
        name = fs::file_name(&as_text(input.stem()), &tail).into();
    }
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a default name is too long for a file, or does not begin with the video's name.
    #[cfg(unix)]
    #[test]
    fn names_of_frames() {
        use std::os::unix::ffi::OsStrExt as _;
        let name = |bytes: &[u8]| {
            let input = Input::File(OsStr::from_bytes(bytes).into());
            default_output(&input, Position::from_micros(1_000_000), Format::Png).into_os_string()
        };
        assert_eq!(name(b"/films/bunny.mp4"), "bunny_00-00-01.000.png");
        assert_eq!(name(b"Mu\xf1oz.mp4").as_bytes(), b"Mu\xf1oz_00-00-01.000.png");
        assert_eq!(name(b".."), "video_00-00-01.000.png");
        for byte in [b'x', 0xff] {
            let name = name(&[byte; 255]);
            assert!(name.len() <= 255 && name.as_bytes().ends_with(b"_00-00-01.000.png"));
        }
    }
}
