//! Why a video at a distance could not be read.

/// Largest object that is read completely, into memory, from a server that ignores ranges.
pub(crate) const MAX_WHOLE_BYTES: u64 = 16 << 20;

/// Why a video could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// It does not exist, or the connection fails.
    #[error("{source_name} cannot be read: {reason}")]
    Unavailable {
        /// The video's URI, without secrets.
        source_name: String,
        /// The server's message, or the error.
        reason: String,
    },
    /// The credentials, or the address, give no right to read it.
    #[error("{source_name} may not be read: {reason}")]
    Denied {
        /// The video's URI, without secrets.
        source_name: String,
        /// The server's message.
        reason: String,
        /// The bucket of an object of S3.
        bucket: Option<String>,
    },
    /// The object has no bytes.
    #[error("{0} is empty")]
    Empty(String),
    /// The object was replaced since the first request.
    #[error("{0} was replaced while it was being read")]
    Changed(String),
    /// The server ignores ranges, and the object is too large to be read completely.
    #[error(
        "{0} cannot be read in parts: its server serves no byte ranges, and it is larger than {limit} MiB",
        limit = MAX_WHOLE_BYTES >> 20
    )]
    NoRanges(String),
    /// What the address leads to is a page for people.
    #[error("{0} is a web page, not a video")]
    IsPage(String),
}

impl SourceError {
    /// What to do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::Unavailable { .. } => "Check the address and the network, and try again".to_owned(),
            Self::Denied {
                source_name,
                bucket: Some(bucket),
                ..
            } => {
                let key = source_name.strip_prefix("s3://").unwrap_or(source_name);
                format!(
                    "The login needs s3:GetObject on arn:aws:s3:::{key}; without s3:ListBucket on arn:aws:s3:::{bucket}, S3 \
                     says the same of an object that is not there"
                )
            }
            Self::Denied { .. } => {
                "A signed address may have expired: get a new one, or use s3://bucket/key with a login"
                    .to_owned()
            }
            Self::Empty(_) => "Check that the recording or the upload was complete".to_owned(),
            Self::Changed(_) => "Open it again to read its new version".to_owned(),
            Self::NoRanges(_) => {
                "Download the video, or put it on a server that serves byte ranges, such as S3".to_owned()
            }
            Self::IsPage(_) => {
                "Copy the address of the video itself, not of the page that shows it".to_owned()
            }
        }
    }

    /// Whether the video is there, but the login or the address gives no right to read it.
    pub const fn is_denied(&self) -> bool {
        matches!(self, Self::Denied { .. })
    }

    /// Whether it is another version than the one that was opened.
    pub const fn is_changed(&self) -> bool {
        matches!(self, Self::Changed(_))
    }
}

/// The innermost cause of an error: those around it only say where it went through.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}
