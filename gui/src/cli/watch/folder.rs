//! What lies in a watched folder, and which of it is whole.
//!
//! The folder is looked at again and again, in place of asking the system for its events. Whether a file is whole shows only in its
//! size and time staying the same, so each is looked at several times anyway; network folders tell of no events that another machine
//! causes, and a queue of events that overflows asks for the same looks. A look at ten thousand files takes some hundredths of a
//! second, and pauses grow with it.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, UNIX_EPOCH};

use posterframe_client::WatchedFile;
use posterframe_contract::names::VIDEO_EXTENSIONS;

/// The least pause between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// How many times as long as a look the pause after it is at least, and how long it is at most.
const PAUSE_FACTOR: u32 = 20;
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// Folders within folders.
const MAX_DEPTH: usize = 32;
/// What programs end the name of a file with that they are still writing, or put before its extension.
const PARTIAL: [&str; 9] = [
    "part",
    "partial",
    "crdownload",
    "download",
    "filepart",
    "opdownload",
    "tmp",
    "temp",
    "!ut",
];

/// A file's version, as far as a look at it without reading tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    bytes: u64,
    modified_unix_nanos: i128,
    file_id: u64,
}

impl Version {
    fn of(metadata: &std::fs::Metadata) -> Self {
        let modified = metadata.modified().ok();
        let since_epoch = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self {
            bytes: metadata.len(),
            modified_unix_nanos: since_epoch.unwrap_or_default().as_nanos().cast_signed(),
            #[cfg(unix)]
            file_id: std::os::unix::fs::MetadataExt::ino(metadata),
            #[cfg(not(unix))]
            file_id: 0,
        }
    }
}

/// A file that may be a video.
#[derive(Debug)]
struct Tracked {
    version: Version,
    /// When this version was first seen, or from when on it counts.
    since: Instant,
    /// It is known what came of this version.
    is_handled: bool,
    /// The number of the look that saw it last.
    look: u64,
}

/// A folder that is watched.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// Folders in it are looked into.
    is_recursive: bool,
    /// A folder that is not looked into: where this program keeps its own files.
    excluded: PathBuf,
    /// How long a file must stay the same before it counts as whole.
    settle: Duration,
    files: HashMap<PathBuf, Tracked>,
    looks: u64,
    /// Folders that could not be read, each of which was said once.
    unreadable: HashSet<PathBuf>,
}

impl Folder {
    pub(super) fn new(root: PathBuf, is_recursive: bool, settle: Duration, excluded: PathBuf) -> Self {
        Self {
            root,
            is_recursive,
            excluded,
            settle,
            files: HashMap::new(),
            looks: 0,
            unreadable: HashSet::new(),
        }
    }

    /// Looks at all files. Those that are whole, and not [handled](Self::handled), come in the order of their times.
    ///
    /// # Errors
    /// The folder itself cannot be read. What is known of its files stays: it may be a network folder that comes back.
    pub(super) fn look(&mut self, now: Instant) -> io::Result<Vec<WatchedFile>> {
        self.looks += 1;
        let root = self.root.clone();
        self.look_into(&root, 0, now)?;
        let (looks, settle) = (self.looks, self.settle);
        self.files.retain(|_, file| file.look == looks);
        let is_whole = |file: &Tracked| {
            // Nobody submits nothing: a file without a byte is about to be written.
            !file.is_handled && file.version.bytes > 0 && now >= file.since + settle
        };
        let whole = self.files.iter().filter(|(_, file)| is_whole(file));
        let mut whole: Vec<WatchedFile> = whole.map(|(path, file)| watched(path, file.version)).collect();
        whole.sort_by(|a, b| (a.modified_unix_nanos, &a.path).cmp(&(b.modified_unix_nanos, &b.path)));
        Ok(whole)
    }

