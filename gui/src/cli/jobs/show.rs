//! `posterframe jobs show`: one job in full, once or until it ends.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use posterframe_client::{Client, History, Job, JobFailure, LogLine, Paths, PhaseState, Stall, redact};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::super::Common;
use super::super::last_lines::LastLines;
use super::super::report::{exit, heading, job_json, log_line, outcome, rfc3339};
use super::super::say::say;
use super::super::shutdown::{INTERRUPTED, closed, interrupted};
use super::{find, is_open_elsewhere, overrides};
use crate::backend::Running;
use crate::{format, job_text};

/// How often the history is read while another process writes it.
const HISTORY_INTERVAL: Duration = Duration::from_millis(250);
/// How often the job is checked for a stall, which no change announces.
const STALL_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// The job’s id, or the beginning or the end of it
    id: String,
    /// Print its log too
    #[arg(long)]
    logs: bool,
    /// Go on until the job has ended; the exit status then says how
    #[arg(long)]
    follow: bool,
    /// One JSON object; with --logs and --follow, first one for each line of the log
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let paths = common.paths()?;
    let history = History::open(&paths)?;
    let job = find(&history, &args.id)?;
    if args.follow && !job.state.is_ended() {
        return super::super::shutdown::block_on(async {
            let mut follower = Follower::new(&history, args);
            tokio::select! {
                code = follower.run(common, &paths, job) => code,
                _ = interrupted() => Ok(ExitCode::from(INTERRUPTED)),
            }
        });
    }
    let log = if args.logs {
        history.log(job.id)?
    } else {
        Vec::new()
    };
    if args.json {
        let mut object = job_json(&job);
        if args.logs {
            object["log"] = log.iter().map(line_json).collect();
        }
        object["task"] = history.task_json(&job)?.map_or(Value::Null, |text| {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        });
        object["stall"] = job
            .stall(OffsetDateTime::now_utc())
            .map_or(Value::Null, |stall| stall_json(&stall));
        say!("{object}");
    } else {
        tell(&job);
        for line in &log {
            say!("{}", log_line(line));
        }
    }
    Ok(if args.follow {
        ExitCode::from(exit(&job))
    } else {
        ExitCode::SUCCESS
    })
}

/// Prints the news of a job from the history, which this or another process writes.
struct Follower<'a> {
    history: &'a History,
    args: &'a ShowArgs,
    /// This process's client, if no other process watches the job. It knows AWS's clock.
    client: Option<Client>,
    /// Mark in the log after the last printed line.
    mark: i64,
    phases: usize,
    stall: Option<String>,
}

impl<'a> Follower<'a> {
    const fn new(history: &'a History, args: &'a ShowArgs) -> Self {
        Self {
            history,
            args,
            client: None,
            mark: 0,
            phases: 0,
            stall: None,
        }
    }

    async fn run(&mut self, common: &Common, paths: &Paths, mut job: Job) -> anyhow::Result<ExitCode> {
        let mut running: Option<Running> = None;
        let mut changes = None;
        if !self.args.json {
            head(&job);
        }
        while !job.state.is_ended() {
            self.say_new(&job)?;
            if running.is_none() && !is_open_elsewhere(paths) {
                let started = crate::backend::start(paths.clone(), &overrides(common, &job)).await?;
                changes = Some(started.client().changes());
                self.client = Some(started.client().clone());
                running = Some(started);
            }
            let pause = tokio::time::sleep(HISTORY_INTERVAL);
            match &mut changes {
                Some(changes) => tokio::select! {
                    _ = changes.changed() => {}
                    () = tokio::time::sleep(STALL_INTERVAL) => {}
                },
                None => pause.await,
            }
            match self.history.job(job.id)? {
                Some(newer) => job = newer,
                None => anyhow::bail!("the job was removed from the history"),
            }
        }
        let mut last_lines = LastLines::default();
        while self.args.logs {
            self.say_new(&job)?;
            // The stored job also says whether its log is complete.
            job = self.history.job(job.id)?.unwrap_or(job);
            let whole = self.history.log_is_whole(&job);
            if last_lines.awaited(&job, whole, Instant::now()).is_none() {
                break;
            }
            tokio::time::sleep(HISTORY_INTERVAL).await;
        }
        self.client = None;
        if let Some(running) = running {
            closed(running.close()).await;
        }
        self.say_new(&job)?;
        if self.args.json {
            say!("{}", job_json(&job));
        } else {
            say!("{}", outcome(&job));
            if let Some(failure) = &job.failure {
                say_failure(failure);
            }
        }
        Ok(ExitCode::from(exit(&job)))
    }

