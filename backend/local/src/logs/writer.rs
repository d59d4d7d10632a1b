//! Appending lines to log streams.

use std::sync::Arc;

use posterframe_process::LineSink;

use crate::clock::now_ms;
use crate::db::Db;
use crate::logs::store;

/// Appends lines to one stream; clones write to the same.
#[derive(Clone)]
pub(crate) struct LogWriter {
    db: Db,
    target: Arc<(String, String)>,
}

impl LogWriter {
    pub(super) fn new(db: Db, group: String, stream: String) -> Self {
        Self {
            db,
            target: Arc::new((group, stream)),
        }
    }
}

impl LineSink for LogWriter {
    /// Stores them all in one transaction.
    ///
    /// A log that cannot be written must not stop what it is about: the loss is reported on our own log.
    async fn append(&self, mut lines: Vec<String>) {
        // CloudWatch takes no empty events; agents leave them out.
        lines.retain(|line| !line.is_empty());
        if lines.is_empty() {
            return;
        }
        let (count, target, now) = (lines.len(), Arc::clone(&self.target), now_ms());
        let stored = self
            .db
            .write(move |tx| store::append(tx, &target.0, &target.1, now, &lines))
            .await;
        if let Err(error) = stored {
            tracing::error!(
                "{count} log lines of {} could not be stored: {error}",
                self.target.1
            );
        }
    }
}
