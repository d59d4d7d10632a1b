//! Why a backend does not start, in words for the person at the screen.

use std::io;
use std::path::{Path, PathBuf};

/// Why [`LocalBackend::start`](crate::LocalBackend::start) failed. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another backend has the data directory.
    #[error(
        "another Posterframe is using this data directory; close it, or choose another directory: {}",
        .0.display()
    )]
    InUse(PathBuf),
    /// The data directory cannot be made or written.
    #[error("{reason}; {advice}: {}", .path.display())]
    DataDir {
        /// What is wrong.
        reason: String,
        /// What to do about it.
        advice: &'static str,
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The database in the data directory cannot be used.
    #[error(
        "the database cannot be used ({source}); move it away to start afresh, or choose another data directory: {}",
        .path.display()
    )]
    Database {
        /// The database.
        path: PathBuf,
        /// What `SQLite` said.
        source: rusqlite::Error,
    },
    /// The port is taken, or may not be used.
    #[error(
        "port {port} on 127.0.0.1 cannot be used ({source}); choose another, or none to take any free one"
    )]
    Port {
        /// The port; 0 stands for any.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// A program that the backend would run is not there.
    #[error("the {role} program is not an executable file; reinstall Posterframe: {}", .path.display())]
    Program {
        /// Which one.
        role: &'static str,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A setting makes no sense.
    #[error("{0}")]
    Setting(&'static str),
}

impl Error {
    pub(crate) fn data_dir(path: &Path, source: io::Error) -> Self {
        use io::ErrorKind as Kind;
        let (reason, advice) = match source.kind() {
            Kind::PermissionDenied => (
                "the data directory may not be written".to_owned(),
                "allow yourself to write there, or choose another directory",
            ),
            Kind::ReadOnlyFilesystem => (
                "the data directory is on a read-only file system".to_owned(),
                "choose a directory that can be written",
            ),
            Kind::StorageFull | Kind::QuotaExceeded => (
                "there is no space left for the data directory".to_owned(),
                "free some space, or choose a directory on another disk",
            ),
            Kind::NotADirectory | Kind::AlreadyExists => {
                ("the data directory is a file".to_owned(), "choose a directory")
            }
            _ => (
                format!("the data directory cannot be used ({source})"),
                "choose another directory",
            ),
        };
        Self::DataDir {
            reason,
            advice,
            path: path.to_owned(),
            source,
        }
    }
}
