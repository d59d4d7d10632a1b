//! Objects' bytes as files that are written once, never changed, and named by numbers, never by keys.
//!
//! A blob is written in `incoming/`, renamed into `objects/` when it is complete, and is owned by an
//! object only once a transaction commits that. A crash in between leaves a file that the next start removes.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use uuid::Uuid;

use crate::data_dir::DataDir;

/// The name of a blob: 32 hexadecimal digits.
pub(crate) type BlobId = String;

/// The folder of blobs; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    objects: PathBuf,
    incoming: PathBuf,
    pins: Mutex<HashMap<BlobId, Pin>>,
}

#[derive(Debug, Default)]
struct Pin {
    readers: usize,
    /// No row refers to the blob any more; its last reader removes it.
    doomed: bool,
}

impl Blobs {
    pub(crate) fn new(dir: &DataDir) -> Self {
        let pins = Mutex::default();
        Self {
            inner: Arc::new(Inner {
                objects: dir.objects(),
                incoming: dir.incoming(),
                pins,
            }),
        }
    }

    /// A new, empty blob that nobody sees yet.
    pub(crate) fn create(&self) -> io::Result<(IncomingBlob, File)> {
        let id = Uuid::new_v4().simple().to_string();
        let path = self.inner.incoming.join(&id);
        let file = File::options()
            .create_new(true)
            .read(true)
            .write(true)
            .open(&path)?;
        Ok((
            IncomingBlob {
                id,
                path: Some(path),
                blobs: self.clone(),
            },
            file,
        ))
    }

    pub(crate) fn open(&self, id: &str) -> io::Result<File> {
        File::open(self.inner.path(id))
    }

    /// Removes blobs that no row refers to any more, now or when their last reader is done.
    ///
    /// To be called before the writer's lock is given up, so that no reader can find them in between.
    pub(crate) fn remove(&self, ids: &[BlobId]) {
        let mut pins = self.inner.pins();
        for id in ids {
            match pins.get_mut(id) {
                Some(pin) => pin.doomed = true,
                None => self.inner.unlink(id),
            }
        }
    }

    /// Keeps blobs from vanishing under a reader, as S3 keeps the version that a GET began with.
    pub(crate) fn pin(&self, ids: Vec<BlobId>) -> Pinned {
        let mut pins = self.inner.pins();
        for id in &ids {
            pins.entry(id.clone()).or_default().readers += 1;
        }
        drop(pins);
        Pinned {
            ids,
            blobs: self.clone(),
        }
    }

    /// Removes every file that `known` does not contain: what a crash left between rename and commit.
    pub(crate) fn sweep(&self, known: impl Fn(&str) -> bool) -> io::Result<usize> {
        let mut removed = 0;
        for folder in fs::read_dir(&self.inner.objects)? {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                if !file.file_name().to_str().is_some_and(&known) {
                    fs::remove_file(file.path())?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

impl Inner {
    fn path(&self, id: &str) -> PathBuf {
        // Folders of some hundreds of files each stay fast on every file system.
        self.objects.join(id.get(..2).unwrap_or_default()).join(id)
    }

    fn pins(&self) -> MutexGuard<'_, HashMap<BlobId, Pin>> {
        self.pins.lock()
    }

    fn unlink(&self, id: &str) {
        if let Err(error) = fs::remove_file(self.path(id)) {
            // What cannot be removed only takes space; the next start removes it.
            tracing::warn!("a blob that is no longer needed could not be removed ({error}): {id}");
        }
    }
}

/// A blob that is being written; dropped before [`IncomingBlob::publish`], it is gone.
#[derive(Debug)]
pub(crate) struct IncomingBlob {
    id: BlobId,
    path: Option<PathBuf>,
    blobs: Blobs,
}

impl IncomingBlob {
    /// Moves the complete blob to where it stays. It still needs a row that owns it.
    pub(crate) fn publish(mut self) -> io::Result<BlobId> {
        let to = self.blobs.inner.path(&self.id);
        if let (Some(from), Some(folder)) = (&self.path, to.parent())
            && let Err(error) = fs::rename(from, &to)
        {
            if error.kind() != io::ErrorKind::NotFound {
                return Err(error);
            }
            // In a folder that nobody else can look into.
            fs::create_dir_all(folder)?;
            fs::rename(from, &to)?;
        }
        self.path = None;
        Ok(std::mem::take(&mut self.id))
    }
}

impl Drop for IncomingBlob {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

/// Blobs that somebody reads.
#[derive(Debug)]
pub(crate) struct Pinned {
    ids: Vec<BlobId>,
    blobs: Blobs,
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let mut pins = self.blobs.inner.pins();
        for id in &self.ids {
            let Some(pin) = pins.get_mut(id) else { continue };
            pin.readers -= 1;
            if pin.readers == 0 {
                let doomed = pin.doomed;
                pins.remove(id);
                if doomed {
                    self.blobs.inner.unlink(id);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn blobs() -> (tempfile::TempDir, Blobs) {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(&DataDir::open(dir.path()).unwrap());
        (dir, blobs)
    }

    fn publish(blobs: &Blobs) -> BlobId {
        let (incoming, mut file) = blobs.create().unwrap();
        file.write_all(b"x").unwrap();
        incoming.publish().unwrap()
    }

    // Breaks if an overwritten object's bytes vanish under a download, or are never freed.
    #[test]
    fn readers_keep_a_removed_blob() {
        let (_dir, blobs) = blobs();
        let id = publish(&blobs);
        let (first, second) = (blobs.pin(vec![id.clone()]), blobs.pin(vec![id.clone()]));
        blobs.remove(std::slice::from_ref(&id));
        drop(first);
        assert!(blobs.open(&id).is_ok());
        drop(second);
        assert!(blobs.open(&id).is_err());
    }

    // Breaks if an aborted upload leaves a file, or a sweep takes files that are in use.
    #[test]
    fn only_owned_blobs_stay() {
        let (dir, blobs) = blobs();
        drop(blobs.create().unwrap());
        assert_eq!(fs::read_dir(dir.path().join("incoming")).unwrap().count(), 0);
        let (kept, lost) = (publish(&blobs), publish(&blobs));
        assert_eq!(blobs.sweep(|id| id == kept).unwrap(), 1);
        assert!(blobs.open(&kept).is_ok() && blobs.open(&lost).is_err());
    }
}
