//! Tests of listing a bucket that is played.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use super::*;
use crate::config::AccessKeys;

/// A server that gives these answers one after the other (heads and bodies), and what it was asked.
fn server(answers: Vec<(&'static str, &'static str)>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (asked, questions) = channel();
    std::thread::spawn(move || {
        for ((head, body), stream) in answers.into_iter().zip(listener.incoming()) {
            let stream = stream.unwrap();
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            asked.send(lines.join("\n")).unwrap();
            let length = body.len();
            let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
            (&stream).write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    (address, questions)
}

async fn objects(endpoint: String) -> Objects {
    let keys = AccessKeys {
        id: "id".into(),
        secret: "secret".into(),
    };
    let backend = Backend::this_computer(endpoint, "eu-west-1".into(), "own".into(), keys);
    Objects::of_backend(backend).await
}

fn folder(prefix: &str) -> BucketFolder {
    BucketFolder {
        bucket: "masters".into(),
        prefix: prefix.into(),
    }
}

// Breaks if folders and objects are mixed up, names come encoded, the folder's own marker is an object, or there is no way
// to the next page.
#[tokio::test]
async fn folders_by_pages() {
    let (endpoint, questions) = server(vec![
        (
            "200 OK",
            "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
             <NextContinuationToken>t/1</NextContinuationToken>\
             <CommonPrefixes><Prefix>films/a%20b%01/</Prefix></CommonPrefixes>\
             <Contents><Key>films/</Key><Size>0</Size></Contents>\
             <Contents><Key>films/c%2Bd.mov</Key><Size>48200000000</Size><ETag>\"e\"</ETag>\
             <StorageClass>DEEP_ARCHIVE</StorageClass></Contents></ListBucketResult>",
        ),
        ("200 OK", "<ListBucketResult></ListBucketResult>"),
    ]);
    let objects = objects(endpoint).await;
    let page = objects.page(&folder("films/"), None).await.unwrap();
    assert_eq!(page.folders, ["films/a b\u{1}/"]);
    let [object] = &page.objects[..] else {
        panic!("{page:?}")
    };
    assert_eq!(
        (object.name(), object.bytes, object.is_archived),
        ("c+d.mov", 48_200_000_000, true)
    );
    let asked = questions.recv().unwrap();
    assert!(
        asked.contains("delimiter=%2F") && asked.contains("prefix=films%2F"),
        "{asked}"
    );
    let last = objects.page(&folder("films/"), page.next).await.unwrap();
    assert_eq!(last, FolderPage::default());
    assert!(questions.recv().unwrap().contains("continuation-token=t%2F1"));
}

// Breaks if a refusal does not say which right is missing, or keys that are wrong are called a missing right.
#[tokio::test]
async fn missing_rights_are_named() {
    let refused = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
    let wrong = "<Error><Code>InvalidAccessKeyId</Code><Message>no</Message></Error>";
    let (endpoint, _questions) = server(vec![
        ("403 Forbidden", refused),
        ("403 Forbidden", wrong),
        ("403 Forbidden", ""),
    ]);
    let objects = objects(endpoint).await;
    let error = objects.page(&folder(""), None).await.unwrap_err();
    let advice = error.advice().unwrap();
    assert!(
        advice.contains("s3:ListBucket on arn:aws:s3:::masters"),
        "{error}: {advice}"
    );
    let error = objects.page(&folder(""), None).await.unwrap_err();
    assert!(matches!(error, ClientError::Aws { .. }), "{error:?}");
    // The answer to HEAD has no body.
    let error = objects.object("masters", "films/a.mov").await.unwrap_err();
    let advice = error.advice().unwrap();
    assert!(
        advice.contains("s3:GetObject on arn:aws:s3:::masters/films/a.mov"),
        "{advice}"
    );
}

// Breaks if a bucket of another region cannot be listed, or each page is redirected anew.
#[tokio::test]
async fn regions_are_followed() {
    let elsewhere = "301 Moved Permanently\r\nx-amz-bucket-region: eu-central-1";
    let empty = "<ListBucketResult></ListBucketResult>";
    let (endpoint, questions) = server(vec![
        (elsewhere, "<Error><Code>PermanentRedirect</Code></Error>"),
        ("200 OK", empty),
        ("200 OK", empty),
    ]);
    let objects = objects(endpoint).await;
    objects.page(&folder(""), None).await.unwrap();
    objects.page(&folder(""), None).await.unwrap();
    let asked: Vec<String> = questions.iter().take(3).collect();
    let is_there = |question: &String| question.contains("/eu-central-1/s3/");
    assert_eq!(
        asked.iter().map(is_there).collect::<Vec<_>>(),
        [false, true, true]
    );
}
