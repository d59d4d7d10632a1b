//! The system's own dialogs and programs. They run off the window's thread, so that neither a dialog nor a disk that does
//! not answer stops the drawing.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use posterframe_client::fs::{self, Existing};
use posterframe_client::{Gallery, GalleryItem};
use posterframe_contract::names::{MAX_NAME_BYTES, shortened};
use posterframe_markers::Format;

use super::files::VIDEOS;
use crate::context::{Command, Commands, Engine};

/// A dialog that ends within this time was never shown. A desktop without dialogs gives the same answer as a cancelled
/// dialog, but nobody cancels this fast.
const NO_DIALOG: Duration = Duration::from_millis(400);

/// Asks for videos to open.
pub(super) fn open_files(engine: &Engine, commands: &Commands, folder: Option<&Path>) {
    let mut upper: Vec<String> = VIDEOS.iter().map(|extension| extension.to_uppercase()).collect();
    upper.extend(VIDEOS.map(str::to_owned));
    let dialog = rfd::AsyncFileDialog::new()
        .set_title("Open videos")
        .add_filter("Videos", &upper)
        .add_filter("All files", &["*"]);
    let (commands, folder) = (commands.clone(), folder.map(Path::to_owned));
    engine.spawn(async move {
        let dialog = starting_at(dialog, folder).await;
        let instead = "Drop videos on the window, or paste or type a path";
        if let Some(files) = answer(dialog.pick_files(), &commands, instead).await {
            let files = files.iter().map(|file| file.path().to_owned());
            commands.send(Command::OpenPaths(files.collect()));
        }
    });
}

/// What was chosen in a dialog. Where the desktop has no dialog, that is said, with what to do `instead`.
async fn answer<T>(asked: impl Future<Output = Option<T>>, commands: &Commands, instead: &str) -> Option<T> {
    let opened_at = Instant::now();
    let answer = asked.await;
    if answer.is_none() && opened_at.elapsed() < NO_DIALOG {
        let words = format!("This desktop offers no file dialog. {instead}");
        commands.send(Command::Complain(words));
    }
    answer
}

/// The dialog, opened at `folder` if that still exists.
async fn starting_at(dialog: rfd::AsyncFileDialog, folder: Option<PathBuf>) -> rfd::AsyncFileDialog {
    let Some(folder) = folder else { return dialog };
    match tokio::fs::metadata(&folder).await {
        Ok(metadata) if metadata.is_dir() => dialog.set_directory(folder),
        _ => dialog,
    }
}

/// The defaults of a dialog for saving, and the files that it must not overwrite.
pub(super) struct Saving<'a> {
    /// The suggested file name.
    pub(super) name: &'a str,
    /// The folder in which the dialog opens.
    pub(super) folder: Option<&'a Path>,
    /// Videos that are open or have jobs. They are never overwritten, even if the user confirmed it in the dialog.
    pub(super) videos: Vec<PathBuf>,
}

/// Asks where to save a copy of `file`, and saves it there.
pub(super) fn save_as(engine: &Engine, commands: &Commands, file: PathBuf, saving: Saving<'_>) {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title("Save the thumbnail")
        .add_filter("PNG picture", &["png"]);
    let place = format!("The picture is here: {}", file.display());
    save(engine, commands, dialog, saving, place, move |new| {
        io::copy(&mut File::open(&file)?, new).map(drop)
    });
}

/// Asks where to save a text, and saves it there.
pub(super) fn save_text(engine: &Engine, commands: &Commands, text: String, saving: Saving<'_>) {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title("Save the log")
        .add_filter("Log", &["log", "txt"]);
    let place = "Copy the log instead".to_owned();
    save(engine, commands, dialog, saving, place, move |new| {
        new.write_all(text.as_bytes())
    });
}

/// Asks where to save a file with these contents.
pub(super) fn save_contents(engine: &Engine, commands: &Commands, contents: Vec<u8>, saving: Saving<'_>) {
    let dialog = rfd::AsyncFileDialog::new().set_title("Save the marks");
    let place = "Use posterframe marks on the command line instead".to_owned();
    save(engine, commands, dialog, saving, place, move |new| {
        new.write_all(&contents)
    });
}

