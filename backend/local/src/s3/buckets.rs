//! Buckets, and the event rules of the app's own bucket.

use posterframe_contract::names;
use rusqlite::params;
use s3s::dto::{
    Bucket, CreateBucketInput, CreateBucketOutput, DeleteBucketInput, DeleteBucketOutput, Event, FilterRule,
    FilterRuleName, GetBucketLocationInput, GetBucketLocationOutput, GetBucketNotificationConfigurationInput,
    GetBucketNotificationConfigurationOutput, HeadBucketInput, HeadBucketOutput, LambdaFunctionConfiguration,
    ListBucketsInput, ListBucketsOutput, NotificationConfigurationFilter, Owner, QueueConfiguration,
    S3KeyFilter,
};
use s3s::{S3Request, S3Result, s3_error};

use crate::account::{self, BUCKET, REGION};
use crate::clock::{from_ms, now_ms};
use crate::events::Queue;
use crate::s3::Store;
use crate::s3::catalogue::require_bucket;
use crate::s3::fail::Fail;

/// S3's page size for buckets, and its maximum.
const MAX_BUCKETS: i32 = 10_000;

impl Store {
    pub(super) async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<CreateBucketOutput> {
        let location = format!("/{}", request.input.bucket);
        let bucket = request.input.bucket;
        self.db
            .write(move |tx| {
                // One that is there already stays as it is, which in this region is no error.
                insert_bucket(tx, &bucket).map(|_| ()).map_err(Fail::from)
            })
            .await?;
        Ok(CreateBucketOutput {
            location: Some(location),
        })
    }

    pub(super) async fn delete_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> S3Result<DeleteBucketOutput> {
        let bucket = request.input.bucket;
        if bucket == BUCKET {
            return Err(s3_error!(AccessDenied, "The app's own bucket stays"));
        }
        self.db
            .write(move |tx| {
                require_bucket(tx, &bucket)?;
                let used = tx.prepare_cached(
                    "SELECT 1 FROM objects WHERE bucket = ?1 UNION ALL SELECT 1 FROM uploads WHERE bucket = ?1",
                )?;
                if { used }.exists([&bucket])? {
                    return Err(Fail::from(s3_error!(BucketNotEmpty)));
                }
                tx.execute("DELETE FROM buckets WHERE name = ?1", [&bucket])?;
                Ok(())
            })
            .await?;
        Ok(DeleteBucketOutput {})
    }

    pub(super) async fn require_bucket(&self, bucket: String) -> S3Result<()> {
        Ok(self.db.read(move |tx| require_bucket(tx, &bucket)).await?)
    }

    pub(super) async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<HeadBucketOutput> {
        self.require_bucket(request.input.bucket).await?;
        Ok(HeadBucketOutput {
            bucket_region: Some(REGION.into()),
            ..Default::default()
        })
    }

