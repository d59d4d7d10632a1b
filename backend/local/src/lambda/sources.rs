//! Event sources: they receive messages from a queue and invoke a function with them.

use std::collections::HashSet;

use md5::{Digest, Md5};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::account::{ACCOUNT_ID, REGION, queue_arn};
use crate::clock::now_ms;
use crate::events::{Message, Queue, Queues};
use crate::lambda::function::Function;

/// Messages that one invocation gets.
const BATCH_SIZE: usize = 10;
/// Six times the function's timeout, as AWS recommends for a queue.
const VISIBILITY_MS: i64 = 180_000;
/// Deliveries before a message goes to the dead letters.
const UPLOAD_TRIES: u32 = 5;
/// Lambda tries an asynchronous event once, and twice again.
const THUMBNAIL_TRIES: u32 = 3;

/// Feeds `function` from the queue, as an SQS event source does: in batches, with single failures reported.
pub(super) async fn uploads(queues: Queues, function: Function, stop: CancellationToken) {
    while let Some(messages) = next(&queues, Queue::Uploads, BATCH_SIZE, &stop).await {
        let answer = function.invoke(sqs_event(&messages).to_string()).await;
        if stop.is_cancelled() {
            // Messages that were received and not deleted are visible again at the next start.
            return;
        }
        let failed: HashSet<String> = match &answer {
            Ok(response) => failed_items(response, &messages),
            Err(_) => messages.iter().map(|message| message.id.clone()).collect(),
        };
        let reason = answer
            .err()
            .unwrap_or_else(|| "the function reported the message as failed".to_owned());
        settle(&queues, messages, &failed, UPLOAD_TRIES, &reason).await;
    }
}

/// Feeds `function` with bare S3 events, one at a time, as an asynchronous invocation does.
pub(super) async fn thumbnails(queues: Queues, function: Function, stop: CancellationToken) {
    while let Some(messages) = next(&queues, Queue::Thumbnails, 1, &stop).await {
        let Some(event) = messages.first().map(|message| message.body.clone()) else {
            continue;
        };
        let answer = function.invoke(event).await;
        if stop.is_cancelled() {
            return;
        }
        let failed = messages
            .iter()
            .filter(|_| answer.is_err())
            .map(|message| message.id.clone())
            .collect();
        settle(
            &queues,
            messages,
            &failed,
            THUMBNAIL_TRIES,
            &answer.err().unwrap_or_default(),
        )
        .await;
    }
}

/// Waits for messages. `None` once the backend ends.
async fn next(queues: &Queues, queue: Queue, max: usize, stop: &CancellationToken) -> Option<Vec<Message>> {
    loop {
        if stop.is_cancelled() {
            return None;
        }
        let due = match queues.receive(queue, max, VISIBILITY_MS).await {
            Ok(messages) if !messages.is_empty() => return Some(messages),
            Ok(_) => queues.next_due(queue).await,
            Err(error) => Err(error),
        };
        let pause = match due {
            Ok(due) => due.map(|due| (due - now_ms()).max(1) as u64),
            Err(error) => {
                tracing::error!("the queue {} cannot be read: {error}", queue.name());
                Some(1000)
            }
        };
        tokio::select! {
            () = stop.cancelled() => return None,
            () = queues.woken(queue) => {}
            () = sleep(pause) => {}
        }
    }
}

/// For ever where there is nothing to wait for: an idle backend does nothing.
async fn sleep(millis: Option<u64>) {
    match millis {
        Some(millis) => tokio::time::sleep(std::time::Duration::from_millis(millis)).await,
        None => std::future::pending().await,
    }
}

/// Deletes the messages that succeeded. The others become visible again after 1, 2, 4… seconds, and go to the dead letters
/// after too many tries.
async fn settle(queues: &Queues, messages: Vec<Message>, failed: &HashSet<String>, tries: u32, reason: &str) {
    let (again, done): (Vec<Message>, Vec<Message>) = messages
        .into_iter()
        .partition(|message| failed.contains(&message.id));
    let mut settled = queues
        .delete(done.into_iter().map(|message| message.id).collect())
        .await;
    for message in again {
        let delay = (message.receives < tries).then(|| 1000 << (message.receives - 1).min(6));
        if delay.is_none() {
            tracing::error!(
                "an event was given up after {} tries: {reason}: {}",
                message.receives,
                message.body
            );
        }
        settled = settled.and(queues.failed(message.id, delay, reason.to_owned()).await);
    }
    if let Err(error) = settled {
        // They come again when they are visible again; the client token keeps a task from running twice.
        tracing::error!("the queue cannot be written: {error}");
    }
}

/// What `ReportBatchItemFailures` says. A response that names no message of the batch fails all of it, as on AWS.
fn failed_items(response: &Value, messages: &[Message]) -> HashSet<String> {
    let Some(items) = response["batchItemFailures"].as_array() else {
        return HashSet::new();
    };
    let named: HashSet<String> = items
        .iter()
        .filter_map(|item| item["itemIdentifier"].as_str())
        .map(str::to_owned)
        .collect();
    let all: HashSet<String> = messages.iter().map(|message| message.id.clone()).collect();
    if named.len() == items.len() && named.is_subset(&all) {
        named
    } else {
        all
    }
}

fn sqs_event(messages: &[Message]) -> Value {
    let records: Vec<Value> = messages
        .iter()
        .map(|message| {
            json!({
                "messageId": message.id,
                "receiptHandle": format!("{}#{}", message.id, message.receives),
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": message.receives.to_string(),
                    "SentTimestamp": message.sent.to_string(),
                    "SenderId": ACCOUNT_ID,
                    "ApproximateFirstReceiveTimestamp": message.first_received.to_string(),
                },
                "messageAttributes": {},
                "md5OfBody": hex::encode(Md5::digest(&message.body)),
                "eventSource": "aws:sqs",
                "eventSourceARN": queue_arn(Queue::Uploads.name()),
                "awsRegion": REGION,
            })
        })
        .collect();
    json!({ "Records": records })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str) -> Message {
        Message {
            id: id.into(),
            body: "{}".into(),
            sent: 1,
            first_received: 2,
            receives: 1,
        }
    }

    // Breaks if a message that failed is taken for handled, or all of a batch are repeated for one.
    #[test]
    fn which_messages_failed() {
        let messages = [message("a"), message("b")];
        let failed = |response| {
            let mut failed: Vec<String> = failed_items(&response, &messages).into_iter().collect();
            failed.sort();
            failed
        };
        assert!(failed(Value::Null).is_empty());
        assert!(failed(json!({ "batchItemFailures": [] })).is_empty());
        assert_eq!(
            failed(json!({ "batchItemFailures": [{ "itemIdentifier": "b" }] })),
            ["b"]
        );
        for nonsense in [
            json!([{ "itemIdentifier": "x" }]),
            json!([{}]),
            json!([{ "itemIdentifier": "" }]),
        ] {
            assert_eq!(failed(json!({ "batchItemFailures": nonsense })), ["a", "b"]);
        }
    }

    // Breaks if the function's SQS records lack what AWS sends.
    #[test]
    fn records_are_what_sqs_sends() {
        let event = sqs_event(&[message("a")]);
        let record = &event["Records"][0];
        assert_eq!(record["md5OfBody"], "99914b932bd37a50b983c5e7c90ae93b");
        assert_eq!(record["eventSource"], "aws:sqs");
        assert_eq!(record["attributes"]["ApproximateReceiveCount"], "1");
    }
}
