//! Results on their way, each a task of its own beside the watcher's rounds: a slow one holds nothing up but itself.

use std::collections::HashMap;
use std::sync::Arc;

use posterframe_contract::JobId;
use tokio::task::{Id, JoinError, JoinSet};

use super::cloud::Fetched;
use crate::error::ClientError;
use crate::model::Job;

/// What it means that a result is not in the bucket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    /// Not yet, or it stays so: nothing follows from it.
    Later,
    /// It never will be: the task has stopped.
    Stopped,
    /// The task is gone, nobody knows how it ended.
    Gone,
    /// No task came.
    NoTask,
}

/// At once. They are S3's, which bears more than ECS: they take nothing of the budget.
const MAX_DOWNLOADS: usize = 8;

/// What comes of a download: `None` where the bucket has no such result.
type Outcome = Result<Option<Fetched>, ClientError>;

/// One result that is fetched.
pub(super) struct Download {
    /// The job as it was when the download began.
    pub(super) job: Arc<Job>,
    /// What it means if there is none.
    pub(super) absent: Absent,
}

/// All of them. What is under way ends with this.
#[derive(Default)]
pub(super) struct Downloads {
    tasks: JoinSet<Outcome>,
    under_way: HashMap<Id, Download>,
    ended: Vec<(Download, Outcome)>,
}

impl Downloads {
    /// Whether another one may begin.
    pub(super) fn have_room(&self) -> bool {
        self.under_way.len() < MAX_DOWNLOADS
    }

    /// Whether the job's result is on its way.
    pub(super) fn have(&self, id: JobId) -> bool {
        self.under_way.values().any(|download| download.job.id == id)
    }

    pub(super) fn start(
        &mut self,
        download: Download,
        fetch: impl Future<Output = Outcome> + Send + 'static,
    ) {
        let task = self.tasks.spawn(fetch);
        self.under_way.insert(task.id(), download);
    }

    /// Comes when one has ended; with `None` at once where none is under way.
    pub(super) async fn ended(&mut self) -> Option<()> {
        let ended = self.tasks.join_next_with_id().await?;
        self.note(ended);
        Some(())
    }

    /// Whether any has ended that was not taken.
    pub(super) fn have_ended(&mut self) -> bool {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.note(ended);
        }
        !self.ended.is_empty()
    }

    /// Those that have ended since the last call.
    pub(super) fn take(&mut self) -> Vec<(Download, Outcome)> {
        self.have_ended();
        std::mem::take(&mut self.ended)
    }

    fn note(&mut self, ended: Result<(Id, Outcome), JoinError>) {
        let (id, outcome) = match ended {
            Ok(ended) => ended,
            // As if there had been no answer: it is tried again later.
            Err(error) => {
                let failure = ClientError::Aws {
                    operation: "Fetching the result",
                    code: None,
                    reason: "the download broke down".to_owned(),
                };
                (error.id(), Err(failure))
            }
        };
        if let Some(download) = self.under_way.remove(&id) {
            self.ended.push((download, outcome));
        }
    }
}
