//! Object-created events: written in the transaction that creates the object, and kept until a function has
//! handled them. The upload events lie in a queue as SQS keeps them, the thumbnail events in Lambda's own.

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use posterframe_contract::names;
use rusqlite::{Row, Transaction, params};
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::account::{ACCOUNT_ID, BUCKET, REGION};
use crate::clock::{iso, now_ms};
use crate::db::{Db, counter, set_counter};

/// Where an event waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Videos and requests, for the function that starts tasks.
    Uploads,
    /// Thumbnails and manifests, for the function that logs them.
    Thumbnails,
}

impl Queue {
    /// The queue's name in its ARN and in the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Uploads => "posterframe-uploads",
            Self::Thumbnails => "posterframe-thumbnails",
        }
    }

    /// The queue for the events of an object with this key, as by the rules of the template's bucket. Those go by
    /// extension and leave no folder out: what is to start nothing, the function passes over.
    fn of_key(key: &str) -> Option<Self> {
        if names::is_thumbnail_key(names::THUMBNAILS_FOLDER, key) {
            return Some(Self::Thumbnails);
        }
        let is_request = names::is_below(names::JOBS_FOLDER, key) && names::is_json_key(key);
        (is_request || names::is_video_key(key)).then_some(Self::Uploads)
    }
}

/// A message, as a function's event is made of it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    /// The S3 event as JSON.
    pub(crate) body: String,
    pub(crate) sent: i64,
    pub(crate) first_received: i64,
    /// Including this time.
    pub(crate) receives: u32,
}

/// An event that was given up after too many failures. It stays in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message's id.
    pub id: String,
    /// The function that failed on it.
    pub function: &'static str,
    /// The S3 event as JSON.
    pub body: String,
    /// How often it was tried.
    pub receives: u32,
    /// What the last try said.
    pub failure: String,
}

/// What was created.
pub(crate) struct Created<'a> {
    pub(crate) key: &'a str,
    pub(crate) size: u64,
    pub(crate) etag: &'a str,
    /// `ObjectCreated:Put` and the like.
    pub(crate) event: &'static str,
    /// Milliseconds since the epoch.
    pub(crate) time: i64,
}

/// Keys in events are form-encoded, with the slashes left alone.
const FORM: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'*')
    .remove(b'/')
    .remove(b' ');

/// Writes the event for a created object, if a queue takes it, and returns that queue, which is to be woken.
pub(crate) fn announce(tx: &Transaction<'_>, created: &Created<'_>) -> rusqlite::Result<Option<Queue>> {
    let Some(queue) = Queue::of_key(created.key) else {
        return Ok(None);
    };
    // Later events must have higher sequencers, even if the clock was set back.
    let sequencer = counter(tx, "sequencer")?
        .map_or(0, |last| last + 1)
        .max(created.time * 1000);
    set_counter(tx, "sequencer", sequencer)?;
    let key = utf8_percent_encode(created.key, &FORM)
        .to_string()
        .replace(' ', "+");
    let (request, now) = (Uuid::new_v4().simple().to_string().to_ascii_uppercase(), now_ms());
    let body = json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": iso(created.time),
        "eventName": created.event,
        "userIdentity": { "principalId": format!("AWS:{ACCOUNT_ID}") },
        "requestParameters": { "sourceIPAddress": "127.0.0.1" },
        "responseElements": { "x-amz-request-id": &request[..16], "x-amz-id-2": request },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": queue.name(),
            "bucket": {
                "name": BUCKET,
                "ownerIdentity": { "principalId": ACCOUNT_ID },
                "arn": format!("arn:aws:s3:::{BUCKET}"),
            },
            "object": {
                "key": key,
                "size": created.size,
                "eTag": created.etag,
                "sequencer": format!("{sequencer:018X}"),
            },
        },
    }] });
    tx.prepare_cached("INSERT INTO messages (id, queue, body, sent, visible) VALUES (?1, ?2, ?3, ?4, ?4)")?
        .execute(params![
            Uuid::new_v4().to_string(),
            queue.name(),
            body.to_string(),
            now
        ])?;
    Ok(Some(queue))
}

/// The queues; clones share them.
#[derive(Clone)]
pub(crate) struct Queues {
    db: Db,
    uploads: Arc<Notify>,
    thumbnails: Arc<Notify>,
}

impl Queues {
    pub(crate) fn new(db: Db) -> Self {
        Self {
            db,
            uploads: Arc::default(),
            thumbnails: Arc::default(),
        }
    }

    fn bell(&self, queue: Queue) -> &Notify {
        match queue {
            Queue::Uploads => &self.uploads,
            Queue::Thumbnails => &self.thumbnails,
        }
    }

    /// Wakes the queue's event source: there is a new message.
    pub(crate) fn wake(&self, queue: Queue) {
        self.bell(queue).notify_one();
    }

    /// Waits until there is a new message since the last call.
    pub(crate) async fn woken(&self, queue: Queue) {
        self.bell(queue).notified().await;
    }

