//! Shell completions and manual pages, generated from the command line's own definition.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;

/// The program's name in completions and pages.
const PROGRAM: &str = "posterframe";

#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell to complete in
    shell: Shell,
}

pub(super) fn completions(args: &CompletionsArgs) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), PROGRAM, &mut script);
    // A closed pipe (`| head`) is no failure.
    let _ = std::io::stdout().write_all(&script);
    ExitCode::SUCCESS
}

#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Folder to write the pages to
    folder: PathBuf,
}

pub(super) fn man(args: &ManArgs) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(&args.folder)?;
    clap_mangen::generate_to(Cli::command(), &args.folder)?;
    Ok(ExitCode::SUCCESS)
}
