//! Any bucket that the login may look into: its folders and objects by pages, and one object's facts. For opening videos
//! where they are.

mod permission;

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_s3::Client as S3;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::{EncodingType, ObjectStorageClass, StorageClass};
use parking_lot::Mutex;
use posterframe_contract::decode_event_key;
use time::OffsetDateTime;

use self::permission::{denied, region_of};
use crate::aws::{Session, from_aws};
use crate::config::Backend;
use crate::error::ClientError;

/// What a page is called where it fails.
const LISTING: &str = "Listing the bucket";

/// The objects that one login may read. Clones are the same.
#[derive(Clone)]
pub struct Objects {
    session: Session,
    /// Clients for buckets of other regions, once S3 has said where they are.
    elsewhere: Arc<Mutex<HashMap<String, S3>>>,
}

/// A folder of a bucket: all keys that begin like this.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BucketFolder {
    /// The bucket.
    pub bucket: String,
    /// What the keys begin with: empty, or up to and with a slash. Without a slash at its end, it is a search by the
    /// beginning of names.
    pub prefix: String,
}

/// An object of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketObject {
    /// Its whole key.
    pub key: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its `ETag`, with its quotes.
    pub etag: String,
    /// When it was written.
    pub modified: OffsetDateTime,
    /// Its bytes cannot be read before somebody restores them.
    pub is_archived: bool,
}

impl BucketObject {
    /// Its name in its folder.
    pub fn name(&self) -> &str {
        self.key.rsplit('/').next().unwrap_or_default()
    }
}

/// A part of a folder's content, at most a thousand entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderPage {
    /// Prefixes of the folders in it, each with its slash.
    pub folders: Vec<String>,
    /// The objects that are right in it. The folder's own marker is left out.
    pub objects: Vec<BucketObject>,
    /// What to ask for the next part with; `None` after the last one.
    pub next: Option<String>,
}

impl Objects {
    pub(crate) fn of_session(session: Session) -> Self {
        Self {
            session,
            elsewhere: Arc::default(),
        }
    }

    /// The objects that the login of `backend` may read; nothing of the backend but its login, region and endpoint counts.
    /// [`Backend::default`] is the SDK's own chain: `AWS_PROFILE`, `AWS_ENDPOINT_URL` and so on.
    pub async fn of_backend(backend: Backend) -> Self {
        Self::of_session(Session::open(backend).await)
    }

    /// The client that signs requests for objects of `bucket`.
    pub fn s3(&self, bucket: &str) -> S3 {
        let known = self.elsewhere.lock().get(bucket).cloned();
        known.unwrap_or_else(|| self.session.s3.clone())
    }

    /// A part of a folder's content: the first, or the one after `next`. Dropping the future cancels it.
    ///
    /// # Errors
    /// AWS refuses, or cannot be reached. Where a right is missing, the error names it.
    pub async fn page(&self, folder: &BucketFolder, next: Option<String>) -> Result<FolderPage, ClientError> {
        let bucket = &folder.bucket;
        let ask = |s3: S3| {
            s3.list_objects_v2()
                .bucket(bucket)
                .prefix(&folder.prefix)
                .delimiter("/")
                // A key with a character that XML cannot carry would break the page.
                .encoding_type(EncodingType::Url)
                .set_continuation_token(next.clone())
                .send()
        };
        let mut answer = ask(self.s3(bucket)).await;
        if let Err(error) = &answer
            && self.follow_region(bucket, error)
        {
            answer = ask(self.s3(bucket)).await;
        }
        let answer = answer.map_err(|error| denied(LISTING, "s3:ListBucket", bucket, None, &error))?;
        page(folder, &answer)
    }

    /// What is known of one object: its size, version and date.
    ///
    /// # Errors
    /// AWS refuses, or cannot be reached; there is no such object.
    pub async fn object(&self, bucket: &str, key: &str) -> Result<BucketObject, ClientError> {
        let ask = |s3: S3| s3.head_object().bucket(bucket).key(key).send();
        let mut answer = ask(self.s3(bucket)).await;
        if let Err(error) = &answer
            && self.follow_region(bucket, error)
        {
            answer = ask(self.s3(bucket)).await;
        }
        let answer = answer
            .map_err(|error| denied("Looking at the video", "s3:GetObject", bucket, Some(key), &error))?;
        Ok(BucketObject {
            key: key.to_owned(),
            bytes: answer.content_length().unwrap_or(0).unsigned_abs(),
            etag: answer.e_tag().unwrap_or_default().to_owned(),
            modified: answer
                .last_modified()
                .map_or(OffsetDateTime::UNIX_EPOCH, from_aws),
            is_archived: is_archived(answer.storage_class().map(StorageClass::as_str))
                && answer
                    .restore()
                    .is_none_or(|restore| restore.contains("ongoing-request=\"true\"")),
        })
    }

    /// Goes on in the region that an answer names. `false` where it names none, or the one that was asked.
    fn follow_region<E: ProvideErrorMetadata>(&self, bucket: &str, error: &SdkError<E>) -> bool {
        let asked = self.s3(bucket);
        let old = asked.config().region().map(ToString::to_string);
        let Some(region) = region_of(error).filter(|region| old.as_ref() != Some(region)) else {
            return false;
        };
        let config = asked.config().to_builder().region(Region::new(region));
        let client = S3::from_conf(config.build());
        self.elsewhere.lock().insert(bucket.to_owned(), client);
        true
    }
}

/// Glacier Flexible Retrieval and Deep Archive; Instant Retrieval is read like any other.
fn is_archived(class: Option<&str>) -> bool {
    matches!(class, Some("GLACIER" | "DEEP_ARCHIVE"))
}

fn page(folder: &BucketFolder, answer: &ListObjectsV2Output) -> Result<FolderPage, ClientError> {
    // A server that does not know of the encoding gives the keys as they are.
    let is_encoded = answer.encoding_type() == Some(&EncodingType::Url);
    let decoded = |key: &str| {
        if !is_encoded {
            return Ok(key.to_owned());
        }
        decode_event_key(key).map_err(|_| ClientError::Aws {
            operation: LISTING,
            code: Some("InvalidKey".to_owned()),
            reason: format!("a key is no text: {key}"),
        })
    };
    let prefixes = answer.common_prefixes().iter();
    let folders = prefixes.filter_map(|prefix| prefix.prefix()).map(decoded);
    let objects = answer.contents().iter().filter_map(|object| {
        let key = match decoded(object.key()?) {
            Ok(key) if key == folder.prefix => return None,
            Ok(key) => key,
            Err(error) => return Some(Err(error)),
        };
        Some(Ok(BucketObject {
            key,
            bytes: object.size().unwrap_or(0).unsigned_abs(),
            etag: object.e_tag().unwrap_or_default().to_owned(),
            modified: object
                .last_modified()
                .map_or(OffsetDateTime::UNIX_EPOCH, from_aws),
            is_archived: is_archived(object.storage_class().map(ObjectStorageClass::as_str)),
        }))
    });
    Ok(FolderPage {
        folders: folders.collect::<Result<_, _>>()?,
        objects: objects.collect::<Result<_, _>>()?,
        next: answer.next_continuation_token().map(str::to_owned),
    })
}

#[cfg(test)]
mod tests;
