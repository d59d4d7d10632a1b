//! The data directory: made, found writable, and kept from other backends for as long as this one runs.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::Error;

/// What a start needs at least: room for the database's log and one picture.
const PROBE_BYTES: usize = 1 << 20;

/// The directory, locked. The operating system frees the lock however this process ends.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::data_dir(path, source);
        fs::create_dir_all(path).map_err(failed)?;
        // Later messages and the children's working directory must not depend on where we were started.
        let path = &fs::canonicalize(path).map_err(failed)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::InUse(path.clone())),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let this = Self {
            path: path.clone(),
            _lock: lock,
        };
        for folder in [this.objects(), this.incoming()] {
            fs::create_dir_all(&folder).map_err(failed)?;
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

    /// What a backend that was killed had half received is of no use: its client starts that part over.
    fn empty_incoming(&self) -> std::io::Result<()> {
        for entry in fs::read_dir(self.incoming())? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Better an error now that says what to do than a failed upload later.
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

#[cfg(test)]
mod tests {
    use super::*;

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
