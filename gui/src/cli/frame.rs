//! `posterframe frame`: extracts one frame into a PNG on this computer, with the same library as the worker.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use posterframe_client::fs::{self, Existing};
use posterframe_contract::Position;
use posterframe_contract::names::{MAX_NAME_BYTES, as_text};
use posterframe_frame::{Source, Video};

use super::say::say;
use super::stdin;
use crate::at::{At, from_duration};

#[derive(Debug, clap::Args)]
pub(super) struct FrameArgs {
    /// The video; “-” or /dev/stdin is standard input, which is copied to a temporary file first
    video: PathBuf,
    /// Where the frame is: 10.5, 1:02.5, 01:02:03.500 or 253f
    #[arg(long, value_name = "POSITION")]
    at: At,
    /// The PNG to write; “-” is standard output [default: the video’s name and the position]
    #[arg(short, long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(png))]
    output: Option<PathBuf>,
    /// Replace a file that is there already; the video itself never is
    #[arg(long)]
    force: bool,
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

/// How the PNG is written.
enum Output {
    Stdout,
    /// A pipe, a terminal or another file that takes bytes as they come.
    Stream,
    Saved(Existing),
}

pub(super) fn run(args: &FrameArgs) -> anyhow::Result<ExitCode> {
    let failed = || format!("{} failed", args.video.display());
    // An output that cannot be written is refused before the work begins.
    args.output
        .as_deref()
        .map(|output| args.check(output))
        .transpose()?;
    let input = if stdin::is_meant(&args.video) {
        Input::Copy(stdin::copy(args.stdin_limit)?)
    } else {
        Input::File(args.video.clone())
    };
    let position = args.at.position(input.source()?).with_context(failed)?;
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| default_output(&input, position));
    let way = args.check(&output)?;
    let video = Video::open(input.source()?).with_context(failed)?;
    let frame = video
        .into_frame_at(Duration::from_micros(position.as_micros()))
        .with_context(failed)?;
    let png = frame.image.encode_png().with_context(failed)?;
    let written = match way {
        Output::Stdout => {
            io::stdout()
                .write_all(&png)
                .context("standard output cannot be written")?;
            return Ok(ExitCode::SUCCESS);
        }
        Output::Stream => File::options()
            .write(true)
            .open(&output)
            .and_then(|mut stream| stream.write_all(&png)),
        Output::Saved(existing) => fs::save(&output, existing, |new| new.write_all(&png)),
    };
    match written {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(taken(&output)),
        written => written.with_context(|| format!("{} cannot be written", output.display()))?,
    }
    let time = from_duration(frame.time);
    say!(
        "{}: the frame at {}, {} × {}",
        output.display(),
        time,
        frame.image.width(),
        frame.image.height()
    );
    Ok(ExitCode::SUCCESS)
}

impl FrameArgs {
    /// How `output` can be written without overwriting the video or, unless `--force` is given, another file.
    fn check(&self, output: &Path) -> anyhow::Result<Output> {
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
