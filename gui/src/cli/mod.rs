//! The command line. It opens the window, does the same jobs without one, and runs the functions and the worker that
//! the local backend starts from this same executable.

mod cache;
mod deliver;
mod doctor;
mod dry_run;
mod exits;
mod files;
mod follow;
mod frame;
mod gallery;
mod generate;
mod interpret;
mod jobs;
mod last_lines;
mod list;
mod local;
mod ls;
mod marks;
mod override_args;
mod remote;
mod report;
mod say;
mod select;
mod shutdown;
mod stdin;
mod submit;
mod verify;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use posterframe_client::{Overrides, Paths};
use posterframe_contract::log::write_field;
use say::say;

use crate::backend::child;
use crate::context::{OwnPreset, Preferences};

/// Pick the exact frame of a video, and watch a task make its thumbnail.
///
/// Without a command, Posterframe opens its window with the given videos. Jobs run on this computer unless the
/// configuration names a stack on AWS: the same functions and the same worker, behind a server on loopback that
/// speaks AWS's protocols.
#[derive(Debug, Parser)]
#[command(
    name = "posterframe",
    version = crate::version::SHORT.as_str(),
    long_version = crate::version::LONG.as_str(),
    about,
    max_term_width = 100,
    subcommand_precedence_over_arg = true
)]
#[command(after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    common: Common,
    /// Videos to open in the window
    videos: Vec<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  posterframe bunny.mp4                            pick frames in the window
  posterframe submit bunny.mp4 --at 10.5 --at 1:02 --out stills
                                                   two thumbnails, saved to a folder
  posterframe submit *.mov --at 253f --json        frame 253 of each, one JSON object a line
  posterframe watch incoming --best 1              the best frame of each video that arrives in a folder
  posterframe frame bunny.mp4 --at 10.5 -o b.png   the same frame at once, with no backend at all
  posterframe submit bunny.mov --marks scenes.edl  one still for each marker of an editing program
  posterframe frame s3://masters/bunny.mov --at 10.5
                                                   the same of a video in a bucket, without downloading it
  posterframe submit film.mov --best 1 --here      the video stays here: only what is made of it goes to the bucket
  posterframe local --port 9000                    only the backend, for other AWS clients

Positions: seconds (10.5), minutes (1:02.5), hours (01:02:03.500), a timecode (01:00:10:13, 01:00:10;13 where numbers are
dropped), or a frame's number counted from 0 (253f).
The frame is the first one at or after the position, as `ffmpeg -i VIDEO -ss POSITION -frames:v 1` gives it.";

#[derive(Debug, Args)]
struct Common {
    /// Folder for the history, the cache and the backend on this computer
    #[arg(long, global = true, value_name = "DIR", env = "POSTERFRAME_DATA")]
    data: Option<PathBuf>,
    /// Where jobs run: “local”, or a backend of the configuration file
    #[arg(long, global = true, value_name = "NAME", env = "POSTERFRAME_BACKEND")]
    backend: Option<String>,
    #[command(flatten)]
    overrides: override_args::OverrideArgs,
}

impl Common {
    fn paths(&self) -> anyhow::Result<Paths> {
        Ok(Paths::resolve(self.data.clone())?)
    }

    /// The outputs that were kept in the window under names.
    fn own_presets(&self) -> Vec<OwnPreset> {
        let paths = self.paths().ok();
        paths.map_or_else(Vec::new, |paths| Preferences::load(&paths).presets)
    }

    /// Settings from flags and the environment, which override the configuration file.
    fn overrides(&self) -> Overrides {
        self.overrides.on_top_of(self.backend.as_deref())
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make thumbnails without a window: one upload, one task, all frames
    Submit(submit::SubmitArgs),
    /// Submit each video that arrives in a folder, once it is whole
    Watch(watch::WatchArgs),
    /// Go on with what was interrupted, and wait for it
    Resume(submit::ResumeArgs),
    /// Extract one frame right here, with no backend
    Frame(frame::FrameArgs),
    /// List the chapters of videos, or the marks of a list, as frames; write them as a list
    Marks(marks::MarksArgs),
    /// Run only the backend on this computer, for other AWS clients
    Local(local::LocalArgs),
    /// List the thumbnails in the bucket, newest first
    Gallery(gallery::GalleryArgs),
    /// Say whether a still is of a frame of a video: exit status 0 for yes, 1 for no, 2 where that cannot be told
    Verify(verify::VerifyArgs),
    /// List a folder of a bucket, for finding videos to open where they are
    Ls(ls::LsArgs),
    /// Say how much is kept on disk of videos at a distance, or delete it
    Cache(cache::CacheArgs),
    /// List the presets of files to make of a frame, for --output
    Outputs(files::OutputsArgs),
    /// List the jobs in the history, newest first; show, stop, retry or forget them
    Jobs(jobs::JobsArgs),
    /// Check every part that jobs need, and say what to do where one fails
    Doctor(doctor::DoctorArgs),
    /// Run the bundled sample clip through the whole job, in the terminal
    Sample(submit::SampleArgs),
    /// Print a shell's completions for this program
    Completions(generate::CompletionsArgs),
    /// Write the manual pages
    #[command(hide = true)]
    Man(generate::ManArgs),
    #[command(name = child::WORKER, hide = true)]
    Worker,
    #[command(name = child::WORKER_HERE, hide = true)]
    WorkerHere(child::WorkerHereArgs),
    #[command(name = child::UPLOAD_TRIGGER, hide = true)]
    UploadTrigger,
    #[command(name = child::THUMBNAIL_TRIGGER, hide = true)]
    ThumbnailTrigger,
}

/// Parses the command line, and runs its command.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli {
        common,
        videos,
        command,
    } = cli;
    match command {
        Some(Command::Worker) => Ok(child::worker()),
        Some(Command::WorkerHere(args)) => Ok(child::worker_here(args)),
        Some(Command::UploadTrigger) => Ok(child::upload_trigger()),
        Some(Command::ThumbnailTrigger) => Ok(child::thumbnail_trigger()),
        Some(Command::Frame(args)) => frame::run(&common, &args),
        Some(Command::Marks(args)) => marks::run(&args),
        Some(Command::Completions(args)) => Ok(generate::completions(&args)),
        Some(Command::Man(args)) => generate::man(&args),
        command => {
            log_to_stderr();
            match command {
                Some(Command::Submit(args)) => submit::run(&common, args),
                Some(Command::Watch(args)) => watch::run(&common, args),
                Some(Command::Resume(args)) => submit::resume(&common, args),
                Some(Command::Sample(args)) => submit::sample(&common, args),
                Some(Command::Local(args)) => local::run(&common, &args),
                Some(Command::Gallery(args)) => gallery::run(&common, &args),
                Some(Command::Verify(args)) => Ok(verify::run(&common, &args)),
                Some(Command::Ls(args)) => ls::run(&common, &args),
                Some(Command::Cache(args)) => cache::run(&common, &args),
                Some(Command::Outputs(args)) => Ok(files::list(&common, &args)),
                Some(Command::Jobs(args)) => jobs::run(&common, args),
                Some(Command::Doctor(args)) => doctor::run(&common, &args),
                _ => window(&common, videos),
            }
        }
    }
}

