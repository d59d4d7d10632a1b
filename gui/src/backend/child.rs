//! Child processes of the app, which run this same executable: the worker and the two functions of the backend on this
//! machine, and the worker of jobs that are made here, for whichever backend.
//!
//! Each ends when its standard input is closed. The app holds the other end of the pipe, so that no child outlives it, even
//! if it is killed.

use std::future::Future;
use std::io::{BufRead, Read};
use std::path::PathBuf;
use std::process::ExitCode;

/// Hidden command that runs the worker.
pub(crate) const WORKER: &str = "__worker";
/// Hidden command that runs the worker over a file of this machine. No task starts it.
pub(crate) const WORKER_HERE: &str = "__worker-here";
/// Hidden command that runs the function `upload-trigger`.
pub(crate) const UPLOAD_TRIGGER: &str = "__upload-trigger";
/// Hidden command that runs the function `thumbnail-trigger`.
pub(crate) const THUMBNAIL_TRIGGER: &str = "__thumbnail-trigger";

/// Exit status for SIGTERM, as in shells.
const TERMINATED: i32 = 143;

/// What the worker of a job that is made here is started with. Its request follows on standard input, up to a zero byte.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkerHereArgs {
    /// Where files go, `bucket/folder`
    folder: String,
    /// The video
    video: PathBuf,
}

pub(crate) fn worker() -> ExitCode {
    end_with_the_app();
    posterframe_worker::run()
}

pub(crate) fn worker_here(args: WorkerHereArgs) -> ExitCode {
    let mut request = Vec::new();
    let read = std::io::stdin().lock().read_until(0, &mut request);
    if read.is_err() || request.pop() != Some(0) {
        // The app has ended.
        return ExitCode::from(TERMINATED as u8);
    }
    end_with_the_app();
    let limits = posterframe_worker::Limits {
        // The window decodes too.
        max_pixels: posterframe_frame::max_pixels(2),
        ..posterframe_worker::Limits::default()
    };
    posterframe_worker::run_here(request, args.video, &args.folder, limits)
}

pub(crate) fn upload_trigger() -> ExitCode {
    function(posterframe_functions::upload_trigger::run())
}

pub(crate) fn thumbnail_trigger() -> ExitCode {
    function(posterframe_functions::thumbnail_trigger::run())
}

fn function<E: std::fmt::Display>(handler: impl Future<Output = Result<(), E>>) -> ExitCode {
    end_with_the_app();
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

fn end_with_the_app() {
    let watch = || {
        let mut byte = [0];
        // The app writes no more, so both the end of the input and an error mean that it has ended.
        while matches!(std::io::stdin().read(&mut byte), Ok(1)) {}
        std::process::exit(TERMINATED);
    };
    if let Err(error) = std::thread::Builder::new()
        .name("app watch".to_owned())
        .spawn(watch)
    {
        eprintln!("WARN cannot watch the app: {error}");
    }
}
