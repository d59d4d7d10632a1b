//! One place where jobs run: this machine, or a stack on AWS.

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::error::ConfigError;

/// One place where jobs run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    #[serde(default = "default::uploads_folder")]
    pub uploads_folder: String,
    /// Folder of thumbnails.
    #[serde(default = "default::thumbnails_folder")]
    pub thumbnails_folder: String,
    /// Folder of requests in the bucket.
    #[serde(default = "default::jobs_folder")]
    pub jobs_folder: String,
    /// Folder of the videos in the bucket that requests refer to.
    #[serde(default = "default::videos_folder")]
    pub videos_folder: String,
    /// ECS cluster.
    #[serde(default = "default::cluster")]
    pub cluster: String,
    /// Family of the worker's task definition.
    #[serde(default = "default::task_family")]
    pub task_family: String,
    /// The worker's container in it.
    #[serde(default = "default::container")]
    pub container: String,
    /// Name of the function that runs tasks.
    #[serde(default = "default::upload_function")]
    pub upload_function: String,
    /// Name of the function that logs thumbnails' URLs.
    #[serde(default = "default::thumbnail_function")]
    pub thumbnail_function: String,
    /// Whether the jobs of other people on this cluster and bucket are shown too.
    #[serde(default)]
    pub others: bool,
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
            region: Some(region),
            endpoint: Some(endpoint),
            keys: Some(keys),
            ..Self::on_aws(Self::THIS_COMPUTER, bucket)
        }
    }

    /// Its folders in the bucket, each with the key of its setting.
    pub fn folders(&self) -> [(&'static str, &str); 4] {
        [
            ("uploads_folder", &self.uploads_folder),
            ("thumbnails_folder", &self.thumbnails_folder),
            ("jobs_folder", &self.jobs_folder),
            ("videos_folder", &self.videos_folder),
        ]
    }

    /// A stack on AWS with `bucket`, and every other name as `script/deploy` makes it.
    pub fn on_aws(name: impl Into<String>, bucket: impl Into<String>) -> Self {
        let bucket = Table::from_iter([("bucket".to_owned(), bucket.into().into())]);
        Self::of_table(name, bucket).expect("every other key has a default")
    }

    /// The backend whose keys in the configuration file are `table`.
    ///
    /// # Errors
    /// The bucket is missing, a key is unknown, or a value is of the wrong type.
    pub(super) fn of_table(name: impl Into<String>, table: Table) -> Result<Self, toml::de::Error> {
        Ok(Self {
            name: name.into(),
            ..table.try_into()?
        })
    }

    /// All keys that have a value, as in the configuration file.
    pub(super) fn table(&self) -> Table {
        Table::try_from(self).expect("texts and flags only")
    }

    /// Whether this is the backend on this machine.
    pub fn is_local(&self) -> bool {
        self.keys.is_some()
    }

    /// Whether `name` cannot be given to a stack, because it means this machine.
    pub fn is_reserved(name: &str) -> bool {
        name == Self::THIS_COMPUTER || name == "local"
    }

    /// Finds what cannot work before it is saved or used.
    ///
    /// # Errors
    /// The first key that is wrong, and why.
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key: &str, reason: &str| {
            Err(ConfigError::Invalid {
                backend: self.name.clone(),
                key: key.to_owned(),
                reason: reason.to_owned(),
            })
        };
        if self.name.trim().is_empty() {
            return wrong("name", "the backend needs a name");
        }
        if Self::is_reserved(&self.name) {
            return wrong("name", "this name means the backend on this computer");
        }
        let bucket_char = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        if !(3..=63).contains(&self.bucket.len()) || !self.bucket.chars().all(bucket_char) {
            return wrong(
                "bucket",
                "a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens",
            );
        }
        let address = |url: &String| url.starts_with("http://") || url.starts_with("https://");
        if self.endpoint.as_ref().is_some_and(|url| !address(url)) {
            return wrong("endpoint", "an address starts with http:// or https://");
        }
        let with_default = Self::on_aws("", "").table();
        let is_empty = |value: &Value| {
            let text = value.as_str();
            text.is_some_and(|text| text.trim_matches('/').trim().is_empty())
        };
        let mut keys = self.table().into_iter();
        if let Some((key, _)) = keys.find(|(key, value)| with_default.contains_key(key) && is_empty(value)) {
            return wrong(&key, "it must not be empty");
        }
        let folders = self.folders();
        for (index, (key, folder)) in folders.iter().enumerate() {
            let is_same = |(_, other): &(&str, &str)| other.trim_matches('/') == folder.trim_matches('/');
            if folders[..index].iter().any(is_same) {
                return wrong(
                    key,
                    "uploads, thumbnails, requests and videos need folders of their own",
                );
            }
        }
        Ok(())
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

/// What a key is where it is missing, as serde asks for it: the name that `script/deploy` gives.
mod default {
    use posterframe_contract::names;

    macro_rules! names {
        ($($key:ident = $name:ident;)*) => {
            $(pub(super) fn $key() -> String { names::$name.to_owned() })*
        };
    }

    names! {
        uploads_folder = UPLOADS_FOLDER;
        thumbnails_folder = THUMBNAILS_FOLDER;
        jobs_folder = JOBS_FOLDER;
        videos_folder = VIDEOS_FOLDER;
        cluster = CLUSTER;
        task_family = TASK_FAMILY;
        container = CONTAINER;
        upload_function = UPLOAD_FUNCTION;
        thumbnail_function = THUMBNAIL_FUNCTION;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    // Breaks if a value that can never work is found only by AWS, or a good one is refused.
    #[test]
    fn values_are_checked() {
        let good = Backend::on_aws("studio", "studio-media.eu");
        assert!(good.check().is_ok());
        let key = |change: fn(&mut Backend)| {
            let mut backend = good.clone();
            change(&mut backend);
            match backend.check() {
                Err(ConfigError::Invalid { key, .. }) => key,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(key(|backend| backend.name = "local".into()), "name");
        assert_eq!(key(|backend| backend.bucket = "My Bucket".into()), "bucket");
        assert_eq!(
            key(|backend| backend.endpoint = Some("localhost:9000".into())),
            "endpoint"
        );
        assert_eq!(
            key(|backend| backend.uploads_folder = "/".into()),
            "uploads_folder"
        );
        assert_eq!(
            key(|backend| backend.thumbnails_folder = "uploads/".into()),
            "thumbnails_folder"
        );
        assert_eq!(key(|backend| backend.cluster = String::new()), "cluster");
    }
}
