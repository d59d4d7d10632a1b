//! What the bucket and the queues say of themselves.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput as Rules;
use serde_json::{Value, json};

use super::fault::Fault;
use super::report::Component;
use super::signed_request::{SignedRequest, endpoint, send};
use crate::aws::Session;

/// What a queue says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct QueueFacts {
    pub(super) name: String,
    pub(super) waiting: u64,
    pub(super) dead_letters: Option<String>,
}

/// What the bucket says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BucketLook {
    /// The region in which it lies, where it says so.
    pub(super) region: Option<String>,
}

pub(super) async fn queue(session: &Session, rules: &Rules) -> Result<QueueFacts, Fault> {
    let arn = rules
        .queue_configurations()
        .first()
        .map(|rule| rule.queue_arn().to_owned())
        .ok_or(Fault::DependsOn(Component::Events))?;
    attributes(session, &arn).await
}

pub(super) async fn bucket(session: &Session) -> Result<BucketLook, Fault> {
    if session.config.region().is_none() {
        return Err(Fault::DependsOn(Component::Region));
    }
    let answer = session
        .s3
        .head_bucket()
        .bucket(&session.backend.bucket)
        .send()
        .await;
    match answer {
        Ok(answer) => Ok(BucketLook {
            region: answer.bucket_region,
        }),
        Err(error) => {
            // An answer to HEAD has no body, and so no code; the bucket names its region all the same.
            let raw = match &error {
                SdkError::ServiceError(service) => Some(service.raw()),
                SdkError::ResponseError(response) => Some(response.raw()),
                _ => None,
            };
            let region = raw
                .and_then(|raw| raw.headers().get("x-amz-bucket-region"))
                .map(str::to_owned);
            match raw.map(|raw| raw.status().as_u16()) {
                Some(404) => Err(Fault::Missing(session.backend.bucket.clone())),
                // The app's policy lets the folders be listed, not the whole: the list tells.
                Some(301 | 400 | 403) => Ok(BucketLook { region }),
                _ => Err(Fault::of(&error)),
            }
        }
    }
}

pub(super) async fn attributes(session: &Session, arn: &str) -> Result<QueueFacts, Fault> {
    // arn:aws:sqs:region:account:name
    let mut parts = arn.rsplit(':');
    let (name, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (address, _) = endpoint(session, "sqs")?;
    let body = json!({ "QueueUrl": format!("{address}/{account}/{name}"), "AttributeNames": ["All"] });
    let request = SignedRequest {
        service: "sqs",
        method: "POST",
        path: "/",
        headers: &[
            ("x-amz-target", "AmazonSQS.GetQueueAttributes"),
            ("content-type", "application/x-amz-json-1.0"),
        ],
        body: body.to_string(),
    };
    let answer = send(session, request).await?;
    facts(name, &answer).ok_or_else(|| Fault::Other("the queue's answer is no JSON".to_owned()))
}

pub(super) fn facts(name: &str, answer: &str) -> Option<QueueFacts> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let attribute = |name: &str| answer.get("Attributes")?.get(name)?.as_str();
    let redrive: Option<Value> = attribute("RedrivePolicy").and_then(|text| serde_json::from_str(text).ok());
    let dead_letters =
        redrive.and_then(|redrive| Some(redrive.get("deadLetterTargetArn")?.as_str()?.to_owned()));
    Some(QueueFacts {
        name: name.to_owned(),
        waiting: attribute("ApproximateNumberOfMessages")
            .and_then(|number| number.parse().ok())
            .unwrap_or(0),
        dead_letters,
    })
}
