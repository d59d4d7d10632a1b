//! Failures of the store as the S3 errors that clients get.

use std::io;

use s3s::{S3Error, S3ErrorCode};

/// An S3 error, or what becomes one.
#[derive(Debug)]
pub(crate) enum Fail {
    S3(S3Error),
    Sqlite(rusqlite::Error),
    Io(io::Error),
}

impl From<S3Error> for Fail {
    fn from(error: S3Error) -> Self {
        Self::S3(error)
    }
}

impl From<rusqlite::Error> for Fail {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<io::Error> for Fail {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<serde_json::Error> for Fail {
    fn from(error: serde_json::Error) -> Self {
        Self::Io(error.into())
    }
}

impl From<Fail> for S3Error {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::S3(error) => error,
            Fail::Sqlite(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) => full(),
            Fail::Sqlite(error) => internal("the catalogue of objects could not be used", &error),
            Fail::Io(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
                ) =>
            {
                full()
            }
            Fail::Io(error) => internal("the data directory could not be used", &error),
        }
    }
}

/// Internal errors carry their cause: client and server belong to the same user.
fn internal(what: &str, error: &dyn std::error::Error) -> S3Error {
    tracing::error!("{what}: {error}");
    S3Error::with_message(S3ErrorCode::InternalError, format!("{what}: {error}"))
}

/// 507 instead of S3's 500 or 503, after which clients repeat the upload, which frees no space.
fn full() -> S3Error {
    let message = "there is no space left for the data directory; free some space and try again";
    let mut error = S3Error::with_message(S3ErrorCode::Custom("InsufficientStorage".into()), message);
    error.set_status_code(http::StatusCode::INSUFFICIENT_STORAGE);
    error
}
