//! The watcher against an AWS that is played: it counts every request, keeps time by hand, and answers as late, as
//! partially and as seldom as the real one.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Mutex;

use posterframe_contract::names;
use tempfile::TempDir;
use time::OffsetDateTime;

use super::cloud::{Described, EventPage, Fetched, LogEvent, LogQuery, TaskPage};
use super::task::SeenTask;
use super::*;
use crate::clock::tests::ManualClock;
use crate::model::tests::job;
use crate::store::Store;
use crate::{AccessKeys, JobState, Phase, TaskInfo};

/// One task of the played ECS.
#[derive(Clone, Debug)]
struct SimTask {
    started_by: String,
    created: Duration,
    /// How long from its creation until it runs, and until it stops.
    runs_after: Duration,
    stops_after: Duration,
    exit: Option<i32>,
    stop_code: &'static str,
    environment: Vec<(String, String)>,
}

#[derive(Default)]
struct Sim {
    tasks: BTreeMap<String, SimTask>,
    /// By group: an event, and when it can first be read.
    events: HashMap<String, Vec<(LogEvent, Duration)>>,
    thumbnails: HashMap<String, Duration>,
    /// Every request, when it was sent and what it was.
    requests: Vec<(Duration, &'static str)>,
    throttled_until: Duration,
    /// Events a page.
    page: usize,
}

struct SimCloud {
    clock: ManualClock,
    sim: Arc<Mutex<Sim>>,
}

fn task_arn(id: &str) -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:task/posterframe/{id}")
}

impl SimCloud {
    fn ask(&self, what: &'static str) -> Result<std::sync::MutexGuard<'_, Sim>, ClientError> {
        let mut sim = self.sim.lock().unwrap();
        let now = self.clock.passed();
        sim.requests.push((now, what));
        if now < sim.throttled_until {
            return Err(ClientError::Aws {
                operation: "Looking at the task",
                code: Some("ThrottlingException".into()),
                reason: "Rate exceeded (ThrottlingException)".into(),
            });
        }
        Ok(sim)
    }

    fn seen(&self, arn: &str, task: &SimTask) -> SeenTask {
        let now = self.clock.passed();
        let age = now.saturating_sub(task.created);
        let wall = |at: Duration| Some(epoch() + at);
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

fn epoch() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000)
}

const HOUR: Duration = Duration::from_hours(1);

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
                Some(task) => described.tasks.push(self.seen(&arn, task)),
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
        file: &Path,
    ) -> Result<Option<Fetched>, ClientError> {
        let sim = self.ask("GetObject")?;
        let now = self.clock.passed();
        let written = sim
            .thumbnails
            .get(&job.thumbnail_key)
            .filter(|written| **written <= now);
        Ok(written
            .map(|at| epoch() + *at)
            .filter(|at| *at >= since)
            .map(|written| {
                crate::gallery::write_whole(file, b"png").unwrap();
                Fetched {
                    bytes: 3,
                    metadata: None,
                    written,
                }
            }))
    }
}

/// A watcher with its AWS, its clock, and its history on disk.
struct Stage {
    folder: TempDir,
    clock: ManualClock,
    sim: Arc<Mutex<Sim>>,
    backend: Backend,
}

