//! Errors of the client, in plain words, with what to do next.

use std::path::PathBuf;

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use posterframe_contract::{JobId, KeyError};

use crate::ConfigError;

/// What went wrong between a click and a thumbnail.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The name makes no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The video cannot be read.
    #[error("the video cannot be read ({source}): {path}")]
    Video {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The video is no file.
    #[error("this is a folder, not a video: {0}")]
    IsFolder(PathBuf),
    /// The video has no bytes.
    #[error("the file is empty: {0}")]
    EmptyFile(PathBuf),
    /// Nothing was marked.
    #[error("no frame was chosen")]
    NoFrames,
    /// The app's own folders cannot be written.
    #[error("Posterframe cannot use its folder ({reason}): {path}")]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another app has the folder.
    #[error("Posterframe is already running with this data folder: {0}")]
    InUse(PathBuf),
    /// There is no such job.
    #[error("there is no job {0}")]
    NoSuchJob(JobId),
    /// The job cannot do that now.
    #[error("{0}")]
    NotNow(&'static str),
    /// The history's database.
    #[error("the history cannot be read or written: {0}")]
    History(#[from] rusqlite::Error),
    /// AWS said no, or could not be reached.
    #[error("{operation} failed: {reason}")]
    Aws {
        /// What was tried, such as `The upload`.
        operation: &'static str,
        /// The error's code, such as `AccessDenied`, where AWS answered.
        code: Option<String>,
        /// What AWS said.
        reason: String,
    },
}

impl ClientError {
    /// What `operation` failed with.
    pub(crate) fn aws<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        let code = error.code().map(str::to_owned);
        let reason = match (error.code(), error.message()) {
            (Some(code), Some(message)) => format!("{message} ({code})"),
            (Some(code), None) => code.to_owned(),
            _ => without_secrets(&DisplayErrorContext(error).to_string()),
        };
        Self::Aws {
            operation,
            code,
            reason,
        }
    }

    pub(crate) fn folder(path: impl Into<PathBuf>, reason: impl std::fmt::Display) -> Self {
        Self::Folder {
            path: path.into(),
            reason: reason.to_string(),
        }
    }

    /// What to do about it, where there is something to do.
    pub fn advice(&self) -> Option<String> {
        let advice = match self {
            Self::Config(error) => error.advice(),
            Self::Key(_) => "Rename the video to something shorter",
            Self::Video { .. } => "Check that the file is there and that you may read it",
            Self::IsFolder(_) => "Choose a video file inside the folder",
            Self::EmptyFile(_) => "Check that the recording or the download was complete",
            Self::NoFrames => "Mark a frame first",
            Self::Folder { .. } => {
                "Check that the disk is not full and that you may write there, or choose another folder with --data"
            }
            Self::InUse(_) => "Use the window that is open, close it, or choose another folder with --data",
            Self::Aws { code, .. } => match code.as_deref() {
                Some("ExpiredToken" | "ExpiredTokenException" | "InvalidToken") => {
                    "Your login has expired: log in again, and retry"
                }
                Some("AccessDenied" | "AccessDeniedException" | "Forbidden") => {
                    "Check that your AWS profile may use this stack"
                }
                Some("NoSuchBucket") => "Check the bucket's name and region in the configuration",
                Some(_) => return None,
                None => "Check the network and the endpoint, and retry",
            },
            Self::NoSuchJob(_) | Self::NotNow(_) | Self::History(_) => return None,
        };
        Some(advice.to_owned())
    }
}

/// A chain of connection errors says the same several times; its debug half may show headers.
fn without_secrets(text: &str) -> String {
    text.split(" (").next().unwrap_or(text).to_owned()
}
