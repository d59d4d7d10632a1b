//! Large uploads, in parts.

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use posterframe_local::BUCKET;

use crate::support::{Local, code, fresh, start};

/// The smallest part that S3 takes, but for the last.
const PART: usize = 5 << 20;
const KEY: &str = "big.bin";

async fn begin(local: &Local) -> String {
    let created = local.s3.create_multipart_upload().bucket(BUCKET).key(KEY);
    let created = created.content_type("video/mp4").send().await.unwrap();
    created.upload_id.unwrap()
}

async fn part(local: &Local, id: &str, number: i32, body: Vec<u8>) -> CompletedPart {
    let upload = local.s3.upload_part().bucket(BUCKET).key(KEY).upload_id(id);
    let done = upload.part_number(number).body(body.into()).send().await.unwrap();
    CompletedPart::builder()
        .part_number(number)
        .set_e_tag(done.e_tag)
        .build()
}

fn complete(
    local: &Local,
    id: &str,
    parts: Vec<CompletedPart>,
) -> aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder {
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = local.s3.complete_multipart_upload().bucket(BUCKET).key(KEY);
    complete.upload_id(id).multipart_upload(parts)
}

// Breaks if a large video is put together wrongly, or an upload cannot go on after the app was closed.
#[tokio::test]
async fn resumed_after_a_restart() {
    let (local, folder) = fresh().await;
    let id = begin(&local).await;
    // Out of order, and one of them twice.
    part(&local, &id, 2, b"wrong".to_vec()).await;
    part(&local, &id, 2, b"the end".to_vec()).await;
    local.backend.shutdown().await;

    let local = start(folder.path()).await;
    let first = part(&local, &id, 1, vec![b'a'; PART]).await;
    let list = local.s3.list_parts().bucket(BUCKET).key(KEY).upload_id(&id);
    let page = list.clone().max_parts(1).send().await.unwrap();
    assert_eq!(
        (page.is_truncated(), page.parts()[0].size()),
        (Some(true), Some(5 << 20))
    );
    let rest = list.part_number_marker(page.next_part_number_marker().unwrap());
    let rest = rest.send().await.unwrap();
    assert_eq!((rest.parts().len(), rest.parts()[0].size()), (1, Some(7)));
    let second = CompletedPart::builder().part_number(2);
    let second = second.set_e_tag(rest.parts()[0].e_tag.clone()).build();

    let done = complete(&local, &id, vec![first, second]).send().await.unwrap();
    assert!(done.e_tag().unwrap().ends_with("-2\""), "{done:?}");
    let across = local.s3.get_object().bucket(BUCKET).key(KEY);
    let across = across.range(format!("bytes={}-", PART - 3)).send().await.unwrap();
    assert_eq!(across.content_type(), Some("video/mp4"));
    assert_eq!(across.body.collect().await.unwrap().to_vec(), b"aaathe end");
    assert_eq!(local.get(KEY).await.len(), PART + 7);
    // The upload is gone with its completion.
    let again = local.s3.list_parts().bucket(BUCKET).key(KEY).upload_id(&id);
    assert_eq!(code(again.send().await), "NoSuchUpload");
}

// Breaks if an upload that was wrong or was given up leaves an object behind.
#[tokio::test]
async fn refused_and_aborted() {
    let (local, _folder) = fresh().await;
    let id = begin(&local).await;
    let small = part(&local, &id, 1, b"small".to_vec()).await;
    let last = part(&local, &id, 2, b"last".to_vec()).await;
    let missing = CompletedPart::builder().part_number(3).e_tag("\"x\"").build();
    for (parts, expected) in [
        (vec![small.clone(), last.clone()], "EntityTooSmall"),
        (vec![last.clone(), small.clone()], "InvalidPartOrder"),
        (vec![missing], "InvalidPart"),
    ] {
        assert_eq!(code(complete(&local, &id, parts).send().await), expected);
    }
    let uploads = || local.s3.list_multipart_uploads().bucket(BUCKET).send();
    assert_eq!(uploads().await.unwrap().uploads().len(), 1);
    let abort = local.s3.abort_multipart_upload().bucket(BUCKET).key(KEY);
    abort.upload_id(&id).send().await.unwrap();
    assert!(uploads().await.unwrap().uploads().is_empty());
    assert_eq!(
        code(complete(&local, &id, vec![small]).send().await),
        "NoSuchUpload"
    );
    let get = local.s3.get_object().bucket(BUCKET).key(KEY).send().await;
    assert_eq!(code(get), "NoSuchKey");
}
