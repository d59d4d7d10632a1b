//! `posterframe watch`: a job for each video that arrives in a folder, once it is whole, and once each.
//!
//! What was submitted is kept in the history, in one transaction with the job: neither a restart nor a kill loses a video or submits
//! it twice. Jobs whose results were not handed over before the end are followed again at the next start.

mod folder;

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use parking_lot::Mutex;
use posterframe_client::{Client, ClientError, Job, JobState, WatchedFile};
use posterframe_contract::{JobId, Position, Selector};
use posterframe_frame::Video;
use tokio::task::spawn_blocking;

use self::folder::{Folder, has_changed};
use super::Common;
use super::files::{FileArgs, SheetArgs};
use super::follow::Following;
use super::interpret::InterpretArgs;
use super::say::say;
use super::select::SelectArgs;
use super::shutdown::{self, closed, interrupted};
use super::submit::{Made, Results, prepared};
use crate::select::time_at;

/// Jobs that have not ended. More videos are looked at once there are fewer: what is not submitted yet takes no memory.
const MAX_OPEN: usize = 16;
/// How long it waits at least for a job to change before it looks at all of them again.
const LEAST_WAIT: Duration = Duration::from_millis(50);
/// When a video is tried again that cannot be read just now.
const AGAIN: Duration = Duration::from_secs(30);
/// How often a job is tried whose task was cut off, as where this program was killed and ran it.
const MAX_TRIES: u32 = 4;
/// What ECS says of a task that was ended from outside: the machine or the backend that ran it went away.
const CUT_OFF: [&str; 2] = ["TerminationNotice", "SpotInterruption"];
/// What a file without an extension may hold that libav decodes as if it were a video.
const STILL_CODECS: [&str; 7] = ["mjpeg", "png", "bmp", "tiff", "webp", "jpeg2000", "ansi"];

#[derive(Debug, clap::Args)]
pub(super) struct WatchArgs {
    /// The folder. Videos that are there already are submitted too, unless an earlier watch did
    folder: PathBuf,
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    files: FileArgs,
    #[command(flatten)]
    sheets: SheetArgs,
    #[command(flatten)]
    interpret: InterpretArgs,
    /// Watch the folders in it, too
    #[arg(long)]
    recursive: bool,
    /// How long a file’s size and time must stay the same before it counts as whole
    #[arg(long, value_name = "TIME", default_value = "5s")]
    settle: Position,
    /// End once all that is there is submitted, and has its result
    #[arg(long)]
    once: bool,
    /// Save the thumbnails in this folder; a file that is there already is never overwritten
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// One JSON object a line and job, as of “submit”, and nothing else on standard output
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, args: WatchArgs) -> anyhow::Result<ExitCode> {
    let unreadable = || format!("the folder cannot be watched: {}", args.folder.display());
    let root = std::fs::canonicalize(&args.folder).with_context(unreadable)?;
    std::fs::read_dir(&root).with_context(unreadable)?;
    if let Some(out) = &args.out {
        std::fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    }
    let made = Made::of(common, args.files, args.sheets, &args.interpret, &args.select)?;
    let paths = common.paths()?;
    shutdown::block_on(async {
        let data = paths.data.clone();
        let running = crate::backend::start(paths.clone(), &common.overrides()).await?;
        let data = std::fs::canonicalize(&data).unwrap_or(data);
        if root.starts_with(&data) {
            bail!(
                "Posterframe’s own files are here: watch another folder than {}",
                root.display()
            );
        }
        if !args.json {
            say!("Watching {}; Ctrl+C ends it", root.display());
        }
        let client = running.client().clone();
        let folder = Folder::new(root.clone(), args.recursive, time_at(args.settle), data);
        let mut watch = Watch {
            made,
            results: Results::without_end(args.out, args.json, paths),
            client,
            root,
            selectors: args.select.selectors(),
            folder: Arc::new(Mutex::new(folder)),
            following: Following::new(args.json),
            whole: VecDeque::new(),
            is_once: args.once,
            said: HashSet::new(),
        };
        let code = tokio::select! {
            ended = watch.all() => ended.map(|()| watch.results.exits.status()),
            _ = interrupted() => {
                eprintln!("posterframe: no longer watching; what is under way goes on at the next start");
                Ok(ExitCode::SUCCESS)
            }
        };
        closed(running.close()).await;
        code
    })
}

