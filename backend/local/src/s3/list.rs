//! Listings: pages of keys in order, with everything below a delimiter folded into one prefix.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{
    CommonPrefix, ETag, EncodingType, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, Object, ObjectStorageClass,
};
use s3s::{S3Request, S3Result, s3_error};

use crate::clock::from_ms;
use crate::s3::Store;
use crate::s3::buckets::owner;
use crate::s3::catalogue::{Listed, Scan, require_bucket, scan};
use crate::s3::fail::Fail;

/// S3's page size, and its maximum.
const MAX_KEYS: i32 = 1000;

/// What a client asks for with `encoding-type=url`, so that any key survives XML.
const URL_ENCODED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'*')
    .remove(b'/');

/// One page.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) objects: Vec<Listed>,
    pub(super) prefixes: Vec<String>,
    /// Where the next page begins: after this key, or after everything below this prefix.
    pub(super) next: Option<String>,
}

/// What to list.
pub(super) struct Query {
    pub(super) bucket: String,
    pub(super) prefix: String,
    pub(super) delimiter: String,
    /// Only keys (and prefixes) after this one.
    pub(super) after: String,
    pub(super) max_keys: usize,
}

/// What a key is folded to: all of it up to the first `delimiter` after `prefix`, if there is one.
pub(super) fn folded(key: &str, prefix: &str, delimiter: &str) -> Option<String> {
    let rest = key.strip_prefix(prefix)?;
    let end = (!delimiter.is_empty()).then(|| rest.find(delimiter))??;
    Some(key[..prefix.len() + end + delimiter.len()].to_owned())
}

/// The first text that sorts after everything that begins with `prefix`; `None` if there is none.
pub(super) fn after_prefix(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            _ => char::from_u32(last as u32 + 1),
        };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

fn page(tx: &rusqlite::Transaction<'_>, query: &Query) -> Result<Page, Fail> {
    require_bucket(tx, &query.bucket)?;
    let mut page = Page::default();
    if query.max_keys == 0 {
        return Ok(page);
    }
    let folded = |key: &str| folded(key, &query.prefix, &query.delimiter);
    // After a prefix that was already shown, everything below it is to be skipped too.
    let from = match folded(&query.after) {
        Some(prefix) if prefix == query.after => after_prefix(&prefix),
        _ => Some(query.after.clone()),
    };
    let Some(from) = from else { return Ok(page) };
    let from = from.max(query.prefix.clone());
    let mut last = None;
    scan(tx, &query.bucket, &from, |listed| {
        if !listed.key.starts_with(&query.prefix) {
            return Scan::Stop;
        }
        if listed.key == query.after {
            return Scan::Next;
        }
        if page.objects.len() + page.prefixes.len() == query.max_keys {
            page.next = last.take();
            return Scan::Stop;
        }
        let Some(prefix) = folded(&listed.key) else {
            last = Some(listed.key.clone());
            page.objects.push(listed);
            return Scan::Next;
        };
        let skip = after_prefix(&prefix);
        last = Some(prefix.clone());
        page.prefixes.push(prefix);
        skip.map_or(Scan::Stop, Scan::From)
    })?;
    Ok(page)
}

impl Store {
    pub(super) async fn page(&self, query: Query) -> S3Result<Page> {
        Ok(self.db.read(move |tx| page(tx, &query)).await?)
    }

    pub(super) async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<ListObjectsV2Output> {
        let input = request.input;
        let max_keys = max_keys(input.max_keys)?;
        let after = match &input.continuation_token {
            Some(token) => token_key(token)?,
            None => input.start_after.clone().unwrap_or_default(),
        };
        let query = Query {
            bucket: input.bucket.clone(),
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone().unwrap_or_default(),
            after,
            max_keys: max_keys as usize,
        };
        let page = self.page(query).await?;
        let encode = encoder(input.encoding_type.as_ref());
        let owned = input.fetch_owner.unwrap_or(false);
        Ok(ListObjectsV2Output {
            key_count: Some((page.objects.len() + page.prefixes.len()) as i32),
            is_truncated: Some(page.next.is_some()),
            next_continuation_token: page.next.as_deref().map(key_token),
            contents: Some(
                page.objects
                    .into_iter()
                    .map(|listed| object(listed, encode, owned))
                    .collect(),
            ),
            common_prefixes: Some(common_prefixes(&page.prefixes, encode)),
            name: Some(input.bucket),
            prefix: Some(encode(&input.prefix.unwrap_or_default())),
            delimiter: given(input.delimiter.as_deref()).map(encode),
            start_after: input.start_after.as_deref().map(encode),
            max_keys: Some(max_keys),
            continuation_token: input.continuation_token,
            encoding_type: input.encoding_type,
            ..Default::default()
        })
    }

