//! A video and how it is read. All threads of a player open it so.

use posterframe_contract::Interpretation;
use posterframe_frame::{Cancel, Error, FrameIndex, Options, Video};

use super::VideoSource;

/// A video and how it is read.
#[derive(Clone, Debug)]
pub struct Footage {
    /// Where it is.
    pub source: VideoSource,
    /// Which track is shown, and what of the file's own word on it does not count.
    pub interpretation: Interpretation,
}

impl Footage {
    /// The video at `source`, read so.
    pub fn new(source: impl Into<VideoSource>, interpretation: Interpretation) -> Self {
        Self {
            source: source.into(),
            interpretation,
        }
    }

    /// Opens the video once more, read as this says whatever the options do.
    ///
    /// # Errors
    /// As [`Video::open_with`].
    pub fn open(&self, options: Options) -> Result<Video, Error> {
        Video::open_with(&self.source, self.options(options))
    }

    /// The times of all frames.
    ///
    /// # Errors
    /// As [`FrameIndex::scan`].
    pub fn index(&self, cancel: &Cancel) -> Result<FrameIndex, Error> {
        let options = Options {
            cancel: cancel.clone(),
            ..Options::default()
        };
        FrameIndex::scan(&self.source, &self.options(options))
    }

    fn options(&self, options: Options) -> Options {
        Options {
            interpretation: self.interpretation,
            ..options
        }
    }
}
