//! The database: one file, one writer at a time, short transactions on blocking threads.
//!
//! Write-ahead logging with `synchronous = NORMAL`: what was committed survives the end of this process,
//! whichever way it ends, and a commit costs no `fsync`.

use std::path::Path;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, TransactionBehavior};

use crate::Error;
use crate::data_dir::DataDir;

/// Raised with each change to `schema.sql` that older databases need a step for.
const SCHEMA_VERSION: i64 = 1;

/// A handle to the database; clones share it.
#[derive(Clone)]
pub(crate) struct Db {
    writer: Arc<Mutex<Connection>>,
    /// A second connection, so that a long listing does not block writes.
    reader: Arc<Mutex<Connection>>,
    /// The folder stays locked for as long as anything can write to it, even after a backend was dropped.
    _folder: Option<Arc<DataDir>>,
}

impl Db {
    /// Opens the database, and makes it if it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Database {
            path: path.to_owned(),
            source,
        };
        let writer = connect(path, OpenFlags::default()).map_err(failed)?;
        migrate(&writer).map_err(failed)?;
        let reader = connect(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(failed)?;
        Ok(Self {
            writer: Arc::new(Mutex::new(writer)),
            reader: Arc::new(Mutex::new(reader)),
            _folder: None,
        })
    }

    /// Keeps the folder locked for as long as there is a clone of this.
    pub(crate) fn keeping(self, folder: Arc<DataDir>) -> Self {
        Self {
            _folder: Some(folder),
            ..self
        }
    }

    /// Runs `work` in a transaction, which is committed if it gives `Ok` and undone if not.
    pub(crate) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<rusqlite::Error> + Send + 'static,
    {
        self.write_then(work, |_| ()).await
    }

    /// Like [`Db::write`]; `then` runs after the commit and before any other transaction begins.
    pub(crate) async fn write_then<T, E>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
        then: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<rusqlite::Error> + Send + 'static,
    {
        let writer = Arc::clone(&self.writer);
        blocking(move || write_now(&mut lock(&writer), work, then)).await
    }

    /// The same on the calling thread, for the start, when nothing else waits.
    pub(crate) fn write_blocking<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        write_now(&mut lock(&self.writer), work, |_| ())
    }

    /// Runs `work` on a consistent view of what was committed.
    pub(crate) async fn read<T, E>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<rusqlite::Error> + Send + 'static,
    {
        let reader = Arc::clone(&self.reader);
        blocking(move || {
            let mut connection = lock(&reader);
            let transaction = connection.transaction()?;
            work(&transaction)
        })
        .await
    }
}

fn write_now<T, E: From<rusqlite::Error>>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    then: impl FnOnce(&T),
) -> Result<T, E> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&transaction)?;
    transaction.commit()?;
    then(&done);
    Ok(done)
}

/// A panic under the lock undid its transaction; the connection is as good as before.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock()
}

/// Runs `work` on a blocking thread. A panic in it is raised again in the caller.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime is shutting down, and the caller with it.
        Err(_) => std::future::pending().await,
    }
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(128);
    if !flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        // Without a limit the log file keeps the largest size that it ever had.
        connection.pragma_update(None, "journal_size_limit", 16 << 20)?;
    }
    Ok(connection)
}

fn migrate(connection: &Connection) -> rusqlite::Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > SCHEMA_VERSION {
        return Err(rusqlite::Error::ToSqlConversionFailure(
            "it was written by a newer Posterframe; update this one".into(),
        ));
    }
    connection.execute_batch(include_str!("schema.sql"))?;
    connection.pragma_update(None, "user_version", SCHEMA_VERSION)
}

/// Reads a JSON column.
pub(crate) fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, error.into())
    })
}

/// A named number that outlives the process.
pub(crate) fn counter(tx: &Transaction<'_>, name: &str) -> rusqlite::Result<Option<i64>> {
    tx.prepare_cached("SELECT value FROM counters WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// Sets a named number.
pub(crate) fn set_counter(tx: &Transaction<'_>, name: &str, value: i64) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO counters (name, value) VALUES (?1, ?2)")?
        .execute(rusqlite::params![name, value])?;
    Ok(())
}

#[cfg(test)]
pub(crate) fn temporary() -> (tempfile::TempDir, Db) {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&dir.path().join("state.db")).unwrap();
    (dir, db)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a failed transaction leaves something behind, or the reader does not see a commit.
    #[tokio::test]
    async fn failures_are_undone() {
        let (_dir, db) = temporary();
        let failed = db
            .write(|tx| {
                set_counter(tx, "n", 1)?;
                Err::<(), _>(rusqlite::Error::QueryReturnedNoRows)
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(db.read(|tx| counter(tx, "n")).await.unwrap(), None);
        db.write(|tx| set_counter(tx, "n", 2)).await.unwrap();
        assert_eq!(db.read(|tx| counter(tx, "n")).await.unwrap(), Some(2));
    }

    // Breaks if an older program would misread a newer one's data.
    #[test]
    fn a_newer_database_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        drop(Db::open(&path).unwrap());
        Connection::open(&path)
            .unwrap()
            .pragma_update(None, "user_version", SCHEMA_VERSION + 1)
            .unwrap();
        let error = Db::open(&path).err().unwrap().to_string();
        assert!(error.contains("newer Posterframe"), "{error}");
    }
}
