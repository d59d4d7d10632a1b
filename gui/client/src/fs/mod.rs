//! Files as this program reads and saves them. Only files are opened, so that nothing is waited for; and what is saved
//! appears whole or not at all, over what is there only where that is wanted.

mod off_thread;
pub mod path_text;
pub(crate) mod private;

use std::fs::{File, FileType};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use posterframe_contract::names::{MAX_NAME_BYTES, shortened};
use tempfile::NamedTempFile;

pub(crate) use off_thread::blocking;
use private::{create_new, make_folder};

/// What becomes of a file that has the name already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is saved: [`io::ErrorKind::AlreadyExists`].
    Keep,
    /// The new one takes its place at once, and its permissions. Where the name is a link's, that stays and leads to
    /// the new file.
    Replace,
}

/// A file that is being written, beside its later place and under a name of its own. It goes away with this unless it is
/// put there.
#[derive(Debug)]
pub struct Unfinished(NamedTempFile);

impl Unfinished {
    /// Makes it in the folder of `file`, or of the file that this leads to: it can be put there without being copied.
    ///
    /// # Errors
    /// The folder is not there or cannot be written.
    pub fn beside(file: &Path) -> io::Result<Self> {
        // As any other new file, and not as a temporary one: what others may do with it, the user's mask says.
        Self::make(file, |path| File::create_new(path))
    }

    /// The same, for this user only.
    ///
    /// # Errors
    /// As [`Self::beside`].
    pub fn private(file: &Path) -> io::Result<Self> {
        Self::make(file, create_new)
    }

    fn make(file: &Path, create: impl FnMut(&Path) -> io::Result<File>) -> io::Result<Self> {
        let file = without_links(file);
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        Self::within(folder.unwrap_or(Path::new(".")), create)
    }

    fn within(folder: &Path, create: impl FnMut(&Path) -> io::Result<File>) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".posterframe-").suffix(".part");
        builder.make_in(folder, create).map(Self)
    }

    /// The file, to be written.
    pub fn file(&mut self) -> &mut File {
        self.0.as_file_mut()
    }

    /// Where it is for now.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts it where it belongs.
    ///
    /// # Errors
    /// The name is taken and `existing` says that it stays, it is no file's, or the folder cannot be written.
    pub fn put(self, file: &Path, existing: Existing) -> io::Result<()> {
        if existing == Existing::Keep {
            return keep(self.0, file).map_err(|(error, _)| error);
        }
        let there = std::fs::metadata(file).ok();
        if let Some(there) = &there {
            if let Some(kind) = other_kind(there.file_type()) {
                return Err(not_a_file(kind));
            }
            self.0.as_file().set_permissions(there.permissions())?;
        }
        self.0
            .persist(without_links(file))
            .map(drop)
            .map_err(io::Error::from)
    }

    /// Puts it into `folder` as `name`, or as `name (2)` and so on where that is taken. Too long a name loses its middle.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn put_new(self, folder: &Path, name: &str) -> io::Result<PathBuf> {
        let mut unfinished = self.0;
        let mut number = 1_u64;
        loop {
            let file = folder.join(numbered(name, number));
            match keep(unfinished, &file) {
                Ok(()) => return Ok(file),
                Err((error, back)) if error.kind() == io::ErrorKind::AlreadyExists => unfinished = back,
                Err((error, _)) => return Err(error),
            }
            number += 1;
        }
    }
}

fn without_links(file: &Path) -> PathBuf {
    file.canonicalize().unwrap_or_else(|_| file.to_owned())
}

/// Gives the file its name if that is free. Where it is not, the file comes back.
fn keep(unfinished: NamedTempFile, file: &Path) -> Result<(), (io::Error, NamedTempFile)> {
    let Err(refused) = unfinished.persist_noclobber(file) else {
        return Ok(());
    };
    if matches!(
        refused.error.kind(),
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound | io::ErrorKind::InvalidFilename
    ) {
        return Err((refused.error, refused.file));
    }
    // Some file systems can neither rename without replacing nor link: there the name is taken first.
    match File::create_new(file) {
        Ok(_) => refused
            .file
            .persist(file)
            .map(drop)
            .map_err(|error| (error.error, error.file)),
        Err(error) => Err((error, refused.file)),
    }
}

/// `clip.png`, `clip (2).png`, `clip (3).png`…
fn numbered(name: &str, number: u64) -> String {
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    };
    let tail = match number {
        1 => extension.to_owned(),
        number => format!(" ({number}){extension}"),
    };
    file_name(stem, &tail)
}

