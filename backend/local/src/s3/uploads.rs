//! Multipart uploads under way, as the catalogue has them. SQL and nothing else.

use rusqlite::{OptionalExtension, Transaction, params};
use s3s::dto::{ChecksumAlgorithm, ChecksumType};
use s3s::s3_error;

use crate::db::json;
use crate::s3::catalogue::{self, Attributes};
use crate::s3::fail::Fail;
use crate::s3::list::folded;

/// A multipart upload under way.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) attributes: Attributes,
}

impl Upload {
    pub(super) fn algorithm(&self) -> Option<ChecksumAlgorithm> {
        self.attributes.upload_algorithm.clone().map(Into::into)
    }

    pub(super) fn checksum_type(&self) -> Option<ChecksumType> {
        let full = self.attributes.upload_full_object;
        let name = if full {
            ChecksumType::FULL_OBJECT
        } else {
            ChecksumType::COMPOSITE
        };
        self.attributes
            .upload_algorithm
            .as_ref()
            .map(|_| ChecksumType::from_static(name))
    }
}

pub(super) fn find(tx: &Transaction<'_>, id: &str, bucket: &str, key: &str) -> Result<Upload, Fail> {
    let attributes = tx
        .prepare_cached("SELECT attributes FROM uploads WHERE id = ?1 AND bucket = ?2 AND key = ?3")?
        .query_row([id, bucket, key], |row| json(row, 0))
        .optional()?;
    attributes.map(|attributes| Upload { attributes }).ok_or_else(|| {
        s3_error!(
            NoSuchUpload,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
             aborted or completed."
        )
        .into()
    })
}

/// What uploads to list.
pub(super) struct Query {
    pub(super) bucket: String,
    pub(super) prefix: String,
    pub(super) delimiter: String,
    /// Only what comes after this upload of this key, or after everything below this prefix.
    pub(super) key_marker: String,
    pub(super) id_marker: String,
    pub(super) max_uploads: usize,
}

/// A page of uploads under way.
#[derive(Default)]
pub(super) struct Page {
    /// Key, id, when it was begun, and what its object will be.
    pub(super) uploads: Vec<(String, String, i64, Attributes)>,
    pub(super) prefixes: Vec<String>,
    /// What this page ends with, if there is another: a key with an upload's id, or a prefix.
    pub(super) next: Option<(String, Option<String>)>,
}

pub(super) fn list(tx: &Transaction<'_>, query: &Query) -> Result<Page, Fail> {
    catalogue::require_bucket(tx, &query.bucket)?;
    let mut statement = tx.prepare_cached(
        "SELECT key, id, created, attributes FROM uploads
         WHERE bucket = ?1 AND (key, id) > (?2, ?3) AND substr(key, 1, length(?4)) = ?4 ORDER BY key, id",
    )?;
    let Query {
        bucket,
        prefix,
        key_marker,
        id_marker,
        ..
    } = query;
    let mut rows = statement.query(params![bucket, key_marker, id_marker, prefix])?;
    let (mut page, mut last) = (Page::default(), None);
    while let Some(row) = rows.next()? {
        let (key, id): (String, String) = (row.get(0)?, row.get(1)?);
        let folded = folded(&key, prefix, &query.delimiter);
        if folded
            .as_ref()
            .is_some_and(|folded| folded == key_marker || page.prefixes.last() == Some(folded))
        {
            continue;
        }
        if page.uploads.len() + page.prefixes.len() == query.max_uploads {
            page.next = last;
            break;
        }
        if let Some(folded) = folded {
            last = Some((folded.clone(), None));
            page.prefixes.push(folded);
        } else {
            last = Some((key.clone(), Some(id.clone())));
            page.uploads.push((key, id, row.get(2)?, json(row, 3)?));
        }
    }
    Ok(page)
}

pub(super) fn delete(tx: &Transaction<'_>, id: &str) -> rusqlite::Result<usize> {
    tx.prepare_cached("DELETE FROM uploads WHERE id = ?1")?
        .execute([id])
}
