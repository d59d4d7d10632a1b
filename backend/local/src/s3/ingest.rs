//! A request's body on its way to disk: hashed and written on a blocking thread while more of it arrives,
//! in bounded memory.

use std::fs::File;
use std::io::Write;

use base64_simd::STANDARD as BASE64;
use bytes::Bytes;
use futures::StreamExt;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::StreamingBlob;
use s3s::{S3Request, S3Result, s3_error};
use tokio::sync::mpsc;

use crate::blobs::{Blobs, IncomingBlob};
use crate::db::blocking;
use crate::s3::checksums::{self, Checksums};
use crate::s3::fail::Fail;

/// Chunks that wait for the disk. They are at most some hundred KiB each, as the connection reads them.
const QUEUED_CHUNKS: usize = 8;

/// What the client declared about the body, to be compared with the bytes received.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    pub(crate) length: Option<i64>,
    pub(crate) md5: Option<String>,
    pub(crate) checksums: Checksums,
}

/// A body that is on disk. The transaction that gives it an owner publishes it.
#[derive(Debug)]
pub(crate) struct Ingested {
    pub(crate) blob: IncomingBlob,
    pub(crate) size: u64,
    /// Hexadecimal.
    pub(crate) md5: String,
    pub(crate) checksums: Checksums,
}

/// How many bytes the client says the body has, without the framing of `aws-chunked`.
pub(super) fn promised_length<T>(request: &S3Request<T>, content_length: Option<i64>) -> Option<i64> {
    let decoded = request.headers.get("x-amz-decoded-content-length");
    let decoded = decoded.and_then(|length| length.to_str().ok()?.parse().ok());
    decoded.or(content_length)
}

struct Hashes {
    md5: Md5,
    sums: ChecksumHasher,
    size: u64,
}

impl Hashes {
    fn write(&mut self, file: &mut File, chunk: &[u8]) -> std::io::Result<()> {
        self.md5.update(chunk);
        self.sums.update(chunk);
        self.size += chunk.len() as u64;
        file.write_all(chunk)
    }
}

/// Writes `body` to a new blob and compares it with what `request` promised.
pub(crate) async fn ingest<T>(
    blobs: &Blobs,
    request: &S3Request<T>,
    body: Option<StreamingBlob>,
    sums: ChecksumHasher,
    mut expected: Expected,
) -> Result<Ingested, Fail> {
    let (incoming, mut file) = {
        let blobs = blobs.clone();
        blocking(move || blobs.create()).await?
    };
    let mut hashes = Hashes {
        md5: Md5::new(),
        sums,
        size: 0,
    };
    let (chunks, mut received) = mpsc::channel::<Bytes>(QUEUED_CHUNKS);
    let writer = blocking(move || {
        while let Some(chunk) = received.blocking_recv() {
            hashes.write(&mut file, &chunk)?;
        }
        Ok::<_, std::io::Error>(hashes)
    });
    let (arrived, written) = futures::join!(receive(body, chunks), writer);
    // A full disk also ends the receiving side; its error is the one to report.
    let hashes = written?;
    arrived?;
    let md5 = hashes.md5.finalize();
    let ingested = (hashes.size, checksums::finish(hashes.sums));
    expected.checksums.add_trailers(request)?;
    verify(&expected, ingested.0, &md5, &ingested.1)?;
    Ok(Ingested {
        blob: incoming,
        size: ingested.0,
        md5: hex::encode(md5),
        checksums: ingested.1,
    })
}

async fn receive(body: Option<StreamingBlob>, chunks: mpsc::Sender<Bytes>) -> S3Result<()> {
    let Some(mut body) = body else { return Ok(()) };
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| {
            let mut failed = s3_error!(
                IncompleteBody,
                "the body ended early or does not match its hash: {error}"
            );
            failed.set_source(error);
            failed
        })?;
        if chunks.send(chunk).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn verify(expected: &Expected, size: u64, md5: &[u8], sums: &Checksums) -> S3Result<()> {
    if expected.length.is_some_and(|length| length != size as i64) {
        return Err(s3_error!(
            IncompleteBody,
            "The body has {size} bytes, which is not the number that the request names"
        ));
    }
    if let Some(sent) = &expected.md5 {
        let sent = BASE64
            .decode_to_vec(sent)
            .ok()
            .filter(|sent| sent.len() == md5.len());
        let sent = sent.ok_or_else(|| s3_error!(InvalidDigest))?;
        if sent != md5 {
            return Err(s3_error!(
                BadDigest,
                "The Content-MD5 you specified did not match what we received."
            ));
        }
    }
    sums.verify(&expected.checksums)
}
