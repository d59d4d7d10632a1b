//! Uploads by a form in a browser, whose policy says what may be sent.

use std::time::SystemTime;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64_simd::STANDARD as BASE64;
use posterframe_local::BUCKET;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use crate::support::{Local, Plain, fresh, plain_http_with};

/// Sends `file` under the key `sent`, with a policy for keys that begin with `form/` and at most ten bytes.
fn post(local: &Local, valid: Duration, sent: &str, status: &str, file: &str) -> Plain {
    let now = SystemTime::now();
    let today = OffsetDateTime::from(now);
    let stamp = today
        .format(format_description!("[year][month][day]T[hour][minute][second]Z"))
        .unwrap();
    let end = (today + valid)
        .format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second]Z"
        ))
        .unwrap();
    let credentials = local.backend.credentials();
    let credential = format!(
        "{}/{}/us-east-1/s3/aws4_request",
        credentials.access_key_id,
        &stamp[..8]
    );
    let policy = format!(
        r#"{{"expiration": "{end}", "conditions": [
            {{"bucket": "{BUCKET}"}}, ["starts-with", "$key", "form/"], ["content-length-range", 1, 10],
            ["eq", "$success_action_status", "{status}"], {{"x-amz-algorithm": "AWS4-HMAC-SHA256"}},
            {{"x-amz-credential": "{credential}"}}, {{"x-amz-date": "{stamp}"}}]}}"#
    );
    let policy = BASE64.encode_to_string(policy);
    let key = generate_signing_key(&credentials.secret_access_key, now, "us-east-1", "s3");
    let signature = calculate_signature(key, policy.as_bytes());
    let fields = [
        ("key", sent),
        ("success_action_status", status),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        ("x-amz-credential", &credential),
        ("x-amz-date", &stamp),
        ("policy", &policy),
        ("x-amz-signature", &signature),
    ];
    let fields = fields.map(|(name, value)| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    });
    let mut body = fields.concat();
    body += "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cat.png\"\r\n\
             Content-Type: image/png\r\n\r\n";
    body += file;
    body += "\r\n--edge--\r\n";
    let url = format!("{}/{BUCKET}", local.backend.endpoint());
    let kind = ("Content-Type", "multipart/form-data; boundary=edge");
    plain_http_with("POST", &url, &[kind], body.as_bytes())
}

// Breaks if a page cannot upload by a form, or a form uploads what its policy does not allow.
#[tokio::test(flavor = "multi_thread")]
async fn forms() {
    let (local, _folder) = fresh().await;
    let hour = Duration::hours(1);
    let done = post(&local, hour, "form/a", "201", "picture");
    assert_eq!(done.status, 201, "{}", done.text());
    assert!(done.text().contains("<Key>form/a</Key>"), "{}", done.text());
    assert_eq!(local.get("form/a").await, b"picture");
    let named = post(&local, hour, "form/${filename}", "204", "picture");
    assert_eq!(named.status, 204, "{}", named.text());
    assert_eq!(local.get("form/cat.png").await, b"picture");

    assert_eq!(post(&local, hour, "other/a", "204", "picture").status, 403);
    assert_eq!(post(&local, -hour, "form/b", "204", "picture").status, 403);
    assert_eq!(post(&local, hour, "form/b", "204", "more than ten").status, 400);
    assert_eq!(post(&local, hour, "form/b", "204", "").status, 400);
    let listed = local.s3.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(listed.key_count(), Some(2));
}