    fn say_new(&mut self, job: &Job) -> anyhow::Result<()> {
        if self.args.logs {
            let (mut lines, mark) = self.history.log_since(job.id, self.mark)?;
            self.mark = mark;
            lines.sort_by_key(|line| line.unix_millis);
            for line in &lines {
                if self.args.json {
                    say!("{}", line_json(line));
                } else {
                    say!("{}", log_line(line));
                }
            }
        }
        if self.args.json {
            return Ok(());
        }
        while let Some(record) = job.steps().get(self.phases) {
            let took = record.duration(OffsetDateTime::now_utc()).map(format::duration);
            match (job.phase_state(record.phase), took) {
                (PhaseState::Done, Some(took)) => say!("{:<15} {took}", job_text::phase(job, record.phase)),
                (PhaseState::Failed, Some(took)) => {
                    say!("{:<15} failed, {took}", job_text::phase(job, record.phase));
                }
                _ => break,
            }
            self.phases += 1;
        }
        let watched = self
            .client
            .as_ref()
            .and_then(|client| Some((client.job(job.id)?, client.now())));
        let stall = match watched {
            Some((job, now)) => job.stall(now),
            None => job.stall(OffsetDateTime::now_utc()),
        };
        let title = stall.as_ref().map(|stall| stall.title.clone());
        if let Some(stall) = stall.filter(|_| title != self.stall) {
            say_stall(&stall);
        }
        self.stall = title;
        Ok(())
    }
}

fn head(job: &Job) {
    let someone = if job.foreign { ", someone else’s" } else { "" };
    say!("{}  {}{someone}", heading(job), job.state.label());
    say!("  job        {}", job.id);
}

fn tell(job: &Job) {
    let now = OffsetDateTime::now_utc();
    head(job);
    say!("  backend    {}", job.backend);
    say!("  submitted  {}", rfc3339(job.created));
    say!("  took       {}", format::duration(job.elapsed(now)));
    say!("  attempt    {}", job.attempt);
    say!("  video      {}", job.source_url());
    if let Some(key) = &job.request_key {
        say!("  request    s3://{}/{key}", job.bucket);
    }
    say!("  manifest   s3://{}/{}", job.bucket, job.manifest_key);
    if let Some(task) = &job.task {
        say!("  task       {} ({})", task.arn, task.last_status);
    }
    if job.here.is_some() {
        say!("  made       on this computer");
    }
    for path in job.paths() {
        say!("  saved as   {}", path.display());
    }
    for record in job.steps() {
        let took = record.duration(now).map(format::duration).unwrap_or_default();
        let word = match job.phase_state(record.phase) {
            PhaseState::Waiting => continue,
            PhaseState::Current => "so far, ",
            PhaseState::Failed => "failed, ",
            PhaseState::Done => "",
        };
        say!("  {:<15} {word}{took}", job_text::phase(job, record.phase));
    }
    if job.state.is_ended() {
        say!("{}", outcome(job));
    }
    if let Some(failure) = &job.failure {
        say_failure(failure);
    }
    if let Some(stall) = job.stall(now) {
        say_stall(&stall);
    }
}

fn say_failure(failure: &JobFailure) {
    for step in &failure.next_steps {
        say!("  - {step}");
    }
    say_raw(&failure.raw);
}

fn say_stall(stall: &Stall) {
    say!("{}. {}", stall.title, stall.cause);
    for step in &stall.next_steps {
        say!("  - {step}");
    }
    say_raw(&stall.raw);
}

fn say_raw(raw: &str) {
    for line in redact(raw).lines() {
        say!("  | {line}");
    }
}

fn stall_json(stall: &Stall) -> Value {
    json!({ "title": stall.title, "cause": stall.cause, "next_steps": stall.next_steps, "raw": stall.raw })
}

fn line_json(line: &LogLine) -> Value {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(line.unix_millis) * 1_000_000);
    json!({ "time": time.map(rfc3339).unwrap_or_default(), "source": line.source.label(),
            "level": line.level.label(), "message": line.message })
}
