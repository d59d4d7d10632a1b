//! The logs of all jobs at once: three log groups, each read by time from where it was left.
//!
//! `FilterLogEvents` gives every event its id, so that what is read twice is known (see [`crate::store`]); a group is
//! read some way back each time, for CloudWatch shows lines late and not in order across streams.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use posterframe_contract::log::is_manifest_put;
use posterframe_contract::{JobId, names};

use super::clock::Clock;
use super::cloud::{Cloud, EventPage, LogQuery};
use super::watcher::Watcher;
use crate::error::ClientError;
use crate::model::log_text::{Said, is_function_failure, job_of, parse};
use crate::model::{Job, JobState, LogLevel, LogLine, LogSource, Phase};
use crate::store::Entry;

/// Pages of one group or stream in one turn: others want theirs too.
const PAGES_PER_TURN: usize = 20;
/// How long after a task's creation the function that made it may still log of it.
const FUNCTION_REPLY_TIME: Duration = Duration::from_secs(30);
/// The backend's own clocks disagree by less.
const CLOCK_SKEW_MS: i64 = 60_000;

/// Whose lines are looked for.
struct Wanted {
    /// Jobs by the ids of their tasks.
    by_task: HashMap<String, JobId>,
    /// No line of any of them is older.
    since: i64,
    /// Those that may have written something new.
    sources: Vec<LogSource>,
}

impl Wanted {
    /// `is_told` says of which jobs the function has nothing more to say.
    fn of(jobs: &[Arc<Job>], drained: &[Arc<Job>], is_told: impl Fn(JobId) -> bool) -> Self {
        let all = || jobs.iter().chain(drained);
        // Before the upload was over, nobody but the app had anything to say.
        let uploaded = |job: &Arc<Job>| {
            let event = job.phase(Phase::Event).started;
            event.unwrap_or(job.created).unix_timestamp() * 1000
        };
        // No function and no task says a word of a job that is made here, before its thumbnails are there.
        let is_there = |job: &Arc<Job>| job.here.is_none();
        let drains = drained.iter().any(is_there);
        let runs = |job: &Arc<Job>| job.state == JobState::Running;
        let can_be_new = [
            (
                LogSource::UploadTrigger,
                jobs.iter().any(|job| is_there(job) && !is_told(job.id)) || drains,
            ),
            (
                LogSource::Worker,
                jobs.iter().any(|job| is_there(job) && runs(job)) || drains,
            ),
            (
                LogSource::ThumbnailTrigger,
                drained.iter().any(|job| job.state == JobState::Done),
            ),
        ];
        Self {
            by_task: all()
                .filter_map(|job| Some((job.task.as_ref()?.id().to_owned(), job.id)))
                .collect(),
            since: all().map(uploaded).min().unwrap_or(0) - CLOCK_SKEW_MS,
            sources: can_be_new
                .into_iter()
                .filter_map(|(source, can_be)| can_be.then_some(source))
                .collect(),
        }
    }
}

impl<C: Cloud, K: Clock> Watcher<C, K> {
    /// Reads what is new in the groups where something can be. Whether there was.
    pub(super) async fn read_logs(&mut self, jobs: &[Arc<Job>]) -> Result<bool, ClientError> {
        let drained: Vec<Arc<Job>> = self
            .draining
            .keys()
            .filter_map(|id| self.registry.job(*id))
            .collect();
        let now = self.clock.now();
        // A function that has run a task has only its reply to log.
        let told = |id| {
            let seen = self.task_seen_at.get(&id);
            seen.is_some_and(|seen| now.saturating_duration_since(*seen) > FUNCTION_REPLY_TIME)
        };
        let wanted = Wanted::of(jobs, &drained, told);
        let mut new = false;
        for source in &wanted.sources {
            new |= self.scan(*source, &wanted).await?;
        }
        Ok(new)
    }

    async fn scan(&mut self, source: LogSource, wanted: &Wanted) -> Result<bool, ClientError> {
        let overlap = self.pace.overlap;
        let group = self.reader.group(source);
        let mut scan = group.next(overlap, wanted.since);
        let name = group.name.clone();
        let mut new = false;
        for _ in 0..PAGES_PER_TURN {
            let query = LogQuery {
                group: name.clone(),
                stream: None,
                from: scan.from,
                token: scan.token.take(),
            };
            let cloud = self.cloud.clone();
            let page = self.budgeted(cloud.log_events(query)).await?;
            let newest = page.events.iter().map(|event| event.unix_millis).max();
            scan.newest = scan.newest.max(newest.unwrap_or(0));
            scan.token.clone_from(&page.next);
            let over = page.next.is_none();
            let entries = self.sort_out(page, source, wanted);
            // Only once all of it is read is there a checkpoint to go on from, and only once it is written is it read.
            let checkpoint = (over && scan.newest > 0).then(|| scan.newest - overlap.as_millis() as i64);
            let group = self.reader.group(source);
            let checkpoint = checkpoint.map(|checkpoint| group.checkpoint.max(checkpoint));
            let noted = checkpoint.map(|checkpoint| (group.checkpoint_name.clone(), checkpoint));
            new |= self.keep(entries, noted).await?;
            if over {
                let group = self.reader.group(source);
                group.newest = scan.newest;
                group.checkpoint = checkpoint.unwrap_or(group.checkpoint);
                return Ok(new);
            }
        }
        self.reader.group(source).unfinished = Some(scan);
        Ok(true)
    }

