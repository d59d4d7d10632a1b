//! Videos from a list: a file with a path on each line.

use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use posterframe_client::fs;

use super::stdin;

/// The most bytes of a list of videos.
const MAX_LIST_BYTES: u64 = 64 << 20;

/// The videos that a file lists: the bytes of each line that is not empty, for names are no text.
///
/// # Errors
/// The file cannot be read, or is too large.
pub(super) fn videos(file: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("the list of videos cannot be read: {}", file.display());
    let mut bytes = Vec::new();
    let reader: Box<dyn Read> = if stdin::is_meant(file) {
        Box::new(std::io::stdin())
    } else {
        Box::new(fs::open(file).with_context(unreadable)?)
    };
    let read = reader.take(MAX_LIST_BYTES + 1).read_to_end(&mut bytes);
    read.with_context(unreadable)?;
    if bytes.len() as u64 > MAX_LIST_BYTES {
        bail!(
            "the list of videos is larger than {} MB: {}",
            MAX_LIST_BYTES >> 20,
            file.display()
        );
    }
    let lines = bytes
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let videos = lines.filter(|line| !line.is_empty()).map(path_of_bytes);
    Ok(videos.collect())
}

#[cfg(unix)]
fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of_bytes(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
