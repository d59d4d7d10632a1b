//! The store as an HTTP service: who may call it, and with which keys.

use std::sync::Arc;

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::SimpleAuth;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Result, s3_error};

use crate::Credentials;
use crate::s3::Store;

/// S3 with signatures checked.
pub(crate) fn service(store: Store, credentials: &Credentials) -> S3Service {
    let mut builder = S3ServiceBuilder::new(store);
    builder.set_auth(SimpleAuth::from_single(
        credentials.access_key_id.as_str(),
        credentials.secret_access_key.as_str(),
    ));
    builder.set_access(SignedOnly);
    let mut config = S3Config::default();
    // The largest body that is XML names 10,000 parts.
    config.xml_max_body_size = 8 << 20;
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    builder.build()
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