/// A name that begins with `stem` and ends with `tail`, of a length that file systems take: the stem loses its middle
/// where that is needed.
pub fn file_name(stem: &str, tail: &str) -> String {
    let stem = shortened(stem, MAX_NAME_BYTES.saturating_sub(tail.len()));
    shortened(&format!("{stem}{tail}"), MAX_NAME_BYTES)
}

/// Saves what `write` writes as `file`.
///
/// # Errors
/// As `write`, or [`Unfinished::put`].
pub fn save(
    file: &Path,
    existing: Existing,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let mut unfinished = Unfinished::beside(file)?;
    write(unfinished.file())?;
    unfinished.put(file, existing)
}

/// Saves what `write` writes in `folder` as `name`, or as `name (2)` and so on where that is taken, and tells where.
///
/// # Errors
/// As `write`, or [`Unfinished::put_new`].
pub fn save_new(
    folder: &Path,
    name: &str,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<PathBuf> {
    let mut unfinished = Unfinished::within(folder, |path| File::create_new(path))?;
    write(unfinished.file())?;
    unfinished.put_new(folder, name)
}

/// Writes one of the program's own files, for this user only; its folder is made where it is missing.
///
/// # Errors
/// The folder cannot be written.
pub fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        make_folder(folder)?;
    }
    let mut unfinished = Unfinished::private(file)?;
    unfinished.file().write_all(bytes)?;
    unfinished.put(file, Existing::Replace)
}

/// Whether both are one file, through links of either kind. `false` where one of them is not there.
pub fn is_same(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    let identity = |path: &Path| {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
    };
    #[cfg(not(unix))]
    let identity = |path: &Path| path.canonicalize().ok();
    identity(a).is_some_and(|a| identity(b) == Some(a))
}

/// Opens a file, and nothing else: opening a pipe waits for its writer, opening a device may do something.
///
/// # Errors
/// It cannot be read, or is something else, which [`kind_of`] tells then.
pub fn open(path: &Path) -> io::Result<File> {
    let check = |kind: FileType| other_kind(kind).map_or(Ok(()), |kind| Err(not_a_file(kind)));
    check(std::fs::metadata(path)?.file_type())?;
    let mut options = File::options();
    options.read(true);
    // Nor does a pipe make us wait that has taken the file's place since.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let file = options.open(path)?;
    check(file.metadata()?.file_type())?;
    Ok(file)
}

/// What is at a path, in words, where it is something else than a file.
pub fn kind_of(path: &Path) -> Option<&'static str> {
    other_kind(std::fs::metadata(path).ok()?.file_type())
}

/// Whether what is at a path takes bytes as they come and keeps none of what was there: a pipe, a terminal, `/dev/null`.
pub fn takes_bytes(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        std::fs::metadata(path).is_ok_and(|there| {
            let kind = there.file_type();
            kind.is_fifo() || kind.is_char_device()
        })
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

fn other_kind(kind: FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return Some("a pipe");
        } else if kind.is_socket() {
            return Some("a socket");
        }
    }
    match kind {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("a folder"),
        _ => Some("a device"),
    }
}

