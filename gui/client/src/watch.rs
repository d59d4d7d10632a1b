//! One watcher for all jobs: from the upload to the thumbnail on this machine.
//!
//! ECS is asked once a round for all tasks together. Rounds follow each other quickly while something
//! changes, and ever more slowly while nothing does.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_ecs::types::{DesiredStatus, Task};
use posterframe_contract::{JobId, ThumbnailMetadata};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::gallery::{download, from_aws};
use crate::hub::Hub;
use crate::logs::Tail;
use crate::session::Session;
use crate::{
    ClientError, Job, JobState, LogLevel, LogSource, Paths, Phase, TaskInfo, Thumbnail, Verdict, failure,
};

/// ECS's limit on tasks in one `DescribeTasks`.
const TASKS_AT_ONCE: usize = 100;

/// How patient the watcher is: AWS is asked less often than a server on this machine.
#[derive(Clone, Copy, Debug)]
struct Pace {
    first: Duration,
    last: Duration,
    /// How long a job's log is still read after its end: CloudWatch shows lines late.
    drain: Duration,
    /// How long an upload may stay without a task.
    no_task: Duration,
}

impl Pace {
    fn of(session: &Session) -> Self {
        if session.backend.is_local() {
            Self {
                first: Duration::from_millis(40),
                last: Duration::from_secs(1),
                drain: Duration::from_millis(500),
                no_task: Duration::from_mins(2),
            }
        } else {
            Self {
                first: Duration::from_secs(1),
                last: Duration::from_secs(5),
                drain: Duration::from_secs(20),
                no_task: Duration::from_mins(10),
            }
        }
    }
}

pub(crate) struct Watcher {
    session: Session,
    hub: Arc<Hub>,
    paths: Paths,
    pace: Pace,
    tails: HashMap<JobId, Tail>,
    /// Jobs that ended, and since when their logs are only drained.
    draining: HashMap<JobId, Instant>,
    /// The last fault of each kind of request, so that a lost network is said once.
    complaint: Option<String>,
}

impl Watcher {
    pub(crate) fn new(session: Session, hub: Arc<Hub>, paths: Paths) -> Self {
        let pace = Pace::of(&session);
        Self {
            session,
            hub,
            paths,
            pace,
            tails: HashMap::new(),
            draining: HashMap::new(),
            complaint: None,
        }
    }

    /// Watches until `closing`.
    pub(crate) async fn run(mut self, closing: CancellationToken) {
        let mut changes = self.hub.changes();
        let mut wait = self.pace.first;
        loop {
            let jobs = self.hub.watched(&self.session.backend.name);
            let idle = jobs.is_empty() && self.draining.is_empty();
            if !idle {
                changes.mark_unchanged();
                self.round(&jobs).await;
                let moved = changes.has_changed().unwrap_or(false);
                wait = if moved {
                    self.pace.first
                } else {
                    (wait * 3 / 2).min(self.pace.last)
                };
            }
            tokio::select! {
                () = closing.cancelled() => break,
                () = self.hub.wake.notified() => wait = self.pace.first,
                () = tokio::time::sleep(wait), if !idle => {}
            }
        }
    }

    async fn round(&mut self, jobs: &[Arc<Job>]) {
        if let Err(error) = self.look(jobs).await {
            let complaint = error.to_string();
            if self.complaint.as_ref() != Some(&complaint) {
                for job in jobs {
                    self.hub
                        .note(job.id, LogLevel::Warn, format!("{complaint}; trying on"));
                }
                self.complaint = Some(complaint);
            }
        } else if self.complaint.take().is_some() {
            for job in jobs {
                self.hub.note(job.id, LogLevel::Info, "the backend answers again");
            }
        }
    }

    async fn look(&mut self, jobs: &[Arc<Job>]) -> Result<(), ClientError> {
        self.find_tasks(jobs).await?;
        for job in jobs {
            self.read_log(job.id).await?;
            self.settle(job.id).await?;
        }
        let ended: Vec<JobId> = self.draining.keys().copied().collect();
        for id in ended {
            let new = self.read_log(id).await?;
            let since = self.draining.get(&id).copied().unwrap_or_else(Instant::now);
            if new == 0 && since.elapsed() >= self.pace.drain {
                self.draining.remove(&id);
                self.tails.remove(&id);
            }
        }
        Ok(())
    }

