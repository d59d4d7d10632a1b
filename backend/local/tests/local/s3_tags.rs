//! Tags of objects.

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, Tag, Tagging, TaggingDirective};
use posterframe_local::BUCKET;

use crate::support::{Local, code, fresh};

async fn tags(local: &Local, key: &str) -> Vec<(String, String)> {
    let got = local.s3.get_object_tagging().bucket(BUCKET).key(key);
    let set = got.send().await.unwrap().tag_set;
    set.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

fn pairs(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter()
        .map(|&(name, value)| (name.into(), value.into()))
        .collect()
}

fn tagging(tags: &[(&str, &str)]) -> Tagging {
    let tag = |&(name, value): &(&str, &str)| Tag::builder().key(name).value(value).build().unwrap();
    Tagging::builder()
        .set_tag_set(Some(tags.iter().map(tag).collect()))
        .build()
        .unwrap()
}

// Breaks if a copy between buckets asks for tags in vain, or tags that were given are lost.
#[tokio::test]
async fn given_with_the_object() {
    let (local, _folder) = fresh().await;
    local.put("plain", b"x").await;
    assert!(tags(&local, "plain").await.is_empty());

    let put = local.s3.put_object().bucket(BUCKET).key("k");
    put.tagging("kind=a%20b&empty=").send().await.unwrap();
    let given = pairs(&[("empty", ""), ("kind", "a b")]);
    assert_eq!(tags(&local, "k").await, given);
    let got = local
        .s3
        .get_object()
        .bucket(BUCKET)
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(got.tag_count(), Some(2));

    let copy = |to: &str| {
        let source = format!("{BUCKET}/k");
        local.s3.copy_object().bucket(BUCKET).key(to).copy_source(source)
    };
    copy("kept").send().await.unwrap();
    assert_eq!(tags(&local, "kept").await, given);
    let other = copy("other").tagging_directive(TaggingDirective::Replace);
    other.tagging("new=1").send().await.unwrap();
    assert_eq!(tags(&local, "other").await, pairs(&[("new", "1")]));

    let begun = local.s3.create_multipart_upload().bucket(BUCKET).key("parts");
    let id = begun.tagging("part=ed").send().await.unwrap().upload_id.unwrap();
    let part = local.s3.upload_part().bucket(BUCKET).key("parts").upload_id(&id);
    let sent = part
        .part_number(1)
        .body(b"x".to_vec().into())
        .send()
        .await
        .unwrap();
    let part = CompletedPart::builder()
        .part_number(1)
        .set_e_tag(sent.e_tag)
        .build();
    let done = local
        .s3
        .complete_multipart_upload()
        .bucket(BUCKET)
        .key("parts")
        .upload_id(id);
    let parts = CompletedMultipartUpload::builder().parts(part).build();
    done.multipart_upload(parts).send().await.unwrap();
    assert_eq!(tags(&local, "parts").await, pairs(&[("part", "ed")]));
}

// Breaks if tags cannot be changed without touching the object, or more are taken than S3 keeps.
#[tokio::test]
async fn set_and_removed() {
    let (local, _folder) = fresh().await;
    local.put("k", b"body").await;
    let set = |given: &[(&str, &str)]| {
        let set = local.s3.put_object_tagging().bucket(BUCKET).key("k");
        set.tagging(tagging(given)).send()
    };
    set(&[("a", "1"), ("b", "2")]).await.unwrap();
    assert_eq!(tags(&local, "k").await, pairs(&[("a", "1"), ("b", "2")]));
    assert_eq!(local.get("k").await, b"body");
    assert_eq!(code(set(&[("a", "1"), ("a", "2")]).await), "InvalidTag");
    let names: Vec<String> = (0..11).map(|number| number.to_string()).collect();
    let eleven: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(code(set(&eleven).await), "InvalidTag");
    assert_eq!(tags(&local, "k").await.len(), 2);

    let remove = local.s3.delete_object_tagging().bucket(BUCKET).key("k");
    remove.send().await.unwrap();
    assert!(tags(&local, "k").await.is_empty());
    let missing = local.s3.get_object_tagging().bucket(BUCKET).key("missing");
    assert_eq!(code(missing.send().await), "NoSuchKey");
}
