//! The program: everything is in the library, so that tests can build it.

use std::process::ExitCode;

fn main() -> ExitCode {
    posterframe::cli::main()
}
