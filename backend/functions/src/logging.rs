//! Log lines as every part writes them: [`posterframe_contract::log`]. CloudWatch adds the time.

use posterframe_contract::JobId;
use posterframe_contract::log::{JOB_SPAN, write_field};
use tracing::Span;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::format::debug_fn;

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
        .fmt_fields(debug_fn(|writer, field, value| write_field(writer, field.name(), value)).delimited(" "))
        .try_init();
}

/// The span that puts the job's id on every line: the app finds a job's lines by it.
pub(crate) fn job_span(job: JobId) -> Span {
    tracing::error_span!(JOB_SPAN, id = %job)
}
