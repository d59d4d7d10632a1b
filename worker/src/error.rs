//! Why a task failed, and which exit code says so.

use posterframe_contract::{FormatError, TaskExit};
use posterframe_remote::SourceError;

use crate::config::ConfigError;
use crate::exit::frame_exit;
use crate::select::SelectError;
use crate::sheet::SheetError;

/// Why a task, or a still of it, made no file. Each kind has its exit code.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The environment is not right.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The request is not valid.
    #[error("{place} is no valid request: {error}")]
    Request {
        /// Where it is.
        place: String,
        /// What is wrong with it.
        error: FormatError,
    },
    /// A place or a rule of the request leads to no frame, or to too many.
    #[error(transparent)]
    Select(SelectError),
    /// The request cannot be done with the frames that its places and rules lead to.
    #[error("the request cannot be done with the frames that its rules give: {0}")]
    Resolved(FormatError),
    /// The name of a file is another one's already.
    #[error("{0}")]
    Name(String),
    /// The video is not the one that the request means.
    #[error("{0} was replaced after the request was made")]
    OtherVersion(String),
    /// The video could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// An output cannot be made of the frame.
    #[error("{output} cannot be made: {error}")]
    Picture {
        /// The output, as people type it.
        output: String,
        /// Why not.
        error: posterframe_picture::PictureError,
    },
    /// A sheet cannot be made.
    #[error("the sheet {sheet} cannot be made: {error}")]
    Sheet {
        /// The sheet, as people type it.
        sheet: String,
        /// Why not.
        error: SheetError,
    },
    /// There is no such frame in it.
    #[error("{0}")]
    Frame(#[from] posterframe_frame::Error),
    /// A file could not be stored.
    #[error("{object} cannot be written: {reason}")]
    Output {
        /// `s3://bucket/key`.
        object: String,
        /// Whether it may be, later.
        passes: bool,
        /// What S3 said.
        reason: String,
    },
    /// The decoding thread ended without an answer.
    #[error("the decoder ended unexpectedly")]
    Decoder,
}

impl TaskError {
    /// How the task exits.
    pub fn exit(&self) -> TaskExit {
        match self {
            Self::Config(_) | Self::Request { .. } | Self::Resolved(_) | Self::Name(_) => {
                TaskExit::BadConfiguration
            }
            Self::Select(error) => error.exit(),
            Self::Picture { .. } => TaskExit::OutputImpossible,
            Self::Source(
                SourceError::Unavailable { .. } | SourceError::Denied { .. } | SourceError::NoRanges(_),
            ) => TaskExit::SourceUnavailable,
            Self::Source(SourceError::Changed(_)) | Self::OtherVersion(_) => TaskExit::SourceChanged,
            Self::Source(SourceError::Empty(_) | SourceError::IsPage(_)) => TaskExit::NotAVideo,
            Self::Sheet { error, .. } => error.exit(),
            Self::Frame(error) => frame_exit(error),
            Self::Decoder => TaskExit::DecodeFailure,
            Self::Output { passes: true, .. } => TaskExit::BucketUnavailable,
            Self::Output { .. } => TaskExit::OutputNotWritable,
        }
    }
}
