//! The system's own dialogs and programs. They run beside the window, which goes on drawing: a disk that does not answer
//! must not stop it either.

use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use posterframe_client::{Gallery, GalleryItem};

use super::files::VIDEOS;
use crate::engine::Engine;
use crate::views::{Command, Commands};

/// A dialog that is gone so soon was never there: where the desktop has none, the answer is the same as that of a
/// cancelled one, but nobody cancels so fast.
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
        let asked = Instant::now();
        match dialog.pick_files().await {
            Some(files) => commands.send(Command::OpenPaths(
                files.iter().map(|file| file.path().to_owned()).collect(),
            )),
            None if asked.elapsed() < NO_DIALOG => commands.send(Command::Complain(
                "This desktop offers no file dialog. Drop videos on the window, or paste or type a path"
                    .to_owned(),
            )),
            None => {}
        }
    });
}

/// The dialog, at `folder` where that is still there.
async fn starting_at(dialog: rfd::AsyncFileDialog, folder: Option<PathBuf>) -> rfd::AsyncFileDialog {
    let Some(folder) = folder else { return dialog };
    match tokio::fs::metadata(&folder).await {
        Ok(there) if there.is_dir() => dialog.set_directory(folder),
        _ => dialog,
    }
}

/// Asks where to save a copy of `file`, and saves it there.
pub(super) fn save_as(
    engine: &Engine,
    commands: &Commands,
    file: PathBuf,
    name: &str,
    folder: Option<&Path>,
) {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title("Save the thumbnail")
        .add_filter("PNG picture", &["png"]);
    let place = format!("The picture is here: {}", file.display());
    save(
        engine,
        commands,
        (dialog, name, folder),
        place,
        async move |target| tokio::fs::copy(&file, &target).await.map(|_| ()),
    );
}

/// Asks where to save a text, and saves it there.
pub(super) fn save_text(
    engine: &Engine,
    commands: &Commands,
    text: String,
    name: &str,
    folder: Option<&Path>,
) {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title("Save the log")
        .add_filter("Log", &["log", "txt"]);
    let place = "Copy the log instead".to_owned();
    save(
        engine,
        commands,
        (dialog, name, folder),
        place,
        async move |target| tokio::fs::write(&target, text).await,
    );
}

