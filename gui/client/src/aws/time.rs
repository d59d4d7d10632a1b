//! Times as AWS writes them.

use time::OffsetDateTime;

/// The same moment; the Unix epoch for one that has no calendar date.
pub(crate) fn from_aws(time: &aws_sdk_s3::primitives::DateTime) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(time.as_nanos()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
