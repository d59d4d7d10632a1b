//! A job's log as a view reads it: a snapshot that costs nothing to take or to keep, whatever its length.
//!
//! Lines lie in chunks that snapshots share. A log grows at its end, so that a newer snapshot shares all but the last
//! chunk with an older one, and [`Log::common_prefix`] finds what is new without looking at what is not.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Who wrote a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogSource {
    /// The app itself: the upload and what it noticed.
    App,
    /// The function that runs the task.
    UploadTrigger,
    /// The task.
    Worker,
    /// The function that logs the thumbnail's URL.
    ThumbnailTrigger,
}

impl LogSource {
    /// All of them, in the order of their numbers in the database, which must never change.
    pub(crate) const ALL: [Self; 4] = [
        Self::App,
        Self::UploadTrigger,
        Self::Worker,
        Self::ThumbnailTrigger,
    ];

    /// Its name in the log's source column.
    pub const fn label(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::UploadTrigger => "upload-trigger",
            Self::Worker => "worker",
            Self::ThumbnailTrigger => "thumbnail-trigger",
        }
    }
}

/// How grave a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LogLevel {
    /// Details.
    Debug,
    /// The ordinary course of things.
    Info,
    /// Something to look at.
    Warn,
    /// Something failed.
    Error,
}

impl LogLevel {
    /// All of them, in the order of their numbers in the database, which must never change.
    pub(crate) const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// `DEBUG`, `INFO`, `WARN` or `ERROR`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// One line of a job's log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogLine {
    /// Milliseconds since the Unix epoch.
    pub unix_millis: i64,
    /// Who wrote it.
    pub source: LogSource,
    /// How grave it is.
    pub level: LogLevel,
    /// What it says, without level and job id.
    pub message: String,
}

/// Lines a chunk; what a late line may make of one is at most twice that.
const CHUNK: usize = 512;

/// The lines of a job's log in order of time, as they were when it was asked for.
#[derive(Clone, Debug, Default)]
pub struct Log {
    chunks: Arc<Vec<Chunk>>,
    loading: bool,
}

#[derive(Clone, Debug)]
struct Chunk {
    /// How many lines lie before it.
    start: usize,
    lines: Arc<Vec<LogLine>>,
}

impl Log {
    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.chunks
            .last()
            .map_or(0, |chunk| chunk.start + chunk.lines.len())
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Whether the lines of earlier runs of the app are still on their way from the disk.
    pub fn is_loading(&self) -> bool {
        self.loading
    }

    /// The line at `index`, counted from 0.
    pub fn get(&self, index: usize) -> Option<&LogLine> {
        let chunk = self.chunk_of(index)?;
        chunk.lines.get(index - chunk.start)
    }

    /// All lines, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &LogLine> + Clone {
        self.chunks.iter().flat_map(|chunk| chunk.lines.iter())
    }

    /// The lines of `range`, as far as there are any. Nothing outside of it is looked at.
    pub fn range(&self, range: Range<usize>) -> impl Iterator<Item = &LogLine> {
        range.map_while(|index| self.get(index))
    }

    /// How many lines from the start are the same as in `older`, an earlier snapshot of the same log.
    ///
    /// Costs as much as there are chunks, and for the first one that differs, as it has lines.
    pub fn common_prefix(&self, older: &Self) -> usize {
        if Arc::ptr_eq(&self.chunks, &older.chunks) {
            return self.len();
        }
        for (new, old) in self.chunks.iter().zip(older.chunks.iter()) {
            if !Arc::ptr_eq(&new.lines, &old.lines) {
                let same = new.lines.iter().zip(old.lines.iter());
                return new.start + same.take_while(|(new, old)| new == old).count();
            }
        }
        self.len().min(older.len())
    }

    /// The log with `lines` in it, each where its time puts it; of one time, the later comer stands later.
    pub(crate) fn with(&self, mut lines: Vec<LogLine>) -> Self {
        let mut log = Self {
            chunks: self.chunks.clone(),
            loading: self.loading,
        };
        lines.sort_by_key(|line| line.unix_millis);
        let chunks = Arc::make_mut(&mut log.chunks);
        // The first chunk that any of the lines falls into; mostly there is none, and they go to the end.
        let from = lines.first().map_or(chunks.len(), |first| {
            let later =
                |chunk: &Chunk| chunk.lines.last().map(|line| line.unix_millis) <= Some(first.unix_millis);
            let from = chunks.partition_point(later);
            // A last chunk with room takes them in.
            if from == chunks.len() && chunks.last().is_some_and(|chunk| chunk.lines.len() < CHUNK) {
                from - 1
            } else {
                from
            }
        });
        let mut start = chunks.get(from).map_or_else(|| self.len(), |chunk| chunk.start);
        let mut tail: Vec<LogLine> = Vec::new();
        for chunk in chunks.drain(from..) {
            tail.extend(Arc::unwrap_or_clone(chunk.lines));
        }
        tail.extend(lines);
        // Stable: what was there before stays before.
        tail.sort_by_key(|line| line.unix_millis);
        let mut rest = tail.into_iter().peekable();
        while rest.peek().is_some() {
            let lines: Vec<LogLine> = rest.by_ref().take(CHUNK).collect();
            let count = lines.len();
            chunks.push(Chunk {
                start,
                lines: Arc::new(lines),
            });
            start += count;
        }
        log
    }

    /// The log while its earlier lines are on their way.
    pub(crate) fn loading(self, loading: bool) -> Self {
        Self { loading, ..self }
    }

    fn chunk_of(&self, index: usize) -> Option<&Chunk> {
        let after = self.chunks.partition_point(|chunk| chunk.start <= index);
        self.chunks.get(after.checked_sub(1)?)
    }
}

