//! Signature Version 4 as the server checks it, for the JSON services. (`s3s` checks S3's, whose canonical form
//! differs.) The HMACs are `aws-sigv4`'s; the canonical request is put together from what arrived.

use std::collections::BTreeMap;
use std::time::SystemTime;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sha2::{Digest, Sha256};
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::Credentials;
use crate::http::json::ApiError;

/// How far a client's clock may be off, either way; AWS's own limit.
const MAX_SKEW: time::Duration = time::Duration::minutes(15);

/// `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`
struct Authorization<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let fields: BTreeMap<&str, &str> = text
            .strip_prefix("AWS4-HMAC-SHA256")?
            .split(',')
            .filter_map(|field| field.trim().split_once('='))
            .collect();
        let scope: Vec<&str> = fields.get("Credential")?.split('/').collect();
        let [access_key_id, date, region, service, "aws4_request"] = scope[..] else {
            return None;
        };
        Some(Self {
            access_key_id,
            date,
            region,
            service,
            signed_headers: fields.get("SignedHeaders")?.split(';').collect(),
            signature: fields.get("Signature")?,
        })
    }
}

/// The service that a request says it was signed for.
pub(crate) fn service(headers: &HeaderMap) -> Option<&str> {
    Some(Authorization::parse(headers.get(AUTHORIZATION)?.to_str().ok()?)?.service)
}

/// Checks that the request was signed with our keys for `service`, lately, and that nothing was changed since.
pub(crate) fn verify(
    credentials: &Credentials,
    service: &str,
    request: &Parts,
    body: &[u8],
) -> Result<(), ApiError> {
    let now = OffsetDateTime::now_utc();
    let header = request
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let header = header.ok_or_else(|| {
        ApiError::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        )
    })?;
    let incomplete = || {
        ApiError::new(
            "IncompleteSignatureException",
            "the Authorization header is malformed",
        )
    };
    let authorization = Authorization::parse(header).ok_or_else(incomplete)?;
    if authorization.access_key_id != credentials.access_key_id {
        return Err(ApiError::new(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ));
    }
    let stamp = request
        .headers
        .get("x-amz-date")
        .and_then(|value| value.to_str().ok())
        .ok_or_else(incomplete)?;
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let time = PrimitiveDateTime::parse(stamp, format)
        .map_err(|_| incomplete())?
        .assume_utc();
    if (now - time).abs() > MAX_SKEW {
        return Err(ApiError::new(
            "InvalidSignatureException",
            format!("Signature expired or not yet valid: {stamp} is too far from this machine's clock"),
        ));
    }
    if authorization.service != service {
        return Err(ApiError::new(
            "InvalidSignatureException",
            format!("Credential should be scoped to correct service: '{service}'."),
        ));
    }
    // `host` names this server and `x-amz-target` the operation: unsigned, either could be replaced on the way. The same
    // holds for every `x-amz-` header.
    let signed = |name: &str| authorization.signed_headers.contains(&name);
    let unsigned = request
        .headers
        .keys()
        .any(|name| name.as_str().starts_with("x-amz-") && !signed(name.as_str()));
    if !signed("host") || !signed("x-amz-date") || unsigned || !stamp.starts_with(authorization.date) {
        return Err(incomplete());
    }
    let canonical = canonical_request(request, &authorization.signed_headers, body).ok_or_else(incomplete)?;
    let Authorization {
        date,
        region,
        service,
        ..
    } = authorization;
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{stamp}\n{date}/{region}/{service}/aws4_request\n{}",
        hex::encode(Sha256::digest(canonical))
    );
    let key = generate_signing_key(
        &credentials.secret_access_key,
        SystemTime::from(time),
        region,
        service,
    );
    let expected = calculate_signature(key, to_sign.as_bytes());
    if !equal_in_constant_time(expected.as_bytes(), authorization.signature.as_bytes()) {
        return Err(ApiError::new(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS \
             Secret Access Key and signing method.",
        ));
    }
    Ok(())
}

/// `None` if a header that is said to be signed is missing.
fn canonical_request(request: &Parts, signed_headers: &[&str], body: &[u8]) -> Option<String> {
    let mut names: Vec<&str> = signed_headers.to_vec();
    names.sort_unstable();
    let headers: Option<String> = names
        .iter()
        .map(|name| Some(format!("{name}:{}\n", canonical_value(&request.headers, name)?)))
        .collect();
    // The JSON services have neither path nor query.
    Some(format!(
        "{}\n{}\n{}\n{}\n{}\n{}",
        request.method,
        request.uri.path(),
        request.uri.query().unwrap_or_default(),
        headers?,
        names.join(";"),
        hex::encode(Sha256::digest(body)),
    ))
}

