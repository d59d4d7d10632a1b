//! Single objects and lists of them.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::types::{Delete, MetadataDirective, ObjectIdentifier};
use posterframe_local::{BUCKET, Credentials};

use crate::support::{Local, code, fresh, keys, plain_http, s3};

fn range(local: &Local, range: &str) -> aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder {
    local.s3.get_object().bucket(BUCKET).key("a.bin").range(range)
}

// Breaks if an object does not come back as it went in, or its description is not what S3 gives.
#[tokio::test]
async fn put_head_get() {
    let (local, _folder) = fresh().await;
    let body: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let put = local
        .s3
        .put_object()
        .bucket(BUCKET)
        .key("a.bin")
        .content_type("video/mp4")
        .metadata("source-key", "a b")
        .body(body.clone().into());
    let put = put.send().await.unwrap();
    let head = local.s3.head_object().bucket(BUCKET).key("a.bin").send();
    let head = head.await.unwrap();
    assert_eq!(
        (head.content_length(), head.e_tag()),
        (Some(300_000), put.e_tag())
    );
    assert_eq!(head.content_type(), Some("video/mp4"));
    assert_eq!(head.metadata().unwrap()["source-key"], "a b");
    assert_eq!(local.get("a.bin").await, body);
    local.put("empty", b"").await;
    assert!(local.get("empty").await.is_empty());
}

// Breaks if a player that seeks gets the wrong bytes.
#[tokio::test]
async fn ranges() {
    let (local, _folder) = fresh().await;
    local.put("a.bin", b"0123456789").await;
    for (asked, bytes, content_range) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
    ] {
        let got = range(&local, asked).send().await.unwrap();
        assert_eq!(got.content_range(), Some(content_range));
        assert_eq!(got.body.collect().await.unwrap().to_vec(), bytes.as_bytes());
    }
    assert_eq!(code(range(&local, "bytes=10-").send().await), "InvalidRange");
}

// Breaks if a key that S3 takes is refused, changed, or taken for a path.
#[tokio::test]
async fn odd_keys() {
    let (local, folder) = fresh().await;
    let long = "k".repeat(1024);
    let keys = [
        "a b+c%20é?#&=;@",
        "//x//",
        "../../escape",
        "a/./b/../c",
        "🎞 film.txt",
        "ends with a space ",
        "'\"<>&",
        &long,
    ];
    for key in keys {
        local.put(key, key.as_bytes()).await;
    }
    for key in keys {
        assert_eq!(local.get(key).await, key.as_bytes(), "{key}");
    }
    assert!(!folder.path().join("../../escape").exists());
    let listed = local.s3.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    let mut listed: Vec<&str> = listed
        .contents()
        .iter()
        .map(|object| object.key().unwrap())
        .collect();
    let mut expected = keys;
    listed.sort_unstable();
    expected.sort_unstable();
    assert_eq!(listed, expected);
    let objects = keys.map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder()
        .set_objects(Some(objects.to_vec()))
        .build()
        .unwrap();
    let deleted = local.s3.delete_objects().bucket(BUCKET).delete(delete).send();
    assert_eq!(deleted.await.unwrap().deleted().len(), keys.len());
    let left = local.s3.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(left.key_count(), Some(0));
}

// Breaks if a gallery misses pictures, shows one twice, or folders do not group.
#[tokio::test]
async fn lists() {
    let (local, _folder) = fresh().await;
    for key in ["a/1", "a/2", "b", "c/x/1", "c/y", "d"] {
        local.put(key, b"x").await;
    }
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let page = local.s3.list_objects_v2().bucket(BUCKET).max_keys(2);
        let page = page.set_continuation_token(token).send().await.unwrap();
        assert!(page.contents().len() <= 2);
        found.extend(
            page.contents()
                .iter()
                .map(|object| object.key().unwrap().to_owned()),
        );
        token = page.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(found, ["a/1", "a/2", "b", "c/x/1", "c/y", "d"]);

    let grouped = local.s3.list_objects_v2().bucket(BUCKET).delimiter("/");
    let grouped = grouped.send().await.unwrap();
    let folders: Vec<&str> = grouped
        .common_prefixes()
        .iter()
        .map(|folder| folder.prefix().unwrap())
        .collect();
    assert_eq!(
        (folders.as_slice(), grouped.contents().len()),
        (&["a/", "c/"][..], 2)
    );

    let inside = local.s3.list_objects_v2().bucket(BUCKET).prefix("c/");
    assert_eq!(inside.send().await.unwrap().contents().len(), 2);
    let after = local.s3.list_objects_v2().bucket(BUCKET).start_after("b");
    assert_eq!(after.send().await.unwrap().contents()[0].key(), Some("c/x/1"));
}