    /// Reads the streams that were asked for from their start.
    pub(super) async fn catch_up(&mut self) -> Result<bool, ClientError> {
        let mut new = false;
        for _ in 0..PAGES_PER_TURN {
            let Some((job, stream, token)) = self.reader.catch_up.pop_front() else {
                break;
            };
            let query = LogQuery {
                group: self.reader.group(LogSource::Worker).name.clone(),
                stream: Some(stream.clone()),
                from: 0,
                token: token.clone(),
            };
            match self.catch_up_page(job, query).await {
                Ok((more, next)) => {
                    new |= more;
                    if next.is_some() {
                        self.reader.catch_up.push_front((job, stream, next));
                    }
                }
                Err(error) => {
                    self.reader.catch_up.push_back((job, stream, token));
                    return Err(error);
                }
            }
        }
        Ok(new)
    }

    /// Reads a page of one job's stream. Whether anything was new, and the next page.
    async fn catch_up_page(
        &mut self,
        job: JobId,
        query: LogQuery,
    ) -> Result<(bool, Option<String>), ClientError> {
        let cloud = self.cloud.clone();
        let page = self.budgeted(cloud.log_events(query)).await?;
        let lines = page.events.into_iter().map(|event| Entry {
            line: parse(event.unix_millis, LogSource::Worker, &event.message, job),
            event: Some(event.id),
        });
        let new = self.keep(vec![(job, lines.collect())], None).await?;
        Ok((new, page.next))
    }

    /// The page's lines, each with its job. What is of no job that is looked for is left out.
    fn sort_out(&mut self, page: EventPage, source: LogSource, wanted: &Wanted) -> Vec<(JobId, Vec<Entry>)> {
        let mut sorted: HashMap<JobId, Vec<Entry>> = HashMap::new();
        for event in page.events {
            let job = if source == LogSource::Worker {
                wanted.by_task.get(names::task_id(&event.stream)).copied()
            } else {
                job_of(&event.message)
            };
            if let Some(job) = job {
                sorted.entry(job).or_default().push(Entry {
                    line: parse(event.unix_millis, source, &event.message, job),
                    event: Some(event.id),
                });
            } else if source == LogSource::UploadTrigger
                && is_function_failure(&event.message)
                && self
                    .reader
                    .trouble
                    .as_ref()
                    .is_none_or(|(at, _)| *at < event.unix_millis)
            {
                self.reader.trouble = Some((event.unix_millis, event.message.trim().to_owned()));
            }
        }
        sorted.into_iter().collect()
    }

    /// Writes lines to disk, and takes in what they say. Whether any was new. An error, and also a panic of the writer,
    /// means that they are to be read again.
    async fn keep(
        &mut self,
        entries: Vec<(JobId, Vec<Entry>)>,
        checkpoint: Option<(String, i64)>,
    ) -> Result<bool, ClientError> {
        if entries.is_empty() && checkpoint.is_none() {
            return Ok(false);
        }
        let written = AssertUnwindSafe(self.registry.append(entries, checkpoint)).catch_unwind();
        let new = written.await.unwrap_or(Err(ClientError::NotWritten))?;
        for (id, lines) in &new {
            self.apply_log_lines(*id, lines).await;
        }
        Ok(!new.is_empty())
    }

    /// What a job's new lines say about where it is.
    async fn apply_log_lines(&mut self, id: JobId, lines: &[LogLine]) {
        let worker = |line: &&LogLine| line.source == LogSource::Worker;
        let mut messages = lines.iter().filter(worker).map(|line| line.message.as_str());
        let said = Said::of(messages.clone());
        if messages.any(is_manifest_put) {
            self.ready.insert(id);
        }
        if let Some(said) = said {
            self.registry.update(id, move |job| said.note(job)).await;
        }
        let error = lines
            .iter()
            .rev()
            .find(|line| line.source == LogSource::UploadTrigger && line.level == LogLevel::Error);
        if let Some(error) = error
            && self.registry.job(id).is_some_and(|job| job.task.is_none())
        {
            let message = error.message.clone();
            let noted = self.registry.update(id, |job| job.function_error = Some(message));
            noted.await;
        }
        if lines.iter().any(|line| line.source == LogSource::UploadTrigger) {
            let now = self.clock.now();
            self.tasks.poll_soon(now);
        }
    }
}
