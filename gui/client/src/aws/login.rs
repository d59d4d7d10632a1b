//! Credentials that come back by themselves: found by the SDK's own rules, and found anew once AWS refuses them.
//!
//! The SDK reads profiles once and keeps what it found. A person who logs in again in a terminal, or whose helper writes
//! new keys, would have to start the app again; so the whole chain is built again instead.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_s3::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents, SharedHttpClient};
use aws_sdk_s3::error::BoxError;
use tokio::sync::Mutex;

use super::server_time::ServerTime;
use crate::error::ErrorKind;

/// Credentials are asked for again a little before they expire.
const REFRESH_MARGIN: Duration = Duration::from_mins(1);

/// The credentials of one profile.
#[derive(Debug)]
pub(crate) struct Login {
    profile: Option<String>,
    region: Option<Region>,
    https: SharedHttpClient,
    time: Arc<ServerTime>,
    found: Mutex<Option<Credentials>>,
    /// What was found has been refused.
    stale: AtomicBool,
}

impl Login {
    pub(crate) fn new(
        profile: Option<String>,
        region: Option<Region>,
        https: SharedHttpClient,
        time: Arc<ServerTime>,
    ) -> Arc<Self> {
        Arc::new(Self {
            profile,
            region,
            https,
            time,
            found: Mutex::default(),
            stale: AtomicBool::new(false),
        })
    }

    /// What was found does not count any more.
    pub(crate) fn renew(&self) {
        self.stale.store(true, Ordering::Relaxed);
    }

    /// A command or a sentence that says how to log in again.
    pub(crate) fn advice(&self) -> String {
        let profile = self.profile_name();
        let kind = config_file()
            .and_then(|file| std::fs::read_to_string(file).ok())
            .map_or(CredentialSource::Other, |text| credential_source(&text, &profile));
        match kind {
            CredentialSource::Sso if self.profile.is_none() && profile == "default" => {
                "aws sso login".to_owned()
            }
            CredentialSource::Sso => format!("aws sso login --profile {profile}"),
            CredentialSource::Process => {
                format!("Log in with the program that gives the AWS profile “{profile}” its credentials")
            }
            CredentialSource::Other => {
                format!("Log in again, or renew the keys of the AWS profile “{profile}”")
            }
        }
    }

    fn profile_name(&self) -> String {
        let set = || std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
        self.profile
            .clone()
            .or_else(set)
            .unwrap_or_else(|| "default".to_owned())
    }

    async fn find(&self) -> Result<Credentials, CredentialsError> {
        let mut found = self.found.lock().await;
        if self.stale.swap(false, Ordering::Relaxed) {
            *found = None;
        }
        let soon = self.time.now() + REFRESH_MARGIN;
        if let Some(known) = found
            .as_ref()
            .filter(|known| known.expiry().is_none_or(|at| soon < at))
        {
            return Ok(known.clone());
        }
        let config = ProviderConfig::without_region().with_http_client(self.https.clone());
        let mut chain = DefaultCredentialsChain::builder().configure(config);
        chain.set_region(self.region.clone());
        if let Some(profile) = &self.profile {
            chain = chain.profile_name(profile);
        }
        let new = chain.build().await.provide_credentials().await?;
        *found = Some(new.clone());
        Ok(new)
    }
}

impl ProvideCredentials for Login {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.find())
    }
}

/// Notices in any service's answer that the credentials were refused.
#[derive(Debug)]
pub(crate) struct RefusalInterceptor(pub(crate) Arc<Login>);

impl Intercept for RefusalInterceptor {
    fn name(&self) -> &'static str {
        "refused credentials"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response();
        if matches!(answer.status().as_u16(), 400 | 401 | 403) {
            let body = answer.body().bytes().unwrap_or_default();
            // An answer to HEAD has no body that could say why.
            let refused = body.is_empty() || ErrorKind::refuses_login(&String::from_utf8_lossy(body));
            if refused {
                self.0.renew();
            }
        }
        Ok(())
    }
}

/// Where a profile gets its credentials from.
#[derive(Debug, PartialEq, Eq)]
enum CredentialSource {
    Sso,
    Process,
    Other,
}

fn config_file() -> Option<PathBuf> {
    if let Some(file) = std::env::var_os("AWS_CONFIG_FILE") {
        return Some(file.into());
    }
    let folders = directories::BaseDirs::new()?;
    Some(folders.home_dir().join(".aws/config"))
}

/// What the text of AWS's configuration file says of a profile.
fn credential_source(text: &str, profile: &str) -> CredentialSource {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.split(']').next()) {
            let section = section.trim();
            let name = section.strip_prefix("profile ").map_or(section, str::trim);
            inside = name == profile;
        } else if inside && line.starts_with("sso_") {
            return CredentialSource::Sso;
        } else if inside && line.starts_with("credential_process") {
            return CredentialSource::Process;
        }
    }
    CredentialSource::Other
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the advice names a login that the profile does not use.
    #[test]
    fn profiles_are_told_apart() {
        let text = "[default]\nregion = eu-west-1\n[profile studio]\nsso_session = s\n\
                    [sso-session s]\nsso_start_url = u\n[profile tool]\ncredential_process = /bin/x\n";
        assert_eq!(credential_source(text, "studio"), CredentialSource::Sso);
        assert_eq!(credential_source(text, "tool"), CredentialSource::Process);
        assert_eq!(credential_source(text, "default"), CredentialSource::Other);
        assert_eq!(credential_source(text, "none"), CredentialSource::Other);
    }
}
