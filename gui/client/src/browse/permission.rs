//! What an answer says of the login's rights and of a bucket's region.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::error::ClientError;

/// Header in which S3 says in which region a bucket is.
const REGION_HEADER: &str = "x-amz-bucket-region";

/// What `operation` failed with; where it was refused, with the right that it needs.
pub(super) fn denied<E>(
    operation: &'static str,
    permission: &'static str,
    bucket: &str,
    key: Option<&str>,
    error: &SdkError<E>,
) -> ClientError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let failed = ClientError::aws(operation, error);
    let is_refused = error
        .raw_response()
        .is_some_and(|response| response.status().as_u16() == 403);
    match failed {
        // Keys that are wrong or too old are refused with the same status, and are something else.
        ClientError::Aws { reason, code, .. }
            if is_refused && matches!(code.as_deref(), Some("AccessDenied" | "HTTP 403")) =>
        {
            ClientError::Denied {
                operation,
                permission,
                resource: match key {
                    Some(key) => format!("arn:aws:s3:::{bucket}/{key}"),
                    None => format!("arn:aws:s3:::{bucket}"),
                },
                reason,
            }
        }
        other => other,
    }
}

/// The region in which the bucket is, where the answer says that it is not the one that was asked.
pub(super) fn region_of<E>(error: &SdkError<E>) -> Option<String> {
    let response = error.raw_response()?;
    // 301 of S3 itself; 400 where the signature's region is wrong.
    let is_redirect = matches!(response.status().as_u16(), 301 | 307 | 400);
    let region = response.headers().get(REGION_HEADER).filter(|_| is_redirect)?;
    Some(region.to_owned())
}
