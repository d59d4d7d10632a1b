//! What must survive the app: jobs, their logs, and the journal of uploads. One SQLite file.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::migrate;
use crate::error::ClientError;

/// The database of one data folder.
pub(crate) struct Store {
    pub(super) connection: Connection,
}

/// How long one process waits for another's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The version of what the columns hold. 1 had one frame a job.
const VERSION: i64 = 2;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS unreadable_jobs (id TEXT PRIMARY KEY, body TEXT, reason TEXT) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS tasks (arn TEXT PRIMARY KEY, job TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS multipart (job TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS sent (
        id INTEGER PRIMARY KEY, bucket_id TEXT NOT NULL, key TEXT NOT NULL, bytes INTEGER NOT NULL,
        body TEXT NOT NULL, UNIQUE (bucket_id, key)
    );
    CREATE INDEX IF NOT EXISTS sent_bytes ON sent (bucket_id, bytes);
    CREATE TABLE IF NOT EXISTS log_jobs (n INTEGER PRIMARY KEY, job TEXT NOT NULL UNIQUE);
    CREATE TABLE IF NOT EXISTS log_lines (
        seq INTEGER PRIMARY KEY, job INTEGER NOT NULL, time INTEGER NOT NULL, source INTEGER NOT NULL,
        level INTEGER NOT NULL, message TEXT NOT NULL, event TEXT
    );
    CREATE INDEX IF NOT EXISTS log_lines_by_time ON log_lines (job, time, seq);
    CREATE UNIQUE INDEX IF NOT EXISTS log_lines_once ON log_lines (job, source, event) WHERE event IS NOT NULL;
    CREATE TABLE IF NOT EXISTS watched (
        backend TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL, modified INTEGER NOT NULL, file_id INTEGER NOT NULL,
        content TEXT, job TEXT, refusal TEXT, delivered INTEGER NOT NULL, PRIMARY KEY (backend, path)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS watched_by_number ON watched (file_id);
    CREATE INDEX IF NOT EXISTS watched_by_job ON watched (job);
    CREATE TABLE IF NOT EXISTS log_checkpoints (name TEXT PRIMARY KEY, unix_millis INTEGER NOT NULL) WITHOUT ROWID;
";

impl Store {
    /// Opens or makes the database.
    pub(crate) fn open(file: &Path) -> Result<Self, ClientError> {
        let connection = Connection::open(file).map_err(|error| ClientError::folder(file, error))?;
        Self::set_up(connection).map_err(|error| ClientError::folder(file, error))
    }

    fn set_up(connection: Connection) -> Result<Self, rusqlite::Error> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        // A signed address that is taken out of a job is gone from the file too.
        connection.pragma_update(None, "secure_delete", "ON")?;
        // The app and a command that only looks may both be here.
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.execute_batch(SCHEMA)?;
        let version = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        if connection.query_row("PRAGMA user_version", [], version)? == 1 {
            migrate::from_version_1(&connection)?;
        }
        connection.pragma_update(None, "user_version", VERSION)?;
        Ok(Self { connection })
    }
}

/// A value as it is stored.
pub(super) fn text(value: &impl Serialize) -> Result<String, rusqlite::Error> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// A stored value, whatever the column holds; or why it is none.
pub(super) fn read<T: DeserializeOwned>(column: ValueRef<'_>) -> Result<T, String> {
    let text = column.as_bytes().map_err(|error| error.to_string())?;
    serde_json::from_slice(text).map_err(|error| error.to_string())
}
