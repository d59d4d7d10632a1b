//! What can be wrong with the configuration, in plain words.

use std::path::{Path, PathBuf};

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No home folder.
    #[error("this account has no home folder; give a folder with --data")]
    NoHome,
    /// The file is there, but cannot be read or written.
    #[error("the configuration cannot be read or written ({source}): {file}")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what was expected.
    #[error("the configuration is wrong in line {line}: {reason}: {file}")]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A value that cannot work.
    #[error("“{key}” of the backend “{backend}” cannot be used: {reason}")]
    Invalid {
        /// The backend's name.
        backend: String,
        /// The key.
        key: String,
        /// Why.
        reason: String,
    },
    /// A flag or a variable of the environment that cannot work.
    #[error("a flag or variable cannot be used: {0}")]
    Override(String),
    /// No backend of that name.
    #[error("the configuration has no backend named “{0}”")]
    NoSuchBackend(String),
    /// A new name that is taken.
    #[error("there is a backend named “{0}” already")]
    NameTaken(String),
    /// Someone else wrote the file between reading and saving it.
    #[error("the configuration was changed by another program meanwhile: {0}")]
    ChangedMeanwhile(PathBuf),
}

impl ConfigError {
    pub(super) fn malformed(file: &Path, text: &str, error: &toml::de::Error) -> Self {
        let start = error.span().map_or(0, |span| span.start).min(text.len());
        Self::Malformed {
            file: file.to_owned(),
            // A stretch that ends with its line's break has one more line after it.
            line: text[..text.floor_char_boundary(start)].split('\n').count(),
            reason: plain(error.message()),
        }
    }

    /// What to do about it, where there is something to do.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::NoHome => "Give a folder with --data",
            Self::Unreadable { .. } => "Check that the file is yours to read and write",
            Self::Malformed { .. } => {
                "Mend that line of the configuration file, or move the file away to start afresh"
            }
            Self::Invalid { .. } => "Mend that value in the settings or in the configuration file",
            Self::Override(_) => "Check the flags, and the variables that begin with POSTERFRAME_",
            Self::NoSuchBackend(_) => "Choose one of the backends in the settings, or add it there",
            Self::NameTaken(_) => "Choose another name",
            Self::ChangedMeanwhile(_) => "Open the settings again, and repeat the change",
        }
    }
}

/// serde's words as a person would say them. What is not known is passed on as it is.
fn plain(message: &str) -> String {
    let message = message.trim().replace('\n', "; ");
    let name = |text: &str| text.trim_matches('`').to_owned();
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let (key, keys) = rest.split_once(", expected ").unwrap_or((rest, ""));
        let keys = keys.trim_start_matches("one of ").replace('`', "");
        return format!("there is no key “{}”; the keys are {keys}", name(key));
    }
    if let Some(key) = message.strip_prefix("missing field ") {
        return format!("the key “{}” is missing", name(key));
    }
    if let Some((found, expected)) = message
        .strip_prefix("invalid type: ")
        .and_then(|rest| rest.split_once(", expected "))
    {
        let expected = if expected == "a string" {
            "a text in quotes"
        } else {
            expected
        };
        return format!("{expected} is expected here, not {found}");
    }
    message
}
