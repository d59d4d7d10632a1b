//! `posterframe frame`: extracts frames into PNGs on this computer, with the same library as the worker.

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
use posterframe_contract::{Position, TaskExit};
use posterframe_frame::{Frame, Source, Video};
use posterframe_worker::frame_exit;
use serde_json::{Value, json};

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
    /// The PNG to write, or the folder for several; “-” is standard output [default: the video’s name and the position]
    #[arg(short, long, value_name = "FILE|DIR", value_parser = PathBufValueParser::new().try_map(png))]
    output: Option<PathBuf>,
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

/// How a PNG is written.
#[derive(Clone, Copy)]
enum Output {
    Stdout,
    /// A pipe, a terminal or another file that takes bytes as they come.
    Stream,
    Saved(Existing),
}

/// A requested frame, and where its PNG goes.
struct Wanted {
    position: Position,
    file: PathBuf,
    output: Output,
}

/// Why a PNG is missing: the message, and the exit code.
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
    let failed = || format!("{} failed", args.video.display());
    // An output that cannot be written is refused before the work begins.
    if let (Some(output), false) = (&args.output, args.is_folder()) {
        args.way_to(output)?;
    }
    let input = if stdin::is_meant(&args.video) {
        Input::Copy(stdin::copy(args.stdin_limit)?)
    } else {
        Input::File(args.video.clone())
    };
    let positions = At::positions(&args.at, || input.source()).with_context(failed)?;
    let wanted = args.wanted(&input, &positions)?;
    let results = match Video::open(input.source()?) {
        Ok(video) => save_all(video, &wanted),
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
    let mut exits = Vec::new();
    for (wanted, result) in wanted.iter().zip(results) {
        match result {
            Ok(saved) => {
                if !args.json && !matches!(wanted.output, Output::Stdout) {
                    let (width, height) = saved.size;
                    say!(
                        "{}: the frame at {}, {width} × {height}",
                        wanted.file.display(),
                        saved.time
                    );
                }
                exits.push(None);
            }
            Err(Failed { error, exit }) => {
                let place = match wanted.output {
                    _ if positions.len() == 1 => failed(),
                    _ => format!("{}, the frame at {}", failed(), wanted.position),
                };
                complain(&error.context(place));
                exits.push(Some(exit));
            }
        }
    }
    Ok(ExitCode::from(TaskExit::of_stills(exits).code()))
}

/// A frame whose PNG is written.
struct Saved {
    time: Position,
    number: Option<u64>,
    size: (u32, u32),
    bytes: usize,
    pixel_sha256: String,
}