    /// Asks ECS for the tasks of all jobs at once, and for those whose task is not known yet, which it is.
    async fn find_tasks(&mut self, jobs: &[Arc<Job>]) -> Result<(), ClientError> {
        let mut arns: Vec<String> = jobs
            .iter()
            .filter_map(|job| Some(job.task.as_ref()?.arn.clone()))
            .collect();
        let mut lost = false;
        for job in jobs.iter().filter(|job| job.task.is_none()) {
            let listed = self
                .session
                .ecs
                .list_tasks()
                .cluster(&self.session.backend.cluster);
            let listed = listed.started_by(job.id.to_string()).send().await;
            let listed = listed.map_err(|error| ClientError::aws("Looking for the task", &error))?;
            lost |= listed.task_arns().is_empty();
            arns.extend(listed.task_arns().iter().cloned());
        }
        if lost {
            // A quick task may have stopped already; `startedBy` cannot be asked for together with STOPPED.
            arns.extend(self.stopped_tasks().await?);
        }
        arns.sort_unstable();
        arns.dedup();
        for arns in arns.chunks(TASKS_AT_ONCE) {
            let described = self
                .session
                .ecs
                .describe_tasks()
                .cluster(&self.session.backend.cluster);
            let described = described.set_tasks(Some(arns.to_vec())).send().await;
            let described = described.map_err(|error| ClientError::aws("Looking at the task", &error))?;
            for task in described.tasks() {
                self.apply(task);
            }
        }
        Ok(())
    }

    async fn stopped_tasks(&self) -> Result<Vec<String>, ClientError> {
        let backend = &self.session.backend;
        let mut pages = self
            .session
            .ecs
            .list_tasks()
            .cluster(&backend.cluster)
            .family(&backend.task_family)
            .desired_status(DesiredStatus::Stopped)
            .into_paginator()
            .send();
        let mut arns = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| ClientError::aws("Looking for the task", &error))?;
            arns.extend(page.task_arns().iter().cloned());
        }
        Ok(arns)
    }

    fn apply(&self, task: &Task) {
        let Some(id) = task.started_by().and_then(|id| id.parse::<JobId>().ok()) else {
            return;
        };
        let Some(arn) = task.task_arn() else { return };
        let ours = |job: &Job| !job.state.is_ended() && !job.past_tasks.iter().any(|past| past == arn);
        if !self.hub.job(id).is_some_and(|job| ours(&job)) {
            return;
        }
        let info = task_info(task);
        self.hub.update(id, |job| {
            let created = info.created.unwrap_or_else(OffsetDateTime::now_utc);
            if job.current_phase() == Some(Phase::Event) {
                job.begin(Phase::Start, created);
                job.state = JobState::Starting;
            }
            if let (Some(started), Some(Phase::Start)) = (info.started, job.current_phase()) {
                job.begin(Phase::Extract, started);
                job.state = JobState::Running;
            }
            job.task = Some(info);
        });
    }

    async fn read_log(&mut self, id: JobId) -> Result<usize, ClientError> {
        let Some(job) = self.hub.job(id) else {
            self.draining.remove(&id);
            return Ok(0);
        };
        let lines = self
            .tails
            .entry(id)
            .or_default()
            .read(&self.session, &job)
            .await?;
        let new = self.hub.append(vec![(id, lines)], None)?;
        Ok(new.iter().map(|(_, lines)| lines.len()).sum())
    }

    /// Ends a job whose thumbnail is there, whose task has stopped without one, or that never got a task.
    async fn settle(&mut self, id: JobId) -> Result<(), ClientError> {
        let Some(job) = self.hub.job(id).filter(|job| !job.state.is_ended()) else {
            return Ok(());
        };
        let now = OffsetDateTime::now_utc();
        let Some(task) = &job.task else {
            let waited = job.phase(Phase::Event).duration(now).unwrap_or_default();
            if waited > self.pace.no_task {
                let error = self.last_line(id, LogSource::UploadTrigger, LogLevel::Error);
                self.end(id, JobState::Failed, now, |job| {
                    job.failure = Some(failure::no_task(error.as_deref()));
                });
            }
            return Ok(());
        };
        // The picture is often there long before ECS calls the task stopped.
        if job.state == JobState::Running
            && let Some((metadata, written)) = self.thumbnail(&job).await?
        {
            self.fetch(&job, metadata, written).await;
            return Ok(());
        }
        if task.last_status == "STOPPED" {
            // What it wrote last may have come after this round's look at the log.
            self.read_log(id).await?;
            let last = self.last_line(id, LogSource::Worker, LogLevel::Debug);
            let failure = failure::of_task(task, last.as_deref());
            let by_user = task.stop_code.as_deref() == Some("UserInitiated");
            let state = if by_user {
                JobState::Stopped
            } else {
                JobState::Failed
            };
            let at = task.stopped.unwrap_or(now);
            self.end(id, state, at, |job| job.failure = (!by_user).then_some(failure));
        }
        Ok(())
    }

    /// The thumbnail of this very try, where it is in the bucket already.
    async fn thumbnail(
        &self,
        job: &Job,
    ) -> Result<Option<(Option<ThumbnailMetadata>, OffsetDateTime)>, ClientError> {
        let head = self
            .session
            .s3
            .head_object()
            .bucket(&job.bucket)
            .key(&job.thumbnail_key)
            .send()
            .await;
        let head = match head {
            Ok(head) => head,
            Err(error)
                if error
                    .raw_response()
                    .is_some_and(|answer| answer.status().as_u16() == 404) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(ClientError::aws("Looking for the thumbnail", &error)),
        };
        let written = head
            .last_modified()
            .map_or_else(OffsetDateTime::now_utc, from_aws);
        // S3 keeps whole seconds. What was there before the task started is of an earlier try.
        let started = job
            .task
            .as_ref()
            .and_then(|task| task.started)
            .unwrap_or(job.created);
        if written.unix_timestamp() < started.unix_timestamp() {
            return Ok(None);
        }
        Ok(Some((
            head.metadata()
                .and_then(|map| ThumbnailMetadata::from_map(map).ok()),
            written,
        )))
    }

    async fn fetch(&mut self, job: &Job, metadata: Option<ThumbnailMetadata>, written: OffsetDateTime) {
        let now = OffsetDateTime::now_utc();
        let extract_began = job.phase(Phase::Extract).started.unwrap_or(written);
        // The log knows the very moment, once it is here; S3 only the second in which it lies. Two clocks: never before
        // the phase began, never after now.
        let written = self
            .put_line(job.id)
            .unwrap_or(written + time::Duration::milliseconds(999))
            .max(extract_began)
            .min(now.max(extract_began));
        self.hub
            .update(job.id, |job| job.begin(Phase::Thumbnail, written));
        let file = self
            .paths
            .data
            .join("thumbnails")
            .join(format!("{}-{}.png", job.id, job.attempt));
        match download(&self.session, &job.thumbnail_key, &file).await {
            Ok(()) => {
                let bytes = std::fs::metadata(&file).map_or(0, |file| file.len());
                let verdict = verdict(job, metadata.as_ref());
                let thumbnail = Thumbnail {
                    bytes,
                    file,
                    metadata,
                    verdict,
                };
                let now = OffsetDateTime::now_utc();
                self.end(job.id, JobState::Done, now, |job| job.thumbnail = Some(thumbnail));
            }
            Err(error) => {
                let failure = failure::of_download(&error);
                self.end(job.id, JobState::Failed, now, |job| job.failure = Some(failure));
            }
        }
    }

    /// When the worker logged its last line, which says that the thumbnail is written.
    fn put_line(&self, id: JobId) -> Option<OffsetDateTime> {
        let line = self.hub.last_line(id, LogSource::Worker, LogLevel::Debug)?;
        line.message.starts_with("put ").then_some(())?;
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(line.unix_millis) * 1_000_000).ok()
    }

    fn last_line(&self, id: JobId, source: LogSource, least: LogLevel) -> Option<String> {
        Some(self.hub.last_line(id, source, least)?.message)
    }

    fn end(&mut self, id: JobId, state: JobState, at: OffsetDateTime, change: impl FnOnce(&mut Job)) {
        self.hub.update(id, |job| {
            job.end(state, at);
            change(job);
        });
        self.draining.insert(id, Instant::now());
    }
}

