//! The exit status of a command that is about several jobs.

use std::process::ExitCode;

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
