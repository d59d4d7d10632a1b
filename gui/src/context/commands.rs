//! Commands: how views ask the app to act.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use posterframe_client::{DeletionId, GalleryItem};
use posterframe_contract::{JobId, Position};
use posterframe_kit::theme::ThemeMode;

use crate::mark_list::MarkList;

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

    /// The tab's label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Jobs => "Jobs",
            Self::Gallery => "Gallery",
        }
    }

    /// What the tab is for, as its tooltip says it.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::New => "Pick frames",
            Self::Jobs => "Watch jobs",
            Self::Gallery => "Look at thumbnails",
        }
    }
}

/// A request of a view to the app.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Go to a tab.
    Show(View),
    /// Ask for video files.
    OpenFiles,
    /// Show what is in the bucket, to open a video there.
    OpenBucket,
    /// Close that.
    CloseBucket,
    /// Open these videos, and the videos in these folders, in New.
    OpenPaths(Vec<PathBuf>),
    /// Show these videos at once, with their sizes: they are those of a folder of this name.
    OpenBatch {
        /// The folder's name.
        name: String,
        /// Paths and sizes in bytes.
        videos: Vec<(PathBuf, u64)>,
    },
    /// Open the batch again that was closed last.
    ReopenBatch,
    /// Open these files in New.
    OpenVideos(Vec<PathBuf>),
    /// Bring the window to the front, and open the videos that another start of the program hands over.
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
    /// Undo the last change of marks and outputs in New.
    UndoInNew,
    /// Open a video in New at a position, such as a failed job's.
    OpenAt {
        /// The video.
        video: PathBuf,
        /// The position to show.
        position: Position,
    },
    /// Go to Jobs with this one selected.
    ShowJob(JobId),
    /// Go to the gallery with the thumbnail of this key selected.
    ShowInGallery(String),
    /// Show a file in the system's file manager.
    RevealFile(PathBuf),
    /// Ask for a list of marks, and mark its frames.
    ImportMarks,
    /// Mark the frames of this list, once it is read.
    ReadMarks(PathBuf),
    /// Mark the frames of a list.
    Marks(Box<MarkList>),
    /// Mark the chapters of the shown video.
    ImportChapters,
    /// Ask where to save a file with these contents.
    SaveContents {
        /// The contents.
        contents: Vec<u8>,
        /// The name to suggest.
        name: String,
    },
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
    /// Resume a paused upload; an upload that waits for its next attempt tries at once.
    Resume(JobId),
    /// Remove ended jobs from the list, with an offer to undo it.
    Forget(Vec<JobId>),
    /// Undo the removal of these jobs.
    Unforget(Vec<JobId>),
    /// Delete thumbnails from the bucket.
    DeleteThumbnails {
        /// The thumbnails.
        items: Vec<Arc<GalleryItem>>,
        /// Whether they are kept on this machine for an undo.
        undoable: bool,
    },
    /// Put deleted thumbnails back.
    UndoDelete(DeletionId),
    /// Ask for a folder, and save these thumbnails in it.
    SaveThumbnails(Vec<Arc<GalleryItem>>),
    /// Ask for a folder, and save copies of these files of jobs in it.
    SaveFiles(Vec<PathBuf>),
    /// Pictures have been saved to a folder.
    SavedTo {
        /// Where.
        folder: PathBuf,
        /// How many.
        count: usize,
    },
    /// Open a file in the system's default program for it.
    OpenFile(PathBuf),
    /// Open a folder, or its nearest parent that exists.
    OpenFolder(PathBuf),
    /// Show the settings.
    OpenSettings,
    /// Close the settings.
    CloseSettings,
    /// Switch to the configuration's backend of this name; `None` is the one on this computer.
    UseBackend(Option<String>),
    /// Start the backend again after it failed.
    RestartBackend,
    /// Ask for a file of a stack's outputs, for the settings.
    ImportOutputs,
    /// A file of outputs has been read.
    Imported {
        /// The file's text.
        text: String,
        /// The file's name, for outputs that do not name their stack.
        name: String,
    },
    /// Keep the downloaded pictures within the preferences' limit.
    LimitCache,
    /// Delete all downloaded pictures.
    ClearCache,
    /// Remove all ended jobs from the history.
    ForgetEnded,
    /// Something was cleared; the text says what.
    Cleared(String),
    /// Draw everything larger or smaller.
    SetScale(f32),
    /// Change the theme.
    SetTheme(ThemeMode),
    /// Show a message for a few seconds.
    Toast(String),
    /// Show a message with a button.
    Offer {
        /// The message.
        text: String,
        /// The button's label.
        label: &'static str,
        /// The button's command.
        command: Box<Command>,
    },
    /// Show a failure, for some seconds longer than a message.
    Complain(String),
}

/// The queue of commands to the app. Clones share it, on any thread.
#[derive(Clone, Default)]
pub struct Commands {
    queue: Arc<Mutex<VecDeque<Command>>>,
    /// Repainted at each command, so that a command from another thread is executed without any input.
    ctx: Option<egui::Context>,
}

impl Commands {
    /// A queue whose commands wake the window.
    pub fn new(ctx: &egui::Context) -> Self {
        Self {
            queue: Arc::default(),
            ctx: Some(ctx.clone()),
        }
    }

    /// Queues `command`, to be executed before the next frame.
    pub fn send(&self, command: Command) {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(command);
        if let Some(ctx) = &self.ctx {
            ctx.request_repaint();
        }
    }

    /// Takes the oldest command off the queue.
    pub fn next(&self) -> Option<Command> {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    }
}
