//! The store as an HTTP service: who may call it, and with which keys.

use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::S3ServiceBuilder;
use s3s::{S3Result, s3_error};

use crate::Credentials;
use crate::s3::Store;
use crate::s3::forms;
use crate::s3::front::Front;

/// S3 with signatures checked.
pub(crate) fn service(store: Store, credentials: &Credentials) -> Front {
    let mut builder = S3ServiceBuilder::new(store);
    builder.set_auth(OneKey(credentials.clone()));
    builder.set_access(SignedOnly);
    let mut config = S3Config::default();
    // The largest body that is XML names 10,000 parts.
    config.xml_max_body_size = 8 << 20;
    config.post_object_max_file_size = forms::MAX_FILE as u64;
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    Front::new(builder.build())
}

/// The one pair of keys that there is.
struct OneKey(Credentials);

#[async_trait::async_trait]
impl S3Auth for OneKey {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.0.access_key_id {
            return Ok(SecretKey::from(self.0.secret_access_key.as_str()));
        }
        Err(s3_error!(
            InvalidAccessKeyId,
            "The AWS Access Key Id you provided does not exist in our records."
        ))
    }
}

/// Whoever has the keys may do everything, and nobody else anything: loopback is open to every local user.
struct SignedOnly;

#[async_trait::async_trait]
impl S3Access for SignedOnly {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        match context.credentials() {
            Some(_) => Ok(()),
            None => Err(s3_error!(
                AccessDenied,
                "Access Denied: the request is not signed"
            )),
        }
    }
}
