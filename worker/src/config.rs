//! What the task is to do, from its environment.

use percent_encoding::percent_decode_str;
use posterframe_contract::{Position, env};

/// One task's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the video is.
    pub input: Input,
    /// Where in it the frame is.
    pub position: Position,
    /// Where the PNG goes.
    pub output: Output,
    /// The job, for the log.
    pub job: Option<String>,
}

/// An object to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
}

/// An object to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its bucket.
    pub bucket: String,
    /// Its key: folder and file name.
    pub key: String,
}

/// A setting is missing or malformed. The message names the variable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// It is not set, or empty.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// It is not what was expected.
    #[error("{name}: {expected}, not “{value}”")]
    Malformed {
        /// The variable.
        name: &'static str,
        /// What was expected.
        expected: String,
        /// What it holds.
        value: String,
    },
}

impl Config {
    /// Reads the settings from the process's environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads the settings from any environment.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name| {
            lookup(name)
                .filter(|value| !value.is_empty())
                .ok_or(ConfigError::Missing(name))
        };
        let malformed = |name, expected: &str, value: String| ConfigError::Malformed {
            name,
            expected: expected.to_owned(),
            value,
        };

        let input = get(env::INPUT)?;
        let input = parse_input(&input).ok_or_else(|| {
            malformed(
                env::INPUT,
                "expected bucket/key or the https address of an S3 object",
                input,
            )
        })?;
        let position = get(env::POSITION)?;
        let position = position.parse().map_err(|_| {
            malformed(
                env::POSITION,
                "expected a time such as 00:10 or 01:02:03.500",
                position,
            )
        })?;
        let name = get(env::OUTPUT_NAME)?;
        if name.contains('/') {
            return Err(malformed(
                env::OUTPUT_NAME,
                "expected a file name without folders",
                name,
            ));
        }
        let path = get(env::OUTPUT_PATH)?;
        let (bucket, folder) = match path.split_once('/') {
            Some((bucket, folder)) => (bucket, folder.trim_matches('/')),
            None => (path.as_str(), ""),
        };
        if bucket.is_empty() {
            return Err(malformed(env::OUTPUT_PATH, "expected bucket/folder", path));
        }
        let key = if folder.is_empty() {
            name
        } else {
            format!("{folder}/{name}")
        };
        Ok(Self {
            input,
            position,
            output: Output {
                bucket: bucket.to_owned(),
                key,
            },
            job: get(env::JOB_ID).ok(),
        })
    }
}

/// `bucket/key`, `s3://bucket/key`, or an address of S3's own in either of its styles. An address is
/// percent-encoded; the others are taken as they are.
fn parse_input(text: &str) -> Option<Input> {
    let (bucket, key) = if let Some(address) = text.strip_prefix("https://") {
        let (host, path) = address.split('?').next()?.split_once('/')?;
        let path = percent_decode_str(path).decode_utf8().ok()?.into_owned();
        let host = host.strip_suffix(".amazonaws.com")?;
        match host.split_once(".s3") {
            // bucket.s3.region, bucket.s3-region, bucket.s3
            Some((bucket, _)) => (bucket.to_owned(), path),
            None if host == "s3" || host.starts_with("s3.") || host.starts_with("s3-") => {
                let (bucket, key) = path.split_once('/')?;
                (bucket.to_owned(), key.to_owned())
            }
            None => return None,
        }
    } else {
        if text.contains("://") && !text.starts_with("s3://") {
            return None;
        }
        let (bucket, key) = text.strip_prefix("s3://").unwrap_or(text).split_once('/')?;
        (bucket.to_owned(), key.to_owned())
    };
    (!bucket.is_empty() && !key.is_empty()).then_some(Input { bucket, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| {
            let changed = changes
                .iter()
                .find(|(changed, _)| *changed == name)
                .map(|(_, value)| *value);
            let given = match name {
                env::INPUT => "b/uploads/a b_00-10.mp4",
                env::POSITION => "00:10",
                env::OUTPUT_NAME => "a b.png",
                env::OUTPUT_PATH => "b/thumbnails/x",
                _ => "",
            };
            Some(changed.unwrap_or(given).to_owned())
        })
    }

    fn input(text: &str) -> Option<(String, String)> {
        config(&[(env::INPUT, text)])
            .ok()
            .map(|config| (config.input.bucket, config.input.key))
    }

    // Breaks if a task that the original's contract allows is refused or misread.
    #[test]
    fn the_original_contract() {
        let config = config(&[]).unwrap();
        assert_eq!(config.input.key, "uploads/a b_00-10.mp4");
        assert_eq!(config.position.as_micros(), 10_000_000);
        assert_eq!(
            (config.output.bucket.as_str(), config.output.key.as_str()),
            ("b", "thumbnails/x/a b.png")
        );
        let is = |bucket: &str, key: &str| Some((bucket.to_owned(), key.to_owned()));
        assert_eq!(input("s3://b/k e+y"), is("b", "k e+y"));
        assert_eq!(
            input("https://b.s3.eu-west-1.amazonaws.com/k%20e%2By"),
            is("b", "k e+y")
        );
        assert_eq!(
            input("https://my.b.s3-eu-west-1.amazonaws.com/k"),
            is("my.b", "k")
        );
        assert_eq!(input("https://s3.eu-west-1.amazonaws.com/b/k/l"), is("b", "k/l"));
        assert_eq!(input("https://s3-eu-west-1.amazonaws.com/b/k"), is("b", "k"));
    }

    // Breaks if nonsense starts to be taken, or the error does not name the variable.
    #[test]
    fn nonsense_is_named() {
        for (name, value) in [
            (env::INPUT, ""),
            (env::INPUT, "bucket"),
            (env::INPUT, "/key"),
            (env::INPUT, "file:///etc/passwd"),
            (env::INPUT, "https://example.com/video.mp4"),
            (env::POSITION, "ten"),
            (env::POSITION, "-1"),
            (env::OUTPUT_NAME, "../a.png"),
            (env::OUTPUT_PATH, "/thumbnails"),
        ] {
            let error = config(&[(name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(name), "{name}={value}: {error}");
        }
    }
}
