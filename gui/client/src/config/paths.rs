//! Where the app's files live.

use std::path::PathBuf;

use super::ConfigError;

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

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("posterframe.toml")
    }
}
