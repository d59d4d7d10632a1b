//! [`Ranges`] for an S3 object: signed requests, limited to one version by `If-Match`.

use std::ops::Range;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;

use crate::remote::{Answer, Failure, Ranges, SourceError, Version};

/// An S3 object, and a client that may read it.
pub struct Object {
    /// The client, which signs the requests.
    pub client: Client,
    /// The object's bucket.
    pub bucket: String,
    /// The object's key.
    pub key: String,
}

impl Ranges for Object {
    fn name(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    async fn request(&self, bytes: Range<u64>, version: Option<&Version>) -> Result<Answer, Failure> {
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(&self.key)
            .range(format!("bytes={}-{}", bytes.start, bytes.end - 1))
            .set_if_match(version.and_then(|version| version.etag.clone()))
            .send()
            .await
            .map_err(|error| self.explain(&error, version.is_some()))?;
        let total = answer
            .content_range()
            .and_then(|range| range.rsplit('/').next()?.parse().ok());
        Ok(Answer {
            version: Version {
                etag: answer.e_tag().map(str::to_owned),
                last_modified: None,
            },
            is_range: answer.content_range().is_some(),
            size: total
                .or_else(|| u64::try_from(answer.content_length()?).ok())
                .unwrap_or(0),
            body: answer.body,
        })
    }
}

impl Object {
    fn explain(&self, error: &SdkError<GetObjectError>, is_known: bool) -> Failure {
        let reason = match (error.code(), error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            _ => DisplayErrorContext(error).to_string(),
        };
        match error.raw_response().map(|response| response.status().as_u16()) {
            // The object was replaced or deleted after the first answer.
            Some(412) => Failure::Final(SourceError::Changed(self.name())),
            Some(404 | 416) if is_known => Failure::Final(SourceError::Changed(self.name())),
            // For an empty object, no range is valid.
            Some(416) => Failure::Final(SourceError::Empty(self.name())),
            Some(429 | 500..) => Failure::temporary(reason),
            None if matches!(error, SdkError::DispatchFailure(failure) if failure.is_io() || failure.is_timeout()) => {
                Failure::temporary(reason)
            }
            None if matches!(error, SdkError::TimeoutError(_) | SdkError::ResponseError(_)) => {
                Failure::temporary(reason)
            }
            _ => Failure::Final(SourceError::Unavailable {
                source_name: self.name(),
                reason,
            }),
        }
    }
}
