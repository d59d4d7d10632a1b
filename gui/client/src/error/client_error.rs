//! Errors of the client, in plain words, with what to do next.

use std::path::PathBuf;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use posterframe_contract::{FormatError, JobId, KeyError};

use super::codes::{ErrorKind, NO_CREDENTIALS, SKEWED, TRY_AGAIN};
use crate::config::ConfigError;
use crate::model::WaitReason;

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
    #[error("this is {kind}, not a video: {path}")]
    NotAFile {
        /// What is there.
        path: PathBuf,
        /// What it is, in words.
        kind: &'static str,
    },
    /// The video has no bytes.
    #[error("the file is empty: {0}")]
    EmptyFile(PathBuf),
    /// The video of a job that is made here is another one than its frames were chosen from.
    #[error("the file has changed since its frames were chosen: {0}")]
    Changed(PathBuf),
    /// The worker on this computer did not start.
    #[error("the worker cannot be started ({source}): {path}")]
    Worker {
        /// The program.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing was marked.
    #[error("no frame was chosen")]
    NoFrames,
    /// What is asked for makes no request, such as too many frames.
    #[error("no task can do this: {0}")]
    Request(#[from] FormatError),
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
    /// The thread that writes the history broke down over this.
    #[error("the history was not written: that broke down")]
    NotWritten,
    /// The object's sum is not that of what was sent.
    #[error("the bucket has other bytes than were sent")]
    Damaged,
    /// The login lacks a right.
    #[error("{operation} failed: {reason}")]
    Denied {
        /// What was tried.
        operation: &'static str,
        /// The right, such as `s3:GetObject`.
        permission: &'static str,
        /// What it is needed on, as an ARN.
        resource: String,
        /// What AWS said.
        reason: String,
    },
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
    pub(crate) fn aws<E>(operation: &'static str, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        // The answer to HEAD has no body, and so no code but HTTP's.
        let status = || Some(format!("HTTP {}", error.raw_response()?.status().as_u16()));
        let login = credentials_error(error);
        let message = error.message().unwrap_or_default();
        let is_clock = ErrorKind::of_answer("", message) == Some(ErrorKind::Clock);
        let code = match login {
            Some(_) => Some(NO_CREDENTIALS.to_owned()),
            None if is_clock => Some(SKEWED.to_owned()),
            None => error.code().map(str::to_owned).or_else(status),
        };
        let reason = match (login, error.code(), error.message()) {
            (Some(login), ..) => login,
            (None, Some(code), Some(message)) => format!("{message} ({code})"),
            (None, Some(code), None) => code.to_owned(),
            (None, None, _) => match status() {
                Some(status) => format!("the answer was {status}"),
                None => without_secrets(&DisplayErrorContext(error).to_string()),
            },
        };
        Self::Aws {
            operation,
            code,
            reason,
        }
    }

    /// AWS's code for it, or `HTTP 403` and the like.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Aws { code, .. } => code.as_deref(),
            _ => None,
        }
    }

    /// The same, as something that passes by itself.
    pub(crate) fn into_backend_trouble(self) -> Self {
        match self {
            Self::Aws {
                operation, reason, ..
            } => Self::Aws {
                operation,
                code: Some(TRY_AGAIN.to_owned()),
                reason,
            },
            other => other,
        }
    }

    /// What its code means, where AWS answered with one that is known.
    pub(crate) fn kind(&self) -> Option<ErrorKind> {
        ErrorKind::of(self.code()?)
    }

    /// What has to pass before it is worth another try; `None` where another try would fail just so.
    pub(crate) fn trouble(&self) -> Option<WaitReason> {
        if matches!(self, Self::Aws { code: None, .. }) {
            // Without a code there was no answer.
            return Some(WaitReason::Network);
        }
        match self.kind()? {
            ErrorKind::NoCredentials | ErrorKind::Expired | ErrorKind::UnknownKeys => Some(WaitReason::Login),
            ErrorKind::Clock => Some(WaitReason::Clock),
            ErrorKind::Throttled | ErrorKind::Passing => Some(WaitReason::Backend),
            ErrorKind::BadSignature | ErrorKind::Denied | ErrorKind::Missing => None,
        }
    }

    /// Whether it may be over in a moment, as far as watching goes: AWS could not answer, or this machine's disk not
    /// take what came. What is refused stays so until somebody changes it.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Self::History(_) | Self::NotWritten | Self::Folder { .. }) || self.trouble().is_some()
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
            Self::Key(_) => "Give the folders of uploads and thumbnails shorter names in the configuration",
            Self::Video { .. } => "Check that the file is there and that you may read it",
            Self::NotAFile { kind: "a folder", .. } => "Choose a video file inside the folder",
            Self::NotAFile { .. } => "Copy what comes out of it to a file, and choose that",
            Self::EmptyFile(_) => "Check that the recording or the download was complete",
            Self::Changed(_) => "Open the video again, and submit the frames anew",
            Self::Worker { .. } => "Check that the program is where it was, and that memory is left",
            Self::NoFrames => "Mark a frame first",
            Self::Request(_) => "Submit in parts: fewer frames at once, or other names",
            Self::Folder { .. } => {
                "Check that the disk is not full and that you may write there, or choose another folder with --data"
            }
            Self::InUse(_) => "Use the window that is open, close it, or choose another folder with --data",
            Self::Denied {
                permission, resource, ..
            } => return Some(format!("The login needs {permission} on {resource}")),
            Self::Damaged => "Retry; if it happens again, check this machine's memory and disk",
            Self::Aws { code: None, .. } => "Check the network and the endpoint, and retry",
            Self::Aws { .. } => match self.kind()? {
                ErrorKind::NoCredentials => "Log in, or check the credentials of the AWS profile",
                ErrorKind::Clock => {
                    "Set this computer’s clock, date and time zone: AWS takes no request that is minutes off"
                }
                ErrorKind::Expired => "Your login has expired: log in again, and retry",
                ErrorKind::UnknownKeys | ErrorKind::BadSignature => {
                    "Check the access keys of the AWS profile"
                }
                ErrorKind::Denied => "Check that your AWS profile may use this stack",
                ErrorKind::Missing => "Check the names and the region in the configuration",
                ErrorKind::Throttled | ErrorKind::Passing => return None,
            },
            Self::NotWritten => "Retry; if it happens again, report it with what the program last printed",
            Self::NoSuchJob(_) | Self::NotNow(_) | Self::History(_) => return None,
        };
        Some(advice.to_owned())
    }
}

