//! Where a video at a distance is, as people and requests write it.

use std::fmt;

use percent_encoding::percent_decode_str;

use crate::address::{Address, AddressError};

/// Where a video at a distance is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An object of S3, read with credentials.
    Object {
        /// Its bucket.
        bucket: String,
        /// Its key.
        key: String,
    },
    /// Anywhere on the web, read as anybody may.
    Web(Address),
}

/// The text begins like a place at a distance, but is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// There is no bucket, or no key.
    #[error("expected s3://bucket/key")]
    Object,
    /// It is no address that may be read.
    #[error(transparent)]
    Address(#[from] AddressError),
}

impl Place {
    /// Reads `s3://bucket/key`, or an address. One of S3's own without a query is an object, so that the credentials are
    /// used. `None` where the text does not begin like either: it is a file's name then.
    ///
    /// # Errors
    /// The text begins like one of them, and is none.
    pub fn parse(text: &str) -> Option<Result<Self, PlaceError>> {
        if let Some(path) = text.strip_prefix("s3://") {
            return Some(Self::object(path).ok_or(PlaceError::Object));
        }
        if let Some(address) = text.strip_prefix("https://")
            && let Some(object) = Self::of_s3_address(address)
        {
            return Some(Ok(object));
        }
        let is_address = text.starts_with("https://") || text.starts_with("http://");
        is_address.then(|| text.parse().map(Self::Web).map_err(PlaceError::Address))
    }

    /// The object `bucket/key`. The key is taken as it is.
    pub fn object(path: &str) -> Option<Self> {
        let (bucket, key) = path.split_once('/')?;
        (!bucket.is_empty() && !key.is_empty()).then(|| Self::Object {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        })
    }

    /// The object at an address (without its scheme) of S3's own, in either of its styles. `None` with a query, which may
    /// be a signature of its own.
    pub fn of_s3_address(address: &str) -> Option<Self> {
        let (host, path) = address.split_once('/').filter(|_| !address.contains('?'))?;
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let host = host
            .strip_suffix(".amazonaws.com")
            .or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
        match host.split_once(".s3") {
            // bucket.s3.region, bucket.s3-region, bucket.s3
            Some((bucket, _)) => Self::object(&format!("{bucket}/{path}")),
            None if host == "s3" || host.starts_with("s3.") || host.starts_with("s3-") => Self::object(&path),
            None => None,
        }
    }

    /// The video's file name.
    pub fn file_name(&self) -> String {
        match self {
            Self::Object { key, .. } => key.rsplit('/').next().unwrap_or_default().to_owned(),
            Self::Web(address) => address.file_name(),
        }
    }

    /// What a request or another program needs to read it. **A secret** where the address has a query.
    pub fn secret(&self) -> String {
        match self {
            Self::Object { .. } => self.to_string(),
            Self::Web(address) => address.secret(),
        }
    }
}

/// `s3://bucket/key`, or the address without its query, which may be what gives access to it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::Web(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(bucket: &str, key: &str) -> Place {
        Place::Object {
            bucket: bucket.into(),
            key: key.into(),
        }
    }

    // Breaks if a file's name is taken for a place at a distance, or one of S3's own addresses is read without credentials.
    #[test]
    fn what_is_at_a_distance() {
        for (text, expected) in [
            ("s3://b/a/v e+y%20.mp4", object("b", "a/v e+y%20.mp4")),
            (
                "https://b.s3.eu-west-1.amazonaws.com/a%20b.mp4",
                object("b", "a b.mp4"),
            ),
            ("https://s3.amazonaws.com/b/v.mp4", object("b", "v.mp4")),
        ] {
            assert_eq!(Place::parse(text), Some(Ok(expected)));
        }
        for file in ["v.mp4", "/a/s3:/b", "C:\\v.mp4", "s3:/b/v", "ftp://h/v"] {
            assert_eq!(Place::parse(file), None, "{file}");
        }
        for bad in ["s3://", "s3://b", "s3://b/", "s3:///v.mp4"] {
            assert_eq!(Place::parse(bad), Some(Err(PlaceError::Object)), "{bad}");
        }
        assert!(matches!(
            Place::parse("http://example.com/v"),
            Some(Err(PlaceError::Address(_)))
        ));
    }

    // Breaks if a signed address is read with other credentials than its own, or shows them.
    #[test]
    fn signed_addresses_stay_as_they_are() {
        let text = "https://b.s3.amazonaws.com/v.mp4?X-Amz-Signature=secret";
        let place = Place::parse(text).unwrap().unwrap();
        assert!(matches!(place, Place::Web(_)));
        assert_eq!(place.to_string(), "https://b.s3.amazonaws.com/v.mp4");
        assert!(!format!("{place:?}").contains("secret"));
        assert_eq!(
            (place.secret().as_str(), place.file_name().as_str()),
            (text, "v.mp4")
        );
    }
}
