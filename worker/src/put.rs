//! Files into the bucket.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata as _, SdkError};
use aws_sdk_s3::operation::put_object::PutObjectError;
use bytes::Bytes;

use crate::error::TaskError;
use crate::place::Object;

/// How long the bucket may take to answer: what takes longer has lost its connection.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(2);
/// Bytes a second that the slowest line takes.
const SLOWEST: u64 = 32 << 10;

/// Puts an object as a whole, or not at all.
pub(crate) async fn put(
    client: &Client,
    object: &Object,
    media_type: &str,
    content: Bytes,
    metadata: Option<HashMap<String, String>>,
) -> Result<(), TaskError> {
    let limit = ANSWER_TIMEOUT + Duration::from_secs(content.len() as u64 / SLOWEST);
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(limit).build();
    let put = client
        .put_object()
        .bucket(&object.bucket)
        .key(&object.key)
        .content_type(media_type)
        .set_metadata(metadata)
        .body(content.into())
        .customize()
        .config_override(aws_sdk_s3::config::Builder::new().timeout_config(timeouts))
        .send();
    put.await.map(drop).map_err(|error| TaskError::Output {
        object: object.to_string(),
        passes: passes(&error),
        reason: DisplayErrorContext(error).to_string(),
    })
}

/// S3's codes for what another try, another login or a clock that is set may be spared.
const PASSING: [&str; 12] = [
    "BadDigest",
    "ConditionalRequestConflict",
    "ExpiredToken",
    "IncompleteBody",
    "InvalidAccessKeyId",
    "InvalidToken",
    "OperationAborted",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "RequestTimeout",
    "SlowDown",
    "TokenRefreshRequired",
];

/// Whether the same may succeed later: there was no answer, or one that is of the moment.
fn passes(error: &SdkError<PutObjectError>) -> bool {
    match error.raw_response().map(|response| response.status().as_u16()) {
        None => !matches!(error, SdkError::ConstructionFailure(_)),
        Some(429 | 500..) => true,
        Some(_) => error.code().is_some_and(|code| PASSING.contains(&code)),
    }
}
