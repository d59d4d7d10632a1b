//! The parts of a multipart upload: sent, copied from other objects, and listed so that an upload can go on.

use rusqlite::{Transaction, params};
use s3s::dto::{
    CopyPartResult, ETag, ListPartsInput, ListPartsOutput, Part, StorageClass, StreamingBlob,
    UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Request, S3Result, s3_error};

use crate::blobs::BlobId;
use crate::clock::{from_ms, now_ms};
use crate::db::json;
use crate::s3::catalogue::{self, Segment};
use crate::s3::checksums::{self, Checksums, checksums_of, set_checksums};
use crate::s3::conditions::{Conditions, Unchanged};
use crate::s3::copy::{source, source_conditions};
use crate::s3::fail::Fail;
use crate::s3::ingest::{Expected, Ingested, ingest, promised_length};
use crate::s3::list::max_keys;
use crate::s3::read::Reader;
use crate::s3::uploads::{self, Upload};
use crate::s3::{After, Store};

/// One part that arrived.
#[derive(Clone, Debug)]
pub(super) struct PartRow {
    pub(super) number: i32,
    pub(super) segment: Segment,
    pub(super) md5: String,
    pub(super) modified: i64,
    pub(super) checksums: Checksums,
}

/// Parts of the upload with numbers above `after`, in order, at most `limit`.
pub(super) fn list(
    tx: &Transaction<'_>,
    upload: &str,
    after: i32,
    limit: i64,
) -> rusqlite::Result<Vec<PartRow>> {
    tx.prepare_cached(
        "SELECT number, blob, size, md5, modified, checksums FROM parts
         WHERE upload = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
    )?
    .query_map(params![upload, after, limit], |row| {
        Ok(PartRow {
            number: row.get(0)?,
            segment: Segment(row.get(1)?, row.get::<_, i64>(2)? as u64),
            md5: row.get(3)?,
            modified: row.get(4)?,
            checksums: json(row, 5)?,
        })
    })?
    .collect()
}

/// Stores the part in place of an earlier one of its number; returns the blob that is now free.
fn put(tx: &Transaction<'_>, upload: &str, part: &PartRow) -> Result<Vec<BlobId>, Fail> {
    let replaced: Vec<BlobId> = tx
        .prepare_cached("DELETE FROM parts WHERE upload = ?1 AND number = ?2 RETURNING blob")?
        .query_map(params![upload, part.number], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let freed = catalogue::release(tx, replaced)?;
    catalogue::retain(tx, [&part.segment.0])?;
    tx.prepare_cached(
        "INSERT INTO parts (upload, number, blob, size, md5, modified, checksums)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        upload,
        part.number,
        part.segment.0,
        part.segment.1 as i64,
        part.md5,
        part.modified,
        serde_json::to_string(&part.checksums)?,
    ])?;
    Ok(freed)
}

fn check_number(number: i32) -> S3Result<()> {
    if (1..=10_000).contains(&number) {
        return Ok(());
    }
    Err(s3_error!(
        InvalidArgument,
        "Part number must be an integer between 1 and 10000, inclusive"
    ))
}

impl Store {
    async fn upload(&self, id: &str, bucket: &str, key: &str) -> S3Result<Upload> {
        let (id, bucket, key) = (id.to_owned(), bucket.to_owned(), key.to_owned());
        Ok(self
            .db
            .read(move |tx| uploads::find(tx, &id, &bucket, &key))
            .await?)
    }

    /// Gives the part to its upload, if that is still there. A part may be empty: then it is the last.
    async fn keep_part(
        &self,
        (upload, bucket, key): (String, String, String),
        number: i32,
        ingested: Ingested,
    ) -> S3Result<PartRow> {
        let part = self
            .commit(move |tx| {
                uploads::find(tx, &upload, &bucket, &key)?;
                let part = PartRow {
                    number,
                    segment: Segment(ingested.blob.publish()?, ingested.size),
                    md5: ingested.md5,
                    modified: now_ms(),
                    checksums: ingested.checksums,
                };
                let freed = put(tx, &upload, &part)?;
                Ok((part, After { freed, event: None }))
            })
            .await?;
        Ok(part)
    }

    pub(super) async fn upload_part(
        &self,
        mut request: S3Request<UploadPartInput>,
    ) -> S3Result<UploadPartOutput> {
        let body = request.input.body.take();
        let input = &request.input;
        check_number(input.part_number)?;
        let upload = self.upload(&input.upload_id, &input.bucket, &input.key).await?;
        let sent = checksums_of!(input);
        let algorithm = upload.algorithm().or_else(|| input.checksum_algorithm.clone());
        let sums = checksums::hasher(&request, &sent, algorithm.as_ref())?;
        let expected = Expected {
            length: promised_length(&request, input.content_length),
            md5: input.content_md5.clone(),
            checksums: sent,
        };
        let ingested = ingest(&self.blobs, &request, body, sums, expected).await?;
        let input = request.input;
        let part = self
            .keep_part(
                (input.upload_id, input.bucket, input.key),
                input.part_number,
                ingested,
            )
            .await?;
        let mut output = UploadPartOutput {
            e_tag: Some(ETag::Strong(part.md5)),
            ..Default::default()
        };
        set_checksums!(output, part.checksums);
        Ok(output)
    }

