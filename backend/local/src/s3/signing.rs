//! Which headers a signature must cover. `s3s` does not check this; it checks that the signed ones are unchanged.
//!
//! A header that nobody signed was perhaps added by somebody else: whoever got a link to upload one object could
//! turn it into a copy of another by `x-amz-copy-source`.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, DATE, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};
use time::format_description::well_known::Rfc2822;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// The longest that a presigned URL may be valid, in seconds: a week, by S3's rule.
const MAX_EXPIRES_SECONDS: u32 = 7 * 24 * 60 * 60;

/// Its value is what the payload is compared with, and so can only refuse a request.
const PAYLOAD_HASH: &str = "x-amz-content-sha256";

/// Refuses what S3 refuses before it looks at the signature itself. An unsigned request passes: `s3s` refuses it,
/// unless it is a form, whose signature is in its body.
pub(super) fn check(request: &Parts) -> S3Result<()> {
    let query = request.uri.query().unwrap_or_default();
    let query: Vec<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(query.as_bytes()).collect();
    let parameter = |wanted: &str| {
        let mut found = query.iter().filter(|(name, _)| name == wanted);
        found.next().map(|(_, value)| value.as_ref())
    };
    let header = request.headers.get(AUTHORIZATION);
    let header = header.map(|value| value.to_str().unwrap_or_default());
    // Version 2 covers neither the payload nor a time after which the request is stale.
    if header.is_some_and(|header| header.starts_with("AWS ")) {
        return Err(s3_error!(
            InvalidRequest,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        ));
    }
    // A link has a time: boto3 and version 1 of the AWS CLI make such links unless they are told otherwise.
    if parameter("Signature").is_some() {
        check_end(
            parameter("Expires").unwrap_or_default(),
            OffsetDateTime::now_utc(),
        )?;
        let mut names = query.iter().map(|(name, _)| name.as_ref());
        return match names.find(|name| !signed_by_version_2(name)) {
            Some(name) => Err(s3_error!(
                AccessDenied,
                "There were parameters present in the request which were not signed: {name}"
            )),
            None => Ok(()),
        };
    }
    let signed = if parameter("X-Amz-Signature").is_some() {
        check_lifetime(parameter("X-Amz-Expires").unwrap_or_default())?;
        parameter("X-Amz-SignedHeaders").unwrap_or_default()
    } else if let Some(header) = header {
        let list = header.split_once("SignedHeaders=").map_or("", |(_, list)| list);
        list.split([',', ' ']).next().unwrap_or_default()
    } else {
        return Ok(());
    };
    let names = request.headers.keys().map(http::HeaderName::as_str);
    let must = names.filter(|name| name.starts_with("x-amz-") && *name != PAYLOAD_HASH);
    let unsigned: Vec<&str> = std::iter::once(HOST.as_str())
        .chain(must)
        .filter(|name| !signed.split(';').any(|signed| signed == *name))
        .collect();
    if unsigned.is_empty() {
        return Ok(());
    }
    Err(s3_error!(
        AccessDenied,
        "There were headers present in the request which were not signed: {}",
        unsigned.join(", ")
    ))
}

/// The parameters that a signature of version 2 covers, and those that carry it.
fn signed_by_version_2(name: &str) -> bool {
    let plain = [
        "acl",
        "delete",
        "partNumber",
        "tagging",
        "uploadId",
        "uploads",
        "versionId",
    ];
    let carriers = ["AWSAccessKeyId", "Expires", "Signature"];
    plain.contains(&name) || carriers.contains(&name) || name.starts_with("response-")
}

fn check_lifetime(seconds: &str) -> S3Result<()> {
    match seconds.parse::<u32>() {
        Ok(1..=MAX_EXPIRES_SECONDS) => Ok(()),
        _ => Err(endless(
            "X-Amz-Expires must be a number of seconds between 1 and 604800, which is a week",
        )),
    }
}

/// The same for a time in seconds since 1970. That it is not over, `s3s` sees to.
fn check_end(end: &str, now: OffsetDateTime) -> S3Result<()> {
    match end.parse::<i64>() {
        Ok(end) if end <= now.unix_timestamp() + i64::from(MAX_EXPIRES_SECONDS) => Ok(()),
        _ => Err(endless(
            "Expires must be a time at most a week from now, in seconds since 1970",
        )),
    }
}

/// With the status of a link that has ended, whichever way its end is past.
fn endless(message: &'static str) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::AuthorizationQueryParametersError, message);
    error.set_status_code(http::StatusCode::FORBIDDEN);
    error
}

