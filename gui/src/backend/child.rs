//! Child processes of the backend on this machine, which run this same executable: the worker and the two functions.
//!
//! Each ends when its standard input is closed. The backend holds the other end of the pipe and never writes, so that no
//! child outlives it, even if it is killed.

use std::future::Future;
use std::io::Read;
use std::process::ExitCode;

/// Hidden command that runs the worker.
pub(crate) const WORKER: &str = "__worker";
/// Hidden command that runs the function `upload-trigger`.
pub(crate) const UPLOAD_TRIGGER: &str = "__upload-trigger";
/// Hidden command that runs the function `thumbnail-trigger`.
pub(crate) const THUMBNAIL_TRIGGER: &str = "__thumbnail-trigger";

/// Exit status for SIGTERM, as in shells.
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
        // The backend never writes, so both the end of the input and an error mean that it has ended.
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
