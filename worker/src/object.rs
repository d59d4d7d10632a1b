//! An S3 object as a source of ranges: signed, retried, and guarded against being replaced meanwhile.

use std::io;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use bytes::Bytes;
use tokio::runtime::Handle;

use crate::config::Input;
use crate::ranged::{RangeSource, RangedReader};

/// How often a request is made whose answer breaks off, with a pause before each that doubles.
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Why an object could not be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SourceError {
    /// It does not exist, or this task may not read it.
    #[error("s3://{object} cannot be read: {reason}")]
    Unavailable {
        /// `bucket/key`.
        object: String,
        /// What S3 said.
        reason: String,
    },
    /// It has no bytes.
    #[error("s3://{0} is empty")]
    Empty(String),
    /// It is another object than at the first request.
    #[error("s3://{0} was replaced while it was being read")]
    Changed(String),
}

/// One version of one object, read by ranges from a thread that may block.
#[derive(Debug)]
pub struct ObjectReader {
    client: Client,
    runtime: Handle,
    input: Input,
    etag: Option<String>,
}

impl ObjectReader {
    /// Opens the object with one request, which brings its size and its head.
    ///
    /// # Errors
    /// It cannot be read, or is empty.
    pub async fn open(client: Client, input: Input) -> Result<(RangedReader<Self>, u64), SourceError> {
        let mut reader = Self {
            client,
            runtime: Handle::current(),
            input,
            etag: None,
        };
        let answer = reader.request(0, RangedReader::<Self>::head_bytes()).await?;
        reader.etag = answer.e_tag().map(str::to_owned);
        let size = answer
            .content_range()
            .and_then(|range| range.rsplit('/').next()?.parse().ok())
            .or_else(|| answer.content_length().and_then(|length| length.try_into().ok()))
            .unwrap_or(0);
        if size == 0 {
            return Err(SourceError::Empty(reader.name()));
        }
        let head = match collect(answer).await {
            Ok(head) => head,
            // The answer broke off: from here on the ordinary way, which tries again.
            Err(_) => {
                reader
                    .fetch(0, size.min(RangedReader::<Self>::head_bytes()))
                    .await?
            }
        };
        Ok((RangedReader::new(reader, size, head), size))
    }

    fn name(&self) -> String {
        format!("{}/{}", self.input.bucket, self.input.key)
    }

    async fn request(&self, start: u64, end: u64) -> Result<GetObjectOutput, SourceError> {
        self.client
            .get_object()
            .bucket(&self.input.bucket)
            .key(&self.input.key)
            .range(format!("bytes={start}-{}", end - 1))
            .set_if_match(self.etag.clone())
            .send()
            .await
            .map_err(|error| self.explain(&error))
    }

    fn explain(&self, error: &SdkError<GetObjectError>) -> SourceError {
        match error.raw_response().map(|response| response.status().as_u16()) {
            Some(412) => SourceError::Changed(self.name()),
            // No byte lies in any range of an empty object.
            Some(416) if self.etag.is_none() => SourceError::Empty(self.name()),
            // It was replaced by a shorter one, or deleted, after the first request.
            Some(404 | 416) if self.etag.is_some() => SourceError::Changed(self.name()),
            _ => SourceError::Unavailable {
                object: self.name(),
                reason: match (error.code(), error.message()) {
                    (Some(code), Some(message)) => format!("{code}: {message}"),
                    (Some(code), None) => code.to_owned(),
                    _ => DisplayErrorContext(error).to_string(),
                },
            },
        }
    }

    async fn fetch(&self, start: u64, end: u64) -> Result<Bytes, SourceError> {
        let mut pause = FIRST_PAUSE;
        let mut tries = 1;
        loop {
            // The client itself repeats requests that fail; an answer that breaks off is ours to repeat.
            match collect(self.request(start, end).await?).await {
                Ok(bytes) => return Ok(bytes),
                Err(reason) if tries == TRIES => {
                    return Err(SourceError::Unavailable {
                        object: self.name(),
                        reason,
                    });
                }
                Err(reason) => tracing::warn!("bytes {start}..{end} broke off ({reason}), trying again"),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
            tries += 1;
        }
    }
}

async fn collect(answer: GetObjectOutput) -> Result<Bytes, String> {
    let expected = answer.content_length();
    let bytes = answer
        .body
        .collect()
        .await
        .map_err(|error| DisplayErrorContext(error).to_string())?
        .into_bytes();
    match expected {
        Some(length) if length != bytes.len() as i64 => Err("fewer bytes than announced".to_owned()),
        _ => Ok(bytes),
    }
}

impl RangeSource for ObjectReader {
    fn get(&mut self, start: u64, end: u64) -> io::Result<Bytes> {
        self.runtime
            .block_on(self.fetch(start, end))
            .map_err(io::Error::other)
    }
}
