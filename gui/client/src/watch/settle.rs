//! What a job comes to: its result is there, its task has stopped without one, or there never was a task.

use std::path::PathBuf;
use std::sync::Arc;

use posterframe_contract::log::is_manifest_put;
use posterframe_contract::{JobId, TaskExit};
use time::OffsetDateTime;

use super::clock::Clock;
use super::cloud::{Cloud, Fetched};
use super::download::{Absent, Download};
use super::late::is_late;
use super::pace::AdaptiveTimer;
use super::watcher::{Area, Waiting, Watcher};
use crate::error::{ClientError, failure};
use crate::model::{Job, JobState, LogLevel, LogSource, Phase, TaskInfo};

/// What is to be done about a job.
enum Next {
    /// Nothing yet.
    Wait,
    /// Its result may be in the bucket; what it means if it is not.
    Fetch(Absent),
    /// It has ended so.
    End(JobState, OffsetDateTime, Option<crate::model::JobFailure>),
}

impl<C: Cloud, K: Clock> Watcher<C, K> {
    /// Moves on what can be moved on.
    pub(super) async fn settle(&mut self, jobs: &[Arc<Job>]) {
        for (download, outcome) in self.downloads.take() {
            self.downloaded(download, outcome).await;
        }
        let mut fetches = Vec::new();
        let quiet = self.quiet_job(jobs);
        for job in jobs {
            let Some(job) = self.registry.job(job.id).filter(|job| !job.state.is_ended()) else {
                continue;
            };
            match self.next(&job).await {
                Next::Wait if Some(job.id) == quiet => fetches.push((job, Absent::Later)),
                Next::Wait => {}
                Next::Fetch(absent) => fetches.push((job, absent)),
                Next::End(state, at, failure) => {
                    let change = |job: &mut Job| {
                        if let Some(failure) = failure {
                            job.fail(failure);
                        }
                    };
                    self.end(job.id, state, at, change).await;
                }
            }
        }
        let late = self.late.ids().into_iter();
        fetches.extend(late.filter_map(|id| Some((self.registry.job(id)?, Absent::Later))));
        for (job, absent) in fetches {
            self.fetch(job, absent);
        }
    }

    /// Fetches a result beside the rounds, where it is not on its way and there is room. Where there is none, the
    /// next one that ends brings the next round.
    fn fetch(&mut self, job: Arc<Job>, absent: Absent) {
        let now = self.clock.now();
        let waits = self.again.get(&job.id).is_some_and(|again| !again.is_due(now));
        if waits || !self.downloads.have_room() || self.downloads.have(job.id) {
            return;
        }
        let (cloud, folder) = (self.cloud.clone(), self.folder(&job));
        let download = Download {
            job: job.clone(),
            absent,
        };
        let fetch = async move { cloud.fetch(&job, since(&job), &folder).await };
        self.downloads.start(download, fetch);
    }

    async fn next(&mut self, job: &Job) -> Next {
        let now = self.clock.now();
        if job.here.is_some() {
            // Its worker has ended, or it would not be watched.
            return Next::Fetch(Absent::Stopped);
        }
        let Some(task) = &job.task else {
            return self.without_task(job).await;
        };
        if self.ready.contains(&job.id) {
            return Next::Fetch(if task.last_status == "STOPPED" {
                Absent::Stopped
            } else {
                Absent::Later
            });
        }
        if task.last_status == "STOPPED" {
            // A task of which some stills failed, or each of several, has written what it has made, and why not.
            let exit = task.exit_code.and_then(TaskExit::from_code);
            return match exit {
                Some(TaskExit::Success | TaskExit::SomeStillsFailed) => Next::Fetch(Absent::Stopped),
                Some(_) if job.stills.len() != 1 => match self.stopped_task(job, task).await {
                    Next::End(JobState::Failed, ..) => Next::Fetch(Absent::Stopped),
                    next => next,
                },
                _ => self.stopped_task(job, task).await,
            };
        }
        let gone = self.missing.get(&job.id);
        if gone.is_some_and(|since| now.saturating_duration_since(*since) >= self.pace.missing) {
            return Next::Fetch(Absent::Gone);
        }
        Next::Wait
    }

