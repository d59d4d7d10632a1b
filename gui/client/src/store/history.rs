//! The history of a data folder, for a command that only looks: beside a client that runs, or without one.

use posterframe_contract::JobId;

use super::database::Store;
use crate::config::Paths;
use crate::error::ClientError;
use crate::model::{Job, LogLevel, LogLine, log_text};

/// The jobs of a data folder and their logs.
pub struct History {
    /// `None` where nothing was ever submitted.
    store: Option<Store>,
}

impl History {
    /// Opens the history.
    ///
    /// # Errors
    /// There is one, but it cannot be read.
    pub fn open(paths: &Paths) -> Result<Self, ClientError> {
        let file = paths.data.join("history.db");
        let store = file.exists().then(|| Store::open(&file)).transpose()?;
        Ok(Self { store })
    }

    /// All jobs, newest first.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn jobs(&self) -> Result<Vec<Job>, ClientError> {
        let Some(store) = &self.store else {
            return Ok(Vec::new());
        };
        let mut jobs = store.jobs()?.jobs;
        jobs.reverse();
        Ok(jobs)
    }

    /// One job.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn job(&self, id: JobId) -> Result<Option<Job>, ClientError> {
        self.store.as_ref().map_or(Ok(None), |store| Ok(store.job(id)?))
    }

    /// A job's log in order of time.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn log(&self, id: JobId) -> Result<Vec<LogLine>, ClientError> {
        self.store
            .as_ref()
            .map_or(Ok(Vec::new()), |store| Ok(store.log(id)?))
    }

    /// The lines that were written since `mark` (0 at first), in the order of writing, and the mark for the next call.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn log_since(&self, id: JobId, mark: i64) -> Result<(Vec<LogLine>, i64), ClientError> {
        self.store
            .as_ref()
            .map_or(Ok((Vec::new(), mark)), |store| Ok(store.log_after(id, mark)?))
    }

    /// Whether the log of a job that has ended has all that is sure to be in it.
    pub fn log_is_whole(&self, job: &Job) -> bool {
        // What cannot be read now is not waited for.
        let last = |source| {
            let store = self.store.as_ref()?;
            store.last_line(job.id, source, LogLevel::Debug).ok().flatten()
        };
        log_text::is_whole(job, last)
    }

    /// What ECS last said of a job's task, as JSON.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn task_json(&self, job: &Job) -> Result<Option<String>, ClientError> {
        match (&self.store, &job.task) {
            (Some(store), Some(task)) => Ok(store.task(&task.arn)?),
            _ => Ok(None),
        }
    }
}
