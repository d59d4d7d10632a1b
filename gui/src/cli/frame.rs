//! `posterframe frame`: extracts frames into files on this computer, with the same library as the worker.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use posterframe_client::fs::{self, Existing};
use posterframe_contract::names::{MAX_NAME_BYTES, as_text};
use posterframe_contract::{Format, NameFacts, OutputRequest, Position, TaskExit};
use posterframe_frame::{Frame, PictureError, Source, Video};
use posterframe_picture::proof::Proof;
use posterframe_worker::frame_exit;
use serde_json::{Value, json};

use super::files::FileArgs;
use super::report::put_path;
use super::say::say;
use super::{complain, stdin};
use crate::at::{At, from_duration};

#[derive(Debug, clap::Args)]
pub(super) struct FrameArgs {
    /// The video; “-” or /dev/stdin is standard input, which is copied to a temporary file first
    video: PathBuf,
    /// Where a frame is: 10.5, 1:02.5, 01:02:03.500 or 253f; once for each frame
    #[arg(long, value_name = "POSITION", required = true)]
    at: Vec<At>,
    /// The file to write, in the format of its extension, or the folder for several; “-” is standard output [default: the
    /// video’s name and the position]
    #[arg(short, long, value_name = "FILE|DIR", value_parser = PathBufValueParser::new().try_map(known))]
    out: Option<PathBuf>,
    #[command(flatten)]
    files: FileArgs,
    /// Replace a file that is there already; the video itself never is
    #[arg(long)]
    force: bool,
    /// Print one JSON object about all frames
    #[arg(long)]
    json: bool,
    /// The most that is copied of standard input, to the folder that TMPDIR names
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "8 GB",
        env = "POSTERFRAME_STDIN_LIMIT",
        value_parser = stdin::limit
    )]
    stdin_limit: u64,
}

/// Where the video comes from.
enum Input {
    File(PathBuf),
    /// A temporary copy of standard input.
    Copy(File),
}

/// How a file is written.
#[derive(Clone, Copy)]
enum Way {
    Stdout,
    /// A pipe, a terminal or another file that takes bytes as they come.
    Stream,
    Saved(Existing),
}

/// A requested frame, and the files to make of it.
struct Wanted {
    position: Position,
    files: Vec<WantedFile>,
}

struct WantedFile {
    output: OutputRequest,
    place: Place,
}

/// Where a file goes.
enum Place {
    Here(PathBuf, Way),
    /// By its template, whose fields are known only once the file is made.
    Named(PathBuf),
}

/// Why a file is missing: the message, and the exit code.
struct Failed {
    error: anyhow::Error,
    exit: TaskExit,
}

impl From<posterframe_frame::Error> for Failed {
    fn from(error: posterframe_frame::Error) -> Self {
        Self {
            exit: frame_exit(&error),
            error: error.into(),
        }
    }
}

pub(super) fn run(args: &FrameArgs) -> anyhow::Result<ExitCode> {
    let outputs = args.outputs()?;
    let failed = || format!("{} failed", args.video.display());
    // An output that cannot be written is refused before the work begins.
    if let (Some(out), false) = (&args.out, args.is_folder(&outputs)) {
        args.way_to(out)?;
    }
    let input = if stdin::is_meant(&args.video) {
        Input::Copy(stdin::copy(args.stdin_limit)?)
    } else {
        Input::File(args.video.clone())
    };
    let positions = At::positions(&args.at, || input.source()).with_context(failed)?;
    let wanted = args.wanted(&input, &positions, &outputs)?;
    let results = match Video::open(input.source()?) {
        Ok(video) => Saving::of(args, &input).all(video, &wanted),
        Err(error) => {
            let exit = Failed::from(error);
            if args.json {
                print_json(args, &wanted, &[], Some(&exit.error));
            }
            complain(&exit.error.context(failed()));
            return Ok(ExitCode::from(exit.exit.code()));
        }
    };
    if args.json {
        print_json(args, &wanted, &results, None);
    }
    let (mut exits, mut failures) = (Vec::new(), Vec::new());
    for (wanted, result) in wanted.iter().zip(results) {
        match result {
            Ok(saved) => {
                for file in saved.files.iter().filter(|file| !args.json && !file.is_streamed) {
                    let (width, height) = file.size;
                    say!(
                        "{}: the frame at {}, {width} × {height}",
                        file.path.display(),
                        saved.time
                    );
                }
                exits.push(saved.failed.as_ref().map(|failed| failed.exit));
                failures.extend(saved.failed.map(|failed| (wanted.position, failed.error)));
            }
            Err(Failed { error, exit }) => {
                exits.push(Some(exit));
                failures.push((wanted.position, error));
            }
        }
    }
    for (position, error) in failures {
        let place = match positions.len() {
            1 => failed(),
            _ => format!("{}, the frame at {position}", failed()),
        };
        complain(&error.context(place));
    }
    Ok(ExitCode::from(TaskExit::of_stills(exits).code()))
}

