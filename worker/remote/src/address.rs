//! The https address of a video, whose query is a secret.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use percent_encoding::percent_decode_str;

use crate::guard::is_public;

/// Parameters of a query that say who may read the object, and for how long, and not which object it is: those of AWS's
/// signatures (and of all servers that copy them), of Google's and of Azure's.
const SIGNATURES: [&str; 3] = ["x-amz-", "x-goog-", "sig="];

/// The https address of a video. It is displayed without its query, which may contain credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Uri);

/// The text is no valid [`Address`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an https address, or an http one of this very machine, without a user name")]
pub struct AddressError;

impl Address {
    /// The file name: the last segment of the path, decoded.
    pub fn file_name(&self) -> String {
        let segment = self.0.path().rsplit('/').next().unwrap_or_default();
        percent_decode_str(segment).decode_utf8_lossy().into_owned()
    }

    /// The whole address with its query, for requests. **A secret**: for no log, title, report or error.
    pub fn secret(&self) -> String {
        self.0.to_string()
    }

    /// Whether the address carries a query, which may give access.
    pub fn has_query(&self) -> bool {
        self.0.query().is_some()
    }

    pub(crate) fn host(&self) -> &str {
        self.0.host().unwrap_or_default().trim_matches(['[', ']'])
    }

    /// Whether the host is written as an address of this machine or of a private network.
    pub(crate) fn names_private_host(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| !is_public(ip))
    }

    /// What tells this object from others: the address, but for what is only a signature and differs each time.
    pub(crate) fn identity(&self) -> String {
        let query = self.0.query().unwrap_or_default();
        let is_signature = |pair: &&str| {
            let pair = pair.to_ascii_lowercase();
            SIGNATURES.iter().any(|start| pair.starts_with(start))
        };
        let rest: Vec<&str> = query.split('&').filter(|pair| !is_signature(pair)).collect();
        format!("{self}?{}", rest.join("&"))
    }

    /// The target of a redirect. `None` if it leads from https to plain HTTP, even on this machine.
    pub(crate) fn leads_to(&self, location: &str) -> Option<Self> {
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
                .parse::<IpAddr>()
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

/// As it is displayed: a derived one would print the query.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
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
            assert!(!format!("{address:?}").contains("secret"));
            assert_eq!(address.secret(), text);
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

    // Breaks if another signature makes another object of the same one, or another query the same of two.
    #[test]
    fn signatures_name_no_object() {
        let identity = |text: &str| text.parse::<Address>().unwrap().identity();
        let signed = identity("https://h/v.mp4?versionId=1&X-Amz-Date=20260101&X-Amz-Signature=ab");
        assert_eq!(
            signed,
            identity("https://h/v.mp4?versionId=1&X-Amz-Date=20270101&X-Amz-Signature=cd")
        );
        assert!(!signed.contains("ab"));
        assert_ne!(signed, identity("https://h/v.mp4?versionId=2"));
        assert_ne!(identity("https://h/v?id=1"), identity("https://h/v?id=2"));
    }

    // Breaks if a file's name is shown encoded, or a private host counts as a public one.
    #[test]
    fn names_and_hosts() {
        let address = |text: &str| text.parse::<Address>().unwrap();
        assert_eq!(
            address("https://h/a/my%20film.mp4?x=1").file_name(),
            "my film.mp4"
        );
        for host in ["10.0.0.8", "[::1]", "localhost", "169.254.169.254"] {
            assert!(
                address(&format!("https://{host}/v")).names_private_host(),
                "{host}"
            );
        }
        for host in ["example.com", "8.8.8.8", "[2606:4700::1111]"] {
            assert!(
                !address(&format!("https://{host}/v")).names_private_host(),
                "{host}"
            );
        }
    }
}
