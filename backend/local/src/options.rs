//! What a backend needs to know before it starts.

use std::fmt;
use std::path::PathBuf;

use posterframe_process::Program;
use uuid::Uuid;

use crate::account::REGION;

/// How to start a [`LocalBackend`](crate::LocalBackend).
#[derive(Clone, Debug)]
pub struct Options {
    /// Where everything is kept. Made if it is not there; one backend at a time.
    pub data_dir: PathBuf,
    /// The port on 127.0.0.1; `None` takes any free one.
    pub port: Option<u16>,
    /// The keys that clients sign with; `None` makes new ones.
    pub credentials: Option<Credentials>,
    /// How many tasks run at a time, at least one; the others wait in the order in which they came.
    pub max_tasks: usize,
    /// The most pixels of a picture that a task decodes; `None` for the worker's own limit, which knows of no other task.
    pub max_pixels: Option<u64>,
    /// What is run.
    pub programs: Programs,
}

impl Options {
    /// Any free port, new keys, and as many tasks at a time as there are cores.
    pub fn new(data_dir: impl Into<PathBuf>, programs: Programs) -> Self {
        Self {
            data_dir: data_dir.into(),
            port: None,
            credentials: None,
            max_tasks: std::thread::available_parallelism().map_or(1, Into::into),
            max_pixels: None,
            programs,
        }
    }
}

/// The programs that the backend runs as child processes.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The container of the ECS task.
    pub worker: Program,
    /// The function that runs a task for each upload.
    pub upload_trigger: Program,
    /// The function that logs each thumbnail's URL.
    pub thumbnail_trigger: Program,
}

/// The keys that requests are signed with. The secret does not show in `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
}

impl Credentials {
    /// New keys from the operating system's random numbers, in the form that AWS gives them.
    pub fn random() -> Self {
        let random = || Uuid::new_v4().simple().to_string();
        Self {
            access_key_id: format!("AKIA{}", random()[16..].to_ascii_uppercase()),
            secret_access_key: format!("{}{}", random(), &random()[24..]),
        }
    }
}

impl Credentials {
    /// How AWS clients, the children among them, reach the backend at `endpoint` with these keys.
    pub(crate) fn environment(&self, endpoint: &str) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ACCESS_KEY_ID", &self.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", &self.secret_access_key),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            // Older clients retry against the instance metadata service, which is a long wait for nothing.
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if keys repeat, tools refuse their form, or the secret reaches a log.
    #[test]
    fn random_credentials() {
        let (first, second) = (Credentials::random(), Credentials::random());
        assert_ne!(first, second);
        assert_eq!(
            (first.access_key_id.len(), first.secret_access_key.len()),
            (20, 40)
        );
        assert!(!format!("{first:?}").contains(&first.secret_access_key));
    }
}
