//! Strict reading of the JSON that parts of Posterframe hand each other: nothing unknown is passed over, and an error
//! names its place.

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The version of requests and manifests that this crate reads and writes.
pub const FORMAT_VERSION: u32 = 1;

/// A request or a manifest is not valid.
///
/// ```
/// use posterframe_contract::JobRequest;
///
/// let error = JobRequest::parse(br#"{"version": 1, "source": {"url": "s3://b/k", "tag": 1}}"#).unwrap_err();
/// assert_eq!(error.place, "source.tag");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FormatError {
    /// Where it is wrong: `stills[3].at`, or empty for the whole.
    pub place: String,
    /// What was expected there, and what was found.
    pub problem: String,
}

impl FormatError {
    pub(crate) fn at(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.problem)
    }
}

/// Whether a field that is only written where it says something says nothing.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) const fn is_false(value: &bool) -> bool {
    !*value
}

/// Reads `json` as a `T` of the version that is known here, in at most `max_bytes`.
pub(crate) fn parse<T: DeserializeOwned>(json: &[u8], max_bytes: usize) -> Result<T, FormatError> {
    /// What every version has in common.
    #[derive(Deserialize)]
    struct Head {
        version: u32,
    }

    if json.len() > max_bytes {
        return Err(FormatError::at(
            "",
            format!("expected at most {max_bytes} bytes, not {}", json.len()),
        ));
    }
    // Another version may have other fields: that it is another one is the error then, not the first of its fields.
    let version = read::<Head>(json)?.version;
    if version != FORMAT_VERSION {
        return Err(FormatError::at(
            "version",
            format!("expected {FORMAT_VERSION}, not {version}"),
        ));
    }
    read(json)
}

fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, FormatError> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let place = error.path().to_string();
        let place = if place == "." { "" } else { &place };
        FormatError::at(place, error.inner().to_string())
    })?;
    let end = deserializer.end();
    end.map_err(|error| FormatError::at("", error.to_string()))?;
    Ok(value)
}