/// A chain of connection errors says the same several times; its debug half may show headers.
fn without_secrets(text: &str) -> String {
    text.split(" (").next().unwrap_or(text).to_owned()
}

/// Why no credentials were found, where that is why a request failed.
fn credentials_error(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut chain = std::iter::successors(Some(error), |error| error.source());
    let found = chain.find(|error| error.is::<CredentialsError>())?;
    // The innermost cause says it best: that the token has expired, that a program failed.
    let last = std::iter::successors(Some(found), |error| error.source()).last()?;
    Some(without_secrets(&last.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if an upload gives up what would pass by itself, or waits for ever for what will not.
    #[test]
    fn troubles_are_told_apart() {
        let trouble = |code: Option<&str>| {
            let error = ClientError::Aws {
                operation: "The upload",
                code: code.map(str::to_owned),
                reason: String::new(),
            };
            error.trouble()
        };
        assert_eq!(trouble(None), Some(WaitReason::Network));
        for code in [
            "SlowDown",
            "InternalError",
            "HTTP 503",
            "ThrottlingException",
            "BadDigest",
        ] {
            assert_eq!(trouble(Some(code)), Some(WaitReason::Backend), "{code}");
        }
        for code in [
            "ExpiredToken",
            "NoCredentials",
            "InvalidClientTokenId",
            "HTTP 400",
        ] {
            assert_eq!(trouble(Some(code)), Some(WaitReason::Login), "{code}");
        }
        assert_eq!(trouble(Some("RequestTimeTooSkewed")), Some(WaitReason::Clock));
        for code in [
            "AccessDenied",
            "NoSuchBucket",
            "HTTP 403",
            "SignatureDoesNotMatch",
        ] {
            assert_eq!(trouble(Some(code)), None, "{code}");
        }
        assert_eq!(ClientError::NoFrames.trouble(), None);
    }
}
