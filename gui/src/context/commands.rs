//! What views ask of the app.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use posterframe_client::{DeletionId, GalleryItem};
use posterframe_contract::{JobId, Position};
use posterframe_kit::theme::ThemeMode;

/// The tabs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum View {
    /// Pick frames.
    #[default]
    New,
    /// Watch jobs.
    Jobs,
    /// Look at thumbnails.
    Gallery,
}

impl View {
    /// All of them, in the bar's order.
    pub const ALL: [Self; 3] = [Self::New, Self::Jobs, Self::Gallery];

    /// The tab's word.
    pub const fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Jobs => "Jobs",
            Self::Gallery => "Gallery",
        }
    }

    /// What it is for.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::New => "Pick frames",
            Self::Jobs => "Watch jobs",
            Self::Gallery => "Look at thumbnails",
        }
    }
}

/// What a view wants done beyond itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Go to a tab.
    Show(View),
    /// Ask for video files.
    OpenFiles,
    /// Open these videos, and those in these folders, in New.
    OpenPaths(Vec<PathBuf>),
    /// Open these files in New.
    OpenVideos(Vec<PathBuf>),
    /// Come to the front, and open what another start of the program was given.
    HandedOver(Vec<PathBuf>),
    /// Open the bundled clip.
    OpenSample,
    /// Submit frames of a video that is open in New: marked ones, or the one on the screen.
    Submit {
        /// The video.
        video: PathBuf,
        /// Where the frames are.
        frames: Vec<Position>,
    },
    /// Open a video in New at a position, such as a failed job's.
    OpenAt {
        /// The video.
        video: PathBuf,
        /// Where to go.
        position: Position,
    },
    /// Go to Jobs with this one selected.
    ShowJob(JobId),
    /// Go to the gallery with the thumbnail of this key selected.
    ShowInGallery(String),
    /// Show a file in the system's file manager.
    RevealFile(PathBuf),
    /// Ask where to save a text.
    SaveText {
        /// The text.
        text: String,
        /// The name to suggest.
        name: String,
    },
    /// Ask where to save a copy of a file.
    SaveAs {
        /// The file.
        file: PathBuf,
        /// The name to suggest.
        name: String,
    },
    /// A copy has been saved.
    Saved {
        /// Where.
        file: PathBuf,
        /// Its name.
        name: String,
    },
    /// Put a PNG file's picture on the clipboard.
    CopyImage(PathBuf),
    /// Put text on the clipboard.
    CopyText(String),
    /// Stop a job.
    Stop(JobId),
    /// Try an ended job again.
    Retry(JobId),
    /// Pause a job's upload.
    Pause(JobId),
    /// Go on with a paused upload; one that waits tries again at once.
    Resume(JobId),
    /// Take ended jobs off the list. It can be undone for a while.
    Forget(Vec<JobId>),
    /// Bring back jobs that were taken off the list.
    Unforget(Vec<JobId>),
    /// Delete thumbnails from the bucket.
    DeleteThumbnails {
        /// Which.
        items: Vec<Arc<GalleryItem>>,
        /// Whether they are kept on this machine for an undo.
        undoable: bool,
    },
    /// Put back what was deleted.
    UndoDelete(DeletionId),
    /// Ask for a folder, and save these there.
    SaveThumbnails(Vec<Arc<GalleryItem>>),
    /// Pictures have been saved to a folder.
    SavedTo {
        /// Where.
        folder: PathBuf,
        /// How many.
        count: usize,
    },
    /// Open a file in the program that the system has for it.
    OpenFile(PathBuf),
    /// Open a folder, or the nearest one above it that is there.
    OpenFolder(PathBuf),
    /// Show the settings.
    OpenSettings,
    /// Close the settings.
    CloseSettings,
    /// Run jobs elsewhere: on the configuration's backend of this name, or on this computer.
    UseBackend(Option<String>),
    /// Start the backend again after it failed.
    RestartBackend,
    /// Ask for a file of a stack's outputs, for the settings.
    ImportOutputs,
    /// Such a file has been read.
    Imported {
        /// What it says.
        text: String,
        /// Its name, for outputs that do not say whose they are.
        name: String,
    },
    /// Keep the downloaded pictures within the preferences' limit.
    LimitCache,
    /// Delete all downloaded pictures.
    ClearCache,
    /// Take all ended jobs off the list.
    ForgetEnded,
    /// Something was cleared.
    Cleared(String),
    /// Draw everything larger or smaller.
    SetScale(f32),
    /// Change the theme.
    SetTheme(ThemeMode),
    /// Tell something for a few seconds.
    Toast(String),
    /// Tell something, with a button that does something about it.
    Offer {
        /// What is told.
        text: String,
        /// The button's word.
        label: &'static str,
        /// What it does.
        command: Box<Command>,
    },
    /// Tell of a failure for some seconds longer.
    Complain(String),
}

/// The commands on their way to the app. Clones send to the same place, from any thread.
#[derive(Clone, Default)]
pub struct Commands {
    queue: Arc<Mutex<VecDeque<Command>>>,
    /// Woken by each command, so that one from another thread does not wait for the mouse.
    ctx: Option<egui::Context>,
}

impl Commands {
    /// Commands that wake a window.
    pub fn new(ctx: &egui::Context) -> Self {
        Self {
            queue: Arc::default(),
            ctx: Some(ctx.clone()),
        }
    }

    /// Asks for `command`; it is executed before the next frame.
    pub fn send(&self, command: Command) {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(command);
        if let Some(ctx) = &self.ctx {
            ctx.request_repaint();
        }
    }

    /// The oldest command that has not been executed.
    pub fn next(&self) -> Option<Command> {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }
}
