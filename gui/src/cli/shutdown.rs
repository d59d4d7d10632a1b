//! How a command ends: when its work is done or at a signal, even while a thread of it is blocked.

use std::future::Future;
use std::time::Duration;

use posterframe_client::Client;

/// Exit status after Ctrl+C, as shells have it.
pub(super) const INTERRUPTED: u8 = 130;

/// How long the client and the backend may take to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a blocked thread may delay the end of the program.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs a command's work. A thread that is still blocked when the work has ended, by a disk that does not answer for
/// instance, is abandoned after [`SHUTDOWN_TIMEOUT`].
pub(super) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = crate::context::runtime()?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
    result
}

/// Who wants a command to end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Interruption {
    /// A person, with Ctrl+C.
    Person,
    /// The system, with SIGTERM.
    System,
}

/// Waits for Ctrl+C or SIGTERM.
pub(super) async fn interrupted() -> Interruption {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        return tokio::select! {
            _ = interrupt => Interruption::Person,
            _ = terminate.recv() => Interruption::System,
        };
    }
    // If no handler can be set, the signal ends the program by itself.
    let _ = interrupt.await;
    Interruption::Person
}

/// Says what becomes of a command's jobs that is interrupted. Ctrl+C stops those that this computer is making itself: a person
/// who ends that wants it to end. All others go on at the next start, and where the system ends, those do too.
pub(super) async fn interrupt(client: &Client, by: Interruption) {
    let stopped = match by {
        Interruption::Person => client.stop_here().await,
        Interruption::System => Vec::new(),
    };
    for id in &stopped {
        eprintln!("posterframe: stopped; “posterframe jobs retry {id}” makes it again");
    }
    if stopped.is_empty() {
        eprintln!("posterframe: interrupted; what is under way goes on at the next start");
    }
}

/// Waits for `closing`, at most [`CLOSE_TIMEOUT`] or until a second signal. Unfinished jobs continue at the next start,
/// as after a crash.
pub(super) async fn closed(closing: impl Future<Output = ()>) {
    tokio::select! {
        () = closing => {}
        _ = interrupted() => {}
        () = tokio::time::sleep(CLOSE_TIMEOUT) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    // Breaks if a blocked thread keeps the program from ending.
    #[test]
    fn a_blocked_thread_is_left_behind() {
        let (hold, blocked) = mpsc::channel::<()>();
        let (started, running) = tokio::sync::oneshot::channel();
        let work = async move {
            tokio::task::spawn_blocking(move || {
                let _ = started.send(());
                blocked.recv()
            });
            Ok(running.await?)
        };
        assert!(block_on(work).is_ok());
        drop(hold);
    }
}
