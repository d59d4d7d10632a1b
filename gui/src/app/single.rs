//! One window for a data folder: a second start, from a file manager say, hands its videos to the window that is open.
//!
//! The open window listens on a socket in the data folder that only its user may open. The message is the paths' bytes,
//! each followed by a NUL, which no path contains; the answer is one byte.

use std::io::{Read, Write};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use posterframe_client::Paths;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;

use crate::context::{Command, Commands, Engine};

/// How long each side waits for the other.
const HAND_OVER_TIMEOUT: Duration = Duration::from_secs(2);
/// Most bytes that are read of a message: some ten thousand paths.
const MAX_MESSAGE_BYTES: u64 = 2 << 20;
/// The answer: the window opens the videos.
const TAKEN: u8 = b'1';

/// Hands `videos` to the window that uses this data folder. Returns whether a window took them.
pub(crate) fn hand_over(paths: &Paths, videos: &[PathBuf]) -> bool {
    let Ok(mut window) = UnixStream::connect(socket(paths)) else {
        return false;
    };
    let mut bytes = Vec::new();
    for video in videos {
        // The window may have another working directory.
        let path = std::path::absolute(video).unwrap_or_else(|_| video.clone());
        bytes.extend_from_slice(path.as_os_str().as_bytes());
        bytes.push(0);
    }
    let mut answer = [0];
    let done = window
        .set_read_timeout(Some(HAND_OVER_TIMEOUT))
        .and_then(|()| window.set_write_timeout(Some(HAND_OVER_TIMEOUT)))
        .and_then(|()| window.write_all(&bytes))
        .and_then(|()| window.shutdown(std::net::Shutdown::Write))
        .and_then(|()| window.read_exact(&mut answer));
    done.is_ok() && answer[0] == TAKEN
}

/// Listens for the videos that later starts hand over, until dropped.
pub(super) struct Listening {
    file: PathBuf,
    task: tokio::task::JoinHandle<()>,
}

impl Listening {
    /// Starts to listen. `None` if the socket cannot be made, for instance because its path is too long: then each start
    /// opens its own window.
    pub(super) fn start(engine: &Engine, commands: Commands, paths: &Paths) -> Option<Self> {
        let file = socket(paths);
        let _entered = engine.handle().enter();
        let listener = match paths.make_data().and_then(|()| bind(&file)) {
            Ok(listener) => listener,
            Err(error) => {
                tracing::info!("a second start will have a window of its own: {error}");
                return None;
            }
        };
        let task = engine.spawn(async move {
            while let Ok((mut other, _)) = listener.accept().await {
                let commands = commands.clone();
                tokio::spawn(async move {
                    let mut bytes = Vec::new();
                    let mut limited = (&mut other).take(MAX_MESSAGE_BYTES);
                    let read = tokio::time::timeout(HAND_OVER_TIMEOUT, limited.read_to_end(&mut bytes)).await;
                    if !matches!(read, Ok(Ok(_))) {
                        return;
                    }
                    commands.send(Command::HandedOver(listed(&bytes)));
                    // A failed answer is ignored: a start that gets none opens its own window.
                    let _ = other.write_all(&[TAKEN]).await;
                });
            }
        });
        Some(Self { file, task })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
        let _ = std::fs::remove_file(&self.file);
    }
}

fn socket(paths: &Paths) -> PathBuf {
    paths.data.join("window.sock")
}

/// Binds the socket. One that a killed window left behind is replaced; one that answers belongs to an open window, and
/// stays.
fn bind(file: &Path) -> std::io::Result<UnixListener> {
    if file.exists() && UnixStream::connect(file).is_err() {
        std::fs::remove_file(file)?;
    }
    let listener = UnixListener::bind(file)?;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

fn listed(bytes: &[u8]) -> Vec<PathBuf> {
    bytes
        .split(|&byte| byte == 0)
        .filter(|path| !path.is_empty())
        .map(|path| std::ffi::OsString::from_vec(path.to_vec()).into())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a name with odd bytes is opened as another, a killed window's socket keeps the next one from listening, or
    // a closed window seems to be there.
    #[test]
    fn a_second_start_hands_its_videos_over() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::resolve(Some(folder.path().join("data"))).unwrap();
        let videos = [
            PathBuf::from("/videos/two words\nand a line.mp4"),
            PathBuf::from(std::ffi::OsString::from_vec(b"/videos/\xff.mp4".to_vec())),
        ];
        assert!(!hand_over(&paths, &videos));
        std::fs::create_dir_all(&paths.data).unwrap();
        // What a kill leaves behind.
        drop(std::os::unix::net::UnixListener::bind(socket(&paths)).unwrap());
        assert!(!hand_over(&paths, &videos));

        let (engine, commands) = (Engine::start().unwrap(), Commands::default());
        let listening = Listening::start(&engine, commands.clone(), &paths).unwrap();
        assert!(hand_over(&paths, &videos));
        assert_eq!(commands.next(), Some(Command::HandedOver(videos.to_vec())));
        assert!(hand_over(&paths, &[]));
        assert_eq!(commands.next(), Some(Command::HandedOver(Vec::new())));
        // A second window does not take the first one's place.
        assert!(Listening::start(&engine, commands.clone(), &paths).is_none());
        assert!(hand_over(&paths, &[]));

        drop(listening);
        assert!(!hand_over(&paths, &videos));
    }
}
