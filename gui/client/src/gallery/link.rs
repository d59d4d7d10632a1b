//! Links that anyone can open until they expire.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use time::OffsetDateTime;

use crate::aws::Session;
use crate::error::ClientError;

/// A link that anyone can open until it expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresignedLink {
    /// The address.
    pub url: String,
    /// When it stops working: with the credentials that signed it, if these expire first.
    pub expires: OffsetDateTime,
}

pub(super) async fn presign(
    session: &Session,
    key: &str,
    valid: Duration,
) -> Result<PresignedLink, ClientError> {
    let failed = |reason: String| ClientError::Aws {
        operation: "Making the link",
        code: None,
        reason,
    };
    let credentials = session.credentials().await;
    let credentials = credentials.map_err(|error| failed(error.to_string()))?;
    // AWS counts by its own clock, and the SDK corrects no link.
    let now = session.time.now().into();
    let expires = expiry(now, valid, credentials.expiry());
    let config = PresigningConfig::builder()
        .start_time(now)
        .expires_in(valid)
        .build()
        .map_err(|error| failed(error.to_string()))?;
    // Signed with these very credentials, whose end is known, and not with those that the client holds.
    let request = session
        .s3
        .get_object()
        .bucket(&session.backend.bucket)
        .key(key)
        .customize()
        .config_override(aws_sdk_s3::config::Builder::new().credentials_provider(credentials))
        .presigned(config)
        .await
        .map_err(|error| ClientError::aws("Making the link", &error))?;
    Ok(PresignedLink {
        url: request.uri().to_owned(),
        expires: expires.into(),
    })
}

fn expiry(now: SystemTime, valid: Duration, credentials: Option<SystemTime>) -> SystemTime {
    let asked = now + valid;
    credentials.map_or(asked, |end| end.min(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a link is said to work longer than the login that signed it.
    #[test]
    fn the_earlier_end_counts() {
        let (now, hour) = (SystemTime::UNIX_EPOCH, Duration::from_hours(1));
        assert_eq!(expiry(now, hour, None), now + hour);
        assert_eq!(expiry(now, hour, Some(now + hour / 2)), now + hour / 2);
        assert_eq!(expiry(now, hour, Some(now + hour * 8)), now + hour);
    }
}
