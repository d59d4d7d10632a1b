//! What the configuration file says, and what the environment and the command line say on top of it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::backend::Backend;
use super::error::ConfigError;
use super::rate::Rate;

/// The configuration file: named backends beside “This computer”, which is always there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The backend to use; “This computer” where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// The most that uploads may take of the line, all together; no limit where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_limit: Option<Rate>,
    /// Stacks on AWS, by name.
    #[serde(default)]
    pub backends: BTreeMap<String, Backend>,
}

/// What the environment and the command line say instead of the configuration file, key by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overrides {
    /// The backend to use.
    pub backend: Option<String>,
    /// The uploads' limit.
    pub upload_limit: Option<Rate>,
    /// Keys of [`Backend`], by their names in the file.
    keys: toml::Table,
}

impl Overrides {
    /// The choice of a backend and the uploads' limit, without any key of [`Backend`].
    pub fn new(backend: Option<&str>, upload_limit: Option<Rate>) -> Self {
        Self {
            backend: backend.map(str::to_owned),
            upload_limit,
            keys: toml::Table::new(),
        }
    }

    /// Only the choice of a backend.
    pub fn backend(name: impl AsRef<str>) -> Self {
        Self::new(Some(name.as_ref()), None)
    }

    /// Sets one key of [`Backend`], by its name in the file. A bucket makes a backend where none is chosen: no
    /// configuration file is needed then.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<toml::Value>) -> Self {
        self.keys.insert(key.into(), value.into());
        self
    }
}

impl Config {
    /// Reads the configuration file; a missing one is an empty one.
    ///
    /// # Errors
    /// It cannot be read, or is malformed.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        read(file)?.map_or_else(|| Ok(Self::default()), |text| Self::parse(file, &text))
    }

    pub(super) fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let mut config: Self =
            toml::from_str(text).map_err(|error| ConfigError::malformed(file, text, &error))?;
        for (name, backend) in &mut config.backends {
            name.clone_into(&mut backend.name);
        }
        Ok(config)
    }

    /// The backend named `name`, or the configured one; `None` means this computer.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn backend(&self, name: Option<&str>) -> Result<Option<Backend>, ConfigError> {
        let Some(name) = name.or(self.backend.as_deref()) else {
            return Ok(None);
        };
        if Backend::is_reserved(name) {
            return Ok(None);
        }
        let backend = self.backends.get(name);
        let backend = backend.ok_or_else(|| ConfigError::NoSuchBackend(name.to_owned()))?;
        Ok(Some(backend.clone()))
    }

    /// The backend to use with `overrides` on top of the file; `None` means this computer, whose names are
    /// fixed and take no overrides.
    ///
    /// # Errors
    /// There is no such backend, or a value cannot work.
    pub fn resolve(&self, overrides: &Overrides) -> Result<Option<Backend>, ConfigError> {
        let chosen = self.backend(overrides.backend.as_deref())?;
        let named = overrides.backend.is_some() || self.backend.is_some();
        let (name, mut table) = match (chosen, overrides.keys.get("bucket")) {
            (Some(backend), _) => (backend.name.clone(), backend.table()),
            (None, Some(bucket)) if !named => {
                (bucket.as_str().unwrap_or_default().to_owned(), toml::Table::new())
            }
            _ => return Ok(None),
        };
        table.extend(overrides.keys.clone());
        let backend = Backend::of_table(name, table)
            .map_err(|error| ConfigError::Override(error.message().to_owned()))?;
        backend.check()?;
        Ok(Some(backend))
    }
}

/// What the file says; `None` where there is none.
pub(super) fn read(file: &Path) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Unreadable {
            file: file.to_owned(),
            source,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(Path::new("posterframe.toml"), text)
    }

    // Breaks if a minimal configuration needs more than the bucket, or a misspelt key is ignored.
    #[test]
    fn a_bucket_is_enough() {
        let config = parse("backend = \"studio\"\n[backends.studio]\nbucket = \"b\"").unwrap();
        let backend = config.backend(None).unwrap().unwrap();
        assert_eq!(
            (backend.label().as_str(), backend.cluster.as_str()),
            ("AWS · studio", "posterframe")
        );
        assert!(config.backend(Some("other")).is_err());
        assert_eq!(config.backend(Some("local")).unwrap(), None);
        assert!(parse("[backends.studio]\nbukket = \"b\"").is_err());
    }

    // Breaks if a key of the file cannot be overridden, an override reaches what it was not meant for, or a bucket alone
    // is not enough.
    #[test]
    fn every_key_is_overridden() {
        let config = parse("[backends.studio]\nbucket = \"media\"\nregion = \"eu-west-1\"").unwrap();
        let text = |text: &str| Some(text.to_owned());
        let all = Overrides::backend("studio")
            .with("profile", "p")
            .with("region", "r")
            .with("endpoint", "http://e")
            .with("bucket", "other")
            .with("uploads_folder", "u")
            .with("thumbnails_folder", "t")
            .with("jobs_folder", "j")
            .with("videos_folder", "v")
            .with("cluster", "c")
            .with("task_family", "f")
            .with("container", "k")
            .with("upload_function", "uf")
            .with("thumbnail_function", "tf")
            .with("others", true);
        let backend = config.resolve(&all).unwrap().unwrap();
        let expected = Backend {
            name: "studio".into(),
            profile: text("p"),
            region: text("r"),
            endpoint: text("http://e"),
            keys: None,
            bucket: "other".into(),
            uploads_folder: "u".into(),
            thumbnails_folder: "t".into(),
            jobs_folder: "j".into(),
            videos_folder: "v".into(),
            cluster: "c".into(),
            task_family: "f".into(),
            container: "k".into(),
            upload_function: "uf".into(),
            thumbnail_function: "tf".into(),
            others: true,
        };
        assert_eq!(backend, expected);

        let bucket = Overrides::default().with("bucket", "adhoc");
        assert_eq!(config.resolve(&bucket).unwrap().unwrap().bucket, "adhoc");
        let here = Overrides::backend("local").with("bucket", "adhoc");
        assert_eq!(config.resolve(&here).unwrap(), None);
        assert_eq!(config.resolve(&Overrides::default()).unwrap(), None);
        let wrong = Overrides::default().with("bucket", "No Bucket");
        assert!(config.resolve(&wrong).is_err());
    }

    // Breaks if an error does not say where and what in words that need no knowledge of TOML or serde.
    #[test]
    fn errors_name_the_line() {
        let said = |text: &str| {
            let error = Config::parse(Path::new("p.toml"), text).unwrap_err();
            error.to_string()
        };
        let misspelt = said("# mine\n[backends.studio]\nbukket = \"b\"\n");
        assert!(
            misspelt.contains("line 3: there is no key “bukket”; the keys are profile"),
            "{misspelt}"
        );
        let missing = said("\n[backends.studio]\nregion = \"r\"\n");
        assert!(
            missing.contains("line 2: the key “bucket” is missing"),
            "{missing}"
        );
        let number = said("[backends.studio]\nbucket = 3\n");
        assert!(
            number.contains("line 2: a text in quotes is expected here, not integer `3`"),
            "{number}"
        );
        let rate = said("backend = \"local\"\nupload_limit = \"fast\"\n");
        assert!(rate.contains("line 2: a rate such as"), "{rate}");
        let broken = said("a = 1\nb = = 2\n");
        assert!(broken.contains("line 2"), "{broken}");
    }
}
