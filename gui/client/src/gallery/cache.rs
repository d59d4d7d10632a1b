//! Downloaded pictures on disk: at most so many bytes, and what was not looked at for the longest goes first.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use parking_lot::Mutex;
use posterframe_contract::ThumbnailMetadata;

use crate::error::ClientError;
use crate::fs::{blocking, private, write_whole};

/// What is known of so many pictures stays in memory: a megabyte or two.
const MAX_KNOWN_METADATA: usize = 4096;
/// A full cache is emptied to this part of its limit, so that not every download sorts it anew.
const LOW_WATER: (u64, u64) = (9, 10);
/// Beside each picture lies what the worker said of it.
const METADATA_EXTENSION: &str = "json";

/// A folder of downloaded pictures. Clones are the same one.
#[derive(Clone)]
pub(super) struct Cache {
    files: Arc<Files>,
    /// Downloads under way: two that want the same wait for one another.
    turns: Arc<Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>>,
}

/// The folder itself: whatever looks at it may wait for a disk.
struct Files {
    folder: PathBuf,
    state: Mutex<State>,
    /// What is said of pictures. Held for no disk: the window asks.
    known: Mutex<HashMap<String, Arc<ThumbnailMetadata>>>,
}

struct State {
    limit: u64,
    /// What lies in the folder; read at the first use.
    entries: Option<HashMap<String, Entry>>,
}

enum Found {
    /// It is here, with what the worker said of it.
    Here(Option<Arc<ThumbnailMetadata>>),
    Nothing,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    bytes: u64,
    used: SystemTime,
}

impl Cache {
    pub(super) fn new(folder: PathBuf, limit: u64) -> Self {
        let files = Files {
            folder,
            state: Mutex::new(State { limit, entries: None }),
            known: Mutex::default(),
        };
        Self {
            files: Arc::new(files),
            turns: Arc::default(),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.files.folder
    }

    /// The picture `name`, downloaded to the path that `download` is given where it is not here.
    pub(super) async fn get(
        &self,
        name: &str,
        download: impl AsyncFnOnce(&Path) -> Result<Option<ThumbnailMetadata>, ClientError>,
    ) -> Result<(PathBuf, Option<Arc<ThumbnailMetadata>>), ClientError> {
        let turn = self.turn(name);
        let _turn = turn.lock().await;
        let file = self.folder().join(name);
        if let Found::Here(metadata) = self.with_files(name, Files::prepare).await? {
            return Ok((file, metadata));
        }
        let unfinished = unfinished(&file);
        let stored = async {
            let metadata = download(&unfinished).await?.map(Arc::new);
            let kept = metadata.clone();
            self.with_files(name, move |files, name| files.keep(name, kept.as_ref()))
                .await?;
            Ok(metadata)
        };
        match stored.await {
            Ok(metadata) => Ok((file, metadata)),
            Err(error) => {
                let gone = move || std::fs::remove_file(&unfinished);
                // What is left is cleared away at the next start.
                let _ = blocking(gone).await;
                Err(error)
            }
        }
    }

    /// Does something with the files off the network's threads.
    async fn with_files<T: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce(&Files, &str) -> T + Send + 'static,
    ) -> T {
        let (files, name) = (self.files.clone(), name.to_owned());
        blocking(move || work(&files, &name)).await
    }

    /// What the worker said of a picture that has been here.
    pub(super) fn known(&self, name: &str) -> Option<Arc<ThumbnailMetadata>> {
        self.files.known.lock().get(name).cloned()
    }

    pub(super) fn bytes(&self) -> u64 {
        let files = &self.files;
        let mut state = files.state.lock();
        files.entries(&mut state).values().map(|entry| entry.bytes).sum()
    }

    pub(super) fn set_limit(&self, limit: u64) {
        let mut state = self.files.state.lock();
        state.limit = limit;
        self.files.shrink(&mut state, None);
    }