impl From<Vec<LogLine>> for Log {
    fn from(lines: Vec<LogLine>) -> Self {
        Self::default().with(lines)
    }
}

/// The same lines, however they are cut.
impl PartialEq for Log {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.common_prefix(other) == self.len()
            || self.len() == other.len() && self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(unix_millis: i64, message: impl Into<String>) -> LogLine {
        LogLine {
            unix_millis,
            source: LogSource::Worker,
            level: LogLevel::Info,
            message: message.into(),
        }
    }

    fn messages(log: &Log) -> Vec<&str> {
        log.iter().map(|line| line.message.as_str()).collect()
    }

    // Breaks if a late line lands out of place, or lines of one millisecond change places.
    #[test]
    fn lines_stand_in_order_of_time() {
        let log = Log::from(vec![line(1, "a"), line(5, "d"), line(5, "e")]);
        let log = log.with(vec![line(9, "g"), line(5, "f"), line(2, "b"), line(2, "c")]);
        assert_eq!(messages(&log), ["a", "b", "c", "d", "e", "f", "g"]);
        assert_eq!(log.get(4).map(|line| line.message.as_str()), Some("e"));
        assert_eq!((log.len(), log.get(7)), (7, None));
    }

    // Breaks if a long log is copied to add a line to it, or an index is lost between two chunks.
    #[test]
    fn growing_shares_what_was_there() {
        let mut log = Log::default();
        for n in 0..10_000_i64 {
            let older = log.clone();
            log = log.with(vec![line(n, n.to_string())]);
            assert_eq!(log.common_prefix(&older), older.len());
        }
        let older = log.clone();
        let log = log.with((10_000..13_000).map(|n| line(n, n.to_string())).collect());
        let shared = |log: &Log| {
            log.chunks
                .iter()
                .map(|chunk| Arc::as_ptr(&chunk.lines))
                .collect::<Vec<_>>()
        };
        assert_eq!(shared(&log)[..19], shared(&older)[..19]);
        for n in [0, 511, 512, 9_999, 10_000, 12_999] {
            assert_eq!(log.get(n).map(|line| line.unix_millis), Some(n as i64));
        }
        assert_eq!(log.range(12_990..20_000).count(), 10);
        assert_eq!(
            log,
            Log::from((0..13_000).map(|n| line(n, n.to_string())).collect::<Vec<_>>())
        );
    }

    // Breaks if a view keeps what a late line has moved.
    #[test]
    fn a_late_line_ends_the_common_part() {
        let older = Log::from((0..2_000).map(|n| line(n * 2, "x")).collect::<Vec<_>>());
        let log = older.with(vec![line(1_201, "late")]);
        assert_eq!(log.common_prefix(&older), 601);
        assert_eq!(log.get(601).map(|line| line.message.as_str()), Some("late"));
    }
}
