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
        closed(running.close()).await;
        Ok(ExitCode::SUCCESS)
    })
}