/// A frame whose files are written, or those of them that could be.
struct Saved {
    time: Position,
    number: Option<u64>,
    files: Vec<SavedFile>,
    /// What the first file failed of that is missing.
    failed: Option<Failed>,
}

struct SavedFile {
    path: PathBuf,
    is_streamed: bool,
    format: Format,
    size: (u32, u32),
    bytes: usize,
    pixel_sha256: String,
    quality: Option<u8>,
}

/// What all frames have in common.
struct Saving<'a> {
    args: &'a FrameArgs,
    /// What files are named after.
    name: String,
    /// The video's file name, to be read, and its size in bytes.
    source: (String, Option<u64>),
}

impl<'a> Saving<'a> {
    fn of(args: &'a FrameArgs, input: &Input) -> Self {
        Self {
            args,
            name: as_text(input.stem()),
            source: input.about(),
        }
    }

    /// Saves all frames, in one way through the video: while one is decoded, the one before is encoded and written.
    fn all(&self, mut video: Video, wanted: &[Wanted]) -> Vec<Result<Saved, Failed>> {
        if let [wanted] = wanted {
            let micros = Duration::from_micros(wanted.position.as_micros());
            return vec![self.save(0, wanted, video.into_frame_at(micros))];
        }
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
        let frame = frame?;
        let frame_sha256 = frame.image.pixel_sha256();
        let mut saved = Saved {
            time: from_duration(frame.time),
            number: frame.number,
            files: Vec::new(),
            failed: None,
        };
        for file in &wanted.files {
            match self.file(index, wanted.position, (&frame, &frame_sha256), file) {
                Ok(file) => saved.files.push(file),
                Err(failed) => {
                    saved.failed.get_or_insert(failed);
                }
            }
        }
        Ok(saved)
    }

    /// What a frame's files say of themselves, but for what is each one's own.
    fn proof(&self, position: Position, frame: &Frame, frame_sha256: &str) -> Proof {
        let (numerator, denominator) = frame.time_base;
        Proof {
            source_name: self.source.0.clone(),
            source_bytes: self.source.1,
            source_etag: None,
            source_sha256: None,
            position,
            frame_number: frame.number,
            frame_time: from_duration(frame.time),
            pts: frame.pts,
            time_base: (numerator as i32, denominator as i32),
            frame_sha256: frame_sha256.to_owned(),
            pixel_sha256: String::new(),
            crop: None,
            libav_version: posterframe_frame::libav_version(),
            worker_version: env!("CARGO_PKG_VERSION").to_owned(),
            note: None,
            title: None,
        }
    }

    /// Makes one file of a frame, and writes it.
    fn file(
        &self,
        index: usize,
        position: Position,
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
        let picture = posterframe_picture::render(&frame.image, output).map_err(impossible)?;
        let proof = Proof {
            pixel_sha256: match &picture {
                Cow::Borrowed(_) => frame_sha256.to_owned(),
                Cow::Owned(picture) => picture.pixel_sha256(),
            },
            crop: output.crop,
            ..self.proof(position, frame, frame_sha256)
        };
        let encoded = posterframe_picture::encode(&picture, output, Some(&proof)).map_err(impossible)?;
        let size = (picture.width(), picture.height());
        let (path, way) = match &wanted.place {
            Place::Here(path, way) => (path.clone(), *way),
            Place::Named(folder) => {
                let number = frame.number.map(|number| number.to_string());
                let facts = NameFacts {
                    time: from_duration(frame.time),
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
        })
    }
}

fn write(file: &Path, way: Way, bytes: &[u8]) -> anyhow::Result<()> {
    let written = match way {
        Way::Stdout => {
            let written = io::stdout().write_all(bytes);
            return written.context("standard output cannot be written");
        }
        Way::Stream => {
            let stream = File::options().write(true).open(file);
            stream.and_then(|mut stream| stream.write_all(bytes))
        }
        Way::Saved(existing) => fs::save(file, existing, |new| new.write_all(bytes)),
    };
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(taken(file)),
        written => written.with_context(|| format!("{} cannot be written", file.display())),
    }
}

