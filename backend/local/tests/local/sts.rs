//! STS: whose keys these are.

use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_sts::error::ProvideErrorMetadata;
use posterframe_local::{ACCOUNT_ID, Credentials};

use crate::support::{Local, fresh, http, keys};

fn client(local: &Local, credentials: &Credentials) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(local.backend.region()))
        .endpoint_url(local.backend.endpoint().to_string())
        .http_client(http())
        .credentials_provider(keys(credentials))
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

// Breaks if a tool that first asks who it is stops there, or somebody with other keys is told.
#[tokio::test]
async fn caller_identity() {
    let (local, _folder) = fresh().await;
    let sts = client(&local, local.backend.credentials());
    let identity = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some(ACCOUNT_ID));
    assert!(identity.arn().unwrap().starts_with("arn:aws:iam::"));

    let token = sts.get_session_token().send().await.unwrap_err();
    assert_eq!(token.code(), Some("InvalidAction"));
    let mut other = local.backend.credentials().clone();
    other.secret_access_key.push('x');
    let refused = client(&local, &other)
        .get_caller_identity()
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("SignatureDoesNotMatch"));
}
