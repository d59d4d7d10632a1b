//! Errors as a person reads them.

use std::error::Error;
use std::fmt;

use super::client_error::ClientError;
use crate::config::ConfigError;

/// An error in words: what is wrong, and what to do about it. Shown as `What is wrong. What to do`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorText {
    /// What is wrong and why: begins with a capital letter, ends without a full stop.
    pub text: String,
    /// What to do about it, where the error knows.
    pub advice: Option<String>,
}

impl ErrorText {
    /// The words of an error and of its causes, down to the first one of this crate: that one tells its own causes.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut words = Vec::new();
        let mut advice = None;
        let mut next = Some(error);
        while let Some(cause) = next {
            next = cause.source();
            words.push(cause.to_string());
            if let Some(error) = cause.downcast_ref::<ClientError>() {
                advice = error.advice();
                break;
            }
            if let Some(error) = cause.downcast_ref::<ConfigError>() {
                advice = Some(error.advice().to_owned());
                break;
            }
        }
        Self {
            text: capitalized(&words.join(": ")),
            advice,
        }
    }
}

impl fmt::Display for ErrorText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.advice {
            Some(advice) => write!(f, "{}. {advice}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Error texts begin with a small letter, as parts of sentences do; alone on the screen they begin with a capital one.
pub fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("starting")]
    struct Starting(#[source] ClientError);

    // Breaks if a failure at the start says what is wrong, but not what to do.
    #[test]
    fn failures_come_with_advice() {
        let error = Starting(ClientError::NoFrames);
        assert_eq!(
            ErrorText::of(&error).to_string(),
            "Starting: no frame was chosen. Mark a frame first"
        );
        assert_eq!(capitalized("übung"), "Übung");
    }
}
