//! Which task a job has, and how it is: one batch of requests for all jobs, however many there are.

use std::collections::HashSet;
use std::sync::Arc;

use posterframe_contract::JobId;

use super::clock::Clock;
use super::cloud::{Cloud, TASKS_AT_ONCE};
use super::task::{SeenTask, foreign_job};
use super::watcher::Watcher;
use crate::error::ClientError;
use crate::model::{Job, JobState, LogLevel, Phase};

/// Tasks that are known to need no more looks; beyond it, all are looked at once more.
const MAX_SETTLED: usize = 20_000;

impl<C: Cloud, K: Clock> Watcher<C, K> {
    /// Looks at the tasks of all jobs, and for those of jobs that have none yet. Whether anything changed.
    pub(super) async fn look_at_tasks(&mut self, jobs: &[Arc<Job>]) -> Result<bool, ClientError> {
        // A job that is done may still run its task for a while: how it ends is kept too.
        let drained: Vec<Arc<Job>> = self
            .draining
            .keys()
            .filter_map(|id| self.registry.job(*id))
            .collect();
        let mut arns: Vec<String> = jobs
            .iter()
            .chain(&drained)
            .filter_map(|job| job.task.as_ref())
            .filter(|task| task.last_status != "STOPPED")
            .map(|task| task.arn.clone())
            .collect();
        let late = self.late.wants_tasks();
        if late || self.backend.others || jobs.iter().any(|job| job.awaits_task()) {
            arns.extend(self.list(false).await?);
        }
        let mut changed = self.describe(arns).await?;
        let lost = |job: &Arc<Job>| {
            job.awaits_task() && self.registry.job(job.id).is_some_and(|job| job.task.is_none())
        };
        let now = self.clock.now();
        // A quick task may have stopped already; `startedBy` cannot be asked for together with STOPPED.
        if late || self.lost.is_due(now) && jobs.iter().any(lost) {
            let stopped = self.list(true).await?;
            let found = self.describe(stopped).await?;
            self.lost.looked(now, found);
            changed |= found;
        }
        Ok(changed)
    }

    /// The family's tasks that may be news.
    async fn list(&mut self, stopped: bool) -> Result<Vec<String>, ClientError> {
        let mut arns = Vec::new();
        let mut token = None;
        loop {
            let cloud = self.cloud.clone();
            let page = self.budgeted(cloud.list_tasks(stopped, token)).await?;
            arns.extend(page.arns.into_iter().filter(|arn| !self.settled.contains(arn)));
            token = page.next;
            if token.is_none() {
                return Ok(arns);
            }
        }
    }

    async fn describe(&mut self, mut arns: Vec<String>) -> Result<bool, ClientError> {
        arns.sort_unstable();
        arns.dedup();
        let mut changed = false;
        for arns in arns.chunks(TASKS_AT_ONCE) {
            let cloud = self.cloud.clone();
            let described = self.budgeted(cloud.describe_tasks(arns.to_vec())).await?;
            for task in described.tasks {
                changed |= self.apply(task).await;
            }
            self.mark_missing(&described.missing.into_iter().collect());
        }
        Ok(changed)
    }

    /// ECS does not know these tasks: not yet, or not any more.
    fn mark_missing(&mut self, arns: &HashSet<String>) {
        if arns.is_empty() {
            return;
        }
        let now = self.clock.now();
        for job in self.registry.watched(&self.backend.name) {
            if job.task.as_ref().is_some_and(|task| arns.contains(&task.arn)) {
                self.missing.entry(job.id).or_insert(now);
            }
        }
    }

