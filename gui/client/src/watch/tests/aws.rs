//! An AWS that is played: it counts every request, has a clock of its own, and answers as late, as partially and as
//! seldom as the real one.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use posterframe_contract::{JobId, JobRequest, StillError};
use time::OffsetDateTime;
use tokio::sync::Notify;

use super::super::cloud::{Cloud, Described, EventPage, Fetched, LogEvent, LogQuery, TaskPage};
use super::super::task::SeenTask;
use crate::aws::ServerTime;
use crate::error::ClientError;
use crate::model::result::tests::manifest;
use crate::model::{Job, TaskInfo};
use crate::watch::clock::Clock;
use crate::watch::clock::tests::ManualClock;

/// One task of the played ECS.
#[derive(Clone, Debug)]
pub(super) struct SimTask {
    pub(super) started_by: String,
    pub(super) created: Duration,
    /// How long from its creation until it runs, and until it stops.
    pub(super) runs_after: Duration,
    pub(super) stops_after: Duration,
    pub(super) exit: Option<i32>,
    pub(super) stop_code: &'static str,
    pub(super) environment: Vec<(String, String)>,
}

#[derive(Default)]
pub(super) struct Sim {
    pub(super) tasks: BTreeMap<String, SimTask>,
    /// By group: an event, and when it can first be read.
    pub(super) events: HashMap<String, Vec<(LogEvent, Duration)>>,
    /// When each manifest is written.
    pub(super) manifests: HashMap<String, Duration>,
    /// How many of a job's stills cannot be made: its first ones.
    pub(super) failed_stills: HashMap<JobId, usize>,
    /// Requests in the bucket, by key.
    pub(super) requests_of_others: HashMap<String, JobRequest>,
    /// Every request, when it was sent and what it was.
    pub(super) requests: Vec<(Duration, &'static str)>,
    pub(super) throttled_until: Duration,
    /// Manifests of which no byte comes until they are released.
    pub(super) stalled: HashMap<String, Arc<Notify>>,
    /// How often each manifest was asked for.
    pub(super) fetches: HashMap<String, usize>,
    /// Events a page.
    pub(super) page: usize,
    /// How far AWS's clock is before this machine's.
    pub(super) ahead: time::Duration,
}

impl Sim {
    /// AWS's time when `passed` has passed of the test's.
    pub(super) fn there(&self, passed: Duration) -> OffsetDateTime {
        epoch() + self.ahead + passed
    }
}

pub(super) struct SimCloud {
    pub(super) clock: ManualClock,
    pub(super) sim: Arc<Mutex<Sim>>,
    pub(super) time: Arc<ServerTime>,
}

pub(super) fn task_arn(id: &str) -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:task/posterframe/{id}")
}

impl SimCloud {
    fn ask(&self, what: &'static str) -> Result<MutexGuard<'_, Sim>, ClientError> {
        let mut sim = self.sim.lock().unwrap();
        let now = self.clock.passed();
        sim.requests.push((now, what));
        // Each answer has the time in its head, a refusal's too.
        self.time.note(sim.there(now), self.clock.wall());
        if now < sim.throttled_until {
            return Err(ClientError::Aws {
                operation: "Looking at the task",
                code: Some("ThrottlingException".into()),
                reason: "Rate exceeded (ThrottlingException)".into(),
            });
        }
        Ok(sim)
    }

    fn seen(&self, sim: &Sim, arn: &str, task: &SimTask) -> SeenTask {
        let now = self.clock.passed();
        let age = now.saturating_sub(task.created);
        let wall = |at: Duration| Some(sim.there(at));
        let stopped = age >= task.stops_after;
        let runs = age >= task.runs_after;
        SeenTask {
            info: TaskInfo {
                arn: arn.into(),
                last_status: if stopped {
                    "STOPPED"
                } else if runs {
                    "RUNNING"
                } else {
                    "PENDING"
                }
                .into(),
                created: wall(task.created),
                started: wall(task.created + task.runs_after).filter(|_| runs),
                stopped: wall(task.created + task.stops_after).filter(|_| stopped),
                stop_code: stopped.then(|| task.stop_code.into()),
                exit_code: task.exit.filter(|_| stopped),
                ..TaskInfo::default()
            },
            started_by: Some(task.started_by.clone()),
            environment: task.environment.clone(),
            json: "{}".into(),
        }
    }
}

pub(super) fn epoch() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000)
}

pub(super) const HOUR: Duration = Duration::from_hours(1);

