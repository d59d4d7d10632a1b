//! What other clients than the app ask for.

use aws_sdk_s3::types::{
    AccessControlPolicy, ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, ObjectAttributes,
};
use posterframe_local::BUCKET;

use crate::support::{Local, code, fresh, plain_http_with};

/// The smallest part that S3 takes, but for the last.
const PART: usize = 5 << 20;

/// An object in two parts, and the upload that it comes from.
async fn in_two_parts(local: &Local, key: &str) -> (String, CompletedMultipartUpload) {
    let begun = local.s3.create_multipart_upload().bucket(BUCKET).key(key);
    let begun = begun
        .checksum_algorithm(ChecksumAlgorithm::Crc32)
        .send()
        .await
        .unwrap();
    let id = begun.upload_id.unwrap();
    let mut parts = Vec::new();
    for (number, size) in [(1, PART), (2, 3)] {
        let part = local.s3.upload_part().bucket(BUCKET).key(key).upload_id(&id);
        let sent = part.part_number(number).body(vec![b'a'; size].into());
        let sent = sent
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .send()
            .await
            .unwrap();
        let part = CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag);
        parts.push(part.set_checksum_crc32(sent.checksum_crc32).build());
    }
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    (id, parts)
}

// Breaks if a client whose answer was lost believes that its upload failed, or changes a later object by asking again.
#[tokio::test]
async fn completed_again() {
    let (local, _folder) = fresh().await;
    let (id, parts) = in_two_parts(&local, "k").await;
    let complete = || {
        let complete = local.s3.complete_multipart_upload().bucket(BUCKET).key("k");
        complete.upload_id(&id).multipart_upload(parts.clone()).send()
    };
    let first = complete().await.unwrap();
    assert_eq!(complete().await.unwrap().e_tag(), first.e_tag());
    local.put("k", b"later").await;
    assert_eq!(code(complete().await), "NoSuchUpload");
    assert_eq!(local.get("k").await, b"later");
}

// Breaks if a client cannot check an object without reading it, or read it part by part.
#[tokio::test]
async fn attributes_and_parts() {
    let (local, _folder) = fresh().await;
    let (id, parts) = in_two_parts(&local, "k").await;
    let sums: Vec<String> = parts
        .parts()
        .iter()
        .map(|part| part.checksum_crc32().unwrap().to_owned())
        .collect();
    let complete = local.s3.complete_multipart_upload().bucket(BUCKET).key("k");
    let done = complete
        .upload_id(id)
        .multipart_upload(parts)
        .send()
        .await
        .unwrap();
    let attributes = || {
        let attributes = local.s3.get_object_attributes().bucket(BUCKET).key("k");
        attributes.set_object_attributes(Some(vec![
            ObjectAttributes::Etag,
            ObjectAttributes::Checksum,
            ObjectAttributes::ObjectParts,
            ObjectAttributes::ObjectSize,
            ObjectAttributes::StorageClass,
        ]))
    };
    let all = attributes().send().await.unwrap();
    assert_eq!(all.e_tag(), Some(done.e_tag().unwrap().trim_matches('"')));
    assert_eq!(all.object_size(), Some(PART as i64 + 3));
    assert_eq!(all.storage_class().unwrap().as_str(), "STANDARD");
    assert_eq!(all.checksum().unwrap().checksum_crc32(), done.checksum_crc32());
    let listed = all.object_parts().unwrap();
    assert_eq!(
        (listed.total_parts_count(), listed.is_truncated()),
        (Some(2), Some(false))
    );
    let found: Vec<_> = listed
        .parts()
        .iter()
        .map(|part| (part.part_number(), part.size(), part.checksum_crc32()))
        .collect();
    let expected = [(Some(1), Some(PART as i64)), (Some(2), Some(3))];
    let expected: Vec<_> = expected
        .iter()
        .zip(&sums)
        .map(|((number, size), sum)| (*number, *size, Some(sum.as_str())))
        .collect();
    assert_eq!(found, expected);
    let first = attributes().max_parts(1).send().await.unwrap();
    let first = first.object_parts().unwrap();
    assert_eq!((first.parts().len(), first.is_truncated()), (1, Some(true)));
    let rest = attributes().part_number_marker(first.next_part_number_marker().unwrap());
    let rest = rest.send().await.unwrap();
    assert_eq!(rest.object_parts().unwrap().parts()[0].part_number(), Some(2));
    let few = local.s3.get_object_attributes().bucket(BUCKET).key("k");
    let few = few
        .object_attributes(ObjectAttributes::ObjectSize)
        .send()
        .await
        .unwrap();
    assert!(few.e_tag().is_none() && few.checksum().is_none() && few.object_parts().is_none());

    let part = |number| local.s3.get_object().bucket(BUCKET).key("k").part_number(number);
    let last = part(2).send().await.unwrap();
    assert_eq!((last.parts_count(), last.content_length()), (Some(2), Some(3)));
    let past = part(3).send().await;
    assert_eq!(
        past.as_ref()
            .unwrap_err()
            .raw_response()
            .unwrap()
            .status()
            .as_u16(),
        416
    );
    assert_eq!(code(past), "InvalidPartNumber");
}

