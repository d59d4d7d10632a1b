//! Conditional requests: what `If-Match` and its relatives ask for, and what S3 answers.

use http::header::{ETAG, IF_MATCH, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::dto::{ETag, ETagCondition, Timestamp, TimestampFormat};
use s3s::{S3Error, S3Result, s3_error};
use time::OffsetDateTime;

use crate::clock;
use crate::s3::catalogue::ObjectRow;

/// The four conditions of a read, or of the source of a copy.
#[derive(Debug, Default)]
#[allow(clippy::struct_field_names, reason = "the names are those of the headers")]
pub(crate) struct Conditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

/// What a read that fails [`Conditions::if_none_match`] gets: 304, but 412 for the source of a copy.
#[derive(Clone, Copy)]
pub(crate) enum Unchanged {
    NotModified,
    Failed,
}

impl Conditions {
    /// RFC 9110's order: the tag conditions, where present, stand above the dates.
    pub(crate) fn check(&self, object: &ObjectRow, unchanged: Unchanged) -> S3Result<()> {
        let modified = whole_seconds(object.modified);
        let since = |time: &Timestamp| OffsetDateTime::from(time.clone());
        let fails = match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) => !matches(condition, &object.etag),
            (None, Some(time)) => modified > since(time),
            (None, None) => false,
        };
        if fails {
            return Err(failed());
        }
        let same = match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => matches(condition, &object.etag),
            (None, Some(time)) => modified <= since(time),
            (None, None) => false,
        };
        match unchanged {
            _ if !same => Ok(()),
            Unchanged::NotModified => Err(not_modified(object)),
            Unchanged::Failed => Err(failed()),
        }
    }
}

/// The conditions of a write: `If-None-Match: *` only creates, `If-Match` replaces only what is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteConditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
}

impl WriteConditions {
    /// From the headers of a copy, whose input has no members for them.
    pub(crate) fn of_headers(headers: &HeaderMap) -> S3Result<Self> {
        let condition = |name: HeaderName| {
            let value = headers.get(&name).map(HeaderValue::as_bytes);
            value
                .map(ETagCondition::parse_http_header)
                .transpose()
                .map_err(|error| s3_error!(error, InvalidArgument, "The {name} header is no entity tag"))
        };
        Ok(Self {
            if_match: condition(IF_MATCH)?,
            if_none_match: condition(IF_NONE_MATCH)?,
        })
    }

    pub(crate) fn check(&self, existing: Option<&ObjectRow>) -> S3Result<()> {
        // S3 itself takes only `*` here so far; a tag means what it means everywhere (RFC 9110, section 13.1.2).
        if let (Some(condition), Some(object)) = (&self.if_none_match, existing)
            && matches(condition, &object.etag)
        {
            return Err(failed());
        }
        match (&self.if_match, existing) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
            (Some(condition), Some(object)) if matches(condition, &object.etag) => Ok(()),
            (Some(_), Some(_)) => Err(failed()),
        }
    }
}

/// The conditions of a deletion, each of which must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeleteConditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) modified: Option<Timestamp>,
    pub(crate) size: Option<i64>,
}

impl DeleteConditions {
    /// What is not there has no tag that could match; its time and size are not asked for, by S3's rule.
    pub(crate) fn check(&self, existing: Option<&ObjectRow>) -> S3Result<()> {
        let Some(object) = existing else {
            return match self.if_match {
                Some(_) => Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
                None => Ok(()),
            };
        };
        let same_second = |time: &Timestamp| {
            OffsetDateTime::from(time.clone()).unix_timestamp() == object.modified.div_euclid(1000)
        };
        let holds = self
            .if_match
            .as_ref()
            .is_none_or(|tag| matches(tag, &object.etag))
            && self.modified.as_ref().is_none_or(same_second)
            && self.size.is_none_or(|size| size as u64 == object.size);
        if holds { Ok(()) } else { Err(failed()) }
    }
}

fn failed() -> S3Error {
    s3_error!(
        PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold"
    )
}