    pub(super) async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> S3Result<ListObjectsOutput> {
        let input = request.input;
        let max_keys = max_keys(input.max_keys)?;
        let query = Query {
            bucket: input.bucket.clone(),
            prefix: input.prefix.clone().unwrap_or_default(),
            delimiter: input.delimiter.clone().unwrap_or_default(),
            after: input.marker.clone().unwrap_or_default(),
            max_keys: max_keys as usize,
        };
        let page = self.page(query).await?;
        let encode = encoder(input.encoding_type.as_ref());
        // Without a delimiter clients take the last key; S3 gives the marker only with one.
        let next = page
            .next
            .as_deref()
            .filter(|_| given(input.delimiter.as_deref()).is_some())
            .map(encode);
        Ok(ListObjectsOutput {
            is_truncated: Some(page.next.is_some()),
            next_marker: next,
            contents: Some(
                page.objects
                    .into_iter()
                    .map(|listed| object(listed, encode, true))
                    .collect(),
            ),
            common_prefixes: Some(common_prefixes(&page.prefixes, encode)),
            name: Some(input.bucket),
            prefix: Some(encode(&input.prefix.unwrap_or_default())),
            delimiter: given(input.delimiter.as_deref()).map(encode),
            marker: Some(encode(&input.marker.unwrap_or_default())),
            max_keys: Some(max_keys),
            encoding_type: input.encoding_type,
            ..Default::default()
        })
    }
}

pub(super) fn max_keys(asked: Option<i32>) -> S3Result<i32> {
    match asked.unwrap_or(MAX_KEYS) {
        negative @ ..0 => Err(s3_error!(
            InvalidArgument,
            "A page cannot have {negative} entries"
        )),
        asked => Ok(asked.min(MAX_KEYS)),
    }
}

/// An empty delimiter is none.
pub(super) fn given(delimiter: Option<&str>) -> Option<&str> {
    delimiter.filter(|delimiter| !delimiter.is_empty())
}

/// Opaque to clients, and safe in XML and URLs whatever the key is.
fn key_token(key: &str) -> String {
    hex::encode(key)
}

fn token_key(token: &str) -> S3Result<String> {
    hex::decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}

pub(super) fn encoder(encoding: Option<&EncodingType>) -> fn(&str) -> String {
    if encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL) {
        |text| utf8_percent_encode(text, &URL_ENCODED).to_string()
    } else {
        str::to_owned
    }
}

fn object(listed: Listed, encode: fn(&str) -> String, owned: bool) -> Object {
    Object {
        key: Some(encode(&listed.key)),
        size: Some(listed.size as i64),
        e_tag: Some(ETag::Strong(listed.etag)),
        last_modified: Some(from_ms(listed.modified).into()),
        storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
        owner: owned.then(owner),
        ..Default::default()
    }
}

pub(super) fn common_prefixes(prefixes: &[String], encode: fn(&str) -> String) -> Vec<CommonPrefix> {
    let prefixes = prefixes.iter().map(|prefix| CommonPrefix {
        prefix: Some(encode(prefix)),
    });
    prefixes.collect()
}

#[cfg(test)]
mod tests {
    use rusqlite::params;

    use super::*;
    use crate::db::temporary;

    async fn list(keys: &[&str], prefix: &str, delimiter: &str, max_keys: usize) -> Vec<String> {
        let (_dir, db) = temporary();
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        db.write::<_, rusqlite::Error>(move |tx| {
            tx.execute("INSERT INTO buckets VALUES ('b', 0)", [])?;
            for key in keys {
                tx.execute(
                    "INSERT INTO objects VALUES ('b', ?1, 1, 'e', 0, '[]', '{}')",
                    params![key],
                )?;
            }
            Ok(())
        })
        .await
        .unwrap();
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let query = Query {
                bucket: "b".into(),
                prefix: prefix.into(),
                delimiter: delimiter.into(),
                after,
                max_keys,
            };
            let page = db.read(move |tx| page(tx, &query)).await.unwrap();
            let mut here: Vec<String> = page.objects.into_iter().map(|listed| listed.key).collect();
            here.extend(page.prefixes);
            here.sort();
            assert!(here.len() <= max_keys);
            all.extend(here);
            match page.next {
                Some(next) => after = token_key(&key_token(&next)).unwrap(),
                None => return all,
            }
        }
    }

    // Breaks if a page boundary loses or repeats a key or a prefix, whatever the page size.
    #[tokio::test]
    async fn pages_lose_nothing() {
        let keys = [
            "a",
            "a/1",
            "a/2",
            "a0",
            "b//x",
            "b/é",
            "é/🎬",
            "\u{10FFFF}/x",
            "\u{10FFFF}/y",
        ];
        for max_keys in 1..=10 {
            assert_eq!(list(&keys, "", "", max_keys).await, keys, "{max_keys}");
            let folded = ["a", "a/", "a0", "b/", "é/", "\u{10FFFF}/"];
            assert_eq!(list(&keys, "", "/", max_keys).await, folded, "{max_keys}");
            assert_eq!(
                list(&keys, "b/", "/", max_keys).await,
                ["b//", "b/é"],
                "{max_keys}"
            );
        }
    }

    // Breaks if a prefix at the end of Unicode makes the listing loop or panic.
    #[test]
    fn what_follows_a_prefix() {
        assert_eq!(after_prefix("a/").as_deref(), Some("a0"));
        assert_eq!(after_prefix("a\u{D7FF}").as_deref(), Some("a\u{E000}"));
        assert_eq!(after_prefix("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(after_prefix("\u{10FFFF}"), None);
    }
}
