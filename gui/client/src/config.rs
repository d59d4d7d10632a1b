//! Where the app's files live, and which backend it talks to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use posterframe_contract::names;
use serde::{Deserialize, Serialize};

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

/// The configuration file: named backends beside “This computer”, which is always there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The backend to use; “This computer” where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// Stacks on AWS, by name.
    #[serde(default)]
    pub backends: BTreeMap<String, Backend>,
}

impl Config {
    /// Reads the configuration file; a missing one is an empty one.
    ///
    /// # Errors
    /// It cannot be read, or is malformed.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(file) {
            Ok(text) => toml::from_str(&text).map_err(|source| ConfigError::Malformed {
                file: file.to_owned(),
                source: Box::new(source),
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Unreadable {
                file: file.to_owned(),
                source,
            }),
        }
    }

    /// The backend named `name`, or the configured one; `None` means this computer.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn backend(&self, name: Option<&str>) -> Result<Option<Backend>, ConfigError> {
        let Some(name) = name.or(self.backend.as_deref()) else {
            return Ok(None);
        };
        if name == Backend::THIS_COMPUTER || name == "local" {
            return Ok(None);
        }
        let mut backend = self
            .backends
            .get(name)
            .ok_or_else(|| ConfigError::NoSuchBackend(name.to_owned()))?
            .clone();
        name.clone_into(&mut backend.name);
        Ok(Some(backend))
    }
}

/// One place where jobs run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    /// Its name.
    #[serde(skip)]
    pub name: String,
    /// The AWS profile; the SDK's default where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The region; the profile's where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// An endpoint other than AWS's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Access keys. Only the backend on this machine has them here; they are never written to a file.
    #[serde(skip)]
    pub keys: Option<AccessKeys>,
    /// The bucket.
    pub bucket: String,
    /// Folder of uploads.
    #[serde(default = "default_uploads")]
    pub uploads_folder: String,
    /// Folder of thumbnails.
    #[serde(default = "default_thumbnails")]
    pub thumbnails_folder: String,
    /// ECS cluster.
    #[serde(default = "default_cluster")]
    pub cluster: String,
    /// Family of the worker's task definition.
    #[serde(default = "default_family")]
    pub task_family: String,
    /// The worker's container in it.
    #[serde(default = "default_container")]
    pub container: String,
    /// Name of the function that runs tasks.
    #[serde(default = "default_upload_function")]
    pub upload_function: String,
    /// Name of the function that logs thumbnails' URLs.
    #[serde(default = "default_thumbnail_function")]
    pub thumbnail_function: String,
}

/// An access key and its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessKeys {
    /// The key's id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

/// The secret never shows.
impl std::fmt::Debug for AccessKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessKeys")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Backend {
    /// The name of the backend on this machine.
    pub const THIS_COMPUTER: &str = "This computer";

    /// The backend on this machine, at `endpoint`.
    pub fn this_computer(endpoint: String, region: String, bucket: String, keys: AccessKeys) -> Self {
        Self {
            name: Self::THIS_COMPUTER.to_owned(),
            profile: None,
            region: Some(region),
            endpoint: Some(endpoint),
            keys: Some(keys),
            bucket,
            uploads_folder: default_uploads(),
            thumbnails_folder: default_thumbnails(),
            cluster: default_cluster(),
            task_family: default_family(),
            container: default_container(),
            upload_function: default_upload_function(),
            thumbnail_function: default_thumbnail_function(),
        }
    }

    /// Whether this is the backend on this machine.
    pub fn is_local(&self) -> bool {
        self.keys.is_some()
    }

    /// As the app shows it: `This computer`, or `AWS · studio · eu-west-1`.
    pub fn label(&self) -> String {
        if self.is_local() {
            return self.name.clone();
        }
        let region = self
            .region
            .as_ref()
            .map(|region| format!(" · {region}"))
            .unwrap_or_default();
        format!("AWS · {}{region}", self.name)
    }
}

fn default_uploads() -> String {
    names::UPLOADS_FOLDER.to_owned()
}

fn default_thumbnails() -> String {
    names::THUMBNAILS_FOLDER.to_owned()
}

fn default_cluster() -> String {
    names::CLUSTER.to_owned()
}

fn default_family() -> String {
    names::TASK_FAMILY.to_owned()
}

fn default_container() -> String {
    names::CONTAINER.to_owned()
}

fn default_upload_function() -> String {
    names::UPLOAD_FUNCTION.to_owned()
}

fn default_thumbnail_function() -> String {
    names::THUMBNAIL_FUNCTION.to_owned()
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No home folder.
    #[error("this account has no home folder; give a folder with --data")]
    NoHome,
    /// The file is there, but cannot be read.
    #[error("the configuration cannot be read ({source}): {file}")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what was expected.
    #[error("the configuration is malformed ({source}): {file}")]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// No backend of that name.
    #[error("the configuration has no backend named “{0}”")]
    NoSuchBackend(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a minimal configuration needs more than the bucket, or a misspelt key is ignored.
    #[test]
    fn a_bucket_is_enough() {
        let config: Config =
            toml::from_str("backend = \"studio\"\n[backends.studio]\nbucket = \"b\"").unwrap();
        let backend = config.backend(None).unwrap().unwrap();
        assert_eq!(
            (backend.label().as_str(), backend.cluster.as_str()),
            ("AWS · studio", "posterframe")
        );
        assert!(config.backend(Some("other")).is_err());
        assert_eq!(config.backend(Some("local")).unwrap(), None);
        assert!(toml::from_str::<Config>("[backends.studio]\nbukket = \"b\"").is_err());
    }

    // Breaks if a secret can reach a log or the configuration file.
    #[test]
    fn secrets_do_not_show() {
        let keys = AccessKeys {
            id: "id".into(),
            secret: "hush".into(),
        };
        let backend = Backend::this_computer("http://x".into(), "r".into(), "b".into(), keys);
        assert!(!format!("{backend:?}").contains("hush"));
        assert!(!toml::to_string(&backend).unwrap().contains("hush"));
    }
}