    pub(super) async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<UploadPartCopyOutput> {
        let input = &request.input;
        check_number(input.part_number)?;
        let upload = self.upload(&input.upload_id, &input.bucket, &input.key).await?;
        let (from_bucket, from_key) = source(&input.copy_source)?;
        let conditions: Conditions = source_conditions!(input);
        let blobs = self.blobs.clone();
        let (from, pinned) = self
            .db
            .write::<_, Fail>(move |tx| {
                let from = catalogue::get(tx, &from_bucket, &from_key)?;
                let pinned = blobs.pin(from.segments.iter().map(|segment| segment.0.clone()).collect());
                Ok((from, pinned))
            })
            .await?;
        conditions.check(&from, Unchanged::Failed)?;
        let bytes = match &input.copy_source_range {
            Some(range) => copy_range(range, from.size)?,
            None => 0..from.size,
        };
        // The bytes are copied, unlike in CopyObject: the part's ETag is their MD5.
        let mut reader = Reader::new(self.blobs.clone(), pinned, from.segments, bytes);
        let stream = futures::stream::poll_fn({
            let (sender, mut receiver) = tokio::sync::mpsc::channel(2);
            tokio::task::spawn_blocking(move || {
                while let Some(chunk) = reader.next().transpose() {
                    let failed = chunk.is_err();
                    if sender.blocking_send(chunk).is_err() || failed {
                        break;
                    }
                }
            });
            move |context| receiver.poll_recv(context)
        });
        let sums = checksums::hasher(&request, &Checksums::default(), upload.algorithm().as_ref())?;
        let body = Some(StreamingBlob::wrap(stream));
        let ingested = ingest(&self.blobs, &request, body, sums, Expected::default()).await?;
        let input = request.input;
        let part = self
            .keep_part(
                (input.upload_id, input.bucket, input.key),
                input.part_number,
                ingested,
            )
            .await?;
        let mut result = CopyPartResult {
            e_tag: Some(ETag::Strong(part.md5)),
            last_modified: Some(from_ms(part.modified).into()),
            ..Default::default()
        };
        set_checksums!(result, part.checksums);
        Ok(UploadPartCopyOutput {
            copy_part_result: Some(result),
            ..Default::default()
        })
    }

    pub(super) async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<ListPartsOutput> {
        let input = request.input;
        let max_parts = max_keys(input.max_parts)?;
        let after = input.part_number_marker.unwrap_or(0);
        let (id, bucket, key) = (input.upload_id.clone(), input.bucket.clone(), input.key.clone());
        let (upload, mut rows) = self
            .db
            .read::<_, Fail>(move |tx| {
                let upload = uploads::find(tx, &id, &bucket, &key)?;
                Ok((upload, list(tx, &id, after, i64::from(max_parts) + 1)?))
            })
            .await?;
        let is_truncated = rows.len() > max_parts as usize;
        rows.truncate(max_parts as usize);
        let next = rows.last().map(|part| part.number);
        let parts = rows.into_iter().map(|row| {
            let mut part = Part {
                e_tag: Some(ETag::Strong(row.md5)),
                last_modified: Some(from_ms(row.modified).into()),
                part_number: Some(row.number),
                size: Some(row.segment.1 as i64),
                ..Default::default()
            };
            set_checksums!(part, row.checksums);
            part
        });
        Ok(ListPartsOutput {
            bucket: Some(input.bucket),
            checksum_algorithm: upload.algorithm(),
            checksum_type: upload.checksum_type(),
            is_truncated: Some(is_truncated),
            key: Some(input.key),
            max_parts: Some(max_parts),
            next_part_number_marker: next.filter(|_| is_truncated),
            part_number_marker: Some(after),
            parts: Some(parts.collect()),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            upload_id: Some(input.upload_id),
            ..Default::default()
        })
    }
}

/// `bytes=first-last`, both given, both inside the source.
fn copy_range(text: &str, size: u64) -> S3Result<std::ops::Range<u64>> {
    let invalid = || {
        s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last"
        )
    };
    let (first, last) = text
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
        .ok_or_else(invalid)?;
    let (first, last): (u64, u64) = (
        first.parse().map_err(|_| invalid())?,
        last.parse().map_err(|_| invalid())?,
    );
    if first > last || last >= size {
        return Err(s3_error!(
            InvalidRange,
            "Range specified is not valid for source object of size: {size}"
        ));
    }
    Ok(first..last + 1)
}