/// The same fields as `submit --json` has for them.
fn print_json(
    args: &FrameArgs,
    wanted: &[Wanted],
    results: &[Result<Saved, Failed>],
    error: Option<&anyhow::Error>,
) {
    let file = |saved: &SavedFile| {
        let (width, height) = saved.size;
        let mut file = json!({ "format": saved.format, "width": width, "height": height, "bytes": saved.bytes,
                               "pixel_sha256": saved.pixel_sha256, "quality": saved.quality });
        put_path(&mut file, "file", Some(&saved.path));
        file
    };
    let stills = wanted.iter().zip(results).map(|(wanted, result)| {
        let saved = result.as_ref().ok();
        let failed = match result {
            Ok(saved) => saved.failed.as_ref(),
            Err(failed) => Some(failed),
        };
        let files = saved.map(|saved| saved.files.iter().map(file).collect::<Vec<_>>());
        json!({ "position": wanted.position, "number": saved.and_then(|saved| saved.number),
                "frame_time": saved.map(|saved| saved.time), "files": files.unwrap_or_default(),
                "error": failed.map(|failed| format!("{:#}", failed.error)) })
    });
    let mut object = json!({ "stills": stills.collect::<Vec<Value>>(),
                             "error": error.map(|error| format!("{error:#}")) });
    put_path(&mut object, "video", Some(&args.video));
    say!("{object}");
}

impl FrameArgs {
    /// The files to make of each frame: those that are asked for, or one in the format of the output's extension.
    fn outputs(&self) -> anyhow::Result<Vec<OutputRequest>> {
        let by_name = self
            .out
            .as_deref()
            .and_then(Path::extension)
            .and_then(OsStr::to_str);
        let by_name = by_name.and_then(Format::of_extension);
        let mut outputs = self.files.clone().outputs()?;
        if outputs.is_empty() {
            outputs.push(OutputRequest {
                format: by_name.unwrap_or_default(),
                ..OutputRequest::default()
            });
        }
        if let ([output], Some(format)) = (outputs.as_slice(), by_name)
            && !self.is_folder(&outputs)
            && output.format != format
        {
            bail!(
                "the file’s name says {} and --output {}: give it the extension .{}",
                format.label(),
                output.format.label(),
                output.format.extension()
            );
        }
        Ok(outputs)
    }

    /// Whether the output is a folder: one that is there, or the only place for several files.
    fn is_folder(&self, outputs: &[OutputRequest]) -> bool {
        let out = self.out.as_deref();
        out.is_some_and(|out| self.at.len() * outputs.len() > 1 || out.is_dir())
    }

    /// What is wanted, with the places of the files.
    fn wanted(
        &self,
        input: &Input,
        positions: &[Position],
        outputs: &[OutputRequest],
    ) -> anyhow::Result<Vec<Wanted>> {
        let folder = match &self.out {
            Some(folder) if self.is_folder(outputs) => {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("{} is no folder, and cannot become one", folder.display()))?;
                Some(folder.as_path())
            }
            Some(_) => None,
            None => Some(Path::new("")),
        };
        let mut taken = HashSet::new();
        let mut place = |position, output: &OutputRequest| {
            let file = match folder {
                Some(folder) if !output.name.is_default() => return Ok(Place::Named(folder.to_owned())),
                Some(folder) => folder.join(default_output(input, position, output.format)),
                None => self.out.clone().unwrap_or_default(),
            };
            if !taken.insert(file.clone()) {
                bail!(
                    "two files would have the same name, which --name can change: {}",
                    file.display()
                );
            }
            let way = self.way_to(&file)?;
            if self.json && matches!(way, Way::Stdout) {
                bail!("standard output takes the picture or the JSON, not both");
            }
            Ok(Place::Here(file, way))
        };
        let wanted = positions.iter().map(|&position| {
            let files = outputs.iter().map(|output| {
                Ok(WantedFile {
                    place: place(position, output)?,
                    output: output.clone(),
                })
            });
            let files: anyhow::Result<Vec<_>> = files.collect();
            Ok(Wanted {
                position,
                files: files?,
            })
        });
        wanted.collect()
    }

    /// How `output` can be written without overwriting the video or, unless `--force` is given, another file.
    fn way_to(&self, output: &Path) -> anyhow::Result<Way> {
        if output == Path::new("-") || output == Path::new("/dev/stdout") {
            return Ok(Way::Stdout);
        }
        let video = match &self.video {
            video if stdin::is_meant(video) => Path::new("/dev/stdin"),
            video => video,
        };
        if fs::is_same(video, output) {
            bail!(
                "this is the video itself, which is never written over: {}",
                output.display()
            );
        }
        if fs::takes_bytes(output) {
            return Ok(Way::Stream);
        }
        if let Some(kind) = fs::kind_of(output) {
            bail!(
                "this is {kind}, not a file that can be written: {}",
                output.display()
            );
        }
        match (self.force, output.exists()) {
            (true, _) => Ok(Way::Saved(Existing::Replace)),
            (false, false) => Ok(Way::Saved(Existing::Keep)),
            (false, true) => Err(taken(output)),
        }
    }
}

