//! `posterframe gallery`: lists the thumbnails in the bucket.

use std::process::ExitCode;

use posterframe_client::Extent;
use serde_json::json;

use super::Common;
use super::report::rfc3339;
use super::say::say;
use super::shutdown::closed;
use crate::format;

#[derive(Debug, clap::Args)]
pub(super) struct GalleryArgs {
    /// One JSON object a line and thumbnail
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, args: &GalleryArgs) -> anyhow::Result<ExitCode> {
    let paths = common.paths()?;
    super::shutdown::block_on(async {
        let running = crate::backend::start(paths, &common.overrides()).await?;
        let client = running.client();
        client.gallery().refresh(Extent::All).await?;
        let items = client.gallery().listing().items.clone();
        for item in items.iter() {
            let modified = rfc3339(item.modified);
            if args.json {
                // What this computer's history knows of it: of someone else's job, nothing.
                let job = item.job.and_then(|id| client.job(id));
                let still = job.as_ref().and_then(|job| job.still_of(&item.key));
                let frame = still.and_then(|still| still.frame.as_ref());
                say!(
                    "{}",
                    json!({ "key": item.key, "name": item.name, "bytes": item.bytes, "etag": item.etag,
                            "modified": modified, "job_id": item.job.map(|job| job.to_string()),
                            "source": job.as_ref().map(|job| job.source_url()),
                            "position": still.map(|still| still.position),
                            "number": still.and_then(|still| still.number),
                            "frame_time": frame.map(|frame| frame.time) })
                );
            } else {
                say!("{modified}  {:>9}  {}", format::bytes(item.bytes), item.key);
            }
        }
        if items.is_empty() && !args.json {
            say!("No thumbnails yet. posterframe submit VIDEO --at POSITION makes one.");
        }
        closed(running.close()).await;
        Ok(ExitCode::SUCCESS)
    })
}
