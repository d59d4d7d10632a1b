//! `posterframe jobs`: lists the history, shows one job, and stops, retries or forgets jobs.

mod act;
mod show;

use std::process::ExitCode;

use anyhow::bail;
use posterframe_client::{History, Job, Overrides, Paths};
use time::OffsetDateTime;

use super::Common;
use super::report::{job_json, log_line};
use super::say::say;
use crate::{format, job_text};

#[derive(Debug, clap::Args)]
pub(super) struct JobsArgs {
    #[command(subcommand)]
    command: Option<JobsCommand>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, clap::Subcommand)]
enum JobsCommand {
    /// Show everything about one job: phases, task, log, and what to do where it is stuck or has failed
    Show(show::ShowArgs),
    /// Stop jobs: their uploads, or their tasks
    Stop(act::StopArgs),
    /// Try ended jobs again; nothing that is in the bucket is sent again
    Retry(act::RetryArgs),
    /// Take ended jobs off the list; their thumbnails stay in the bucket
    Forget(act::ForgetArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// One JSON object a line and job
    #[arg(long)]
    json: bool,
    /// Print the log of each job too
    #[arg(long)]
    logs: bool,
    /// Only this job, or those whose ids or names start so
    filter: Option<String>,
}

pub(super) fn run(common: &Common, args: JobsArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        None => list(common, &args.list),
        Some(JobsCommand::Show(args)) => show::run(common, &args),
        Some(JobsCommand::Stop(args)) => act::stop(common, &args),
        Some(JobsCommand::Retry(args)) => act::retry(common, &args),
        Some(JobsCommand::Forget(args)) => act::forget(common, &args),
    }
}

fn list(common: &Common, args: &ListArgs) -> anyhow::Result<ExitCode> {
    let history = History::open(&common.paths()?)?;
    let filter = args.filter.as_deref().unwrap_or_default();
    let all = history.jobs()?;
    let jobs = all
        .iter()
        .filter(|job| job.id.to_string().starts_with(filter) || job.video.name.starts_with(filter));
    let mut count = 0;
    for job in jobs {
        count += 1;
        if args.json {
            say!("{}", job_json(job));
        } else {
            say!(
                "{}  {:<9} {:>20}  {:>8}  {}",
                job.id,
                job.state.label(),
                job_text::about(job),
                format::duration(job.elapsed(OffsetDateTime::now_utc())),
                job.video.name,
            );
            if let Some(failure) = &job.failure {
                say!("    {}: {}", failure.title, failure.cause);
            }
        }
        if args.logs && !args.json {
            for line in history.log(job.id)? {
                say!("    {}", log_line(&line));
            }
        }
    }
    if count == 0 && !args.json {
        if all.is_empty() {
            say!("No jobs yet. posterframe submit VIDEO --at POSITION makes one.");
        } else {
            say!("No job's id or name starts with “{filter}”.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The one job whose id begins or ends with `text`.
///
/// # Errors
/// No job matches, or several do.
fn find(history: &History, text: &str) -> anyhow::Result<Job> {
    let wanted = text.trim().to_ascii_lowercase();
    let mut found: Vec<Job> = history
        .jobs()?
        .into_iter()
        .filter(|job| {
            let id = job.id.to_string();
            !wanted.is_empty() && (id.starts_with(&wanted) || id.ends_with(&wanted))
        })
        .collect();
    match found.len() {
        0 => bail!("there is no job “{text}”; “posterframe jobs” lists them"),
        1 => Ok(found.remove(0)),
        count => {
            let ids: Vec<String> = found.iter().take(5).map(|job| job.id.to_string()).collect();
            let more = if count > ids.len() { ", …" } else { "" };
            bail!("“{text}” means {count} jobs: {}{more}", ids.join(", "))
        }
    }
}

/// Settings for the job's backend, unless the command line names another.
fn overrides(common: &Common, job: &Job) -> Overrides {
    common
        .overrides
        .on_top_of(Some(common.backend.as_deref().unwrap_or(&job.backend)))
}

/// Whether another process, the window or a command, has the data folder open.
fn is_open_elsewhere(paths: &Paths) -> bool {
    posterframe_client::Client::is_running(paths)
}