impl Cloud for SimCloud {
    async fn list_tasks(&self, stopped: bool, token: Option<String>) -> Result<TaskPage, ClientError> {
        let sim = self.ask("ListTasks")?;
        let now = self.clock.passed();
        let from: usize = token.map_or(0, |token| token.parse().unwrap());
        let listed = sim.tasks.iter().filter(|(_, task)| {
            let (born, dead) = (task.created, task.created + task.stops_after);
            born <= now && (dead <= now) == stopped && now < dead + HOUR
        });
        let arns: Vec<String> = listed.map(|(arn, _)| arn.clone()).skip(from).take(101).collect();
        let more = arns.len() > 100;
        Ok(TaskPage {
            arns: arns.into_iter().take(100).collect(),
            next: more.then(|| (from + 100).to_string()),
        })
    }

    async fn describe_tasks(&self, arns: Vec<String>) -> Result<Described, ClientError> {
        assert!(
            (1..=100).contains(&arns.len()),
            "{} tasks described at once",
            arns.len()
        );
        let sim = self.ask("DescribeTasks")?;
        let now = self.clock.passed();
        let mut described = Described::default();
        for arn in arns {
            match sim
                .tasks
                .get(&arn)
                .filter(|task| now < task.created + task.stops_after + HOUR)
            {
                Some(task) => described.tasks.push(self.seen(&sim, &arn, task)),
                None => described.missing.push(arn),
            }
        }
        Ok(described)
    }

    async fn stop_task(&self, arn: &str) -> Result<(), ClientError> {
        let mut sim = self.ask("StopTask")?;
        let now = self.clock.passed();
        let task = sim.tasks.get_mut(arn).unwrap();
        task.stops_after = now.saturating_sub(task.created) + Duration::from_secs(5);
        task.exit = Some(143);
        task.stop_code = "UserInitiated";
        Ok(())
    }

    async fn log_events(&self, query: LogQuery) -> Result<EventPage, ClientError> {
        let sim = self.ask("FilterLogEvents")?;
        let now = self.clock.passed();
        let mut events: Vec<&LogEvent> = sim
            .events
            .get(&query.group)
            .into_iter()
            .flatten()
            .filter(|(event, readable)| {
                *readable <= now
                    && event.unix_millis >= query.from
                    && query.stream.as_ref().is_none_or(|stream| *stream == event.stream)
            })
            .map(|(event, _)| event)
            .collect();
        events.sort_by_key(|event| event.unix_millis);
        let from: usize = query.token.map_or(0, |token| token.parse().unwrap());
        let page: Vec<LogEvent> = events
            .iter()
            .skip(from)
            .take(sim.page)
            .copied()
            .cloned()
            .collect();
        let next = (from + page.len() < events.len()).then(|| (from + page.len()).to_string());
        Ok(EventPage { events: page, next })
    }

    async fn fetch(
        &self,
        job: &Job,
        since: OffsetDateTime,
        folder: &Path,
    ) -> Result<Option<Fetched>, ClientError> {
        let (written, stalled, failed) = {
            let mut sim = self.ask("GetObject")?;
            *sim.fetches.entry(job.manifest_key.clone()).or_default() += 1;
            let now = self.clock.passed();
            let written = sim.manifests.get(&job.manifest_key);
            let written = written.filter(|written| **written <= now);
            let written = written.map(|at| sim.there(*at)).filter(|at| *at >= since);
            let stalled = sim.stalled.get(&job.manifest_key).cloned();
            let failed = sim.failed_stills.get(&job.id).copied().unwrap_or(0);
            (written, stalled.filter(|_| written.is_some()), failed)
        };
        if let Some(stalled) = stalled {
            stalled.notified().await;
        }
        Ok(written.map(|written| {
            let mut manifest = manifest(job);
            for still in manifest.stills.iter_mut().take(failed) {
                still.files.clear();
                still.error = Some(StillError {
                    exit_code: 13,
                    message: "the last frame is at 00:00:03".into(),
                });
            }
            let files = manifest.stills.iter().flat_map(|still| &still.files);
            let paths = files.map(|file| {
                let path = folder.join(file.key.rsplit('/').next().unwrap());
                crate::fs::write_whole(&path, b"png").unwrap();
                (file.key.clone(), path)
            });
            Fetched {
                paths: paths.collect(),
                manifest,
                written,
            }
        }))
    }

    async fn request(&self, key: &str) -> Result<Option<JobRequest>, ClientError> {
        let sim = self.ask("GetObject")?;
        Ok(sim.requests_of_others.get(key).cloned())
    }
}
