//! Jobs on disk: a row each, with what ECS said of their tasks.

use posterframe_contract::JobId;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params, params_from_iter};

use super::database::{Store, read, text};
use crate::model::Job;

/// All jobs of the history that can be read.
pub(crate) struct StoredJobs {
    /// The oldest first.
    pub(crate) jobs: Vec<Job>,
    /// What to tell the user about jobs that could not be read, and were set aside just now.
    pub(crate) set_aside: Option<String>,
}

impl Store {
    /// Every job, the oldest first. One that cannot be read is set aside, and a warning says so: that once. What was set
    /// aside earlier and can be read now is a job again.
    pub(crate) fn jobs(&self) -> Result<StoredJobs, rusqlite::Error> {
        self.bring_back()?;
        let (mut jobs, mut set_aside) = (Vec::new(), None);
        let mut unreadable: Vec<(Value, String)> = Vec::new();
        let mut statement = self.connection.prepare("SELECT id, body FROM jobs ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            match read(row.get_ref(1)?) {
                Ok(job) => jobs.push(job),
                Err(reason) => unreadable.push((row.get(0)?, reason)),
            }
        }
        if !unreadable.is_empty() {
            let words = set_aside_message(&unreadable);
            tracing::warn!("{words}");
            set_aside = Some(words);
        }
        for (id, reason) in unreadable {
            let sql = "INSERT OR REPLACE INTO unreadable_jobs SELECT id, body, ?2 FROM jobs WHERE id = ?1";
            self.move_job("jobs", sql, &id, &[&reason])?;
        }
        Ok(StoredJobs { jobs, set_aside })
    }

    fn bring_back(&self) -> Result<(), rusqlite::Error> {
        let mut statement = self.connection.prepare("SELECT id, body FROM unreadable_jobs")?;
        let mut rows = statement.query([])?;
        let mut readable: Vec<Value> = Vec::new();
        while let Some(row) = rows.next()? {
            if read::<Job>(row.get_ref(1)?).is_ok() {
                readable.push(row.get(0)?);
            }
        }
        // A job that is there is newer.
        let sql = "INSERT OR IGNORE INTO jobs SELECT id, body FROM unreadable_jobs WHERE id = ?1";
        readable
            .iter()
            .try_for_each(|id| self.move_job("unreadable_jobs", sql, id, &[]))
    }

    /// Copies a row by `sql`, whose first parameter is its id, and deletes it from `table`: both, or neither.
    fn move_job(&self, table: &str, sql: &str, id: &Value, rest: &[&str]) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.unchecked_transaction()?;
        let texts = rest.iter().map(|text| Value::from((*text).to_owned()));
        transaction.execute(sql, params_from_iter(std::iter::once(id.clone()).chain(texts)))?;
        transaction.execute(&format!("DELETE FROM {table} WHERE id = ?1"), [id])?;
        transaction.commit()
    }

    pub(crate) fn job(&self, id: JobId) -> Result<Option<Job>, rusqlite::Error> {
        self.connection
            .query_row("SELECT body FROM jobs WHERE id = ?1", [id.to_string()], |row| {
                let body = row.get_ref(0)?;
                read(body).map_err(|reason| {
                    rusqlite::Error::FromSqlConversionFailure(0, body.data_type(), reason.into())
                })
            })
            .optional()
    }

    pub(crate) fn put_job(&self, job: &Job) -> Result<(), rusqlite::Error> {
        self.connection.execute(
            "INSERT INTO jobs (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = ?2",
            params![job.id.to_string(), text(job)?],
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

fn set_aside_message(unreadable: &[(Value, String)]) -> String {
    let jobs: Vec<String> = unreadable
        .iter()
        .map(|(id, reason)| match id {
            Value::Text(id) => format!("{id} ({reason})"),
            id => format!("{id:?} ({reason})"),
        })
        .collect();
    let (subject, its) = match jobs.len() {
        1 => (
            "1 job in the history cannot be read and was".to_owned(),
            "its thumbnail, if it has one, is",
        ),
        count => (
            format!("{count} jobs in the history cannot be read and were"),
            "their thumbnails, as far as they were made, are",
        ),
    };
    format!(
        "{subject} set aside: {its} in the gallery; submit what is missing there again. What is left of the history is in \
         the table unreadable_jobs of history.db, and comes back by itself with a version that can read it: {}",
        jobs.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::job::tests::job;

    // Breaks if one job that cannot be read takes others with it, is lost, is told of at every start, or does not come back
    // when it can be read.
    #[test]
    fn what_cannot_be_read_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Store::open(&folder.path().join("history.db")).unwrap();
        let store = open();
        let [good, empty, later, odd] = [(); 4].map(|()| job(JobId::new()));
        for job in [&good, &empty, &later, &odd] {
            store.put_job(job).unwrap();
        }
        let put = |job: &Job, body: &str| {
            let sql = format!("UPDATE jobs SET body = {body} WHERE id = '{}'", job.id);
            store.connection.execute(&sql, []).unwrap();
        };
        put(&empty, "''");
        put(&later, "json_set(body, '$.attempt', 'many')");
        put(&odd, "x'7bff'");
        assert!(store.job(empty.id).is_err());
        drop(store);

        let store = open();
        let stored = store.jobs().unwrap();
        assert_eq!(stored.jobs, std::slice::from_ref(&good));
        let said = stored.set_aside.unwrap();
        assert!(
            said.starts_with("3 jobs") && said.contains(&later.id.to_string()),
            "{said}"
        );
        drop(store);

        let store = open();
        let stored = store.jobs().unwrap();
        assert_eq!((stored.jobs, stored.set_aside), (vec![good.clone()], None));
        let mend = "UPDATE unreadable_jobs SET body = json_set(body, '$.attempt', 1) WHERE id = ?1";
        store.connection.execute(mend, [later.id.to_string()]).unwrap();
        assert_eq!(store.jobs().unwrap().jobs, [good, later]);
        let left = "SELECT count(*) FROM unreadable_jobs";
        assert_eq!(
            store.connection.query_row(left, [], |row| row.get::<_, u32>(0)),
            Ok(2)
        );
    }

    // Breaks if a job whose paths are no text does not come back as it was.
    #[cfg(unix)]
    #[test]
    fn paths_are_kept_to_the_byte() {
        use std::os::unix::ffi::OsStrExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("history.db")).unwrap();
        let path = Path::new(std::ffi::OsStr::from_bytes(b"/films/Mu\xf1oz.mp4"));
        let mut job = job(JobId::new());
        job.video.path = path.to_owned();
        job.stills[0].picture = Some(path.with_extension("png"));
        job.chosen_from = Some(job.video.clone());
        let made = crate::model::result::tests::manifest(&job);
        let file = (made.stills[0].files[0].key.clone(), path.with_extension("png"));
        job.take_result(&made, &[file].into());
        store.put_job(&job).unwrap();
        assert_eq!(store.jobs().unwrap().jobs, [job.clone()]);
        assert_eq!(store.job(job.id).unwrap(), Some(job));
    }
}
