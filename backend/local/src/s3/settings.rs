//! Settings of a bucket that cannot be changed here: each is answered as for a new bucket on S3.
//!
//! Tools ask for them as a matter of course, and fail on "not implemented".

use s3s::dto::{
    AccessControlPolicy, BucketCannedACL, GetBucketAccelerateConfigurationInput,
    GetBucketAccelerateConfigurationOutput, GetBucketAclInput, GetBucketAclOutput, GetBucketCorsInput,
    GetBucketCorsOutput, GetBucketEncryptionInput, GetBucketEncryptionOutput,
    GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput, GetBucketLoggingInput,
    GetBucketLoggingOutput, GetBucketOwnershipControlsInput, GetBucketOwnershipControlsOutput,
    GetBucketPolicyInput, GetBucketPolicyOutput, GetBucketPolicyStatusInput, GetBucketPolicyStatusOutput,
    GetBucketReplicationInput, GetBucketReplicationOutput, GetBucketRequestPaymentInput,
    GetBucketRequestPaymentOutput, GetBucketTaggingInput, GetBucketTaggingOutput, GetBucketWebsiteInput,
    GetBucketWebsiteOutput, GetObjectAclInput, GetObjectAclOutput, GetObjectLockConfigurationInput,
    GetObjectLockConfigurationOutput, GetPublicAccessBlockInput, GetPublicAccessBlockOutput, Grant, Grantee,
    ObjectCannedACL, ObjectOwnership, OwnershipControls, OwnershipControlsRule, Payer, Permission,
    PublicAccessBlockConfiguration, PutBucketAclInput, PutBucketAclOutput, PutObjectAclInput,
    PutObjectAclOutput, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Type,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, s3_error};

use crate::s3::Store;
use crate::s3::buckets::owner;
use crate::s3::catalogue;
use crate::s3::versions::only_null;

/// Operations whose answer is that nothing was set, by the code that S3 has for it.
macro_rules! unset {
    ($($name:ident: $input:ty => $output:ty, $code:ident;)*) => {
        impl Store {
            $(pub(super) async fn $name(&self, request: S3Request<$input>) -> S3Result<$output> {
                self.require_bucket(request.input.bucket).await?;
                let message = "The bucket has no such configuration, and here none can have one";
                Err(S3Error::with_message(S3ErrorCode::$code, message))
            })*
        }
    };
}

unset! {
    get_bucket_cors: GetBucketCorsInput => GetBucketCorsOutput, NoSuchCORSConfiguration;
    get_bucket_lifecycle_configuration:
        GetBucketLifecycleConfigurationInput => GetBucketLifecycleConfigurationOutput,
        NoSuchLifecycleConfiguration;
    get_bucket_policy: GetBucketPolicyInput => GetBucketPolicyOutput, NoSuchBucketPolicy;
    get_bucket_policy_status:
        GetBucketPolicyStatusInput => GetBucketPolicyStatusOutput, NoSuchBucketPolicy;
    get_bucket_replication:
        GetBucketReplicationInput => GetBucketReplicationOutput, ReplicationConfigurationNotFoundError;
    get_bucket_tagging: GetBucketTaggingInput => GetBucketTaggingOutput, NoSuchTagSet;
    get_bucket_website: GetBucketWebsiteInput => GetBucketWebsiteOutput, NoSuchWebsiteConfiguration;
    get_object_lock_configuration:
        GetObjectLockConfigurationInput => GetObjectLockConfigurationOutput,
        ObjectLockConfigurationNotFoundError;
}

/// Operations whose answer is the same for every bucket.
macro_rules! fixed {
    ($($name:ident: $input:ty => $output:ty, $value:expr;)*) => {
        impl Store {
            $(pub(super) async fn $name(&self, request: S3Request<$input>) -> S3Result<$output> {
                self.require_bucket(request.input.bucket).await?;
                Ok($value)
            })*
        }
    };
}

