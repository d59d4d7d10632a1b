//! Objects read: whole, in ranges, part by part, or only their metadata.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use bytes::Bytes;
use futures::Stream;
use s3s::dto::{
    ChecksumMode, ETag, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, StreamingBlob,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use crate::blobs::{Blobs, Pinned};
use crate::clock;
use crate::db::blocking;
use crate::s3::Store;
use crate::s3::catalogue::{self, ObjectRow, Segment};
use crate::s3::checksums::set_checksums;
use crate::s3::conditions::{Conditions, Unchanged};
use crate::s3::fail::Fail;
use crate::s3::versions::only_null;

/// One read of the disk, and the size up to which a body is read before the answer begins: the worker's
/// ranged reads then cost one hop to another thread.
const CHUNK: u64 = 512 << 10;

/// S3's type for what was put without one.
const DEFAULT_TYPE: &str = "binary/octet-stream";

/// What of an object was asked for.
struct Selected {
    bytes: Range<u64>,
    content_range: Option<String>,
    parts_count: Option<i32>,
}

/// Fills the members that GET and HEAD have in common.
macro_rules! describe {
    ($output:ident, $object:expr, $selected:expr, $checksums:expr) => {{
        let (object, selected): (&ObjectRow, &Selected) = ($object, $selected);
        let attributes = &object.attributes;
        let mut output = $output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: attributes.cache_control.clone(),
            content_disposition: attributes.content_disposition.clone(),
            content_encoding: attributes.content_encoding.clone(),
            content_language: attributes.content_language.clone(),
            content_length: Some((selected.bytes.end - selected.bytes.start) as i64),
            content_range: selected.content_range.clone(),
            content_type: Some(
                attributes
                    .content_type
                    .clone()
                    .unwrap_or_else(|| DEFAULT_TYPE.to_owned()),
            ),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            expires: attributes.expires.map(|ms| clock::from_ms(ms).into()),
            last_modified: Some(clock::from_ms(object.modified).into()),
            metadata: Some(attributes.user.clone().into_iter().collect()),
            parts_count: selected.parts_count,
            website_redirect_location: attributes.website_redirect_location.clone(),
            ..Default::default()
        };
        // They are those of the whole object: with a part of it they would only mislead.
        if $checksums
            .as_ref()
            .is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED)
            && selected.content_range.is_none()
        {
            set_checksums!(output, attributes.checksums);
            output.checksum_type = attributes.checksums.kind();
        }
        output
    }};
}

impl Store {
    pub(super) async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<GetObjectOutput> {
        let input = request.input;
        only_null(input.version_id.as_deref())?;
        let conditions = Conditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        let (bucket, key, blobs) = (input.bucket, input.key, self.blobs.clone());
        // Under the writer's lock, so that no blob vanishes between the look-up and the pin.
        let (object, pinned) = self
            .db
            .write::<_, Fail>(move |tx| {
                let object = catalogue::get(tx, &bucket, &key)?;
                let pinned = blobs.pin(object.segments.iter().map(|segment| segment.0.clone()).collect());
                Ok((object, pinned))
            })
            .await?;
        conditions.check(&object, Unchanged::NotModified)?;
        let selected = select(&object, input.range, input.part_number)?;
        let mut output = describe!(GetObjectOutput, &object, &selected, input.checksum_mode);
        output.tag_count = Some(object.attributes.tags.len() as i32).filter(|count| *count > 0);
        let reader = Reader::new(self.blobs.clone(), pinned, object.segments, selected.bytes);
        output.body = Some(reader.into_body().await?);
        Ok(output)
    }

    pub(super) async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        only_null(input.version_id.as_deref())?;
        let conditions = Conditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
        };
        let (bucket, key) = (input.bucket, input.key);
        let object = self.db.read(move |tx| catalogue::get(tx, &bucket, &key)).await?;
        conditions.check(&object, Unchanged::NotModified)?;
        let selected = select(&object, input.range, input.part_number)?;
        let output = describe!(HeadObjectOutput, &object, &selected, input.checksum_mode);
        let mut response = S3Response::new(output);
        let tags = object.attributes.tags.len();
        if tags > 0 {
            response.headers.insert("x-amz-tagging-count", tags.into());
        }
        Ok(response)
    }
}