    /// Takes up to `max` messages, which are then invisible for `visibility_ms`.
    pub(crate) async fn receive(
        &self,
        queue: Queue,
        max: usize,
        visibility_ms: i64,
    ) -> rusqlite::Result<Vec<Message>> {
        let now = now_ms();
        // Read first: an idle backend writes nothing to the disk.
        self.db
            .write(move |tx| {
                let mut due = tx.prepare_cached(
                    "SELECT id FROM messages WHERE queue = ?1 AND dead = 0 AND visible <= ?2
                     ORDER BY visible, sent LIMIT ?3",
                )?;
                let ids: Vec<String> = due
                    .query_map(params![queue.name(), now, max as i64], |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                let mut take = tx.prepare_cached(
                    "UPDATE messages SET visible = ?2, receives = receives + 1,
                         first_received = coalesce(first_received, ?3)
                     WHERE id = ?1 RETURNING id, body, sent, first_received, receives",
                )?;
                ids.iter()
                    .map(|id| take.query_row(params![id, now + visibility_ms, now], message))
                    .collect()
            })
            .await
    }

    /// When the next message may be received, if there is any.
    pub(crate) async fn next_due(&self, queue: Queue) -> rusqlite::Result<Option<i64>> {
        self.db
            .read(move |tx| {
                tx.prepare_cached("SELECT min(visible) FROM messages WHERE queue = ?1 AND dead = 0")?
                    .query_row([queue.name()], |row| row.get(0))
            })
            .await
    }

    /// Forgets a message that was handled.
    pub(crate) async fn delete(&self, ids: Vec<String>) -> rusqlite::Result<()> {
        self.db
            .write(move |tx| {
                let mut delete = tx.prepare_cached("DELETE FROM messages WHERE id = ?1")?;
                for id in ids {
                    delete.execute([id])?;
                }
                Ok(())
            })
            .await
    }

    /// Makes a message visible again after `delay_ms`, or with `None` puts it with the dead letters.
    pub(crate) async fn failed(
        &self,
        id: String,
        delay_ms: Option<i64>,
        failure: String,
    ) -> rusqlite::Result<()> {
        let visible = now_ms() + delay_ms.unwrap_or(0);
        self.db
            .write(move |tx| {
                tx.prepare_cached("UPDATE messages SET visible = ?2, dead = ?3, failure = ?4 WHERE id = ?1")?
                    .execute(params![id, visible, delay_ms.is_none(), failure])?;
                Ok(())
            })
            .await
    }

    /// What was given up, oldest first.
    pub(crate) async fn dead_letters(&self) -> rusqlite::Result<Vec<DeadLetter>> {
        self.db
            .read(|tx| {
                tx.prepare_cached(
                    "SELECT id, queue, body, receives, failure FROM messages WHERE dead = 1 ORDER BY sent",
                )?
                .query_map([], |row| {
                    let uploads = row.get_ref(1)?.as_str()? == Queue::Uploads.name();
                    Ok(DeadLetter {
                        id: row.get(0)?,
                        function: if uploads {
                            names::UPLOAD_FUNCTION
                        } else {
                            names::THUMBNAIL_FUNCTION
                        },
                        body: row.get(2)?,
                        receives: row.get(3)?,
                        failure: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
                    })
                })?
                .collect()
            })
            .await
    }
}

/// At the start: messages that an earlier backend had received are visible again.
pub(crate) fn recover(tx: &Transaction<'_>) -> rusqlite::Result<usize> {
    tx.execute(
        "UPDATE messages SET visible = ?1 WHERE dead = 0 AND visible > ?1",
        [now_ms()],
    )
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get(0)?,
        body: row.get(1)?,
        sent: row.get(2)?,
        first_received: row.get(3)?,
        receives: row.get(4)?,
    })
}

#[cfg(test)]
mod tests {
    use posterframe_contract::{Sequencer, decode_event_key};
    use serde_json::Value;

    use super::*;
    use crate::db::temporary;

    async fn announced(db: &Db, key: &'static str) -> Option<Queue> {
        db.write(move |tx| {
            let event = "ObjectCreated:Put";
            announce(
                tx,
                &Created {
                    key,
                    size: 7,
                    etag: "e",
                    event,
                    time: now_ms(),
                },
            )
        })
        .await
        .unwrap()
    }

    // Breaks if an object that is to start a task or to be logged raises no event, or another object raises one.
    #[tokio::test]
    async fn who_hears_of_what() {
        let (_dir, db) = temporary();
        for (key, queue) in [
            ("test_00-10.mp4", Some(Queue::Uploads)),
            ("uploads/x/a_00-10.MP4", Some(Queue::Uploads)),
            ("jobs/x.json", Some(Queue::Uploads)),
            ("thumbnails/x/a.png", Some(Queue::Thumbnails)),
            ("thumbnails/x/manifest.json", Some(Queue::Thumbnails)),
            ("uploads/x/a.json", None),
            ("jobs/x.JSON", None),
            ("jobsX/x.json", None),
            ("x/jobs/x.json", None),
            ("jobs/notes.txt", None),
            ("a.png", None),
            ("notes.txt", None),
        ] {
            assert_eq!(announced(&db, key).await, queue, "{key}");
        }
    }

