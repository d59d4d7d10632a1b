//! The AWS clients of one backend.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_s3::config::RequestChecksumCalculation;

use crate::Backend;

/// One backend and the clients that talk to it.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) backend: Backend,
    /// What the clients are made of, for questions that they do not ask.
    pub(crate) config: aws_config::SdkConfig,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
}

impl Session {
    /// Finds credentials and region by the SDK's own rules, but for what the backend itself says.
    pub(crate) async fn open(backend: Backend) -> Self {
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .build(),
        );
        if let Some(region) = &backend.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &backend.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = &backend.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        if let Some(keys) = &backend.keys {
            loader = loader.credentials_provider(Credentials::new(
                &keys.id,
                &keys.secret,
                None,
                None,
                "posterframe",
            ));
        }
        let config = loader.load().await;
        let mut s3 = aws_sdk_s3::config::Builder::from(&config);
        if config.endpoint_url().is_some() {
            // Other servers than S3 itself have no host name for each bucket, and some refuse default checksums.
            s3 = s3
                .force_path_style(true)
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
        }
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            ecs: aws_sdk_ecs::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            config,
            backend,
        }
    }
}