fn select(object: &ObjectRow, range: Option<s3s::dto::Range>, part: Option<i32>) -> S3Result<Selected> {
    let whole = 0..object.size;
    let content_range = |bytes: &Range<u64>| {
        Some(format!(
            "bytes {}-{}/{}",
            bytes.start,
            bytes.end.saturating_sub(1),
            object.size
        ))
    };
    match (range, part) {
        (Some(_), Some(_)) => Err(s3_error!(
            InvalidRequest,
            "Cannot specify both Range header and partNumber query parameter"
        )),
        (None, None) => Ok(Selected {
            bytes: whole,
            content_range: None,
            parts_count: None,
        }),
        (Some(range), None) => {
            let bytes = range.check(object.size).map_err(|_| unsatisfiable(object.size))?;
            // A suffix of nothing at all is the one range that is "satisfied" by no bytes.
            if bytes.is_empty() {
                return Err(unsatisfiable(object.size));
            }
            Ok(Selected {
                content_range: content_range(&bytes),
                bytes,
                parts_count: None,
            })
        }
        (None, Some(number)) => {
            let multipart = object.in_parts();
            let sizes: Vec<u64> = if multipart {
                object.segments.iter().map(|part| part.1).collect()
            } else {
                vec![object.size]
            };
            let index = usize::try_from(number)
                .ok()
                .and_then(|number| number.checked_sub(1));
            let size = index.and_then(|index| sizes.get(index));
            let (Some(index), Some(size)) = (index, size) else {
                let mut error = S3Error::with_message(
                    S3ErrorCode::Custom("InvalidPartNumber".into()),
                    "The requested partnumber is not satisfiable",
                );
                error.set_status_code(http::StatusCode::RANGE_NOT_SATISFIABLE);
                return Err(error);
            };
            let start: u64 = sizes[..index].iter().sum();
            let bytes = start..start + size;
            Ok(Selected {
                content_range: (object.size > 0).then(|| content_range(&bytes)).flatten(),
                bytes,
                parts_count: multipart.then_some(sizes.len() as i32),
            })
        }
    }
}

fn unsatisfiable(size: u64) -> S3Error {
    let mut error = s3_error!(InvalidRange, "The requested range is not satisfiable");
    if let Ok(value) = http::HeaderValue::try_from(format!("bytes */{size}")) {
        error.set_headers(http::HeaderMap::from_iter([
            (http::header::CONTENT_RANGE, value),
            (
                http::header::CONTENT_TYPE,
                http::HeaderValue::from_static("application/xml"),
            ),
        ]));
    }
    error
}

/// Reads a range of bytes across segments, a chunk at a time.
pub(super) struct Reader {
    blobs: Blobs,
    _pinned: Pinned,
    /// What is still to be read: the blob, the offset in it, and how much.
    rest: std::collections::VecDeque<(String, u64, u64)>,
    open: Option<File>,
}

impl Reader {
    pub(super) fn new(blobs: Blobs, pinned: Pinned, segments: Vec<Segment>, bytes: Range<u64>) -> Self {
        let mut start = 0;
        let rest = segments
            .into_iter()
            .filter_map(|Segment(blob, size)| {
                let here = start..start + size;
                start += size;
                let (from, to) = (here.start.max(bytes.start), here.end.min(bytes.end));
                (from < to).then(|| (blob, from - here.start, to - from))
            })
            .collect();
        Self {
            blobs,
            _pinned: pinned,
            rest,
            open: None,
        }
    }

    fn remaining(&self) -> u64 {
        self.rest.iter().map(|(_, _, size)| size).sum()
    }

    /// The next chunk; `None` at the end.
    pub(super) fn next(&mut self) -> std::io::Result<Option<Bytes>> {
        let Some((blob, offset, left)) = self.rest.front_mut() else {
            return Ok(None);
        };
        let file = match &mut self.open {
            Some(file) => file,
            closed => {
                let mut file = self.blobs.open(blob)?;
                file.seek(SeekFrom::Start(*offset))?;
                closed.insert(file)
            }
        };
        let mut chunk = vec![0; (*left).min(CHUNK) as usize];
        file.read_exact(&mut chunk)?;
        *left -= chunk.len() as u64;
        if *left == 0 {
            self.rest.pop_front();
            self.open = None;
        }
        Ok(Some(chunk.into()))
    }

    async fn into_body(mut self) -> Result<StreamingBlob, Fail> {
        if self.remaining() > CHUNK {
            return Ok(StreamingBlob::wrap(self.into_stream()));
        }
        let whole = blocking(move || -> std::io::Result<Bytes> {
            let mut whole = self.next()?.unwrap_or_default();
            while let Some(more) = self.next()? {
                whole = [whole, more].concat().into();
            }
            Ok(whole)
        })
        .await?;
        Ok(StreamingBlob::from(s3s::Body::from(whole)))
    }

    fn into_stream(self) -> impl Stream<Item = std::io::Result<Bytes>> + Send + Sync {
        futures::stream::unfold(Some(self), |reader| async {
            let mut reader = reader?;
            let (chunk, reader) = blocking(move || (reader.next(), reader)).await;
            match chunk {
                Ok(chunk) => chunk.map(|chunk| (Ok(chunk), Some(reader))),
                Err(error) => {
                    // The client only sees the connection break, so the cause goes into the log.
                    tracing::error!("an object could not be read to its end: {error}");
                    Some((Err(error), None))
                }
            }
        })
    }
}
