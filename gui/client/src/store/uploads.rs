//! The journal of uploads, in the history's database: what is under way in parts, and what the bucket has.

use std::ops::Range;

use posterframe_contract::JobId;
use rusqlite::{OptionalExtension, Row, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::database::{Store, read, text};
use crate::aws::ChecksumKind;
use crate::model::VideoFile;

/// Uploads that are remembered, so that a video is not sent twice. The oldest go first.
const MAX_SENT_ROWS: i64 = 10_000;
/// Of those, how many are looked at for one that tells how quick the line is.
const MAX_RATED_ROWS: i64 = 100;

/// A multipart upload under way, as the journal has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MultipartEntry {
    /// Name of the backend.
    pub(crate) backend: String,
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) upload_id: String,
    pub(crate) part_bytes: u64,
    pub(crate) check: ChecksumKind,
    /// The file as it was when its first part was sent: no part of another version may join.
    pub(crate) video: VideoFile,
}

impl MultipartEntry {
    pub(crate) fn range(&self, number: u64) -> Range<u64> {
        let start = (number - 1) * self.part_bytes;
        start..(start + self.part_bytes).min(self.video.bytes)
    }
}

/// A video that is in the bucket, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SentEntry {
    /// Backend and bucket: [`crate::aws::Session::bucket_id`].
    pub(crate) bucket_id: String,
    pub(crate) key: String,
    /// With its quotes, as S3 gives it.
    pub(crate) etag: String,
    /// Of the whole file, in base64.
    pub(crate) crc64nvme: String,
    /// The file that was sent, as it was then.
    pub(crate) video: VideoFile,
    /// How quickly it was sent, in bytes a second, where it was large enough to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rate: Option<u64>,
}

impl Store {
    /// The multipart upload of a job.
    pub(crate) fn multipart(&self, id: JobId) -> rusqlite::Result<Option<MultipartEntry>> {
        let sql = "SELECT body FROM multipart WHERE job = ?1";
        self.connection
            .prepare_cached(sql)?
            .query_row([id.to_string()], json)
            .optional()
            .map(Option::flatten)
    }

    /// All of them, with the ids of their jobs.
    pub(crate) fn multiparts(&self) -> rusqlite::Result<Vec<(JobId, MultipartEntry)>> {
        let mut statement = self.connection.prepare("SELECT body, job FROM multipart")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(1)?, json(row)?)))?;
        let known = rows.filter_map(|row| {
            row.map(|(id, entry)| Some((id.parse().ok()?, entry?)))
                .transpose()
        });
        known.collect()
    }

    pub(crate) fn put_multipart(&self, id: JobId, entry: &MultipartEntry) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO multipart (job, body) VALUES (?1, ?2)";
        self.connection
            .prepare_cached(sql)?
            .execute(params![id.to_string(), text(entry)?])?;
        Ok(())
    }

    pub(crate) fn delete_multipart(&self, id: JobId) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM multipart WHERE job = ?1")?
            .execute([id.to_string()])?;
        Ok(())
    }

    /// Videos of so many bytes that are in the bucket of `bucket_id`, the last one first.
    pub(crate) fn sent(&self, bucket_id: &str, bytes: u64) -> rusqlite::Result<Vec<SentEntry>> {
        let sql = "SELECT body FROM sent WHERE bucket_id = ?1 AND bytes = ?2 ORDER BY id DESC";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![bucket_id, bytes.cast_signed()], json)?;
        rows.filter_map(Result::transpose).collect()
    }

    /// How quickly the last upload went to the bucket of `bucket_id` that was large enough to tell, in bytes a second.
    pub(crate) fn upload_rate(&self, bucket_id: &str) -> rusqlite::Result<Option<u64>> {
        let sql = "SELECT body FROM sent WHERE bucket_id = ?1 ORDER BY id DESC LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![bucket_id, MAX_RATED_ROWS], json::<SentEntry>)?;
        for row in rows {
            if let Some(rate) = row?.and_then(|sent| sent.rate) {
                return Ok(Some(rate));
            }
        }
        Ok(None)
    }

    pub(crate) fn put_sent(&self, entry: &SentEntry) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO sent (bucket_id, key, bytes, body) VALUES (?1, ?2, ?3, ?4)";
        let bytes = entry.video.bytes.cast_signed();
        self.connection.prepare_cached(sql)?.execute(params![
            entry.bucket_id,
            entry.key,
            bytes,
            text(entry)?
        ])?;
        self.connection
            .prepare_cached("DELETE FROM sent WHERE id <= ?1")?
            .execute([self.connection.last_insert_rowid() - MAX_SENT_ROWS])?;
        Ok(())
    }

    pub(crate) fn delete_sent(&self, entry: &SentEntry) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM sent WHERE bucket_id = ?1 AND key = ?2")?
            .execute([&entry.bucket_id, &entry.key])?;
        Ok(())
    }
}

/// The first column. What another version wrote and this one cannot read is as good as not there.
fn json<T: DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<Option<T>> {
    Ok(read(row.get_ref(0)?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if what the journal knows is not there after a restart, whatever the file's name, or is found for another bucket or another size.
    #[test]
    fn the_journal_survives() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history.db");
        #[cfg(unix)]
        let odd: std::path::PathBuf =
            <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(b"/\xff.mp4".to_vec()).into();
        #[cfg(not(unix))]
        let odd = std::path::PathBuf::from("/a.mp4");
        let video = VideoFile {
            path: odd.clone(),
            name: "a.mp4".into(),
            bytes: 12,
            modified_unix_nanos: 5,
            content: Some("c".into()),
        };
        let entry = |key: &str| SentEntry {
            bucket_id: "aws/bucket".into(),
            key: key.into(),
            etag: "\"e\"".into(),
            crc64nvme: "x".into(),
            video: video.clone(),
            rate: (key == "2").then_some(1_000),
        };
        let store = Store::open(&file).unwrap();
        for key in ["1", "2", "2", "3"] {
            store.put_sent(&entry(key)).unwrap();
        }
        store.delete_sent(&entry("1")).unwrap();
        drop(store);
        let store = Store::open(&file).unwrap();
        assert_eq!(store.sent("aws/bucket", 12).unwrap(), [entry("3"), entry("2")]);
        assert!(store.sent("aws/bucket", 13).unwrap().is_empty());
        assert!(store.sent("aws/other", 12).unwrap().is_empty());
        // The last one was too small to tell.
        assert_eq!(store.upload_rate("aws/bucket").unwrap(), Some(1_000));
        assert_eq!(store.upload_rate("aws/other").unwrap(), None);
    }
}
