//! Paths as text, without loss. On most systems a name is bytes, and any bytes but two: as text it may be unreadable, but it
//! must still lead to its file.
//!
//! The module's own functions are for `#[serde(with = "posterframe_client::path_text")]`: a path that is text is a string,
//! another one an object with its bytes, `{"Unix": [47, 255]}`. [`option`] does the same for a path that may be missing.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// All but what URIs take as it is in a path.
const NOT_PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The path's bytes, percent-encoded as in a URI.
///
/// ```
/// # use std::path::Path;
/// use posterframe_client::path_text::{percent_decoded, percent_encoded};
///
/// assert_eq!(percent_encoded(Path::new("/a b/ü.mp4")), "/a%20b/%C3%BC.mp4");
/// assert_eq!(percent_decoded("/a%20b/%C3%BC.mp4"), Path::new("/a b/ü.mp4"));
/// ```
pub fn percent_encoded(path: &Path) -> String {
    percent_encode(path.as_os_str().as_encoded_bytes(), NOT_PLAIN).to_string()
}

/// The path that [`percent_encoded`] was given.
pub fn percent_decoded(text: &str) -> PathBuf {
    let bytes = percent_decode_str(text);
    #[cfg(unix)]
    let name: OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes.collect());
    #[cfg(not(unix))]
    let name: OsString = bytes.decode_utf8_lossy().into_owned().into();
    name.into()
}

/// The path as one can paste it: as it is, or as a `file://` URI where it is no text.
pub fn copyable(path: &Path) -> String {
    path.to_str()
        .map_or_else(|| format!("file://{}", percent_encoded(path)), str::to_owned)
}

/// Writes a path.
///
/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    Stored::of(path).serialize(serializer)
}

/// Reads a path.
///
/// # Errors
/// It is none.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    Read::deserialize(deserializer).map(Read::path)
}

/// For a path that may be missing.
pub mod option {
    use super::{Deserialize, Deserializer, Path, PathBuf, Read, Serialize, Serializer, Stored};

    /// Writes a path, or that there is none.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
        path.as_deref()
            .map(|path: &Path| Stored::of(path))
            .serialize(serializer)
    }

    /// Reads a path, or that there is none.
    ///
    /// # Errors
    /// It is neither.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<Read>::deserialize(deserializer)?.map(Read::path))
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Stored<'a> {
    Text(&'a str),
    Exact(&'a OsStr),
}

impl<'a> Stored<'a> {
    fn of(path: &'a Path) -> Self {
        path.to_str().map_or(Self::Exact(path.as_os_str()), Self::Text)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Read {
    Text(String),
    Exact(OsString),
}

impl Read {
    fn path(self) -> PathBuf {
        match self {
            Self::Text(text) => text.into(),
            Self::Exact(name) => name.into(),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Both {
        #[serde(with = "super")]
        path: PathBuf,
        #[serde(with = "super::option", default)]
        maybe: Option<PathBuf>,
    }

    // Breaks if a path changes on its way through JSON or a URI, whatever its bytes.
    #[test]
    fn every_path_comes_back() {
        let every: Vec<u8> = (1..=u8::MAX).collect();
        for bytes in [
            b"/plain.mp4".as_slice(),
            "/ünï 🎬%41".as_bytes(),
            b"/Mu\xf1oz.mp4",
            &every,
            b"",
        ] {
            let path = PathBuf::from(OsStr::from_bytes(bytes));
            for maybe in [None, Some(path.clone())] {
                let both = Both {
                    path: path.clone(),
                    maybe,
                };
                let text = serde_json::to_string(&both).unwrap();
                assert_eq!(serde_json::from_str::<Both>(&text).unwrap(), both, "{text}");
            }
            assert_eq!(percent_decoded(&percent_encoded(&path)), path);
        }
        let text = serde_json::to_string(&Both {
            path: "/a.mp4".into(),
            maybe: None,
        })
        .unwrap();
        assert_eq!(text, r#"{"path":"/a.mp4","maybe":null}"#);
        assert!(serde_json::from_str::<Both>(r#"{"path":"/a.mp4"}"#).is_ok());
        assert!(serde_json::from_str::<Both>(r#"{"path":7}"#).is_err());
    }

    // Breaks if a path that was copied out of the program leads elsewhere when it is pasted.
    #[test]
    fn what_is_copied_can_be_pasted() {
        assert_eq!(copyable(Path::new("/a b.png")), "/a b.png");
        let odd = Path::new(OsStr::from_bytes(b"/Mu\xf1oz.png"));
        assert_eq!(copyable(odd), "file:///Mu%F1oz.png");
    }
}
