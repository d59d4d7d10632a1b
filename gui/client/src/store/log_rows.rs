//! Logs on disk: a row a line, so that a line is written once, a long log costs no more than what is new in it, and
//! another process can follow it.
//!
//! Every line of CloudWatch's has an event id there. It is kept, and no line of a job is taken twice:
//! what is read again after a crash, a restart or an overlap changes nothing.

use posterframe_contract::JobId;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::Store;
use crate::model::{LogLevel, LogLine, LogSource};

/// A line and what tells it from all others of its source.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// CloudWatch's event id; `None` for the app's own lines, which are written only once anyway.
    pub(crate) event: Option<String>,
    pub(crate) line: LogLine,
}

/// Up to where a log group has been read, in milliseconds since the epoch.
pub(crate) struct LogCheckpoint<'a> {
    pub(crate) name: &'a str,
    pub(crate) unix_millis: i64,
}

impl Store {
    /// Adds lines, and notes how far their log group has been read: both, or neither. The lines that are new come
    /// back.
    pub(crate) fn append(
        &mut self,
        logs: Vec<(JobId, Vec<Entry>)>,
        checkpoint: Option<&LogCheckpoint<'_>>,
    ) -> rusqlite::Result<Vec<(JobId, Vec<LogLine>)>> {
        let transaction = self.connection.transaction()?;
        let mut new = Vec::new();
        for (job, entries) in logs {
            let lines = insert(&transaction, job, entries)?;
            if !lines.is_empty() {
                new.push((job, lines));
            }
        }
        if let Some(checkpoint) = checkpoint {
            transaction.execute(
                "INSERT OR REPLACE INTO log_checkpoints (name, unix_millis) VALUES (?1, ?2)",
                params![checkpoint.name, checkpoint.unix_millis],
            )?;
        }
        transaction.commit()?;
        Ok(new)
    }