impl Stage {
    fn new() -> Self {
        let keys = AccessKeys {
            id: "id".into(),
            secret: "secret".into(),
        };
        let mut backend =
            Backend::this_computer("http://x".into(), "eu-west-1".into(), "studio-media".into(), keys);
        backend.name = "studio".into();
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: ManualClock::new(),
            sim: Arc::new(Mutex::new(Sim {
                page: 10_000,
                ..Sim::default()
            })),
            backend,
        }
    }

    /// As after a start of the app.
    fn watcher(&self) -> (Watcher<SimCloud, ManualClock>, Arc<Hub>) {
        let hub = Arc::new(Hub::open(Store::open(&self.folder.path().join("history.db")).unwrap()).unwrap());
        let paths = Paths::resolve(Some(self.folder.path().to_owned())).unwrap();
        let cloud = SimCloud {
            clock: self.clock.clone(),
            sim: self.sim.clone(),
        };
        let watcher = Watcher::with(
            cloud,
            self.clock.clone(),
            hub.clone(),
            self.backend.clone(),
            paths,
            Pace::AWS,
        );
        (watcher, hub)
    }

    /// A job whose upload is over now.
    fn uploaded(&self, hub: &Hub) -> JobId {
        let mut job = job(JobId::new());
        let now = self.clock.wall();
        job.created = now;
        job.phases[0].started = Some(now);
        job.begin(Phase::Event, now);
        job.state = JobState::Waiting;
        let id = job.id;
        hub.insert(job).unwrap();
        id
    }

    /// A task of the job: created, running and stopped so many seconds from now.
    fn task(&self, id: JobId, [created, runs, stops]: [f64; 3], exit: Option<i32>) -> String {
        let now = self.clock.passed();
        let seconds = Duration::from_secs_f64;
        let arn = task_arn(&id.to_string().replace('-', ""));
        let task = SimTask {
            started_by: id.to_string(),
            created: now + seconds(created),
            runs_after: seconds(runs - created),
            stops_after: seconds(stops - created),
            exit,
            stop_code: "EssentialContainerExited",
            environment: Vec::new(),
        };
        let mut sim = self.sim.lock().unwrap();
        if exit == Some(0) {
            let key = format!("thumbnails/{id}/bunny.png");
            sim.thumbnails.insert(key, now + seconds(stops - 1.0));
        }
        sim.tasks.insert(arn.clone(), task);
        arn
    }

    /// A line of the job's task, so many seconds from now, readable `late` seconds after.
    fn line(&self, id: JobId, at: f64, late: f64, message: &str) {
        let at = self.clock.passed() + Duration::from_secs_f64(at);
        let mut sim = self.sim.lock().unwrap();
        let events = sim
            .events
            .entry(names::task_log_group(&self.backend.task_family))
            .or_default();
        let number = events.len();
        events.push((
            LogEvent {
                id: format!("{number:056}"),
                stream: names::task_log_stream("ecs", "worker", &id.to_string().replace('-', "")),
                unix_millis: ((epoch() + at).unix_timestamp_nanos() / 1_000_000) as i64,
                message: format!("INFO {message}"),
            },
            at + Duration::from_secs_f64(late),
        ));
    }

    /// Watches until nothing is left to watch, or `limit` has passed.
    async fn watch(&self, watcher: &mut Watcher<SimCloud, ManualClock>, limit: Duration) {
        let end = self.clock.passed() + limit;
        while let Some(next) = watcher.round().await {
            // Time stands still within a round but for what the budget makes it wait.
            self.clock
                .advance_to(next.max(self.clock.now() + Duration::from_millis(1)));
            if self.clock.passed() >= end {
                return;
            }
        }
    }

    fn count(&self, what: &str) -> usize {
        let sim = self.sim.lock().unwrap();
        sim.requests
            .iter()
            .filter(|(_, request)| *request == what)
            .count()
    }
}

fn messages(folder: &Path, id: JobId) -> Vec<String> {
    let store = Store::open(&folder.join("history.db")).unwrap();
    store
        .log(id)
        .unwrap()
        .into_iter()
        .map(|line| line.message)
        .collect()
}

const LONG: Duration = Duration::from_hours(3);

