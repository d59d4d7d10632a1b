//! Bodies in `aws-chunked`, whose end `s3s` does not ask for: it takes the end of the data for the last chunk.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A body that fails where it ends without the chunk of no bytes, which is its last.
pub(super) struct Whole<B> {
    body: B,
    expected: Expected,
}

/// What comes next in the stream of `<hexadecimal size>[;extension]\r\n<bytes>\r\n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// A size, so far, and whether its digits are over.
    Size(u64, bool),
    /// That many bytes of a chunk with its line end.
    Data(u64),
    /// Trailers or nothing: the last chunk was there.
    End,
}

impl Expected {
    fn after(mut self, mut data: &[u8]) -> Self {
        while let Some((&byte, rest)) = data.split_first() {
            match self {
                Self::End => return self,
                Self::Data(left) => {
                    let here = left.min(data.len() as u64);
                    data = &data[here as usize..];
                    self = match left - here {
                        0 => Self::Size(0, false),
                        left => Self::Data(left),
                    };
                    continue;
                }
                Self::Size(0, _) if byte == b'\n' => self = Self::End,
                Self::Size(size, _) if byte == b'\n' => self = Self::Data(size.saturating_add(2)),
                Self::Size(size, over) => {
                    self = match char::from(byte).to_digit(16) {
                        Some(digit) if !over => Self::Size(size.saturating_mul(16) + u64::from(digit), false),
                        _ => Self::Size(size, true),
                    };
                }
            }
            data = rest;
        }
        self
    }
}

impl<B> Whole<B> {
    pub(super) fn new(body: B) -> Self {
        Self {
            body,
            expected: Expected::Size(0, false),
        }
    }
}

impl<B> Body for Whole<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<s3s::StdError>,
{
    type Data = Bytes;
    type Error = s3s::StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        Poll::Ready(match frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.expected = self.expected.after(data);
                }
                Some(Ok(frame))
            }
            Some(Err(error)) => Some(Err(error.into())),
            None if self.expected == Expected::End => None,
            None => {
                self.expected = Expected::End;
                Some(Err("the last chunk is missing".into()))
            }
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Full};

    use super::*;

    async fn whole(text: &'static str) -> bool {
        let body = Whole::new(Full::new(Bytes::from_static(text.as_bytes())));
        body.collect().await.is_ok()
    }

    // Breaks if an upload that was cut between two chunks is stored as if it were whole, or a whole one is refused.
    #[tokio::test]
    async fn the_last_chunk() {
        assert!(whole("4;chunk-signature=00\r\nabcd\r\n0;chunk-signature=00\r\n\r\n").await);
        assert!(whole("2\r\nab\r\n0\r\nx-amz-checksum-crc32:AA==\r\n\r\n").await);
        assert!(whole("0\r\n\r\n").await);
        assert!(!whole("4;chunk-signature=00\r\nabcd\r\n").await);
        assert!(!whole("9\r\nab0\r\n\r\n").await);
        assert!(!whole("").await);
    }

    // Breaks if it matters where the network splits a body.
    #[test]
    fn any_split() {
        let text = b"1a;chunk-signature=00\r\nabcdefghijklmnopqrstuvwxyz\r\n0;chunk-signature=00\r\n\r\n";
        for at in 0..text.len() {
            let (first, second) = text.split_at(at);
            let begun = Expected::Size(0, false).after(first);
            assert_eq!(begun.after(second), Expected::End, "{at}");
        }
    }
}
