//! Why a text says no frame, and where.

use std::fmt;

/// The most characters of a text that an error repeats: it may be anybody's, and of any length.
const MAX_SHOWN: usize = 60;

/// A text is no [`Moment`](crate::Moment), [`Rule`](crate::Rule) or [`Selector`](crate::Selector).
///
/// It says what was expected, and at which character: `“every 10x”: expected s, ms or f at “x” (character 9)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError {
    text: String,
    /// Counted from 0, in characters.
    place: usize,
    expected: String,
}

impl SelectorError {
    /// What a place can be.
    pub(super) const MOMENT: &str =
        "a time such as 1.5 or 1:02, a frame such as 253f, 50%, last, -5s or a timecode";
    /// What a rule can be.
    pub(super) const RULE: &str = "every, count, keyframes, scenes or best";
    /// Either.
    pub(super) const ANYTHING: &str = "a time such as 1.5 or 1:02, a frame such as 253f, 50%, last, -5s, a timecode, \
                                       every, count, keyframes, scenes or best";

    /// `place` is in bytes.
    pub(super) fn new(text: &str, place: usize, expected: impl Into<String>) -> Self {
        Self {
            text: text.to_owned(),
            place: text[..place].chars().count(),
            expected: expected.into(),
        }
    }

    /// Where the text goes wrong, in characters, counted from 1. One more than it has where something is missing.
    pub const fn character(&self) -> usize {
        self.place + 1
    }

    /// What was expected there.
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

impl std::error::Error for SelectorError {}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = shortened(&self.text);
        let rest: String = self.text.chars().skip(self.place).collect();
        let word = rest.split_whitespace().next();
        write!(f, "“{text}”: expected {} ", self.expected)?;
        match word {
            Some(word) => write!(f, "at “{}” (character {})", shortened(word), self.character()),
            None => f.write_str("at the end"),
        }
    }
}

fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
