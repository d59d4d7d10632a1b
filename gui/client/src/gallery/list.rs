//! Listing the bucket. S3 lists by key, not by time; but a job's key begins with its id, which begins with its time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2FluentBuilder;
use aws_sdk_s3::types::{EncodingType, Object};
use posterframe_contract::{decode_event_key, names, thumbnail_job_id};
use time::OffsetDateTime;

use super::item::{CUES, Extent, GalleryItem};
use super::state::State;
use crate::aws::{Session, from_aws};
use crate::error::ClientError;

/// How far back the first pages reach. Most people look for what they made lately.
const RECENT_AGE: Duration = Duration::from_hours(7 * 24);
/// A bucket so small is listed whole each time.
const SMALL_BUCKET: usize = 1000;

/// Lists the recent part first, so that the newest are there after one request, and then the rest.
pub(super) async fn refresh(inner: &State, extent: Extent) -> Result<(), ClientError> {
    let start = format!("{}/", folder(&inner.session));
    let recent = format!("{start}{}", id_at((inner.session.time.now() - RECENT_AGE).into()));
    let (number, all) = {
        let mut index = inner.index.lock();
        let all = extent == Extent::All || !index.is_complete() || index.len() <= SMALL_BUCKET;
        (index.begin(), all)
    };
    range(inner, number, &recent, None).await?;
    if all {
        range(inner, number, &start, Some(&recent)).await?;
        inner.index.lock().set_complete();
    }
    Ok(())
}

/// Lists what one job made: what lies beside `key`.
pub(super) async fn job(inner: &State, key: &str) -> Result<(), ClientError> {
    let Some((folder, _)) = key.rsplit_once('/') else {
        return Ok(());
    };
    let prefix = format!("{folder}/");
    let (objects, _) = page(&inner.session, |request| request.prefix(prefix)).await?;
    let items = objects.iter().filter_map(|object| item(&inner.session, object));
    let mut index = inner.index.lock();
    for item in items {
        if !index.has(&item.key) {
            index.insert(item);
        }
    }
    Ok(())
}

/// Lists from one key, which is not part of it, to another, which is.
async fn range(inner: &State, number: u64, from: &str, to: Option<&str>) -> Result<(), ClientError> {
    let session = &inner.session;
    let mut from = from.to_owned();
    let mut token = None;
    loop {
        let (objects, next) = page(session, |request| {
            request
                .prefix(format!("{}/", folder(session)))
                .set_start_after(token.is_none().then(|| from.clone()))
                .set_continuation_token(token)
        })
        .await?;
        let within = |key: &str| to.is_none_or(|to| key <= to);
        let last = objects.last().and_then(|object| object.key());
        token = next;
        let goes_on = token.is_some() && last.is_some_and(within);
        let end = if goes_on { last } else { to };
        let items: Vec<GalleryItem> = objects
            .iter()
            .filter(|object| object.key().is_some_and(within))
            .filter_map(|object| item(session, object))
            .collect();
        inner.index.lock().take_page(number, &from, end, items);
        inner.registry.changed();
        match end {
            Some(end) if goes_on => end.clone_into(&mut from),
            _ => return Ok(()),
        }
    }
}

/// One page of a listing, and how to ask for the next. Keys come encoded: they may have characters that XML cannot
/// carry, and one of them would break the page for everybody.
async fn page(
    session: &Session,
    ask: impl FnOnce(ListObjectsV2FluentBuilder) -> ListObjectsV2FluentBuilder,
) -> Result<(Vec<Object>, Option<String>), ClientError> {
    let request = session
        .s3
        .list_objects_v2()
        .bucket(&session.backend.bucket)
        .encoding_type(EncodingType::Url);
    let answer = ask(request)
        .send()
        .await
        .map_err(|error| ClientError::aws("Listing the thumbnails", &error))?;
    // A server that does not know of it gives the keys as they are.
    let encoded = answer.encoding_type() == Some(&EncodingType::Url);
    let objects = answer.contents.unwrap_or_default();
    let decoded = objects.into_iter().map(|mut object| {
        if let Some(key) = object.key.as_deref().filter(|_| encoded) {
            let key = decode_event_key(key).map_err(|_| ClientError::Aws {
                operation: "Listing the thumbnails",
                code: Some("InvalidKey".to_owned()),
                reason: format!("a key is no text: {key}"),
            })?;
            object.key = Some(key);
        }
        Ok(object)
    });
    Ok((
        decoded.collect::<Result<_, ClientError>>()?,
        answer.next_continuation_token,
    ))
}

fn folder(session: &Session) -> &str {
    session.backend.thumbnails_folder.trim_matches('/')
}

fn item(session: &Session, object: &Object) -> Option<GalleryItem> {
    let key = object.key()?;
    if !names::is_picture_key(key) && !key.ends_with(CUES) {
        return None;
    }
    Some(GalleryItem {
        key: key.to_owned(),
        name: key.rsplit('/').next()?.to_owned(),
        bytes: object.size().unwrap_or(0).unsigned_abs(),
        etag: object.e_tag().unwrap_or_default().trim_matches('"').to_owned(),
        modified: object
            .last_modified()
            .map_or(OffsetDateTime::UNIX_EPOCH, from_aws),
        job: thumbnail_job_id(folder(session), key),
        cues: None,
    })
}

/// What the ids of jobs made at `time` begin with: a `UUIDv7`'s first 48 bits are milliseconds.
fn id_at(time: SystemTime) -> String {
    let millis = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    format!("{:08x}-{:04x}", millis >> 16, millis & 0xffff)
}

#[cfg(test)]
mod tests {
    use posterframe_contract::JobId;

    use super::super::played::{server, session};
    use super::*;

    // Breaks if a new job's thumbnail would not be among the recent ones.
    #[test]
    fn an_id_sorts_after_the_moment_before_it() {
        let before = id_at(SystemTime::now() - Duration::from_secs(1));
        let id = JobId::new().to_string();
        let after = id_at(SystemTime::now() + Duration::from_secs(1));
        assert!(before < id && id < after, "{before} {id} {after}");
    }

    // Breaks if one key with a control character, which XML cannot carry, hides all thumbnails from everybody.
    #[tokio::test]
    async fn any_key_can_be_listed() {
        let (endpoint, questions) = server(
            "<ListBucketResult><EncodingType>url</EncodingType>\
             <Contents><Key>thumbnails/a%01+%2B%C3%A9.png</Key><Size>3</Size></Contents>\
             <Contents><Key>thumbnails/b.png</Key><Size>3</Size></Contents></ListBucketResult>",
        );
        let session = session(endpoint).await;
        let (objects, next) = page(&session, |request| request.prefix("thumbnails/"))
            .await
            .unwrap();
        let keys: Vec<_> = objects.iter().filter_map(|object| object.key()).collect();
        assert_eq!(keys, ["thumbnails/a\u{1} +é.png", "thumbnails/b.png"]);
        assert_eq!(next, None);
        assert!(questions.recv().unwrap().contains("encoding-type=url"));
    }

    // Breaks if a server that knows of no encoding has its keys decoded.
    #[tokio::test]
    async fn a_plain_listing_is_left_as_it_is() {
        let (endpoint, _) = server(
            "<ListBucketResult><Contents><Key>thumbnails/a+%41.png</Key></Contents></ListBucketResult>",
        );
        let session = session(endpoint).await;
        let (objects, _) = page(&session, |request| request).await.unwrap();
        assert_eq!(objects[0].key(), Some("thumbnails/a+%41.png"));
    }
}
