//! A bounded cache on disk of what was read of videos, for the next time and for other readers.
//!
//! Each block is a file of its own that appears whole or not at all, in a folder of one version of one object. Its name says
//! which bytes it has, and its head how many and their sum: what is cut off, or was written while the power went, is not
//! served but deleted. So several programs can use one cache at once: none writes into a file of another one, and a file
//! that another one deletes is only fetched again. Files are for their owner alone.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use crc_fast::CrcAlgorithm;
use sha2::{Digest as _, Sha256};

use crate::memory::Spans;
use crate::ranges::Version;

/// The first bytes of each file, which change with its format.
const MAGIC: [u8; 8] = *b"pfrange1";
/// The magic, the sum and the number of bytes.
const HEAD_BYTES: u64 = 24;
/// Largest block: that of a server without ranges.
const MAX_BLOCK_BYTES: u64 = 32 << 20;
/// Part of the limit that is left when room is made. The rest is for what is written before the next look at all files.
const LEFT: (u64, u64) = (3, 4);
/// Part of the limit after whose writing all files are looked at: others may have written too.
const LOOK_EVERY: u64 = 16;
/// A file that is used is not dated anew more often than this.
const USE_STEP: Duration = Duration::from_mins(1);
/// From this age, an unfinished file is one that its program left behind.
const LEFT_BEHIND: Duration = Duration::from_hours(1);

/// A bounded cache on disk, shared by all videos and by several programs.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    limit: u64,
    /// Bytes written since all files were looked at.
    written: AtomicU64,
}

/// The folder of one version of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VersionFolder(PathBuf);