    fn look_into(&mut self, folder: &Path, depth: usize, now: Instant) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            if is_hidden(&name) {
                continue;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if self.is_recursive && depth < MAX_DEPTH && path != self.excluded {
                    match self.look_into(&path, depth + 1, now) {
                        Err(error) if self.unreadable.insert(path.clone()) => {
                            eprintln!("posterframe: {error}: {}", path.display());
                        }
                        _ => {}
                    }
                }
                continue;
            }
            if !may_be_a_video(&name) {
                continue;
            }
            // A link may lead to a video, and what is gone meanwhile is gone.
            let metadata = std::fs::metadata(&path).ok();
            if let Some(metadata) = metadata.filter(std::fs::Metadata::is_file) {
                self.note(path, Version::of(&metadata), now);
            }
        }
        Ok(())
    }

    fn note(&mut self, path: PathBuf, version: Version, now: Instant) {
        let look = self.looks;
        let fresh = || Tracked {
            version,
            since: now,
            is_handled: false,
            look,
        };
        let file = self.files.entry(path).or_insert_with(fresh);
        if file.version != version {
            *file = fresh();
        }
        file.look = look;
    }

    /// Notes that it is known what came of this version of a file.
    pub(super) fn handled(&mut self, file: &WatchedFile) {
        if let Some(tracked) = self.files.get_mut(&file.path)
            && watched(&file.path, tracked.version) == *file
        {
            tracked.is_handled = true;
        }
    }

    /// Notes that a file counts as new from `from` on.
    pub(super) fn postpone(&mut self, file: &WatchedFile, from: Instant) {
        if let Some(tracked) = self.files.get_mut(&file.path) {
            tracked.since = from;
        }
    }

    /// Whether there is a file of which nothing is known yet, because it is still being written for instance.
    pub(super) fn is_waiting(&self) -> bool {
        self.files.values().any(|file| !file.is_handled)
    }

    /// How long to wait after a look that took so long.
    pub(super) fn pause(took: Duration) -> Duration {
        (took * PAUSE_FACTOR).clamp(PAUSE, MAX_PAUSE)
    }
}

/// Whether the file is another one now than it was, or gone.
pub(super) fn has_changed(file: &WatchedFile) -> bool {
    let now = std::fs::metadata(&file.path);
    now.map_or(true, |metadata| {
        watched(&file.path, Version::of(&metadata)) != *file
    })
}

