//! The player's threads. Each has a name, and a panic on one is reported like any other failure: unusual
//! files can make a decoder panic, and the view must not wait for ever then.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::Failure;

/// The threads of one player.
#[derive(Default)]
pub(super) struct Threads(Mutex<Vec<JoinHandle<()>>>);

impl Threads {
    /// Starts a thread.
    ///
    /// # Errors
    /// The system is out of threads.
    pub(super) fn start(&self, name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let thread = thread::Builder::new().name(name.to_owned()).spawn(work)?;
        self.all().push(thread);
        Ok(())
    }

    /// Waits until all threads have ended, which they do once their mailboxes are closed.
    #[cfg(test)]
    pub(super) fn join(&self) -> thread::Result<()> {
        // A thread may start others, so the list is not drained at once.
        while let Some(thread) = { self.all().pop() } {
            thread.join()?;
        }
        Ok(())
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `work`, and turns a panic into a failure about `what`. Values that `work` has changed must not be used after a
/// failure.
pub(super) fn caught<T>(what: &str, work: impl FnOnce() -> T) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let failure = Failure {
            text: format!("{what} broke down: {}", message(&*panic)),
            advice:
                "Try again. If it happens with this video each time, report it with what the program printed"
                    .to_owned(),
        };
        tracing::error!("{}", failure.text);
        failure
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("it did not say why")
}
