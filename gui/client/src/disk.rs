//! The app's own files: for this user only, and off the threads that must not wait.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Runs `work` where it may block. A panic in it goes on here, where it would have been without the thread.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime is going away, and whoever waits with it.
        Err(_) => std::future::pending().await,
    }
}

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
    use std::path::PathBuf;

    use super::*;
    use crate::{AccessKeys, Backend, Client, ClientOptions, Paths};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    async fn open_and_close(data: PathBuf) -> Paths {
        let keys = AccessKeys {
            id: "id".into(),
            secret: "secret".into(),
        };
        let paths = Paths::resolve(Some(data)).unwrap();
        let options = ClientOptions {
            paths: paths.clone(),
            backend: Backend::this_computer("http://127.0.0.1:9".into(), "r".into(), "b".into(), keys),
        };
        Client::open(options).await.unwrap().close().await;
        paths
    }

    // Breaks if another user of this computer can read what somebody looked at, be it from an earlier version, or if
    // somebody's own folder is closed.
    #[tokio::test]
    async fn nobody_else_looks_in() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("new");
        open_and_close(new.clone()).await;
        assert_eq!((mode(&new), mode(&new.join("history.db"))), (0o700, 0o600));
        assert_eq!(mode(&new.join("client.lock")), 0o600);

        let old = folder.path().join("old");
        for name in ["", "stills", "thumbnails", "cache", "cache/thumbnails"] {
            fs::create_dir(old.join(name)).unwrap();
            set(&old.join(name), 0o755);
        }
        let files = [
            "history.db",
            "stills/a.png",
            "thumbnails/a.png",
            "cache/thumbnails/a.png",
        ];
        for name in files {
            fs::write(old.join(name), "").unwrap();
            set(&old.join(name), 0o644);
        }
        open_and_close(old.clone()).await;
        for name in ["", "stills", "thumbnails", "cache/thumbnails"] {
            assert_eq!(mode(&old.join(name)), 0o700, "{name}");
        }
        for name in files {
            assert_eq!(mode(&old.join(name)), 0o600, "{name}");
        }

        let theirs = folder.path().join("theirs");
        fs::create_dir(&theirs).unwrap();
        fs::write(theirs.join("film.mp4"), "").unwrap();
        set(&theirs, 0o755);
        set(&theirs.join("film.mp4"), 0o644);
        for _ in 0..2 {
            open_and_close(theirs.clone()).await;
        }
        assert_eq!((mode(&theirs), mode(&theirs.join("film.mp4"))), (0o755, 0o644));
        assert_eq!(mode(&theirs.join("history.db")), 0o600);
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