/// Saves all frames, in one way through the video: while one is decoded, the one before is encoded and written.
fn save_all(mut video: Video, wanted: &[Wanted]) -> Vec<Result<Saved, Failed>> {
    if let [wanted] = wanted {
        let micros = Duration::from_micros(wanted.position.as_micros());
        return vec![save(wanted, video.into_frame_at(micros))];
    }
    let micros = wanted.iter().map(|wanted| wanted.position.as_micros());
    let positions: Vec<Duration> = micros.map(Duration::from_micros).collect();
    let mut results: Vec<_> = wanted.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        // A frame is converted once the one before is written, so that one picture is in memory, while the next is decoded.
        let (to, frames) = sync_channel(0);
        let (idle, is_idle) = sync_channel(1);
        let results = &mut results;
        scope.spawn(move || {
            for (index, frame) in frames {
                results[index] = Some(save(&wanted[index], frame));
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

fn save(wanted: &Wanted, frame: Result<Frame, posterframe_frame::Error>) -> Result<Saved, Failed> {
    let frame = frame?;
    let png = frame.image.encode_png()?;
    write(wanted, &png).map_err(|error| Failed {
        error,
        exit: TaskExit::OutputNotWritable,
    })?;
    Ok(Saved {
        time: from_duration(frame.time),
        number: frame.number,
        size: (frame.image.width(), frame.image.height()),
        bytes: png.len(),
        pixel_sha256: frame.image.pixel_sha256(),
    })
}

fn write(Wanted { file, output, .. }: &Wanted, png: &[u8]) -> anyhow::Result<()> {
    let written = match output {
        Output::Stdout => {
            let written = io::stdout().write_all(png);
            return written.context("standard output cannot be written");
        }
        Output::Stream => {
            let stream = File::options().write(true).open(file);
            stream.and_then(|mut stream| stream.write_all(png))
        }
        Output::Saved(existing) => fs::save(file, *existing, |new| new.write_all(png)),
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
    let stills = wanted.iter().zip(results).map(|(wanted, result)| {
        let saved = result.as_ref().ok();
        let file = saved.map(|saved| {
            let (width, height) = saved.size;
            let mut file = json!({ "format": "png", "width": width, "height": height, "bytes": saved.bytes,
                                   "pixel_sha256": saved.pixel_sha256 });
            put_path(&mut file, "file", Some(&wanted.file));
            file
        });
        json!({ "position": wanted.position, "number": saved.and_then(|saved| saved.number),
                "frame_time": saved.map(|saved| saved.time), "files": Vec::from_iter(file),
                "error": result.as_ref().err().map(|failed| format!("{:#}", failed.error)) })
    });
    let mut object = json!({ "stills": stills.collect::<Vec<Value>>(),
                             "error": error.map(|error| format!("{error:#}")) });
    put_path(&mut object, "video", Some(&args.video));
    say!("{object}");
}

impl FrameArgs {
    /// Whether the output is a folder: one that is there, or the only place for several frames.
    fn is_folder(&self) -> bool {
        let output = self.output.as_deref();
        output.is_some_and(|output| self.at.len() > 1 || output.is_dir())
    }

    /// What is wanted, with the places of the PNGs.
    fn wanted(&self, input: &Input, positions: &[Position]) -> anyhow::Result<Vec<Wanted>> {
        let folder = match &self.output {
            Some(folder) if self.is_folder() => {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("{} is no folder, and cannot become one", folder.display()))?;
                Some(folder.as_path())
            }
            Some(_) => None,
            None => Some(Path::new("")),
        };
        let mut all: Vec<Wanted> = Vec::new();
        for &position in positions {
            let file = match folder {
                Some(folder) => folder.join(default_output(input, position)),
                None => self.output.clone().unwrap_or_default(),
            };
            if all.iter().any(|other| other.file == file) {
                bail!("two frames would have the same file: {}", file.display());
            }
            let output = self.way_to(&file)?;
            if self.json && matches!(output, Output::Stdout) {
                bail!("standard output takes the picture or the JSON, not both");
            }
            all.push(Wanted {
                position,
                file,
                output,
            });
        }
        Ok(all)
    }

    /// How `output` can be written without overwriting the video or, unless `--force` is given, another file.
    fn way_to(&self, output: &Path) -> anyhow::Result<Output> {
        if output == Path::new("-") || output == Path::new("/dev/stdout") {
            return Ok(Output::Stdout);
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
            return Ok(Output::Stream);
        }
        if let Some(kind) = fs::kind_of(output) {
            bail!(
                "this is {kind}, not a file that can be written: {}",
                output.display()
            );
        }
        match (self.force, output.exists()) {
            (true, _) => Ok(Output::Saved(Existing::Replace)),
            (false, false) => Ok(Output::Saved(Existing::Keep)),
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

/// Refuses names with another format's extension, since only PNG is written.
fn png(output: PathBuf) -> Result<PathBuf, String> {
    match output.extension() {
        Some(extension) if !extension.eq_ignore_ascii_case("png") => Err(format!(
            "only PNG can be written so far, not “.{}”: let the name end with .png",
            extension.display()
        )),
        _ => Ok(output),
    }
}

/// The default file name: the video's name, byte for byte if it is not too long, and the position.
fn default_output(input: &Input, position: Position) -> PathBuf {
    let tail = format!("_{}.png", position.key_part());
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
            default_output(&input, Position::from_micros(1_000_000)).into_os_string()
        };
        assert_eq!(name(b"/films/bunny.mp4"), "bunny_00-00-01.000.png");
        assert_eq!(name(b"Mu\xf1oz.mp4").as_bytes(), b"Mu\xf1oz_00-00-01.000.png");
        assert_eq!(name(b".."), "video_00-00-01.000.png");
        for byte in [b'x', 0xff] {
            let name = name(&[byte; 255]);
            assert!(name.len() <= 255 && name.as_bytes().ends_with(b"_00-00-01.000.png"));
        }
    }

    // Breaks if a PNG is written under another format's name.
    #[test]
    fn only_png() {
        for good in ["a.png", "a.PNG", "a", "-", "b.c/a"] {
            assert!(png(good.into()).is_ok(), "{good}");
        }
        for bad in ["a.jpg", "a.png.jpeg", "a.mp4"] {
            assert!(png(bad.into()).is_err(), "{bad}");
        }
    }
}
