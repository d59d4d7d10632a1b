//! A watcher with all that is around it, and what happens on AWS while it watches.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use posterframe_contract::{JobId, names};
use tempfile::TempDir;

use super::super::Watcher;
use super::super::cloud::LogEvent;
use super::super::pace::Pace;
use super::aws::{Sim, SimCloud, SimTask, task_arn};
use crate::config::{AccessKeys, Backend, Paths};
use crate::model::Phase;
use crate::model::job::tests::job;
use crate::store::{JobRegistry, Store};
use crate::watch::clock::Clock;
use crate::watch::clock::tests::ManualClock;

/// A watcher with its AWS, its clock, and its history on disk.
pub(super) struct Stage {
    pub(super) folder: TempDir,
    pub(super) clock: ManualClock,
    pub(super) sim: Arc<Mutex<Sim>>,
    pub(super) backend: Backend,
}

impl Stage {
    pub(super) fn new() -> Self {
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
    pub(super) fn watcher(&self) -> (Watcher<SimCloud, ManualClock>, Arc<JobRegistry>) {
        let registry =
            Arc::new(JobRegistry::open(&self.folder.path().join("history.db"), Arc::default()).unwrap());
        let paths = Paths::resolve(Some(self.folder.path().to_owned())).unwrap();
        let cloud = SimCloud {
            clock: self.clock.clone(),
            sim: self.sim.clone(),
            time: registry.time.clone(),
        };
        let watcher = Watcher::with(
            cloud,
            self.clock.clone(),
            registry.clone(),
            self.backend.clone(),
            paths,
            Pace::AWS,
        );
        (watcher, registry)
    }

    /// A job whose upload is over now.
    pub(super) fn uploaded(&self, registry: &JobRegistry) -> JobId {
        let mut job = job(JobId::new());
        // The upload's last answer has told the time.
        let there = self.sim.lock().unwrap().there(self.clock.passed());
        registry.time.note(there, self.clock.wall());
        let now = registry.time.at(self.clock.wall());
        job.created = now;
        job.phases[0].started = Some(now);
        job.begin(Phase::Event, now);
        let id = job.id;
        registry.insert(job).wait().unwrap();
        id
    }

    /// A task of the job: created, running and stopped so many seconds from now.
    pub(super) fn task(&self, id: JobId, [created, runs, stops]: [f64; 3], exit: Option<i32>) -> String {
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
        if matches!(exit, Some(0 | 17)) {
            sim.manifests.insert(manifest_key(id), now + seconds(stops - 1.0));
        }
        sim.tasks.insert(arn.clone(), task);
        arn
    }

    /// A line of the job's task, so many seconds from now, readable `late` seconds after.
    pub(super) fn line(&self, id: JobId, at: f64, late: f64, message: &str) {
        let group = names::task_log_group(&self.backend.task_family);
        let stream = names::task_log_stream("ecs", "worker", &id.to_string().replace('-', ""));
        self.event(group, stream, [at, late], format!("INFO {message}"));
    }

    /// A line about the job of the function that runs tasks.
    pub(super) fn function_line(&self, id: JobId, at: f64, late: f64, message: &str) {
        let group = names::function_log_group(&self.backend.upload_function);
        let message = format!("INFO job{{id={id}}}: {message}");
        self.event(group, "2026/11/26/[$LATEST]0".to_owned(), [at, late], message);
    }

    /// What the function failed of, so many seconds from now.
    pub(super) fn function_fails(&self, id: JobId, at: f64, message: &str) {
        let group = names::function_log_group(&self.backend.upload_function);
        let message = format!("ERROR job{{id={id}}}: {message}");
        self.event(group, "2026/11/26/[$LATEST]0".to_owned(), [at, 1.0], message);
    }

    fn event(&self, group: String, stream: String, [at, late]: [f64; 2], message: String) {
        let at = self.clock.passed() + Duration::from_secs_f64(at);
        let mut sim = self.sim.lock().unwrap();
        let unix_millis = (sim.there(at).unix_timestamp_nanos() / 1_000_000) as i64;
        let events = sim.events.entry(group).or_default();
        let event = LogEvent {
            id: format!("{:056}", events.len()),
            stream,
            unix_millis,
            message,
        };
        events.push((event, at + Duration::from_secs_f64(late)));
    }

    /// Watches until nothing is left to watch, or `limit` has passed.
    pub(super) async fn watch(&self, watcher: &mut Watcher<SimCloud, ManualClock>, limit: Duration) {
        let end = self.clock.passed() + limit;
        while let Some(next) = watcher.round().await {
            // What can be downloaded is, within no time.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            if watcher.downloads.have_ended() {
                continue;
            }
            // Time stands still within a round but for what the budget makes it wait.
            self.clock
                .advance_to(next.max(self.clock.now() + Duration::from_millis(1)));
            if self.clock.passed() >= end {
                break;
            }
        }
        watcher.registry.flushed().await;
    }

    /// How often the job's result was asked for.
    pub(super) fn fetches(&self, id: JobId) -> usize {
        let sim = self.sim.lock().unwrap();
        sim.fetches.get(&manifest_key(id)).copied().unwrap_or(0)
    }

    pub(super) fn count(&self, what: &str) -> usize {
        let sim = self.sim.lock().unwrap();
        sim.requests
            .iter()
            .filter(|(_, request)| *request == what)
            .count()
    }
}

pub(super) fn manifest_key(id: JobId) -> String {
    posterframe_contract::manifest_key(names::THUMBNAILS_FOLDER, id)
}

/// The worker's line that says that the manifest is there.
pub(super) const PUT: &str = "put s3://x/manifest.json, 9 bytes";

pub(super) fn messages(folder: &Path, id: JobId) -> Vec<String> {
    let store = Store::open(&folder.join("history.db")).unwrap();
    store
        .log(id)
        .unwrap()
        .into_iter()
        .map(|line| line.message)
        .collect()
}
