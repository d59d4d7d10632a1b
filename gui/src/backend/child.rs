//! The programs that the backend on this machine starts out of this one: the worker and the two functions.
//!
//! Each ends when its standard input does. The backend holds the other end and never writes, so that no child
//! outlives it, even if it is killed.

use std::future::Future;
use std::io::Read;
use std::process::ExitCode;

/// Hidden command: be the worker.
pub(crate) const WORKER: &str = "__worker";
/// Hidden command: be the function `upload-trigger`.
pub(crate) const UPLOAD_TRIGGER: &str = "__upload-trigger";
/// Hidden command: be the function `thumbnail-trigger`.
pub(crate) const THUMBNAIL_TRIGGER: &str = "__thumbnail-trigger";

/// What a shell reports for SIGTERM.
const TERMINATED: i32 = 143;

pub(crate) fn worker() -> ExitCode {
    end_with_the_backend();
    posterframe_worker::run()
}

pub(crate) fn upload_trigger() -> ExitCode {
    function(posterframe_functions::upload_trigger::run())
}

pub(crate) fn thumbnail_trigger() -> ExitCode {
    function(posterframe_functions::thumbnail_trigger::run())
}

fn function<E: std::fmt::Display>(handler: impl Future<Output = Result<(), E>>) -> ExitCode {
    end_with_the_backend();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("ERROR the function could not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(handler) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ERROR {error}");
            ExitCode::FAILURE
        }
    }
}

fn end_with_the_backend() {
    let watch = || {
        let mut byte = [0];
        // Nothing is ever written; both an end and an error mean that the backend is gone.
        while matches!(std::io::stdin().read(&mut byte), Ok(1)) {}
        std::process::exit(TERMINATED);
    };
    if let Err(error) = std::thread::Builder::new()
        .name("backend watch".to_owned())
        .spawn(watch)
    {
        eprintln!("WARN cannot watch the backend: {error}");
    }
}
