//! The container's program.

use std::process::ExitCode;

fn main() -> ExitCode {
    posterframe_worker::run()
}
