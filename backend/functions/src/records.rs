//! Object-created records, taken out of SQS messages or of a bare S3 event.

use aws_lambda_events::event::s3::S3Entity;
use aws_lambda_events::event::sqs::SqsEvent;
use posterframe_contract::{ClientToken, Sequencer, decode_event_key};
use serde::Deserialize;
use serde_json::Value;

/// One object that was created.
#[derive(Clone, Debug)]
pub(crate) struct CreatedObject {
    pub(crate) bucket: String,
    /// Decoded.
    pub(crate) key: String,
    pub(crate) bytes: u64,
    /// `ObjectCreated:Put` and the like.
    pub(crate) event: String,
    pub(crate) sequencer: Sequencer,
}

impl CreatedObject {
    pub(crate) fn client_token(&self) -> ClientToken {
        ClientToken::new(&self.bucket, &self.key, &self.sequencer)
    }
}

/// What came in one message, and the id under which the queue knows that message.
#[derive(Debug)]
pub(crate) struct Message {
    /// `None` for a bare S3 event, which has no queue to go back to.
    pub(crate) id: Option<String>,
    pub(crate) objects: Result<Vec<CreatedObject>, RecordError>,
}

/// An event that is not what S3 sends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("expected an S3 event, but {0}")]
    NotS3(#[from] serde_json::Error),
    #[error("the S3 event's record has no {0}")]
    Missing(&'static str),
    #[error("the key “{0}” is not UTF-8 once decoded")]
    KeyEncoding(String),
}

/// Takes an event apart. SQS events give one message a record; a bare S3 event is one message.
pub(crate) fn messages(event: Value) -> Vec<Message> {
    let wrapped = event["Records"][0]["eventSource"] == "aws:sqs";
    if !wrapped {
        return vec![Message {
            id: None,
            objects: created_objects(event),
        }];
    }
    match serde_json::from_value::<SqsEvent>(event) {
        Ok(event) => event
            .records
            .into_iter()
            .map(|message| Message {
                id: message.message_id,
                objects: serde_json::from_str(message.body.as_deref().unwrap_or_default())
                    .map_err(RecordError::from)
                    .and_then(created_objects),
            })
            .collect(),
        Err(error) => vec![Message {
            id: None,
            objects: Err(error.into()),
        }],
    }
}

/// An S3 event as far as it is read here. The library's own type insists on who did it, from where and when, which
/// other servers than S3 leave out.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default)]
    event_name: Option<String>,
    s3: S3Entity,
}

fn created_objects(event: Value) -> Result<Vec<CreatedObject>, RecordError> {
    // S3 sends this once, when a notification is set up; it has no records.
    if event["Event"] == "s3:TestEvent" {
        return Ok(Vec::new());
    }
    let event: Event = serde_json::from_value(event)?;
    event.records.into_iter().map(created_object).collect()
}

fn created_object(record: Record) -> Result<CreatedObject, RecordError> {
    let bucket = record.s3.bucket.name.ok_or(RecordError::Missing("bucket name"))?;
    let encoded = record.s3.object.key.ok_or(RecordError::Missing("object key"))?;
    let key = decode_event_key(&encoded).map_err(|_| RecordError::KeyEncoding(encoded))?;
    Ok(CreatedObject {
        bucket,
        key,
        bytes: record
            .s3
            .object
            .size
            .and_then(|size| size.try_into().ok())
            .unwrap_or(0),
        event: record.event_name.unwrap_or_default(),
        sequencer: Sequencer::new(record.s3.object.sequencer.unwrap_or_default()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn s3_event(keys: &[&str]) -> Value {
        let records: Vec<Value> = keys
            .iter()
            .map(|key| {
                json!({
                    "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1",
                    "eventTime": "2026-01-01T00:00:00.000Z", "eventName": "ObjectCreated:Put",
                    "userIdentity": { "principalId": "AWS:A" },
                    "requestParameters": { "sourceIPAddress": "127.0.0.1" },
                    "responseElements": { "x-amz-request-id": "R", "x-amz-id-2": "I" },
                    "s3": { "s3SchemaVersion": "1.0", "configurationId": "uploads",
                            "bucket": { "name": "b", "ownerIdentity": { "principalId": "A" }, "arn": "arn:aws:s3:::b" },
                            "object": { "key": key, "size": 7, "eTag": "e", "sequencer": "0A" } }
                })
            })
            .collect();
        json!({ "Records": records })
    }

    fn sqs_event(bodies: &[String]) -> Value {
        let records: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(n, body)| json!({ "messageId": format!("m{n}"), "eventSource": "aws:sqs", "body": body }))
            .collect();
        json!({ "Records": records })
    }

    // Breaks if only the first record is handled, as in the original, or the key is not decoded.
    #[test]
    fn every_record_of_every_message() {
        let bodies = [
            s3_event(&["a+b_00-10.mp4", "c_00-11.mp4"]),
            s3_event(&["d%2B_00-12.mp4"]),
        ];
        let messages = messages(sqs_event(&bodies.map(|body| body.to_string())));
        let keys: Vec<Vec<String>> = messages
            .into_iter()
            .map(|message| {
                message
                    .objects
                    .unwrap()
                    .into_iter()
                    .map(|object| object.key)
                    .collect()
            })
            .collect();
        assert_eq!(keys, [vec!["a b_00-10.mp4", "c_00-11.mp4"], vec!["d+_00-12.mp4"]]);
    }

    // Breaks if a bare S3 event is not taken, or one with no more in it than is needed, or S3's test event counts as a fault.
    #[test]
    fn bare_and_test_events() {
        let bare = messages(s3_event(&["a_00-10.mp4"]));
        assert_eq!(bare[0].objects.as_ref().unwrap()[0].bytes, 7);
        let bucket = json!({ "bucket": { "name": "b" }, "object": { "key": "a_00-10.mp4", "size": 7 } });
        let sparse = messages(json!({ "Records": [{ "s3": bucket }] }));
        assert_eq!(sparse[0].objects.as_ref().unwrap()[0].key, "a_00-10.mp4");
        let test = messages(sqs_event(&[json!({ "Event": "s3:TestEvent" }).to_string()]));
        assert!(test[0].objects.as_ref().unwrap().is_empty());
    }

    // Breaks if one bad message takes the good ones of its batch down with it, or makes the function panic.
    #[test]
    fn a_bad_message_fails_alone() {
        let bodies = [
            "not json".to_owned(),
            "{}".to_owned(),
            s3_event(&["a_00-10.mp4"]).to_string(),
        ];
        let messages = messages(sqs_event(&bodies));
        assert!(messages[0].objects.is_err());
        assert!(messages[2].objects.is_ok());
        for event in [
            json!(null),
            json!([]),
            json!({ "Records": "x" }),
            json!({ "Records": [{}] }),
        ] {
            let _ = super::messages(event);
        }
    }
}