// Breaks if a thousand jobs cost five requests a second or more, if one of them is lost on the way, or if a line of
// their logs is missing or comes twice.
#[tokio::test]
async fn a_thousand_jobs_at_under_five_requests_a_second() {
    const JOBS: usize = 1_000;
    const LINES: usize = 8;
    let stage = Stage::new();
    let (mut watcher, hub) = stage.watcher();
    let ids: Vec<JobId> = (0..JOBS).map(|_| stage.uploaded(&hub)).collect();
    for (index, id) in ids.iter().enumerate() {
        let created = 2.0 + index as f64 * 0.05;
        let stops = created + 330.0;
        stage.task(*id, [created, created + 30.0, stops], Some(0));
        for line in 0..LINES {
            let at = if line + 1 == LINES {
                stops - 0.5
            } else {
                created + 30.0 + line as f64 * 40.0
            };
            let text = if line + 1 == LINES {
                "put s3://x".to_owned()
            } else {
                format!("line {line}")
            };
            stage.line(*id, at, 3.0, &text);
        }
    }
    stage.watch(&mut watcher, LONG).await;
    for id in &ids {
        let job = hub.job(*id).unwrap();
        assert_eq!(job.state, JobState::Done, "{:?}", job.failure);
        let worker: Vec<_> = messages(stage.folder.path(), *id);
        assert_eq!(worker.len(), LINES, "{worker:?}");
    }
    let sim = stage.sim.lock().unwrap();
    // The picture itself is fetched once; everything else is watching.
    let watching: Vec<f64> = sim
        .requests
        .iter()
        .filter(|(_, what)| *what != "GetObject")
        .map(|(at, _)| at.as_secs_f64())
        .collect();
    let busiest = (0..watching.len())
        .map(|from| {
            watching[from..]
                .iter()
                .take_while(|at| **at < watching[from] + 10.0)
                .count()
        })
        .max()
        .unwrap();
    assert!(busiest < 50, "{busiest} requests in ten seconds");
    let fetched = sim.requests.len() - watching.len();
    assert!(fetched <= JOBS + JOBS / 10, "{fetched} fetches");
    let took = watching.last().unwrap() - watching[0];
    println!(
        "{JOBS} jobs, {took:.0} s: {} requests, {:.2} a second, at most {busiest} in 10 s; {fetched} thumbnails fetched",
        watching.len(),
        watching.len() as f64 / took,
    );
}

// Breaks if AWS is pressed on while it throttles, or a job is lost by it.
#[tokio::test]
async fn throttling_slows_the_watcher_down() {
    let stage = Stage::new();
    let (mut watcher, hub) = stage.watcher();
    let id = stage.uploaded(&hub);
    stage.task(id, [1.0, 20.0, 200.0], Some(0));
    stage.sim.lock().unwrap().throttled_until = Duration::from_mins(2);
    stage.watch(&mut watcher, Duration::from_mins(2)).await;
    let during = stage.sim.lock().unwrap().requests.len();
    assert!(
        (3..=40).contains(&during),
        "{during} requests in two minutes of throttling"
    );
    stage.watch(&mut watcher, LONG).await;
    assert_eq!(hub.job(id).unwrap().state, JobState::Done);
    let said = messages(stage.folder.path(), id);
    let complaints = said
        .iter()
        .filter(|line| line.contains("ThrottlingException"))
        .count();
    assert!((1..=2).contains(&complaints), "{said:?}");
    assert!(said.iter().any(|line| line == "the backend answers again"));
}

// Breaks if a job that waits for its event cannot be stopped, or its task is told twice.
#[tokio::test]
async fn a_task_is_stopped_when_it_appears() {
    let stage = Stage::new();
    let (mut watcher, hub) = stage.watcher();
    let id = stage.uploaded(&hub);
    hub.update(id, |job| job.stop_requested = true);
    stage.watch(&mut watcher, Duration::from_secs(20)).await;
    assert_eq!(hub.job(id).unwrap().state, JobState::Waiting);
    stage.task(id, [1.0, 30.0, 300.0], Some(0));
    // The wish survives a restart.
    drop(watcher);
    let (mut watcher, hub) = stage.watcher();
    stage.watch(&mut watcher, LONG).await;
    let job = hub.job(id).unwrap();
    assert_eq!((job.state, job.failure.clone()), (JobState::Stopped, None));
    assert_eq!(stage.count("StopTask"), 1);
}

