//! AWS's error codes, those of all services in one table, and what each means.

/// What an error code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// No credentials were found, so that AWS was not asked.
    NoCredentials,
    /// The login has expired.
    Expired,
    /// AWS does not know the keys; a new login may bring others.
    UnknownKeys,
    /// The keys are known, but the secret is another one.
    BadSignature,
    /// This machine's clock is too far off.
    Clock,
    /// The login lacks the rights.
    Denied,
    /// There is no such thing.
    Missing,
    /// AWS asks for fewer requests.
    Throttled,
    /// It passes by itself.
    Passing,
}

/// Our own code: no credentials were found.
pub(super) const NO_CREDENTIALS: &str = "NoCredentials";
/// S3's code where this machine's clock is too far off.
pub(super) const SKEWED: &str = "RequestTimeTooSkewed";
/// Our own code: what was in the way has been put out of it.
pub(super) const TRY_AGAIN: &str = "TryAgain";

const CODES: [(ErrorKind, &[&str]); 9] = [
    (ErrorKind::NoCredentials, &[NO_CREDENTIALS]),
    (
        ErrorKind::Expired,
        &[
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidToken",
            "RequestExpired",
            "TokenRefreshRequired",
        ],
    ),
    (
        ErrorKind::UnknownKeys,
        &[
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "NotSignedUp",
            "UnrecognizedClientException",
        ],
    ),
    (
        ErrorKind::BadSignature,
        &[
            "AuthFailure",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
        ],
    ),
    (ErrorKind::Clock, &[SKEWED]),
    (
        ErrorKind::Denied,
        &[
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
            "Forbidden",
            "HTTP 403",
            "NotAuthorized",
            "UnauthorizedOperation",
        ],
    ),
    (
        ErrorKind::Missing,
        &[
            "AWS.SimpleQueueService.NonExistentQueue",
            "ClusterNotFoundException",
            "NoSuchBucket",
            "NoSuchEntity",
            "NotFound",
            "QueueDoesNotExist",
            "ResourceNotFoundException",
        ],
    ),
    (
        ErrorKind::Throttled,
        &[
            "HTTP 429",
            "LimitExceededException",
            "RequestLimitExceeded",
            "SlowDown",
            "TooManyRequestsException",
        ],
    ),
    (
        ErrorKind::Passing,
        &[
            TRY_AGAIN,
            "BadDigest",
            "ConditionalRequestConflict",
            "IncompleteBody",
            "InternalError",
            "InternalFailure",
            "OperationAborted",
            "RequestTimeout",
            "ServiceUnavailable",
        ],
    ),
];

impl ErrorKind {
    /// What `code` means, which is AWS's, one of ours, or `HTTP 403` and the like for an answer without a code. `None` for
    /// one that is not in the table.
    pub(crate) fn of(code: &str) -> Option<Self> {
        // SQS's JSON protocol puts its shape's name space in front.
        let code = code.rsplit('#').next().unwrap_or(code);
        let known = CODES.iter().find(|(_, codes)| codes.contains(&code));
        known.map(|(kind, _)| *kind).or(match code {
            // S3 answers HEAD with a bare 400 where the token has expired.
            "HTTP 400" => Some(Self::Expired),
            _ if code.starts_with("Throttl") => Some(Self::Throttled),
            _ if code.starts_with("HTTP 5") => Some(Self::Passing),
            _ => None,
        })
    }

    /// As [`Self::of`], for an answer with a message. Only S3 has a code of its own for a signature of another time.
    pub(crate) fn of_answer(code: &str, message: &str) -> Option<Self> {
        if message.contains("Signature expired") || message.contains("Signature not yet current") {
            return Some(Self::Clock);
        }
        Self::of(code)
    }

    /// Whether an answer's body names a code for credentials that a new login replaces.
    pub(crate) fn refuses_login(body: &str) -> bool {
        CODES
            .iter()
            .filter(|(kind, _)| matches!(kind, Self::Expired | Self::UnknownKeys))
            .flat_map(|(_, codes)| codes.iter())
            .any(|code| body.contains(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a refusal in XML (S3) or JSON (ECS, logs) is not seen.
    #[test]
    fn refusals_are_seen() {
        assert!(ErrorKind::refuses_login(
            "<Error><Code>ExpiredToken</Code></Error>"
        ));
        assert!(ErrorKind::refuses_login(
            r#"{"__type":"com.amazon#UnrecognizedClientException"}"#
        ));
        assert!(!ErrorKind::refuses_login(
            "<Error><Code>AccessDenied</Code></Error>"
        ));
    }
}
