//! Requests that are to be carried out only if an object is as its caller knows it.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use posterframe_local::BUCKET;

use crate::support::{Local, code, fresh};

async fn exists(local: &Local, key: &str) -> bool {
    local
        .s3
        .head_object()
        .bucket(BUCKET)
        .key(key)
        .send()
        .await
        .is_ok()
}

async fn tag(local: &Local, key: &str) -> String {
    let head = local.s3.head_object().bucket(BUCKET).key(key);
    head.send().await.unwrap().e_tag.unwrap()
}

// Breaks if a deletion takes an object that was replaced since its caller looked.
#[tokio::test]
async fn deletions() {
    let (local, _folder) = fresh().await;
    local.put("k", b"new").await;
    let delete = |tag: &str| {
        local
            .s3
            .delete_object()
            .bucket(BUCKET)
            .key("k")
            .if_match(tag)
            .send()
    };
    assert_eq!(code(delete("\"old\"").await), "PreconditionFailed");
    assert!(exists(&local, "k").await);
    delete(&tag(&local, "k").await).await.unwrap();
    assert!(!exists(&local, "k").await);
    assert_eq!(code(delete("*").await), "NoSuchKey");
}

// Breaks if one object that was replaced is deleted along with many, or holds up the others.
#[tokio::test]
async fn deletions_of_many() {
    let (local, _folder) = fresh().await;
    for key in ["known", "replaced", "any"] {
        local.put(key, key.as_bytes()).await;
    }
    let object = |key: &str, tag: Option<String>| {
        let object = ObjectIdentifier::builder().key(key).set_e_tag(tag);
        object.build().unwrap()
    };
    let delete = Delete::builder()
        .objects(object("known", Some(tag(&local, "known").await)))
        .objects(object("replaced", Some("\"old\"".to_owned())))
        .objects(object("any", None))
        .build()
        .unwrap();
    let done = local
        .s3
        .delete_objects()
        .bucket(BUCKET)
        .delete(delete)
        .send()
        .await
        .unwrap();
    let deleted: Vec<&str> = done.deleted().iter().filter_map(|object| object.key()).collect();
    assert_eq!(deleted, ["known", "any"]);
    let [error] = done.errors() else {
        panic!("{done:?}");
    };
    assert_eq!(
        (error.key(), error.code()),
        (Some("replaced"), Some("PreconditionFailed"))
    );
    assert!(exists(&local, "replaced").await && !exists(&local, "known").await);
}

// Breaks if a copy writes over what is there, though it was to write only what is not.
#[tokio::test]
async fn copies() {
    let (local, _folder) = fresh().await;
    local.put("from", b"from").await;
    local.put("to", b"to").await;
    let copy = || {
        let source = format!("{BUCKET}/from");
        local
            .s3
            .copy_object()
            .bucket(BUCKET)
            .key("to")
            .copy_source(source)
    };
    assert_eq!(code(copy().if_none_match("*").send().await), "PreconditionFailed");
    assert_eq!(
        code(copy().if_match("\"old\"").send().await),
        "PreconditionFailed"
    );
    assert_eq!(local.get("to").await, b"to");
    copy().if_match(tag(&local, "to").await).send().await.unwrap();
    assert_eq!(local.get("to").await, b"from");
}

// Breaks if a cache cannot tell from the answer which of its copies is still good.
#[tokio::test]
async fn unchanged_objects() {
    let (local, _folder) = fresh().await;
    local.put("k", b"x").await;
    let known = tag(&local, "k").await;
    let get = local
        .s3
        .get_object()
        .bucket(BUCKET)
        .key("k")
        .if_none_match(&known);
    let error = get.send().await.unwrap_err();
    let answer = error.raw_response().unwrap();
    assert_eq!(answer.status().as_u16(), 304);
    assert_eq!(answer.headers().get("etag"), Some(known.as_str()));
    assert!(answer.headers().get("last-modified").is_some());
}
