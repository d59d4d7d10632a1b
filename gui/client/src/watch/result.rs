//! A job's result in the bucket: its manifest, and the files that it names.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use futures::{StreamExt, TryStreamExt, stream};
use posterframe_contract::{MAX_MANIFEST_BYTES, Manifest, names};
use time::OffsetDateTime;
use tokio::io::AsyncReadExt;

use crate::aws::download::save;
use crate::aws::{Session, from_aws};
use crate::error::ClientError;
use crate::model::Job;

/// Files of one job on their way at once.
const FILES_AT_ONCE: usize = 4;
const FETCHING: &str = "Fetching the result";

/// Asks for an object; `None` where there is none.
pub(super) async fn object(
    session: &Session,
    bucket: &str,
    key: &str,
    operation: &'static str,
) -> Result<Option<GetObjectOutput>, ClientError> {
    let answer = session.s3.get_object().bucket(bucket).key(key).send().await;
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error)
            if error
                .raw_response()
                .is_some_and(|answer| answer.status().as_u16() == 404) =>
        {
            Ok(None)
        }
        Err(error) => Err(ClientError::aws(operation, &error)),
    }
}

/// An object's content, of which only so much is taken.
pub(super) async fn bytes(
    answer: GetObjectOutput,
    most: usize,
    operation: &'static str,
) -> Result<Vec<u8>, ClientError> {
    let mut content = Vec::new();
    // One byte more than may be, so that what is too large is seen to be.
    let mut body = answer.body.into_async_read().take(most as u64 + 1);
    let read = body.read_to_end(&mut content).await;
    read.map(|_| content).map_err(|error| ClientError::Aws {
        operation,
        code: None,
        reason: error.to_string(),
    })
}

/// Fetches what the job has made: see [`super::cloud::Cloud::fetch`].
pub(super) async fn fetch(
    session: &Session,
    job: &Job,
    since: OffsetDateTime,
    folder: &Path,
) -> Result<Option<(Manifest, HashMap<String, PathBuf>, OffsetDateTime)>, ClientError> {
    let Some(answer) = object(session, &job.bucket, &job.manifest_key, FETCHING).await? else {
        return Ok(None);
    };
    let written = answer.last_modified().map_or(since, from_aws);
    // What was there before the task started is of an earlier try. S3 keeps whole seconds.
    if written.unix_timestamp() < since.unix_timestamp() {
        return Ok(None);
    }
    let json = bytes(answer, MAX_MANIFEST_BYTES, FETCHING).await?;
    let manifest = Manifest::parse(&json).map_err(|error| ClientError::Aws {
        operation: FETCHING,
        code: Some("InvalidManifest".to_owned()),
        reason: format!("{}: {error}", job.manifest_key),
    })?;
    let sheets = manifest.sheets.iter();
    let pictures = sheets.clone().flat_map(|sheet| &sheet.files);
    let pictures = manifest
        .stills
        .iter()
        .flat_map(|still| &still.files)
        .chain(pictures);
    let cues = sheets.filter_map(|sheet| sheet.vtt.as_ref());
    let files = pictures.map(|file| (&file.key, file.bytes));
    let files = files.chain(cues.map(|vtt| (&vtt.key, vtt.bytes)));
    let files: Vec<(String, u64, PathBuf)> = files
        .filter_map(|(key, size)| {
            let path = folder.join(file_name(&job.manifest_key, key)?);
            Some((key.clone(), size, path))
        })
        .collect();
    let fetches = stream::iter(files).map(|(key, size, path)| async move {
        let Some(answer) = object(session, &job.bucket, &key, FETCHING).await? else {
            tracing::warn!("{key} is in no bucket any more, although its manifest names it");
            return Ok(None);
        };
        let bytes = save(answer, &path).await?;
        if bytes != size {
            // Such as where a second task of the same job is at it. The next look finds one whole result.
            return Err(ClientError::Aws {
                operation: FETCHING,
                code: None,
                reason: format!("{key} has {bytes} bytes, not the {size} of its manifest"),
            });
        }
        Ok(Some((key, path)))
    });
    let paths: Vec<Option<(String, PathBuf)>> = fetches.buffered(FILES_AT_ONCE).try_collect().await?;
    let paths = paths.into_iter().flatten().collect();
    Ok(Some((manifest, paths, written)))
}

/// The name on this machine of a file that the manifest with this key names; `None` for what is no file beside it. A
/// manifest is somebody's text: its names must not lead out of the folder.
fn file_name<'a>(manifest_key: &str, key: &'a str) -> Option<&'a str> {
    let folder = manifest_key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = key.strip_prefix(folder)?;
    let name = if folder.is_empty() {
        name
    } else {
        name.strip_prefix('/')?
    };
    (names::is_part_of_a_name(name) && !matches!(name, "." | "..")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a manifest can make the app write outside of the result's folder.
    #[test]
    fn names_stay_in_their_folder() {
        let name = |key| file_name("thumbnails/1/manifest.json", key);
        assert_eq!(name("thumbnails/1/bunny.png"), Some("bunny.png"));
        assert_eq!(file_name("manifest.json", "bunny.png"), Some("bunny.png"));
        for key in [
            "thumbnails/1/../../x.png",
            "thumbnails/1/..",
            "thumbnails/1/a/b.png",
            "thumbnails/1/a\\b.png",
            "thumbnails/1/",
            "thumbnails/12.png",
            "/etc/x.png",
            "other/bunny.png",
        ] {
            assert_eq!(name(key), None, "{key}");
        }
    }
}
