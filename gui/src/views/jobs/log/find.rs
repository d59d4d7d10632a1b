//! The search in a log: the lines that match, and the current one among them.

use std::ops::Range;

use posterframe_client::Log;

use super::filter::Filter;
use super::rows::LINE_COST;

/// A search through one log.
#[derive(Default)]
pub(super) struct Find {
    /// The text, in lower case.
    query: String,
    filter: Filter,
    log: Log,
    /// The next line to search.
    next: usize,
    /// The lines that match.
    hits: Vec<u32>,
    /// Index of the current hit.
    at: Option<usize>,
}

impl Find {
    /// Continues the search, within the frame's budget of bytes. `false` if lines are left to search.
    pub(super) fn update(&mut self, log: &Log, query: &str, filter: Filter, budget: &mut usize) -> bool {
        if self.query != query || self.filter != filter {
            *self = Self {
                query: query.to_owned(),
                filter,
                ..Self::default()
            };
        }
        if query.is_empty() {
            return true;
        }
        let same = log.common_prefix(&self.log).min(self.next);
        if same < self.next {
            self.next = same;
            self.hits
                .truncate(self.hits.partition_point(|line| (*line as usize) < same));
            self.at = self.at.filter(|at| *at < self.hits.len());
        }
        self.log = log.clone();
        for line in log.range(self.next..log.len()) {
            if *budget == 0 {
                return false;
            }
            *budget = budget.saturating_sub(LINE_COST + line.message.len());
            if filter.holds(line) && find(&line.message, &self.query).is_some() {
                self.hits.push(self.next as u32);
            }
            self.next += 1;
        }
        true
    }

    /// The text, in lower case; empty without a search.
    pub(super) fn query(&self) -> &str {
        &self.query
    }

    /// Number of hits so far.
    pub(super) fn count(&self) -> usize {
        self.hits.len()
    }

    /// The current hit: its line, and its index among the hits, from 0.
    pub(super) fn current(&self) -> Option<(usize, usize)> {
        self.at.map(|at| (self.hits[at] as usize, at))
    }

    /// Goes to the first hit at or after a line, unless there is a current hit. `true` if it moved.
    pub(super) fn begin(&mut self, line: usize) -> bool {
        if self.at.is_some() || self.hits.is_empty() {
            return false;
        }
        let at = self.hits.partition_point(|hit| (*hit as usize) < line);
        self.at = Some(at % self.hits.len());
        true
    }

    /// Goes to the next or previous hit, and wraps around. `true` if it moved.
    pub(super) fn step(&mut self, back: bool) -> bool {
        let count = self.hits.len();
        if count == 0 {
            return false;
        }
        self.at = Some(match (self.at, back) {
            (None, false) => 0,
            (None, true) => count - 1,
            (Some(at), false) => (at + 1) % count,
            (Some(at), true) => (at + count - 1) % count,
        });
        true
    }
}

/// The first match of `query`, which must be in lower case, as bytes of `text`.
pub(super) fn find(text: &str, query: &str) -> Option<Range<usize>> {
    if query.is_ascii() {
        // In UTF-8, ASCII bytes are never part of another character, so matches lie on character boundaries.
        let (text, query) = (text.as_bytes(), query.as_bytes());
        let first = *query.first()?;
        let last = text.len().checked_sub(query.len())?;
        let at = (0..=last).find(|at| {
            text[*at].to_ascii_lowercase() == first
                && text[*at..*at + query.len()].eq_ignore_ascii_case(query)
        })?;
        return Some(at..at + query.len());
    }
    text.char_indices().find_map(|(at, _)| {
        let mut rest = text[at..].char_indices();
        let mut wanted = query.chars().peekable();
        let mut end = at;
        while wanted.peek().is_some() {
            let (offset, c) = rest.next()?;
            if !c.to_lowercase().all(|c| wanted.next() == Some(c)) {
                return None;
            }
            end = at + offset + c.len_utf8();
        }
        Some(at..end)
    })
}

/// All matches of `query` in `text`.
pub(super) fn find_all<'a>(text: &'a str, query: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        let found = find(text.get(from..)?, query)?;
        let found = from + found.start..from + found.end;
        from = found.end;
        Some(found)
    })
}

#[cfg(test)]
mod tests {
    use posterframe_client::{LogLevel, LogLine, LogSource};

    use super::*;

    // Breaks if the case matters, or a character of two bytes shifts the match.
    #[test]
    fn text_is_found_in_any_case() {
        assert_eq!(find("MOOV at head", "moov"), Some(0..4));
        assert_eq!(find("die Übung", "übung"), Some(4..10));
        assert_eq!(find("äöü png", "png"), Some(7..10));
        assert_eq!(find("pn", "png"), None);
        assert_eq!(find_all("a.A.b.a", "a").collect::<Vec<_>>(), [0..1, 2..3, 6..7]);
    }

    // Breaks if the steps do not wrap around, or a new line resets the current hit.
    #[test]
    fn steps_go_around() {
        let line = |n: i64, message: &str| LogLine {
            unix_millis: n,
            source: LogSource::Worker,
            level: LogLevel::Info,
            message: message.into(),
        };
        let lines = vec![line(0, "put a"), line(1, "b"), line(2, "PUT c"), line(3, "put d")];
        let log = Log::from(lines.clone());
        let mut find = Find::default();
        assert!(find.update(&log, "put", Filter::default(), &mut { 1 << 20 }));
        assert!(find.begin(1));
        assert_eq!((find.current(), find.count()), (Some((2, 1)), 3));
        find.step(false);
        find.step(false);
        assert_eq!(find.current(), Some((0, 0)));
        find.step(true);
        assert_eq!(find.current(), Some((3, 2)));
        let mut more = lines;
        more.push(line(4, "put e"));
        find.update(&Log::from(more), "put", Filter::default(), &mut { 1 << 20 });
        assert_eq!((find.current(), find.count()), (Some((3, 2)), 4));
    }
}
