//! Checks before and corrections after `s3s`: rules of S3 that it does not have, and an id on every answer.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, ETAG, EXPECT};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use s3s::service::S3Service;
use s3s::{Body, S3Result, s3_error};
use uuid::Uuid;

use crate::account::ACCOUNT_ID;
use crate::s3::chunked::Whole;
use crate::s3::{forms, signing};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
const HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");

/// S3 over HTTP.
pub(crate) struct Front {
    s3: S3Service,
}

impl Front {
    pub(super) fn new(s3: S3Service) -> Self {
        Self { s3 }
    }

    /// Answers one request.
    pub(crate) async fn call(&self, request: Request<Incoming>) -> Response<Body> {
        let answer = Answer::to(&request);
        let response = match prepare(request).await {
            Ok(request) => self.s3.call(request).await.unwrap_or_else(|error| {
                tracing::error!("S3 could not answer: {error:?}");
                unanswerable()
            }),
            Err(error) => error.to_http_response().unwrap_or_else(|_| unanswerable()),
        };
        answer.finish(response)
    }
}

/// The request as `s3s` is to see it, if it may.
async fn prepare(request: Request<Incoming>) -> S3Result<Request<Body>> {
    let (mut parts, body) = request.into_parts();
    signing::check(&parts)?;
    check_headers(&parts)?;
    let body = if forms::is_form(&parts) {
        Body::from(forms::read(&parts, body).await?)
    } else if header(&parts, "x-amz-content-sha256").starts_with("STREAMING-") {
        Body::http_body(Whole::new(body))
    } else {
        Body::from(body)
    };
    signing::add_date(&mut parts.headers);
    Ok(Request::from_parts(parts, body))
}

fn unanswerable() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

fn header<'a>(request: &'a Parts, name: &str) -> &'a str {
    let value = request.headers.get(name);
    value.and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Refuses a malformed checksum, which `s3s` would not compare, and requests for encryption or locks, which this backend
/// does not have: a success would promise them.
fn check_headers(request: &Parts) -> S3Result<()> {
    for name in [
        "x-amz-expected-bucket-owner",
        "x-amz-source-expected-bucket-owner",
    ] {
        if !["", ACCOUNT_ID].contains(&header(request, name)) {
            return Err(s3_error!(
                AccessDenied,
                "Access Denied: every bucket here is {ACCOUNT_ID}'s"
            ));
        }
    }
    if request
        .headers
        .get("content-md5")
        .is_some_and(HeaderValue::is_empty)
    {
        return Err(s3_error!(
            InvalidDigest,
            "The Content-MD5 you specified was invalid."
        ));
    }
    let own_key = "server-side-encryption-customer-algorithm";
    let asked = request.headers.keys().find(|name| {
        name.as_str().ends_with(own_key)
            || name.as_str().starts_with("x-amz-object-lock-")
            || name.as_str() == "x-amz-write-offset-bytes"
    });
    let by_kms = header(request, "x-amz-server-side-encryption").starts_with("aws:kms");
    let by_kms = by_kms.then(|| HeaderName::from_static("x-amz-server-side-encryption"));
    match asked.or(by_kms.as_ref()) {
        Some(name) => Err(s3_error!(
            NotImplemented,
            "Objects here cannot be encrypted with your own keys, locked or appended to: {name}"
        )),
        None => Ok(()),
    }
}

/// The properties of a request that the correction of its answer depends on.
struct Answer {
    id: String,
    /// `s3s` quotes the tag in this operation's answer, too, where S3 does not.
    bare_etag: bool,
    /// `s3s` takes a form that its policy does not allow for a malformed policy, S3 for a forbidden request.
    form: bool,
    /// The body may not have been sent, and then what comes next on the connection would be taken for it.
    waits: bool,
}