impl Input {
    fn source(&self) -> anyhow::Result<Source> {
        Ok(match self {
            Self::File(path) => path.as_path().into(),
            Self::Copy(file) => Source::Stream {
                reader: Box::new(file.try_clone()?),
                name: "stdin".to_owned(),
            },
        })
    }

    /// The file's name, to be read, and its size in bytes.
    fn about(&self) -> (String, Option<u64>) {
        match self {
            Self::File(path) => {
                let name = path.file_name().map(as_text).unwrap_or_default();
                (name, std::fs::metadata(path).ok().map(|file| file.len()))
            }
            Self::Copy(file) => {
                let bytes = file.metadata().ok().map(|file| file.len());
                ("standard input".to_owned(), bytes)
            }
        }
    }

    fn stem(&self) -> &OsStr {
        match self {
            Self::File(path) => path.file_stem(),
            Self::Copy(_) => None,
        }
        .unwrap_or(OsStr::new("video"))
    }
}

fn taken(output: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "there is a file already, which only --force replaces: {}",
        output.display()
    )
}

/// Refuses names with the extension of a format that cannot be written.
fn known(out: PathBuf) -> Result<PathBuf, String> {
    match out.extension() {
        Some(extension) if extension.to_str().and_then(Format::of_extension).is_none() && !out.is_dir() => {
            let formats = Format::ALL.map(|format| format!(".{}", format.extension()));
            Err(format!(
                "“.{}” cannot be written: let the name end with {}",
                extension.display(),
                formats.join(", ")
            ))
        }
        _ => Ok(out),
    }
}

/// The default file name: the video's name, byte for byte if it is not too long, and the position.
fn default_output(input: &Input, position: Position, format: Format) -> PathBuf {
    let tail = format!("_{}.{}", position.key_part(), format.extension());
    let mut name = input.stem().to_owned();
    name.push(&tail);
    if name.len() > MAX_NAME_BYTES {
        name = fs::file_name(&as_text(input.stem()), &tail).into();
    }
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a default name is too long for a file, or does not begin with the video's name.
    #[cfg(unix)]
    #[test]
    fn names_of_frames() {
        use std::os::unix::ffi::OsStrExt as _;
        let name = |bytes: &[u8]| {
            let input = Input::File(OsStr::from_bytes(bytes).into());
            default_output(&input, Position::from_micros(1_000_000), Format::Png).into_os_string()
        };
        assert_eq!(name(b"/films/bunny.mp4"), "bunny_00-00-01.000.png");
        assert_eq!(name(b"Mu\xf1oz.mp4").as_bytes(), b"Mu\xf1oz_00-00-01.000.png");
        assert_eq!(name(b".."), "video_00-00-01.000.png");
        for byte in [b'x', 0xff] {
            let name = name(&[byte; 255]);
            assert!(name.len() <= 255 && name.as_bytes().ends_with(b"_00-00-01.000.png"));
        }
    }

    // Breaks if a file is written under the name of a format that it has not.
    #[test]
    fn only_known_formats() {
        for good in [
            "a.png",
            "a.PNG",
            "a.jpg",
            "a.png.jpeg",
            "a.webp",
            "a",
            "-",
            "b.c/a",
        ] {
            assert!(known(good.into()).is_ok(), "{good}");
        }
        for bad in ["a.bmp", "a.png.gif", "a.mp4"] {
            assert!(known(bad.into()).is_err(), "{bad}");
        }
    }
}
