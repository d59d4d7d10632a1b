//! The app's own files: for this user only.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Makes a folder that only this user can look into, with those above it.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes a file that only this user can read, or empties the one that is there.
pub(crate) fn create(file: &Path) -> io::Result<File> {
    options().truncate(true).open(file)
}

/// Makes a file that only this user can read; an error where there is one.
pub(crate) fn create_new(file: &Path) -> io::Result<File> {
    options().create_new(true).open(file)
}

/// Makes a file that only this user can read where there is none.
pub(crate) fn touch(file: &Path) -> io::Result<()> {
    options().truncate(false).open(file).map(drop)
}

fn options() -> fs::OpenOptions {
    let mut options = File::options();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Keeps everybody else out of a file or a folder that is there.
#[cfg(unix)]
pub(crate) fn close(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    /// What anybody but the owner may do.
    const OTHERS: u32 = 0o077;
    // Not through a link: what it points to is not the app's.
    let Ok(about) = fs::symlink_metadata(path) else {
        return;
    };
    let mode = about.permissions().mode();
    if about.is_symlink() || mode & OTHERS == 0 {
        return;
    }
    // Somebody else's, or on a disk without rights: it stays as it is.
    if let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(mode & !OTHERS)) {
        tracing::debug!("others may look into {}: {error}", path.display());
    }
}

/// Elsewhere a user's folders are closed to others by themselves.
#[cfg(not(unix))]
pub(crate) fn close(_: &Path) {}

/// [`close`] for a folder and all that is in it; nothing where there is none.
pub(crate) fn close_all(path: &Path) {
    close(path);
    if fs::symlink_metadata(path).is_ok_and(|about| about.is_dir()) {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            close_all(&entry.path());
        }
    }
}

/// Whether all that is in a folder has such a name.
pub(crate) fn holds_only(folder: &Path, is_ours: impl Fn(&OsStr) -> bool) -> bool {
    let Ok(mut entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.all(|entry| entry.is_ok_and(|entry| is_ours(&entry.file_name())))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    // Breaks if a still, a downloaded picture or a note beside it can be read by others.
    #[test]
    fn what_is_written_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("stills/a.png");
        crate::fs::write_whole(&file, b"png").unwrap();
        assert_eq!((mode(file.parent().unwrap()), mode(&file)), (0o700, 0o600));
        let file = folder.path().join("b.png");
        create(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
    }
}
