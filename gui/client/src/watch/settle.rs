//! What a job comes to: its thumbnail is there, its task has stopped without one, or there never was a task.

use std::path::PathBuf;
use std::sync::Arc;

use futures::StreamExt;
use posterframe_contract::JobId;
use time::OffsetDateTime;

use super::cloud::{Cloud, Fetched};
use super::pace::Beat;
use super::{Area, Watcher, is_throttled};
use crate::clock::Clock;
use crate::logs::is_put;
use crate::verdict::verdict;
use crate::{ClientError, Job, JobState, LogLevel, LogSource, Phase, TaskInfo, Thumbnail, failure};

/// Thumbnails on their way at once. They are S3's, which bears more than ECS: they take nothing of the budget.
const FETCHES: usize = 8;

/// What is to be done about a job.
enum Next {
    /// Nothing yet.
    Wait,
    /// Its thumbnail may be in the bucket; what it means if it is not.
    Fetch(Absent),
    /// It has ended so.
    End(JobState, OffsetDateTime, Option<crate::Failure>),
}

/// What it means that a thumbnail is not in the bucket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absent {
    /// Not yet.
    Later,
    /// It never will be: the task has stopped.
    Stopped,
    /// The task is gone, nobody knows how it ended.
    Gone,
    /// No task came.
    NoTask,
}

impl<C: Cloud, K: Clock> Watcher<C, K> {
    /// Moves on what can be moved on.
    pub(super) async fn settle(&mut self, jobs: &[Arc<Job>]) {
        let mut fetches = Vec::new();
        let quiet = self.quiet_job(jobs);
        for job in jobs {
            let Some(job) = self.hub.job(job.id).filter(|job| !job.state.is_ended()) else {
                continue;
            };
            match self.next(&job) {
                Next::Wait if Some(job.id) == quiet => fetches.push((job, Absent::Later)),
                Next::Wait => {}
                Next::Fetch(absent) => fetches.push((job, absent)),
                Next::End(state, at, failure) => self.end(job.id, state, at, |job| {
                    if let Some(failure) = failure {
                        job.fail(failure);
                    }
                }),
            }
        }
        let now = self.clock.now();
        fetches.retain(|(job, _)| self.again.get(&job.id).is_none_or(|again| again.is_due(now)));
        let cloud = &self.cloud;
        let results: Vec<_> = futures::stream::iter(fetches)
            .map(|(job, absent)| {
                let (cloud, file) = (cloud.clone(), self.file(&job));
                async move {
                    let result = cloud.fetch(&job, since(&job), &file).await;
                    (job, absent, file, result)
                }
            })
            .buffer_unordered(FETCHES)
            .collect()
            .await;
        for (job, absent, file, result) in results {
            self.fetched(&job, absent, file, result);
        }
    }

    fn next(&mut self, job: &Job) -> Next {
        let now = self.clock.now();
        let Some(task) = &job.task else {
            return self.without_task(job);
        };
        if self.ready.contains(&job.id) {
            return Next::Fetch(if task.last_status == "STOPPED" {
                Absent::Stopped
            } else {
                Absent::Later
            });
        }
        if task.last_status == "STOPPED" {
            if task.exit_code == Some(0) {
                return Next::Fetch(Absent::Stopped);
            }
            return self.stopped_task(job, task);
        }
        let gone = self.missing.get(&job.id);
        if gone.is_some_and(|since| now.saturating_duration_since(*since) >= self.pace.missing) {
            return Next::Fetch(Absent::Gone);
        }
        Next::Wait
    }

    fn without_task(&mut self, job: &Job) -> Next {
        let (now, wall) = (self.clock.now(), self.wall());
        let uploaded = job.phase(Phase::Event).started.unwrap_or(job.created);
        let first = !self.waiting.contains_key(&job.id);
        let since = *self.waiting.entry(job.id).or_insert(now);
        // While nobody watched, its task may have come and gone.
        if first && wall - uploaded > self.pace.no_task {
            return Next::Fetch(Absent::Later);
        }
        if job.function_error.is_none()
            && let Some(trouble) = self.reader.trouble_since(uploaded.unix_timestamp() * 1000)
        {
            let trouble = trouble.to_owned();
            self.hub.update(job.id, |job| job.function_error = Some(trouble));
        }
        // On the steady clock, and only while watched: neither a clock that jumps nor a closed app makes it late.
        if now.saturating_duration_since(since) > self.pace.no_task {
            return Next::Fetch(Absent::NoTask);
        }
        Next::Wait
    }

    /// The task has stopped, and not with success. What it wrote last may have come after the last look at the log.
    fn stopped_task(&mut self, job: &Job, task: &TaskInfo) -> Next {
        if self.last_words.insert(job.id) {
            self.reader.catch_up(job.id, task.id());
            let now = self.clock.now();
            self.logs = Beat::new(self.pace.logs, now);
            return Next::Wait;
        }
        if self.reader.is_catching_up(job.id) && !self.complaints.contains_key(&Area::Logs) {
            return Next::Wait;
        }
        let at = task.stopped.unwrap_or_else(|| self.wall());
        if task.stop_code.as_deref() == Some("UserInitiated") {
            return Next::End(JobState::Stopped, at, None);
        }
        let last = self.last_line(job.id, LogSource::Worker, LogLevel::Debug);
        Next::End(
            JobState::Failed,
            at,
            Some(failure::of_task(task, last.as_deref())),
        )
    }

