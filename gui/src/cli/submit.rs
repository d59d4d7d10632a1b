//! `posterframe submit`, `resume` and `sample`: whole jobs without a window.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use posterframe_client::{
    Client, FrameChoice, Job, JobState, Objects, Paths, PreflightIssue, RemoteSubmission, Submission,
    VideoFile,
};
use posterframe_contract::{JobId, Moment, OutputRequest, Selector, SheetRequest};
use posterframe_frame::Video;
use posterframe_markers::Marker;
use posterframe_player::VideoSource;
use posterframe_remote::Place;
use serde_json::{Value, json};

use super::deliver::{copy, deliver};
use super::dry_run;
use super::exits::{Exits, of_error};
use super::files::{FileArgs, SheetArgs};
use super::follow::Follow;
use super::remote::{self, RemoteArgs};
use super::report::{error_text, exit, job_json, outcome, put_path};
use super::say::say;
use super::select::SelectArgs;
use super::shutdown::{self, INTERRUPTED, closed, interrupted};
use super::{Common, fetch, list, stdin};
use crate::backend::Running;
use crate::distant::{self, Opener};
use crate::frame_choice::decoded_choices;
use crate::job_text;
use crate::mark_list::{self, MarkList};
use crate::select;

/// The most columns of a video's name in a table.
const MAX_NAME_COLUMNS: usize = 48;

#[derive(Debug, clap::Args)]
pub(super) struct SubmitArgs {
    /// The videos: files, s3://… or https addresses; what is at a distance is not uploaded, the task reads it there
    #[arg(required_unless_present_any = ["from_list", "marks"])]
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
    /// Copy a video at a distance to this computer and upload it, where no task may read it
    #[arg(long)]
    upload: bool,
    #[command(flatten)]
    remote: RemoteArgs,
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
            upload: false,
            remote: RemoteArgs::default(),
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
        upload,
        remote,
        output,
    } = args;
    let marks = select.marks.list()?;
    let outputs = files.outputs()?;
    let made = Made {
        outputs: match &marks {
            Some(marks) => marks.outputs(outputs),
            None => outputs,
        },
        sheets: sheets.sheets()?,
        marks,
    };
    if let Some(list) = from_list {
        videos.extend(list::videos(&list)?);
    }
    if let Some(marks) = made.marks.as_ref().filter(|_| videos.is_empty()) {
        videos = marks.videos();
        if videos.is_empty() {
            anyhow::bail!("the list of marks names no video: give one before --marks");
        }
    }
    let selectors = select.selectors();
    if dry_run {
        return Ok(dry_run::all(
            common,
            &remote,
            &videos,
            (&selectors, &made, output.json),
        ));
    }
    let how = Sending {
        remote,
        upload,
        output,
    };
    start(common, &videos, &selectors, made, how)
}

/// Continues interrupted jobs: opening the client does that. Paused uploads are resumed too.
pub(super) fn resume(common: &Common, args: ResumeArgs) -> anyhow::Result<ExitCode> {
    let how = Sending {
        remote: RemoteArgs::default(),
        upload: false,
        output: args.output,
    };
    start(common, &[], &[], Made::default(), how)
}