/// Asks for a list of marks.
pub(super) fn pick_marks(engine: &Engine, commands: &Commands, folder: Option<&Path>) {
    let extensions: Vec<&str> = Format::ALL.iter().map(|format| format.extension()).collect();
    let dialog = rfd::AsyncFileDialog::new()
        .set_title("Import marks")
        .add_filter("Lists of marks", &extensions)
        .add_filter("All files", &["*"]);
    let (commands, folder) = (commands.clone(), folder.map(Path::to_owned));
    engine.spawn(async move {
        let dialog = starting_at(dialog, folder).await;
        let instead = "Drop the list onto the window instead";
        if let Some(file) = answer(dialog.pick_file(), &commands, instead).await {
            commands.send(Command::ReadMarks(file.path().to_owned()));
        }
    });
}

/// Shows the dialog, and writes the chosen file. `instead` is the advice where the desktop has no dialog.
fn save(
    engine: &Engine,
    commands: &Commands,
    dialog: rfd::AsyncFileDialog,
    saving: Saving<'_>,
    instead: String,
    write: impl FnOnce(&mut File) -> io::Result<()> + Send + 'static,
) {
    let dialog = dialog.set_file_name(shortened(saving.name, MAX_NAME_BYTES));
    let (commands, folder, videos) = (commands.clone(), saving.folder.map(Path::to_owned), saving.videos);
    engine.spawn(async move {
        let dialog = starting_at(dialog, folder).await;
        let Some(target) = answer(dialog.save_file(), &commands, &instead).await else {
            return;
        };
        let file = target.path().to_owned();
        let target = file.clone();
        match blocking(move || save_over(&target, &videos, write)).await {
            Ok(()) => {
                let name = file.file_name().unwrap_or_default();
                let name = name.to_string_lossy().into_owned();
                commands.send(Command::Saved { file, name });
            }
            Err(error) => commands.send(Command::Complain(format!(
                "The file cannot be saved ({error}): {}",
                file.display()
            ))),
        }
    });
}

/// A picture to save beside others.
pub(super) enum ToSave {
    /// From the bucket.
    Thumbnail(Gallery, Arc<GalleryItem>),
    /// A job's, which is on this computer.
    File(PathBuf),
}

impl ToSave {
    fn name(&self) -> &str {
        match self {
            Self::Thumbnail(_, item) => &item.name,
            Self::File(path) => path.file_name().and_then(OsStr::to_str).unwrap_or("thumbnail"),
        }
    }

    /// The picture, to be read.
    async fn open(&self) -> Result<File, String> {
        let path = match self {
            Self::File(path) => path.clone(),
            Self::Thumbnail(gallery, item) => {
                let picture = gallery.picture(item).await.map_err(|error| error.to_string())?;
                picture.file.clone()
            }
        };
        let opened = blocking(move || File::open(path)).await;
        opened.map_err(|error| error.to_string())
    }
}

/// Asks for a folder, and saves all pictures in it. No file is overwritten.
pub(super) fn save_all(engine: &Engine, commands: &Commands, pictures: Vec<ToSave>, folder: Option<&Path>) {
    let dialog = rfd::AsyncFileDialog::new().set_title("Save the thumbnails");
    let (commands, folder) = (commands.clone(), folder.map(Path::to_owned));
    engine.spawn(async move {
        let dialog = starting_at(dialog, folder).await;
        let instead = "“posterframe gallery” lists what “aws s3 cp” can fetch";
        let Some(folder) = answer(dialog.pick_folder(), &commands, instead).await else {
            return;
        };
        let folder = folder.path().to_owned();
        let mut count = 0;
        for picture in pictures {
            let saved = async {
                let mut file = picture.open().await?;
                let (folder, name) = (folder.clone(), picture.name().to_owned());
                let copy = move || fs::save_new(&folder, &name, |new| io::copy(&mut file, new).map(drop));
                blocking(copy).await.map_err(|error| error.to_string())
            };
            match saved.await {
                Ok(_) => count += 1,
                Err(reason) => {
                    let words = format!("{} cannot be saved ({reason}); {count} were", picture.name());
                    commands.send(Command::Complain(words));
                    return;
                }
            }
        }
        commands.send(Command::SavedTo { folder, count });
    });
}

