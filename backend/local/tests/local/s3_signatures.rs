//! What a signature covers, and bodies that say how long they are.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use posterframe_local::BUCKET;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::support::{Local, Plain, code, fresh, plain_http_with};

// Breaks if whoever has a link to upload one object can make it a copy of any other.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_covers_every_header() {
    let (local, _folder) = fresh().await;
    local.put("secret", b"secret").await;
    let hour = PresigningConfig::expires_in(Duration::from_hours(1)).unwrap();
    let link = local
        .s3
        .put_object()
        .bucket(BUCKET)
        .key("k")
        .presigned(hour)
        .await
        .unwrap();
    let source = format!("{BUCKET}/secret");
    for header in [("x-amz-copy-source", source.as_str()), ("x-amz-meta-a", "b")] {
        let answer = plain_http_with("PUT", link.uri(), &[header], b"");
        assert_eq!(answer.status, 403);
        assert!(answer.text().contains(header.0), "{}", answer.text());
    }
    let get = local.s3.get_object().bucket(BUCKET).key("k").send().await;
    assert_eq!(code(get), "NoSuchKey");
    assert_eq!(plain_http_with("PUT", link.uri(), &[], b"x").status, 200);
}

// Breaks if a client with old signatures does not hear what is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn version_2_is_refused() {
    let (local, _folder) = fresh().await;
    let url = format!("{}/{BUCKET}/k", local.backend.endpoint());
    let answer = plain_http_with("GET", &url, &[("Authorization", "AWS key:c2lnbmVk")], b"");
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("AWS4-HMAC-SHA256"), "{}", answer.text());
}

/// Puts `body`, which is in `aws-chunked` with trailers, as one of `length` bytes.
fn put_chunked(local: &Local, length: usize, body: &[u8]) -> Plain {
    let endpoint = local.backend.endpoint().to_string();
    let host = endpoint.strip_prefix("http://").unwrap();
    let now = SystemTime::now();
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let stamp = OffsetDateTime::from(now).format(format).unwrap();
    let length = length.to_string();
    let payload = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    let mut headers = vec![
        ("host", host),
        ("x-amz-content-sha256", payload),
        ("x-amz-date", &stamp),
        ("x-amz-decoded-content-length", &length),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let lines = lines.concat();
    let canonical = format!("PUT\n/{BUCKET}/k\n\n{lines}\n{names}\n{payload}");
    let scope = format!("{}/us-east-1/s3/aws4_request", &stamp[..8]);
    let canonical = hex::encode(Sha256::digest(canonical));
    let credentials = local.backend.credentials();
    let key = generate_signing_key(&credentials.secret_access_key, now, "us-east-1", "s3");
    let signature = calculate_signature(
        key,
        format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{canonical}").as_bytes(),
    );
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        credentials.access_key_id
    );
    headers.remove(0);
    headers.push(("authorization", &authorization));
    plain_http_with("PUT", &format!("{endpoint}/{BUCKET}/k"), &headers, body)
}

// Breaks if an upload that was cut off is stored as if it were whole.
#[tokio::test(flavor = "multi_thread")]
async fn chunked_bodies_are_whole() {
    let (local, _folder) = fresh().await;
    // The checksum is that of "abc".
    let whole = b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n";
    for (length, body, expected) in [
        (3, &b"3\r\nabc\r\n"[..], "IncompleteBody"),
        (3, b"3\r\nabc\r\n0\r\n\r\n", "MalformedTrailerError"),
        (2, whole, "IncompleteBody"),
        (4, whole, "IncompleteBody"),
    ] {
        let answer = put_chunked(&local, length, body);
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(expected), "{expected}: {}", answer.text());
    }
    let get = local.s3.get_object().bucket(BUCKET).key("k").send().await;
    assert_eq!(code(get), "NoSuchKey");
    assert_eq!(put_chunked(&local, 3, whole).status, 200);
    assert_eq!(local.get("k").await, b"abc");
}