impl Cache {
    /// The cache in `folder`, of at most `limit` bytes. Nothing is read or made before it is used.
    pub fn new(folder: impl Into<PathBuf>, limit: u64) -> Self {
        Self {
            folder: folder.into(),
            limit,
            // So that the first block that is written looks at what is there.
            written: AtomicU64::new(limit / LOOK_EVERY),
        }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Bytes on disk. Looks at all files.
    pub fn bytes(&self) -> u64 {
        self.files().iter().map(|file| file.bytes).sum()
    }

    /// Deletes all blocks. A program that reads from them fetches them again.
    ///
    /// # Errors
    /// A file cannot be deleted.
    pub fn clear(&self) -> io::Result<()> {
        for object in subfolders(&self.folder) {
            match fs::remove_dir_all(&object) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn object(&self, identity: &str) -> PathBuf {
        self.folder.join(&hex(identity.as_bytes())[..32])
    }

    /// Whether there are first bytes of any version of the object.
    pub(crate) fn has_head(&self, identity: &str) -> bool {
        let versions = subfolders(&self.object(identity));
        versions
            .into_iter()
            .any(|folder| spans(&folder).at(0).is_some_and(|span| span.end > 1))
    }

    /// The folder of a version of an object, and what is there. Other versions of it are deleted: nobody reads them again.
    pub(crate) fn version(&self, identity: &str, version: &Version, size: u64) -> (VersionFolder, Spans) {
        let object = self.object(identity);
        let text = format!(
            "{}\n{}\n{size}",
            version.etag.as_deref().unwrap_or_default(),
            version.last_modified.as_deref().unwrap_or_default()
        );
        let folder = object.join(&hex(text.as_bytes())[..32]);
        for other in subfolders(&object).into_iter().filter(|other| *other != folder) {
            // Another program may be reading it, and then writes it again.
            let _ = fs::remove_dir_all(other);
        }
        let spans = spans(&folder);
        (VersionFolder(folder), spans)
    }

    /// The bytes of `span`. `None`, and the file deleted, where they are not what was written.
    pub(crate) fn read(folder: &VersionFolder, span: &Range<u64>) -> Option<Bytes> {
        let path = folder.0.join(name_of(span));
        let bytes = checked(&path, span);
        if bytes.is_none() {
            let _ = fs::remove_file(&path);
        }
        bytes
    }

    /// Writes a block.
    ///
    /// # Errors
    /// The disk refuses it. Nothing is there then.
    pub(crate) fn write(&self, folder: &VersionFolder, start: u64, bytes: &Bytes) -> io::Result<()> {
        let length = bytes.len() as u64;
        if length > self.limit / 4 || length > MAX_BLOCK_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        make_private(&folder.0)?;
        // A temporary file of this crate is for its owner alone.
        let mut file = tempfile::NamedTempFile::new_in(&folder.0)?;
        file.write_all(&MAGIC)?;
        file.write_all(&sum(bytes).to_le_bytes())?;
        file.write_all(&length.to_le_bytes())?;
        file.write_all(bytes)?;
        let span = start..start + length;
        file.persist(folder.0.join(name_of(&span)))
            .map_err(|error| error.error)?;
        let before = self.written.fetch_add(length + HEAD_BYTES, Ordering::Relaxed);
        if before + length >= self.limit / LOOK_EVERY {
            self.written.store(0, Ordering::Relaxed);
            self.make_room();
        }
        Ok(())
    }

    /// Deletes what was used longest ago, where there is more than may be.
    fn make_room(&self) {
        let mut files = self.files();
        let mut bytes: u64 = files.iter().map(|file| file.bytes).sum();
        let (part, of) = LEFT;
        let most = self.limit / of * part;
        if bytes <= most {
            return;
        }
        files.sort_unstable_by_key(|file| file.used);
        for file in files {
            if bytes <= most {
                break;
            }
            // Another program may have deleted it already.
            let _ = fs::remove_file(&file.path);
            bytes -= file.bytes;
            // Only an empty folder can be removed like this.
            let version = file.path.parent();
            if version.is_some_and(|version| fs::remove_dir(version).is_ok()) {
                let _ = version.and_then(Path::parent).map(fs::remove_dir);
            }
        }
    }

    fn files(&self) -> Vec<CacheFile> {
        let versions = subfolders(&self.folder)
            .into_iter()
            .flat_map(|object| subfolders(&object));
        let entries = versions.flat_map(|version| entries(&version));
        entries
            .filter_map(|path| {
                let metadata = fs::symlink_metadata(&path).ok()?;
                let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                let age = used.elapsed().unwrap_or_default();
                if span_of(&path).is_none() && age > LEFT_BEHIND {
                    let _ = fs::remove_file(&path);
                    return None;
                }
                Some(CacheFile {
                    bytes: metadata.len(),
                    path,
                    used,
                })
            })
            .collect()
    }
}

struct CacheFile {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

/// Reads a block, and notes that it was used.
fn checked(path: &Path, span: &Range<u64>) -> Option<Bytes> {
    let mut file = File::open(path).ok()?;
    let metadata = file.metadata().ok()?;
    let length = span.end - span.start;
    if metadata.len() != HEAD_BYTES + length || length > MAX_BLOCK_BYTES {
        return None;
    }
    let mut head = [0; HEAD_BYTES as usize];
    file.read_exact(&mut head).ok()?;
    let number = |at: usize| Some(u64::from_le_bytes(head.get(at..at + 8)?.try_into().ok()?));
    if head[..8] != MAGIC || number(16)? != length {
        return None;
    }
    let mut bytes = vec![0; length as usize];
    file.read_exact(&mut bytes).ok()?;
    if sum(&bytes) != number(8)? {
        return None;
    }
    let used = metadata.modified().ok()?;
    if used.elapsed().unwrap_or_default() > USE_STEP {
        // A disk that takes no date only makes this block look older.
        let _ = file.set_modified(SystemTime::now());
    }
    Some(bytes.into())
}

fn sum(bytes: &[u8]) -> u64 {
    crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes)
}

fn hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn name_of(span: &Range<u64>) -> String {
    format!("{:016x}-{:x}", span.start, span.end)
}

fn span_of(path: &Path) -> Option<Range<u64>> {
    let (start, end) = path.file_name()?.to_str()?.split_once('-')?;
    let span = u64::from_str_radix(start, 16).ok()?..u64::from_str_radix(end, 16).ok()?;
    (span.start < span.end && path.ends_with(name_of(&span))).then_some(span)
}

fn spans(folder: &Path) -> Spans {
    let mut spans = Spans::default();
    for path in entries(folder) {
        if let Some(span) = span_of(&path) {
            spans.insert(&span);
        }
    }
    spans
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let is_folder = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    entries(folder).into_iter().filter(is_folder).collect()
}

/// Makes a folder and those above it that are missing, for their owner alone.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests;