fn canonical_value(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Option<Vec<String>> = headers
        .get_all(name)
        .iter()
        .map(|value| {
            Some(
                value
                    .to_str()
                    .ok()?
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        })
        .collect();
    values
        .filter(|values| !values.is_empty())
        .map(|values| values.join(","))
}

/// Compares in constant time, so that response times do not reveal how much of a guess was right.
pub(crate) fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"cluster":"posterframe"}"#;

    fn credentials() -> Credentials {
        Credentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        }
    }

    /// A request signed by AWS's own signer, as an SDK does it.
    fn signed(time: SystemTime) -> Parts {
        use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
        use aws_sigv4::sign::v4::SigningParams;
        let keys = credentials();
        let identity = aws_credential_types::Credentials::new(
            keys.access_key_id,
            keys.secret_access_key,
            None,
            None,
            "test",
        )
        .into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("ecs")
            .time(time)
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let uri = "http://127.0.0.1:9000/";
        let headers = [
            ("x-amz-target", "AmazonEC2ContainerServiceV20141113.RunTask"),
            ("content-type", "a  b"),
        ];
        let request =
            SignableRequest::new("POST", uri, headers.into_iter(), SignableBody::Bytes(BODY)).unwrap();
        let (instructions, _) = sign(request, &params).unwrap().into_parts();
        let mut request = http::Request::post("/").header("host", "127.0.0.1:9000");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut request = request.body(()).unwrap();
        instructions.apply_to_request_http1x(&mut request);
        request.into_parts().0
    }

    fn code(parts: &Parts, body: &[u8]) -> Option<&'static str> {
        verify(&credentials(), "ecs", parts, body)
            .err()
            .map(|error| error.code)
    }

    // Breaks if an SDK's signature is refused, or a changed request passes.
    #[test]
    fn signatures() {
        let parts = signed(SystemTime::now());
        assert_eq!(code(&parts, BODY), None);
        assert_eq!(code(&parts, b"{}"), Some("InvalidSignatureException"));
        let mut other = parts.clone();
        other
            .headers
            .insert("x-amz-target", "Logs_20140328.DeleteLogGroup".parse().unwrap());
        assert_eq!(code(&other, BODY), Some("InvalidSignatureException"));
        let mut unsigned = parts;
        unsigned.headers.remove(AUTHORIZATION);
        assert_eq!(code(&unsigned, BODY), Some("MissingAuthenticationTokenException"));
    }

    // Breaks if a signature for one service opens another, or a header of AWS's can be added to a signed request.
    #[test]
    fn what_a_signature_covers() {
        let parts = signed(SystemTime::now());
        assert_eq!(service(&parts.headers), Some("ecs"));
        let other = verify(&credentials(), "logs", &parts, BODY).unwrap_err();
        assert_eq!(other.code, "InvalidSignatureException");
        let mut more = parts.clone();
        more.headers.insert("x-amz-security-token", "t".parse().unwrap());
        assert_eq!(code(&more, BODY), Some("IncompleteSignatureException"));
        // A target that is not in the list of what is signed.
        let mut unsigned = parts;
        let list = unsigned.headers[AUTHORIZATION].to_str().unwrap();
        let list = list.replace(";x-amz-target", "").parse().unwrap();
        unsigned.headers.insert(AUTHORIZATION, list);
        assert_eq!(code(&unsigned, BODY), Some("IncompleteSignatureException"));
    }

    // Breaks if a request that somebody recorded could be played again later.
    #[test]
    fn old_and_foreign_requests() {
        let parts = signed(SystemTime::now() - std::time::Duration::from_mins(16));
        assert_eq!(code(&parts, BODY), Some("InvalidSignatureException"));
        let stranger = Credentials {
            access_key_id: "other".into(),
            ..credentials()
        };
        let error = verify(&stranger, "ecs", &signed(SystemTime::now()), BODY).unwrap_err();
        assert_eq!(error.code, "UnrecognizedClientException");
    }

    // Breaks if a malformed header makes the server panic.
    #[test]
    fn malformed_headers() {
        for text in [
            "",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/b/c, Signature=",
            "Basic abc",
            "=,=,=",
        ] {
            let (mut parts, ()) = http::Request::post("/").body(()).unwrap().into_parts();
            parts.headers.insert(AUTHORIZATION, text.parse().unwrap());
            assert_eq!(code(&parts, b""), Some("IncompleteSignatureException"), "{text}");
        }
    }
}
