//! Makes the files of frames, in one way through the video.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use posterframe_contract::names::as_text;
use posterframe_contract::{Format, NameFacts, Position, TaskExit, Timecode};
use posterframe_frame::{Frame, PictureError, Video};
use posterframe_picture::proof::{Origin, Proof};
use posterframe_remote::SourceError;
use posterframe_worker::frame_exit;

use super::args::FrameArgs;
use super::input::Input;
use super::place::{Place, Wanted, WantedFile, Way, write};
use crate::cli::remote;
use crate::select::{position_at, time_at};

/// Why a file is missing: the message, and the exit code.
pub(super) struct Failed {
    pub(super) error: anyhow::Error,
    pub(super) exit: TaskExit,
}

impl Failed {
    /// What libav failed with, or why the video could not be read, where that is the cause.
    pub(super) fn of(input: &Input, error: posterframe_frame::Error) -> Self {
        input.take_error().map_or_else(|| error.into(), Self::from)
    }
}

impl From<SourceError> for Failed {
    fn from(error: SourceError) -> Self {
        Self {
            exit: remote::exit(&error),
            error: error.into(),
        }
    }
}

impl From<posterframe_frame::Error> for Failed {
    fn from(error: posterframe_frame::Error) -> Self {
        Self {
            exit: frame_exit(&error),
            error: error.into(),
        }
    }
}

/// A frame whose files are written, or those of them that could be.
pub(super) struct Saved {
    pub(super) time: Position,
    pub(super) number: Option<u64>,
    pub(super) timecode: Option<Timecode>,
    pub(super) files: Vec<SavedFile>,
    /// What the first file failed of that is missing.
    pub(super) failed: Option<Failed>,
}

pub(super) struct SavedFile {
    pub(super) path: PathBuf,
    pub(super) is_streamed: bool,
    pub(super) format: Format,
    pub(super) size: (u32, u32),
    pub(super) bytes: usize,
    pub(super) pixel_sha256: String,
    pub(super) quality: Option<u8>,
    pub(super) deinterlaced: bool,
}

/// What all frames have in common.
pub(super) struct Saving<'a> {
    args: &'a FrameArgs,
    input: &'a Input,
    /// What files are named after.
    name: String,
    /// What files say of the video.
    origin: Origin,
}

impl<'a> Saving<'a> {
    pub(super) fn of(args: &'a FrameArgs, input: &'a Input) -> Self {
        Self {
            args,
            input,
            name: as_text(input.stem()),
            origin: input.origin(args.interpret.interpretation()),
        }
    }

    /// Saves a single frame.
    pub(super) fn one(&self, video: Video, wanted: &Wanted) -> Result<Saved, Failed> {
        let position = time_at(wanted.position);
        self.save(0, wanted, video.into_frame_at(position))
    }

    /// Saves all frames, in one way through the video: while one is decoded, the one before is encoded and written.
    pub(super) fn all(&self, video: &mut Video, wanted: &[Wanted]) -> Vec<Result<Saved, Failed>> {
        let micros = wanted.iter().map(|wanted| wanted.position.as_micros());
        let positions: Vec<Duration> = micros.map(Duration::from_micros).collect();
        let mut results: Vec<_> = wanted.iter().map(|_| None).collect();
        std::thread::scope(|scope| {
            // A frame is converted once the one before is written, so that one picture is in memory, while the next is
            // decoded.
            let (to, frames) = sync_channel(0);
            let (idle, is_idle) = sync_channel(1);
            let results = &mut results;
            scope.spawn(move || {
                for (index, frame) in frames {
                    results[index] = Some(self.save(index, &wanted[index], frame));
                    let _ = idle.send(());
                }
            });
            let mut is_first = true;
            video.frames_at(&positions, &mut |index, found| {
                let is_ready = std::mem::take(&mut is_first) || is_idle.recv().is_ok();
                let frame = found.and_then(|found| found.frame());
                match to.send((index, frame)) {
                    Ok(()) if is_ready => ControlFlow::Continue(()),
                    _ => ControlFlow::Break(()),
                }
            });
            drop(to);
        });
        let missing = || Failed {
            error: anyhow::anyhow!("it was not reached"),
            exit: TaskExit::DecodeFailure,
        };
        let results = results.into_iter();
        results
            .map(|result| result.unwrap_or_else(|| Err(missing())))
            .collect()
    }

