//! The catalogue: which bucket has which object, and which blobs hold its bytes. SQL and nothing else.
//!
//! Every function works inside a transaction of its caller. Those that give up blobs return them; the caller
//! removes the files after the commit.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Transaction, params};
use s3s::s3_error;
use serde::{Deserialize, Serialize};

use crate::blobs::BlobId;
use crate::db::json;
use crate::s3::checksums::Checksums;
use crate::s3::fail::Fail;

/// A run of bytes in one blob. A multipart object has one for each part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Segment(pub(crate) BlobId, pub(crate) u64);

/// Names with their values, in the order of the names.
pub(crate) type Tags = Vec<(String, String)>;

/// An object's metadata, except for what listings show.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Attributes {
    pub(crate) content_type: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) website_redirect_location: Option<String>,
    /// Milliseconds since the epoch.
    pub(crate) expires: Option<i64>,
    pub(crate) user: BTreeMap<String, String>,
    pub(crate) checksums: Checksums,
    pub(crate) tags: Tags,
    /// Those of the parts, for an object that was uploaded in parts.
    pub(crate) part_checksums: Vec<Checksums>,
    /// The multipart upload that the object comes from, so that its completion can be asked for again.
    pub(crate) upload: Option<String>,
    /// Set for a multipart upload under way: the algorithm that its parts are to have.
    pub(crate) upload_algorithm: Option<String>,
    /// Set for a multipart upload under way: the checksum is to be that of all its bytes.
    pub(crate) upload_full_object: bool,
}

/// One object.
#[derive(Clone, Debug)]
pub(crate) struct ObjectRow {
    pub(crate) size: u64,
    /// Without quotes.
    pub(crate) etag: String,
    /// Milliseconds since the epoch.
    pub(crate) modified: i64,
    pub(crate) segments: Vec<Segment>,
    pub(crate) attributes: Attributes,
}

impl ObjectRow {
    /// Whether it was uploaded in parts, which are its segments then. Its tag ends with their number.
    pub(crate) fn in_parts(&self) -> bool {
        self.etag.contains('-')
    }
}

/// One object, as listings show it.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) modified: i64,
}

pub(crate) fn bucket_exists(tx: &Transaction<'_>, bucket: &str) -> rusqlite::Result<bool> {
    tx.prepare_cached("SELECT 1 FROM buckets WHERE name = ?1")?
        .exists([bucket])
}

pub(crate) fn require_bucket(tx: &Transaction<'_>, bucket: &str) -> Result<(), Fail> {
    if bucket_exists(tx, bucket)? {
        Ok(())
    } else {
        Err(s3_error!(NoSuchBucket).into())
    }
}

pub(crate) fn find(tx: &Transaction<'_>, bucket: &str, key: &str) -> rusqlite::Result<Option<ObjectRow>> {
    tx.prepare_cached(
        "SELECT size, etag, modified, segments, attributes FROM objects WHERE bucket = ?1 AND key = ?2",
    )?
    .query_row([bucket, key], |row| {
        Ok(ObjectRow {
            size: row.get::<_, i64>(0)? as u64,
            etag: row.get(1)?,
            modified: row.get(2)?,
            segments: json(row, 3)?,
            attributes: json(row, 4)?,
        })
    })
    .optional()
}

/// The object, or S3's error for what is missing.
pub(crate) fn get(tx: &Transaction<'_>, bucket: &str, key: &str) -> Result<ObjectRow, Fail> {
    if let Some(row) = find(tx, bucket, key)? {
        Ok(row)
    } else {
        require_bucket(tx, bucket)?;
        Err(s3_error!(NoSuchKey, "The specified key does not exist.").into())
    }
}

/// Puts `row` under the key, whose blobs already count this reference; returns the blobs that are now free.
pub(crate) fn put(
    tx: &Transaction<'_>,
    bucket: &str,
    key: &str,
    row: &ObjectRow,
) -> Result<Vec<BlobId>, Fail> {
    let freed = delete(tx, bucket, key)?;
    tx.prepare_cached(
        "INSERT INTO objects (bucket, key, size, etag, modified, segments, attributes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        bucket,
        key,
        row.size as i64,
        row.etag,
        row.modified,
        serde_json::to_string(&row.segments)?,
        serde_json::to_string(&row.attributes)?,
    ])?;
    Ok(freed)
}

/// Changes the metadata of an object that is there, and nothing else of it.
pub(crate) fn set_attributes(
    tx: &Transaction<'_>,
    bucket: &str,
    key: &str,
    attributes: &Attributes,
) -> Result<(), Fail> {
    tx.prepare_cached("UPDATE objects SET attributes = ?3 WHERE bucket = ?1 AND key = ?2")?
        .execute(params![bucket, key, serde_json::to_string(attributes)?])?;
    Ok(())
}

/// Deletes the object, if it is there; returns the blobs that are now free.
pub(crate) fn delete(tx: &Transaction<'_>, bucket: &str, key: &str) -> Result<Vec<BlobId>, Fail> {
    let segments: Option<Vec<Segment>> = tx
        .prepare_cached("DELETE FROM objects WHERE bucket = ?1 AND key = ?2 RETURNING segments")?
        .query_row([bucket, key], |row| json(row, 0))
        .optional()?;
    Ok(release(
        tx,
        segments.unwrap_or_default().into_iter().map(|segment| segment.0),
    )?)
}

/// Counts one more reference to each blob.
pub(crate) fn retain<'a>(
    tx: &Transaction<'_>,
    blobs: impl IntoIterator<Item = &'a BlobId>,
) -> rusqlite::Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO blobs (id, refs) VALUES (?1, 1) ON CONFLICT (id) DO UPDATE SET refs = refs + 1",
    )?;
    for blob in blobs {
        statement.execute([blob])?;
    }
    Ok(())
}

/// Counts one reference less to each blob; returns those that nobody refers to any more.
pub(crate) fn release(
    tx: &Transaction<'_>,
    blobs: impl IntoIterator<Item = BlobId>,
) -> rusqlite::Result<Vec<BlobId>> {
    let mut down = tx.prepare_cached("UPDATE blobs SET refs = refs - 1 WHERE id = ?1")?;
    let mut gone = tx.prepare_cached("DELETE FROM blobs WHERE id = ?1 AND refs <= 0")?;
    let mut free = Vec::new();
    for blob in blobs {
        down.execute([&blob])?;
        if gone.execute([&blob])? > 0 {
            free.push(blob);
        }
    }
    Ok(free)
}

/// Calls `visit` for each object of the bucket whose key is at least `from`, in order, until it has enough.
///
/// `visit` may answer with a key to go on from, which skips all keys before it without reading them.
pub(crate) fn scan(
    tx: &Transaction<'_>,
    bucket: &str,
    from: &str,
    mut visit: impl FnMut(Listed) -> Scan,
) -> rusqlite::Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT key, size, etag, modified FROM objects WHERE bucket = ?1 AND key >= ?2 ORDER BY key",
    )?;
    let mut from = from.to_owned();
    'again: loop {
        let mut rows = statement.query([bucket, &from])?;
        while let Some(row) = rows.next()? {
            let listed = Listed {
                key: row.get(0)?,
                size: row.get::<_, i64>(1)? as u64,
                etag: row.get(2)?,
                modified: row.get(3)?,
            };
            match visit(listed) {
                Scan::Next => {}
                Scan::From(key) => {
                    from = key;
                    continue 'again;
                }
                Scan::Stop => return Ok(()),
            }
        }
        return Ok(());
    }
}

/// How [`scan`] goes on.
pub(crate) enum Scan {
    Next,
    From(String),
    Stop,
}
