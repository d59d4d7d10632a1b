//! Single objects, put with their metadata.

use std::collections::BTreeMap;

use s3s::dto::{ETag, Metadata, PutObjectInput, PutObjectOutput, Timestamp};
use s3s::{S3Request, S3Result, s3_error};

use crate::account::BUCKET;
use crate::clock::now_ms;
use crate::events::{self, Created};
use crate::s3::catalogue::{self, Attributes, ObjectRow, Segment};
use crate::s3::checksums::{self, checksums_of, set_checksums};
use crate::s3::conditions::WriteConditions;
use crate::s3::fail::Fail;
use crate::s3::ingest::{Expected, ingest, promised_length};
use crate::s3::{After, Store};

/// S3's limit for all of an object's own metadata, names and values.
const MAX_METADATA: usize = 2 << 10;

/// Takes the metadata members out of an input of any operation that has them.
macro_rules! attributes_of {
    ($input:expr) => {
        $crate::s3::catalogue::Attributes {
            content_type: $input.content_type.clone(),
            content_encoding: $crate::s3::objects::without_chunking($input.content_encoding.clone()),
            content_disposition: $input.content_disposition.clone(),
            content_language: $input.content_language.clone(),
            cache_control: $input.cache_control.clone(),
            website_redirect_location: $input.website_redirect_location.clone(),
            expires: $input.expires.clone().map($crate::s3::objects::timestamp_ms),
            user: $crate::s3::objects::user_metadata($input.metadata.clone())?,
            tags: $crate::s3::tags::of_header($input.tagging.as_deref())?,
            ..Default::default()
        }
    };
}
pub(super) use attributes_of;

/// `aws-chunked` says how this request travelled; S3 stores what else stands there.
pub(super) fn without_chunking(encoding: Option<String>) -> Option<String> {
    let encoding = encoding?;
    let kept: Vec<&str> = encoding
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && *name != "aws-chunked")
        .collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

pub(super) fn user_metadata(metadata: Option<Metadata>) -> S3Result<BTreeMap<String, String>> {
    let metadata: BTreeMap<String, String> = metadata.unwrap_or_default().into_iter().collect();
    let size: usize = metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if size > MAX_METADATA {
        return Err(s3_error!(
            MetadataTooLarge,
            "Your metadata headers exceed the maximum allowed metadata size of {MAX_METADATA} bytes: {size}"
        ));
    }
    Ok(metadata)
}

pub(super) fn timestamp_ms(time: Timestamp) -> i64 {
    (time::OffsetDateTime::from(time).unix_timestamp_nanos() / 1_000_000) as i64
}

/// Stores `row` and announces it, in one transaction with whatever came before it.
pub(super) fn put_and_announce(
    tx: &rusqlite::Transaction<'_>,
    bucket: &str,
    key: &str,
    row: &ObjectRow,
    event: &'static str,
) -> Result<After, Fail> {
    let freed = catalogue::put(tx, bucket, key, row)?;
    let created = Created {
        key,
        size: row.size,
        etag: &row.etag,
        event,
        time: row.modified,
    };
    let event = if bucket == BUCKET {
        events::announce(tx, &created)?
    } else {
        None
    };
    Ok(After { freed, event })
}

impl Store {
    pub(super) async fn put_object(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> S3Result<PutObjectOutput> {
        let body = request.input.body.take();
        let input = &request.input;
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let conditions = WriteConditions {
            if_match: input.if_match.clone(),
            if_none_match: input.if_none_match.clone(),
        };
        let given: Attributes = attributes_of!(input);
        // Checked before the body is read, so that a client which waits for "100 Continue" does not send what is refused.
        {
            let (bucket, key, conditions) = (bucket.clone(), key.clone(), conditions.clone());
            self.db
                .read::<_, Fail>(move |tx| {
                    catalogue::require_bucket(tx, &bucket)?;
                    Ok(conditions.check(catalogue::find(tx, &bucket, &key)?.as_ref())?)
                })
                .await?;
        }
        let sent = checksums_of!(input);
        let sums = checksums::hasher(&request, &sent, input.checksum_algorithm.as_ref())?;
        let expected = Expected {
            length: promised_length(&request, input.content_length),
            md5: input.content_md5.clone(),
            checksums: sent,
        };
        let ingested = ingest(&self.blobs, &request, body, sums, expected).await?;
        let mut row = ObjectRow {
            size: ingested.size,
            etag: ingested.md5,
            modified: now_ms(),
            segments: Vec::new(),
            attributes: Attributes {
                checksums: ingested.checksums,
                ..given
            },
        };
        let mut output = PutObjectOutput {
            e_tag: Some(ETag::Strong(row.etag.clone())),
            checksum_type: row.attributes.checksums.kind(),
            ..Default::default()
        };
        set_checksums!(output, row.attributes.checksums);
        let blob = ingested.blob;
        self.commit(move |tx| {
            catalogue::require_bucket(tx, &bucket)?;
            // Checked again: another request may have created the object meanwhile.
            conditions.check(catalogue::find(tx, &bucket, &key)?.as_ref())?;
            if row.size > 0 {
                row.segments = vec![Segment(blob.publish()?, row.size)];
            }
            catalogue::retain(tx, row.segments.iter().map(|segment| &segment.0))?;
            Ok((
                (),
                put_and_announce(tx, &bucket, &key, &row, "ObjectCreated:Put")?,
            ))
        })
        .await?;
        Ok(output)
    }
}