    fn fetched(
        &mut self,
        job: &Job,
        absent: Absent,
        file: PathBuf,
        result: Result<Option<Fetched>, ClientError>,
    ) {
        let wall = self.wall();
        match result {
            Ok(Some(fetched)) => {
                self.again.remove(&job.id);
                self.speak(
                    Area::Thumbnails,
                    None,
                    std::slice::from_ref(&Arc::new(job.clone())),
                );
                let written = self.written(job, fetched.written);
                self.hub
                    .update(job.id, |job| job.begin(Phase::Thumbnail, written));
                let thumbnail = Thumbnail {
                    bytes: fetched.bytes,
                    file,
                    verdict: verdict(job, fetched.metadata.as_ref()),
                    metadata: fetched.metadata,
                };
                self.end(job.id, JobState::Done, wall, |job| {
                    job.thumbnail = Some(thumbnail);
                });
            }
            Ok(None) => self.absent(job, absent),
            Err(error) if is_passing(&error) => {
                self.speak(Area::Thumbnails, Some(&error), &[Arc::new(job.clone())]);
                let (range, now) = (self.pace.thumbnail, self.clock.now());
                let again = self.again.entry(job.id).or_insert_with(|| Beat::new(range, now));
                again.looked(now, false);
            }
            Err(error) => {
                let failure = failure::of_download(&error);
                self.end(job.id, JobState::Failed, wall, |job| job.fail(failure));
            }
        }
    }

    /// The thumbnail is not in the bucket.
    fn absent(&mut self, job: &Job, absent: Absent) {
        self.ready.remove(&job.id);
        let wall = self.wall();
        let failure = match (absent, &job.task) {
            (Absent::Later, _) => return,
            (Absent::Stopped, Some(task)) => {
                let last = self.last_line(job.id, LogSource::Worker, LogLevel::Debug);
                failure::of_task(task, last.as_deref())
            }
            (Absent::Gone, Some(task)) => failure::task_gone(&task.arn),
            _ if job.stop_requested => {
                self.end(job.id, JobState::Stopped, wall, |_| {});
                return;
            }
            _ => failure::no_task(job.function_error.as_deref()),
        };
        let at = job.task.as_ref().and_then(|task| task.stopped).unwrap_or(wall);
        self.end(job.id, JobState::Failed, at, |job| job.fail(failure));
    }

    /// When the thumbnail was written: the log knows the very moment, once it is here; S3 only the second in which it
    /// lies. Two clocks: never before the phase began, never after now.
    fn written(&self, job: &Job, s3: OffsetDateTime) -> OffsetDateTime {
        let wall = self.wall();
        let began = job.phase(Phase::Extract).started.unwrap_or(s3);
        self.put_line(job.id)
            .unwrap_or(s3 + time::Duration::milliseconds(999))
            .max(began)
            .min(wall.max(began))
    }

    /// When the worker logged its last line, which says that the thumbnail is written.
    fn put_line(&self, id: JobId) -> Option<OffsetDateTime> {
        let line = self.hub.last_line(id, LogSource::Worker, LogLevel::Debug)?;
        is_put(&line.message).then_some(())?;
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(line.unix_millis) * 1_000_000).ok()
    }

    fn last_line(&self, id: JobId, source: LogSource, least: LogLevel) -> Option<String> {
        Some(self.hub.last_line(id, source, least)?.message)
    }

    /// The running job whose thumbnail is looked for this time although nothing speaks for it: ECS or the logs may be
    /// closed to us, or late. One job at a time, in turn.
    fn quiet_job(&mut self, jobs: &[Arc<Job>]) -> Option<JobId> {
        let now = self.clock.now();
        if !self.quiet.is_due(now) {
            return None;
        }
        self.quiet.looked(now, true);
        let running = || {
            jobs.iter()
                .filter(|job| job.state == JobState::Running)
                .map(|job| job.id)
        };
        let next = running().find(|id| self.last_quiet.is_none_or(|last| *id > last));
        self.last_quiet = next.or_else(|| running().next());
        self.last_quiet
    }

    fn file(&self, job: &Job) -> PathBuf {
        let name = format!("{}-{}.png", job.id, job.attempt);
        self.paths.data.join("thumbnails").join(name)
    }

    fn end(&mut self, id: JobId, state: JobState, at: OffsetDateTime, change: impl FnOnce(&mut Job)) {
        self.hub.update(id, |job| {
            job.end(state, at);
            job.log_open = true;
            change(job);
        });
        let now = self.clock.now();
        self.draining.insert(id, now);
        self.logs.hurry(now);
    }
}

/// Since when a thumbnail is one of this try.
fn since(job: &Job) -> OffsetDateTime {
    let task = job.task.as_ref();
    task.and_then(|task| task.started.or(task.created))
        .or(job.phase(Phase::Event).started)
        .unwrap_or(job.created)
}

/// Whether a fault may be over in a moment: no answer at all, or one that asks for time.
fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Aws { code, .. } => {
            is_throttled(error)
                || matches!(
                    code.as_deref(),
                    None | Some(
                        "InternalError"
                            | "ServiceUnavailable"
                            | "RequestTimeout"
                            | "ExpiredToken"
                            | "ExpiredTokenException"
                            | "InvalidToken"
                            | "RequestTimeTooSkewed"
                    )
                )
        }
        _ => false,
    }
}
