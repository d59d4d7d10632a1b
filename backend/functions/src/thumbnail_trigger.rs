//! A thumbnail or a manifest was written: log its URL.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use posterframe_contract::{JobId, env, names, thumbnail_job_id};
use serde_json::Value;
use tracing::{error, info};

use crate::records::{CreatedObject, messages};
use crate::{logging, setting_or};

/// The function's settings, from its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of thumbnails.
    pub thumbnails_folder: String,
    /// The bucket's region.
    pub region: String,
    /// An endpoint other than AWS's own.
    pub endpoint: Option<String>,
}

impl Config {
    /// Reads the settings from the environment; all have defaults.
    pub fn from_env() -> Self {
        Self {
            thumbnails_folder: setting_or(env::THUMBNAILS_FOLDER, names::THUMBNAILS_FOLDER),
            region: setting_or(env::REGION, "us-east-1"),
            endpoint: std::env::var("AWS_ENDPOINT_URL").ok(),
        }
    }
}

/// Runs the function until Lambda ends it.
///
/// # Errors
/// The Runtime API cannot be reached.
pub async fn run() -> Result<(), Error> {
    logging::init();
    let config = &Config::from_env();
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        handle(config, event.payload);
        Ok::<(), Error>(())
    }))
    .await
}

fn handle(config: &Config, event: Value) {
    for message in messages(event) {
        match message.objects {
            Ok(objects) => objects.iter().for_each(|object| log(config, object)),
            // Another try would fail in the same way.
            Err(error) => error!("{error}"),
        }
    }
}

fn log(config: &Config, object: &CreatedObject) {
    let job = thumbnail_job_id(&config.thumbnails_folder, &object.key)
        .unwrap_or_else(|| JobId::for_event(&object.client_token()));
    let url = url(config, &object.bucket, &object.key);
    let what = if names::is_json_key(&object.key) {
        "manifest"
    } else {
        "thumbnail"
    };
    logging::job_span(job).in_scope(|| info!("new {what}, {} bytes: {url}", object.bytes));
}

/// Everything but the characters that RFC 3986 leaves alone, and the slashes between folders.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

fn url(config: &Config, bucket: &str, key: &str) -> String {
    let key = utf8_percent_encode(key, &ESCAPED);
    if let Some(endpoint) = &config.endpoint {
        return format!("{}/{bucket}/{key}", endpoint.trim_end_matches('/'));
    }
    // China's regions are a partition of their own.
    let china = if config.region.starts_with("cn-") {
        ".cn"
    } else {
        ""
    };
    format!("https://{bucket}.s3.{}.amazonaws.com{china}/{key}", config.region)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the logged URL does not lead to the object.
    #[test]
    fn urls() {
        let mut config = Config {
            thumbnails_folder: String::new(),
            region: "eu-west-1".into(),
            endpoint: None,
        };
        assert_eq!(
            url(&config, "b", "thumbnails/a é+1.png"),
            "https://b.s3.eu-west-1.amazonaws.com/thumbnails/a%20%C3%A9%2B1.png"
        );
        config.region = "cn-north-1".into();
        assert_eq!(
            url(&config, "b", "a.png"),
            "https://b.s3.cn-north-1.amazonaws.com.cn/a.png"
        );
        config.endpoint = Some("http://127.0.0.1:9000/".into());
        assert_eq!(url(&config, "b", "a.png"), "http://127.0.0.1:9000/b/a.png");
    }
}