fn watched(path: &Path, version: Version) -> WatchedFile {
    let Version {
        bytes,
        modified_unix_nanos,
        file_id,
    } = version;
    WatchedFile {
        path: path.to_owned(),
        bytes,
        modified_unix_nanos,
        file_id,
        content: None,
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Whether a file of this name may be a whole video: it has a video's extension, or none at all, and is not marked as partial.
fn may_be_a_video(name: &OsStr) -> bool {
    let name = Path::new(name);
    let Some(extension) = name.extension() else {
        return true;
    };
    let is_one_of = |part: &OsStr, names: &[&str]| names.iter().any(|name| part.eq_ignore_ascii_case(name));
    let inner = name.file_stem().and_then(|stem| Path::new(stem).extension());
    let is_partial = inner.is_some_and(|inner| is_one_of(inner, &PARTIAL));
    is_one_of(extension, &VIDEO_EXTENSIONS) && !is_partial
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(5);

    struct World {
        home: tempfile::TempDir,
        folder: Folder,
        now: Instant,
    }

    impl World {
        fn new(is_recursive: bool) -> Self {
            let home = tempfile::tempdir().unwrap();
            let data = home.path().join("data");
            Self {
                folder: Folder::new(home.path().to_owned(), is_recursive, SETTLE, data),
                home,
                now: Instant::now(),
            }
        }

        fn write(&self, name: &str, content: &str) -> PathBuf {
            let path = self.home.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, content).unwrap();
            path
        }

        /// What is whole so many seconds after the look before, by name.
        fn after(&mut self, seconds: u64) -> Vec<String> {
            self.now += Duration::from_secs(seconds);
            let whole = self.folder.look(self.now).unwrap();
            let name = |file: &WatchedFile| {
                let path = file.path.strip_prefix(self.home.path()).unwrap();
                path.to_string_lossy().into_owned()
            };
            let mut names: Vec<String> = whole.iter().map(name).collect();
            names.sort();
            names
        }
    }

    // Breaks if a file is taken before it has stayed the same for long enough, or is never taken.
    #[test]
    fn a_file_is_whole_once_it_stays_the_same() {
        let mut world = World::new(false);
        world.write("a.mp4", "1");
        world.write("empty.mp4", "");
        assert_eq!(world.after(0), [""; 0]);
        assert_eq!(world.after(4), [""; 0]);
        world.write("a.mp4", "12");
        assert_eq!(world.after(4), [""; 0]);
        assert_eq!(world.after(4), [""; 0]);
        assert_eq!(world.after(1), ["a.mp4"]);
        assert_eq!(world.after(1), ["a.mp4"]);
        let file = world.folder.look(world.now).unwrap().remove(0);
        assert!(!has_changed(&file));
        world.folder.handled(&file);
        assert_eq!(world.after(9), [""; 0]);
        assert!(world.folder.is_waiting(), "the empty one may still be written");
        std::fs::remove_file(world.home.path().join("empty.mp4")).unwrap();
        assert_eq!(world.after(1), [""; 0]);
        assert!(!world.folder.is_waiting());
    }

    // Breaks if a file that takes another's place is taken for it, be it of the same size and time.
    #[cfg(unix)]
    #[test]
    fn what_takes_a_files_place_is_new() {
        let mut world = World::new(false);
        let path = world.write("a.mp4", "1");
        world.after(0);
        world.after(5);
        let file = world.folder.look(world.now).unwrap().remove(0);
        world.folder.handled(&file);
        let other = world.write(".b", "2");
        let times =
            std::fs::FileTimes::new().set_modified(std::fs::metadata(&path).unwrap().modified().unwrap());
        std::fs::File::options()
            .write(true)
            .open(&other)
            .unwrap()
            .set_times(times)
            .unwrap();
        std::fs::rename(other, path).unwrap();
        assert!(has_changed(&file));
        // What came of the old one says nothing of the new one.
        world.after(1);
        world.folder.handled(&file);
        assert_eq!(world.after(5), ["a.mp4"]);
        let new = world.folder.look(world.now).unwrap().remove(0);
        world.folder.postpone(&new, world.now + SETTLE);
        assert_eq!(world.after(6), [""; 0]);
        assert_eq!(world.after(4), ["a.mp4"]);
    }

    // Breaks if something is taken that is no video, is not there to be seen, or is being written; or a video is passed over.
    #[cfg(unix)]
    #[test]
    fn which_names_are_taken() {
        use std::os::unix::ffi::OsStrExt as _;
        let mut world = World::new(false);
        for name in [
            ".hidden.mp4",
            "a.mp4.part",
            "a.mp4.crdownload",
            "a.mp4.filepart",
            "a.mp4.tmp",
            "a.temp.mp4",
            "a.part.MKV",
            "a.txt",
            "a.png",
            "a.jpg",
            "a.vtt",
            "sub/in.mp4",
            "a.mp4~",
        ] {
            world.write(name, "1");
        }
        for name in ["b.mp4", "B.MOV", "temp.mp4", "a b.webm", "film"] {
            world.write(name, "1");
        }
        std::fs::write(world.home.path().join(OsStr::from_bytes(b"Mu\xf1oz.mp4")), "1").unwrap();
        std::os::unix::fs::symlink("b.mp4", world.home.path().join("link.mp4")).unwrap();
        std::os::unix::fs::symlink("nowhere", world.home.path().join("broken.mp4")).unwrap();
        let pipe = world.home.path().join("pipe.mp4");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        world.after(0);
        let expected = [
            "B.MOV",
            "Mu\u{fffd}oz.mp4",
            "a b.webm",
            "b.mp4",
            "film",
            "link.mp4",
            "temp.mp4",
        ];
        assert_eq!(world.after(5), expected);
    }

    // Breaks if folders are looked into that should not be, or not those that should.
    #[cfg(unix)]
    #[test]
    fn folders_in_it() {
        let mut world = World::new(true);
        for name in ["a.mp4", "sub/deep/b.mp4", ".git/c.mp4", "data/local/blobs/d"] {
            world.write(name, "1");
        }
        std::os::unix::fs::symlink("..", world.home.path().join("sub/up")).unwrap();
        world.after(0);
        assert_eq!(world.after(5), ["a.mp4", "sub/deep/b.mp4"]);
        std::fs::remove_dir_all(world.home.path()).unwrap();
        assert!(world.folder.look(world.now).is_err());
    }

    // Breaks if looking takes all of a processor's time, or none for long.
    #[test]
    fn pauses_grow_with_looks() {
        assert_eq!(Folder::pause(Duration::from_millis(2)), PAUSE);
        assert_eq!(Folder::pause(Duration::from_millis(500)), Duration::from_secs(10));
        assert_eq!(Folder::pause(Duration::from_mins(1)), MAX_PAUSE);
    }
}
