//! A copy of a video at a distance on this machine, to be uploaded like any file. For videos that no task may read where
//! they are.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use posterframe_client::{Paths, fs};
use posterframe_remote::{Remote, source_error};

/// The name of a video whose own is none for a file.
const NAMELESS: &str = "video";
/// What the error says where the copying was not to go on.
pub const STOPPED: &str = "the copying was stopped";
/// How much is copied at a time, in bytes.
const PIECE: usize = 256 << 10;

/// Where copies are, until their jobs are done.
fn folder(paths: &Paths) -> PathBuf {
    paths.data.join("fetched")
}

/// Copies a video to this machine. An interrupted upload goes on from the copy at the next start. `goes_on` is asked with
/// the number of bytes that are there, and ends the copying with `false`.
///
/// # Errors
/// It cannot be read, or the disk is full; it was not to go on.
pub fn fetch(remote: &Remote, paths: &Paths, goes_on: &dyn Fn(u64) -> bool) -> anyhow::Result<PathBuf> {
    let folder = folder(paths);
    let unwritten = || format!("the copy cannot be written to {}", folder.display());
    paths.make_data().with_context(unwritten)?;
    let mut private = std::fs::DirBuilder::new();
    private.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut private, 0o700);
    private.create(&folder).with_context(unwritten)?;
    let mut reader = remote.reader();
    // All of it is read in order, so that requests overlap.
    reader.will_read(0..remote.size().unwrap_or_default());
    let mut there = 0;
    let mut piece = vec![0; PIECE];
    let copied = fs::save_new(&folder, &file_name(&remote.file_name()), |new| {
        loop {
            if !goes_on(there) {
                return Err(io::Error::other(STOPPED));
            }
            let count = reader.read(&mut piece)?;
            if count == 0 {
                return Ok(());
            }
            new.write_all(&piece[..count])?;
            there += count as u64;
        }
    });
    copied.map_err(|error| match source_error(&error) {
        Some(source) => source.clone().into(),
        None => anyhow::Error::new(error).context(unwritten()),
    })
}

/// A name for the copy: what others named may be no name of a file.
fn file_name(name: &str) -> String {
    let is_name = !name.is_empty() && Path::new(name).file_name() == Some(name.as_ref());
    let (stem, extension) = match name.rsplit_once('.').filter(|_| is_name) {
        Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
        _ if is_name => (name, String::new()),
        _ => (NAMELESS, String::new()),
    };
    fs::file_name(stem, &extension)
}

/// Deletes the copy of a job that is done; any other file stays.
pub fn forget(paths: &Paths, video: &Path) {
    // A job's path is absolute, and the data folder need not be.
    let folder = std::path::absolute(folder(paths)).ok();
    if folder.is_some() && video.parent() == folder.as_deref() {
        // A copy that cannot be deleted is only in the way.
        let _ = std::fs::remove_file(video);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if another one's name leads out of the folder, or the video's extension gets lost.
    #[test]
    fn names_of_copies() {
        assert_eq!(file_name("a film.mov"), "a film.mov");
        for name in ["..", ".", "", "a/..", "/etc/passwd"] {
            assert_eq!(file_name(name), "video", "{name}");
        }
        let long = file_name(&format!("{}.mp4", "x".repeat(400)));
        assert!(long.len() <= 255, "{long}");
        assert_eq!(Path::new(&long).extension(), Some("mp4".as_ref()));
    }

    // Breaks if a person's own video is deleted once its job is done.
    #[test]
    fn only_copies_are_deleted() {
        let data = tempfile::tempdir().unwrap();
        let paths = Paths::resolve(Some(data.path().to_owned())).unwrap();
        std::fs::create_dir_all(folder(&paths)).unwrap();
        let (own, copy) = (data.path().join("own.mp4"), folder(&paths).join("copy.mp4"));
        for file in [&own, &copy] {
            std::fs::write(file, b"x").unwrap();
            forget(&paths, file);
        }
        assert!(own.exists() && !copy.exists());
    }
}
