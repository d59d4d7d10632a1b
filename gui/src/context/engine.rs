//! The network's threads, and the values that views request from them.
//!
//! The window's thread never waits: it asks the [`Engine`], keeps a [`Requested`], and is woken when the answer arrives.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};

/// How long the threads may take to end when the window closes.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// Owns the tokio runtime. Its threads are named `engine`.
#[derive(Debug)]
pub struct Engine {
    /// `None` only during the drop.
    runtime: Option<Runtime>,
}

impl Engine {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system is out of threads or file descriptors.
    pub fn start() -> anyhow::Result<Self> {
        Ok(Self {
            runtime: Some(runtime()?),
        })
    }

    /// The runtime's handle, for code that starts tasks itself.
    pub fn handle(&self) -> Handle {
        self.runtime().handle().clone()
    }

    /// Runs a future to its end, even if its handle is dropped.
    pub fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime().spawn(future)
    }

    /// Runs blocking work, such as a file dialog or reading a picture, off the window's thread.
    pub fn spawn_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        self.runtime().spawn_blocking(work)
    }

    /// Runs a future whose answer a view shows. The answer wakes the window; dropping the [`Requested`] aborts the future.
    pub fn request<T, E>(
        &self,
        ctx: &egui::Context,
        future: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Requested<T>
    where
        T: Send + 'static,
        E: Display + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let ctx = ctx.clone();
        let task = self.runtime().spawn(async move {
            // `{:#}` shows an `anyhow` error's causes too; for others it is the same as `{}`.
            let result = future.await.map_err(|error| format!("{error:#}"));
            // This fails if the request was dropped, and then nobody needs the answer.
            let _ = sender.send(result);
            ctx.request_repaint();
        });
        Requested {
            pending: Some(PendingAnswer {
                answer,
                task: task.abort_handle(),
            }),
            value: None,
            error: None,
        }
    }

    /// [`Engine::request`] for blocking work.
    pub fn request_blocking<T, E>(
        &self,
        ctx: &egui::Context,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Requested<T>
    where
        T: Send + 'static,
        E: Display + Send + 'static,
    {
        let work = self.spawn_blocking(move || work().map_err(|error| format!("{error:#}")));
        self.request(ctx, async move {
            work.await.unwrap_or_else(|error| Err(error.to_string()))
        })
    }

    /// Blocks the calling thread for at most `limit`. Only for the window's end.
    pub fn wait<T>(&self, limit: Duration, future: impl Future<Output = T>) -> Option<T> {
        self.runtime()
            .block_on(async { tokio::time::timeout(limit, future).await.ok() })
    }

    fn runtime(&self) -> &Runtime {
        self.runtime
            .as_ref()
            .expect("the runtime is there until the engine is dropped")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
        }
    }
}

/// A runtime for network work. Two threads are enough, since the computing runs in other processes.
///
/// # Errors
/// The system is out of threads or file descriptors.
pub fn runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("engine")
        .enable_all()
        .build()
        .context("the network engine cannot start")
}

#[derive(Debug)]
struct PendingAnswer<T> {
    answer: oneshot::Receiver<Result<T, String>>,
    task: AbortHandle,
}

impl<T> Drop for PendingAnswer<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A value requested from the engine. The previous value stays while a newer one is pending and after a failure, so that
/// views do not flicker.
#[derive(Debug)]
pub struct Requested<T> {
    pending: Option<PendingAnswer<T>>,
    value: Option<T>,
    error: Option<String>,
}

impl<T> Default for Requested<T> {
    fn default() -> Self {
        Self {
            pending: None,
            value: None,
            error: None,
        }
    }
}

/// The state of a [`Requested`] value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState<'a, T> {
    /// There is no request yet.
    NotRequested,
    /// The answer is pending; the previous value, if any.
    Pending(Option<&'a T>),
    /// The value.
    Here(&'a T),
    /// The request failed: the reason, and the previous value, if any.
    Unavailable(&'a str, Option<&'a T>),
}

impl<T> Requested<T> {
    /// A value that needs no request.
    pub fn here(value: T) -> Self {
        Self {
            pending: None,
            value: Some(value),
            error: None,
        }
    }

    /// Replaces the request by a newer one, and keeps the current value until that is answered.
    pub fn renew(&mut self, newer: Self) {
        let value = newer.value.or_else(|| self.value.take());
        *self = Self {
            pending: newer.pending,
            value,
            error: newer.error,
        };
    }

    /// The current state, with any answer that has arrived. Never blocks.
    pub fn state(&mut self) -> RequestState<'_, T> {
        self.poll();
        let value = self.value.as_ref();
        match (&self.pending, &self.error, value) {
            (Some(_), _, value) => RequestState::Pending(value),
            (None, Some(error), value) => RequestState::Unavailable(error, value),
            (None, None, Some(value)) => RequestState::Here(value),
            (None, None, None) => RequestState::NotRequested,
        }
    }

    /// The newest value.
    pub fn value(&mut self) -> Option<&T> {
        self.poll();
        self.value.as_ref()
    }

    /// The newest value, mutable.
    pub fn value_mut(&mut self) -> Option<&mut T> {
        self.poll();
        self.value.as_mut()
    }

    /// Takes the value out; the next [`Requested::state`] is `NotRequested`.
    pub fn take(&mut self) -> Option<T> {
        self.poll();
        self.value.take()
    }

    /// Whether an answer is pending.
    pub fn is_pending(&mut self) -> bool {
        self.poll();
        self.pending.is_some()
    }

    /// Whether there is no request yet.
    pub fn is_not_requested(&mut self) -> bool {
        matches!(self.state(), RequestState::NotRequested)
    }

    fn poll(&mut self) {
        let Some(pending) = &mut self.pending else {
            return;
        };
        let result = match pending.answer.try_recv() {
            Ok(result) => result,
            Err(oneshot::error::TryRecvError::Empty) => return,
            Err(oneshot::error::TryRecvError::Closed) => Err("it was interrupted".to_owned()),
        };
        self.pending = None;
        match result {
            Ok(value) => (self.value, self.error) = (Some(value), None),
            Err(error) => self.error = Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle<T>(remote: &mut Requested<T>) {
        while remote.is_pending() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    // Breaks if a refresh makes a view flicker, or an error hides the previous value.
    #[test]
    fn a_newer_request_keeps_the_older_value() {
        let engine = Engine::start().unwrap();
        let ctx = egui::Context::default();
        let mut remote = Requested::default();
        assert_eq!(remote.state(), RequestState::NotRequested);
        remote.renew(engine.request(&ctx, async { Ok::<_, String>(1) }));
        settle(&mut remote);
        assert_eq!(remote.state(), RequestState::Here(&1));
        remote.renew(engine.request(&ctx, async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err::<i32, _>("no network")
        }));
        assert_eq!(remote.state(), RequestState::Pending(Some(&1)));
        settle(&mut remote);
        assert_eq!(remote.state(), RequestState::Unavailable("no network", Some(&1)));
    }

    // Breaks if a dropped request goes on in the background.
    #[test]
    fn a_dropped_request_ends() {
        let engine = Engine::start().unwrap();
        let (alive, mut gone) = oneshot::channel::<()>();
        let remote = engine.request(&egui::Context::default(), async move {
            let _alive = alive;
            std::future::pending::<()>().await;
            Ok::<_, String>(())
        });
        drop(remote);
        let ended = engine.wait(Duration::from_secs(5), async { (&mut gone).await.is_err() });
        assert_eq!(ended, Some(true));
    }
}