    pub(super) fn clear(&self) -> io::Result<()> {
        let mut state = self.files.state.lock();
        state.entries = None;
        self.files.known.lock().clear();
        match std::fs::remove_dir_all(self.folder()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn turn(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock();
        if let Some(turn) = turns.get(name).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(name.to_owned(), Arc::downgrade(&turn));
        turn
    }
}

impl Files {
    /// The picture, or the folder for it.
    fn prepare(&self, name: &str) -> Result<Found, ClientError> {
        let found = self.find(name, &self.folder.join(name));
        if matches!(found, Found::Nothing) {
            let made = private::make_folder(&self.folder);
            made.map_err(|error| ClientError::folder(&self.folder, error))?;
        }
        Ok(found)
    }

    /// Takes in a picture that was downloaded.
    fn keep(&self, name: &str, metadata: Option<&Arc<ThumbnailMetadata>>) -> Result<(), ClientError> {
        let file = self.folder.join(name);
        let failed = |error: io::Error| ClientError::folder(&file, error);
        if let Some(metadata) = metadata {
            let text = serde_json::to_vec(&**metadata).map_err(|error| failed(error.into()))?;
            write_whole(&side(&file), &text).map_err(failed)?;
        }
        std::fs::rename(unfinished(&file), &file).map_err(failed)?;
        self.added(name, &file, metadata);
        Ok(())
    }

    /// What was said of a picture that is here.
    fn find(&self, name: &str, file: &Path) -> Found {
        let mut state = self.state.lock();
        let now = SystemTime::now();
        let Some(entry) = self.entries(&mut state).get_mut(name) else {
            return Found::Nothing;
        };
        entry.used = now;
        // So that the order survives a restart. A file that somebody deleted is noticed here.
        let touched = std::fs::File::open(file).and_then(|file| file.set_modified(now));
        if touched.is_err() && !file.is_file() {
            self.entries(&mut state).remove(name);
            return Found::Nothing;
        }
        if let Some(known) = self.known.lock().get(name) {
            return Found::Here(Some(known.clone()));
        }
        let text = std::fs::read(side(file)).ok();
        let metadata: Option<ThumbnailMetadata> = text.and_then(|text| serde_json::from_slice(&text).ok());
        let metadata = metadata.map(Arc::new);
        self.remember(name, metadata.as_ref());
        Found::Here(metadata)
    }

    fn added(&self, name: &str, file: &Path, metadata: Option<&Arc<ThumbnailMetadata>>) {
        self.remember(name, metadata);
        let mut state = self.state.lock();
        let length = |file: &Path| std::fs::metadata(file).map_or(0, |file| file.len());
        let entry = Entry {
            bytes: length(file) + length(&side(file)),
            used: SystemTime::now(),
        };
        self.entries(&mut state).insert(name.to_owned(), entry);
        self.shrink(&mut state, Some(name));
    }

    fn shrink(&self, state: &mut State, keep: Option<&str>) {
        let limit = state.limit;
        let entries = self.entries(state);
        let mut total: u64 = entries.values().map(|entry| entry.bytes).sum();
        if total <= limit {
            return;
        }
        let mut oldest: Vec<(SystemTime, String)> = entries
            .iter()
            .filter(|(name, _)| Some(name.as_str()) != keep)
            .map(|(name, entry)| (entry.used, name.clone()))
            .collect();
        oldest.sort_unstable();
        for (_, name) in oldest {
            if total <= limit / LOW_WATER.1 * LOW_WATER.0 {
                return;
            }
            let file = self.folder.join(&name);
            // One that cannot be deleted now is seen again at the next start.
            let _ = std::fs::remove_file(side(&file));
            let _ = std::fs::remove_file(&file);
            total -= entries.remove(&name).map_or(0, |entry| entry.bytes);
        }
    }

    fn entries<'a>(&self, state: &'a mut State) -> &'a mut HashMap<String, Entry> {
        state.entries.get_or_insert_with(|| scan(&self.folder))
    }

    fn remember(&self, name: &str, metadata: Option<&Arc<ThumbnailMetadata>>) {
        let mut known = self.known.lock();
        if known.len() >= MAX_KNOWN_METADATA {
            known.clear();
        }
        if let Some(metadata) = metadata {
            known.insert(name.to_owned(), metadata.clone());
        }
    }
}

fn unfinished(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn side(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(METADATA_EXTENSION);
    name.into()
}

fn scan(folder: &Path) -> HashMap<String, Entry> {
    let mut entries = HashMap::new();
    for found in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(about) = found.metadata() else { continue };
        let name = found.file_name().to_string_lossy().into_owned();
        let extension = Path::new(&name).extension().unwrap_or_default();
        if extension == "part" {
            // Of a download that a crash cut off.
            let _ = std::fs::remove_file(found.path());
        } else if extension != METADATA_EXTENSION && about.is_file() {
            let beside = std::fs::metadata(side(&found.path())).map_or(0, |file| file.len());
            let used = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            entries.insert(
                name,
                Entry {
                    bytes: about.len() + beside,
                    used,
                },
            );
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    async fn get(cache: &Cache, name: &str, downloads: &AtomicUsize) -> PathBuf {
        let download = async |file: &Path| {
            downloads.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            std::fs::write(file, [0; 100]).unwrap();
            Ok(None)
        };
        cache.get(name, download).await.unwrap().0
    }

    // Breaks if a picture is downloaded twice, the cache outgrows its limit, or what was just looked at goes first.
    #[tokio::test]
    async fn the_least_used_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned(), 350);
        let downloads = AtomicUsize::new(0);
        let two = tokio::join!(get(&cache, "a.png", &downloads), get(&cache, "a.png", &downloads));
        assert!(two.0 == two.1 && two.0.is_file());
        assert_eq!(downloads.load(Ordering::Relaxed), 1);
        for name in ["b.png", "c.png", "a.png", "d.png"] {
            get(&cache, name, &downloads).await;
        }
        let there = |name: &str| folder.path().join(name).is_file();
        assert!(there("a.png") && !there("b.png") && there("d.png"));
        assert!(cache.bytes() <= 350);
        // A new start finds what is there, and a file that somebody deleted comes again.
        let again = Cache::new(folder.path().to_owned(), 350);
        std::fs::write(folder.path().join("x.png.part"), "half").unwrap();
        assert_eq!(again.bytes(), 300);
        assert!(!there("x.png.part"));
        std::fs::remove_file(folder.path().join("a.png")).unwrap();
        get(&again, "a.png", &downloads).await;
        assert_eq!(downloads.load(Ordering::Relaxed), 5);
        again.clear().unwrap();
        assert_eq!(again.bytes(), 0);
    }
}
