//! `posterframe submit`, `resume` and `sample`: whole jobs without a window.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use posterframe_client::{
    Client, FrameChoice, Job, JobState, PreflightIssue, Still, StillFile, Submission, Verdict, VideoFile, fs,
};
use posterframe_contract::{Format, JobId, Moment, OutputRequest, Selector, SheetRequest};
use posterframe_frame::{Image, Video};
use posterframe_player::Proof;
use posterframe_worker::frame_exit;
use serde_json::{Value, json};

use super::dry_run;
use super::exits::Exits;
use super::files::{FileArgs, SheetArgs};
use super::follow::Follow;
use super::report::{error_text, exit, job_json, outcome, put_path};
use super::say::say;
use super::select::SelectArgs;
use super::shutdown::{self, INTERRUPTED, closed, interrupted};
use super::{Common, list, stdin};
use crate::backend::Running;
use crate::frame_choice::frame_choice;
use crate::job_text;
use crate::select::{self, Picked};

/// The most columns of a video's name in a table.
const MAX_NAME_COLUMNS: usize = 48;

#[derive(Debug, clap::Args)]
pub(super) struct SubmitArgs {
    /// The videos
    #[arg(required_unless_present = "from_list")]
    videos: Vec<PathBuf>,
    /// A file with more videos, one on each line; “-” is standard input
    #[arg(long, value_name = "FILE")]
    from_list: Option<PathBuf>,
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    files: FileArgs,
    #[command(flatten)]
    sheets: SheetArgs,
    /// Say which frames and files a submission would make, and how large they are; nothing is sent
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ResumeArgs {
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct SampleArgs {
    /// Where the frame is
    #[arg(long, value_name = "POSITION", default_value = "3.5")]
    at: Vec<Moment>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, clap::Args)]
struct OutputArgs {
    /// Save the thumbnails in this folder; a file that is there already is never overwritten
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// One JSON object a line and job, and nothing else on standard output
    ///
    /// Paths are `video` and each file's `file`. What is no UTF-8 in them is U+FFFD there; `video_bytes` and `file_bytes` are their
    /// very bytes, percent-encoded.
    #[arg(long)]
    json: bool,
    /// Return once the videos are uploaded
    #[arg(long)]
    no_wait: bool,
}

pub(super) fn sample(common: &Common, args: SampleArgs) -> anyhow::Result<ExitCode> {
    let video = crate::sample::file(&common.paths()?).context("the sample clip cannot be unpacked")?;
    run(
        common,
        SubmitArgs {
            videos: vec![video],
            from_list: None,
            select: SelectArgs::at(args.at),
            files: FileArgs::default(),
            sheets: SheetArgs::default(),
            dry_run: false,
            output: args.output,
        },
    )
}

pub(super) fn run(common: &Common, args: SubmitArgs) -> anyhow::Result<ExitCode> {
    let SubmitArgs {
        mut videos,
        from_list,
        select,
        files,
        sheets,
        dry_run,
        output,
    } = args;
    let made = Made {
        outputs: files.outputs()?,
        sheets: sheets.sheets()?,
    };
    if let Some(list) = from_list {
        videos.extend(list::videos(&list)?);
    }
    let selectors = select.selectors();
    if dry_run {
        return Ok(dry_runs(&videos, &selectors, &made.outputs, output.json));
    }
    start(common, &videos, &selectors, made, output)
}

/// The exit status of a video that is not submitted.
fn of_error(error: &anyhow::Error) -> u8 {
    let frame = error.downcast_ref::<posterframe_frame::Error>();
    frame.map_or(1, |error| frame_exit(error).code())
}

/// What a submission would make, of each video. How the worst of them ended.
fn dry_runs(
    videos: &[PathBuf],
    selectors: &[Selector],
    outputs: &[OutputRequest],
    is_json: bool,
) -> ExitCode {
    let mut exits = Exits::default();
    for video in videos {
        let planned = stdin::refuse(video).and_then(|()| dry_run::run(video, selectors, outputs, is_json));
        if let Err(error) = planned {
            exits.add(of_error(&error));
            super::complain(&error.context(format!("{} cannot be submitted", video.display())));
        }
    }
    exits.status()
}

/// Continues interrupted jobs: opening the client does that. Paused uploads are resumed too.
pub(super) fn resume(common: &Common, args: ResumeArgs) -> anyhow::Result<ExitCode> {
    start(common, &[], &[], Made::default(), args.output)
}

/// Submits `videos`; without any, follows the jobs that are under way.
fn start(
    common: &Common,
    videos: &[PathBuf],
    selectors: &[Selector],
    made: Made,
    output: OutputArgs,
) -> anyhow::Result<ExitCode> {
    if let Some(folder) = &output.out {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let paths = common.paths()?;
    shutdown::block_on(async {
        let running = crate::backend::start(paths, &common.overrides()).await?;
        let mut run = Run::with(running.client().clone(), made, output);
        let code = tokio::select! {
            code = run.all(videos, selectors, &running) => code,
            () = interrupted() => {
                eprintln!("posterframe: interrupted; what is under way goes on at the next start");
                ExitCode::from(INTERRUPTED)
            }
        };
        closed(running.close()).await;
        Ok(code)
    })
}

/// What to make of each video.
#[derive(Clone, Default)]
pub(super) struct Made {
    /// The files to make of each frame.
    pub(super) outputs: Vec<OutputRequest>,
    pub(super) sheets: Vec<SheetRequest>,
}

pub(super) struct Run {
    client: Client,
    pub(super) made: Made,
    output: OutputArgs,
    jobs: Vec<JobId>,
    pub(super) exits: Exits,
    /// What came of each video.
    pub(super) table: Vec<(String, String)>,
}

impl Run {
    pub(super) fn new(client: Client, made: Made, out: Option<PathBuf>, json: bool) -> Self {
        let output = OutputArgs {
            out,
            json,
            no_wait: false,
        };
        Self::with(client, made, output)
    }

    fn with(client: Client, made: Made, output: OutputArgs) -> Self {
        Self {
            client,
            made,
            output,
            jobs: Vec::new(),
            exits: Exits::default(),
            table: Vec::new(),
        }
    }

    async fn all(&mut self, videos: &[PathBuf], selectors: &[Selector], running: &Running) -> ExitCode {
        for video in videos {
            if let Err(error) = self.submit(video, selectors).await {
                self.refuse(video, &error);
            }
        }
        if videos.is_empty() {
            self.follow_open_jobs().await;
        }
        let how = Follow {
            quiet: self.output.json,
            no_wait: self.output.no_wait,
        };
        let (client, jobs) = (self.client.clone(), self.jobs.clone());
        let over = |job: &Job| {
            if self.output.no_wait && !job.state.is_ended() {
                self.leave(job, running);
            } else {
                self.finish(job);
            }
        };
        how.run(&client, &jobs, over).await;
        self.print_table();
        self.exits.status()
    }

    /// One line a video, where there are several and the lines of their jobs are far above.
    fn print_table(&self) {
        if self.output.json || self.table.len() < 2 {
            return;
        }
        let widest = self.table.iter().map(|(video, _)| video.chars().count()).max();
        let widest = widest.unwrap_or_default().min(MAX_NAME_COLUMNS);
        say!("");
        for (video, what) in &self.table {
            say!("{video:<widest$}  {what}");
        }
    }

    /// Follows every job of this backend that has not ended.
    async fn follow_open_jobs(&mut self) {
        // Jobs that failed because no task appeared, but have a task or a result after all.
        self.jobs.extend(self.client.mended().await);
        let backend = &self.client.backend().name;
        let jobs = self.client.jobs();
        let open = jobs.iter().rev();
        for job in open.filter(|job| job.backend == *backend && !job.state.is_ended()) {
            if job.state == JobState::Paused {
                // This fails if the job was stopped meanwhile, and then there is nothing to resume.
                let _ = self.client.resume(job.id).await;
            }
            if !self.jobs.contains(&job.id) {
                self.jobs.push(job.id);
            }
        }
        if self.jobs.is_empty() && !self.output.json {
            say!("Nothing was interrupted.");
        }
    }

    /// Decodes every frame on this computer first. A video that cannot be decoded is refused before a byte is sent, and the
    /// result can be compared with these pixels.
    async fn submit(&mut self, video: &Path, selectors: &[Selector]) -> anyhow::Result<()> {
        stdin::refuse(video)?;
        let (client, video, selectors) = (self.client.clone(), video.to_owned(), selectors.to_vec());
        let made = self.made.clone();
        // This runs on another thread, so that an interrupt does not wait for a slow disk.
        let submitted = tokio::task::spawn_blocking(move || {
            let submission = prepared(&client, &video, &selectors, made)?;
            anyhow::Ok(client.submit(submission)?)
        });
        self.jobs.push(submitted.await??);
        Ok(())
    }

    pub(super) fn refuse(&mut self, video: &Path, error: &anyhow::Error) {
        self.exits.add(of_error(error));
        eprintln!("posterframe: {error:#}: {}", video.display());
        let name = video.file_name().unwrap_or(video.as_os_str()).to_string_lossy();
        self.table
            .push((name.into_owned(), format!("not submitted: {error:#}")));
        if let Some(advice) = super::advice(error) {
            eprintln!("  {advice}");
        }
        if self.output.json {
            let nothing = Value::Null;
            let mut object = json!({
                "job_id": nothing, "state": "failed", "source": nothing, "request_key": nothing, "task_arn": nothing,
                "stills": [], "identical_to_preview": nothing, "read": nothing, "phases": [],
                "error": format!("{error:#}"),
            });
            put_path(&mut object, "video", Some(video));
            say!("{object}");
        }
    }

    fn leave(&self, job: &Job, running: &Running) {
        if self.output.json {
            say!("{}", job_json(job));
        } else {
            let when = if running.is_local() {
                "when Posterframe next runs"
            } else {
                "by itself"
            };
            say!("{} is uploaded; its task goes on {when}", job.video.name);
        }
    }

    pub(super) fn finish(&mut self, job: &Job) {
        let mut object = job_json(job);
        let mut saved = Vec::new();
        self.exits.add(exit(job));
        for (index, still) in job.stills.iter().enumerate() {
            for (number, file) in still.files.iter().enumerate() {
                match self.deliver(still, file) {
                    Ok(delivered) => {
                        let json = &mut object["stills"][index];
                        put_path(&mut json["files"][number], "file", Some(&delivered.file));
                        if delivered.identical == Some(false) {
                            self.exits.add(1);
                        }
                        saved.push(delivered.file.display().to_string());
                    }
                    Err(error) => self.note(&mut object, &error),
                }
            }
        }
        for (index, sheet) in job.sheets.iter().enumerate() {
            let pictures = sheet.files.iter().map(|file| file.path.as_path());
            let paths = pictures.enumerate().map(|(number, path)| (Some(number), path));
            for (picture, path) in paths.chain(sheet.vtt.as_deref().map(|vtt| (None, vtt))) {
                match self.copy(path) {
                    Ok(path) => {
                        let json = &mut object["sheets"][index];
                        match picture {
                            Some(number) => put_path(&mut json["files"][number], "file", Some(&path)),
                            None => put_path(json, "vtt", Some(&path)),
                        }
                        saved.push(path.display().to_string());
                    }
                    Err(error) => self.note(&mut object, &error),
                }
            }
        }
        if self.output.json {
            say!("{object}");
        } else {
            let outcome = outcome(job);
            say!("  {outcome}");
            self.table.push((job.video.name.clone(), outcome));
            for file in &saved {
                say!("  saved as {file}");
            }
        }
        if let Some(error) = error_text(job) {
            eprintln!("posterframe: {}: {error}", job.video.name);
            for step in job.failure.iter().flat_map(|failure| &failure.next_steps) {
                eprintln!("  {step}");
            }
        }
    }

    /// Notes why a file of a job is not where it was asked for.
    fn note(&mut self, object: &mut Value, error: &anyhow::Error) {
        self.exits.add(1);
        object["error"] = json!(format!("{error:#}"));
        eprintln!("posterframe: {error:#}");
    }

    /// Saves a sheet's file in the chosen folder, if any, and tells where it is then.
    fn copy(&self, path: &Path) -> anyhow::Result<PathBuf> {
        let Some(folder) = &self.output.out else {
            return Ok(path.to_owned());
        };
        let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
        let copied = std::fs::File::open(path)
            .and_then(|mut file| fs::save_new(folder, &name, |new| std::io::copy(&mut file, new).map(drop)));
        copied.with_context(|| format!("{name} cannot be saved in {}", folder.display()))
    }

    /// Saves a file in the chosen folder, if any, and compares the pixels in it with the preview: what counts is what the
    /// user gets.
    fn deliver(&self, still: &Still, file: &StillFile) -> anyhow::Result<Delivered> {
        let unreadable = || format!("{} cannot be read", file.path.display());
        let png = std::fs::read(&file.path).with_context(unreadable)?;
        let frame = still.frame.as_ref().map(|frame| &frame.pixel_sha256);
        let is_exact = file.made.format == Format::Png && frame == Some(&file.made.pixel_sha256);
        let identical = match (&still.preview, &still.verdict) {
            (Some(preview), Some(Verdict::Identical | Verdict::Differs(_))) if is_exact => {
                let sha256 = Image::decode_png(&png).with_context(unreadable)?.pixel_sha256();
                Some(preview.sha256 == sha256)
            }
            _ => None,
        };
        let file = match &self.output.out {
            Some(folder) => fs::save_new(folder, file.name(), |new| new.write_all(&png))
                .with_context(|| format!("{} cannot be saved in {}", file.name(), folder.display()))?,
            None => file.path.clone(),
        };
        Ok(Delivered { file, identical })
    }
}

struct Delivered {
    file: PathBuf,
    identical: Option<bool>,
}

/// Prints the warnings that the window shows before a submission. Problems that prevent one are errors of the submission
/// itself.
fn warn(client: &Client, opened: &VideoFile, frames: &[FrameChoice]) {
    let positions: Vec<_> = frames.iter().map(|frame| frame.position).collect();
    let findings = client.check(opened, &positions).into_iter();
    // The log of the job says that nothing is sent.
    for finding in findings.filter(|finding| *finding != PreflightIssue::Stored) {
        let words = job_text::issue(&finding, client.now());
        eprintln!("posterframe: {}: {words}", opened.path.display());
    }
}

/// Decodes the selected frames, and says what is worth knowing before they are submitted.
///
/// # Errors
/// The video cannot be read or decoded.
pub(super) fn prepared(
    client: &Client,
    video: &Path,
    selectors: &[Selector],
    made: Made,
) -> anyhow::Result<Submission> {
    let opened = Client::look_at(video)?;
    let frames = choose(video, selectors)?;
    warn(client, &opened, &frames);
    Ok(Submission {
        video: video.to_owned(),
        frames,
        outputs: made.outputs,
        sheets: made.sheets,
    })
}

/// Decodes the selected frames, in one way through the video.
fn choose(path: &Path, selectors: &[Selector]) -> anyhow::Result<Vec<FrameChoice>> {
    let picked = select::frames(selectors, || Ok(Video::open(path)?))?;
    let video = Video::open(path)?;
    super::warn_of_colours(video.info());
    select::decode(video, &picked, |index, frame| {
        let Picked { position, number, .. } = picked[index];
        let number = number.or(frame.number).map(|number| number as usize);
        Ok(frame_choice(position, number, &Proof::of(&frame.image)))
    })
}
