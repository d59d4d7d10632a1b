//! `posterframe submit`, `resume` and `sample`: whole jobs without a window.

mod made;
mod results;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use indicatif::ProgressBar;
use posterframe_client::{Client, Job, JobState, Objects, RemoteSubmission};
use posterframe_contract::{JobId, Moment, Selector};
use posterframe_player::Footage;
use posterframe_remote::Place;
use tokio::runtime::Handle;

use self::made::choose;
pub(super) use self::made::{Made, prepared};
use self::results::OutputArgs;
pub(super) use self::results::Results;
use super::dry_run;
use super::files::{FileArgs, SheetArgs};
use super::follow::Follow;
use super::interpret::InterpretArgs;
use super::remote::{self, RemoteArgs};
use super::say::say;
use super::select::SelectArgs;
use super::shutdown::{self, INTERRUPTED, closed, interrupt, interrupted};
use super::{Common, list, stdin};
use crate::backend::Running;
use crate::distant::{self, Opener};
use crate::{fetch, job_text};

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
    #[command(flatten)]
    interpret: InterpretArgs,
    /// Say which frames and files a submission would make, and how large they are; nothing is sent
    #[arg(long)]
    dry_run: bool,
    /// Copy a video at a distance to this computer and upload it, where no task may read it
    #[arg(long)]
    upload: bool,
    /// Make the files on this computer, and send only them: the worker runs here, over the file, in place of a task
    #[arg(long, conflicts_with = "no_wait")]
    here: bool,
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
            interpret: InterpretArgs::default(),
            dry_run: false,
            upload: false,
            here: false,
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
        interpret,
        dry_run,
        upload,
        here,
        remote,
        output,
    } = args;
    let made = Made::of(common, files, sheets, &interpret, &select)?;
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
        here,
        output,
    };
    start(common, &videos, &selectors, made, how)
}

/// Continues interrupted jobs: opening the client does that. Paused uploads are resumed too.
pub(super) fn resume(common: &Common, args: ResumeArgs) -> anyhow::Result<ExitCode> {
    let how = Sending {
        remote: RemoteArgs::default(),
        upload: false,
        here: false,
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
        here,
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
            opener: Opener::new(Some(objects), remote.cache(&paths), Handle::current()),
            upload,
            here,
            made,
            jobs: Vec::new(),
            results: Results::new(output, paths),
        };
        let code = tokio::select! {
            code = run.all(videos, selectors, &running) => code,
            by = interrupted() => {
                interrupt(running.client(), by).await;
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
    here: bool,
    output: OutputArgs,
}

struct Run {
    client: Client,
    opener: Opener,
    upload: bool,
    here: bool,
    made: Made,
    jobs: Vec<JobId>,
    results: Results,
}

impl Run {
    async fn all(&mut self, videos: &[PathBuf], selectors: &[Selector], running: &Running) -> ExitCode {
        for video in videos {
            if let Err(error) = self.submit(video, selectors).await {
                self.results.refuse(video, &error);
            }
        }
        if videos.is_empty() {
            self.follow_open_jobs().await;
        }
        let how = Follow {
            quiet: self.results.output.json,
            no_wait: self.results.output.no_wait,
        };
        let (client, jobs) = (self.client.clone(), self.jobs.clone());
        let over = |job: &Job| {
            if self.results.output.no_wait && !job.state.is_ended() {
                self.results.leave(job, running);
            } else {
                self.results.finish(job);
            }
        };
        how.run(&client, &jobs, over).await;
        self.results.print_table();
        self.results.exits.status()
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
        if self.jobs.is_empty() && !self.results.output.json {
            say!("Nothing was interrupted.");
        }
    }

    /// Decodes every frame on this computer first. A video that cannot be decoded is refused before a byte is sent, and the
    /// result can be compared with these pixels.
    async fn submit(&mut self, video: &Path, selectors: &[Selector]) -> anyhow::Result<()> {
        stdin::refuse(video)?;
        if let Some(place) = distant::place(video)? {
            return self.submit_remote(&place, selectors).await;
        }
        self.submit_file(video, selectors).await
    }

    async fn submit_file(&mut self, video: &Path, selectors: &[Selector]) -> anyhow::Result<()> {
        let (client, video, selectors) = (self.client.clone(), video.to_owned(), selectors.to_vec());
        let (made, here) = (self.made.clone(), self.here);
        // This runs on another thread, so that an interrupt does not wait for a slow disk.
        let submitted = tokio::task::spawn_blocking(move || {
            let submission = prepared(&client, &video, &selectors, made)?;
            anyhow::Ok(if here {
                client.submit_here(submission)?
            } else {
                client.submit(submission)?
            })
        });
        self.jobs.push(submitted.await??);
        Ok(())
    }

    /// As [`Self::submit`], of a video that stays where it is.
    async fn submit_remote(&mut self, place: &Place, selectors: &[Selector]) -> anyhow::Result<()> {
        let opened = self.opener.video(place, false, None)?;
        opened.open().await?;
        if self.upload {
            let paths = self.results.paths.clone();
            let copied = tokio::task::spawn_blocking(move || {
                let bar = ProgressBar::new(opened.size().unwrap_or_default());
                let copied = fetch::fetch(&opened, &paths, &|there| {
                    bar.set_position(there);
                    true
                });
                bar.finish_and_clear();
                copied
            });
            return self.submit_file(&copied.await??, selectors).await;
        }
        if self.here {
            anyhow::bail!(
                "--here makes files of a video on this computer; with --upload, this one is copied here first"
            );
        }
        let source = distant::described(place, &opened);
        for issue in self.client.check_remote(&source) {
            let words = job_text::remote_issue(&issue);
            eprintln!("posterframe: {place}: {words}; --upload copies it instead");
        }
        let (client, selectors) = (self.client.clone(), selectors.to_vec());
        let made = self.made.clone();
        let submitted = tokio::task::spawn_blocking(move || {
            let video = Footage::new(opened, made.interpretation);
            let marks = made.marks_of(&video)?;
            let frames = choose(&video, &marks, &selectors);
            let frames = frames.map_err(|error| remote::explained(&video.source, error))?;
            let receipt = distant::receipt(&video.source);
            let id = client.submit_remote(RemoteSubmission {
                source,
                frames,
                outputs: made.outputs,
                sheets: made.sheets,
                interpretation: made.interpretation,
            })?;
            anyhow::Ok((id, receipt))
        });
        let (id, receipt) = submitted.await??;
        self.jobs.push(id);
        if let Some(receipt) = receipt.filter(|_| !self.results.output.json) {
            say!("{place}: nothing is uploaded. {receipt}");
        }
        Ok(())
    }
}
