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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The backend to use.
    pub backend: Option<String>,
    /// The uploads' limit.
    pub upload_limit: Option<Rate>,
    /// The AWS profile.
    pub profile: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The endpoint.
    pub endpoint: Option<String>,
    /// The bucket. Where no backend is chosen, it makes one: no configuration file is needed then.
    pub bucket: Option<String>,
    /// The folder of uploads.
    pub uploads_folder: Option<String>,
    /// The folder of thumbnails.
    pub thumbnails_folder: Option<String>,
    /// The ECS cluster.
    pub cluster: Option<String>,
    /// The family of the worker's task definition.
    pub task_family: Option<String>,
    /// The worker's container in it.
    pub container: Option<String>,
    /// The function that runs tasks.
    pub upload_function: Option<String>,
    /// The function that logs thumbnails' URLs.
    pub thumbnail_function: Option<String>,
    /// Whether other people's jobs are shown.
    pub others: Option<bool>,
}

impl Overrides {
    /// Only the choice of a backend.
    pub fn backend(name: impl Into<String>) -> Self {
        Self {
            backend: Some(name.into()),
            ..Self::default()
        }
    }

    fn apply(&self, backend: &mut Backend) {
        let optional = [
            (&mut backend.profile, &self.profile),
            (&mut backend.region, &self.region),
            (&mut backend.endpoint, &self.endpoint),
        ];
        for (key, value) in optional {
            if value.is_some() {
                key.clone_from(value);
            }
        }
        backend.others = self.others.unwrap_or(backend.others);
        let needed = [
            (&mut backend.bucket, &self.bucket),
            (&mut backend.uploads_folder, &self.uploads_folder),
            (&mut backend.thumbnails_folder, &self.thumbnails_folder),
            (&mut backend.cluster, &self.cluster),
            (&mut backend.task_family, &self.task_family),
            (&mut backend.container, &self.container),
            (&mut backend.upload_function, &self.upload_function),
            (&mut backend.thumbnail_function, &self.thumbnail_function),
        ];
        for (key, value) in needed {
            if let Some(value) = value {
                key.clone_from(value);
            }
        }
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
        let Some(mut backend) = chosen.or_else(|| {
            let bucket = overrides.bucket.as_ref().filter(|_| !named)?;
            Some(Backend::on_aws(bucket, bucket))
        }) else {
            return Ok(None);
        };
        overrides.apply(&mut backend);
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
        let all = Overrides {
            backend: text("studio"),
            upload_limit: None,
            profile: text("p"),
            region: text("r"),
            endpoint: text("http://e"),
            bucket: text("other"),
            uploads_folder: text("u"),
            thumbnails_folder: text("t"),
            cluster: text("c"),
            task_family: text("f"),
            container: text("k"),
            upload_function: text("uf"),
            thumbnail_function: text("tf"),
            others: Some(true),
        };
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
            cluster: "c".into(),
            task_family: "f".into(),
            container: "k".into(),
            upload_function: "uf".into(),
            thumbnail_function: "tf".into(),
            others: true,
        };
        assert_eq!(backend, expected);

        let bucket = Overrides {
            bucket: text("adhoc"),
            ..Overrides::default()
        };
        assert_eq!(config.resolve(&bucket).unwrap().unwrap().bucket, "adhoc");
        let here = Overrides {
            backend: text("local"),
            ..bucket.clone()
        };
        assert_eq!(config.resolve(&here).unwrap(), None);
        assert_eq!(config.resolve(&Overrides::default()).unwrap(), None);
        let wrong = Overrides {
            bucket: text("No Bucket"),
            ..Overrides::default()
        };
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
