//! A video on standard input. Finding a frame needs seeking, so the input is first copied to a temporary file. The file
//! has no name, so it vanishes when the program ends in any way.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use posterframe_client::parse_bytes;

use crate::format;

/// Paths that mean standard input. The first means it even if standard input is a regular file.
const NAMES: [&str; 4] = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Whether `path` means standard input and needs a copy. A redirected file is read in place.
pub(super) fn is_meant(path: &Path) -> bool {
    is_named(path)
        && (path == Path::new(NAMES[0]) || !std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file()))
}

fn is_named(path: &Path) -> bool {
    NAMES.iter().any(|name| path == Path::new(name))
}

/// Refuses standard input for commands that may need the video again at a later start.
pub(super) fn refuse(path: &Path) -> anyhow::Result<()> {
    if is_named(path) {
        bail!("only “posterframe frame” reads a video from standard input: save it to a file first");
    }
    Ok(())
}

/// Parses a size such as `8 GB`, in bytes.
pub(super) fn limit(text: &str) -> Result<u64, String> {
    parse_bytes(text).ok_or_else(|| "a size such as 500 MB or 8 GB is expected".to_owned())
}

/// Copies standard input to a temporary file.
///
/// # Errors
/// The input is longer than `limit` bytes, or reading or writing fails.
pub(super) fn copy(limit: u64) -> anyhow::Result<File> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        bail!("standard input is a terminal: pipe a video into it, or name a file");
    }
    let failed = || {
        format!(
            "no temporary file can be made in {}",
            std::env::temp_dir().display()
        )
    };
    let mut file = tempfile::tempfile().with_context(failed)?;
    copy_to(&mut stdin.lock(), &mut file, limit)?;
    Ok(file)
}

fn copy_to(from: &mut impl Read, to: &mut impl Write, limit: u64) -> anyhow::Result<()> {
    io::copy(&mut from.take(limit), to).context("standard input cannot be copied to a temporary file")?;
    if io::copy(&mut from.take(1), &mut io::sink())? > 0 {
        bail!(
            "standard input has more than {}: --stdin-limit allows more, or save the video to a file first",
            format::bytes(limit)
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if an endless input fills the disk, or an input of exactly the limit is refused.
    #[test]
    fn no_more_than_the_limit_is_copied() {
        let mut copy = Vec::new();
        copy_to(&mut &[7; 100][..], &mut copy, 100).unwrap();
        assert_eq!(copy, [7; 100]);
        copy.clear();
        let error = copy_to(&mut io::repeat(7), &mut copy, 100).unwrap_err();
        assert!(
            copy.len() == 100 && error.to_string().contains("more than 100"),
            "{error}"
        );
    }

    // Breaks if a path that means standard input is opened as a file, or a file with a similar name is not.
    #[test]
    fn what_means_standard_input() {
        assert!(is_meant(Path::new("-")));
        assert!(!is_meant(Path::new("./-")) && !is_meant(Path::new("stdin")));
        assert_eq!(limit("1.5 GB"), Ok(1_500_000_000));
        assert!(limit("much").is_err());
    }
}