// Breaks if tools that know versions find none, or act on one that is not there.
#[tokio::test]
async fn versions() {
    let (local, _folder) = fresh().await;
    for key in ["a/1", "a/2", "b"] {
        local.put(key, b"x").await;
    }
    let versioning = local
        .s3
        .get_bucket_versioning()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(versioning.status(), None);
    let list = local.s3.list_object_versions().bucket(BUCKET).max_keys(2);
    let page = list.clone().send().await.unwrap();
    assert_eq!(page.is_truncated(), Some(true));
    let rest = list
        .set_key_marker(page.next_key_marker.clone())
        .set_version_id_marker(page.next_version_id_marker.clone());
    let rest = rest.send().await.unwrap();
    let all = page.versions().iter().chain(rest.versions());
    let all: Vec<_> = all.map(|version| (version.key(), version.version_id())).collect();
    let null = Some("null");
    assert_eq!(all, [(Some("a/1"), null), (Some("a/2"), null), (Some("b"), null)]);

    let get = |id: &str| {
        local
            .s3
            .get_object()
            .bucket(BUCKET)
            .key("b")
            .version_id(id)
            .send()
    };
    assert!(get("null").await.is_ok());
    assert_eq!(code(get("other").await), "NoSuchVersion");
    let delete = local
        .s3
        .delete_object()
        .bucket(BUCKET)
        .key("b")
        .version_id("other");
    assert_eq!(code(delete.send().await), "NoSuchVersion");
    assert_eq!(local.get("b").await, b"x");
}

// Breaks if a second start of a tool fails on a bucket that the first one made, or a long list of buckets has one page.
#[tokio::test]
async fn buckets() {
    let (local, _folder) = fresh().await;
    for name in ["own-a", "own-b", "own-c", "own-a"] {
        local.s3.create_bucket().bucket(name).send().await.unwrap();
    }
    let list = local.s3.list_buckets().prefix("own-").max_buckets(2);
    let page = list.clone().send().await.unwrap();
    let rest = list.continuation_token(page.continuation_token().unwrap());
    let rest = rest.send().await.unwrap();
    let names = page.buckets().iter().chain(rest.buckets());
    let names: Vec<&str> = names.filter_map(|bucket| bucket.name()).collect();
    assert_eq!(names, ["own-a", "own-b", "own-c"]);
    assert_eq!(rest.continuation_token(), None);
}