    // Breaks if an object raises an event here that it does not raise on AWS, or the other way round.
    #[test]
    fn the_rules_are_the_templates() {
        let rules = template_rules();
        let queues = rules.iter().filter(|rule| rule.queue == Queue::Uploads);
        assert_eq!(queues.count(), 2 * names::VIDEO_EXTENSIONS.len() + 1);
        assert!(rules.iter().any(|rule| rule.queue == Queue::Thumbnails));
        let folders = [
            "",
            "uploads/j/",
            "jobs/",
            "jobs/a/",
            "jobsX/",
            "videos/v/",
            "thumbnails/",
            "thumbnails/j/",
            "x/jobs/",
        ];
        let ends = [
            "mp4", "MP4", "Mp4", "video", "gif", "json", "JSON", "png", "PNG", "jpg", "txt",
        ];
        for (folder, end) in folders.iter().flat_map(|folder| ends.map(|end| (folder, end))) {
            let key = format!("{folder}a_00-10.{end}");
            let mut told = rules
                .iter()
                .filter(|rule| key.starts_with(&rule.prefix) && key.ends_with(&rule.suffix));
            assert_eq!(Queue::of_key(&key), told.next().map(|rule| rule.queue), "{key}");
            // S3 takes no rules of which two would hear of one object.
            assert!(told.next().is_none(), "{key}");
        }
    }

    struct Rule {
        queue: Queue,
        prefix: String,
        suffix: String,
    }

    /// The rules of the template's bucket, each on a line of its own, with the folders that are the parameters' defaults.
    fn template_rules() -> Vec<Rule> {
        let value = |line: &str, name: &str| {
            let (_, rest) = line.split_once(&format!("Name: {name}, Value: "))?;
            let value = rest
                .trim_start_matches("!Sub ")
                .split(" }")
                .next()?
                .trim_matches('"');
            let value = value.replace("${JobsFolder}", names::JOBS_FOLDER);
            Some(value.replace("${ThumbnailsFolder}", names::THUMBNAILS_FOLDER))
        };
        let lines = include_str!("../../template.yaml").lines();
        let rules = lines.filter(|line| line.contains("s3:ObjectCreated:*") && line.contains("S3Key:"));
        rules
            .map(|line| Rule {
                queue: if line.contains("UploadQueue.Arn") {
                    Queue::Uploads
                } else {
                    Queue::Thumbnails
                },
                prefix: value(line, "prefix").unwrap_or_default(),
                suffix: value(line, "suffix").unwrap(),
            })
            .collect()
    }

    // Breaks if a function cannot decode a key, or a later event does not sort after an earlier one.
    #[tokio::test]
    async fn events_are_what_s3_sends() {
        let (_dir, db) = temporary();
        let key = "uploads/a b+c%20é_00-10.mp4";
        announced(&db, key).await;
        announced(&db, key).await;
        let messages = Queues::new(db).receive(Queue::Uploads, 10, 1000).await.unwrap();
        let records: Vec<Value> = messages
            .iter()
            .map(|message| serde_json::from_str::<Value>(&message.body).unwrap()["Records"][0].clone())
            .collect();
        let encoded = records[0]["s3"]["object"]["key"].as_str().unwrap();
        assert_eq!(encoded, "uploads/a+b%2Bc%2520%C3%A9_00-10.mp4");
        assert_eq!(decode_event_key(encoded).unwrap(), key);
        let mut order: Vec<Sequencer> = records
            .iter()
            .map(|record| Sequencer::new(record["s3"]["object"]["sequencer"].as_str().unwrap()))
            .collect();
        order.sort();
        assert!(order[0] < order[1]);
    }

    // Breaks if a message is handed out twice at a time, lost after a failure, or tried for ever.
    #[tokio::test]
    async fn redelivery_and_dead_letters() {
        let (_dir, db) = temporary();
        announced(&db, "a_00-10.mp4").await;
        let queues = Queues::new(db.clone());
        let first = queues
            .receive(Queue::Uploads, 10, 60_000)
            .await
            .unwrap()
            .remove(0);
        assert!(
            queues
                .receive(Queue::Uploads, 10, 60_000)
                .await
                .unwrap()
                .is_empty()
        );
        queues
            .failed(first.id.clone(), Some(0), "no".into())
            .await
            .unwrap();
        let second = queues
            .receive(Queue::Uploads, 10, 60_000)
            .await
            .unwrap()
            .remove(0);
        assert_eq!((second.id.as_str(), second.receives), (first.id.as_str(), 2));
        // A crash while it is in hand.
        db.write(recover).await.unwrap();
        let third = queues
            .receive(Queue::Uploads, 10, 60_000)
            .await
            .unwrap()
            .remove(0);
        queues.failed(third.id, None, "never".into()).await.unwrap();
        assert_eq!(queues.next_due(Queue::Uploads).await.unwrap(), None);
        let dead = queues.dead_letters().await.unwrap();
        assert_eq!((dead[0].receives, dead[0].failure.as_str()), (3, "never"));
    }
}