// Breaks if a job that was stopped before any task came waits for ever, or one without a task is not given up.
#[tokio::test]
async fn no_task_ever_comes() {
    let stage = Stage::new();
    let (mut watcher, hub) = stage.watcher();
    let (stopped, waiting) = (stage.uploaded(&hub), stage.uploaded(&hub));
    hub.update(stopped, |job| job.stop_requested = true);
    stage.watch(&mut watcher, LONG).await;
    assert_eq!(hub.job(stopped).unwrap().state, JobState::Stopped);
    let failed = hub.job(waiting).unwrap();
    assert_eq!(failed.failure.as_ref().unwrap().title, "No task was started");
    // Late is better than never: the queue may have been held up.
    stage.task(waiting, [1.0, 20.0, 60.0], Some(0));
    let other = stage.uploaded(&hub);
    stage.task(other, [1.0, 20.0, 60.0], Some(0));
    watcher.hurry();
    stage.watch(&mut watcher, LONG).await;
    assert_eq!(hub.job(waiting).unwrap().state, JobState::Done);
}

// Breaks if a task that ECS does not know for a moment counts as gone, or one that ended while the app was closed is
// waited for, although its thumbnail is there or never will be.
#[tokio::test]
async fn missing_is_not_final_but_gone_is() {
    let stage = Stage::new();
    let (mut watcher, hub) = stage.watcher();
    let ids: Vec<JobId> = (0..3).map(|_| stage.uploaded(&hub)).collect();
    for (id, exit) in ids.iter().zip([Some(0), Some(1), Some(0)]) {
        stage.task(*id, [1.0, 20.0, 100.0], exit);
    }
    stage.watch(&mut watcher, Duration::from_secs(30)).await;
    assert!(
        ids.iter()
            .all(|id| hub.job(*id).unwrap().state == JobState::Running)
    );
    // ECS forgets the third one for half a minute.
    let arn = hub.job(ids[2]).unwrap().task.as_ref().unwrap().arn.clone();
    let hidden = stage.sim.lock().unwrap().tasks.remove(&arn).unwrap();
    stage.watch(&mut watcher, Duration::from_secs(30)).await;
    assert_eq!(hub.job(ids[2]).unwrap().state, JobState::Running);
    stage.sim.lock().unwrap().tasks.insert(arn, hidden);
    drop(watcher);
    drop(hub);
    // The app is closed for a night.
    stage.clock.advance_to(stage.clock.now() + HOUR * 8);
    let (mut watcher, hub) = stage.watcher();
    stage.watch(&mut watcher, Duration::from_secs(30)).await;
    assert_eq!(
        hub.job(ids[1]).unwrap().state,
        JobState::Running,
        "given up too early"
    );
    stage.watch(&mut watcher, LONG).await;
    assert_eq!(hub.job(ids[0]).unwrap().state, JobState::Done);
    assert_eq!(hub.job(ids[2]).unwrap().state, JobState::Done);
    let gone = hub.job(ids[1]).unwrap();
    assert_eq!(gone.failure.as_ref().unwrap().title, "The task is gone");
}

