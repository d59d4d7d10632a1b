//! The state of the backend and the client: starting, ready, or failed with the reason.
//!
//! The window opens at once; the backend starts in the background.

use std::time::Duration;

use posterframe_client::{Backend, Client, ErrorText, Overrides, Paths};

use crate::backend::{Running, Start, starter};
use crate::context::{Engine, RequestState, Requested};

/// How long the closing window waits for the backend to end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(4);
/// Shortest time between two repaints for progress.
const REPAINT_INTERVAL: Duration = Duration::from_millis(50);

/// The backend and the client.
pub(super) struct Service {
    paths: Paths,
    /// Settings from flags and the environment, which hold until another backend is chosen in the window.
    overrides: Overrides,
    running: Requested<Running>,
    /// The backend chosen in the window; `None` for the one that the program started with.
    chosen: Option<String>,
    /// The backend's name for the bar.
    label: String,
    /// Whether the result of the start has been handled.
    settled: bool,
}

/// The state of the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health<'a> {
    /// It is starting.
    Starting,
    /// It can be used.
    Ready,
    /// It cannot be used, for this reason.
    Failed(&'a str),
}

impl Service {
    /// Starts the backend and the client on the engine's threads.
    pub(super) fn start(
        engine: &Engine,
        ctx: &egui::Context,
        paths: Paths,
        overrides: Overrides,
        start: Start,
    ) -> Self {
        let running = engine.request(ctx, async move {
            start()
                .await
                .map_err(|error| ErrorText::of(error.as_ref()).to_string())
        });
        let label = Backend::THIS_COMPUTER.to_owned();
        Self {
            paths,
            overrides,
            running,
            chosen: None,
            label,
            settled: false,
        }
    }

    /// Closes the running backend, and starts the one named `name`, or the one on this computer.
    pub(super) fn switch(&mut self, engine: &Engine, ctx: &egui::Context, name: Option<String>) {
        self.chosen = Some(name.unwrap_or_else(|| Backend::THIS_COMPUTER.to_owned()));
        self.restart(engine, ctx);
    }

    /// Closes the running backend, and starts the chosen one again.
    pub(super) fn restart(&mut self, engine: &Engine, ctx: &egui::Context) {
        if let Some(chosen) = &self.chosen {
            self.label.clone_from(chosen);
        }
        let old = self.running.take();
        let overrides = self
            .chosen
            .as_ref()
            .map_or_else(|| self.overrides.clone(), Overrides::backend);
        let start = starter(self.paths.clone(), overrides);
        self.settled = false;
        self.running = engine.request(ctx, async move {
            // The history can be open in one client only.
            if let Some(old) = old {
                old.close().await;
            }
            start()
                .await
                .map_err(|error| ErrorText::of(error.as_ref()).to_string())
        });
    }

    /// Handles the result of the start. Returns a message for the user, once: why the start failed, or that the history is
    /// partly unreadable.
    pub(super) fn update(&mut self, engine: &Engine, ctx: &egui::Context) -> Option<String> {
        if self.settled {
            return None;
        }
        if let Health::Failed(reason) = self.health() {
            let reason = reason.to_owned();
            self.settled = true;
            return Some(reason);
        }
        let running = self.running.value()?;
        let set_aside = running.client().set_aside();
        self.label = running.client().backend().label();
        self.settled = true;
        let mut changes = running.client().changes();
        let ctx = ctx.clone();
        engine.spawn(async move {
            // The channel closes when the client is dropped.
            while changes.changed().await.is_ok() {
                ctx.request_repaint();
                tokio::time::sleep(REPAINT_INTERVAL).await;
            }
        });
        set_aside
    }

    /// The client; `None` until it has started.
    pub(super) fn client(&mut self) -> Option<Client> {
        self.running.value().map(|running| running.client().clone())
    }

    /// The state of the backend.
    pub(super) fn health(&mut self) -> Health<'_> {
        match self.running.state() {
            RequestState::Here(_) => Health::Ready,
            RequestState::Unavailable(reason, _) => Health::Failed(reason),
            RequestState::Pending(_) | RequestState::NotRequested => Health::Starting,
        }
    }

    /// The backend's name for the bar.
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// Closes the backend, within [`CLOSE_TIMEOUT`]. Unfinished jobs continue at the next start.
    pub(super) fn close(&mut self, engine: &Engine) {
        if let Some(running) = self.running.take()
            && engine.wait(CLOSE_TIMEOUT, running.close()).is_none()
        {
            tracing::warn!("the backend did not end in time");
        }
    }
}