/// `s3s` wants the time of a signature in `x-amz-date`, in place of which S3 takes `Date`.
pub(super) fn add_date(headers: &mut HeaderMap) {
    const STAMP: &str = "x-amz-date";
    let Some(date) = headers.get(DATE).and_then(|date| date.to_str().ok()) else {
        return;
    };
    if headers.contains_key(STAMP) || !headers.contains_key(AUTHORIZATION) {
        return;
    }
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let stamp = OffsetDateTime::parse(date, &Rfc2822)
        .ok()
        .and_then(|date| date.to_offset(UtcOffset::UTC).format(format).ok())
        .and_then(|stamp| HeaderValue::try_from(stamp).ok());
    if let Some(stamp) = stamp {
        headers.insert(STAMP, stamp);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(uri: &str, headers: &[(&str, &str)]) -> Option<String> {
        let mut request = http::Request::builder().uri(uri).header("host", "127.0.0.1");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let error = check(&parts).err()?;
        Some(error.code().as_str().to_owned())
    }

    // Breaks if a link to upload becomes one to copy, or a signed request is changed on its way.
    #[test]
    fn headers_must_be_signed() {
        let link =
            |signed: &str| format!("/b/k?X-Amz-Expires=60&X-Amz-SignedHeaders={signed}&X-Amz-Signature=0");
        let copy = ("x-amz-copy-source", "b/other");
        assert_eq!(code(&link("host"), &[]), None);
        assert_eq!(code(&link("host"), &[copy]).as_deref(), Some("AccessDenied"));
        assert_eq!(code(&link("host%3Bx-amz-copy-source"), &[copy]), None);
        assert_eq!(
            code(&link("x-amz-copy-source"), &[copy]).as_deref(),
            Some("AccessDenied")
        );
        let header = |signed: &str| {
            format!("AWS4-HMAC-SHA256 Credential=k/d/r/s3/aws4_request, SignedHeaders={signed}, Signature=0")
        };
        let (partly, whole) = (header("host;x-amz-date"), header("host;x-amz-acl;x-amz-date"));
        let rest = [
            ("x-amz-date", "d"),
            ("x-amz-acl", "private"),
            ("x-amz-content-sha256", "0"),
        ];
        let with = |authorization| code("/b/k", &[&[("authorization", authorization)], &rest[..]].concat());
        assert_eq!(with(partly.as_str()).as_deref(), Some("AccessDenied"));
        assert_eq!(with(whole.as_str()), None);
    }

    // Breaks if a link can be made that never ends.
    #[test]
    fn links_end() {
        for (seconds, expected) in [
            ("1", None),
            ("604800", None),
            ("604801", Some("AuthorizationQueryParametersError")),
            ("0", Some("AuthorizationQueryParametersError")),
            ("-7", Some("AuthorizationQueryParametersError")),
        ] {
            let uri = format!("/b/k?X-Amz-Expires={seconds}&X-Amz-SignedHeaders=host&X-Amz-Signature=0");
            assert_eq!(code(&uri, &[]).as_deref(), expected, "{seconds}");
        }
    }

    // Breaks if a client that signs the date as HTTP writes it is refused.
    #[test]
    fn dates() {
        for date in ["Tue, 14 Nov 2023 22:13:20 GMT", "Tue, 14 Nov 2023 22:13:20 -0000"] {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, HeaderValue::from_static(date));
            headers.insert(AUTHORIZATION, HeaderValue::from_static("AWS4-HMAC-SHA256 "));
            add_date(&mut headers);
            assert_eq!(headers["x-amz-date"], "20231114T221320Z");
        }
    }

    // Breaks if a signature that covers less than version 4's is taken, or the links of common tools are not.
    #[test]
    fn version_2() {
        let header = ("authorization", "AWS key:c2ln");
        assert_eq!(code("/b/k", &[header]).as_deref(), Some("InvalidRequest"));
        let link = |from_now: i64, more: &str| {
            let end = OffsetDateTime::now_utc().unix_timestamp() + from_now;
            code(
                &format!("/b/k?AWSAccessKeyId=key&Expires={end}&Signature=c2ln{more}"),
                &[],
            )
        };
        assert_eq!(link(3600, "&response-content-type=a"), None);
        assert_eq!(link(3600, "&attributes").as_deref(), Some("AccessDenied"));
        assert_eq!(
            link(8 * 86400, "").as_deref(),
            Some("AuthorizationQueryParametersError")
        );
    }
}