fn not_a_file(kind: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("this is {kind}, not a file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        let mut names: Vec<_> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    // Breaks if a file that is there is written over, or something unfinished is left beside it.
    #[test]
    fn what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.png");
        save(&file, Existing::Keep, |new| new.write_all(b"first")).unwrap();
        let again = save(&file, Existing::Keep, |new| new.write_all(b"second"));
        assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let failed = save(&file, Existing::Replace, |new| {
            new.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&file).unwrap(), b"first");
        for number in 2..4 {
            let write = |new: &mut File| {
                // What is unfinished lies beside those that are finished.
                assert_eq!(names(folder.path()).len(), usize::from(number));
                new.write_all(&[number])
            };
            let saved = save_new(folder.path(), "a.png", write).unwrap();
            assert_eq!(saved, folder.path().join(format!("a ({number}).png")));
        }
        assert_eq!(names(folder.path()), ["a (2).png", "a (3).png", "a.png"]);
        save(&file, Existing::Replace, |new| new.write_all(b"second")).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"second");
        let into_a_folder = save(folder.path(), Existing::Replace, |new| new.write_all(b"x"));
        assert!(into_a_folder.unwrap_err().to_string().contains("a folder"));
        let nowhere = folder.path().join("none/a.png");
        let nowhere = save(&nowhere, Existing::Keep, |new| new.write_all(b"x")).unwrap_err();
        assert!(nowhere.kind() == io::ErrorKind::NotFound && !nowhere.to_string().contains(".part"));
    }

    // Breaks if many that save the same name at once lose one of their files.
    #[test]
    fn every_saved_file_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for number in 0..8 {
                let folder = folder.path();
                scope.spawn(move || {
                    for _ in 0..8 {
                        save_new(folder, "a.png", |new| new.write_all(&[number])).unwrap();
                    }
                });
            }
        });
        let mut counts = [0; 8];
        for name in names(folder.path()) {
            let bytes = std::fs::read(folder.path().join(name)).unwrap();
            counts[usize::from(bytes[0])] += 1;
        }
        assert_eq!(counts, [8; 8]);
    }

    // Breaks if a name of the greatest length cannot be saved, or saved again.
    #[test]
    fn long_names_are_saved() {
        let folder = tempfile::tempdir().unwrap();
        let name = format!("{}.png", "ü".repeat(150));
        for _ in 0..2 {
            save_new(folder.path(), &name, |new| new.write_all(b"x")).unwrap();
        }
        let saved = names(folder.path());
        assert!(
            saved.len() == 2
                && saved
                    .iter()
                    .all(|name| name.len() <= 255 && name.strip_suffix(".png").is_some())
        );
        assert!(saved.iter().any(|name| name.ends_with(" (2).png")));
        assert_eq!(file_name("clip", "_00-10.png"), "clip_00-10.png");
    }

    // Breaks if a saved file may be read by fewer people than others, or a replaced one by other people than before.
    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_any_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (plain, saved) = (folder.path().join("plain"), folder.path().join("saved"));
        std::fs::write(&plain, "x").unwrap();
        let mode = |file: &Path| std::fs::metadata(file).unwrap().permissions().mode();
        let write = |text: &'static [u8]| save(&saved, Existing::Replace, move |new| new.write_all(text));
        write(b"x").unwrap();
        assert_eq!(mode(&saved), mode(&plain));
        std::fs::set_permissions(&saved, std::fs::Permissions::from_mode(0o640)).unwrap();
        write(b"y").unwrap();
        assert_eq!(mode(&saved) & 0o777, 0o640);
    }

    // Breaks if a link hides that two names are one file, or a save turns a link into a file of its own.
    #[cfg(unix)]
    #[test]
    fn links_are_seen_through() {
        let folder = tempfile::tempdir().unwrap();
        let [file, soft, hard, other] =
            ["file", "soft", "hard", "other"].map(|name| folder.path().join(name));
        std::fs::write(&file, "x").unwrap();
        std::fs::write(&other, "x").unwrap();
        std::os::unix::fs::symlink(&file, &soft).unwrap();
        std::fs::hard_link(&file, &hard).unwrap();
        assert!(is_same(&file, &file) && is_same(&file, &soft) && is_same(&soft, &hard));
        assert!(!is_same(&file, &other) && !is_same(&file, &folder.path().join("none")));
        // A link may lead to another disk.
        let elsewhere = tempfile::tempdir().unwrap();
        let away = elsewhere.path().join("away");
        std::os::unix::fs::symlink(&file, &away).unwrap();
        let unfinished = Unfinished::beside(&away).unwrap();
        let place = folder.path().canonicalize().unwrap();
        assert_eq!(unfinished.path().parent(), Some(place.as_path()));
        drop(unfinished);
        write_whole(&soft, b"new").unwrap();
        assert!(soft.is_symlink());
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
    }

    // Breaks if a pipe or a socket makes us wait, or a device is read as if it were a file.
    #[cfg(target_os = "linux")]
    #[test]
    fn only_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let [pipe, socket, file] = ["pipe", "socket", "file"].map(|name| folder.path().join(name));
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        std::fs::write(&file, "x").unwrap();
        for (path, kind) in [
            (pipe.as_path(), "a pipe"),
            (&socket, "a socket"),
            (Path::new("/dev/zero"), "a device"),
            (folder.path(), "a folder"),
        ] {
            assert_eq!(kind_of(path), Some(kind));
            assert!(open(path).unwrap_err().to_string().contains(kind));
        }
        assert_eq!(kind_of(&file), None);
        assert!(open(&file).is_ok());
    }
}
