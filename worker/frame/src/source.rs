//! The source of a video's bytes: a file or any reader, as libav's input, which can be cancelled.
//!
//! This module opens files itself instead of libav. So errors are the system's own, a name is never taken for a protocol
//! or an option, and nothing in a file makes libav open another file.

use std::fs::{File, FileType};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Instant;

use ffmpeg_next::format::context::{Input, StreamIo};
use ffmpeg_next::{Dictionary, format};
use parking_lot::Mutex;

use crate::limits::Limits;
use crate::{Error, boxes};

/// Size of libav's read buffer: large enough for few system calls, and small enough that a seek costs little.
const BUFFER_BYTES: usize = 64 << 10;

/// A reader with seeks that can move between threads.
pub trait ReadSeek: Read + Seek + Send {
    /// A hint that these bytes will be read next, in this order, according to the video's index. A reader over a network
    /// can fetch them with few requests; other readers need not implement this.
    fn will_read(&mut self, bytes: Range<u64>) {
        let _ = bytes;
    }

    /// As [`Read::read`], but a reader that may wait for long ends with an error once `goes_on` says no: the call that needs
    /// the bytes was cancelled.
    ///
    /// # Errors
    /// The bytes cannot be read, or are waited for no more.
    fn read_while(&mut self, buffer: &mut [u8], goes_on: &dyn Fn() -> bool) -> io::Result<usize> {
        let _ = goes_on;
        self.read(buffer)
    }
}

impl ReadSeek for File {}

impl<T: AsRef<[u8]> + Send> ReadSeek for Cursor<T> {}

/// [`ReadSeek::read_while`] as a reader has it.
pub type ReadWhile<R> = fn(&mut R, &mut [u8], &dyn Fn() -> bool) -> io::Result<usize>;

/// A reader of a crate that does not know [`ReadSeek`], such as one over a network, and its ways to do what that asks for.
pub struct HintedReader<R> {
    /// The reader.
    pub reader: R,
    /// As [`ReadSeek::will_read`].
    pub will_read: fn(&mut R, Range<u64>),
    /// As [`ReadSeek::read_while`].
    pub read_while: ReadWhile<R>,
}

impl<R: Read> Read for HintedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

impl<R: Seek> Seek for HintedReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.reader.seek(to)
    }
}

impl<R: Read + Seek + Send> ReadSeek for HintedReader<R> {
    fn will_read(&mut self, bytes: Range<u64>) {
        (self.will_read)(&mut self.reader, bytes);
    }

    fn read_while(&mut self, buffer: &mut [u8], goes_on: &dyn Fn() -> bool) -> io::Result<usize> {
        (self.read_while)(&mut self.reader, buffer, goes_on)
    }
}

/// The source of a video.
pub enum Source {
    /// A file on this machine.
    File(PathBuf),
    /// Any other reader, with the video's name, whose extension helps libav to detect the format.
    Stream {
        /// The bytes.
        reader: Box<dyn ReadSeek>,
        /// The name, such as `clip.mp4`.
        name: String,
    },
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&PathBuf> for Source {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

/// A reader that can be opened again each time that decoding starts over.
#[derive(Clone)]
pub(crate) struct SharedSource {
    reader: Shared,
    /// The name without its folder and special characters, so that libav takes no part of it for a pattern or a protocol.
    hint: String,
    bytes: u64,
}

#[derive(Clone)]
struct Shared(Arc<Mutex<Bytes>>);

/// A reader, and where it is.
struct Bytes {
    reader: Box<dyn ReadSeek>,
    /// In bytes from the start; `None` where that is not known.
    at: Option<u64>,
}

impl Shared {
    fn with<T>(&self, work: impl FnOnce(&mut Bytes) -> T) -> T {
        work(&mut self.0.lock())
    }
}

impl Bytes {
    fn go_to(&mut self, to: u64) -> io::Result<()> {
        if self.at != Some(to) {
            self.seek(SeekFrom::Start(to))?;
        }
        Ok(())
    }

    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = None;
        let at = self.reader.seek(to)?;
        self.at = Some(at);
        Ok(at)
    }

    fn read_while(&mut self, buffer: &mut [u8], goes_on: &dyn Fn() -> bool) -> io::Result<usize> {
        let at = self.at.take();
        let read = self.reader.read_while(buffer, goes_on)?;
        self.at = at.map(|at| at + read as u64);
        Ok(read)
    }
}

/// The reader that libav uses. It measures the time in the reader, which does not count as a stall. Several of one source do
/// not disturb each other: each goes back to where it was.
struct Timed {
    reader: Shared,
    /// Where this one is, in bytes from the start.
    at: u64,
    limits: Limits,
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let began = Instant::now();
        let read = self.reader.with(|bytes| {
            bytes.go_to(self.at)?;
            bytes.read_while(buffer, &|| !self.limits.options().cancel.is_cancelled())
        });
        self.limits.waited(began.elapsed());
        self.at += *read.as_ref().unwrap_or(&0) as u64;
        read
    }
}

