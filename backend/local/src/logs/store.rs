//! Log events in the database: appended in order, read by position, and removed when there are too many.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::clock::now_ms;
use crate::db::{counter, set_counter};

/// How much text is kept; the oldest goes first.
const MAX_BYTES: i64 = 256 << 20;
/// AWS counts this for each event besides its text, and so do we: empty lines cost too.
const EVENT_OVERHEAD: i64 = 26;
const TOTAL: &str = "log_bytes";

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// Rises with each event, within a stream in the order of time.
    pub(super) id: i64,
    pub(super) stream: String,
    pub(super) time: i64,
    pub(super) ingested: i64,
    pub(super) message: String,
}

/// One stream.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) created: i64,
    pub(super) first: Option<i64>,
    pub(super) last: Option<i64>,
    pub(super) ingested: Option<i64>,
}

/// Makes groups that are not there yet.
pub(crate) fn create_groups(tx: &Transaction<'_>, names: &[String]) -> rusqlite::Result<()> {
    for name in names {
        tx.execute(
            "INSERT OR IGNORE INTO log_groups (name, created) VALUES (?1, ?2)",
            params![name, now_ms()],
        )?;
    }
    Ok(())
}

pub(super) fn group_id(tx: &Transaction<'_>, name: &str) -> rusqlite::Result<Option<i64>> {
    tx.prepare_cached("SELECT id FROM log_groups WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

pub(super) fn stream(tx: &Transaction<'_>, group: i64, name: &str) -> rusqlite::Result<Option<Stream>> {
    tx.prepare_cached(
        "SELECT id, name, created, first, last, ingested FROM log_streams WHERE log_group = ?1 AND name = ?2",
    )?
    .query_row(params![group, name], as_stream)
    .optional()
}

pub(super) fn as_stream(row: &Row<'_>) -> rusqlite::Result<Stream> {
    Ok(Stream {
        id: row.get(0)?,
        name: row.get(1)?,
        created: row.get(2)?,
        first: row.get(3)?,
        last: row.get(4)?,
        ingested: row.get(5)?,
    })
}

pub(super) fn as_event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: row.get(0)?,
        stream: row.get(1)?,
        time: row.get(2)?,
        ingested: row.get(3)?,
        message: row.get(4)?,
    })
}

/// Appends lines to a stream, which is made if need be.
pub(super) fn append(
    tx: &Transaction<'_>,
    group: &str,
    stream_name: &str,
    now: i64,
    lines: &[String],
) -> rusqlite::Result<()> {
    let Some(group) = group_id(tx, group)? else {
        return Err(rusqlite::Error::QueryReturnedNoRows);
    };
    tx.prepare_cached("INSERT OR IGNORE INTO log_streams (log_group, name, created) VALUES (?1, ?2, ?3)")?
        .execute(params![group, stream_name, now])?;
    let stream = stream(tx, group, stream_name)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    // Readers go by position and by time: within a stream both must agree, even if the clock is set back.
    let time = now.max(stream.last.unwrap_or(now));
    let mut insert = tx.prepare_cached(
        "INSERT INTO log_events (log_group, stream, time, ingested, message) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut bytes = 0;
    for line in lines {
        insert.execute(params![group, stream.id, time, now, line])?;
        bytes += line.len() as i64 + EVENT_OVERHEAD;
    }
    tx.prepare_cached(
        "UPDATE log_streams SET first = coalesce(first, ?2), last = ?2, ingested = ?3, bytes = bytes + ?4
         WHERE id = ?1",
    )?
    .execute(params![stream.id, time, now, bytes])?;
    let total = counter(tx, TOTAL)?.unwrap_or(0) + bytes;
    set_counter(tx, TOTAL, total)?;
    if total > MAX_BYTES {
        prune(tx, MAX_BYTES / 8 * 7)
    } else {
        Ok(())
    }
}

/// Removes the oldest events until `keep` bytes are left, and the streams that have none any more.
fn prune(tx: &Transaction<'_>, keep: i64) -> rusqlite::Result<()> {
    let mut total = counter(tx, TOTAL)?.unwrap_or(0);
    let mut statement = tx.prepare("SELECT id, length(CAST(message AS BLOB)) FROM log_events ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut last = 0;
    while total > keep {
        let Some(row) = rows.next()? else { break };
        last = row.get(0)?;
        total -= row.get::<_, i64>(1)? + EVENT_OVERHEAD;
    }
    drop(rows);
    tx.execute("DELETE FROM log_events WHERE id <= ?1", [last])?;
    tx.execute(
        "DELETE FROM log_streams WHERE NOT EXISTS (SELECT 1 FROM log_events WHERE stream = log_streams.id)",
        [],
    )?;
    set_counter(tx, TOTAL, total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::temporary;

    // Breaks if a clock that is set back puts a line before earlier ones.
    #[tokio::test]
    async fn time_never_goes_back() {
        let (_dir, db) = temporary();
        let times: Vec<i64> = db
            .write::<_, rusqlite::Error>(|tx| {
                create_groups(tx, &["g".to_owned()])?;
                append(tx, "g", "s", 1000, &["a".to_owned()])?;
                append(tx, "g", "s", 900, &["b".to_owned()])?;
                tx.prepare("SELECT time FROM log_events ORDER BY id")?
                    .query_map([], |row| row.get(0))?
                    .collect()
            })
            .await
            .unwrap();
        assert_eq!(times, [1000, 1000]);
    }

    // Breaks if logs fill the disk, or the newest lines go first.
    #[tokio::test]
    async fn the_oldest_go_first() {
        let (_dir, db) = temporary();
        let left: Vec<String> = db
            .write::<_, rusqlite::Error>(|tx| {
                create_groups(tx, &["g".to_owned()])?;
                append(tx, "g", "old", 1, &["a".repeat(74)])?;
                append(tx, "g", "new", 2, &["b".repeat(74), "c".repeat(74)])?;
                prune(tx, 200)?;
                assert_eq!(counter(tx, TOTAL)?, Some(200));
                tx.prepare("SELECT name FROM log_streams")?
                    .query_map([], |row| row.get(0))?
                    .collect()
            })
            .await
            .unwrap();
        assert_eq!(left, ["new"]);
    }
}