/// Submits `videos`; without any, follows the jobs that are under way.
fn start(
    common: &Common,
    videos: &[PathBuf],
    selectors: &[Selector],
    made: Made,
    how: Sending,
) -> anyhow::Result<ExitCode> {
    let Sending {
        remote,
        upload,
        output,
    } = how;
    if let Some(folder) = &output.out {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let paths = common.paths()?;
    shutdown::block_on(async {
        let running = crate::backend::start(paths.clone(), &common.overrides()).await?;
        let objects = match remote.login() {
            Some(login) => Objects::of_backend(login).await,
            None => running.client().objects(),
        };
        let mut run = Run {
            client: running.client().clone(),
            opener: Opener::new(Some(objects), remote.cache(&paths)),
            paths,
            upload,
            made,
            output,
            jobs: Vec::new(),
            exits: Exits::default(),
            table: Vec::new(),
        };
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

/// How videos are read, sent and reported.
struct Sending {
    remote: RemoteArgs,
    upload: bool,
    output: OutputArgs,
}

/// What to make of each video.
#[derive(Clone, Default)]
pub(super) struct Made {
    /// The files to make of each frame.
    pub(super) outputs: Vec<OutputRequest>,
    sheets: Vec<SheetRequest>,
    /// A list of marks, whose frames come before those that are selected otherwise.
    marks: Option<MarkList>,
}

impl Made {
    /// Those of a video.
    pub(super) fn marks_of(&self, source: &VideoSource) -> anyhow::Result<Vec<Marker>> {
        let Some(list) = &self.marks else {
            return Ok(Vec::new());
        };
        let name = match source {
            VideoSource::File(path) => path.clone(),
            VideoSource::Remote(remote) => remote.file_name().into(),
        };
        list.of(&name, || Ok(Video::open(source)?))
    }
}

struct Run {
    client: Client,
    opener: Opener,
    paths: Paths,
    upload: bool,
    made: Made,
    output: OutputArgs,
    jobs: Vec<JobId>,
    exits: Exits,
    /// What came of each video.
    table: Vec<(String, String)>,
}

impl Run {
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
        if let Some(place) = remote::place(video)? {
            return self.submit_remote(&place, selectors).await;
        }
        self.submit_file(video, selectors).await
    }

    async fn submit_file(&mut self, video: &Path, selectors: &[Selector]) -> anyhow::Result<()> {
        let (client, video, selectors) = (self.client.clone(), video.to_owned(), selectors.to_vec());
        let made = self.made.clone();
        // This runs on another thread, so that an interrupt does not wait for a slow disk.
        let submitted = tokio::task::spawn_blocking(move || {
            let opened = Client::look_at(&video)?;
            let source = VideoSource::from(&video);
            let frames = choose(&source, &made.marks_of(&source)?, &selectors)?;
            warn(&client, &opened, &frames);
            anyhow::Ok(client.submit(Submission {
                video,
                frames,
                outputs: made.outputs,
                sheets: made.sheets,
            })?)
        });
        self.jobs.push(submitted.await??);
        Ok(())
    }

    /// As [`Self::submit`], of a video that stays where it is.
    async fn submit_remote(&mut self, place: &Place, selectors: &[Selector]) -> anyhow::Result<()> {
        let opened = self.opener.video(place, false, None)?;
        opened.open().await?;
        if self.upload {
            let paths = self.paths.clone();
            let copied = tokio::task::spawn_blocking(move || fetch::fetch(&opened, &paths));
            return self.submit_file(&copied.await??, selectors).await;
        }
        let source = distant::described(place, &opened);
        for issue in self.client.check_remote(&source) {
            let words = job_text::remote_issue(&issue);
            eprintln!("posterframe: {place}: {words}; --upload copies it instead");
        }
        let (client, selectors) = (self.client.clone(), selectors.to_vec());
        let made = self.made.clone();
        let submitted = tokio::task::spawn_blocking(move || {
            let video = VideoSource::from(opened);
            let marks = made.marks_of(&video)?;
            let frames = choose(&video, &marks, &selectors);
            let frames = frames.map_err(|error| remote::explained(&video, error))?;
            let receipt = distant::receipt(&video);
            let id = client.submit_remote(RemoteSubmission {
                source,
                frames,
                outputs: made.outputs,
                sheets: made.sheets,
            })?;
            anyhow::Ok((id, receipt))
        });
        let (id, receipt) = submitted.await??;
        self.jobs.push(id);
        if let Some(receipt) = receipt.filter(|_| !self.output.json) {
            say!("{place}: nothing is uploaded. {receipt}");
        }
        Ok(())
    }

    fn refuse(&mut self, video: &Path, error: &anyhow::Error) {
        self.exits.add(of_error(error));
        let shown = remote::shown(video);
        eprintln!("posterframe: {error:#}: {shown}");
        let video = if remote::place(video).is_ok_and(|place| place.is_none()) {
            video
        } else {
            Path::new(&shown)
        };
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

    fn finish(&mut self, job: &Job) {
        let mut object = job_json(job);
        let mut saved = Vec::new();
        self.exits.add(exit(job));
        if job.state == JobState::Done {
            fetch::forget(&self.paths, &job.video.path);
        }
        for (index, still) in job.stills.iter().enumerate() {
            for (number, file) in still.files.iter().enumerate() {
                match deliver(self.output.out.as_deref(), still, file) {
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
                match copy(self.output.out.as_deref(), path) {
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

/// Decodes the selected frames, in one way through the video.
fn choose(
    source: &VideoSource,
    marks: &[Marker],
    selectors: &[Selector],
) -> anyhow::Result<Vec<FrameChoice>> {
    let selectors: Vec<Selector> = mark_list::selectors(marks)
        .chain(selectors.iter().copied())
        .collect();
    let picked = select::frames(&selectors, || Ok(Video::open(source)?))?;
    let video = Video::open(source)?;
    super::warn_of_colours(video.info());
    let mut frames = decoded_choices(video, &picked)?;
    mark_list::name(&mut frames, marks);
    Ok(frames)
}
