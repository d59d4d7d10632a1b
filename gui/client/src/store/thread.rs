//! A thread that has the database for itself. SQLite blocks, and the runtime's few threads also run the backend on this
//! machine: they hand their work over, and wait for the answer without holding a thread up.
//!
//! Work is done in the order in which it was handed over, whether or not anybody still waits for it. That order is what
//! keeps an older state of a job from being written over a newer one.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll, ready};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use super::database::Store;

type Work = Box<dyn FnOnce(&mut Store) + Send>;

/// The thread. Dropping it waits until all that was handed over is done.
pub(super) struct StoreThread {
    /// `None` only while it is dropped.
    queue: Option<Queue>,
    thread: Option<JoinHandle<()>>,
}

/// Hands work over to the thread, which goes on for as long as there is a queue to it.
#[derive(Clone)]
pub(super) struct Queue(mpsc::Sender<Work>);

impl StoreThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub(super) fn start(name: &str, mut store: Store) -> io::Result<Self> {
        let (queue, works) = mpsc::channel::<Work>();
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
            for work in works {
                work(&mut store);
            }
        })?;
        Ok(Self {
            queue: Some(Queue(queue)),
            thread: Some(thread),
        })
    }

    pub(super) fn queue(&self) -> &Queue {
        self.queue.as_ref().expect("the queue is there until the drop")
    }
}

impl Queue {
    /// Does `work` on the thread, after all that was handed over before.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> T + Send + 'static,
    ) -> Answer<T> {
        let (sender, answer) = oneshot::channel();
        let work = move |store: &mut Store| {
            // A transaction that a panic cuts off is undone by its drop: the database is as it was before.
            let result = catch_unwind(AssertUnwindSafe(|| work(store)));
            // Who asked may have gone: what was asked for is done all the same.
            let _ = sender.send(result);
        };
        // The thread ends after its last queue: it is there.
        let _ = self.0.send(Box::new(work));
        Answer(answer)
    }
}

impl Drop for StoreThread {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // Its panics were caught.
            let _ = thread.join();
        }
    }
}

/// What comes of work that was handed over. It is done even if nobody waits for this.
#[must_use = "the work is done later than this"]
pub(crate) struct Answer<T>(oneshot::Receiver<Result<T, Box<dyn Any + Send>>>);

impl<T> Answer<T> {
    /// Waits on this thread: not for one of the runtime's, nor for a window's.
    pub(crate) fn wait(self) -> T {
        // Within a runtime, tokio would have a task that asks often take a pause, which never comes here.
        futures::executor::block_on(tokio::task::unconstrained(self))
    }

    /// Lets the work be done some time.
    pub(crate) fn later(self) {
        drop(self);
    }
}

impl<T> Future for Answer<T> {
    type Output = T;

    /// A panic of the work goes on in who waits for it.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let answer = ready!(Pin::new(&mut self.0).poll(context));
        Poll::Ready(match answer.expect("all that is handed over is answered") {
            Ok(value) => value,
            Err(panic) => resume_unwind(panic),
        })
    }
}
