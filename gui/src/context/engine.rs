//! The network's own threads, and values that arrive from them.
//!
//! The window's thread never waits: it asks the [`Engine`], keeps a [`Remote`], and is woken when the answer is there.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};

/// How long the threads may take to end when the window closes.
const GRACE: Duration = Duration::from_secs(2);

/// Owns the tokio runtime. Its threads are named `engine`.
#[derive(Debug)]
pub struct Engine {
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl Engine {
    /// Starts the threads.
    ///
    /// # Errors
    /// The system gives no more threads or files.
    pub fn start() -> anyhow::Result<Self> {
        Ok(Self {
            runtime: Some(runtime()?),
        })
    }

    /// The runtime's handle, for those who start tasks elsewhere.
    pub fn handle(&self) -> Handle {
        self.runtime().handle().clone()
    }

    /// Runs a future to its end, whoever waits for it.
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

    /// Runs a future whose answer a view shows. The window is woken when it lands; a dropped [`Remote`] ends it.
    pub fn request<T, E>(
        &self,
        ctx: &egui::Context,
        future: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Remote<T>
    where
        T: Send + 'static,
        E: Display + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let ctx = ctx.clone();
        let task = self.runtime().spawn(async move {
            // `{:#}` shows an `anyhow` error's causes too; for others it is the same as `{}`.
            let result = future.await.map_err(|error| format!("{error:#}"));
            // Nobody waits any more: fine.
            let _ = sender.send(result);
            ctx.request_repaint();
        });
        Remote {
            question: Some(Question {
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
    ) -> Remote<T>
    where
        T: Send + 'static,
        E: Display + Send + 'static,
    {
        let work = self.spawn_blocking(move || work().map_err(|error| format!("{error:#}")));
        self.request(ctx, async move {
            work.await.unwrap_or_else(|error| Err(error.to_string()))
        })
    }

    /// Waits on the calling thread, at most `limit`. Only for the window's end.
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
            runtime.shutdown_timeout(GRACE);
        }
    }
}

/// A runtime whose threads wait for the network. Two of them: what computes runs in other processes.
///
/// # Errors
/// The system gives no more threads or files.
pub fn runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("engine")
        .enable_all()
        .build()
        .context("the network engine cannot start")
}

#[derive(Debug)]
struct Question<T> {
    answer: oneshot::Receiver<Result<T, String>>,
    task: AbortHandle,
}

impl<T> Drop for Question<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A value from the engine. While a newer one is on its way, and after a failure, the one before stays, so that nothing
/// flickers.
#[derive(Debug)]
pub struct Remote<T> {
    question: Option<Question<T>>,
    value: Option<T>,
    error: Option<String>,
}

impl<T> Default for Remote<T> {
    fn default() -> Self {
        Self {
            question: None,
            value: None,
            error: None,
        }
    }
}

/// What a [`Remote`] is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteState<'a, T> {
    /// Nobody has asked.
    NotRequested,
    /// On its way; the value before it, if any.
    Pending(Option<&'a T>),
    /// Here.
    Here(&'a T),
    /// It failed, and why; the value before it, if any.
    Unavailable(&'a str, Option<&'a T>),
}

impl<T> Remote<T> {
    /// A value that is here already.
    pub fn here(value: T) -> Self {
        Self {
            question: None,
            value: Some(value),
            error: None,
        }
    }

    /// Takes a newer request in place of this one, and keeps this one's value until it lands.
    pub fn renew(&mut self, newer: Self) {
        let value = newer.value.or_else(|| self.value.take());
        *self = Self {
            question: newer.question,
            value,
            error: newer.error,
        };
    }

    /// What it is now. Takes in an answer that has landed; never waits.
    pub fn state(&mut self) -> RemoteState<'_, T> {
        self.poll();
        let value = self.value.as_ref();
        match (&self.question, &self.error, value) {
            (Some(_), _, value) => RemoteState::Pending(value),
            (None, Some(error), value) => RemoteState::Unavailable(error, value),
            (None, None, Some(value)) => RemoteState::Here(value),
            (None, None, None) => RemoteState::NotRequested,
        }
    }

    /// The newest value that has landed.
    pub fn value(&mut self) -> Option<&T> {
        self.poll();
        self.value.as_ref()
    }

    /// The newest value that has landed, to be changed.
    pub fn value_mut(&mut self) -> Option<&mut T> {
        self.poll();
        self.value.as_mut()
    }

    /// Takes the value out; the next [`Remote::state`] is `NotRequested`.
    pub fn take(&mut self) -> Option<T> {
        self.poll();
        self.value.take()
    }

    /// Whether an answer is on its way.
    pub fn is_pending(&mut self) -> bool {
        self.poll();
        self.question.is_some()
    }

    /// Whether nobody has asked yet.
    pub fn is_not_requested(&mut self) -> bool {
        matches!(self.state(), RemoteState::NotRequested)
    }

    fn poll(&mut self) {
        let Some(question) = &mut self.question else {
            return;
        };
        let result = match question.answer.try_recv() {
            Ok(result) => result,
            Err(oneshot::error::TryRecvError::Empty) => return,
            Err(oneshot::error::TryRecvError::Closed) => Err("it was interrupted".to_owned()),
        };
        self.question = None;
        match result {
            Ok(value) => (self.value, self.error) = (Some(value), None),
            Err(error) => self.error = Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle<T>(remote: &mut Remote<T>) {
        while remote.is_pending() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    // Breaks if a refresh makes a view flicker, or an error hides what was there.
    #[test]
    fn a_newer_request_keeps_the_older_value() {
        let engine = Engine::start().unwrap();
        let ctx = egui::Context::default();
        let mut remote = Remote::default();
        assert_eq!(remote.state(), RemoteState::NotRequested);
        remote.renew(engine.request(&ctx, async { Ok::<_, String>(1) }));
        settle(&mut remote);
        assert_eq!(remote.state(), RemoteState::Here(&1));
        remote.renew(engine.request(&ctx, async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err::<i32, _>("no network")
        }));
        assert_eq!(remote.state(), RemoteState::Pending(Some(&1)));
        settle(&mut remote);
        assert_eq!(remote.state(), RemoteState::Unavailable("no network", Some(&1)));
    }

    // Breaks if what no view waits for any more goes on in the background.
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
