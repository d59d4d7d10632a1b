//! The data directory: made, found writable, and kept from other backends for as long as this one runs.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::Error;

/// Free bytes that a start requires: room for the database's log and one picture.
const PROBE_BYTES: usize = 1 << 20;

/// The files in the data directory.
const FILES: [&str; 4] = ["lock", "state.db", "state.db-wal", "state.db-shm"];
/// The folders in the data directory.
const FOLDERS: [&str; 2] = ["objects", "incoming"];

/// The directory, locked. The operating system frees the lock however this process ends.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::data_dir(path, source);
        make_folder(path).map_err(failed)?;
        // Later messages and the children's working directory must not depend on where we were started.
        let path = &fs::canonicalize(path).map_err(failed)?;
        let lock = touch(&path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse(path.clone())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let this = Self {
            path: path.clone(),
            _lock: lock,
        };
        // A folder with other things in it is left as it is.
        if holds_only_ours(path).map_err(failed)? {
            close(path).map_err(failed)?;
        }
        for folder in [this.objects(), this.incoming()] {
            make_folder(&folder)
                .and_then(|()| close(&folder))
                .map_err(failed)?;
        }
        // SQLite gives the files beside it the same rights.
        touch(&this.database()).map_err(failed)?;
        for name in FILES {
            let file = path.join(name);
            if file.exists() {
                close(&file).map_err(failed)?;
            }
        }
        this.empty_incoming()
            .and_then(|()| this.probe())
            .map_err(failed)?;
        Ok(this)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("state.db")
    }

    /// Blobs that the database knows.
    pub(crate) fn objects(&self) -> PathBuf {
        self.path.join("objects")
    }

    /// Blobs that are still being written.
    pub(crate) fn incoming(&self) -> PathBuf {
        self.path.join("incoming")
    }

    /// Removes bodies that a killed backend had received in part: their clients send them again.
    fn empty_incoming(&self) -> std::io::Result<()> {
        for entry in fs::read_dir(self.incoming())? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Fails at the start, with what to do about it, instead of at the first upload.
    fn probe(&self) -> std::io::Result<()> {
        let path = self.incoming().join("probe");
        let written = File::create(&path).and_then(|mut file| {
            file.write_all(&vec![0; PROBE_BYTES])?;
            // Some file systems notice a full disk only here.
            file.sync_all()
        });
        let removed = fs::remove_file(&path);
        written.and(removed)
    }
}

/// Makes a folder that only this user can look into.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn holds_only_ours(folder: &Path) -> std::io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if !FILES.iter().chain(&FOLDERS).any(|own| name == *own) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Makes a file that only this user can read, where there is none.
fn touch(file: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

/// Keeps everybody but its owner out of what is there already.
#[cfg(unix)]
fn close(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    /// The permission bits of the group and of others.
    const OTHERS: u32 = 0o077;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & OTHERS == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode & !OTHERS))
}

/// Elsewhere a user's folders are closed to others by themselves.
#[cfg(not(unix))]
fn close(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if another user of this computer can read what was uploaded, be it by an earlier version.
    #[cfg(unix)]
    #[test]
    fn nobody_else_looks_in() {
        use std::os::unix::fs::PermissionsExt;

        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let dir = tempfile::tempdir().unwrap();
        let new = dir.path().join("a/new");
        drop(DataDir::open(&new).unwrap());
        let old = dir.path().join("old");
        for folder in [&old, &old.join("objects")] {
            fs::create_dir(folder).unwrap();
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::write(old.join("state.db"), "").unwrap();
        fs::set_permissions(old.join("state.db"), fs::Permissions::from_mode(0o644)).unwrap();
        drop(DataDir::open(&old).unwrap());
        for folder in [new, old] {
            assert_eq!(mode(&folder), 0o700);
            assert_eq!(mode(&folder.join("objects")), 0o700);
            assert_eq!(mode(&folder.join("incoming")), 0o700);
            assert_eq!(mode(&folder.join("state.db")), 0o600);
            assert_eq!(mode(&folder.join("lock")), 0o600);
        }
        // Somebody's own folder, with other things in it, stays as it is.
        let theirs = dir.path().join("theirs");
        fs::create_dir(&theirs).unwrap();
        fs::set_permissions(&theirs, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(theirs.join("film.mp4"), "").unwrap();
        drop(DataDir::open(&theirs).unwrap());
        drop(DataDir::open(&theirs).unwrap());
        assert_eq!(mode(&theirs), 0o755);
    }

    // Breaks if two backends could write to one directory, or a closed one kept it locked.
    #[test]
    fn one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataDir::open(dir.path()).unwrap();
        let second = DataDir::open(dir.path()).unwrap_err();
        assert!(matches!(second, Error::InUse(_)), "{second}");
        assert!(second.to_string().contains(&*dir.path().to_string_lossy()));
        drop(first);
        DataDir::open(dir.path()).unwrap();
    }

    // Breaks if a path that cannot be a directory gives an error that does not name it.
    #[test]
    fn a_file_is_no_directory() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "x").unwrap();
        let error = DataDir::open(&file).unwrap_err().to_string();
        assert!(error.contains("is a file") && error.contains("file"), "{error}");
    }

    // Breaks if what a killed backend left half written stays for ever.
    #[test]
    fn leftovers_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let leftover = DataDir::open(dir.path()).unwrap().incoming().join("half");
        fs::write(&leftover, "x").unwrap();
        DataDir::open(dir.path()).unwrap();
        assert!(!leftover.exists());
    }
}