struct Watch {
    client: Client,
    made: Made,
    results: Results,
    root: PathBuf,
    selectors: Vec<Selector>,
    folder: Arc<Mutex<Folder>>,
    following: Following,
    /// Videos that were whole at the last look, and are still to be submitted.
    whole: VecDeque<WatchedFile>,
    /// It ends with what is there.
    is_once: bool,
    /// What was said already of files that cannot be read just now.
    said: HashSet<PathBuf>,
}

/// What came of a video that is whole.
enum Arrived {
    /// It was submitted.
    Job(JobId),
    /// It was submitted or refused before, or is none.
    Known,
    /// It is being written again, or gone.
    Changed,
    /// It cannot be submitted.
    Refused(anyhow::Error),
    /// It cannot be read now, which may pass.
    Later(anyhow::Error),
}

impl Watch {
    /// Ends only where it is to end with what is there, or nothing can be kept of what it does.
    async fn all(&mut self) -> anyhow::Result<()> {
        for (_, id) in self.client.undelivered()? {
            let Some(job) = self.client.job(id) else {
                // Someone took it off the list.
                self.client.set_delivered(id)?;
                continue;
            };
            if job.state == JobState::Paused {
                // This fails if it goes on by itself meanwhile.
                let _ = self.client.resume(id).await;
            }
            self.following.open.push(id);
        }
        let mut changes = self.client.changes();
        let mut next_look = Instant::now();
        loop {
            changes.mark_unchanged();
            if self.whole.is_empty() && Instant::now() >= next_look {
                let began = Instant::now();
                self.look().await?;
                next_look = Instant::now() + Folder::pause(began.elapsed());
            }
            self.arrivals().await?;
            let deadline = self.follow()?;
            let is_idle = self.whole.is_empty() && self.following.open.is_empty();
            if self.is_once && is_idle && !self.folder.lock().is_waiting() {
                return Ok(());
            }
            let wake = deadline.map_or(next_look, |deadline| deadline.min(next_look));
            // Where there is no room, it is a job's end that makes some.
            let wake = wake.max(Instant::now() + LEAST_WAIT);
            tokio::select! {
                () = tokio::time::sleep_until(wake.into()) => {}
                changed = changes.changed() => changed.context("the client has ended")?,
            }
        }
    }

    /// Looks at the folder for what is whole.
    async fn look(&mut self) -> anyhow::Result<()> {
        let folder = self.folder.clone();
        // A network folder may take its time.
        let whole = spawn_blocking(move || folder.lock().look(Instant::now())).await?;
        let whole = match whole {
            Ok(whole) => whole,
            Err(error) if self.is_once => {
                return Err(error)
                    .with_context(|| format!("the folder cannot be read: {}", self.root.display()));
            }
            Err(error) => {
                if self.said.insert(self.root.clone()) {
                    eprintln!(
                        "posterframe: the folder cannot be read now: {error}: {}",
                        self.root.display()
                    );
                }
                return Ok(());
            }
        };
        self.said.remove(&self.root);
        self.whole = whole.into();
        Ok(())
    }

    /// Submits what is whole, as long as there is room.
    async fn arrivals(&mut self) -> anyhow::Result<()> {
        while self.following.open.len() < MAX_OPEN {
            let Some(file) = self.whole.pop_front() else {
                break;
            };
            self.arrived(file).await?;
            // What is under way is told meanwhile.
            self.follow()?;
        }
        Ok(())
    }

