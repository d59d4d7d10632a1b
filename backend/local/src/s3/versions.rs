//! Versions, of which a bucket here has one for each object: S3 calls it `null` where versioning is off.

use s3s::dto::{
    ETag, GetBucketVersioningInput, GetBucketVersioningOutput, ListObjectVersionsInput,
    ListObjectVersionsOutput, ObjectVersion, ObjectVersionStorageClass,
};
use s3s::{S3Request, S3Result, s3_error};

use crate::clock::from_ms;
use crate::s3::Store;
use crate::s3::buckets::owner;
use crate::s3::list::{Query, common_prefixes, encoder, given, max_keys};

/// The id of what was written while versioning was off.
const NULL: &str = "null";

/// Refuses every version but the one that there is.
pub(super) fn only_null(version: Option<&str>) -> S3Result<()> {
    match version {
        None | Some(NULL) => Ok(()),
        Some(_) => Err(s3_error!(NoSuchVersion, "Buckets here keep no versions")),
    }
}

impl Store {
    pub(super) async fn get_bucket_versioning(
        &self,
        request: S3Request<GetBucketVersioningInput>,
    ) -> S3Result<GetBucketVersioningOutput> {
        self.require_bucket(request.input.bucket).await?;
        Ok(GetBucketVersioningOutput::default())
    }

    pub(super) async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<ListObjectVersionsOutput> {
        let input = request.input;
        let max_keys = max_keys(input.max_keys)?;
        let page = self
            .page(Query {
                bucket: input.bucket.clone(),
                prefix: input.prefix.clone().unwrap_or_default(),
                delimiter: input.delimiter.clone().unwrap_or_default(),
                after: input.key_marker.clone().unwrap_or_default(),
                max_keys: max_keys as usize,
            })
            .await?;
        let encode = encoder(input.encoding_type.as_ref());
        let next = page.next.as_deref().map(encode);
        let version = |listed: crate::s3::catalogue::Listed| ObjectVersion {
            e_tag: Some(ETag::Strong(listed.etag)),
            is_latest: Some(true),
            key: Some(encode(&listed.key)),
            last_modified: Some(from_ms(listed.modified).into()),
            owner: Some(owner()),
            size: Some(listed.size as i64),
            storage_class: Some(ObjectVersionStorageClass::from_static(
                ObjectVersionStorageClass::STANDARD,
            )),
            version_id: Some(NULL.to_owned()),
            ..Default::default()
        };
        Ok(ListObjectVersionsOutput {
            common_prefixes: Some(common_prefixes(&page.prefixes, encode)),
            delimiter: given(input.delimiter.as_deref()).map(encode),
            encoding_type: input.encoding_type,
            is_truncated: Some(next.is_some()),
            key_marker: Some(encode(&input.key_marker.unwrap_or_default())),
            max_keys: Some(max_keys),
            name: Some(input.bucket),
            next_version_id_marker: next.is_some().then(|| NULL.to_owned()),
            next_key_marker: next,
            prefix: Some(encode(&input.prefix.unwrap_or_default())),
            version_id_marker: input.version_id_marker,
            versions: Some(page.objects.into_iter().map(version).collect()),
            ..Default::default()
        })
    }
}
