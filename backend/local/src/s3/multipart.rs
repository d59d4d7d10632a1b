//! Multipart uploads: begun, listed, given up, and made an object of without touching their bytes.

use rusqlite::{Transaction, params};
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, ChecksumType,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, ETag, ListMultipartUploadsInput, ListMultipartUploadsOutput,
    MultipartUpload, StorageClass,
};
use s3s::{S3Request, S3Result, s3_error};
use uuid::Uuid;

use crate::account::REGION;
use crate::clock::{from_ms, now_ms};
use crate::s3::catalogue::{self, Attributes, ObjectRow};
use crate::s3::checksums::{self, Checksums, checksums_of, set_checksums};
use crate::s3::conditions::WriteConditions;
use crate::s3::fail::Fail;
use crate::s3::list::{common_prefixes, encoder, given, max_keys};
use crate::s3::objects::{attributes_of, put_and_announce};
use crate::s3::parts::{self, PartRow};
use crate::s3::uploads::{self, Upload};
use crate::s3::{After, Store};

/// S3's minimum for every part but the last, kept so that what works here works on AWS.
const MIN_PART: u64 = 5 << 20;

impl Store {
    pub(super) async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<CreateMultipartUploadOutput> {
        let input = request.input;
        let mut attributes: Attributes = attributes_of!(input);
        let algorithm = input
            .checksum_algorithm
            .as_ref()
            .map(|name| name.as_str().to_ascii_uppercase());
        let asked = input.checksum_type.as_ref().map(ChecksumType::as_str);
        attributes.upload_full_object = match (algorithm.as_deref(), asked) {
            (Some(ChecksumAlgorithm::SHA1 | ChecksumAlgorithm::SHA256), Some(ChecksumType::FULL_OBJECT)) => {
                return Err(s3_error!(
                    InvalidRequest,
                    "The FULL_OBJECT checksum type cannot be used with the sha checksum algorithms."
                ));
            }
            (Some(ChecksumAlgorithm::CRC64NVME), Some(ChecksumType::COMPOSITE)) => {
                return Err(s3_error!(
                    InvalidRequest,
                    "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm."
                ));
            }
            (Some(ChecksumAlgorithm::CRC64NVME), None) => true,
            (_, asked) => asked == Some(ChecksumType::FULL_OBJECT),
        };
        attributes.upload_algorithm = algorithm;
        let upload = Upload { attributes };
        let output = CreateMultipartUploadOutput {
            bucket: Some(input.bucket.clone()),
            key: Some(input.key.clone()),
            upload_id: Some(format!("{}{}", Uuid::now_v7().simple(), Uuid::new_v4().simple())),
            checksum_algorithm: upload.algorithm(),
            checksum_type: upload.checksum_type(),
            ..Default::default()
        };
        let id = output.upload_id.clone();
        self.db
            .write::<_, Fail>(move |tx| {
                catalogue::require_bucket(tx, &input.bucket)?;
                tx.prepare_cached(
                    "INSERT INTO uploads (id, bucket, key, created, attributes) VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    id,
                    input.bucket,
                    input.key,
                    now_ms(),
                    serde_json::to_string(&upload.attributes)?
                ])?;
                Ok(())
            })
            .await?;
        Ok(output)
    }

    pub(super) async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        let input = request.input;
        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let row = self.commit(move |tx| complete(tx, &input)).await?;
        let mut output = CompleteMultipartUploadOutput {
            location: Some(format!("https://s3.{REGION}.amazonaws.com/{bucket}/{key}")),
            bucket: Some(bucket),
            key: Some(key),
            e_tag: Some(ETag::Strong(row.etag)),
            checksum_type: row.attributes.checksums.kind(),
            ..Default::default()
        };
        set_checksums!(output, row.attributes.checksums);
        Ok(output)
    }

    pub(super) async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<AbortMultipartUploadOutput> {
        let AbortMultipartUploadInput {
            bucket,
            key,
            upload_id,
            ..
        } = request.input;
        self.commit(move |tx| {
            uploads::find(tx, &upload_id, &bucket, &key)?;
            let blobs = parts::list(tx, &upload_id, 0, -1)?
                .into_iter()
                .map(|part| part.segment.0);
            let freed = catalogue::release(tx, blobs)?;
            uploads::delete(tx, &upload_id)?;
            Ok(((), After { freed, event: None }))
        })
        .await?;
        Ok(AbortMultipartUploadOutput::default())
    }

    pub(super) async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<ListMultipartUploadsOutput> {
        let input = request.input;
        let max_uploads = max_keys(input.max_uploads)?;
        let query = uploads::Query {
            bucket: input.bucket.clone(),
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone().unwrap_or_default(),
            key_marker: input.key_marker.clone().unwrap_or_default(),
            // Without an id, the marker means after all uploads of that key.
            id_marker: input
                .upload_id_marker
                .clone()
                .unwrap_or_else(|| "\u{10FFFF}".to_owned()),
            max_uploads: max_uploads as usize,
        };
        let page = self.db.read(move |tx| uploads::list(tx, &query)).await?;
        let encode = encoder(input.encoding_type.as_ref());
        Ok(ListMultipartUploadsOutput {
            is_truncated: Some(page.next.is_some()),
            next_key_marker: page.next.as_ref().map(|(key, _)| encode(key)),
            next_upload_id_marker: page.next.and_then(|(_, id)| id),
            common_prefixes: Some(common_prefixes(&page.prefixes, encode)),
            uploads: Some(
                page.uploads
                    .into_iter()
                    .map(|(key, id, created, attributes)| {
                        let upload = Upload { attributes };
                        MultipartUpload {
                            key: Some(encode(&key)),
                            upload_id: Some(id),
                            initiated: Some(from_ms(created).into()),
                            checksum_algorithm: upload.algorithm(),
                            checksum_type: upload.checksum_type(),
                            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
                            ..Default::default()
                        }
                    })
                    .collect(),
            ),
            bucket: Some(input.bucket),
            delimiter: given(input.delimiter.as_deref()).map(encode),
            key_marker: input.key_marker.as_deref().map(encode),
            upload_id_marker: input.upload_id_marker,
            max_uploads: Some(max_uploads),
            prefix: input.prefix.as_deref().map(encode),
            encoding_type: input.encoding_type,
            ..Default::default()
        })
    }
}