/// Most bytes that are read of a stack's outputs, which are a few kilobytes.
const MAX_OUTPUTS_BYTES: u64 = 1 << 20;

/// Asks for a file with a stack's outputs, and reads it.
pub(super) fn pick_outputs(engine: &Engine, commands: &Commands) {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title("Import a stack’s outputs")
        .add_filter("Outputs", &["json", "toml", "txt"])
        .add_filter("All files", &["*"]);
    let commands = commands.clone();
    engine.spawn(async move {
        let instead = "Copy the outputs and paste them here with Ctrl+V";
        let Some(file) = answer(dialog.pick_file(), &commands, instead).await else {
            return;
        };
        let file = file.path().to_owned();
        let chosen = file.clone();
        let read = move || {
            let chosen = fs::open(&chosen)?;
            if chosen.metadata()?.len() > MAX_OUTPUTS_BYTES {
                return Err(io::Error::other("it is too long for a stack’s outputs"));
            }
            io::read_to_string(chosen)
        };
        match blocking(read).await {
            Ok(text) => {
                let name = file
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                commands.send(Command::Imported { text, name });
            }
            Err(error) => commands.send(Command::Complain(format!(
                "The file cannot be read ({error}): {}",
                file.display()
            ))),
        }
    });
}

/// Saves what `write` writes as `file`. It may replace a file: the dialog has asked for that.
fn save_over(
    file: &Path,
    videos: &[PathBuf],
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    if videos.iter().any(|video| fs::is_same(video, file)) {
        return Err(io::Error::other(
            "this is the video itself, which is never written over",
        ));
    }
    fs::save(file, Existing::Replace, write)
}

/// Runs file work on a thread that may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

/// Opens a file in the system's default program for it.
pub(super) fn open(engine: &Engine, commands: &Commands, file: PathBuf) {
    let commands = commands.clone();
    engine.spawn_blocking(move || {
        if opener::open(&file).is_err() {
            commands.send(Command::Complain(format!(
                "No program for pictures was found; the file is here: {}",
                file.display()
            )));
        }
    });
}

/// Opens a folder. If it does not exist, the nearest parent that does; if it is a file, the folder that holds it.
pub(super) fn open_folder(engine: &Engine, commands: &Commands, folder: PathBuf) {
    let commands = commands.clone();
    engine.spawn_blocking(move || {
        let existing = folder.ancestors().find(|path| path.exists()).unwrap_or(&folder);
        commands.send(if existing.is_dir() {
            Command::OpenFile(existing.to_owned())
        } else {
            Command::RevealFile(existing.to_owned())
        });
    });
}

/// Selects a file in the system's file manager, or opens its folder where the file manager cannot select files.
pub(super) fn reveal(engine: &Engine, commands: &Commands, file: PathBuf) {
    let commands = commands.clone();
    engine.spawn_blocking(move || {
        if opener::reveal(&file).is_err() {
            let folder = file.parent().unwrap_or(&file).display();
            commands.send(Command::Complain(format!(
                "The file manager cannot be opened; the file is in {folder}"
            )));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if saving a picture destroys a video that is open or has jobs, or what is saved is not what was written.
    #[test]
    fn videos_are_not_saved_over() {
        let folder = tempfile::tempdir().unwrap();
        let [video, other] = ["clip.mp4", "a.png"].map(|name| folder.path().join(name));
        std::fs::write(&video, "frames").unwrap();
        std::fs::write(&other, "old").unwrap();
        let videos = [folder.path().join("gone.mp4"), video.clone()];
        let save = |file: &Path| save_over(file, &videos, |new| new.write_all(b"png"));
        let link = folder.path().join("link.png");
        std::fs::hard_link(&video, &link).unwrap();
        assert!(save(&video).is_err() && save(&link).is_err());
        assert_eq!(std::fs::read(&video).unwrap(), b"frames");
        save(&other).unwrap();
        assert_eq!(std::fs::read(&other).unwrap(), b"png");
    }
}