fixed! {
    get_bucket_accelerate_configuration:
        GetBucketAccelerateConfigurationInput => GetBucketAccelerateConfigurationOutput,
        GetBucketAccelerateConfigurationOutput::default();
    get_bucket_acl: GetBucketAclInput => GetBucketAclOutput, GetBucketAclOutput {
        grants: Some(everything_to_the_owner()),
        owner: Some(owner()),
    };
    get_bucket_encryption: GetBucketEncryptionInput => GetBucketEncryptionOutput, GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(ServerSideEncryptionConfiguration {
            rules: vec![ServerSideEncryptionRule {
                apply_server_side_encryption_by_default: Some(ServerSideEncryptionByDefault {
                    kms_master_key_id: None,
                    sse_algorithm: ServerSideEncryption::from_static(ServerSideEncryption::AES256),
                }),
                bucket_key_enabled: Some(false),
            }],
        }),
    };
    get_bucket_logging: GetBucketLoggingInput => GetBucketLoggingOutput, GetBucketLoggingOutput::default();
    get_bucket_ownership_controls:
        GetBucketOwnershipControlsInput => GetBucketOwnershipControlsOutput,
        GetBucketOwnershipControlsOutput {
            ownership_controls: Some(OwnershipControls {
                rules: vec![OwnershipControlsRule {
                    object_ownership: ObjectOwnership::from_static(ObjectOwnership::BUCKET_OWNER_ENFORCED),
                }],
            }),
        };
    get_bucket_request_payment:
        GetBucketRequestPaymentInput => GetBucketRequestPaymentOutput, GetBucketRequestPaymentOutput {
            payer: Some(Payer::from_static(Payer::BUCKET_OWNER)),
        };
    get_public_access_block:
        GetPublicAccessBlockInput => GetPublicAccessBlockOutput, GetPublicAccessBlockOutput {
            public_access_block_configuration: Some(PublicAccessBlockConfiguration {
                block_public_acls: Some(true),
                block_public_policy: Some(true),
                ignore_public_acls: Some(true),
                restrict_public_buckets: Some(true),
            }),
        };
}

impl Store {
    /// Every object is its owner's alone: asking for that changes nothing, and nothing else can be had.
    pub(super) async fn put_object_acl(
        &self,
        request: S3Request<PutObjectAclInput>,
    ) -> S3Result<PutObjectAclOutput> {
        let input = request.input;
        only_null(input.version_id.as_deref())?;
        only_private(
            input.acl.as_ref().map(ObjectCannedACL::as_str),
            input.access_control_policy.as_ref(),
        )?;
        let (bucket, key) = (input.bucket, input.key);
        self.db.read(move |tx| catalogue::get(tx, &bucket, &key)).await?;
        Ok(PutObjectAclOutput::default())
    }

    pub(super) async fn put_bucket_acl(
        &self,
        request: S3Request<PutBucketAclInput>,
    ) -> S3Result<PutBucketAclOutput> {
        let input = request.input;
        only_private(
            input.acl.as_ref().map(BucketCannedACL::as_str),
            input.access_control_policy.as_ref(),
        )?;
        self.require_bucket(input.bucket).await?;
        Ok(PutBucketAclOutput::default())
    }

    pub(super) async fn get_object_acl(
        &self,
        request: S3Request<GetObjectAclInput>,
    ) -> S3Result<GetObjectAclOutput> {
        let GetObjectAclInput {
            bucket,
            key,
            version_id,
            ..
        } = request.input;
        only_null(version_id.as_deref())?;
        self.db.read(move |tx| catalogue::get(tx, &bucket, &key)).await?;
        Ok(GetObjectAclOutput {
            grants: Some(everything_to_the_owner()),
            owner: Some(owner()),
            request_charged: None,
        })
    }
}

fn only_private(canned: Option<&str>, policy: Option<&AccessControlPolicy>) -> S3Result<()> {
    let to_the_owner = |grant: &Grant| {
        let id = grant.grantee.as_ref().and_then(|grantee| grantee.id.as_deref());
        let permission = grant.permission.as_ref().map(Permission::as_str);
        id == owner().id.as_deref() && permission == Some(Permission::FULL_CONTROL)
    };
    let private = match (canned, policy) {
        (Some(ObjectCannedACL::PRIVATE | ObjectCannedACL::BUCKET_OWNER_FULL_CONTROL), None) => true,
        // What `GetObjectAcl` gave, which tools set on the copy of an object.
        (None, Some(policy)) => policy.grants.iter().flatten().all(to_the_owner),
        _ => false,
    };
    if private {
        return Ok(());
    }
    Err(s3_error!(
        AccessControlListNotSupported,
        "The bucket does not allow ACLs: whoever has the keys may do everything, and nobody else anything"
    ))
}

fn everything_to_the_owner() -> Vec<Grant> {
    let owner = owner();
    vec![Grant {
        grantee: Some(Grantee {
            display_name: owner.display_name,
            email_address: None,
            id: owner.id,
            type_: Type::from_static(Type::CANONICAL_USER),
            uri: None,
        }),
        permission: Some(Permission::from_static(Permission::FULL_CONTROL)),
    }]
}
