//! Work that may wait for a disk, off the threads that must not.

/// Runs `work` where it may block. A panic in it goes on here, where it would have been without the thread.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime is going away, and whoever waits with it.
        Err(_) => std::future::pending().await,
    }
}
