//! Selecting text in the log, across lines. egui selects only in widgets on the screen; this selection is made of lines,
//! and so can reach beyond the screen.

use std::fmt::Write as _;
use std::ops::Range;

use posterframe_client::Log;

/// A position in the log: a line, and a byte of its message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Caret {
    pub(super) line: usize,
    pub(super) byte: usize,
}

/// The selection, from the press of the button to its release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Selected {
    /// Start and end of the text at the press: empty, a word after a double click, or a line after a triple click.
    anchor: (Caret, Caret),
    head: Caret,
}

impl Selected {
    /// An empty selection at a caret.
    pub(super) fn at(caret: Caret) -> Self {
        Self {
            anchor: (caret, caret),
            head: caret,
        }
    }

    /// A selection within one line.
    pub(super) fn part(line: usize, bytes: &Range<usize>) -> Self {
        let end = Caret {
            line,
            byte: bytes.end,
        };
        let start = Caret {
            line,
            byte: bytes.start,
        };
        Self {
            anchor: (start, end),
            head: end,
        }
    }

    /// A selection of the whole log.
    pub(super) fn all(log: &Log) -> Self {
        let line = log.len().saturating_sub(1);
        let end = Caret {
            line,
            byte: log.get(line).map_or(0, |line| line.message.len()),
        };
        Self {
            anchor: (Caret::default(), Caret::default()),
            head: end,
        }
    }

    /// Extends the selection to a caret.
    pub(super) fn extend(&mut self, caret: Caret) {
        self.head = caret;
    }

    fn ends(&self) -> (Caret, Caret) {
        (self.anchor.0.min(self.head), self.anchor.1.max(self.head))
    }

    /// Whether nothing is selected.
    pub(super) fn is_empty(&self) -> bool {
        let (from, to) = self.ends();
        from == to
    }

    /// The last selected line.
    pub(super) fn last_line(&self) -> usize {
        self.ends().1.line
    }

    /// The selected bytes of a line whose message is `bytes` long.
    pub(super) fn within(&self, line: usize, bytes: usize) -> Option<Range<usize>> {
        let (from, to) = self.ends();
        if line < from.line || line > to.line || from == to {
            return None;
        }
        let start = if line == from.line { from.byte } else { 0 };
        let end = if line == to.line { to.byte } else { bytes };
        (start <= end && end <= bytes).then_some(start..end)
    }

    /// The selected text of the lines for which `shown` is true.
    pub(super) fn text(&self, log: &Log, shown: impl Fn(&posterframe_client::LogLine) -> bool) -> String {
        let (from, to) = self.ends();
        let mut text = String::new();
        for (line, index) in log.range(from.line..to.line + 1).zip(from.line..) {
            if !shown(line) {
                continue;
            }
            if let Some(part) = self.within(index, line.message.len()) {
                let part = line.message.get(part).unwrap_or_default();
                let _ = if text.is_empty() {
                    write!(text, "{part}")
                } else {
                    write!(text, "\n{part}")
                };
            }
        }
        text
    }
}

/// The word around a byte. Spaces, quotes, brackets and commas delimit words.
pub(super) fn word(text: &str, byte: usize) -> Range<usize> {
    let ends = |c: char| c.is_whitespace() || "\"'()[]{},;".contains(c);
    let (before, after) = text.split_at(byte.min(text.len()));
    let start = before
        .rfind(ends)
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let end = after.find(ends).map_or(text.len(), |at| byte + at);
    start..end
}

#[cfg(test)]
mod tests {
    use posterframe_client::{LogLevel, LogLine, LogSource};

    use super::*;

    fn log() -> Log {
        let line = |n: i64, message: &str| LogLine {
            unix_millis: n,
            source: LogSource::Worker,
            level: LogLevel::Info,
            message: message.into(),
        };
        Log::from(vec![line(0, "alpha"), line(1, "beta"), line(2, "gamma")])
    }

    // Breaks if the copied text is not the text that was dragged over, in either direction.
    #[test]
    fn a_selection_crosses_lines() {
        let mut selected = Selected::at(Caret { line: 2, byte: 2 });
        assert!(selected.is_empty());
        selected.extend(Caret { line: 0, byte: 3 });
        assert_eq!(selected.text(&log(), |_| true), "ha\nbeta\nga");
        assert_eq!(selected.text(&log(), |line| line.message != "beta"), "ha\nga");
        assert_eq!(Selected::all(&log()).text(&log(), |_| true), "alpha\nbeta\ngamma");
    }

    // Breaks if a double click selects half a key or more than one, or a drag after it deselects the word.
    #[test]
    fn words_are_what_stands_between_spaces() {
        let text = "opening (s3://b/ü-1.png), ok";
        assert_eq!(&text[word(text, 12)], "s3://b/ü-1.png");
        assert_eq!(&text[word(text, 0)], "opening");
        assert_eq!(word(text, text.len()), text.len() - 2..text.len());
        let mut selected = Selected::part(1, &(0..4));
        selected.extend(Caret { line: 0, byte: 4 });
        assert_eq!(selected.text(&log(), |_| true), "a\nbeta");
    }
}