// Breaks if a tool that looks at a bucket's settings in passing takes them for a failure.
#[tokio::test]
async fn settings() {
    let (local, _folder) = fresh().await;
    local.put("k", b"x").await;
    let s3 = &local.s3;
    let acl = s3.get_object_acl().bucket(BUCKET).key("k").send().await.unwrap();
    let [grant] = acl.grants() else {
        panic!("{acl:?}");
    };
    assert_eq!(grant.permission().unwrap().as_str(), "FULL_CONTROL");
    assert_eq!(grant.grantee().unwrap().id(), acl.owner().unwrap().id());
    // As tools do for a copy of the object.
    let policy = AccessControlPolicy::builder()
        .set_grants(acl.grants)
        .set_owner(acl.owner);
    let set = s3.put_object_acl().bucket(BUCKET).key("k");
    set.clone()
        .access_control_policy(policy.build())
        .send()
        .await
        .unwrap();
    let public = set.acl("public-read".into()).send().await;
    assert_eq!(code(public), "AccessControlListNotSupported");
    assert!(s3.get_bucket_acl().bucket(BUCKET).send().await.is_ok());
    assert!(s3.get_public_access_block().bucket(BUCKET).send().await.is_ok());
    assert!(s3.get_bucket_encryption().bucket(BUCKET).send().await.is_ok());
    let policy = s3.get_bucket_policy().bucket(BUCKET).send().await;
    assert_eq!(code(policy), "NoSuchBucketPolicy");
    let lifecycle = s3
        .get_bucket_lifecycle_configuration()
        .bucket(BUCKET)
        .send()
        .await;
    assert_eq!(code(lifecycle), "NoSuchLifecycleConfiguration");
    let elsewhere = s3.get_bucket_policy().bucket("nowhere").send().await;
    assert_eq!(code(elsewhere), "NoSuchBucket");
}

// Breaks if an object is stored as if it were protected or described in a way that it is not.
#[tokio::test]
async fn what_is_not_done_is_refused() {
    let (local, _folder) = fresh().await;
    let put = || local.s3.put_object().bucket(BUCKET).key("k");
    let locked = put().object_lock_legal_hold_status("ON".into()).send().await;
    assert_eq!(code(locked), "NotImplemented");
    let encrypted = put().server_side_encryption("aws:kms".into()).send().await;
    assert_eq!(code(encrypted), "NotImplemented");
    let elsewhere = put().expected_bucket_owner("999999999999").send().await;
    assert_eq!(code(elsewhere), "AccessDenied");
    let long = put().metadata("a", "b".repeat(2048)).send().await;
    assert_eq!(code(long), "MetadataTooLarge");
    assert_eq!(
        code(local.s3.get_object().bucket(BUCKET).key("k").send().await),
        "NoSuchKey"
    );
}

// Breaks if uploads under way cannot be looked through folder by folder, page by page.
#[tokio::test]
async fn uploads_by_folder() {
    let (local, _folder) = fresh().await;
    for key in ["a", "dir/1", "dir/2", "e"] {
        let begun = local.s3.create_multipart_upload().bucket(BUCKET).key(key);
        begun.send().await.unwrap();
    }
    let list = || {
        local
            .s3
            .list_multipart_uploads()
            .bucket(BUCKET)
            .delimiter("/")
            .max_uploads(1)
    };
    let (mut found, mut page) = (Vec::new(), list().send().await.unwrap());
    loop {
        found.extend(
            page.uploads()
                .iter()
                .filter_map(|upload| upload.key().map(str::to_owned)),
        );
        found.extend(
            page.common_prefixes()
                .iter()
                .filter_map(|prefix| prefix.prefix().map(str::to_owned)),
        );
        if page.is_truncated() != Some(true) {
            break;
        }
        let next = list()
            .set_key_marker(page.next_key_marker)
            .set_upload_id_marker(page.next_upload_id_marker);
        page = next.send().await.unwrap();
    }
    assert_eq!(found, ["a", "dir/", "e"]);
}

// Breaks if an answer cannot be found in a log.
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_an_id() {
    let (local, _folder) = fresh().await;
    local.put("k", b"x").await;
    let url = format!("{}/{BUCKET}/k", local.backend.endpoint());
    let refused = plain_http_with("GET", &url, &[], b"");
    let id = &refused.headers["x-amz-request-id"];
    assert!(
        refused.text().contains(&format!("<RequestId>{id}</RequestId>")),
        "{}",
        refused.text()
    );
    let missing = local.s3.get_object().bucket(BUCKET).key("missing").send().await;
    let missing = missing.unwrap_err();
    let header = missing.raw_response().unwrap().headers().get("x-amz-request-id");
    assert_eq!(aws_sdk_s3::operation::RequestId::request_id(&missing), header);
    let head = local
        .s3
        .head_object()
        .bucket(BUCKET)
        .key("k")
        .send()
        .await
        .unwrap();
    assert!(aws_sdk_s3::operation::RequestId::request_id(&head).is_some());
}
