//! How a command ends: by itself, or because somebody wants it to, whatever blocks a thread of it.

use std::future::Future;
use std::time::Duration;

/// Exit status after Ctrl+C, as shells have it.
pub(super) const INTERRUPTED: u8 = 130;

/// How long the end of what runs may take after it is asked for.
const CLOSING: Duration = Duration::from_secs(10);
/// How long a blocked thread may hold up the end of the program.
const GRACE: Duration = Duration::from_secs(1);

/// Runs a command's work. What still blocks a thread when that has ended, such as a disk that does not answer, is left
/// behind.
pub(super) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = crate::context::runtime()?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(GRACE);
    result
}

/// Ctrl+C, or a polite kill.
pub(super) async fn interrupted() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    // Without a handler the signal's own effect ends the program.
    let _ = interrupt.await;
}

/// Waits until what runs is closed; not for ever, and no longer than until somebody asks for the end once more. What is
/// under way then goes on at the next start, as after a crash.
pub(super) async fn closed(closing: impl Future<Output = ()>) {
    tokio::select! {
        () = closing => {}
        () = interrupted() => {}
        () = tokio::time::sleep(CLOSING) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    // Breaks if a thread that waits for ever keeps the program from ending.
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
