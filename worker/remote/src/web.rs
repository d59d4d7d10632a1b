//! [`Ranges`] for a video at an https address. It uses the same HTTP client as S3, so that the same certificates and
//! timeouts apply.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use parking_lot::Mutex;

use crate::address::Address;
use crate::error::{SourceError, innermost};
use crate::guard::{GuardedDns, Refused};
use crate::ranges::{Answer, Failure, Ranges, Version};

/// Most redirects to follow.
const MAX_REDIRECTS: usize = 5;
/// Longest pause that a server's `Retry-After` can ask for.
const MAX_RETRY_PAUSE: Duration = Duration::from_secs(10);

/// A video at an https address.
pub struct Web {
    connector: Connector,
    guard: GuardedDns,
    address: Address,
    /// The address to which the last request was redirected.
    location: Mutex<Address>,
}

impl Web {
    /// The video at `address`. Makes no request.
    pub fn new(address: Address) -> Self {
        let guard = GuardedDns::new(address.host(), address.names_private_host());
        let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring));
        let proxy = ProxyConfig::from_env();
        // Behind a proxy this machine looks up the proxy's name alone, which may be anywhere; the proxy connects.
        let connector = if proxy.is_disabled() {
            connector.build_with_resolver(guard.clone())
        } else {
            connector.proxy_config(proxy).build()
        };
        Self {
            connector,
            guard,
            location: Mutex::new(address.clone()),
            address,
        }
    }

    async fn ask(
        &self,
        address: &Address,
        bytes: &Range<u64>,
        version: Option<&Version>,
    ) -> Result<HttpResponse, Failure> {
        let mut request = HttpRequest::get(address.secret()).map_err(|error| self.unavailable(error))?;
        let headers = request.headers_mut();
        headers.insert("range", format!("bytes={}-{}", bytes.start, bytes.end - 1));
        headers.insert("accept-encoding", "identity");
        headers.insert("user-agent", concat!("posterframe/", env!("CARGO_PKG_VERSION")));
        match version {
            // A weak tag never matches in `If-Match`.
            Some(Version { etag: Some(etag), .. }) if !etag.starts_with("W/") => {
                headers.insert("if-match", etag.clone());
            }
            Some(Version {
                last_modified: Some(date),
                ..
            }) => {
                headers.insert("if-unmodified-since", date.clone());
            }
            _ => {}
        }
        let answer = self.connector.call(request).await;
        answer.map_err(|error| {
            if Refused::is_cause_of(&error) {
                return self.unavailable(Refused);
            }
            let text = innermost(&error);
            // A certificate that is not right stays so.
            match lasting(&text) {
                Some(reason) => self.unavailable(reason),
                None => Failure::temporary(text),
            }
        })
    }

    fn unavailable(&self, reason: impl fmt::Display) -> Failure {
        Failure::Final(SourceError::Unavailable {
            source_name: self.name(),
            reason: reason.to_string(),
        })
    }

    fn understand(
        &self,
        answer: HttpResponse,
        bytes: &Range<u64>,
        is_known: bool,
    ) -> Result<Answer, Failure> {
        let header = |name| answer.headers().get(name).map(str::to_owned);
        let status = answer.status().as_u16();
        let is_range = status == 206;
        let size = match status {
            206 => content_range(&header("content-range").unwrap_or_default())
                .filter(|(start, _)| *start == bytes.start)
                .map(|(_, size)| size)
                .ok_or_else(|| self.unavailable("the server sent another range than it was asked for"))?,
            200 => match header("content-length").and_then(|length| length.parse().ok()) {
                Some(size) => size,
                None => return Err(Failure::Final(SourceError::NoRanges(self.name()))),
            },
            401 | 403 => {
                return Err(Failure::Final(SourceError::Denied {
                    source_name: self.name(),
                    reason: format!("the server answered {}", in_words(status)),
                    bucket: None,
                }));
            }
            412 => return Err(Failure::Final(SourceError::Changed(self.name()))),
            404 | 410 | 416 if is_known => return Err(Failure::Final(SourceError::Changed(self.name()))),
            // For an empty object, no range is valid.
            416 => return Err(Failure::Final(SourceError::Empty(self.name()))),
            408 | 425 | 429 | 500.. => {
                let seconds = header("retry-after").and_then(|seconds| seconds.parse().ok());
                return Err(Failure::Temporary {
                    reason: format!("the server answered {}", in_words(status)),
                    pause: Duration::from_secs(seconds.unwrap_or(0)).min(MAX_RETRY_PAUSE),
                });
            }
            _ => return Err(self.unavailable(format_args!("the server answered {}", in_words(status)))),
        };
        // A page instead of a video: a login, or a site that shows the video.
        if header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            return Err(Failure::Final(SourceError::IsPage(self.name())));
        }
        Ok(Answer {
            version: Version {
                etag: header("etag"),
                last_modified: header("last-modified"),
            },
            is_range,
            size,
            body: ByteStream::new(answer.into_body()),
        })
    }
}

#[async_trait]
impl Ranges for Web {
    fn name(&self) -> String {
        self.address.to_string()
    }

    fn file_name(&self) -> String {
        self.address.file_name()
    }

    fn identity(&self) -> String {
        self.address.identity()
    }

    async fn request(&self, bytes: Range<u64>, version: Option<&Version>) -> Result<Answer, Failure> {
        let mut address = self.location.lock().clone();
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.ask(&address, &bytes, version).await?;
            if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                let answer = self.understand(answer, &bytes, version.is_some())?;
                *self.location.lock() = address;
                return Ok(answer);
            }
            address = answer
                .headers()
                .get("location")
                .and_then(|location| address.leads_to(location))
                .ok_or_else(|| self.unavailable("the server sends on to an address that is not allowed"))?;
            // A host that is written as a number is not looked up.
            if address.names_private_host() && !self.guard.allows_private() {
                return Err(self.unavailable(Refused));
            }
        }
        Err(self.unavailable("the server sends on and on"))
    }
}

/// The first byte and the object's size in a header such as `bytes 0-99/1234`.
fn content_range(text: &str) -> Option<(u64, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    Some((range.split_once('-')?.0.parse().ok()?, size.parse().ok()?))
}

fn in_words(status: u16) -> String {
    http::StatusCode::from_u16(status).map_or_else(|_| status.to_string(), |status| status.to_string())
}

/// Why a connection fails each time, in words; `None` where another try may help. A name that is not found is no such
/// case: without a network none is.
fn lasting(text: &str) -> Option<&'static str> {
    text.contains("certificate")
        .then_some("the server’s certificate is not trusted")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the answer for another range is taken for the requested one.
    #[test]
    fn content_ranges() {
        assert_eq!(content_range("bytes 5-9/1234"), Some((5, 1234)));
        assert_eq!(content_range("bytes 5-9/*"), None);
        assert_eq!(content_range("bytes */1234"), None);
        assert_eq!(content_range(""), None);
    }
}
