//! What an S3 event says, beyond the key: its encoding, its order, and the token that makes it idempotent.

use std::cmp::Ordering;
use std::fmt;

use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

/// Decodes the key of an S3 event, which is form-encoded: `+` is a space, `%xx` a byte.
///
/// # Errors
/// The decoded bytes are no UTF-8.
///
/// ```
/// assert_eq!(posterframe_contract::decode_event_key("a+b%2B%C3%A9.mp4").unwrap(), "a b+é.mp4");
/// ```
pub fn decode_event_key(encoded: &str) -> Result<String, std::str::Utf8Error> {
    let spaced = encoded.replace('+', " ");
    Ok(percent_decode_str(&spaced).decode_utf8()?.into_owned())
}

/// The order of events on one key: hexadecimal digits, compared as numbers of any length.
///
/// S3 documents that the shorter of two is padded with zeros on its left before they are compared.
#[derive(Clone, Debug, Eq)]
pub struct Sequencer(String);

impl Sequencer {
    /// Takes the event's text as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as the event carries it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Ord for Sequencer {
    fn cmp(&self, other: &Self) -> Ordering {
        let width = self.0.len().max(other.0.len());
        let padded = |text: &str| format!("{:0>width$}", text.to_ascii_lowercase());
        padded(&self.0).cmp(&padded(&other.0))
    }
}

impl PartialOrd for Sequencer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Sequencer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

/// ECS `RunTask`'s `clientToken`: the hex SHA-256 of bucket, key and sequencer, 64 characters, its very limit.
///
/// The same event, however often it comes, has the same token, so that ECS starts one task for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientToken([u8; 32]);

impl ClientToken {
    /// The token of the event with this `sequencer` on the (decoded) `key` in `bucket`.
    pub fn new(bucket: &str, key: &str, sequencer: &Sequencer) -> Self {
        let mut hash = Sha256::new();
        // Neither a bucket's name nor a sequencer contains a line feed, so no two events read the same.
        for part in [bucket, "\n", sequencer.as_str(), "\n", key] {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    pub(crate) fn digest(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ClientToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::JobId;

    // Breaks if keys with spaces, plus signs, accents or percent signs fail as they did in the original.
    #[test]
    fn event_keys_are_form_encoded() {
        assert_eq!(
            decode_event_key("my+clip%252B_00-10.mp4").unwrap(),
            "my clip%2B_00-10.mp4"
        );
        assert_eq!(
            decode_event_key("%F0%9F%8E%AC_00-10.mp4").unwrap(),
            "🎬_00-10.mp4"
        );
        assert!(decode_event_key("%FF_00-10.mp4").is_err());
    }

    // Breaks if sequencers are compared as text: "9" would come after "10".
    #[test]
    fn sequencers_compare_as_numbers() {
        assert!(Sequencer::new("9") < Sequencer::new("10"));
        assert!(Sequencer::new("00FF") == Sequencer::new("ff"));
    }

    // Breaks if a repeated event would start a second task, or a new one would not.
    #[test]
    fn tokens_tell_events_apart() {
        let token = |key, sequencer| ClientToken::new("b", key, &Sequencer::new(sequencer));
        assert_eq!(token("k", "1"), token("k", "1"));
        assert_ne!(token("k", "1"), token("k", "2"));
        assert_ne!(token("k", "1"), token("l", "1"));
        assert_eq!(token("k", "1").to_string().len(), 64);
        assert_eq!(
            JobId::for_event(&token("k", "1")),
            JobId::for_event(&token("k", "1"))
        );
        assert_eq!(JobId::for_event(&token("k", "1")).created_unix_millis(), None);
    }
}