    fn save(
        &self,
        index: usize,
        wanted: &Wanted,
        frame: Result<Frame, posterframe_frame::Error>,
    ) -> Result<Saved, Failed> {
        let frame = frame.map_err(|error| Failed::of(self.input, error))?;
        let frame_sha256 = frame.image.pixel_sha256();
        let mut saved = Saved {
            time: position_at(frame.time),
            number: frame.number,
            timecode: frame.timecode,
            files: Vec::new(),
            failed: None,
        };
        for file in &wanted.files {
            match self.file(index, wanted, (&frame, &frame_sha256), file) {
                Ok(file) => saved.files.push(file),
                Err(failed) => {
                    saved.failed.get_or_insert(failed);
                }
            }
        }
        Ok(saved)
    }

    /// What a frame's files say of themselves, but for what is each one's own.
    fn proof(&self, still: &Wanted, frame: &Frame, frame_sha256: &str) -> Proof {
        let (numerator, denominator) = frame.time_base;
        Proof {
            origin: self.origin.clone(),
            position: still.position,
            frame_number: frame.number,
            frame_time: position_at(frame.time),
            timecode: frame.timecode,
            pts: frame.pts,
            time_base: (numerator as i32, denominator as i32),
            frame_sha256: frame_sha256.to_owned(),
            pixel_sha256: String::new(),
            crop: None,
            deinterlaced: false,
            note: still.note.clone(),
            title: still.name.clone(),
        }
    }

    /// Makes one file of a frame, and writes it.
    fn file(
        &self,
        index: usize,
        still: &Wanted,
        (frame, frame_sha256): (&Frame, &str),
        wanted: &WantedFile,
    ) -> Result<SavedFile, Failed> {
        let output = &wanted.output;
        let impossible = |error: PictureError| Failed {
            error: error.into(),
            exit: TaskExit::OutputImpossible,
        };
        let unwritten = |error| Failed {
            error,
            exit: TaskExit::OutputNotWritable,
        };
        let deinterlaced = frame.deinterlaced(output.deinterlacing());
        let image = deinterlaced.unwrap_or(&frame.image);
        let picture = posterframe_picture::render(image, output).map_err(impossible)?;
        let proof = Proof {
            pixel_sha256: match &picture {
                Cow::Borrowed(_) => frame_sha256.to_owned(),
                Cow::Owned(picture) => picture.pixel_sha256(),
            },
            crop: output.crop,
            deinterlaced: deinterlaced.is_some(),
            ..self.proof(still, frame, frame_sha256)
        };
        let encoded =
            posterframe_picture::encode(&picture, output, Some(&proof.to_xmp())).map_err(impossible)?;
        let size = (picture.width(), picture.height());
        let (path, way) = match &wanted.place {
            Place::Here(path, way) => (path.clone(), *way),
            Place::Named(folder) => {
                let number = frame.number.map(|number| number.to_string());
                let facts = NameFacts {
                    time: position_at(frame.time),
                    timecode: frame.timecode,
                    mark: still.name.clone(),
                    frame: number.unwrap_or_else(|| "unknown".to_owned()),
                    width: size.0,
                    height: size.1,
                    job: "here".to_owned(),
                };
                let path = folder.join(output.file_name(&self.name, index, &facts));
                let way = self.args.way_to(&path).map_err(unwritten)?;
                (path, way)
            }
        };
        write(&path, way, &encoded.bytes).map_err(unwritten)?;
        Ok(SavedFile {
            path,
            is_streamed: matches!(way, Way::Stdout),
            format: output.format,
            size,
            bytes: encoded.bytes.len(),
            pixel_sha256: proof.pixel_sha256,
            quality: encoded.quality,
            deinterlaced: deinterlaced.is_some(),
        })
    }
}
