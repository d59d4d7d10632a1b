//! What must survive the app: jobs, their logs, and the journal of uploads. One SQLite file.

use std::path::Path;
use std::time::Duration;

use posterframe_contract::JobId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{ClientError, Job, journal};

mod log;

pub(crate) use log::{Entry, Place};

/// The database of one data folder.
pub(crate) struct Store {
    pub(crate) connection: Connection,
}

/// How long one process waits for another's write.
const BUSY: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS tasks (arn TEXT PRIMARY KEY, job TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
    PRAGMA user_version = 1;
";

impl Store {
    /// Opens or makes the database.
    pub(crate) fn open(file: &Path) -> Result<Self, ClientError> {
        let connection = Connection::open(file).map_err(|error| ClientError::folder(file, error))?;
        Self::set_up(connection).map_err(|error| ClientError::folder(file, error))
    }

    fn set_up(mut connection: Connection) -> Result<Self, rusqlite::Error> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        // The app and a command that only looks may both be here.
        connection.busy_timeout(BUSY)?;
        connection.execute_batch(SCHEMA)?;
        connection.execute_batch(journal::SCHEMA)?;
        connection.execute_batch(log::SCHEMA)?;
        log::migrate(&mut connection)?;
        Ok(Self { connection })
    }

    /// Every job, the oldest first. One that a later version wrote and this one cannot read is left alone.
    pub(crate) fn jobs(&self) -> Result<Vec<Job>, rusqlite::Error> {
        let mut statement = self.connection.prepare("SELECT body FROM jobs ORDER BY id")?;
        let bodies = statement.query_map([], |row| row.get::<_, String>(0))?;
        bodies
            .filter_map(|body| match body {
                Ok(body) => serde_json::from_str(&body)
                    .inspect_err(|error| tracing::warn!("a job in the history is unreadable: {error}"))
                    .ok()
                    .map(Ok),
                Err(error) => Some(Err(error)),
            })
            .collect()
    }

    pub(crate) fn job(&self, id: JobId) -> Result<Option<Job>, rusqlite::Error> {
        let body: Option<String> = self
            .connection
            .query_row("SELECT body FROM jobs WHERE id = ?1", [id.to_string()], |row| {
                row.get(0)
            })
            .optional()?;
        Ok(body.and_then(|body| serde_json::from_str(&body).ok()))
    }

    pub(crate) fn put_job(&self, job: &Job) -> Result<(), rusqlite::Error> {
        let body = serde_json::to_string(job).unwrap_or_default();
        self.connection.execute(
            "INSERT INTO jobs (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = ?2",
            params![job.id.to_string(), body],
        )?;
        Ok(())
    }

    pub(crate) fn delete_job(&self, id: JobId) -> Result<(), rusqlite::Error> {
        self.delete_log(id)?;
        let id = id.to_string();
        for table in ["jobs", "tasks"] {
            let column = if table == "jobs" { "id" } else { "job" };
            self.connection
                .execute(&format!("DELETE FROM {table} WHERE {column} = ?1"), [&id])?;
        }
        Ok(())
    }

    /// What ECS said of a task, verbatim: it forgets after an hour.
    pub(crate) fn task(&self, arn: &str) -> Result<Option<String>, rusqlite::Error> {
        self.connection
            .query_row("SELECT body FROM tasks WHERE arn = ?1", [arn], |row| row.get(0))
            .optional()
    }

    pub(crate) fn put_task(&self, arn: &str, job: JobId, body: &str) -> Result<(), rusqlite::Error> {
        self.connection.execute(
            "INSERT OR REPLACE INTO tasks (arn, job, body) VALUES (?1, ?2, ?3)",
            params![arn, job.to_string(), body],
        )?;
        Ok(())
    }
}
