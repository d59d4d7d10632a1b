//! The exit status of a command that is about several jobs.

use std::process::ExitCode;

use posterframe_remote::SourceError;
use posterframe_worker::frame_exit;

use super::remote;

/// How the jobs ended: the status is theirs where all that failed have the same, and 1 where they have not.
#[derive(Default)]
pub(super) struct Exits(Option<u8>);

impl Exits {
    /// Takes in how one ended; 0 is no failure.
    pub(super) fn add(&mut self, code: u8) {
        if code != 0 {
            self.0 = Some(self.0.map_or(code, |known| if known == code { code } else { 1 }));
        }
    }

    /// The command's.
    pub(super) fn status(&self) -> ExitCode {
        ExitCode::from(self.0.unwrap_or(0))
    }
}

/// The exit status of a video that is not submitted.
pub(super) fn of_error(error: &anyhow::Error) -> u8 {
    if let Some(source) = error.downcast_ref::<SourceError>() {
        return remote::exit(source).code();
    }
    let frame = error.downcast_ref::<posterframe_frame::Error>();
    frame.map_or(1, |error| frame_exit(error).code())
}
