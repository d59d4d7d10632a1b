//! Tasks and client tokens in the database.

use posterframe_contract::names;
use rusqlite::{OptionalExtension, Transaction, params};

use crate::clock::now_ms;
use crate::db::json;
use crate::ecs::task::{STOPPED, StopCode, Task};
use crate::http::json::ApiError;

/// Why a task stopped that ran when the backend ended. The client explains it by the words `backend ended`.
pub(super) const ENDED: &str = "The backend ended while the task ran";

/// How long ECS remembers a client token.
const TOKEN_MS: i64 = 24 * 3600 * 1000;
/// Most stopped tasks that are kept. ECS forgets them after an hour, so clients rely on no number.
const MAX_STOPPED: i64 = 10_000;

pub(super) fn insert(tx: &Transaction<'_>, task: &Task) -> Result<(), ApiError> {
    tx.prepare_cached(
        "INSERT INTO tasks (id, family, started_by, desired, last, task) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        task.id(),
        names::TASK_FAMILY,
        task.started_by,
        task.desired_status,
        task.last_status,
        serde_json::to_string(task)?,
    ])?;
    Ok(())
}

pub(super) fn find(tx: &Transaction<'_>, id: &str) -> rusqlite::Result<Option<Task>> {
    tx.prepare_cached("SELECT task FROM tasks WHERE id = ?1")?
        .query_row([id], |row| json(row, 0))
        .optional()
}

/// Changes a task; `None` if there is no such task, or it is stopped and stays as it is.
pub(super) fn update(
    tx: &Transaction<'_>,
    id: &str,
    change: impl FnOnce(&mut Task),
) -> Result<Option<Task>, ApiError> {
    let Some(mut task) = find(tx, id)?.filter(|task| !task.is_stopped()) else {
        return Ok(None);
    };
    change(&mut task);
    task.version += 1;
    if task.is_stopped() {
        tx.prepare_cached("UPDATE tasks SET stopped = ?2 WHERE id = ?1")?
            .execute(params![id, now_ms()])?;
    }
    save(tx, &task)?;
    Ok(Some(task))
}

/// Writes a task that is there already.
pub(super) fn save(tx: &Transaction<'_>, task: &Task) -> Result<(), ApiError> {
    tx.prepare_cached("UPDATE tasks SET desired = ?2, last = ?3, task = ?4 WHERE id = ?1")?
        .execute(params![
            task.id(),
            task.desired_status,
            task.last_status,
            serde_json::to_string(task)?
        ])?;
    Ok(())
}

/// What a client token stands for.
pub(super) struct Token {
    pub(super) request: String,
    pub(super) tasks: Vec<String>,
}

pub(super) fn find_token(tx: &Transaction<'_>, token: &str) -> rusqlite::Result<Option<Token>> {
    tx.prepare_cached("SELECT request, tasks FROM client_tokens WHERE token = ?1 AND created > ?2")?
        .query_row(params![token, now_ms() - TOKEN_MS], |row| {
            Ok(Token {
                request: row.get(0)?,
                tasks: json(row, 1)?,
            })
        })
        .optional()
}

pub(super) fn insert_token(tx: &Transaction<'_>, token: &str, value: &Token) -> Result<(), ApiError> {
    let now = now_ms();
    tx.prepare_cached("DELETE FROM client_tokens WHERE created <= ?1")?
        .execute([now - TOKEN_MS])?;
    tx.prepare_cached(
        "INSERT OR REPLACE INTO client_tokens (token, request, tasks, created) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![
        token,
        value.request,
        serde_json::to_string(&value.tasks)?,
        now
    ])?;
    Ok(())
}

/// At the start: marks as stopped what ran when the last backend ended; queued tasks stay queued.
///
/// Returns the ids of the tasks that wait, in their order.
pub(crate) fn recover(tx: &Transaction<'_>) -> rusqlite::Result<Vec<String>> {
    let open: Vec<Task> = tx
        .prepare("SELECT task FROM tasks WHERE last <> ?1 ORDER BY seq")?
        .query_map([STOPPED], |row| json(row, 0))?
        .collect::<Result<_, _>>()?;
    let mut waiting = Vec::new();
    for task in open {
        let id = task.id().to_owned();
        let started = task.started_at.is_some();
        if !started && task.stop_code.is_none() {
            waiting.push(id);
            continue;
        }
        let changed = update(tx, &id, |task| {
            let reason = ENDED;
            task.stop(StopCode::TerminationNotice, reason);
            if task.execution_stopped_at.is_none() {
                task.deprovision(None, Some(reason));
            }
            task.finish();
        });
        changed.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.message.into()))?;
    }
    tx.execute(
        "DELETE FROM tasks WHERE last = ?1 AND seq <=
            (SELECT seq FROM tasks WHERE last = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)",
        params![STOPPED, MAX_STOPPED],
    )?;
    Ok(waiting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::temporary;
    use crate::ecs::request::Overrides;
    use crate::ecs::task::RUNNING;

    // Breaks if a task that ran at a crash is lost or stays RUNNING for ever, or one that waited never runs.
    #[tokio::test]
    async fn after_a_crash() {
        let (_dir, db) = temporary();
        let (running, waiting) = (
            Task::new(Overrides::default(), None, None),
            Task::new(Overrides::default(), None, None),
        );
        let (run_id, wait_id) = (running.id().to_owned(), waiting.id().to_owned());
        let id = run_id.clone();
        db.write::<_, ApiError>(move |tx| {
            insert(tx, &running)?;
            insert(tx, &waiting)?;
            update(tx, &id, |task| task.run(now_ms(), None))?;
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(db.write(recover).await.unwrap(), std::slice::from_ref(&wait_id));
        let (run, wait) = db
            .read::<_, ApiError>(move |tx| Ok((find(tx, &run_id)?.unwrap(), find(tx, &wait_id)?.unwrap())))
            .await
            .unwrap();
        assert_eq!(
            (run.last_status.as_str(), run.stop_code),
            (STOPPED, Some(StopCode::TerminationNotice))
        );
        assert!(run.stopped_reason.unwrap().contains("backend ended"));
        assert_eq!(wait.desired_status, RUNNING);
    }
}
