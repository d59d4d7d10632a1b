//! S3 by the `s3s` crate, which does the protocol; here is what it stores and how.
//!
//! A key is never a path: objects are rows in the catalogue, their bytes are blobs with names of their own.
//! Any key that S3 takes is therefore taken, and none can reach outside the data directory.

mod attributes;
mod buckets;
mod catalogue;
mod checksums;
mod chunked;
mod conditions;
mod copy;
mod delete;
mod fail;
mod forms;
mod front;
mod ingest;
mod list;
mod multipart;
mod objects;
mod operations;
mod parts;
mod read;
mod service;
mod settings;
mod signing;
mod tags;
mod uploads;
mod versions;

use crate::blobs::{BlobId, Blobs};
use crate::db::Db;
use crate::events::{Queue, Queues};

pub(crate) use buckets::insert_own_bucket;
pub(crate) use front::Front;
pub(crate) use service::service;

/// The store behind the protocol; clones share it.
#[derive(Clone)]
pub(crate) struct Store {
    db: Db,
    blobs: Blobs,
    queues: Queues,
}

/// What is to be done after the commit.
#[derive(Default)]
struct After {
    freed: Vec<BlobId>,
    event: Option<Queue>,
}

impl Store {
    pub(crate) fn new(db: Db, blobs: Blobs, queues: Queues) -> Self {
        Self { db, blobs, queues }
    }

    /// Runs `work` in a transaction; after its commit the freed blobs go and the function hears of the event.
    async fn commit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<(T, After), fail::Fail> + Send + 'static,
    ) -> Result<T, fail::Fail> {
        let (blobs, queues) = (self.blobs.clone(), self.queues.clone());
        // In the transaction's own thread: where the client disconnects, this future is dropped before the answer.
        let then = move |(_, after): &(T, After)| {
            if let Some(queue) = after.event {
                queues.wake(queue);
            }
            blobs.remove(&after.freed);
        };
        let (value, _) = self.db.write_then(work, then).await?;
        Ok(value)
    }
}

/// The blobs that the catalogue knows: all others are left over from a crash.
pub(crate) fn known_blobs(
    tx: &rusqlite::Transaction<'_>,
) -> rusqlite::Result<std::collections::HashSet<String>> {
    tx.prepare("SELECT id FROM blobs")?
        .query_map([], |row| row.get(0))?
        .collect()
}
