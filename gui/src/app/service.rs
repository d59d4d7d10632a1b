//! The backend and the client as the window knows them: starting, ready, or failed with the reason.
//!
//! The window is there at once; the backend starts beside it.

use std::time::Duration;

use posterframe_client::{Backend, Client, ErrorText, Overrides, Paths};

use crate::backend::{Running, Start, starter};
use crate::context::{Engine, Remote, RemoteState};

/// How long the end of the window waits for the backend's end.
const CLOSING: Duration = Duration::from_secs(4);
/// Progress wakes the window at most so often.
const WAKES: Duration = Duration::from_millis(50);

/// The backend and the client.
pub(super) struct Service {
    paths: Paths,
    /// What flags and environment say, until another backend is chosen in the window.
    overrides: Overrides,
    running: Remote<Running>,
    /// The backend that was chosen in the window; `None` for the one that the program was started with.
    chosen: Option<String>,
    /// What it is called until it says so itself.
    label: String,
    /// Whether the start's result has been taken in.
    settled: bool,
}

/// How the backend is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health<'a> {
    /// It is on its way.
    Starting,
    /// It is there.
    Ready,
    /// It cannot be used, and why.
    Failed(&'a str),
}

impl Service {
    /// Starts it.
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

    /// Ends what runs, and starts the backend named `name`, or the one on this computer.
    pub(super) fn switch(&mut self, engine: &Engine, ctx: &egui::Context, name: Option<String>) {
        self.chosen = Some(name.unwrap_or_else(|| Backend::THIS_COMPUTER.to_owned()));
        self.restart(engine, ctx);
    }

    /// Ends what runs, and starts it again.
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
            // Two clients cannot have the same history.
            if let Some(old) = old {
                old.close().await;
            }
            start()
                .await
                .map_err(|error| ErrorText::of(error.as_ref()).to_string())
        });
    }

    /// Takes in the start's result. Gives what there is to complain of, once: why it failed, or what of the history cannot be
    /// read.
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
            // Ends with the client.
            while changes.changed().await.is_ok() {
                ctx.request_repaint();
                tokio::time::sleep(WAKES).await;
            }
        });
        set_aside
    }

    /// The client, once it is there.
    pub(super) fn client(&mut self) -> Option<Client> {
        self.running.value().map(|running| running.client().clone())
    }

    /// How the backend is.
    pub(super) fn health(&mut self) -> Health<'_> {
        match self.running.state() {
            RemoteState::Here(_) => Health::Ready,
            RemoteState::Unavailable(reason, _) => Health::Failed(reason),
            RemoteState::Pending(_) | RemoteState::NotRequested => Health::Starting,
        }
    }

    /// The backend's name for the bar.
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// Ends it, within a few seconds: what is under way goes on at the next start.
    pub(super) fn close(&mut self, engine: &Engine) {
        if let Some(running) = self.running.take()
            && engine.wait(CLOSING, running.close()).is_none()
        {
            tracing::warn!("the backend did not end in time");
        }
    }
}
