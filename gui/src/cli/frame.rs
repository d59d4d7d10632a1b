//! `posterframe frame`: one frame to one PNG, right here, by the library that the worker uses.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use posterframe_contract::Position;
use posterframe_frame::Video;

use super::At;
use super::say::say;

#[derive(Debug, clap::Args)]
pub(super) struct FrameArgs {
    /// The video
    video: PathBuf,
    /// Where the frame is: 10.5, 1:02.5, 01:02:03.500 or 253f
    #[arg(long, value_name = "POSITION")]
    at: At,
    /// The PNG to write; “-” is standard output [default: the video’s name and the position]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &FrameArgs) -> anyhow::Result<ExitCode> {
    let failed = || format!("{} failed", args.video.display());
    let position = args.at.position(&args.video).with_context(failed)?;
    let mut video = Video::open(args.video.as_path()).with_context(failed)?;
    let frame = video
        .frame_at(Duration::from_micros(position.as_micros()))
        .with_context(failed)?;
    let png = frame.image.encode_png().with_context(failed)?;

    let output = args
        .output
        .clone()
        .unwrap_or_else(|| default_output(&args.video, position));
    if output == Path::new("-") {
        std::io::stdout()
            .write_all(&png)
            .context("standard output cannot be written")?;
        return Ok(ExitCode::SUCCESS);
    }
    std::fs::write(&output, &png).with_context(|| format!("{} cannot be written", output.display()))?;
    let time = super::at::from_duration(frame.time);
    say!(
        "{}: the frame at {}, {} × {}",
        output.display(),
        time,
        frame.image.width(),
        frame.image.height()
    );
    Ok(ExitCode::SUCCESS)
}

fn default_output(video: &Path, position: Position) -> PathBuf {
    let stem = video.file_stem().unwrap_or_default().to_string_lossy();
    PathBuf::from(format!("{stem}_{}.png", position.key_part()))
}