    async fn without_task(&mut self, job: &Job) -> Next {
        let (now, wall) = (self.clock.now(), self.wall());
        let (no_task, queue) = (self.pace.no_task, self.pace.queue);
        let uploaded = job.phase(Phase::Event).started.unwrap_or(job.created);
        let waited = (wall - uploaded).max(time::Duration::ZERO).unsigned_abs();
        let first = !self.waiting.contains_key(&job.id);
        let waiting = *self.waiting.entry(job.id).or_insert_with(|| Waiting {
            at_least: now + no_task,
            // The queue went on while nobody watched.
            at_most: now + queue.saturating_sub(waited).max(no_task),
        });
        // While nobody watched, its task may have come and gone.
        if first && waited > no_task {
            return Next::Fetch(Absent::Later);
        }
        let mut said = job.function_error.clone();
        if said.is_none()
            && let Some(trouble) = self.reader.trouble_since(uploaded.unix_timestamp() * 1000)
        {
            let trouble = trouble.to_owned();
            said = Some(trouble.clone());
            let noted = self
                .registry
                .update(job.id, |job| job.function_error = Some(trouble));
            noted.await;
        }
        let passes = match &said {
            Some(error) => failure::may_pass(error),
            // Nobody need wait for hours for the end of what was stopped, and of which nobody has heard.
            None => !job.stop_requested,
        };
        if now > if passes { waiting.at_most } else { waiting.at_least } {
            return Next::Fetch(Absent::NoTask);
        }
        Next::Wait
    }

    /// The task has stopped, and not with success. What it wrote last may have come after the last look at the log.
    async fn stopped_task(&mut self, job: &Job, task: &TaskInfo) -> Next {
        if self.last_words.insert(job.id) {
            self.reader.catch_up(job.id, task.id());
            let now = self.clock.now();
            self.logs = AdaptiveTimer::new(self.pace.logs, now);
            return Next::Wait;
        }
        if self.reader.is_catching_up(job.id) && !self.reported_faults.contains_key(&Area::Logs) {
            return Next::Wait;
        }
        let at = task.stopped.unwrap_or_else(|| self.wall());
        if task.stop_code.as_deref() == Some("UserInitiated") {
            return Next::End(JobState::Stopped, at, None);
        }
        let last = self.last_line(job.id).await;
        Next::End(
            JobState::Failed,
            at,
            Some(failure::of_task(task, last.as_deref())),
        )
    }

    /// A download has ended.
    async fn downloaded(&mut self, download: Download, outcome: Result<Option<Fetched>, ClientError>) {
        let Download { job, absent } = download;
        // It may have been forgotten meanwhile, or tried again: then it has another result to wait for.
        let Some(job) = self.registry.job(job.id).filter(|now| now.attempt == job.attempt) else {
            return;
        };
        let late = is_late(&job, self.wall());
        if job.state.is_ended() && !late {
            self.late.give_up(job.id);
            return;
        }
        match outcome {
            Ok(Some(fetched)) => {
                self.again.remove(&job.id);
                self.report_fault(Area::Thumbnails, None, std::slice::from_ref(&job));
                self.done(&job, fetched, late).await;
            }
            Ok(None) if late => {
                self.again.remove(&job.id);
                self.late.give_up(job.id);
            }
            Ok(None) => self.absent(&job, absent).await,
            Err(error) if error.trouble().is_some() => {
                self.report_fault(Area::Thumbnails, Some(&error), std::slice::from_ref(&job));
                let (interval, now) = (self.pace.thumbnail, self.clock.now());
                let again = self
                    .again
                    .entry(job.id)
                    .or_insert_with(|| AdaptiveTimer::new(interval, now));
                again.looked(now, false);
            }
            Err(_) if late => self.late.give_up(job.id),
            Err(error) => {
                let (failure, wall) = (failure::of_download(&error), self.wall());
                self.end(job.id, JobState::Failed, wall, |job| job.fail(failure))
                    .await;
            }
        }
    }

    /// The result is on this machine.
    async fn done(&mut self, job: &Job, fetched: Fetched, late: bool) {
        let Fetched {
            manifest,
            paths,
            written,
        } = fetched;
        let written = self.written(job, written).await;
        let failure = failure::of_stills(&manifest);
        let state = if failure.is_some() {
            JobState::Failed
        } else {
            JobState::Done
        };
        let done = move |job: &mut Job| {
            job.failure = None;
            job.take_result(&manifest, &paths);
            if let Some(failure) = failure {
                job.fail(failure);
            }
        };
        if late {
            self.late.mended(job.id);
            // What its log lacks was read long ago, or nobody knows its task.
            let mended = self.registry.update(job.id, move |job| {
                job.begin(Phase::Thumbnail, written);
                job.end(state, written);
                done(job);
            });
            mended.await;
            return;
        }
        let wall = self.wall();
        let change = move |job: &mut Job| job.begin(Phase::Thumbnail, written);
        self.registry.update(job.id, change).await;
        self.end(job.id, state, wall, done).await;
    }

