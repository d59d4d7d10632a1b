//! Which files of watched folders were submitted, in the history's database: a file's row and its job's are written in one
//! transaction, so that a kill between them can neither lose a file nor submit it twice.

use std::path::PathBuf;

use posterframe_contract::JobId;
use rusqlite::{OptionalExtension, Row, params};

use super::database::Store;
use crate::fs::path_text::{percent_decoded, percent_encoded};

/// A file as it was when it was submitted, or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedFile {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its modification time, nanoseconds since the Unix epoch.
    pub modified_unix_nanos: i128,
    /// Its number in its file system (inode); 0 where there is none.
    pub file_id: u64,
    /// Hex SHA-256 of its size and of samples of its content, as in [`crate::VideoFile::content`].
    pub content: Option<String>,
}

/// What came of a watched file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchedOutcome {
    /// It was submitted as this job.
    Job(JobId),
    /// It cannot be submitted, for this reason.
    Refused(String),
}

/// A path as a key: exact, and text on every system.
fn key(file: &WatchedFile) -> String {
    percent_encoded(&file.path)
}

/// SQLite's integers have 64 bits: enough until the year 2262.
fn nanos(file: &WatchedFile) -> i64 {
    i64::try_from(file.modified_unix_nanos).unwrap_or(i64::MAX)
}

fn row(row: &Row<'_>) -> rusqlite::Result<(WatchedFile, WatchedOutcome)> {
    let file = WatchedFile {
        path: percent_decoded(&row.get::<_, String>(0)?),
        bytes: row.get::<_, i64>(1)?.cast_unsigned(),
        modified_unix_nanos: row.get::<_, i64>(2)?.into(),
        file_id: row.get::<_, i64>(3)?.cast_unsigned(),
        content: row.get(4)?,
    };
    let job = row.get::<_, Option<String>>(5)?.and_then(|id| id.parse().ok());
    let outcome = match job {
        Some(job) => WatchedOutcome::Job(job),
        None => WatchedOutcome::Refused(row.get::<_, Option<String>>(6)?.unwrap_or_default()),
    };
    Ok((file, outcome))
}

const COLUMNS: &str = "path, bytes, modified, file_id, content, job, refusal";

impl Store {
    /// What is known of the file at this path.
    pub(crate) fn watched(
        &self,
        backend: &str,
        file: &WatchedFile,
    ) -> rusqlite::Result<Option<(WatchedFile, WatchedOutcome)>> {
        let sql = format!("SELECT {COLUMNS} FROM watched WHERE backend = ?1 AND path = ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.query_row(params![backend, key(file)], row).optional()
    }

    /// The files with the same number, size and time, wherever they were: one that was moved is among them.
    pub(crate) fn watched_elsewhere(
        &self,
        backend: &str,
        file: &WatchedFile,
    ) -> rusqlite::Result<Vec<(WatchedFile, WatchedOutcome)>> {
        if file.file_id == 0 {
            // A copy may have the same size and time.
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM watched WHERE backend = ?1 AND file_id = ?2 AND bytes = ?3 AND modified = ?4"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let wanted = params![
            backend,
            file.file_id.cast_signed(),
            file.bytes.cast_signed(),
            nanos(file)
        ];
        statement.query_map(wanted, row)?.collect()
    }

    /// Notes what came of a file. What was known of an earlier one at its path is replaced.
    pub(crate) fn put_watched(
        &self,
        backend: &str,
        file: &WatchedFile,
        outcome: &WatchedOutcome,
        delivered: bool,
    ) -> rusqlite::Result<()> {
        let (job, refusal) = match outcome {
            WatchedOutcome::Job(job) => (Some(job.to_string()), None),
            WatchedOutcome::Refused(reason) => (None, Some(reason)),
        };
        let sql = format!(
            "INSERT OR REPLACE INTO watched (backend, {COLUMNS}, delivered) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.execute(params![
            backend,
            key(file),
            file.bytes.cast_signed(),
            nanos(file),
            file.file_id.cast_signed(),
            file.content,
            job,
            refusal,
            delivered
        ])?;
        Ok(())
    }

    /// The jobs of watched files whose results were not handed over yet, oldest first.
    pub(crate) fn undelivered(&self, backend: &str) -> rusqlite::Result<Vec<(WatchedFile, WatchedOutcome)>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM watched WHERE backend = ?1 AND job IS NOT NULL AND NOT delivered ORDER BY job"
        );
        let mut statement = self.connection.prepare(&sql)?;
        statement.query_map([backend], row)?.collect()
    }

    pub(crate) fn set_delivered(&self, job: JobId) -> rusqlite::Result<()> {
        let sql = "UPDATE watched SET delivered = 1 WHERE job = ?1";
        self.connection.prepare_cached(sql)?.execute([job.to_string()])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, file_id: u64) -> WatchedFile {
        WatchedFile {
            path: name.into(),
            bytes: u64::MAX,
            modified_unix_nanos: 1_700_000_000_123_456_789,
            file_id,
            content: Some("ab".into()),
        }
    }

    // Breaks if a file is known under another name's bytes, of another backend, or comes back other than it was.
    #[test]
    fn files_are_kept_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("history.db")).unwrap();
        let (one, other) = (file("/a/%41 b.mp4", u64::MAX), file("/a/A b.mp4", 2));
        let job = JobId::new();
        let (submitted, refused) = (
            WatchedOutcome::Job(job),
            WatchedOutcome::Refused("no video".into()),
        );
        store.put_watched("x", &one, &submitted, false).unwrap();
        store.put_watched("x", &other, &refused, true).unwrap();
        assert_eq!(
            store.watched("x", &one).unwrap(),
            Some((one.clone(), submitted.clone()))
        );
        assert_eq!(
            store.watched("x", &other).unwrap(),
            Some((other.clone(), refused))
        );
        assert_eq!(store.watched("y", &one).unwrap(), None);
        let moved = WatchedFile {
            path: "/b.mp4".into(),
            ..one.clone()
        };
        assert_eq!(
            store.watched_elsewhere("x", &moved).unwrap(),
            [(one.clone(), submitted.clone())]
        );
        assert_eq!(store.undelivered("x").unwrap(), [(one.clone(), submitted)]);
        store.set_delivered(job).unwrap();
        assert_eq!(store.undelivered("x").unwrap(), []);
        store
            .put_watched("x", &one, &WatchedOutcome::Refused(String::new()), true)
            .unwrap();
        assert!(store.watched_elsewhere("x", &moved).unwrap()[0].1 != WatchedOutcome::Job(job));
    }
}
