//! Tasks run: a bounded number at a time, the others in the order in which they came.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use posterframe_contract::names;
use posterframe_process::{self as process, Environment, Output, Process};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Program;
use crate::clock::now_ms;
use crate::db::Db;
use crate::ecs::store;
use crate::ecs::task::{StopCode, Task};
use crate::http::json::ApiError;
use crate::logs::Logs;

/// What [`Ecs`] is made of.
pub(crate) struct EcsOptions {
    pub(crate) db: Db,
    pub(crate) logs: Logs,
    pub(crate) worker: Program,
    /// What every task's environment begins with.
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) max_tasks: usize,
}

/// The service; clones share it.
#[derive(Clone)]
pub(crate) struct Ecs {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    options: EcsOptions,
    state: Mutex<State>,
    tasks: TaskTracker,
    /// Cancelled when the backend shuts down.
    ending: CancellationToken,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<String>,
    /// The tasks that run, each with what stops it.
    running: HashMap<String, CancellationToken>,
}

impl Ecs {
    pub(crate) fn new(options: EcsOptions) -> Self {
        let inner = Inner {
            options,
            state: Mutex::default(),
            tasks: TaskTracker::new(),
            ending: CancellationToken::new(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(super) fn db(&self) -> &Db {
        &self.inner.options.db
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock()
    }

    /// Queues tasks.
    pub(crate) fn enqueue(&self, ids: impl IntoIterator<Item = String>) {
        self.state().waiting.extend(ids);
        self.start_waiting();
    }

    /// Starts queued tasks while fewer than `max_tasks` run.
    fn start_waiting(&self) {
        let mut state = self.state();
        while state.running.len() < self.inner.options.max_tasks && !self.inner.ending.is_cancelled() {
            let Some(id) = state.waiting.pop_front() else {
                break;
            };
            let stop = CancellationToken::new();
            state.running.insert(id.clone(), stop.clone());
            let this = self.clone();
            self.inner.tasks.spawn(async move {
                if let Err(error) = this.run(&id, &stop).await {
                    tracing::error!("task {id} could not be kept track of: {}", error.message);
                }
                this.state().running.remove(&id);
                this.start_waiting();
            });
        }
    }

    pub(super) async fn update(
        &self,
        id: &str,
        change: impl FnOnce(&mut Task) + Send + 'static,
    ) -> Result<Option<Task>, ApiError> {
        let id = id.to_owned();
        self.db().write(move |tx| store::update(tx, &id, change)).await
    }

    /// Stops a task: a queued one at once, a running one by signals.
    pub(super) async fn stop(&self, id: &str, reason: String) -> Result<Option<Task>, ApiError> {
        let waited = {
            let mut state = self.state();
            let place = state.waiting.iter().position(|waiting| waiting == id);
            place.and_then(|place| state.waiting.remove(place)).is_some()
        };
        let change = move |task: &mut Task| {
            task.stop(StopCode::UserInitiated, reason);
            if waited {
                task.deprovision(None, None);
                task.finish();
            }
        };
        let (id, this, running) = (id.to_owned(), self.clone(), id.to_owned());
        // In the transaction's own thread: where the client disconnects, this future is dropped, and the task must not be
        // left half stopped.
        let signal = move |_: &Option<Task>| {
            if let Some(token) = this.state().running.get(&running) {
                token.cancel();
            }
        };
        self.db()
            .write_then(move |tx| store::update(tx, &id, change), signal)
            .await
    }

    /// Ends every running task's process. They and the queued ones wait in the database for the next start.
    pub(crate) async fn shutdown(&self) {
        self.inner.ending.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    /// The same without waiting: the runtime, or its end, ends the child processes.
    pub(crate) fn abandon(&self) {
        self.inner.ending.cancel();
    }

    async fn run(&self, id: &str, stop: &CancellationToken) -> Result<(), ApiError> {
        let pulled = now_ms();
        let Some(task) = self.update(id, |task| task.pull_started_at = None).await? else {
            return Ok(());
        };
        if stop.is_cancelled() || task.stop_code.is_some() {
            return self.finish(id, None, None).await;
        }
        let options = &self.inner.options;
        let environment = options
            .environment
            .iter()
            .cloned()
            .chain(task.overrides.environment());
        let command = task.overrides.command().into_iter().map(Into::into);
        let mut child =
            match process::spawn(&options.worker, command, Environment::Only(environment.collect())) {
                Ok(child) => child,
                Err(error) => {
                    let reason = format!(
                        "CannotStartContainerError: {error}: {}",
                        options.worker.path.display()
                    );
                    let why = reason.clone();
                    self.update(id, |task| task.stop(StopCode::TaskFailedToStart, why))
                        .await?;
                    return self.finish(id, None, Some(reason)).await;
                }
            };
        let pid = child.id();
        let log = options.logs.writer(
            names::task_log_group(names::TASK_FAMILY),
            names::task_log_stream(names::LOG_STREAM_PREFIX, names::CONTAINER, id),
        );
        let output = Output::collect(&mut child, &log);
        self.update(id, move |task| task.run(pulled, pid)).await?;
        let status = self.wait(id, &mut child, stop).await?;
        // Before STOPPED is stored: a client that sees STOPPED finds the whole log.
        process::kill_group(pid);
        output.ended().await;
        match status {
            // The process was ended, and nobody stopped its task: it runs again at the next start.
            Ok(None) => self.update(id, Task::requeue).await.map(drop),
            Ok(Some(status)) => self.finish(id, Some(process::exit_code(status)), None).await,
            Err(error) => {
                self.finish(id, None, Some(format!("CannotInspectContainerError: {error}")))
                    .await
            }
        }
    }

    /// Waits until the child exits by itself, or ends it where a client stops the task or the backend shuts down; `None` if it
    /// was ended by the latter before its work was done.
    async fn wait(
        &self,
        id: &str,
        child: &mut Process,
        stop: &CancellationToken,
    ) -> Result<std::io::Result<Option<std::process::ExitStatus>>, ApiError> {
        let status = tokio::select! {
            status = child.wait() => status,
            () = stop.cancelled() => child.terminate().await,
            () = self.inner.ending.cancelled() => {
                let status = child.terminate().await;
                if !stop.is_cancelled() && status.as_ref().is_ok_and(|status| process::was_terminated(*status)) {
                    return Ok(Ok(None));
                }
                status
            }
        };
        self.update(id, |task| {
            task.stop(
                StopCode::EssentialContainerExited,
                "Essential container in task exited",
            );
        })
        .await?;
        Ok(status.map(Some))
    }

    async fn finish(&self, id: &str, exit_code: Option<i32>, reason: Option<String>) -> Result<(), ApiError> {
        self.update(id, move |task| task.deprovision(exit_code, reason.as_deref()))
            .await?;
        self.update(id, Task::finish).await?;
        Ok(())
    }
}