    /// The result is not in the bucket.
    async fn absent(&mut self, job: &Job, absent: Absent) {
        self.ready.remove(&job.id);
        let wall = self.wall();
        let failure = match (absent, &job.task) {
            (Absent::Later, _) => return,
            (Absent::Stopped, Some(task)) => {
                let last = self.last_line(job.id).await;
                failure::of_task(task, last.as_deref())
            }
            (Absent::Stopped, None) if job.here.is_some() => {
                let last = self.last_line(job.id).await;
                let code = job.here.as_ref().and_then(|run| run.exit_code);
                failure::of_worker_here(code, last.as_deref())
            }
            (Absent::Gone, Some(task)) => failure::task_gone(&task.arn),
            _ if job.stop_requested => {
                return self.end(job.id, JobState::Stopped, wall, |_| {}).await;
            }
            _ => failure::no_task(job.function_error.as_deref()),
        };
        let at = job.task.as_ref().and_then(|task| task.stopped).unwrap_or(wall);
        self.end(job.id, JobState::Failed, at, |job| job.fail(failure))
            .await;
    }

    /// When the manifest was written: the log knows the very moment, once it is here; S3 only the second in which it
    /// lies. Two clocks: never before the phase began, never after now.
    async fn written(&self, job: &Job, s3: OffsetDateTime) -> OffsetDateTime {
        let wall = self.wall();
        let began = job.phase(Phase::Extract).started.unwrap_or(s3);
        let put = self.put_line(job.id).await;
        put.unwrap_or(s3 + time::Duration::milliseconds(999))
            .max(began)
            .min(wall.max(began))
    }

    /// When the worker logged its last line, where that says that the manifest is written.
    async fn put_line(&self, id: JobId) -> Option<OffsetDateTime> {
        let line = self
            .registry
            .last_line(id, LogSource::Worker, LogLevel::Debug)
            .await?;
        is_manifest_put(&line.message).then_some(())?;
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(line.unix_millis) * 1_000_000).ok()
    }

    /// The last thing that the job's worker said.
    async fn last_line(&self, id: JobId) -> Option<String> {
        let line = self
            .registry
            .last_line(id, LogSource::Worker, LogLevel::Debug)
            .await;
        Some(line?.message)
    }

    /// The running job whose result is looked for this time although nothing speaks for it: ECS or the logs may be
    /// closed to us, or late. One job at a time, in turn.
    fn quiet_job(&mut self, jobs: &[Arc<Job>]) -> Option<JobId> {
        let now = self.clock.now();
        if !self.quiet.is_due(now) {
            return None;
        }
        self.quiet.looked(now, true);
        // A job may have run and ended without a word, too.
        let overdue = |id: &JobId| {
            let waiting = self.waiting.get(id);
            waiting.is_some_and(|waiting| now > waiting.at_least)
        };
        let running = || {
            jobs.iter()
                .filter(|job| job.state == JobState::Running || overdue(&job.id))
                .map(|job| job.id)
        };
        let next = running().find(|id| self.last_quiet.is_none_or(|last| *id > last));
        self.last_quiet = next.or_else(|| running().next());
        self.last_quiet
    }

    /// Where the files of the job's present try go.
    fn folder(&self, job: &Job) -> PathBuf {
        let name = format!("{}-{}", job.id, job.attempt);
        self.paths.data.join("thumbnails").join(name)
    }

    async fn end(
        &mut self,
        id: JobId,
        state: JobState,
        at: OffsetDateTime,
        change: impl FnOnce(&mut Job) + Send + 'static,
    ) {
        let ended = self.registry.update(id, move |job| {
            job.end(state, at);
            job.log_open = true;
            change(job);
        });
        ended.await;
        let now = self.clock.now();
        self.draining.insert(id, now);
        self.logs.poll_soon(now);
    }
}

/// Since when a result is one of this try.
fn since(job: &Job) -> OffsetDateTime {
    let (task, here) = (job.task.as_ref(), job.here.as_ref());
    task.and_then(|task| task.started.or(task.created))
        .or(here.and_then(|run| run.started))
        .or(job.phase(Phase::Event).started)
        .unwrap_or(job.created)
}
