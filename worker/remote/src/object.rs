//! [`Ranges`] for an S3 object: signed requests, limited to one version by `If-Match`.

use std::ops::Range;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;
use parking_lot::Mutex;

use crate::error::{SourceError, innermost};
use crate::ranges::{Answer, Failure, Ranges, Version};

/// Header in which S3 says in which region a bucket is.
const REGION_HEADER: &str = "x-amz-bucket-region";

/// An S3 object, and a client that may read it.
pub struct Object {
    bucket: String,
    key: String,
    /// Signs the requests. Another one after S3 has said that the bucket is in another region.
    client: Mutex<Client>,
}

impl Object {
    /// The object `key` of `bucket`, read by `client`. Makes no request.
    pub fn new(client: Client, bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            key: key.into(),
            client: Mutex::new(client),
        }
    }

    /// Goes on in the region that an answer names. `false` where it names none, or the one that was asked.
    fn follow_region(&self, region: Option<String>) -> bool {
        let mut client = self.client.lock();
        let Some(region) = region.filter(|region| {
            let asked = client.config().region().map(ToString::to_string);
            asked.as_ref() != Some(region)
        }) else {
            return false;
        };
        let config = client.config().to_builder().region(Region::new(region));
        *client = Client::from_conf(config.build());
        true
    }

    async fn ask(
        &self,
        bytes: &Range<u64>,
        version: Option<&Version>,
    ) -> Result<aws_sdk_s3::operation::get_object::GetObjectOutput, SdkError<GetObjectError>> {
        let client = self.client.lock().clone();
        client
            .get_object()
            .bucket(&self.bucket)
            .key(&self.key)
            .range(format!("bytes={}-{}", bytes.start, bytes.end - 1))
            .set_if_match(version.and_then(|version| version.etag.clone()))
            .send()
            .await
    }
}

/// The region in which the bucket is, where the answer says that it is not the one that was asked.
fn other_region(error: &SdkError<GetObjectError>) -> Option<String> {
    let response = error.raw_response()?;
    // 301 of S3 itself; 400 where the signature's region is wrong.
    let is_redirect = matches!(response.status().as_u16(), 301 | 307 | 400);
    let region = response.headers().get(REGION_HEADER).filter(|_| is_redirect)?;
    Some(region.to_owned())
}

/// Whether no answer came, or not the whole of one, for a reason that need not last. Credentials that are not there are no
/// such reason.
fn is_of_the_connection(error: &SdkError<GetObjectError>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        // A connection that is closed before the answer has a kind of error of its own, as what is worth another try.
        SdkError::DispatchFailure(failure) => {
            failure.is_io() || failure.is_timeout() || failure.as_other().is_some()
        }
        _ => false,
    }
}

#[async_trait]
impl Ranges for Object {
    fn name(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    fn file_name(&self) -> String {
        self.key.rsplit('/').next().unwrap_or_default().to_owned()
    }

    async fn request(&self, bytes: Range<u64>, version: Option<&Version>) -> Result<Answer, Failure> {
        let mut answer = self.ask(&bytes, version).await;
        if let Err(error) = &answer
            && self.follow_region(other_region(error))
        {
            answer = self.ask(&bytes, version).await;
        }
        let answer = answer.map_err(|error| self.explain(&error, version.is_some()))?;
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
            _ => innermost(error),
        };
        match error.raw_response().map(|response| response.status().as_u16()) {
            // The object was replaced or deleted after the first answer.
            Some(412) => Failure::Final(SourceError::Changed(self.name())),
            Some(404 | 416) if is_known => Failure::Final(SourceError::Changed(self.name())),
            // Keys that are wrong or too old are refused with the same status, and are no missing right.
            Some(401 | 403) if matches!(error.code(), None | Some("AccessDenied")) => {
                Failure::Final(SourceError::Denied {
                    source_name: self.name(),
                    reason,
                    bucket: Some(self.bucket.clone()),
                })
            }
            // For an empty object, no range is valid.
            Some(416) => Failure::Final(SourceError::Empty(self.name())),
            Some(429 | 500..) => Failure::temporary(reason),
            None if is_of_the_connection(error) => Failure::temporary(reason),
            _ => Failure::Final(SourceError::Unavailable {
                source_name: self.name(),
                reason,
            }),
        }
    }
}
