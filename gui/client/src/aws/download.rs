//! An object of the bucket, written to a file.

use std::path::Path;
use std::time::Duration;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use tokio::io::AsyncWriteExt;

use super::session::Session;
use crate::error::ClientError;
use crate::fs::{Existing, Unfinished, blocking, private};

/// A download of which nothing came for so long has lost its connection, whatever the system says.
const STALL_TIMEOUT: Duration = Duration::from_mins(1);

/// Asks for an object: this very version of it, where `etag` says which.
pub(crate) async fn get(
    session: &Session,
    key: &str,
    etag: Option<&str>,
) -> Result<GetObjectOutput, ClientError> {
    let etag = etag.filter(|etag| !etag.is_empty());
    session
        .s3
        .get_object()
        .bucket(&session.backend.bucket)
        .key(key)
        .set_if_match(etag.map(|etag| format!("\"{etag}\"")))
        .send()
        .await
        .map_err(|error| ClientError::aws("The download of the thumbnail", &error))
}

/// Writes an answer's body to `file`, piece by piece: a thumbnail may be larger than one likes in memory.
/// How many bytes they were.
pub(crate) async fn save_body(answer: GetObjectOutput, file: &Path) -> Result<u64, ClientError> {
    save_flowing(answer, file, STALL_TIMEOUT).await
}

/// [`save_body`], where nothing may come for at most `stalled`.
async fn save_flowing(answer: GetObjectOutput, file: &Path, stalled: Duration) -> Result<u64, ClientError> {
    let failed = |error: &dyn std::fmt::Display| ClientError::folder(file, error);
    let own = file.to_owned();
    let created = blocking(move || private::create(&own)).await;
    let mut target = tokio::fs::File::from_std(created.map_err(|error| failed(&error))?);
    let expected = answer.content_length.unwrap_or(-1);
    let (mut body, mut length) = (answer.body, 0);
    loop {
        let piece = tokio::time::timeout(stalled, body.next()).await;
        let piece = piece.map_err(|_| broken(format!("nothing came for {} s", stalled.as_secs())))?;
        let Some(piece) = piece else { break };
        let piece = piece.map_err(|error| broken(error.to_string()))?;
        length += piece.len() as i64;
        target.write_all(&piece).await.map_err(|error| failed(&error))?;
    }
    target.sync_data().await.map_err(|error| failed(&error))?;
    if expected >= 0 && length != expected {
        return Err(broken(format!("{length} of {expected} bytes came")));
    }
    Ok(length.unsigned_abs())
}

fn broken(reason: String) -> ClientError {
    ClientError::Aws {
        operation: "The download of the thumbnail",
        code: None,
        reason,
    }
}

/// Saves an object that is being answered to `file`, which appears whole or not at all.
pub(crate) async fn save(answer: GetObjectOutput, file: &Path) -> Result<u64, ClientError> {
    let failed = |error| ClientError::folder(file, error);
    let own = file.to_owned();
    let unfinished = blocking(move || {
        own.parent().map_or(Ok(()), private::make_folder)?;
        Unfinished::private(&own)
    });
    let unfinished = unfinished.await.map_err(failed)?;
    let bytes = save_body(answer, unfinished.path()).await?;
    let own = file.to_owned();
    let put = blocking(move || unfinished.put(&own, Existing::Replace));
    put.await.map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use aws_sdk_s3::primitives::{ByteStream, SdkBody};

    use super::*;

    /// A body that never comes to its end.
    struct Stalled;

    impl http_body::Body for Stalled {
        type Data = bytes::Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
            Poll::Pending
        }
    }

    // Breaks if a download of which nothing comes any more is waited for for ever.
    #[tokio::test]
    async fn a_stalled_download_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.png");
        let body = ByteStream::new(SdkBody::from_body_1_x(Stalled));
        let answer = GetObjectOutput::builder().body(body).build();
        let saved = save_flowing(answer, &file, Duration::from_millis(1)).await;
        let error = saved.unwrap_err();
        assert_eq!(error.code(), None, "it is worth another try: {error}");
    }
}
