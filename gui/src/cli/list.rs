//! `posterframe jobs` and `posterframe gallery`: what there is.

use std::process::ExitCode;

use posterframe_client::{Extent, History};
use serde_json::json;
use time::OffsetDateTime;

use super::Common;
use super::report::{job_json, log_line, rfc3339};
use super::say::say;
use crate::format;

#[derive(Debug, clap::Args)]
pub(super) struct JobsArgs {
    /// One JSON object a line and job
    #[arg(long)]
    json: bool,
    /// Print the log of each job too
    #[arg(long)]
    logs: bool,
    /// Only this job, or those whose ids or names start so
    filter: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct GalleryArgs {
    /// One JSON object a line and thumbnail
    #[arg(long)]
    json: bool,
}

pub(super) fn jobs(common: &Common, args: &JobsArgs) -> anyhow::Result<ExitCode> {
    let paths = common.paths()?;
    let filter = args.filter.as_deref().unwrap_or_default();
    let history = History::open(&paths)?;
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
                "{}  {:<9} {:>12}  {:>8}  {}",
                job.id,
                job.state.label(),
                job.position.timecode(),
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
        say!("No jobs yet. posterframe submit VIDEO --at POSITION makes one.");
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn gallery(common: &Common, args: &GalleryArgs) -> anyhow::Result<ExitCode> {
    let paths = common.paths()?;
    crate::backend::runtime()?.block_on(async {
        let running = crate::backend::start(paths, &common.overrides()).await?;
        let client = running.client();
        client.gallery().refresh(Extent::All).await?;
        let items = client.gallery().listing().items.clone();
        for item in items.iter() {
            let modified = rfc3339(item.modified);
            if args.json {
                let job = item.job.map(|job| job.to_string());
                say!(
                    "{}",
                    json!({ "key": item.key, "name": item.name, "bytes": item.bytes, "etag": item.etag,
                            "modified": modified, "job_id": job })
                );
            } else {
                say!("{modified}  {:>9}  {}", format::bytes(item.bytes), item.key);
            }
        }
        if items.is_empty() && !args.json {
            say!("No thumbnails yet. posterframe submit VIDEO --at POSITION makes one.");
        }
        running.close().await;
        Ok(ExitCode::SUCCESS)
    })
}