// Breaks if a line that CloudWatch shows late is lost, one is shown twice across pages or restarts, or a task's lines
// from before it was known are not read.
#[tokio::test]
async fn every_line_once() {
    let stage = Stage::new();
    stage.sim.lock().unwrap().page = 7;
    let (mut watcher, hub) = stage.watcher();
    let (id, noisy) = (stage.uploaded(&hub), stage.uploaded(&hub));
    stage.task(id, [1.0, 2.0, 60.0], Some(13));
    stage.task(noisy, [0.1, 0.2, 90.0], Some(0));
    for n in 0..200 {
        stage.line(noisy, 0.3 + f64::from(n) * 0.25, 0.0, "noise");
    }
    for n in 0..50 {
        // Every fifth comes twenty seconds late, and all have the same text.
        stage.line(
            id,
            2.0 + f64::from(n),
            if n % 5 == 0 { 20.0 } else { 0.5 },
            "same",
        );
    }
    stage.line(
        id,
        59.0,
        1.0,
        "The position lies past the last frame: the last frame is at 00:01",
    );
    for _ in 0..6 {
        stage.watch(&mut watcher, Duration::from_secs(11)).await;
        drop(watcher);
        let (next, _) = stage.watcher();
        watcher = next;
    }
    let hub = watcher.hub.clone();
    stage.watch(&mut watcher, LONG).await;
    let lines = messages(stage.folder.path(), id);
    assert_eq!(lines.len(), 51, "{lines:?}");
    assert_eq!(messages(stage.folder.path(), noisy).len(), 200);
    let failure = hub.job(id).unwrap().failure.clone().unwrap();
    assert_eq!(failure.title, "The position lies past the last frame");
    assert!(
        failure.raw.contains("exit code 13") && failure.raw.contains("00:01"),
        "{}",
        failure.raw
    );
}

// Breaks if a clock that is set gives a job up that has not waited at all, or a phase lasts less than nothing.
#[tokio::test]
async fn a_clock_that_jumps_ends_nothing() {
    for hours in [-2, 2] {
        let stage = Stage::new();
        let (mut watcher, hub) = stage.watcher();
        let id = stage.uploaded(&hub);
        stage.task(id, [30.0, 60.0, 90.0], Some(0));
        stage.watch(&mut watcher, Duration::from_secs(10)).await;
        stage.clock.jump(time::Duration::hours(hours));
        stage.watch(&mut watcher, Duration::from_secs(10)).await;
        assert_eq!(hub.job(id).unwrap().state, JobState::Waiting);
        stage.watch(&mut watcher, LONG).await;
        let job = hub.job(id).unwrap();
        assert_eq!(job.state, JobState::Done, "{:?}", job.failure);
        let times: Vec<_> = job
            .phases
            .iter()
            .flat_map(|record| [record.started, record.ended])
            .collect();
        assert!(times.windows(2).all(|pair| pair[0] <= pair[1]), "{times:?}");
    }
}

// Breaks if other people's jobs show unasked, cannot be shown, or one for another bucket is taken for one of ours.
#[tokio::test]
async fn other_peoples_jobs() {
    let mut stage = Stage::new();
    let (mut watcher, hub) = stage.watcher();
    let (theirs, elsewhere) = (JobId::new(), JobId::new());
    for (id, bucket) in [(theirs, "studio-media"), (elsewhere, "other-media")] {
        let arn = stage.task(id, [0.0, 20.0, 60.0], Some(0));
        let variable = |name: &str, value: String| (name.to_owned(), value);
        stage.sim.lock().unwrap().tasks.get_mut(&arn).unwrap().environment = vec![
            variable(
                "INPUT_VIDEO_FILE_URL",
                format!("{bucket}/uploads/{id}/bunny_00-10.mp4"),
            ),
            variable("POSITION_TIME_DURATION", "00:10".into()),
            variable("OUTPUT_THUMBS_FILE_NAME", "bunny.png".into()),
            variable("OUTPUT_S3_PATH", format!("{bucket}/thumbnails/{id}")),
        ];
    }
    assert_eq!(watcher.round().await, None);
    assert!(hub.jobs().is_empty() && stage.count("ListTasks") == 0);
    drop((watcher, hub));
    stage.backend.others = true;
    let (mut watcher, hub) = stage.watcher();
    stage.watch(&mut watcher, Duration::from_mins(3)).await;
    let job = hub.job(theirs).unwrap();
    assert_eq!(
        (job.state, job.foreign, job.video.name.as_str()),
        (JobState::Done, true, "bunny_00-10.mp4")
    );
    assert_eq!(hub.jobs().len(), 1);
}