impl Seek for Timed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.reader.with(|bytes| {
            if matches!(to, SeekFrom::Current(_)) {
                bytes.go_to(self.at)?;
            }
            bytes.seek(to)
        })?;
        Ok(self.at)
    }
}

impl SharedSource {
    pub(crate) fn new(source: Source) -> Result<Self, Error> {
        start_libav();
        let (mut reader, name): (Box<dyn ReadSeek>, String) = match source {
            Source::File(path) => {
                let file = open_file(&path)?;
                (Box::new(file), path.to_string_lossy().into_owned())
            }
            Source::Stream { reader, name } => (reader, name),
        };
        let bytes = reader.seek(SeekFrom::End(0)).map_err(|reason| Error::NotAVideo {
            reason: reason.to_string(),
        })?;
        if bytes == 0 {
            return Err(Error::Empty);
        }
        let extension = Path::new(&name)
            .extension()
            .map(|extension| extension.to_string_lossy().to_lowercase());
        let hint = extension
            .filter(|extension| extension.chars().all(|c| c.is_ascii_alphanumeric()))
            .map_or_else(|| "video".to_owned(), |extension| format!("video.{extension}"));
        Ok(Self {
            reader: Shared(Arc::new(Mutex::new(Bytes { reader, at: None }))),
            hint,
            bytes,
        })
    }

    pub(crate) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Tells the reader which bytes will be read.
    pub(crate) fn will_read(&self, bytes: Range<u64>) {
        self.reader.with(|shared| shared.reader.will_read(bytes));
    }

    /// Opens a new demuxer at the first byte.
    pub(crate) fn open(&self, limits: &Limits) -> Result<Input, Error> {
        let reader = self.reader.clone();
        let not_a_video = |reason: String| Error::NotAVideo { reason };
        let index = reader.with(|bytes| {
            bytes.at = None;
            boxes::mp4_index(&mut bytes.reader)
        });
        if let Some(index) = index {
            self.will_read(index);
        }
        reader
            .with(|bytes| bytes.seek(SeekFrom::Start(0)))
            .map_err(|error| not_a_video(error.to_string()))?;
        let failed = |error: ffmpeg_next::Error| match limits.check() {
            Ok(()) => not_a_video(error.to_string().to_lowercase()),
            Err(stopped) => stopped,
        };
        let reader = Timed {
            reader,
            at: 0,
            limits: limits.clone(),
        };
        let io = StreamIo::from_read_seek_with_capacity(reader, BUFFER_BYTES).map_err(failed)?;
        let mut options = Dictionary::new();
        // A playlist or a reference movie must not open other files or connect to hosts.
        options.set("protocol_whitelist", "data");
        if limits.options().interpretation.ignore_edits {
            // Of MP4 and MOV; other demuxers do not know it, and are opened without.
            options.set("ignore_editlist", "1");
        }
        let interrupt = limits.clone();
        let name = self.hint.as_str();
        format::input_from_stream_with_interrupt(io, Some(name), Some(options), move || {
            interrupt.check().is_err()
        })
        .map_err(failed)
    }
}

/// Opens regular files only: opening a named pipe waits for its writer, and opening a device may have side effects.
fn open_file(path: &Path) -> Result<File, Error> {
    let failed = |reason| Error::Open {
        path: path.to_owned(),
        reason,
    };
    let check = |kind: FileType| {
        if kind.is_dir() {
            Err(Error::IsFolder(path.to_owned()))
        } else {
            other_kind(kind).map_or(Ok(()), |kind| Err(Error::NotAFile(kind)))
        }
    };
    check(std::fs::metadata(path).map_err(failed)?.file_type())?;
    let mut options = File::options();
    options.read(true);
    // The path may have become a pipe since the check. This flag avoids the wait for the pipe's writer.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let file = options.open(path).map_err(failed)?;
    check(file.metadata().map_err(failed)?.file_type())?;
    Ok(file)
}

/// The name of a file type that is neither a regular file nor a folder.
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
    (!kind.is_file()).then_some("a device")
}

/// Initialises libav and silences its warnings on standard error: the programs report errors themselves.
fn start_libav() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // This cannot fail. It registers formats and fills the table of error texts.
        let _ = ffmpeg_next::init();
        ffmpeg_next::log::set_level(ffmpeg_next::log::Level::Quiet);
    });
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    // Breaks if opening a pipe without a writer blocks, or a device is read as a video.
    #[test]
    fn only_files_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, socket) = (folder.path().join("pipe.mp4"), folder.path().join("socket.mp4"));
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
        let _listener = UnixListener::bind(&socket).unwrap();
        for (path, expected) in [
            (pipe.as_path(), "this is a pipe, not a file"),
            (&socket, "this is a socket, not a file"),
            (Path::new("/dev/zero"), "this is a device, not a file"),
            (folder.path(), "this is a folder, not a video"),
        ] {
            assert_eq!(open_file(path).unwrap_err().to_string(), expected);
        }
    }
}
