//! What the task is to do, from its environment.

use std::path::PathBuf;
use std::time::Duration;

use posterframe_contract::env;

use crate::place::{Folder, Input, Object, parse_input};
use crate::plan::Plan;

/// One task's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What it is to make.
    pub orders: Orders,
    /// The job, for the log.
    pub job: Option<String>,
    /// What it may cost.
    pub limits: Limits,
}

/// What a task is to make, as far as the environment says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Orders {
    /// What a request in the bucket asks for.
    Request {
        /// The request.
        object: Object,
        /// Where files go; where the environment does not say, that follows from the request's own place.
        folder: Option<Folder>,
    },
    /// The PNG of one frame, as the original's variables ask for it.
    Frame(Box<Plan>),
    /// What a request asks for of a file on this machine. No environment says so.
    File {
        /// The request, as JSON.
        request: Vec<u8>,
        /// The file.
        video: PathBuf,
        /// Where files go.
        folder: Folder,
    },
}

/// What one task may cost. What the environment does not say is as in [`posterframe_frame::Options`], but for the
/// threads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pixels of one picture.
    pub max_pixels: u64,
    /// Bytes of all pictures that are decoded on the way.
    pub max_decoded_bytes: u64,
    /// How long it may take.
    pub max_time: Duration,
    /// How long no picture may come out.
    pub max_stall: Duration,
    /// Threads that decode.
    pub threads: usize,
}

impl Default for Limits {
    /// Two threads: a task has a fraction of a processor or little more, and each thread takes a few pictures' memory.
    fn default() -> Self {
        let options = posterframe_frame::Options::default();
        Self {
            max_pixels: options.max_pixels,
            max_decoded_bytes: options.max_decoded_bytes,
            max_time: options.max_time,
            max_stall: options.max_stall,
            threads: 2,
        }
    }
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

        let folder = |path: String| {
            let parsed = path.parse::<Folder>();
            parsed.map_err(|()| malformed(env::OUTPUT_PATH, "expected bucket/folder", path))
        };
        let job = get(env::JOB_ID).ok();
        let limits = limits(&lookup)?;
        if let Ok(request) = get(env::REQUEST) {
            let Some(Input::Object(object)) = parse_input(&request) else {
                return Err(malformed(env::REQUEST, "expected s3://bucket/key", request));
            };
            let folder = get(env::OUTPUT_PATH).ok().map(folder).transpose()?;
            let orders = Orders::Request { object, folder };
            return Ok(Self { orders, job, limits });
        }

        let input = get(env::INPUT)?;
        let source = parse_input(&input)
            .ok_or_else(|| malformed(env::INPUT, "expected bucket/key or an https address", input))?;
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
        let folder = folder(get(env::OUTPUT_PATH)?)?;
        Ok(Self {
            orders: Orders::Frame(Box::new(Plan::of_frame(source, position, name, folder))),
            job,
            limits,
        })
    }
}

fn limits(lookup: &impl Fn(&str) -> Option<String>) -> Result<Limits, ConfigError> {
    let number = |name| match lookup(name).filter(|value| !value.is_empty()) {
        None => Ok(None),
        Some(value) => match value.parse::<u64>() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => Err(ConfigError::Malformed {
                name,
                expected: "expected a whole number above 0".to_owned(),
                value,
            }),
        },
    };
    let default = Limits::default();
    Ok(Limits {
        max_pixels: number(env::MAX_PIXELS)?.unwrap_or(default.max_pixels),
        max_decoded_bytes: number(env::MAX_DECODED_BYTES)?.unwrap_or(default.max_decoded_bytes),
        max_time: number(env::MAX_SECONDS)?.map_or(default.max_time, Duration::from_secs),
        max_stall: number(env::MAX_STALL_SECONDS)?.map_or(default.max_stall, Duration::from_secs),
        threads: number(env::THREADS)?.map_or(default.threads, |threads| threads.min(64) as usize),
    })
}

