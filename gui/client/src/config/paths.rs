//! Where the app's files live.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::error::ConfigError;
use crate::fs::private;

/// What the app has in its data folder, and closes to others.
const OWN_ENTRIES: [&str; 10] = [
    "history.db",
    "history.db-wal",
    "history.db-shm",
    "client.lock",
    "sample.mp4",
    "fetched",
    "stills",
    "thumbnails",
    "trash",
    "local",
];
/// What else of the app's may lie there.
const OTHER_ENTRIES: [&str; 4] = ["cache", "config", "window.sock", "sample.mp4.part"];

/// The folders that the app uses. Each is made when it is first needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// History, uploads' journals and the backend on this machine.
    pub data: PathBuf,
    /// Downloaded pictures: may be deleted at any time.
    pub cache: PathBuf,
    /// The configuration and the window's preferences.
    pub config: PathBuf,
}

impl Paths {
    /// The platform's folders, or all of them below `data` where that is given.
    ///
    /// # Errors
    /// The platform names no home folder.
    pub fn resolve(data: Option<PathBuf>) -> Result<Self, ConfigError> {
        if let Some(data) = data {
            return Ok(Self {
                cache: data.join("cache"),
                config: data.join("config"),
                data,
            });
        }
        let folders = directories::ProjectDirs::from("", "", "posterframe").ok_or(ConfigError::NoHome)?;
        Ok(Self {
            data: folders.data_dir().to_owned(),
            cache: folders.cache_dir().to_owned(),
            config: folders.config_dir().to_owned(),
        })
    }

    /// The database of jobs, logs and uploads.
    pub(crate) fn history(&self) -> PathBuf {
        self.data.join("history.db")
    }

    /// Makes the data folder, where it is not there, for this user only.
    ///
    /// # Errors
    /// The system refuses.
    pub fn make_data(&self) -> std::io::Result<()> {
        private::make_folder(&self.data)
    }

    /// Keeps other users of this computer out of what the app has written, by earlier versions too. A data folder that
    /// somebody has other things in, such as one that `--data` names, stays as it is itself.
    pub(crate) fn keep_private(&self) {
        let is_ours = |name: &OsStr| OWN_ENTRIES.iter().chain(&OTHER_ENTRIES).any(|own| name == *own);
        if private::holds_only(&self.data, is_ours) {
            private::close(&self.data);
        }
        for name in OWN_ENTRIES {
            private::close_all(&self.data.join(name));
        }
        private::close_all(&self.cache.join("thumbnails"));
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("posterframe.toml")
    }
}
