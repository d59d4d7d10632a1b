//! The name of one job.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::ClientToken;

/// A job's id: a UUID in lower case, 36 characters.
///
/// The app makes version 7 ids, whose order is that of their creation, so that keys sort by time. The
/// same 36 characters are the ECS task's `startedBy` (36 is its safest limit).
///
/// ```
/// use posterframe_contract::JobId;
///
/// let id = JobId::new();
/// assert_eq!(id.to_string().len(), 36);
/// assert_eq!(id.to_string().parse(), Ok(id));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(Uuid);

/// The text is not a job id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a job id (a UUID in lower case), not “{0}”")]
pub struct JobIdError(String);

impl JobId {
    /// A new id, later in order than all made before it by this process.
    #[expect(clippy::new_without_default, reason = "each call gives another value")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id of a job that someone started by uploading a file by hand: the same event always gives the
    /// same id, so that a repeated event finds its task again.
    pub fn for_event(token: &ClientToken) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&token.digest()[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// When the app made this id, in milliseconds since the Unix epoch; `None` for a job made by hand.
    pub fn created_unix_millis(self) -> Option<u64> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        Some(seconds * 1000 + u64::from(nanos) / 1_000_000)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for JobId {
    type Err = JobIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text)
            .map(Self)
            .ok()
            // `try_parse` also takes braces, URNs, no dashes and upper case: one id, one spelling.
            .filter(|id| id.to_string() == text)
            .ok_or_else(|| JobIdError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if ids stop sorting by time, which the history and S3's listing rely on.
    #[test]
    fn ids_sort_by_creation() {
        let ids: Vec<JobId> = (0..100).map(|_| JobId::new()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(
            ids.windows(2)
                .all(|pair| pair[0].to_string() < pair[1].to_string())
        );
    }

    // Breaks if a second spelling of the same id is taken.
    #[test]
    fn one_spelling() {
        let id = JobId::new().to_string();
        for other in [
            id.to_uppercase(),
            id.replace('-', ""),
            format!("{{{id}}}"),
            format!("urn:uuid:{id}"),
        ] {
            assert!(other.parse::<JobId>().is_err(), "{other}");
        }
    }
}