    async fn arrived(&mut self, file: WatchedFile) -> anyhow::Result<()> {
        let (client, selectors, made) = (self.client.clone(), self.selectors.clone(), self.made.clone());
        let arriving = file.clone();
        let arrived = spawn_blocking(move || arrive(&client, &arriving, &selectors, made)).await??;
        let path = &file.path;
        match arrived {
            Arrived::Job(job) => self.following.open.push(job),
            Arrived::Known => {}
            Arrived::Changed => {
                self.folder.lock().postpone(&file, Instant::now());
                return Ok(());
            }
            Arrived::Refused(error) => self.results.refuse(path, &error),
            Arrived::Later(error) if self.is_once => self.results.refuse(path, &error),
            Arrived::Later(error) => {
                if self.said.insert(path.clone()) {
                    eprintln!("posterframe: {error:#}; it is tried again: {}", path.display());
                }
                self.folder.lock().postpone(&file, Instant::now() + AGAIN);
                return Ok(());
            }
        }
        self.said.remove(path);
        self.folder.lock().handled(&file);
        Ok(())
    }

    /// Tells what is new of the jobs, and hands over the results of those that are over. When to look again at the latest.
    fn follow(&mut self) -> anyhow::Result<Option<Instant>> {
        let Self {
            client,
            results,
            following,
            ..
        } = self;
        let mut failed = None;
        let is_over = |job: &Job| job.state.is_ended();
        let deadline = following.look(client, is_over, |job| {
            if is_cut_off(job) && client.retry(job.id).is_ok() {
                return false;
            }
            results.finish(job);
            if let Err(error) = client.set_delivered(job.id) {
                failed = Some(error);
            }
            true
        });
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(deadline),
        }
    }
}

/// Whether a job is to be tried again: its task did not fail, but was ended from outside.
fn is_cut_off(job: &Job) -> bool {
    let code = job.task.as_ref().and_then(|task| task.stop_code.as_deref());
    job.state == JobState::Failed
        && job.attempt < MAX_TRIES
        && code.is_some_and(|code| CUT_OFF.contains(&code))
}

/// Submits a file that is whole.
///
/// # Errors
/// What was submitted cannot be looked up or kept.
fn arrive(
    client: &Client,
    file: &WatchedFile,
    selectors: &[Selector],
    made: Made,
) -> anyhow::Result<Arrived> {
    if has_changed(file) {
        return Ok(Arrived::Changed);
    }
    if client.watched(file)?.is_some() {
        return Ok(Arrived::Known);
    }
    if file.path.extension().is_none() && !holds_a_video(&file.path) {
        if has_changed(file) {
            return Ok(Arrived::Changed);
        }
        client.refuse_watched(file, "it holds no video".to_owned())?;
        return Ok(Arrived::Known);
    }
    let prepared = prepared(client, &file.path, selectors, made);
    // What was still being written may decode as a shorter video, or as none.
    if has_changed(file) {
        return Ok(Arrived::Changed);
    }
    Ok(match prepared {
        Ok(submission) => Arrived::Job(client.submit_watched(submission, file)?),
        Err(error) if may_pass(&error) => Arrived::Later(error),
        Err(error) => {
            client.refuse_watched(file, format!("{error:#}"))?;
            Arrived::Refused(error)
        }
    })
}

/// Whether the file could not be read, so that nothing is known of the video in it.
fn may_pass(error: &anyhow::Error) -> bool {
    let of_frame = error.downcast_ref::<posterframe_frame::Error>();
    let of_client = error.downcast_ref::<ClientError>();
    matches!(of_frame, Some(posterframe_frame::Error::Open { .. }))
        || matches!(of_client, Some(ClientError::Video { .. }))
}

/// Whether a file whose name says nothing is a video by its content.
fn holds_a_video(path: &Path) -> bool {
    Video::open(path).is_ok_and(|video| {
        let info = video.info();
        let lasts = info.duration.is_some_and(|duration| !duration.is_zero());
        lasts && info.frame_count != Some(1) && !STILL_CODECS.contains(&info.codec.as_str())
    })
}