#[cfg(test)]
mod tests {
    use posterframe_contract::NameFacts;

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
        match plan(&[(env::INPUT, text)])?.source {
            Input::Object(Object { bucket, key }) => Some((bucket, key)),
            Input::Web(address) => Some((String::new(), address.to_string())),
            Input::File(_) => None,
        }
    }

    fn plan(changes: &[(&str, &str)]) -> Option<Plan> {
        match config(changes).ok()?.orders {
            Orders::Frame(plan) => Some(*plan),
            Orders::Request { .. } | Orders::File { .. } => None,
        }
    }

    // Breaks if a task that the original's contract allows is refused or misread.
    #[test]
    fn the_original_contract() {
        let plan = plan(&[]).unwrap();
        let positions = plan.request.positions().unwrap();
        assert_eq!(positions[0].as_micros(), 10_000_000);
        assert_eq!(
            plan.file(0, 0, &NameFacts::default()).to_string(),
            "s3://b/thumbnails/x/a b.png"
        );
        assert_eq!(plan.manifest.to_string(), "s3://b/thumbnails/x/a b.manifest.json");
        let is = |bucket: &str, key: &str| Some((bucket.to_owned(), key.to_owned()));
        assert_eq!(input("b/uploads/a b_00-10.mp4"), is("b", "uploads/a b_00-10.mp4"));
        assert_eq!(input("s3://b/k e+y"), is("b", "k e+y"));
        for key in [
            "a://b",
            "https://example.com/v.mp4",
            "s3://x/y",
            "%20+?#&",
            "/",
            "é\n",
        ] {
            assert_eq!(input(&format!("s3://b/{key}")), is("b", key));
            assert_eq!(input(&format!("b/{key}")), is("b", key));
        }
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

    // Breaks if a request is not read where it lies, or its files go elsewhere than they should.
    #[test]
    fn a_request() {
        let orders = |path| {
            config(&[(env::REQUEST, "s3://b/jobs/x.json"), (env::OUTPUT_PATH, path)])
                .unwrap()
                .orders
        };
        let object = Object {
            bucket: "b".into(),
            key: "jobs/x.json".into(),
        };
        let folder = Folder {
            bucket: "c".into(),
            key: "t/x".into(),
        };
        assert_eq!(
            orders(""),
            Orders::Request {
                object: object.clone(),
                folder: None
            }
        );
        assert_eq!(
            orders("c/t/x/"),
            Orders::Request {
                object,
                folder: Some(folder)
            }
        );
    }

    // Breaks if an address that anybody may read is refused, or a link with its own signature is signed once more.
    #[test]
    fn addresses_of_the_web() {
        let is = |address: &str| Some((String::new(), address.to_owned()));
        assert_eq!(
            input("https://example.com/video.mp4"),
            is("https://example.com/video.mp4")
        );
        assert_eq!(
            input("http://127.0.0.1:80/v.mp4"),
            is("http://127.0.0.1:80/v.mp4")
        );
        let signed = "https://b.s3.eu-west-1.amazonaws.com/k.mp4?X-Amz-Signature=secret";
        assert_eq!(input(signed), is("https://b.s3.eu-west-1.amazonaws.com/k.mp4"));
    }

    // Breaks if a limit of the environment is ignored, or nonsense is taken for none.
    #[test]
    fn limits_from_the_environment() {
        assert_eq!(config(&[]).unwrap().limits, Limits::default());
        let changes = [
            (env::MAX_PIXELS, "100"),
            (env::MAX_DECODED_BYTES, "200"),
            (env::MAX_SECONDS, "3"),
            (env::MAX_STALL_SECONDS, "4"),
            (env::THREADS, "1"),
        ];
        let expected = Limits {
            max_pixels: 100,
            max_decoded_bytes: 200,
            max_time: Duration::from_secs(3),
            max_stall: Duration::from_secs(4),
            threads: 1,
        };
        assert_eq!(config(&changes).unwrap().limits, expected);
    }

    // Breaks if nonsense starts to be taken, or the error does not name the variable.
    #[test]
    fn nonsense_is_named() {
        for (name, value) in [
            (env::INPUT, ""),
            (env::INPUT, "bucket"),
            (env::INPUT, "/key"),
            (env::INPUT, "file:///etc/passwd"),
            (env::INPUT, "http://example.com/video.mp4"),
            (env::MAX_SECONDS, "ten"),
            (env::MAX_PIXELS, "0"),
            (env::POSITION, "ten"),
            (env::POSITION, "-1"),
            (env::OUTPUT_NAME, "../a.png"),
            (env::OUTPUT_PATH, "/thumbnails"),
            (env::REQUEST, "https://example.com/x.json"),
            (env::REQUEST, "x.json"),
        ] {
            let error = config(&[(name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(name), "{name}={value}: {error}");
        }
    }
}
