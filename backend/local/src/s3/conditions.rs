//! Conditional requests: what `If-Match` and its relatives ask for, and what S3 answers.

use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Result, s3_error};
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
            return Err(s3_error!(
                PreconditionFailed,
                "At least one of the pre-conditions you specified did not hold"
            ));
        }
        let same = match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => matches(condition, &object.etag),
            (None, Some(time)) => modified <= since(time),
            (None, None) => false,
        };
        match unchanged {
            _ if !same => Ok(()),
            Unchanged::NotModified => Err(s3_error!(NotModified)),
            Unchanged::Failed => Err(s3_error!(
                PreconditionFailed,
                "At least one of the pre-conditions you specified did not hold"
            )),
        }
    }
}

/// The conditions of a write: `If-None-Match: *` creates only, `If-Match` replaces only what is known.
pub(crate) fn check_write(
    existing: Option<&ObjectRow>,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    if let Some(condition) = if_none_match {
        if !condition.is_any() {
            return Err(s3_error!(NotImplemented, "If-None-Match takes only * for writes"));
        }
        if existing.is_some() {
            return Err(s3_error!(
                PreconditionFailed,
                "At least one of the pre-conditions you specified did not hold"
            ));
        }
    }
    match (if_match, existing) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
        (Some(condition), Some(object)) if matches(condition, &object.etag) => Ok(()),
        (Some(_), Some(_)) => Err(s3_error!(
            PreconditionFailed,
            "At least one of the pre-conditions you specified did not hold"
        )),
    }
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
        let (any, object) = (Some(ETagCondition::Any), object());
        assert_eq!(code(check_write(None, None, any.as_ref())), None);
        assert_eq!(
            code(check_write(Some(&object), None, any.as_ref())).as_deref(),
            Some("PreconditionFailed")
        );
        assert_eq!(code(check_write(Some(&object), tag("abc").as_ref(), None)), None);
        assert_eq!(
            code(check_write(None, tag("abc").as_ref(), None)).as_deref(),
            Some("NoSuchKey")
        );
    }
}
