//! `posterframe jobs stop`, `retry` and `forget`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use posterframe_client::{Client, ClientError, History, Job, JobState};
use posterframe_contract::JobId;

use super::super::Common;
use super::super::exits::Exits;
use super::super::follow::Follow;
use super::super::report::{error_text, exit, job_json, outcome};
use super::super::say::say;
use super::super::shutdown::{INTERRUPTED, closed, interrupt, interrupted};
use super::{find, overrides};

/// How long the command waits for a task to stop. ECS gives a task half a minute before it kills it.
const STOP_TIMEOUT: Duration = Duration::from_mins(2);

#[derive(Debug, clap::Args)]
pub(super) struct StopArgs {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, clap::Args)]
pub(super) struct RetryArgs {
    #[command(flatten)]
    which: Which,
    /// Return once the event is on its way
    #[arg(long)]
    no_wait: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ForgetArgs {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The jobs’ ids, or the beginnings or the ends of them
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// One JSON object a line and job, and nothing else on standard output
    #[arg(long)]
    json: bool,
}

impl Which {
    /// The jobs, grouped by backend.
    ///
    /// # Errors
    /// One of the ids is unknown or ambiguous; then the command does nothing at all.
    fn jobs(&self, history: &History) -> anyhow::Result<BTreeMap<String, Vec<Job>>> {
        let mut jobs: BTreeMap<String, Vec<Job>> = BTreeMap::new();
        for text in &self.ids {
            let job = find(history, text)?;
            let same = jobs.entry(job.backend.clone()).or_default();
            if !same.iter().any(|known| known.id == job.id) {
                same.push(job);
            }
        }
        Ok(jobs)
    }
}

pub(super) fn stop(common: &Common, args: &StopArgs) -> anyhow::Result<ExitCode> {
    with_clients(common, &args.which, async |act, jobs| {
        let mut stopping = Vec::new();
        for job in jobs {
            if act.accepted(job, act.client.stop(job.id).await) {
                stopping.push(job.id);
            }
        }
        let ended = tokio::time::timeout(STOP_TIMEOUT, act.client.ended(&stopping)).await;
        for id in stopping {
            let Some(job) = act.client.job(id) else { continue };
            // A job that was done before it could be stopped is no failure.
            if job.state == JobState::Failed || ended.is_err() {
                act.exits.add(1);
            }
            act.say(&job);
        }
    })
}

pub(super) fn retry(common: &Common, args: &RetryArgs) -> anyhow::Result<ExitCode> {
    with_clients(common, &args.which, async |act, jobs| {
        let mut retried = Vec::new();
        for job in jobs {
            if act.accepted(job, act.client.retry(job.id)) {
                retried.push(job.id);
            }
        }
        act.follow(&retried, args.no_wait).await;
    })
}

pub(super) fn forget(common: &Common, args: &ForgetArgs) -> anyhow::Result<ExitCode> {
    with_clients(common, &args.which, async |act, jobs| {
        for job in jobs {
            if act.accepted(job, act.client.forget(job.id)) {
                if act.json {
                    act.say(job);
                } else {
                    say!("{} is off the list", job.id);
                }
            }
        }
    })
}

struct Act {
    client: Client,
    json: bool,
    exits: Exits,
}

/// Runs `act` for the jobs of each backend, with a client of that backend.
fn with_clients(
    common: &Common,
    which: &Which,
    mut act: impl AsyncFnMut(&mut Act, &[Job]),
) -> anyhow::Result<ExitCode> {
    let paths = common.paths()?;
    let jobs = which.jobs(&History::open(&paths)?)?;
    super::super::shutdown::block_on(async {
        let mut exits = Exits::default();
        for jobs in jobs.into_values() {
            let running = crate::backend::start(paths.clone(), &overrides(common, &jobs[0])).await?;
            let mut with = Act {
                client: running.client().clone(),
                json: which.json,
                exits: std::mem::take(&mut exits),
            };
            let interrupted = tokio::select! {
                () = act(&mut with, &jobs) => None,
                by = interrupted() => Some(by),
            };
            if let Some(by) = interrupted {
                interrupt(&with.client, by).await;
            }
            exits = with.exits;
            drop(with.client);
            closed(running.close()).await;
            if interrupted.is_some() {
                return Ok(ExitCode::from(INTERRUPTED));
            }
        }
        Ok(exits.status())
    })
}

impl Act {
    /// Whether the client accepted the action. If not, prints why; the other jobs are still handled.
    fn accepted(&mut self, job: &Job, result: Result<(), ClientError>) -> bool {
        let Err(error) = result else { return true };
        self.exits.add(1);
        eprintln!("posterframe: {} ({}): {error}", job.id, job.video.name);
        if let Some(advice) = error.advice() {
            eprintln!("  {advice}");
        }
        false
    }

    fn say(&self, job: &Job) {
        if self.json {
            say!("{}", job_json(job));
        } else if job.state.is_ended() {
            say!("{}  {}", job.id, outcome(job));
        } else {
            say!("{}  {}", job.id, job.state.label());
        }
    }

    async fn follow(&mut self, ids: &[JobId], no_wait: bool) {
        let how = Follow {
            quiet: self.json,
            no_wait,
        };
        let client = self.client.clone();
        let over = |job: &Job| {
            self.say(job);
            if let Some(error) = error_text(job) {
                self.exits.add(exit(job));
                eprintln!("posterframe: {}: {error}", job.video.name);
            }
        };
        how.run(&client, ids, over).await;
    }
}
