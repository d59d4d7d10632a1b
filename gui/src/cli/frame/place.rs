//! Where files go, and how they are written.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context;
use posterframe_client::fs::{self, Existing};
use posterframe_contract::{OutputRequest, Position};

/// How a file is written.
#[derive(Clone, Copy)]
pub(super) enum Way {
    Stdout,
    /// A pipe, a terminal or another file that takes bytes as they come.
    Stream,
    Saved(Existing),
}

/// A requested frame, and the files to make of it.
pub(super) struct Wanted {
    pub(super) position: Position,
    /// What it is called, and what there is to say of it.
    pub(super) name: Option<String>,
    pub(super) note: Option<String>,
    pub(super) files: Vec<WantedFile>,
}

pub(super) struct WantedFile {
    pub(super) output: OutputRequest,
    pub(super) place: Place,
}

/// Where a file goes.
pub(super) enum Place {
    Here(PathBuf, Way),
    /// By its template, whose fields are known only once the file is made.
    Named(PathBuf),
}

pub(super) fn write(file: &Path, way: Way, bytes: &[u8]) -> anyhow::Result<()> {
    let written = match way {
        Way::Stdout => {
            let written = io::stdout().write_all(bytes);
            return written.context("standard output cannot be written");
        }
        Way::Stream => {
            let stream = File::options().write(true).open(file);
            stream.and_then(|mut stream| stream.write_all(bytes))
        }
        Way::Saved(existing) => fs::save(file, existing, |new| new.write_all(bytes)),
    };
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(taken(file)),
        written => written.with_context(|| format!("{} cannot be written", file.display())),
    }
}

pub(super) fn taken(output: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "there is a file already, which only --force replaces: {}",
        output.display()
    )
}
