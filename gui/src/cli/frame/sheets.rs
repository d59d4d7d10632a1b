//! Makes sheets of a video, and writes them.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use posterframe_contract::names::as_text;
use posterframe_contract::{SheetNames, SheetRequest, TaskExit};
use posterframe_frame::Video;
use posterframe_picture::proof::Origin;
use posterframe_worker::{SheetError, SheetFacts, make_sheet};
use serde_json::{Value, json};

use super::args::FrameArgs;
use super::input::Input;
use super::place::write;
use super::save::{Failed, SavedFile};
use crate::cli::report::put_path;

/// A sheet and the folder that it goes to.
pub(super) struct WantedSheet {
    request: SheetRequest,
    names: SheetNames,
    /// What its pictures say of the video.
    origin: Origin,
    folder: PathBuf,
}

/// What became of a sheet.
#[derive(Default)]
pub(super) struct SavedSheet {
    pub(super) facts: Option<SheetFacts>,
    pub(super) files: Vec<SavedFile>,
    pub(super) vtt: Option<PathBuf>,
    pub(super) failed: Option<Failed>,
}

/// The sheets that are asked for. A file that would be in their way is an error before the work begins.
pub(super) fn wanted(
    args: &FrameArgs,
    input: &Input,
    folder: Option<&Path>,
) -> anyhow::Result<Vec<WantedSheet>> {
    let sheets = args.sheets.sheet.iter().enumerate();
    let wanted = sheets.map(|(index, request)| {
        let wanted = WantedSheet {
            request: request.clone(),
            names: SheetNames::of(&as_text(input.stem()), &args.sheets.sheet, index),
            origin: input.origin(args.interpret.interpretation()),
            folder: folder.unwrap_or(Path::new("")).to_owned(),
        };
        args.way_to(&wanted.picture(0))?;
        if request.vtt {
            args.way_to(&wanted.vtt())?;
        }
        Ok(wanted)
    });
    wanted.collect()
}

impl WantedSheet {
    fn picture(&self, index: usize) -> PathBuf {
        self.folder.join(self.names.picture(index, self.request.format))
    }

    fn vtt(&self) -> PathBuf {
        self.folder.join(self.names.vtt())
    }

    /// Makes it and writes its files as they come.
    pub(super) fn save(&self, args: &FrameArgs, video: &mut Video) -> SavedSheet {
        let mut saved = SavedSheet::default();
        let unwritten = |error| Failed {
            error,
            exit: TaskExit::OutputNotWritable,
        };
        let put = |path: &Path, bytes: &[u8]| {
            let way = args.way_to(path).map_err(unwritten)?;
            write(path, way, bytes).map_err(unwritten)
        };
        let (mut files, mut failed) = (Vec::new(), None);
        let made = make_sheet(video, &self.request, &self.origin, &self.names, &mut |picture| {
            let path = self.picture(files.len());
            if let Err(error) = put(&path, &picture.encoded.bytes) {
                failed = Some(error);
                return ControlFlow::Break(());
            }
            files.push(SavedFile {
                path,
                is_streamed: false,
                format: self.request.format,
                size: picture.size,
                bytes: picture.encoded.bytes.len(),
                pixel_sha256: picture.pixel_sha256,
                quality: picture.encoded.quality,
                deinterlaced: false,
            });
            ControlFlow::Continue(())
        });
        saved.files = files;
        match made {
            Ok(facts) => {
                if let Some(text) = &facts.vtt {
                    match put(&self.vtt(), text.as_bytes()) {
                        Ok(()) => saved.vtt = Some(self.vtt()),
                        Err(error) => failed = Some(error),
                    }
                }
                saved.facts = Some(facts);
            }
            Err(error) => failed = failed.or_else(|| Some(of_sheet(error))),
        }
        saved.failed = failed;
        saved
    }
}

fn of_sheet(error: SheetError) -> Failed {
    Failed {
        exit: error.exit(),
        error: anyhow::Error::new(error).context("the sheet cannot be made"),
    }
}

impl SavedSheet {
    /// The same fields as `submit --json` has for them.
    pub(super) fn to_json(&self, file: impl Fn(&SavedFile) -> Value) -> Value {
        let facts = self.facts.as_ref();
        let mut object = json!({
            "tiles": facts.map(|facts| facts.tiles),
            "tile": facts.map(|facts| [facts.tile.0, facts.tile.1]),
            "files": self.files.iter().map(file).collect::<Vec<_>>(),
            "error": self.failed.as_ref().map(|failed| format!("{:#}", failed.error)),
        });
        put_path(&mut object, "vtt", self.vtt.as_deref());
        object
    }
}