    /// Up to where the log group `name` has been read.
    pub(crate) fn checkpoint(&self, name: &str) -> rusqlite::Result<Option<i64>> {
        self.connection
            .query_row(
                "SELECT unix_millis FROM log_checkpoints WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .optional()
    }

    /// A job's lines in order of time, and the mark by which [`Self::log_after`] finds what was written after them.
    pub(crate) fn log_and_mark(&self, job: JobId) -> rusqlite::Result<(Vec<LogLine>, i64)> {
        // Both of one moment, whoever writes meanwhile.
        let transaction = self.connection.unchecked_transaction()?;
        let sql = "SELECT coalesce(max(seq), 0) FROM log_lines";
        let mark = transaction.query_row(sql, [], |row| row.get(0))?;
        Ok((self.log(job)?, mark))
    }

    /// A job's lines in order of time.
    pub(crate) fn log(&self, job: JobId) -> rusqlite::Result<Vec<LogLine>> {
        self.connection
            .prepare_cached(
                "SELECT time, source, level, message FROM log_lines
                 WHERE job = (SELECT n FROM log_jobs WHERE job = ?1) ORDER BY time, seq",
            )?
            .query_map([job.to_string()], as_line)?
            .collect()
    }

    /// A job's lines that were written after the row `seq`, in that order, and the last one's number.
    pub(crate) fn log_after(&self, job: JobId, seq: i64) -> rusqlite::Result<(Vec<LogLine>, i64)> {
        let mut last = seq;
        let lines = self
            .connection
            .prepare_cached(
                "SELECT time, source, level, message, seq FROM log_lines
                 WHERE job = (SELECT n FROM log_jobs WHERE job = ?1) AND seq > ?2 ORDER BY seq",
            )?
            .query_map(params![job.to_string(), seq], |row| {
                last = row.get(4)?;
                as_line(row)
            })?
            .collect::<Result<_, _>>()?;
        Ok((lines, last))
    }

    /// The last line of a source that is at least so grave.
    pub(crate) fn last_line(
        &self,
        job: JobId,
        source: LogSource,
        least: LogLevel,
    ) -> rusqlite::Result<Option<LogLine>> {
        self.connection
            .prepare_cached(
                "SELECT time, source, level, message FROM log_lines
                 WHERE job = (SELECT n FROM log_jobs WHERE job = ?1) AND source = ?2 AND level >= ?3
                 ORDER BY time DESC, seq DESC LIMIT 1",
            )?
            .query_row(params![job.to_string(), source as i64, least as i64], as_line)
            .optional()
    }

    pub(super) fn delete_log(&self, job: JobId) -> rusqlite::Result<()> {
        let id = job.to_string();
        self.connection.execute(
            "DELETE FROM log_lines WHERE job = (SELECT n FROM log_jobs WHERE job = ?1)",
            [&id],
        )?;
        self.connection
            .execute("DELETE FROM log_jobs WHERE job = ?1", [&id])?;
        Ok(())
    }
}

fn insert(connection: &Connection, job: JobId, entries: Vec<Entry>) -> rusqlite::Result<Vec<LogLine>> {
    let id = job.to_string();
    connection
        .prepare_cached("INSERT OR IGNORE INTO log_jobs (job) VALUES (?1)")?
        .execute([&id])?;
    let n: i64 = connection
        .prepare_cached("SELECT n FROM log_jobs WHERE job = ?1")?
        .query_row([&id], |row| row.get(0))?;
    let mut statement = connection.prepare_cached(
        "INSERT OR IGNORE INTO log_lines (job, time, source, level, message, event) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut new = Vec::new();
    for Entry { event, line } in entries {
        let inserted = statement.execute(params![
            n,
            line.unix_millis,
            line.source as i64,
            line.level as i64,
            line.message,
            event,
        ])?;
        if inserted > 0 {
            new.push(line);
        }
    }
    Ok(new)
}

fn as_line(row: &Row<'_>) -> rusqlite::Result<LogLine> {
    let (source, level): (u16, u16) = (row.get(1)?, row.get(2)?);
    Ok(LogLine {
        unix_millis: row.get(0)?,
        source: LogSource::ALL
            .get(usize::from(source))
            .copied()
            .unwrap_or(LogSource::App),
        level: LogLevel::ALL
            .get(usize::from(level))
            .copied()
            .unwrap_or(LogLevel::Info),
        message: row.get(3)?,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn entry(unix_millis: i64, event: Option<&str>, message: &str) -> Entry {
        Entry {
            event: event.map(str::to_owned),
            line: LogLine {
                unix_millis,
                source: LogSource::Worker,
                level: LogLevel::Error,
                message: message.into(),
            },
        }
    }

    fn store(folder: &Path) -> Store {
        Store::open(&folder.join("history.db")).unwrap()
    }

    // Breaks if a line that is read again after a restart appears twice, or two equal lines become one.
    #[test]
    fn no_line_twice_and_none_lost() {
        let folder = tempfile::tempdir().unwrap();
        let job = JobId::new();
        let other = JobId::new();
        let read = vec![
            entry(2, Some("e2"), "same"),
            entry(2, Some("e3"), "same"),
            entry(1, Some("e1"), "first"),
        ];
        let checkpoint = LogCheckpoint {
            name: "group",
            unix_millis: 2,
        };
        let new = store(folder.path())
            .append(vec![(job, read.clone())], Some(&checkpoint))
            .unwrap();
        assert_eq!(new[0].1.len(), 3);
        let mut store = store(folder.path());
        let again = [
            read,
            vec![
                entry(3, Some("e4"), "new"),
                entry(4, None, "own"),
                entry(4, None, "own"),
            ],
        ]
        .concat();
        let new = store
            .append(
                vec![(job, again), (other, vec![entry(9, Some("e1"), "other")])],
                None,
            )
            .unwrap();
        assert_eq!(new[0].1.len(), 3);
        let log = store.log(job).unwrap();
        let messages: Vec<_> = log.iter().map(|line| line.message.as_str()).collect();
        assert_eq!(messages, ["first", "same", "same", "new", "own", "own"]);
        assert_eq!(store.checkpoint("group").unwrap(), Some(2));
        let (after, seq) = store.log_after(job, 3).unwrap();
        assert_eq!((after.len(), store.log_after(job, seq).unwrap().0.len()), (3, 0));
        store.delete_log(job).unwrap();
        assert_eq!(
            (store.log(job).unwrap().len(), store.log(other).unwrap().len()),
            (0, 1)
        );
    }

    // Breaks if a long log loses a line, its order, or what tells the new from the known; says what it costs.
    #[test]
    fn a_hundred_thousand_lines() {
        const LINES: usize = 100_000;
        /// As many as CloudWatch gives at a time.
        const PAGE: usize = 10_000;
        let folder = tempfile::tempdir().unwrap();
        let job = JobId::new();
        let lines: Vec<Entry> = (0..LINES)
            .map(|n| {
                let text = format!("frame {n}: decoded in {} ms, 2 packets read", n % 40);
                entry(n as i64, Some(&format!("{n:056}")), &text)
            })
            .collect();
        let began = std::time::Instant::now();
        let mut written = store(folder.path());
        for page in lines.chunks(PAGE) {
            let new = written.append(vec![(job, page.to_vec())], None).unwrap();
            assert_eq!(new[0].1.len(), page.len());
        }
        let write = began.elapsed();
        // Read again, as after a restart: nothing of it is new.
        let again = written.append(vec![(job, lines[LINES - PAGE..].to_vec())], None);
        assert!(again.unwrap().is_empty());
        drop(written);
        let began = std::time::Instant::now();
        let log = store(folder.path()).log(job).unwrap();
        let read = began.elapsed();
        assert_eq!(log.len(), LINES);
        assert!(
            log.iter()
                .zip(&lines)
                .all(|(read, written)| *read == written.line)
        );
        let bytes = std::fs::metadata(folder.path().join("history.db")).unwrap().len();
        println!("{LINES} lines: written in {write:.1?}, read in {read:.1?}, {bytes} bytes");
    }

    // Breaks if the codes of the columns change their meaning: the logs on disk would.
    #[test]
    fn codes_stay() {
        for (code, source) in LogSource::ALL.into_iter().enumerate() {
            assert_eq!(source as usize, code);
        }
        for (code, level) in LogLevel::ALL.into_iter().enumerate() {
            assert_eq!(level as usize, code);
        }
    }
}