fn verdict(job: &Job, metadata: Option<&ThumbnailMetadata>) -> Verdict {
    match (&job.preview_sha256, metadata) {
        (Some(preview), Some(metadata)) if *preview == metadata.pixel_sha256 => Verdict::Identical,
        (Some(_), Some(metadata)) => Verdict::Differs(format!(
            "decoded by {} here and by {} in the task",
            job.preview_libav.as_deref().unwrap_or("an unknown libav"),
            metadata.libav_version,
        )),
        _ => Verdict::Unknown,
    }
}

fn task_info(task: &Task) -> TaskInfo {
    let container = task.containers().first();
    let time = |time: Option<&aws_sdk_s3::primitives::DateTime>| time.map(from_aws);
    TaskInfo {
        arn: task.task_arn().unwrap_or_default().to_owned(),
        last_status: task.last_status().unwrap_or_default().to_owned(),
        cpu: task.cpu().unwrap_or_default().to_owned(),
        memory: task.memory().unwrap_or_default().to_owned(),
        created: time(task.created_at()),
        started: time(task.started_at()),
        stopped: time(task.execution_stopped_at().or(task.stopped_at())),
        stop_code: task.stop_code().map(|code| code.as_str().to_owned()),
        stopped_reason: task.stopped_reason().map(str::to_owned),
        exit_code: container.and_then(aws_sdk_ecs::types::Container::exit_code),
        container_reason: container
            .and_then(|container| container.reason())
            .map(str::to_owned),
        pull_started: time(task.pull_started_at()),
        pull_stopped: time(task.pull_stopped_at()),
        network: task
            .attachments()
            .first()
            .and_then(|attachment| attachment.status())
            .map(str::to_owned),
        image: container
            .and_then(|container| container.image())
            .map(str::to_owned),
    }
}