/// With what a cache needs to go on using its copy (RFC 9110, section 15.4.5).
fn not_modified(object: &ObjectRow) -> S3Error {
    let mut headers = HeaderMap::new();
    if let Ok(tag) = ETag::Strong(object.etag.clone()).to_http_header() {
        headers.insert(ETAG, tag);
    }
    let mut date = Vec::new();
    let modified = Timestamp::from(clock::from_ms(object.modified));
    if modified.format(TimestampFormat::HttpDate, &mut date).is_ok()
        && let Ok(date) = HeaderValue::from_bytes(&date)
    {
        headers.insert(LAST_MODIFIED, date);
    }
    let mut error = s3_error!(NotModified);
    error.set_headers(headers);
    error
}

fn matches(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(ETag::Strong(value) | ETag::Weak(value)) => value == etag,
    }
}

/// HTTP dates have no fraction; an object is not newer than the date that it was given itself.
fn whole_seconds(ms: i64) -> OffsetDateTime {
    clock::from_ms(ms / 1000 * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::catalogue::Attributes;

    fn object() -> ObjectRow {
        ObjectRow {
            size: 1,
            etag: "abc".into(),
            modified: 1_700_000_000_900,
            segments: vec![],
            attributes: Attributes::default(),
        }
    }

    #[allow(clippy::unnecessary_wraps, reason = "conditions are optional")]
    fn tag(value: &str) -> Option<ETagCondition> {
        Some(ETagCondition::ETag(ETag::Strong(value.into())))
    }

    fn code(result: S3Result<()>) -> Option<String> {
        result.err().map(|error| error.code().as_str().to_owned())
    }

    // Breaks if the worker would go on reading a video that was replaced, or a cached copy is sent again.
    #[test]
    fn reads() {
        let check = |conditions: Conditions| code(conditions.check(&object(), Unchanged::NotModified));
        assert_eq!(
            check(Conditions {
                if_match: tag("abc"),
                ..Default::default()
            }),
            None
        );
        let other = Conditions {
            if_match: tag("x"),
            ..Default::default()
        };
        assert_eq!(check(other).as_deref(), Some("PreconditionFailed"));
        let same = Conditions {
            if_none_match: tag("abc"),
            ..Default::default()
        };
        assert_eq!(check(same).as_deref(), Some("NotModified"));
        let own_date = Some(Timestamp::from(clock::from_ms(1_700_000_000_000)));
        let dated = Conditions {
            if_modified_since: own_date.clone(),
            ..Default::default()
        };
        assert_eq!(check(dated).as_deref(), Some("NotModified"));
        assert_eq!(
            check(Conditions {
                if_unmodified_since: own_date,
                ..Default::default()
            }),
            None
        );
    }

    // Breaks if two submissions could overwrite each other's upload.
    #[test]
    fn writes() {
        let object = object();
        let creates = WriteConditions {
            if_none_match: Some(ETagCondition::Any),
            ..Default::default()
        };
        assert_eq!(code(creates.check(None)), None);
        assert_eq!(
            code(creates.check(Some(&object))).as_deref(),
            Some("PreconditionFailed")
        );
        let replaces = WriteConditions {
            if_match: tag("abc"),
            ..Default::default()
        };
        assert_eq!(code(replaces.check(Some(&object))), None);
        assert_eq!(code(replaces.check(None)).as_deref(), Some("NoSuchKey"));
    }

    // Breaks if a deletion takes what was replaced since its caller looked.
    #[test]
    fn deletions() {
        let object = object();
        let check = |conditions: &DeleteConditions| code(conditions.check(Some(&object)));
        let known = DeleteConditions {
            if_match: tag("abc"),
            modified: Some(Timestamp::from(clock::from_ms(1_700_000_000_000))),
            size: Some(1),
        };
        assert_eq!(check(&known), None);
        let others = [
            DeleteConditions {
                if_match: tag("x"),
                ..known.clone()
            },
            DeleteConditions {
                modified: Some(Timestamp::from(clock::from_ms(0))),
                ..known.clone()
            },
            DeleteConditions {
                size: Some(2),
                ..known.clone()
            },
        ];
        for other in others {
            assert_eq!(check(&other).as_deref(), Some("PreconditionFailed"), "{other:?}");
        }
        assert_eq!(code(known.check(None)).as_deref(), Some("NoSuchKey"));
        let unnamed = DeleteConditions {
            if_match: None,
            ..known
        };
        assert_eq!(code(unnamed.check(None)), None);
    }
}
