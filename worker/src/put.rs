//! Files into the bucket.

use std::collections::HashMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::DisplayErrorContext;
use bytes::Bytes;

use crate::error::TaskError;
use crate::place::Object;

/// Puts an object as a whole, or not at all.
pub(crate) async fn put(
    client: &Client,
    object: &Object,
    media_type: &str,
    content: Bytes,
    metadata: Option<HashMap<String, String>>,
) -> Result<(), TaskError> {
    let put = client
        .put_object()
        .bucket(&object.bucket)
        .key(&object.key)
        .content_type(media_type)
        .set_metadata(metadata)
        .body(content.into())
        .send();
    put.await.map(drop).map_err(|error| TaskError::Output {
        object: object.to_string(),
        reason: DisplayErrorContext(error).to_string(),
    })
}
