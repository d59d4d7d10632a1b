//! `posterframe cache`: what is kept on disk of videos at a distance.

use std::process::ExitCode;

use anyhow::Context;

use super::Common;
use super::say::say;
use crate::{distant, format};

#[derive(Debug, clap::Args)]
pub(super) struct CacheArgs {
    /// Delete all of it
    #[arg(long)]
    clear: bool,
}

pub(super) fn run(common: &Common, args: &CacheArgs) -> anyhow::Result<ExitCode> {
    let cache = distant::cache(&common.paths()?, 0);
    let (bytes, folder) = (cache.bytes(), cache.folder().display());
    if args.clear {
        cache
            .clear()
            .with_context(|| format!("this cannot be deleted: {folder}"))?;
        say!("{} deleted from {folder}", format::bytes(bytes));
    } else {
        say!("{} in {folder}", format::bytes(bytes));
    }
    Ok(ExitCode::SUCCESS)
}
