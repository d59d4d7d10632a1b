//! A piece of a file as a request's body: read while it is sent, in bounded memory whatever its size.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

use super::meter::RequestProgress;
use super::throttle::Throttle;

/// Chunks that wait for the network.
const QUEUED: usize = 2;

/// Where a body comes from. It is read again for each try of its request.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) path: PathBuf,
    pub(crate) range: Range<u64>,
    pub(crate) throttle: Arc<Throttle>,
    pub(crate) progress: Arc<RequestProgress>,
}

impl Piece {
    pub(crate) fn into_stream(self) -> ByteStream {
        // The SDK keeps a copy of the request for the next try: a body that nobody polls must not read.
        ByteStream::new(SdkBody::retryable(move || {
            SdkBody::from_body_1_x(FileBody {
                left: self.range.end - self.range.start,
                piece: self.clone(),
                chunks: None,
            })
        }))
    }

    /// Reads on a blocking thread, and ends when nobody takes the chunks any more.
    fn read(&self, chunks: &mpsc::Sender<std::io::Result<Bytes>>) -> std::io::Result<()> {
        let mut file = crate::fs::open(&self.path)?;
        file.seek(SeekFrom::Start(self.range.start))?;
        let mut left = self.range.end - self.range.start;
        while left > 0 {
            let length = self.throttle.chunk().min(left);
            let mut chunk = Vec::with_capacity(length as usize);
            if file.by_ref().take(length).read_to_end(&mut chunk)? as u64 != length {
                let error = std::io::ErrorKind::UnexpectedEof;
                return Err(std::io::Error::new(error, "the file has become shorter"));
            }
            self.throttle.wait(length, || chunks.is_closed());
            if chunks.blocking_send(Ok(chunk.into())).is_err() {
                return Ok(());
            }
            left -= length;
        }
        Ok(())
    }
}

struct FileBody {
    piece: Piece,
    left: u64,
    /// Filled by a thread that starts with the first poll.
    chunks: Option<mpsc::Receiver<std::io::Result<Bytes>>>,
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let this = self.get_mut();
        let piece = &this.piece;
        let chunks = this.chunks.get_or_insert_with(|| {
            piece.progress.begin();
            let (sender, receiver) = mpsc::channel(QUEUED);
            let piece = piece.clone();
            tokio::task::spawn_blocking(move || {
                if let Err(error) = piece.read(&sender) {
                    // Nobody takes it: the request has ended otherwise.
                    let _ = sender.blocking_send(Err(error));
                }
            });
            receiver
        });
        let chunk = ready!(chunks.poll_recv(cx));
        Poll::Ready(chunk.map(|chunk| {
            let chunk = chunk?;
            this.left -= chunk.len() as u64;
            this.piece.progress.add(chunk.len() as u64);
            Ok(Frame::data(chunk))
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
