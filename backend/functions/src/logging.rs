//! Log lines as every part writes them: `LEVEL job{id=…}: message`. CloudWatch adds the time.

use posterframe_contract::JobId;
use tracing::Span;

/// Sends this function's log to standard output, which Lambda stores. A second call changes nothing.
pub(crate) fn init() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "warn,posterframe_functions=info".into());
    // The first one wins; a function has only one anyway.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .try_init();
}

/// The span that puts the job's id on every line: the app finds a job's lines by it.
pub(crate) fn job_span(job: JobId) -> Span {
    tracing::error_span!("job", id = %job)
}
