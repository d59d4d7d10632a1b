//! The AWS clients of one backend.

use std::sync::Arc;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::config::{RequestChecksumCalculation, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::endpoint::Endpoint;
use super::login::{Login, RefusalInterceptor};
use super::server_time::{ServerTime, TimeInterceptor};
use crate::config::Backend;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long one try of a question may take until its answer begins. What takes longer has lost its connection, and
/// would hold up all that waits for it.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
/// How long all of its tries may take.
const OPERATION_TIMEOUT: Duration = Duration::from_mins(1);

fn question_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}

/// One backend and the clients that talk to it.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) backend: Backend,
    /// What all services' clients are made of.
    pub(crate) config: aws_config::SdkConfig,
    pub(crate) https: SharedHttpClient,
    /// For questions and downloads: an answer begins within seconds, or there is none.
    pub(crate) s3: aws_sdk_s3::Client,
    /// For what is sent and copied: its end may be an hour away, and what stalls is noticed where its bytes are counted.
    pub(crate) transfers: aws_sdk_s3::Client,
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    /// `None` where the backend itself gave the keys.
    pub(crate) login: Option<Arc<Login>>,
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) time: Arc<ServerTime>,
}

impl Session {
    /// Finds credentials and region by the SDK's own rules, but for what the backend itself says.
    pub(crate) async fn open(backend: Backend) -> Self {
        let time = Arc::new(ServerTime::default());
        let https = https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(https.clone())
            .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).build())
            // An upload may wait for its limit; what stalls is noticed where its bytes are counted.
            .stalled_stream_protection(
                StalledStreamProtectionConfig::enabled()
                    .upload_enabled(false)
                    .build(),
            );
        if let Some(profile) = &backend.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(endpoint) = &backend.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        let region = match &backend.region {
            Some(region) => Some(Region::new(region.clone())),
            None => default_region(backend.profile.as_deref(), https.clone()).await,
        };
        if let Some(region) = &region {
            loader = loader.region(region.clone());
        }
        let login = if let Some(keys) = &backend.keys {
            let keys = Credentials::new(&keys.id, &keys.secret, None, None, "posterframe");
            loader = loader.credentials_provider(keys);
            None
        } else {
            let login = Login::new(
                backend.profile.clone(),
                region.clone(),
                https.clone(),
                time.clone(),
            );
            let credentials: Arc<dyn ProvideCredentials> = login.clone();
            loader = loader
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                // The login keeps them itself, for as long as they are good.
                .identity_cache(IdentityCache::no_cache());
            Some(login)
        };
        let config = loader.load().await;
        let mut s3 = aws_sdk_s3::config::Builder::from(&config);
        let mut ecs = aws_sdk_ecs::config::Builder::from(&config);
        let mut logs = aws_sdk_cloudwatchlogs::config::Builder::from(&config);
        if config.endpoint_url().is_some() {
            // Other servers than S3 itself have no host name for each bucket, and some refuse default checksums.
            s3 = s3
                .force_path_style(true)
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
        }
        if let Some(login) = &login {
            s3 = s3.interceptor(RefusalInterceptor(login.clone()));
            ecs = ecs.interceptor(RefusalInterceptor(login.clone()));
            logs = logs.interceptor(RefusalInterceptor(login.clone()));
        }
        // The backend on this machine has this machine's clock.
        if !backend.is_local() {
            s3 = s3.interceptor(TimeInterceptor(time.clone()));
            ecs = ecs.interceptor(TimeInterceptor(time.clone()));
            logs = logs.interceptor(TimeInterceptor(time.clone()));
        }
        let transfers = s3.clone();
        let s3 = s3.timeout_config(question_timeouts());
        let ecs = ecs.timeout_config(question_timeouts());
        let logs = logs.timeout_config(question_timeouts());
        let known = backend.is_local() || config.endpoint_url().is_none();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            transfers: aws_sdk_s3::Client::from_conf(transfers.build()),
            ecs: aws_sdk_ecs::Client::from_conf(ecs.build()),
            logs: aws_sdk_cloudwatchlogs::Client::from_conf(logs.build()),
            backend: Backend {
                region: region.map(|region| region.to_string()),
                ..backend
            },
            config,
            https,
            login,
            endpoint: Arc::new(Endpoint::new(known)),
            time,
        }
    }

    /// The credentials of this moment, with their end where it is known.
    pub(crate) async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| CredentialsError::not_loaded("there is no provider"))?;
        provider.provide_credentials().await
    }

    /// What one bucket of one backend is called among the uploads.
    pub(crate) fn bucket_id(&self) -> String {
        format!("{}/{}", self.backend.name, self.backend.bucket)
    }
}

/// One HTTPS client for all services: connections are shared. `ring` is the TLS cryptography that builds quickest.
fn https() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

async fn default_region(profile: Option<&str>, https: SharedHttpClient) -> Option<Region> {
    let mut rules = aws_config::defaults(BehaviorVersion::latest())
        .http_client(https)
        .no_credentials();
    if let Some(profile) = profile {
        rules = rules.profile_name(profile);
    }
    rules.load().await.region().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::AccessKeys;

    // Breaks if a connection that is lost without a word holds up the watching of all jobs, or a large upload is cut off
    // for its length.
    #[tokio::test]
    async fn questions_end_and_transfers_may_last() {
        let keys = AccessKeys {
            id: "id".into(),
            secret: "secret".into(),
        };
        let backend =
            Backend::this_computer("http://127.0.0.1:9".into(), "eu-west-1".into(), "b".into(), keys);
        let session = Session::open(backend).await;
        let limits = |config: Option<&TimeoutConfig>| {
            let config = config.unwrap();
            (
                config.connect_timeout(),
                config.operation_attempt_timeout(),
                config.operation_timeout(),
            )
        };
        let questions = (
            Some(CONNECT_TIMEOUT),
            Some(ATTEMPT_TIMEOUT),
            Some(OPERATION_TIMEOUT),
        );
        assert_eq!(limits(session.s3.config().timeout_config()), questions);
        assert_eq!(limits(session.ecs.config().timeout_config()), questions);
        assert_eq!(limits(session.logs.config().timeout_config()), questions);
        let transfers = session.transfers.config().timeout_config();
        assert_eq!(limits(transfers), (Some(CONNECT_TIMEOUT), None, None));
    }
}