fn window(common: &Common, videos: Vec<PathBuf>) -> anyhow::Result<ExitCode> {
    videos.iter().try_for_each(|video| stdin::refuse(video))?;
    let has = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !has("DISPLAY") && !has("WAYLAND_DISPLAY") {
        anyhow::bail!(
            "there is no display for a window; “posterframe submit VIDEO --at POSITION” works without one"
        );
    }
    let paths = common.paths()?;
    #[cfg(unix)]
    if crate::app::single::hand_over(&paths, &videos) {
        say!(
            "{}",
            if videos.is_empty() {
                "The window is open already"
            } else {
                "Opened in the window that is there"
            }
        );
        return Ok(ExitCode::SUCCESS);
    }
    let start = crate::backend::starter(paths.clone(), common.overrides());
    crate::app::run(crate::app::AppOptions {
        videos,
        paths,
        overrides: common.overrides(),
        start,
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what to know before pictures are made of a video whose colours will be wrong.
fn warn_of_colours(info: &posterframe_frame::VideoInfo) {
    if let Some(warning) = info.colours.warning() {
        eprintln!("posterframe: {warning}");
    }
}

/// Prints an error, its causes and its advice on standard error.
fn complain(error: &anyhow::Error) {
    eprintln!("posterframe: {error:#}");
    if let Some(advice) = advice(error) {
        eprintln!("  {advice}");
    }
}

/// The error's own advice, if it has any.
fn advice(error: &anyhow::Error) -> Option<String> {
    let of_frame = || {
        error
            .chain()
            .find_map(|cause| cause.downcast_ref::<posterframe_frame::Error>())
    };
    let of_source = || {
        let source = error
            .chain()
            .find_map(|cause| cause.downcast_ref::<posterframe_remote::SourceError>());
        source.map(posterframe_remote::SourceError::advice)
    };
    posterframe_client::ErrorText::of(error.as_ref())
        .advice
        .or_else(of_source)
        .or_else(|| Some(of_frame()?.advice().to_owned()))
}

/// Warnings of the backend and the client go to standard error; `RUST_LOG` asks for more.
fn log_to_stderr() {
    use tracing_subscriber::field::MakeExt as _;
    use tracing_subscriber::fmt::format::debug_fn;
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "error,posterframe=warn".into());
    // This fails only if a subscriber is set already, and this process sets no other.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .fmt_fields(debug_fn(|writer, field, value| write_field(writer, field.name(), value)).delimited(" "))
        .try_init();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    // Breaks if two options collide, or a video's path is taken for a command's argument.
    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
        let cli = Cli::parse_from(["posterframe", "a.mp4", "b.mp4"]);
        assert_eq!(cli.videos.len(), 2);
        let cli = Cli::parse_from([
            "posterframe",
            "submit",
            "a.mp4",
            "--at",
            "10.5",
            "--at",
            "3f",
            "--data",
            "d",
        ]);
        assert!(matches!(cli.command, Some(Command::Submit(_))) && cli.common.data.is_some());
        let cli = Cli::parse_from(["posterframe", "--data", "d", "submit", "a.mp4", "--at", "1"]);
        assert!(matches!(cli.command, Some(Command::Submit(_))) && cli.common.data.is_some());
        for show in [
            &["jobs", "show", "0198", "--data", "d"][..],
            &["jobs", "show"],
            &["jobs", "bunny"],
            &["jobs"],
        ] {
            let cli = Cli::try_parse_from(["posterframe"].iter().chain(show));
            assert_eq!(cli.is_ok(), show != ["jobs", "show"], "{show:?}");
        }
        let cli = Cli::parse_from(["posterframe", "frame", "--at", "1", "--", "-x.mp4"]);
        assert!(matches!(cli.command, Some(Command::Frame(_))));
    }
}
