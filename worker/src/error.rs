//! Why a task failed, and which exit code says so.

use posterframe_contract::TaskExit;
use posterframe_remote::SourceError;

use crate::config::ConfigError;

/// Why a task made no thumbnail. Each kind has its exit code.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The environment is not right.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The video could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// There is no such frame in it.
    #[error("{0}")]
    Frame(#[from] posterframe_frame::Error),
    /// The PNG could not be stored.
    #[error("s3://{object} cannot be written: {reason}")]
    Output {
        /// `bucket/key`.
        object: String,
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
        use posterframe_frame::Error as Frame;
        match self {
            Self::Config(_) => TaskExit::BadConfiguration,
            Self::Source(SourceError::Unavailable { .. } | SourceError::NoRanges(_)) => {
                TaskExit::SourceUnavailable
            }
            Self::Source(SourceError::Changed(_)) => TaskExit::SourceChanged,
            Self::Frame(Frame::PastTheEnd { .. }) => TaskExit::PastTheEnd,
            Self::Source(SourceError::Empty(_))
            | Self::Frame(
                Frame::NotAVideo { .. } | Frame::NoVideoStream | Frame::Empty | Frame::UnknownCodec { .. },
            ) => TaskExit::NotAVideo,
            Self::Frame(_) | Self::Decoder => TaskExit::DecodeFailure,
            Self::Output { .. } => TaskExit::OutputNotWritable,
        }
    }
}
