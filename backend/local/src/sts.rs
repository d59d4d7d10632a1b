//! STS: `GetCallerIdentity` alone, in AWS's query protocol.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use uuid::Uuid;

use crate::account::ACCOUNT_ID;
use crate::http::json::ApiError;

/// What requests for it are signed for, and told apart by.
pub(crate) const SERVICE: &str = "sts";

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The answer to a request with this body, or to one that was not let in.
pub(crate) fn response(body: Result<Bytes, ApiError>) -> Response<s3s::Body> {
    let request = Uuid::new_v4();
    let (status, body) = match body.and_then(|body| answer(&body)) {
        Ok(identity) => (
            StatusCode::OK,
            format!(
                "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\"><GetCallerIdentityResult>{identity}\
                 </GetCallerIdentityResult><ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata>\
                 </GetCallerIdentityResponse>"
            ),
        ),
        Err(ApiError { code, message, .. }) => (
            StatusCode::FORBIDDEN,
            format!(
                "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{}</Code><Message>{message}\
                 </Message></Error><RequestId>{request}</RequestId></ErrorResponse>",
                query_code(code)
            ),
        ),
    };
    let mut response = Response::new(s3s::Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}

/// Whoever has the keys may do everything here: that is the account's root.
fn answer(body: &[u8]) -> Result<String, ApiError> {
    if !body
        .split(|byte| *byte == b'&')
        .any(|pair| pair == b"Action=GetCallerIdentity")
    {
        return Err(ApiError::new(
            "InvalidAction",
            "STS knows GetCallerIdentity alone here",
        ));
    }
    Ok(format!(
        "<Arn>arn:aws:iam::{ACCOUNT_ID}:root</Arn><UserId>{ACCOUNT_ID}</UserId><Account>{ACCOUNT_ID}</Account>"
    ))
}

/// The query protocol has names of its own for what is wrong with a signature.
fn query_code(code: &str) -> &str {
    match code {
        "InvalidSignatureException" => "SignatureDoesNotMatch",
        "UnrecognizedClientException" => "InvalidClientTokenId",
        "IncompleteSignatureException" => "IncompleteSignature",
        other => other,
    }
}
