//! Signed requests to services to which only a request or two goes. Their SDKs would take longer to build than all
//! the rest of this crate.

use std::convert::Infallible;

use aws_config::BehaviorVersion;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use time::OffsetDateTime;

use super::fault::{Fault, innermost};
use crate::aws::Session;

/// A request to be signed.
pub(super) struct SignedRequest<'a> {
    /// The service as signatures name it: `sqs`.
    pub(super) service: &'static str,
    pub(super) method: &'static str,
    /// Path and query, escaped.
    pub(super) path: &'a str,
    pub(super) headers: &'a [(&'static str, &'a str)],
    pub(super) body: String,
}

/// The address of a service, without a slash at its end, and the region that signs for it.
pub(super) fn endpoint(session: &Session, service: &str) -> Result<(String, String), Fault> {
    let region = session
        .config
        .region()
        .map(ToString::to_string)
        .ok_or(Fault::DependsOn(super::report::Component::Region))?;
    if let Some(endpoint) = session.config.endpoint_url() {
        return Ok((endpoint.trim_end_matches('/').to_owned(), region));
    }
    // IAM is one for all regions of a partition.
    Ok(match (service, region.split('-').next().unwrap_or_default()) {
        ("iam", "cn") => (
            "https://iam.cn-north-1.amazonaws.com.cn".to_owned(),
            "cn-north-1".to_owned(),
        ),
        ("iam", _) if region.starts_with("us-gov-") => (
            "https://iam.us-gov.amazonaws.com".to_owned(),
            "us-gov-west-1".to_owned(),
        ),
        ("iam", _) => ("https://iam.amazonaws.com".to_owned(), "us-east-1".to_owned()),
        (service, "cn") => (format!("https://{service}.{region}.amazonaws.com.cn"), region),
        (service, _) => (format!("https://{service}.{region}.amazonaws.com"), region),
    })
}

/// The answer's text, or the fault that its status and code come to.
pub(super) async fn send(session: &Session, unsigned: SignedRequest<'_>) -> Result<String, Fault> {
    let (endpoint, region) = endpoint(session, unsigned.service)?;
    let credentials = session.credentials().await;
    let credentials = credentials.map_err(|error| Fault::NoLogin(innermost(&error)))?;
    let request = signed(
        &endpoint,
        &region,
        &credentials.into(),
        session.time.now(),
        &unsigned,
    )?;
    let operation = Operation::builder()
        .service_name(unsigned.service)
        .operation_name("look")
        .behavior_version(BehaviorVersion::latest())
        .no_auth()
        .no_retry()
        .endpoint_url(&endpoint)
        .http_client(session.https.clone())
        .serializer(|request: HttpRequest| Ok(request))
        .deserializer::<_, Infallible>(|response: &HttpResponse| {
            let body = response.body().bytes().unwrap_or_default();
            Ok((
                response.status().as_u16(),
                String::from_utf8_lossy(body).into_owned(),
            ))
        })
        .build();
    let answer = operation.invoke(request).await;
    let (status, body) = answer.map_err(|error| Fault::Unreachable(innermost(&error)))?;
    if (200..300).contains(&status) {
        return Ok(body);
    }
    let (code, message) = error_of(&body);
    Err(match (code, status) {
        (Some(code), _) => Fault::coded(&code, &message),
        (None, 403) => Fault::Denied(message),
        (None, 404) => Fault::Missing(message),
        (None, status) => Fault::Other(format!("status {status}")),
    })
}

fn signed(
    endpoint: &str,
    region: &str,
    identity: &Identity,
    time: OffsetDateTime,
    unsigned: &SignedRequest<'_>,
) -> Result<HttpRequest, Fault> {
    let fault =
        |error: &dyn std::error::Error| Fault::Other(format!("the request cannot be signed ({error})"));
    let params = SigningParams::builder()
        .identity(identity)
        .region(region)
        .name(unsigned.service)
        .time(time.into())
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| fault(&error))?
        .into();
    let url = format!("{endpoint}{}", unsigned.path);
    let signable = SignableRequest::new(
        unsigned.method,
        &url,
        unsigned.headers.iter().copied(),
        SignableBody::Bytes(unsigned.body.as_bytes()),
    )
    .map_err(|error| fault(&error))?;
    let (instructions, _) = sign(signable, &params)
        .map_err(|error| fault(&error))?
        .into_parts();
    let mut request = HttpRequest::new(SdkBody::from(unsigned.body.clone()));
    request
        .set_method(unsigned.method)
        .map_err(|error| fault(&error))?;
    request.set_uri(unsigned.path).map_err(|error| fault(&error))?;
    for (name, value) in unsigned.headers.iter().copied().chain(instructions.headers()) {
        request
            .headers_mut()
            .try_insert(name.to_owned(), value.to_owned())
            .map_err(|error| fault(&error))?;
    }
    Ok(request)
}

/// Code and message of an error: in JSON, or in IAM's XML.
fn error_of(body: &str) -> (Option<String>, String) {
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(body) {
        let text = |names: [&str; 3]| {
            names
                .iter()
                .find_map(|name| json.get(name)?.as_str().map(str::to_owned))
        };
        let code = text(["__type", "Type", "code"]);
        return (
            code,
            text(["message", "Message", "errorMessage"]).unwrap_or_default(),
        );
    }
    let tag = |name| element(body, name).map(str::to_owned);
    (tag("Code"), tag("Message").unwrap_or_default())
}

/// The text of the first `<name>` in `xml`.
pub(super) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    elements(xml, name).next()
}

/// The texts of all `<name>` in `xml`.
pub(super) fn elements<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        let after = rest.split_once(&open)?.1;
        let (text, tail) = after.split_once(&close)?;
        rest = tail;
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a refusal reads as a breakdown: the codes of three protocols.
    #[test]
    fn errors_of_all_protocols_are_understood() {
        let fault = |body: &str| {
            let (code, message) = error_of(body);
            Fault::coded(&code.unwrap(), &message)
        };
        let xml = "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code>\
                   <Message>The role with name x cannot be found.</Message></Error></ErrorResponse>";
        assert_eq!(
            fault(xml),
            Fault::Missing("The role with name x cannot be found".into())
        );
        let json =
            r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The queue does not exist."}"#;
        assert_eq!(fault(json), Fault::Missing("The queue does not exist".into()));
        let denied = r#"{"__type":"AccessDeniedException","Message":"not authorized"}"#;
        assert_eq!(fault(denied), Fault::Denied("not authorized".into()));
        let expired =
            "<Error><Code>ExpiredToken</Code><Message>The security token is expired</Message></Error>";
        assert_eq!(fault(expired), Fault::Expired);
    }

    // Breaks if the signing of a role's answer takes the wrong one of several elements.
    #[test]
    fn elements_come_in_their_order() {
        let xml = "<a><b>1</b><b>2</b></a>";
        assert_eq!(elements(xml, "b").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(element(xml, "c"), None);
    }
}
