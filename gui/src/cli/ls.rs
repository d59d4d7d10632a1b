//! `posterframe ls`: what a folder of a bucket holds, for finding videos to open where they are.

use std::process::ExitCode;

use anyhow::{Context, bail};
use posterframe_client::{BucketFolder, BucketObject, Objects};
use serde_json::json;

use super::Common;
use super::remote::RemoteArgs;
use super::say::say;
use crate::format;

#[derive(Debug, clap::Args)]
pub(super) struct LsArgs {
    /// A bucket, with a folder of it (to the slash at its end) or the beginning of names
    #[arg(value_name = "s3://BUCKET/FOLDER/", value_parser = folder)]
    folder: BucketFolder,
    /// One JSON object a line and entry
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: RemoteArgs,
}

/// Reads `s3://bucket/prefix`.
fn folder(text: &str) -> Result<BucketFolder, String> {
    let path = text.strip_prefix("s3://").unwrap_or_default();
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    if bucket.is_empty() {
        return Err("expected s3://bucket/folder/".to_owned());
    }
    Ok(BucketFolder {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
    })
}

pub(super) fn run(common: &Common, args: &LsArgs) -> anyhow::Result<ExitCode> {
    super::shutdown::block_on(async {
        let (objects, _local) = super::remote::objects(common, &args.remote).await?;
        tokio::select! {
            listed = list(&objects, args) => listed,
            _ = super::shutdown::interrupted() => bail!("interrupted"),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn list(objects: &Objects, args: &LsArgs) -> anyhow::Result<()> {
    let BucketFolder { bucket, prefix } = &args.folder;
    let mut next = None;
    loop {
        let page = objects.page(&args.folder, next).await;
        let page = page.with_context(|| format!("s3://{bucket}/{prefix} cannot be listed"))?;
        for folder in &page.folders {
            if args.json {
                say!(
                    "{}",
                    json!({ "url": format!("s3://{bucket}/{folder}"), "folder": true })
                );
            } else {
                say!("{:>10}  {:16}  {folder}", "", "");
            }
        }
        for object in &page.objects {
            say!("{}", line(bucket, object, args.json)?);
        }
        next = page.next;
        if next.is_none() {
            return Ok(());
        }
    }
}

fn line(bucket: &str, object: &BucketObject, is_json: bool) -> anyhow::Result<String> {
    let BucketObject {
        key,
        bytes,
        etag,
        modified,
        is_archived,
    } = object;
    let url = format!("s3://{bucket}/{key}");
    let modified = modified.format(&time::format_description::well_known::Rfc3339)?;
    Ok(if is_json {
        json!({ "url": url, "bytes": bytes, "etag": etag, "modified": modified, "archived": is_archived })
            .to_string()
    } else {
        let minute = modified.get(..16).unwrap_or_default().replace('T', " ");
        let archived = if *is_archived { "  (archived)" } else { "" };
        format!("{:>10}  {minute}  {key}{archived}", format::bytes(*bytes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a bucket without a folder cannot be listed, or something else than a bucket can.
    #[test]
    fn folders() {
        let is = |text: &str| folder(text).map(|folder| (folder.bucket, folder.prefix));
        assert_eq!(is("s3://b"), Ok(("b".into(), String::new())));
        assert_eq!(is("s3://b/a/b c"), Ok(("b".into(), "a/b c".into())));
        assert!(is("s3://").is_err() && is("b/a").is_err());
    }
}
