//! The operations that are implemented, each in the file of its subject. `s3s` answers the others with
//! `NotImplemented`.

use s3s::{S3, S3Request, S3Response, S3Result, dto};

use crate::s3::Store;

macro_rules! operations {
    (
        answers { $($name:ident: $input:ident => $output:ident;)* }
        answers with headers { $($full:ident: $full_input:ident => $full_output:ident;)* }
    ) => {
        #[async_trait::async_trait]
        impl S3 for Store {
            $(async fn $name(&self, request: S3Request<dto::$input>) -> S3Result<S3Response<dto::$output>> {
                Ok(S3Response::new(self.$name(request).await?))
            })*
            $(async fn $full(
                &self,
                request: S3Request<dto::$full_input>,
            ) -> S3Result<S3Response<dto::$full_output>> {
                self.$full(request).await
            })*
        }
    };
}

// The methods on the right are `Store`'s own, which method resolution finds before the trait's.
operations! {
    answers {
        abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput;
        complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput;
        copy_object: CopyObjectInput => CopyObjectOutput;
        create_bucket: CreateBucketInput => CreateBucketOutput;
        create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput;
        delete_bucket: DeleteBucketInput => DeleteBucketOutput;
        delete_object: DeleteObjectInput => DeleteObjectOutput;
        delete_objects: DeleteObjectsInput => DeleteObjectsOutput;
        delete_object_tagging: DeleteObjectTaggingInput => DeleteObjectTaggingOutput;
        get_bucket_accelerate_configuration:
            GetBucketAccelerateConfigurationInput => GetBucketAccelerateConfigurationOutput;
        get_bucket_acl: GetBucketAclInput => GetBucketAclOutput;
        get_bucket_cors: GetBucketCorsInput => GetBucketCorsOutput;
        get_bucket_encryption: GetBucketEncryptionInput => GetBucketEncryptionOutput;
        get_bucket_lifecycle_configuration:
            GetBucketLifecycleConfigurationInput => GetBucketLifecycleConfigurationOutput;
        get_bucket_location: GetBucketLocationInput => GetBucketLocationOutput;
        get_bucket_logging: GetBucketLoggingInput => GetBucketLoggingOutput;
        get_bucket_notification_configuration:
            GetBucketNotificationConfigurationInput => GetBucketNotificationConfigurationOutput;
        get_bucket_ownership_controls: GetBucketOwnershipControlsInput => GetBucketOwnershipControlsOutput;
        get_bucket_policy: GetBucketPolicyInput => GetBucketPolicyOutput;
        get_bucket_policy_status: GetBucketPolicyStatusInput => GetBucketPolicyStatusOutput;
        get_bucket_replication: GetBucketReplicationInput => GetBucketReplicationOutput;
        get_bucket_request_payment: GetBucketRequestPaymentInput => GetBucketRequestPaymentOutput;
        get_bucket_tagging: GetBucketTaggingInput => GetBucketTaggingOutput;
        get_bucket_versioning: GetBucketVersioningInput => GetBucketVersioningOutput;
        get_bucket_website: GetBucketWebsiteInput => GetBucketWebsiteOutput;
        get_object: GetObjectInput => GetObjectOutput;
        get_object_acl: GetObjectAclInput => GetObjectAclOutput;
        get_object_attributes: GetObjectAttributesInput => GetObjectAttributesOutput;
        get_object_lock_configuration: GetObjectLockConfigurationInput => GetObjectLockConfigurationOutput;
        get_object_tagging: GetObjectTaggingInput => GetObjectTaggingOutput;
        get_public_access_block: GetPublicAccessBlockInput => GetPublicAccessBlockOutput;
        head_bucket: HeadBucketInput => HeadBucketOutput;
        list_buckets: ListBucketsInput => ListBucketsOutput;
        list_multipart_uploads: ListMultipartUploadsInput => ListMultipartUploadsOutput;
        list_objects: ListObjectsInput => ListObjectsOutput;
        list_objects_v2: ListObjectsV2Input => ListObjectsV2Output;
        list_object_versions: ListObjectVersionsInput => ListObjectVersionsOutput;
        list_parts: ListPartsInput => ListPartsOutput;
        put_bucket_acl: PutBucketAclInput => PutBucketAclOutput;
        put_object: PutObjectInput => PutObjectOutput;
        put_object_acl: PutObjectAclInput => PutObjectAclOutput;
        put_object_tagging: PutObjectTaggingInput => PutObjectTaggingOutput;
        upload_part: UploadPartInput => UploadPartOutput;
        upload_part_copy: UploadPartCopyInput => UploadPartCopyOutput;
    }
    answers with headers {
        head_object: HeadObjectInput => HeadObjectOutput;
    }
}
