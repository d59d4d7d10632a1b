//! Server-side copies. Blobs never change, so a copy is a row that shares them, whatever the size.

use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETag, MetadataDirective,
    TaggingDirective,
};
use s3s::{S3Request, S3Result, s3_error};

use crate::clock::{self, now_ms};
use crate::s3::Store;
use crate::s3::catalogue::{self, Attributes, ObjectRow};
use crate::s3::checksums::set_checksums;
use crate::s3::conditions::{Conditions, Unchanged, WriteConditions};
use crate::s3::objects::{attributes_of, put_and_announce};
use crate::s3::versions::only_null;

/// S3's limit for one `CopyObject`, kept so that a client which exceeds it fails here as it fails on AWS.
const MAX_COPY: u64 = 5 << 30;

/// The bucket and key that a copy reads.
pub(super) fn source(source: &CopySource) -> S3Result<(String, String)> {
    match source {
        CopySource::Bucket {
            bucket,
            key,
            version_id,
        } => {
            only_null(version_id.as_deref())?;
            Ok((bucket.to_string(), key.to_string()))
        }
        _ => Err(s3_error!(NotImplemented, "There are no access points here")),
    }
}

/// Takes the conditions on its source out of the input of a copy.
macro_rules! source_conditions {
    ($input:expr) => {
        $crate::s3::conditions::Conditions {
            if_match: $input.copy_source_if_match.clone(),
            if_none_match: $input.copy_source_if_none_match.clone(),
            if_modified_since: $input.copy_source_if_modified_since.clone(),
            if_unmodified_since: $input.copy_source_if_unmodified_since.clone(),
        }
    };
}
pub(super) use source_conditions;

impl Store {
    pub(super) async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<CopyObjectOutput> {
        let target = WriteConditions::of_headers(&request.headers)?;
        let input = request.input;
        let (from_bucket, from_key) = source(&input.copy_source)?;
        let conditions: Conditions = source_conditions!(input);
        let replace = match input.metadata_directive.as_ref().map(MetadataDirective::as_str) {
            None | Some(MetadataDirective::COPY) => false,
            Some(MetadataDirective::REPLACE) => true,
            Some(_) => return Err(s3_error!(InvalidArgument, "Unknown metadata directive.")),
        };
        let retag = match input.tagging_directive.as_ref().map(TaggingDirective::as_str) {
            None | Some(TaggingDirective::COPY) => false,
            Some(TaggingDirective::REPLACE) => true,
            Some(_) => return Err(s3_error!(InvalidArgument, "Unknown tagging directive.")),
        };
        let given: Attributes = attributes_of!(input);
        let copied = self
            .commit(move |tx| {
                catalogue::require_bucket(tx, &input.bucket)?;
                let from = catalogue::get(tx, &from_bucket, &from_key)?;
                conditions.check(&from, Unchanged::Failed)?;
                target.check(catalogue::find(tx, &input.bucket, &input.key)?.as_ref())?;
                if from.size > MAX_COPY {
                    return Err(s3_error!(
                        InvalidRequest,
                        "The specified copy source is larger than the maximum allowable size for a copy source"
                    )
                    .into());
                }
                // A copy onto itself that changes nothing is an error on S3; the app retries a job with one that
                // replaces the metadata by the same, which S3 takes.
                let onto_itself = (&from_bucket, &from_key) == (&input.bucket, &input.key);
                let changes = replace
                    || input.storage_class.is_some()
                    || input.website_redirect_location.is_some();
                if onto_itself && !changes {
                    return Err(s3_error!(
                        InvalidRequest,
                        "This copy request is illegal because it is trying to copy an object to itself without \
                         changing the object's metadata, storage class, website redirect location or encryption \
                         attributes."
                    )
                    .into());
                }
                let (old, tags) = (from.attributes.clone(), given.tags.clone());
                let attributes = Attributes {
                    tags: if retag { tags } else { old.tags },
                    checksums: old.checksums,
                    part_checksums: old.part_checksums,
                    upload: None,
                    ..if replace { given } else { from.attributes }
                };
                let row = ObjectRow { modified: now_ms(), attributes, ..from };
                // The new references are counted first, so that no blob's count drops to zero in between.
                catalogue::retain(tx, row.segments.iter().map(|segment| &segment.0))?;
                let after = put_and_announce(tx, &input.bucket, &input.key, &row, "ObjectCreated:Copy")?;
                Ok((row, after))
            })
            .await?;
        let mut result = CopyObjectResult {
            e_tag: Some(ETag::Strong(copied.etag)),
            last_modified: Some(clock::from_ms(copied.modified).into()),
            checksum_type: copied.attributes.checksums.kind(),
            ..Default::default()
        };
        set_checksums!(result, copied.attributes.checksums);
        Ok(CopyObjectOutput {
            copy_object_result: Some(result),
            ..Default::default()
        })
    }
}
