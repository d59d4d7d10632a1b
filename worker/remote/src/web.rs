//! [`Ranges`] for a video at an https address. It uses the same HTTP client as S3, so that the same certificates and
//! timeouts apply.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use http::Uri;
use parking_lot::Mutex;

use crate::remote::{Answer, Failure, Ranges, SourceError, Version};

/// Most redirects to follow.
const MAX_REDIRECTS: usize = 5;
/// Longest pause that a server's `Retry-After` can ask for.
const MAX_RETRY_PAUSE: Duration = Duration::from_secs(10);

/// The https address of a video. It is displayed without its query, which may contain credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Uri);

/// The text is no valid [`Address`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an https address, or an http one of this very machine, without a user name")]
pub struct AddressError;

impl Address {
    /// The file name: the last segment of the path.
    pub fn file_name(&self) -> &str {
        self.0.path().rsplit('/').next().unwrap_or_default()
    }

    /// The target of a redirect. `None` if it leads from https to plain HTTP, even on this machine.
    fn leads_to(&self, location: &str) -> Option<Self> {
        let authority = self.0.authority()?;
        let scheme = self.0.scheme_str()?;
        let folder = self.0.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        let whole = if location.contains("://") {
            location.to_owned()
        } else if let Some(rest) = location.strip_prefix("//") {
            format!("{scheme}://{rest}")
        } else if location.starts_with('/') {
            format!("{scheme}://{authority}{location}")
        } else {
            format!("{scheme}://{authority}{folder}/{location}")
        };
        let target: Self = whole.parse().ok()?;
        (scheme == "http" || target.0.scheme_str() == Some("https")).then_some(target)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let uri: Uri = text.parse().map_err(|_| AddressError)?;
        let host = uri.host().unwrap_or_default();
        let is_this_machine = host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        let has_user = uri
            .authority()
            .is_some_and(|authority| authority.as_str().contains('@'));
        match uri.scheme_str() {
            Some("https") if !host.is_empty() && !has_user => Ok(Self(uri)),
            Some("http") if is_this_machine && !has_user => Ok(Self(uri)),
            _ => Err(AddressError),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self.0.authority().map_or("", |authority| authority.as_str());
        write!(
            f,
            "{}://{authority}{}",
            self.0.scheme_str().unwrap_or_default(),
            self.0.path()
        )
    }
}

/// A video at an https address.
pub struct Web {
    connector: Connector,
    address: Address,
    /// The address to which the last request was redirected.
    location: Mutex<Address>,
}

impl Web {
    /// The video at `address`. Makes no request.
    pub fn new(address: Address) -> Self {
        Self {
            connector: Connector::builder()
                .proxy_config(ProxyConfig::from_env())
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .build(),
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
        let mut request = HttpRequest::get(address.0.to_string()).map_err(|error| self.unavailable(error))?;
        let headers = request.headers_mut();
        headers.insert("range", format!("bytes={}-{}", bytes.start, bytes.end - 1));
        headers.insert("accept-encoding", "identity");
        headers.insert(
            "user-agent",
            concat!("posterframe-worker/", env!("CARGO_PKG_VERSION")),
        );
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
        answer.map_err(|error| Failure::temporary(DisplayErrorContext(error).to_string()))
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

impl Ranges for Web {
    fn name(&self) -> String {
        self.address.to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if another scheme than https is accepted for a remote host, or an address's secrets are printed.
    #[test]
    fn which_addresses() {
        for text in [
            "https://example.com/a/b.mp4?token=secret",
            "http://127.0.0.1:8080/v.mp4",
            "http://[::1]/v.mp4",
            "http://localhost/v",
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(Some(address.to_string().as_str()), text.split('?').next());
        }
        for text in [
            "http://example.com/v.mp4",
            "http://127.0.0.1.example.com/v.mp4",
            "https://user:secret@example.com/v.mp4",
            "ftp://example.com/v.mp4",
            "file:///etc/passwd",
            "https:///v.mp4",
            "/v.mp4",
            "",
        ] {
            assert_eq!(text.parse::<Address>(), Err(AddressError), "{text}");
        }
    }

    // Breaks if a redirect leads to another address than the server says, or from https to plain HTTP.
    #[test]
    fn where_redirects_lead() {
        let from: Address = "https://example.com/a/b.mp4?x=1".parse().unwrap();
        let to = |location| from.leads_to(location).map(|to| to.0.to_string());
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(to("https://cdn.example/c?y=2"), is("https://cdn.example/c?y=2"));
        assert_eq!(to("//cdn.example/c"), is("https://cdn.example/c"));
        assert_eq!(to("/c"), is("https://example.com/c"));
        assert_eq!(to("c"), is("https://example.com/a/c"));
        assert_eq!(to("http://example.com/c"), None);
        assert_eq!(to("http://127.0.0.1/c"), None);
        let plain: Address = "http://127.0.0.1:80/a".parse().unwrap();
        for target in ["http://127.0.0.1:80/b", "https://example.com/b"] {
            assert_eq!(plain.leads_to(target).map(|to| to.0.to_string()), is(target));
        }
        assert_eq!(to("file:///etc/passwd"), None);
    }

    // Breaks if the answer for another range is taken for the requested one.
    #[test]
    fn content_ranges() {
        assert_eq!(content_range("bytes 5-9/1234"), Some((5, 1234)));
        assert_eq!(content_range("bytes 5-9/*"), None);
        assert_eq!(content_range("bytes */1234"), None);
        assert_eq!(content_range(""), None);
    }
}
