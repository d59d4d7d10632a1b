//! What the watcher asks of AWS: few calls, behind a trait, so that tests can count them and answer as AWS would.

use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};

use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata;
use aws_sdk_ecs::types::DesiredStatus;
use posterframe_contract::{JobRequest, MAX_REQUEST_BYTES, Manifest};
use time::OffsetDateTime;

use super::result::{self, bytes, object};
use super::task::{SeenTask, seen};
use crate::aws::Session;
use crate::error::ClientError;
use crate::model::Job;

/// ECS's limit on tasks in one `DescribeTasks`.
pub(super) const TASKS_AT_ONCE: usize = 100;

/// Some tasks of the worker's family.
#[derive(Debug, Default)]
pub(crate) struct TaskPage {
    pub(crate) arns: Vec<String>,
    pub(crate) next: Option<String>,
}

/// Tasks as ECS describes them, and those that it does not know.
#[derive(Debug, Default)]
pub(crate) struct Described {
    pub(crate) tasks: Vec<SeenTask>,
    pub(crate) missing: Vec<String>,
}

/// Which events of a log group.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogQuery {
    pub(crate) group: String,
    /// Only this stream.
    pub(crate) stream: Option<String>,
    /// From this time on, in milliseconds since the epoch.
    pub(crate) from: i64,
    pub(crate) token: Option<String>,
}

/// One event of a log group.
#[derive(Clone, Debug)]
pub(crate) struct LogEvent {
    pub(crate) id: String,
    pub(crate) stream: String,
    pub(crate) unix_millis: i64,
    pub(crate) message: String,
}

/// Some events, and how to ask for more.
#[derive(Debug, Default)]
pub(crate) struct EventPage {
    pub(crate) events: Vec<LogEvent>,
    pub(crate) next: Option<String>,
}

/// A result that was fetched.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) manifest: Manifest,
    /// The copies of its files on this machine, by key.
    pub(crate) paths: HashMap<String, PathBuf>,
    /// S3 keeps whole seconds.
    pub(crate) written: OffsetDateTime,
}

/// AWS, as far as jobs are watched on it.
pub(crate) trait Cloud: Send + Sync + 'static {
    /// The family's tasks on the cluster: those that run or are to run, or those that have stopped.
    fn list_tasks(
        &self,
        stopped: bool,
        token: Option<String>,
    ) -> impl Future<Output = Result<TaskPage, ClientError>> + Send;

    /// At most [`TASKS_AT_ONCE`] of them.
    fn describe_tasks(
        &self,
        arns: Vec<String>,
    ) -> impl Future<Output = Result<Described, ClientError>> + Send;

    fn stop_task(&self, arn: &str) -> impl Future<Output = Result<(), ClientError>> + Send;

    /// Nothing where the group or the stream is not there yet.
    fn log_events(&self, query: LogQuery) -> impl Future<Output = Result<EventPage, ClientError>> + Send;

    /// Fetches the job's manifest, and the files that it names into `folder`; `None` where it is not in the bucket, or was
    /// there before `since`.
    fn fetch(
        &self,
        job: &Job,
        since: OffsetDateTime,
        folder: &Path,
    ) -> impl Future<Output = Result<Option<Fetched>, ClientError>> + Send;

    /// A request in the backend's bucket; `None` where there is none, or it cannot be read or understood.
    fn request(&self, key: &str) -> impl Future<Output = Result<Option<JobRequest>, ClientError>> + Send;
}

impl Cloud for Session {
    async fn list_tasks(&self, stopped: bool, token: Option<String>) -> Result<TaskPage, ClientError> {
        let status = if stopped {
            DesiredStatus::Stopped
        } else {
            DesiredStatus::Running
        };
        let page = self
            .ecs
            .list_tasks()
            .cluster(&self.backend.cluster)
            .family(&self.backend.task_family)
            .desired_status(status)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| ClientError::aws("Looking for the task", &error))?;
        Ok(TaskPage {
            arns: page.task_arns().to_vec(),
            next: page.next_token().map(str::to_owned),
        })
    }

    async fn describe_tasks(&self, arns: Vec<String>) -> Result<Described, ClientError> {
        let described = self
            .ecs
            .describe_tasks()
            .cluster(&self.backend.cluster)
            .set_tasks(Some(arns))
            .send()
            .await
            .map_err(|error| ClientError::aws("Looking at the task", &error))?;
        let missing = described.failures().iter();
        Ok(Described {
            tasks: described.tasks().iter().map(seen).collect(),
            missing: missing
                .filter_map(|failure| failure.arn().map(str::to_owned))
                .collect(),
        })
    }

    async fn stop_task(&self, arn: &str) -> Result<(), ClientError> {
        self.ecs
            .stop_task()
            .cluster(&self.backend.cluster)
            .task(arn)
            .reason("Stopped in Posterframe")
            .send()
            .await
            .map_err(|error| ClientError::aws("Stopping the task", &error))?;
        Ok(())
    }

    async fn log_events(&self, query: LogQuery) -> Result<EventPage, ClientError> {
        let page = self
            .logs
            .filter_log_events()
            .log_group_name(query.group)
            .set_log_stream_names(query.stream.map(|stream| vec![stream]))
            .start_time(query.from)
            .set_next_token(query.token)
            .send()
            .await;
        let page = match page {
            Ok(page) => page,
            // The group is absent until the function's first line, the stream until the task's.
            Err(error) if error.code() == Some("ResourceNotFoundException") => {
                return Ok(EventPage::default());
            }
            Err(error) => return Err(ClientError::aws("Reading the logs", &error)),
        };
        let events = page.events().iter().filter_map(|event| {
            Some(LogEvent {
                id: event.event_id()?.to_owned(),
                stream: event.log_stream_name().unwrap_or_default().to_owned(),
                unix_millis: event.timestamp().unwrap_or(0),
                message: event.message()?.to_owned(),
            })
        });
        Ok(EventPage {
            events: events.collect(),
            next: page.next_token().map(str::to_owned),
        })
    }

    async fn fetch(
        &self,
        job: &Job,
        since: OffsetDateTime,
        folder: &Path,
    ) -> Result<Option<Fetched>, ClientError> {
        let fetched = result::fetch(self, job, since, folder).await?;
        Ok(fetched.map(|(manifest, paths, written)| Fetched {
            manifest,
            paths,
            written,
        }))
    }

    async fn request(&self, key: &str) -> Result<Option<JobRequest>, ClientError> {
        let answer = match object(self, &self.backend.bucket, key, "Reading the request").await {
            Ok(Some(answer)) => answer,
            Err(error) if error.trouble().is_some() => return Err(error),
            Ok(None) | Err(_) => return Ok(None),
        };
        let json = bytes(answer, MAX_REQUEST_BYTES, "Reading the request").await?;
        Ok(JobRequest::parse(&json).ok())
    }
}