    pub(super) async fn list_buckets(
        &self,
        request: S3Request<ListBucketsInput>,
    ) -> S3Result<ListBucketsOutput> {
        let ListBucketsInput {
            prefix,
            continuation_token,
            max_buckets,
            ..
        } = request.input;
        let limit = match max_buckets.unwrap_or(MAX_BUCKETS) {
            limit @ 1..=MAX_BUCKETS => limit as usize,
            other => {
                return Err(s3_error!(
                    InvalidArgument,
                    "Argument max-buckets must be an integer between 1 and {MAX_BUCKETS}, not {other}"
                ));
            }
        };
        let (begin, after) = (
            prefix.clone().unwrap_or_default(),
            continuation_token.unwrap_or_default(),
        );
        let mut rows: Vec<(String, i64)> = self
            .db
            .read::<_, Fail>(move |tx| {
                let mut statement = tx.prepare_cached(
                    "SELECT name, created FROM buckets
                     WHERE name > ?1 AND substr(name, 1, length(?2)) = ?2 ORDER BY name LIMIT ?3",
                )?;
                let rows = statement.query_map(params![after, begin, limit as i64 + 1], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        // The token is the last bucket's name: the next page begins after it.
        let next = rows.last().map(|(name, _)| name.clone()).filter(|_| more);
        let buckets = rows.into_iter().map(|(name, created)| Bucket {
            bucket_region: Some(REGION.into()),
            creation_date: Some(from_ms(created).into()),
            name: Some(name),
        });
        Ok(ListBucketsOutput {
            buckets: Some(buckets.collect()),
            continuation_token: next,
            owner: Some(owner()),
            prefix,
        })
    }

    pub(super) async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<GetBucketLocationOutput> {
        self.require_bucket(request.input.bucket).await?;
        // S3 answers with an empty location for us-east-1.
        Ok(GetBucketLocationOutput::default())
    }

    /// The rules that are in force, in the form in which the stack on AWS has them: one for each suffix.
    pub(super) async fn get_bucket_notification_configuration(
        &self,
        request: S3Request<GetBucketNotificationConfigurationInput>,
    ) -> S3Result<GetBucketNotificationConfigurationOutput> {
        let bucket = request.input.bucket;
        self.require_bucket(bucket.clone()).await?;
        if bucket != BUCKET {
            return Ok(GetBucketNotificationConfigurationOutput::default());
        }
        let spellings = names::VIDEO_EXTENSIONS.iter().flat_map(|extension| {
            let upper = extension.to_ascii_uppercase();
            [
                Some((*extension).to_owned()),
                (upper != *extension).then_some(upper),
            ]
        });
        let uploads = spellings.flatten().map(|extension| QueueConfiguration {
            events: created(),
            filter: Some(filter(&[("suffix", format!(".{extension}"))])),
            id: Some(format!("uploads-{extension}")),
            queue_arn: account::queue_arn(Queue::Uploads.name()),
        });
        let below = |folder: &str, suffix: &str| {
            filter(&[("prefix", format!("{folder}/")), ("suffix", suffix.to_owned())])
        };
        let requests = QueueConfiguration {
            events: created(),
            filter: Some(below(names::JOBS_FOLDER, ".json")),
            id: Some("requests".to_owned()),
            queue_arn: account::queue_arn(Queue::Uploads.name()),
        };
        let results = names::RESULT_EXTENSIONS.map(|extension| LambdaFunctionConfiguration {
            events: created(),
            filter: Some(below(names::THUMBNAILS_FOLDER, &format!(".{extension}"))),
            id: Some(format!("thumbnails-{extension}")),
            lambda_function_arn: account::function_arn(names::THUMBNAIL_FUNCTION),
        });
        Ok(GetBucketNotificationConfigurationOutput {
            queue_configurations: Some(uploads.chain([requests]).collect()),
            lambda_function_configurations: Some(results.into()),
            ..Default::default()
        })
    }
}

/// Makes the bucket, if it is not there.
pub(super) fn insert_bucket(tx: &rusqlite::Transaction<'_>, bucket: &str) -> rusqlite::Result<usize> {
    tx.prepare_cached("INSERT OR IGNORE INTO buckets (name, created) VALUES (?1, ?2)")?
        .execute(params![bucket, now_ms()])
}

/// Makes the app's bucket at the first start.
pub(crate) fn insert_own_bucket(tx: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
    insert_bucket(tx, BUCKET).map(|_| ())
}

pub(super) fn owner() -> Owner {
    Owner {
        display_name: None,
        id: Some(account::ACCOUNT_ID.to_owned()),
    }
}

fn created() -> Vec<Event> {
    vec!["s3:ObjectCreated:*".to_owned().into()]
}

fn filter(rules: &[(&'static str, String)]) -> NotificationConfigurationFilter {
    let rules = rules.iter().map(|(name, value)| FilterRule {
        name: Some(FilterRuleName::from_static(name)),
        value: Some(value.clone()),
    });
    NotificationConfigurationFilter {
        key: Some(S3KeyFilter {
            filter_rules: Some(rules.collect()),
        }),
    }
}