impl Answer {
    fn to<B>(request: &Request<B>) -> Self {
        let query = request.uri().query().unwrap_or_default();
        let mut names = query.split('&').map(|pair| pair.split('=').next());
        Self {
            id: Uuid::new_v4().simple().to_string()[..16].to_uppercase(),
            bare_etag: names.any(|name| name == Some("attributes")),
            form: request.method() == http::Method::POST,
            waits: request.headers().contains_key(EXPECT),
        }
    }

    fn finish(&self, response: Response<Body>) -> Response<Body> {
        let (mut parts, body) = response.into_parts();
        if let Ok(id) = HeaderValue::try_from(&self.id) {
            parts.headers.insert(HOST_ID, id.clone());
            parts.headers.insert(REQUEST_ID, id);
        }
        if parts.status == StatusCode::NOT_MODIFIED {
            parts.headers.remove(CONTENT_TYPE);
            return Response::from_parts(parts, Body::empty());
        }
        let text = body.bytes().filter(|_| self.form);
        let body = match text.and_then(|text| forbidden_by_policy(&text)) {
            Some(text) => {
                parts.status = StatusCode::FORBIDDEN;
                Body::from(text)
            }
            None => body,
        };
        let failed = parts.status.is_client_error() || parts.status.is_server_error();
        if failed && self.waits {
            parts
                .headers
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let body = match body.bytes() {
            Some(text) if failed => Body::from(self.name_in(&text)),
            Some(text) if self.bare_etag && !parts.headers.contains_key(ETAG) => Body::from(unquoted(&text)),
            _ => body,
        };
        Response::from_parts(parts, body)
    }

    /// An error with the id of its request in it, by which people tell a log's lines apart.
    fn name_in(&self, error: &Bytes) -> Bytes {
        let end = "</Error>";
        let Some(error) = std::str::from_utf8(error)
            .ok()
            .and_then(|text| text.strip_suffix(end))
        else {
            return error.clone();
        };
        let id = &self.id;
        format!("{error}<RequestId>{id}</RequestId><HostId>{id}</HostId>{end}").into()
    }
}

/// The error that S3 has for a form that breaks its policy, if this is `s3s`'s for the same.
fn forbidden_by_policy(error: &Bytes) -> Option<String> {
    let error = std::str::from_utf8(error).ok()?;
    let broken = error.contains("<Message>Policy condition ");
    broken.then(|| error.replace("<Code>InvalidPolicyDocument<", "<Code>AccessDenied<"))
}

fn unquoted(text: &Bytes) -> Bytes {
    let Ok(xml) = std::str::from_utf8(text) else {
        return text.clone();
    };
    xml.replace("<ETag>\"", "<ETag>")
        .replace("\"</ETag>", "</ETag>")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the request after a refused upload is taken for the bytes of that upload.
    #[test]
    fn refusals_before_the_body_end_the_connection() {
        let closes = |status: StatusCode, headers: &[(&str, &str)]| {
            let mut request = Request::builder();
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = Answer::to(&request.body(()).unwrap());
            let mut response = Response::new(Body::empty());
            *response.status_mut() = status;
            answer.finish(response).headers().contains_key(CONNECTION)
        };
        let waits = [("expect", "100-continue")];
        assert!(closes(StatusCode::PRECONDITION_FAILED, &waits));
        assert!(!closes(StatusCode::OK, &waits));
        assert!(!closes(StatusCode::PRECONDITION_FAILED, &[]));
    }

    // Breaks if the ids of an answer's header and text differ, or another text than an error's is changed.
    #[test]
    fn ids_of_errors() {
        let answer = Answer::to(&Request::new(()));
        let named = answer.name_in(&Bytes::from_static(b"<Error><Code>A</Code></Error>"));
        let named = std::str::from_utf8(&named).unwrap();
        assert!(
            named.contains(&format!("<RequestId>{}</RequestId>", answer.id)),
            "{named}"
        );
        assert!(named.ends_with("</Error>"), "{named}");
        assert_eq!(answer.name_in(&Bytes::from_static(b"other")), "other");
    }
}