// Breaks if a copy loses bytes or metadata, or a job cannot be retried by a copy onto itself.
#[tokio::test]
async fn copies() {
    let (local, _folder) = fresh().await;
    let put = local
        .s3
        .put_object()
        .bucket(BUCKET)
        .key("from a+b")
        .metadata("try", "1");
    put.body(b"bytes".to_vec().into()).send().await.unwrap();
    let source = format!("{BUCKET}/from%20a%2Bb");
    let copy = |to: &str| local.s3.copy_object().bucket(BUCKET).key(to).copy_source(&source);
    copy("to").send().await.unwrap();
    let to = local.s3.head_object().bucket(BUCKET).key("to").send();
    assert_eq!(to.await.unwrap().metadata().unwrap()["try"], "1");

    assert_eq!(code(copy("from a+b").send().await), "InvalidRequest");
    let again = copy("from a+b")
        .metadata_directive(MetadataDirective::Replace)
        .metadata("try", "2");
    again.send().await.unwrap();
    let head = local.s3.head_object().bucket(BUCKET).key("from a+b").send();
    assert_eq!(head.await.unwrap().metadata().unwrap()["try"], "2");

    // The bytes are shared: the end of one must not be the end of the other.
    let delete = local.s3.delete_object().bucket(BUCKET).key("from a+b").send();
    delete.await.unwrap();
    assert_eq!(local.get("to").await, b"bytes");
    assert_eq!(code(copy("other").send().await), "NoSuchKey");
}

// Breaks if two uploads of one name overwrite each other, or a cached picture is fetched again.
#[tokio::test]
async fn conditions() {
    let (local, _folder) = fresh().await;
    let create = || local.s3.put_object().bucket(BUCKET).key("k").if_none_match("*");
    let first = create().body(b"first".to_vec().into()).send().await.unwrap();
    let second = create().body(b"second".to_vec().into()).send().await;
    assert_eq!(code(second), "PreconditionFailed");
    assert_eq!(local.get("k").await, b"first");
    let cached = local.s3.get_object().bucket(BUCKET).key("k");
    let cached = cached.if_none_match(first.e_tag().unwrap()).send().await;
    let status = cached.unwrap_err().raw_response().unwrap().status().as_u16();
    assert_eq!(status, 304);
}

// Breaks if bytes that were damaged on the way are stored.
#[tokio::test]
async fn damaged_uploads_are_refused() {
    let (local, _folder) = fresh().await;
    let put = local.s3.put_object().bucket(BUCKET).key("k");
    let put = put.body(b"body".to_vec().into()).checksum_crc32("AAAAAA==");
    assert!(matches!(
        code(put.send().await).as_str(),
        "BadDigest" | "InvalidRequest"
    ));
    let get = local.s3.get_object().bucket(BUCKET).key("k").send().await;
    assert_eq!(code(get), "NoSuchKey");
}

// Breaks if a thumbnail's link does not open in a browser, or opens for ever or with another key.
#[tokio::test(flavor = "multi_thread")]
async fn presigned_urls() {
    let (local, _folder) = fresh().await;
    let hour = Duration::from_hours(1);
    let config = PresigningConfig::expires_in(hour).unwrap();
    let put = local.s3.put_object().bucket(BUCKET).key("a b/é.png");
    let put = put.presigned(config.clone()).await.unwrap();
    assert_eq!(plain_http("PUT", put.uri(), b"png").0, 200);
    let get = local.s3.get_object().bucket(BUCKET).key("a b/é.png");
    let good = get.clone().presigned(config).await.unwrap();
    assert_eq!(plain_http("GET", good.uri(), b""), (200, b"png".to_vec()));
    let other = good.uri().replace("a%20b", "a%20c");
    assert_eq!(plain_http("GET", &other, b"").0, 403);
    let old = PresigningConfig::builder()
        .start_time(SystemTime::now() - 2 * hour)
        .expires_in(hour);
    let old = get.presigned(old.build().unwrap()).await.unwrap();
    assert_eq!(plain_http("GET", old.uri(), b"").0, 403);
}

// Breaks if another program on this machine can read the bucket without the keys.
#[tokio::test(flavor = "multi_thread")]
async fn requests_must_be_signed() {
    let (local, _folder) = fresh().await;
    local.put("k", b"x").await;
    let endpoint = local.backend.endpoint().to_string();
    assert_eq!(plain_http("GET", &format!("{endpoint}/{BUCKET}/k"), b"").0, 403);
    let forged = Credentials {
        secret_access_key: "forged".into(),
        ..local.backend.credentials().clone()
    };
    let forged = s3(&endpoint, keys(&forged)).get_object().bucket(BUCKET).key("k");
    assert_eq!(code(forged.send().await), "SignatureDoesNotMatch");
    let nowhere = local.s3.get_object().bucket("nowhere").key("k").send().await;
    assert_eq!(code(nowhere), "NoSuchBucket");
}