fn complete(tx: &Transaction<'_>, input: &CompleteMultipartUploadInput) -> Result<(ObjectRow, After), Fail> {
    let CompleteMultipartUploadInput {
        bucket,
        key,
        upload_id,
        ..
    } = input;
    let existing = catalogue::find(tx, bucket, key)?;
    let upload = match uploads::find(tx, upload_id, bucket, key) {
        Ok(upload) => upload,
        // A repeated request, whose first answer was lost, gets the same answer for as long as the object is there.
        Err(missing) => {
            let done = existing.filter(|object| object.attributes.upload.as_ref() == Some(upload_id));
            return done.map(|object| (object, After::default())).ok_or(missing);
        }
    };
    let conditions = WriteConditions {
        if_match: input.if_match.clone(),
        if_none_match: input.if_none_match.clone(),
    };
    conditions.check(existing.as_ref())?;
    let wanted = input
        .multipart_upload
        .as_ref()
        .and_then(|upload| upload.parts.as_deref())
        .unwrap_or_default();
    let (used, unused) = choose(wanted, parts::list(tx, upload_id, 0, -1)?)?;

    let size = used.iter().map(|part| part.segment.1).sum();
    if input
        .mpu_object_size
        .is_some_and(|expected| expected != size as i64)
    {
        return Err(s3_error!(
            InvalidRequest,
            "The object's size is {size} bytes, not what was given"
        )
        .into());
    }
    let mut md5 = Md5::new();
    for part in &used {
        md5.update(&hex::decode(&part.md5).map_err(|_| s3_error!(InternalError))?);
    }
    let sums: Vec<(Checksums, u64)> = used
        .iter()
        .map(|part| (part.checksums.clone(), part.segment.1))
        .collect();
    let full = upload.attributes.upload_full_object;
    let algorithm = upload.attributes.upload_algorithm.as_deref();
    let checksums = algorithm
        .and_then(|algorithm| checksums::of_parts(algorithm, full, &sums))
        .unwrap_or_default();
    checksums.verify(&checksums_of!(input))?;

    let row = ObjectRow {
        size,
        etag: format!("{}-{}", hex::encode(md5.finalize()), used.len()),
        modified: now_ms(),
        segments: used.into_iter().map(|part| part.segment).collect(),
        attributes: Attributes {
            checksums,
            part_checksums: sums.into_iter().map(|(sums, _)| sums).collect(),
            upload: Some(upload_id.clone()),
            upload_algorithm: None,
            upload_full_object: false,
            ..upload.attributes
        },
    };
    // The object takes over the references of its parts; those that it does not name are dropped.
    let mut after = put_and_announce(tx, bucket, key, &row, "ObjectCreated:CompleteMultipartUpload")?;
    after.freed.extend(catalogue::release(
        tx,
        unused.into_iter().map(|part| part.segment.0),
    )?);
    uploads::delete(tx, upload_id)?;
    Ok((row, after))
}

/// Tells the parts that the client names from the others, and checks them by S3's rules.
fn choose(wanted: &[CompletedPart], present: Vec<PartRow>) -> S3Result<(Vec<PartRow>, Vec<PartRow>)> {
    if wanted.is_empty() {
        return Err(s3_error!(MalformedXML, "You must specify at least one part"));
    }
    let numbers: Vec<i32> = wanted.iter().filter_map(|part| part.part_number).collect();
    if numbers.len() < wanted.len() || numbers.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        ));
    }
    let (used, unused): (Vec<_>, Vec<_>) = present
        .into_iter()
        .partition(|part| numbers.binary_search(&part.number).is_ok());
    let missing = || {
        s3_error!(
            InvalidPart,
            "One or more of the specified parts could not be found. The part may not have been uploaded, or the \
             specified entity tag may not match the part's entity tag."
        )
    };
    if used.len() < wanted.len() {
        return Err(missing());
    }
    for (wanted, part) in wanted.iter().zip(&used) {
        if wanted.e_tag.as_ref().is_some_and(|tag| tag.value() != part.md5) {
            return Err(missing());
        }
        let sent = checksums_of!(wanted);
        if !sent.is_empty() && part.checksums.verify(&sent).is_err() {
            return Err(missing());
        }
    }
    let but_the_last = used.iter().rev().skip(1);
    if but_the_last.into_iter().any(|part| part.segment.1 < MIN_PART) {
        return Err(s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size"
        ));
    }
    Ok((used, unused))
}
