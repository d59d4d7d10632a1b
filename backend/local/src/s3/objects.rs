//! Single objects: put, and deleted.

use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETag,
    PutObjectInput, PutObjectOutput, Timestamp,
};
use s3s::{S3Request, S3Result};

use crate::account::BUCKET;
use crate::clock::now_ms;
use crate::events::{self, Created};
use crate::s3::catalogue::{self, Attributes, ObjectRow, Segment};
use crate::s3::checksums::{self, checksums_of, set_checksums};
use crate::s3::conditions::check_write;
use crate::s3::fail::Fail;
use crate::s3::ingest::{Expected, ingest};
use crate::s3::{After, Store};

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
            user: $input.metadata.clone().unwrap_or_default().into_iter().collect(),
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
        // A client that waits for "100 Continue" is spared sending what would be refused.
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let (if_match, if_none_match) = (input.if_match.clone(), input.if_none_match.clone());
        {
            let (bucket, key) = (bucket.clone(), key.clone());
            let (if_match, if_none_match) = (if_match.clone(), if_none_match.clone());
            self.db
                .read::<_, Fail>(move |tx| {
                    catalogue::require_bucket(tx, &bucket)?;
                    let existing = catalogue::find(tx, &bucket, &key)?;
                    Ok(check_write(
                        existing.as_ref(),
                        if_match.as_ref(),
                        if_none_match.as_ref(),
                    )?)
                })
                .await?;
        }
        let sent = checksums_of!(input);
        let sums = checksums::hasher(&request, &sent, input.checksum_algorithm.as_ref())?;
        let expected = Expected {
            length: None,
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
                ..attributes_of!(request.input)
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
            let existing = catalogue::find(tx, &bucket, &key)?;
            // Again, for somebody may have been faster.
            check_write(existing.as_ref(), if_match.as_ref(), if_none_match.as_ref())?;
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

    pub(super) async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<DeleteObjectOutput> {
        let DeleteObjectInput { bucket, key, .. } = request.input;
        self.commit(move |tx| {
            catalogue::require_bucket(tx, &bucket)?;
            let freed = catalogue::delete(tx, &bucket, &key)?;
            Ok(((), After { freed, event: None }))
        })
        .await?;
        Ok(DeleteObjectOutput::default())
    }

    pub(super) async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<DeleteObjectsOutput> {
        let DeleteObjectsInput { bucket, delete, .. } = request.input;
        let quiet = delete.quiet.unwrap_or(false);
        let keys: Vec<String> = delete.objects.into_iter().map(|object| object.key).collect();
        if keys.len() > 1000 {
            return Err(s3s::s3_error!(
                MalformedXML,
                "At most 1,000 keys can be deleted at a time"
            ));
        }
        let deleted = self
            .commit(move |tx| {
                catalogue::require_bucket(tx, &bucket)?;
                let mut freed = Vec::new();
                for key in &keys {
                    freed.extend(catalogue::delete(tx, &bucket, key)?);
                }
                Ok((keys, After { freed, event: None }))
            })
            .await?;
        let deleted = deleted.into_iter().map(|key| DeletedObject {
            key: Some(key),
            ..Default::default()
        });
        Ok(DeleteObjectsOutput {
            deleted: (!quiet).then(|| deleted.collect()),
            ..Default::default()
        })
    }
}