    /// Takes in what ECS says of a task. Whether anything changed.
    async fn apply(&mut self, task: SeenTask) -> bool {
        let arn = task.info.arn.clone();
        let id = task.started_by.as_deref().and_then(|id| id.parse::<JobId>().ok());
        let job = match id {
            Some(id) => match self.registry.job(id) {
                // Where its request cannot be read now, the next look tries again.
                None => match self.take_foreign(&task, id).await {
                    Ok(job) => job,
                    Err(_) => return false,
                },
                known => known,
            },
            None => None,
        };
        let Some(job) = job.filter(|job| is_of(job, &arn)) else {
            self.settle_task(arn);
            return false;
        };
        self.missing.remove(&job.id);
        let now = self.clock.now();
        self.task_seen_at.entry(job.id).or_insert(now);
        if task.info.last_status == "STOPPED" {
            self.settle_task(arn.clone());
        }
        if job.task.is_none() {
            self.found(&job, &task);
        }
        let changed = job.task.as_ref() != Some(&task.info);
        if changed {
            if job.state == JobState::Failed && job.task.is_none() {
                self.late.mended(job.id);
            }
            self.registry.put_task(arn.clone(), job.id, task.json);
            let wall = self.wall();
            let taken_in = self
                .registry
                .update(job.id, move |job| take_in(job, task.info, wall));
            taken_in.await;
        }
        self.stop_if_wished(job.id, &arn).await;
        changed
    }

    fn settle_task(&mut self, arn: String) {
        if self.settled.len() >= MAX_SETTLED {
            self.settled.clear();
        }
        self.settled.insert(arn);
    }

    /// Takes in a job that someone else submitted; `None` where it is not to be shown, or is of another bucket.
    async fn take_foreign(&mut self, task: &SeenTask, id: JobId) -> Result<Option<Arc<Job>>, ClientError> {
        if !self.backend.others {
            return Ok(None);
        }
        let Some((request_key, video)) = task.orders(&self.backend) else {
            return Ok(None);
        };
        let request = match (&request_key, video) {
            (_, Some(request)) => Some(request),
            (Some(key), None) => {
                let (cloud, key) = (self.cloud.clone(), key.clone());
                self.budgeted(async move { cloud.request(&key).await }).await?
            }
            (None, None) => None,
        };
        let created = task.info.created.unwrap_or_else(|| self.wall());
        let job = foreign_job(id, request_key, request, &self.backend, created);
        self.registry
            .insert(job)
            .await
            .inspect_err(|error| tracing::error!("the history cannot be written: {error}"))?;
        Ok(self.registry.job(id))
    }

    /// The job's task has just been found. Lines of it that have passed already are read from its stream.
    fn found(&mut self, job: &Job, task: &SeenTask) {
        self.waiting.remove(&job.id);
        let created = task.info.created.map_or(0, |time| time.unix_timestamp() * 1000);
        if created < self.reader.tasks_checkpoint() {
            self.reader.catch_up(job.id, task.info.id());
        }
    }

    /// Stops a task whose job was told to stop, be it before the task was there.
    async fn stop_if_wished(&mut self, id: JobId, arn: &str) {
        let Some(job) = self.registry.job(id) else { return };
        let runs = job.task.as_ref().is_some_and(|task| {
            !matches!(
                task.last_status.as_str(),
                "STOPPED" | "STOPPING" | "DEPROVISIONING" | "DEACTIVATING"
            )
        });
        if !job.stop_requested || job.state.is_ended() || !runs || self.stopped.contains(arn) {
            return;
        }
        let cloud = self.cloud.clone();
        match self.budgeted(cloud.stop_task(arn)).await {
            Ok(()) => {
                self.stopped.insert(arn.to_owned());
                self.registry.note(id, LogLevel::Info, "stopping the task");
            }
            // The next look tries again.
            Err(error) => self.registry.note(id, LogLevel::Warn, error.to_string()),
        }
    }
}

/// Whether this task is the one of the job's present try. One that was given up because no task came gets it late.
fn is_of(job: &Job, arn: &str) -> bool {
    if job.past_tasks.iter().any(|past| past == arn) {
        return false;
    }
    match &job.task {
        Some(task) => task.arn == arn,
        None => {
            !job.state.is_ended()
                || job.state == JobState::Failed && job.phase(Phase::Event).started.is_some()
        }
    }
}

/// The job with what is new of its task.
fn take_in(job: &mut Job, info: crate::model::TaskInfo, now: time::OffsetDateTime) {
    if job.task.is_none() && job.state == JobState::Failed {
        job.failure = None;
        job.ended = None;
        job.log_open = false;
        job.state = JobState::Waiting;
    }
    if !job.state.is_ended() {
        if job.task.is_none() {
            job.begin(Phase::Start, info.created.unwrap_or(now));
        }
        if let (Some(started), Some(Phase::Start)) = (info.started, job.current_phase()) {
            job.begin(Phase::Extract, started);
        }
    }
    job.task = Some(info);
}
