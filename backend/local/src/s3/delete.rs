//! Objects deleted, one or up to a thousand at a time, with conditions.

use rusqlite::Transaction;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    ETagCondition, Error, ObjectIdentifier,
};
use s3s::{S3Request, S3Result, s3_error};

use crate::blobs::BlobId;
use crate::s3::conditions::DeleteConditions;
use crate::s3::fail::Fail;
use crate::s3::versions::only_null;
use crate::s3::{After, Store, catalogue};

/// S3's limit for one request.
const MAX_OBJECTS: usize = 1000;

fn delete(
    tx: &Transaction<'_>,
    bucket: &str,
    key: &str,
    conditions: &DeleteConditions,
) -> Result<Vec<BlobId>, Fail> {
    conditions.check(catalogue::find(tx, bucket, key)?.as_ref())?;
    catalogue::delete(tx, bucket, key)
}

fn conditions(object: &ObjectIdentifier) -> DeleteConditions {
    let tag = object.e_tag.as_ref().map(|tag| match tag.value() {
        "*" => ETagCondition::Any,
        _ => ETagCondition::ETag(tag.clone()),
    });
    DeleteConditions {
        if_match: tag,
        modified: object.last_modified_time.clone(),
        size: object.size,
    }
}

impl Store {
    pub(super) async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<DeleteObjectOutput> {
        let input = request.input;
        only_null(input.version_id.as_deref())?;
        let conditions = DeleteConditions {
            if_match: input.if_match,
            modified: input.if_match_last_modified_time,
            size: input.if_match_size,
        };
        let (bucket, key) = (input.bucket, input.key);
        self.commit(move |tx| {
            catalogue::require_bucket(tx, &bucket)?;
            let freed = delete(tx, &bucket, &key, &conditions)?;
            Ok(((), After { freed, event: None }))
        })
        .await?;
        Ok(DeleteObjectOutput::default())
    }

    pub(super) async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<DeleteObjectsOutput> {
        let DeleteObjectsInput {
            bucket,
            delete: wanted,
            ..
        } = request.input;
        let quiet = wanted.quiet.unwrap_or(false);
        if wanted.objects.is_empty() || wanted.objects.len() > MAX_OBJECTS {
            return Err(s3_error!(
                MalformedXML,
                "From 1 to {MAX_OBJECTS} keys can be deleted at a time"
            ));
        }
        let (deleted, errors) = self
            .commit(move |tx| {
                catalogue::require_bucket(tx, &bucket)?;
                let (mut freed, mut deleted, mut errors) = (Vec::new(), Vec::new(), Vec::new());
                for object in wanted.objects {
                    let done = only_null(object.version_id.as_deref())
                        .map_err(Fail::from)
                        .and_then(|()| delete(tx, &bucket, &object.key, &conditions(&object)));
                    match done {
                        Ok(blobs) => {
                            freed.extend(blobs);
                            deleted.push(DeletedObject {
                                key: Some(object.key),
                                version_id: object.version_id,
                                ..Default::default()
                            });
                        }
                        Err(Fail::S3(refused)) => errors.push(Error {
                            code: Some(refused.code().as_str().to_owned()),
                            key: Some(object.key),
                            message: refused.message().map(str::to_owned),
                            version_id: object.version_id,
                        }),
                        // Nothing was deleted: the transaction is undone.
                        Err(failed) => return Err(failed),
                    }
                }
                Ok(((deleted, errors), After { freed, event: None }))
            })
            .await?;
        Ok(DeleteObjectsOutput {
            deleted: (!quiet).then_some(deleted),
            errors: (!errors.is_empty()).then_some(errors),
            ..Default::default()
        })
    }
}
