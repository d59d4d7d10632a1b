//! What a client leaves on disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::*;
use crate::config::AccessKeys;

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
        worker: None,
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