/// `instead` is what to do where there is no dialog.
fn save<F>(
    engine: &Engine,
    commands: &Commands,
    (dialog, name, folder): (rfd::AsyncFileDialog, &str, Option<&Path>),
    instead: String,
    write: impl FnOnce(PathBuf) -> F + Send + 'static,
) where
    F: Future<Output = std::io::Result<()>> + Send,
{
    let dialog = dialog.set_file_name(name);
    let (commands, folder) = (commands.clone(), folder.map(Path::to_owned));
    engine.spawn(async move {
        let dialog = starting_at(dialog, folder).await;
        let asked = Instant::now();
        let Some(target) = dialog.save_file().await else {
            if asked.elapsed() < NO_DIALOG {
                let words = format!("This desktop offers no file dialog. {instead}");
                commands.send(Command::Complain(words));
            }
            return;
        };
        let file = target.path().to_owned();
        match write(file.clone()).await {
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

/// Asks for a folder, and saves all of these there; nothing that is there already is written over.
pub(super) fn save_all(
    engine: &Engine,
    commands: &Commands,
    gallery: Gallery,
    items: Vec<Arc<GalleryItem>>,
    folder: Option<&Path>,
) {
    let dialog = rfd::AsyncFileDialog::new().set_title("Save the thumbnails");
    let (commands, folder) = (commands.clone(), folder.map(Path::to_owned));
    engine.spawn(async move {
        let dialog = starting_at(dialog, folder).await;
        let asked = Instant::now();
        let Some(folder) = dialog.pick_folder().await else {
            if asked.elapsed() < NO_DIALOG {
                commands.send(Command::Complain(
                    "This desktop offers no file dialog. “posterframe gallery” lists what “aws s3 cp” can fetch"
                        .to_owned(),
                ));
            }
            return;
        };
        let folder = folder.path().to_owned();
        let mut count = 0;
        for item in items {
            let saved = async {
                let picture = gallery.picture(&item).await.map_err(|error| error.to_string())?;
                let target = free_name(&folder, &item.name);
                tokio::fs::copy(&picture.file, &target)
                    .await
                    .map_err(|error| error.to_string())
            };
            match saved.await {
                Ok(_) => count += 1,
                Err(reason) => {
                    let words = format!("{} cannot be saved ({reason}); {count} were", item.name);
                    commands.send(Command::Complain(words));
                    return;
                }
            }
        }
        commands.send(Command::SavedTo { folder, count });
    });
}

/// The longest file of outputs that is read: a stack's are a few kilobytes.
const LONGEST: u64 = 1 << 20;

/// Asks for a file with a stack's outputs, and reads it.
pub(super) fn pick_outputs(engine: &Engine, commands: &Commands) {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title("Import a stack’s outputs")
        .add_filter("Outputs", &["json", "toml", "txt"])
        .add_filter("All files", &["*"]);
    let commands = commands.clone();
    engine.spawn(async move {
        let asked = Instant::now();
        let Some(file) = dialog.pick_file().await else {
            if asked.elapsed() < NO_DIALOG {
                let words =
                    "This desktop offers no file dialog. Copy the outputs and paste them here with Ctrl+V";
                commands.send(Command::Complain(words.to_owned()));
            }
            return;
        };
        let file = file.path().to_owned();
        let read = async {
            if tokio::fs::metadata(&file).await?.len() > LONGEST {
                return Err(std::io::Error::other("it is too long for a stack’s outputs"));
            }
            tokio::fs::read_to_string(&file).await
        };
        match read.await {
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

/// `bunny.png`, or `bunny (2).png` where that is taken.
fn free_name(folder: &Path, name: &str) -> PathBuf {
    let path = Path::new(name);
    let (stem, extension) = (
        path.file_stem().unwrap_or_default().to_string_lossy(),
        path.extension().unwrap_or_default().to_string_lossy(),
    );
    let further = (2..).map(|number| format!("{stem} ({number}).{extension}"));
    std::iter::once(name.to_owned())
        .chain(further)
        .map(|name| folder.join(name))
        .find(|file| !file.exists())
        .unwrap_or_else(|| folder.join(name))
}

/// Opens a file in the program that the system has for it.
pub(super) fn open(engine: &Engine, commands: &Commands, file: PathBuf) {
    let commands = commands.clone();
    engine.spawn_blocking(move || {
        if !open_now(&file) {
            commands.send(Command::Complain(format!(
                "No program for pictures was found; the file is here: {}",
                file.display()
            )));
        }
    });
}

/// Opens a folder; where it is not there yet, the nearest one above it; where it is a file, the file's place.
pub(super) fn open_folder(engine: &Engine, commands: &Commands, folder: PathBuf) {
    let commands = commands.clone();
    engine.spawn_blocking(move || {
        let there = folder.ancestors().find(|path| path.exists()).unwrap_or(&folder);
        commands.send(if there.is_dir() {
            Command::OpenFile(there.to_owned())
        } else {
            Command::RevealFile(there.to_owned())
        });
    });
}

#[cfg(target_os = "macos")]
fn open_now(file: &Path) -> bool {
    run(Process::new("open").arg(file))
}

#[cfg(windows)]
fn open_now(file: &Path) -> bool {
    Process::new("explorer").arg(file).spawn().is_ok()
}

#[cfg(not(any(target_os = "macos", windows)))]
fn open_now(file: &Path) -> bool {
    run(Process::new("xdg-open").arg(file))
}

/// Shows a file in the system's file manager, or its folder where the file manager cannot show files.
pub(super) fn reveal(engine: &Engine, commands: &Commands, file: PathBuf) {
    let commands = commands.clone();
    engine.spawn_blocking(move || {
        if !reveal_now(&file) {
            let folder = file.parent().unwrap_or(&file).display();
            commands.send(Command::Complain(format!(
                "The file manager cannot be opened; the file is in {folder}"
            )));
        }
    });
}

#[cfg(target_os = "macos")]
fn reveal_now(file: &Path) -> bool {
    run(Process::new("open").arg("-R").arg(file))
}

#[cfg(windows)]
fn reveal_now(file: &Path) -> bool {
    let mut argument = std::ffi::OsString::from("/select,");
    argument.push(file);
    // Explorer's exit code says nothing.
    Process::new("explorer").arg(argument).spawn().is_ok()
}

#[cfg(not(any(target_os = "macos", windows)))]
fn reveal_now(file: &Path) -> bool {
    let uri = format!("array:string:file://{}", percent_encode(file));
    let shown = run(Process::new("dbus-send").args([
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.FileManager1",
        "/org/freedesktop/FileManager1",
        "org.freedesktop.FileManager1.ShowItems",
        uri.as_str(),
        "string:",
    ]));
    shown || run(Process::new("xdg-open").arg(file.parent().unwrap_or(file)))
}

#[cfg(not(windows))]
fn run(program: &mut Process) -> bool {
    let program = program
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    program.status().is_ok_and(|status| status.success())
}

/// `dbus-send` splits arrays at commas, and URIs at percent signs and spaces.
#[cfg(not(any(target_os = "macos", windows)))]
fn percent_encode(file: &Path) -> String {
    use std::fmt::Write;
    use std::os::unix::ffi::OsStrExt;
    let mut uri = String::new();
    for &byte in file.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    // Breaks if saving several writes over what is there.
    #[test]
    fn names_that_are_taken_are_counted_on() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_name(folder.path(), "a.png").ends_with("a.png"));
        std::fs::write(folder.path().join("a.png"), "").unwrap();
        std::fs::write(folder.path().join("a (2).png"), "").unwrap();
        assert!(free_name(folder.path(), "a.png").ends_with("a (3).png"));
    }

    // Breaks if a name with a comma or a space cannot be shown in the file manager.
    #[test]
    fn names_survive_the_message_bus() {
        assert_eq!(percent_encode(Path::new("/a, b/ü.png")), "/a%2C%20b/%C3%BC.png");
    }
}
