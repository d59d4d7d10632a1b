//! The client's gallery with the backend on this machine: listing, downloads, links, deletion and undo.

use std::path::Path;
use std::time::Duration;

use posterframe_client::{AccessKeys, Backend as Place, Client, ClientOptions, Extent, Paths};

use crate::support::{Backend, wait_for};

const BUCKET: &str = "posterframe";

/// A client of `backend` with its own data folder.
async fn client(backend: &Backend, data: &Path) -> Client {
    let variable = |name: &str| backend.environment[name].clone();
    let keys = AccessKeys {
        id: variable("AWS_ACCESS_KEY_ID"),
        secret: variable("AWS_SECRET_ACCESS_KEY"),
    };
    let place = Place::this_computer(
        variable("AWS_ENDPOINT_URL"),
        variable("AWS_REGION"),
        BUCKET.to_owned(),
        keys,
    );
    let paths = Paths::resolve(Some(data.to_owned())).unwrap();
    Client::open(ClientOptions {
        paths,
        backend: place,
        worker: None,
    })
    .await
    .unwrap()
}

fn put(backend: &Backend, key: &str, file: &Path, more: &[&str]) {
    let mut arguments = vec!["s3api", "put-object", "--bucket", BUCKET, "--key", key, "--body"];
    arguments.push(file.to_str().unwrap());
    arguments.extend(more);
    let ran = backend.aws(&arguments);
    assert!(ran.ok, "{}", ran.stderr);
}

fn head(backend: &Backend, key: &str) -> Option<serde_json::Value> {
    let ran = backend.aws(&["s3api", "head-object", "--bucket", BUCKET, "--key", key]);
    ran.ok.then(|| serde_json::from_str(&ran.stdout).unwrap())
}

// Breaks if thumbnails that others add are not listed, newest first; if a deleted thumbnail stays, or differs after an
// undo; or if an undo overwrites an object that somebody added meanwhile.
#[test]
fn a_deletion_is_undone_whole() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(&folder.path().join("backend"));
    let png = folder.path().join("a.png");
    std::fs::write(&png, b"not a picture, but bytes all the same").unwrap();
    put(
        &backend,
        "thumbnails/by-hand.PNG",
        &png,
        &["--content-type", "image/png", "--metadata", "a=1,b=two"],
    );
    put(
        &backend,
        "thumbnails/x/second.png",
        &png,
        &["--cache-control", "max-age=60"],
    );
    put(&backend, "thumbnails/notes.txt", &png, &[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let data = folder.path().join("client");
        let client = client(&backend, &data).await;
        let gallery = client.gallery();
        gallery.refresh(Extent::All).await.unwrap();
        let listing = gallery.listing();
        let names: Vec<&str> = listing.items.iter().map(|item| item.name.as_str()).collect();
        assert!(listing.complete);
        assert_eq!(names, ["second.png", "by-hand.PNG"]);

        let picture = gallery.picture(&listing.items[0]).await.unwrap();
        assert_eq!(
            std::fs::read(&picture.file).unwrap(),
            std::fs::read(&png).unwrap()
        );
        assert!(picture.metadata.is_none() && gallery.cache_bytes() > 0);
        let link = gallery
            .presign("thumbnails/x/second.png", Duration::from_mins(5))
            .await
            .unwrap();
        assert!(link.url.contains("X-Amz-Expires=300"), "{}", link.url);

        let before = head(&backend, "thumbnails/by-hand.PNG").unwrap();
        let items = listing.items.to_vec();
        let deletion = gallery.delete(&items, true).await.unwrap().unwrap();
        assert_eq!(gallery.last_deletion(), Some(deletion));
        assert!(gallery.listing().items.is_empty());
        assert!(head(&backend, "thumbnails/by-hand.PNG").is_none());
        // Meanwhile somebody else adds a picture with this name.
        put(
            &backend,
            "thumbnails/x/second.png",
            &folder.path().join("a.png"),
            &["--metadata", "new=1"],
        );
        let refused = gallery.restore(deletion).await;
        assert!(refused.is_err());
        let after = head(&backend, "thumbnails/by-hand.PNG").unwrap();
        for field in ["Metadata", "ContentType", "ETag", "ContentLength"] {
            assert_eq!(after[field], before[field], "{field}");
        }
        assert_eq!(
            head(&backend, "thumbnails/x/second.png").unwrap()["Metadata"]["new"],
            "1"
        );
        let removed = backend.aws(&["s3", "rm", &format!("s3://{BUCKET}/thumbnails/x/second.png")]);
        assert!(removed.ok);
        assert_eq!(gallery.restore(deletion).await.unwrap(), 1);
        assert_eq!(
            head(&backend, "thumbnails/x/second.png").unwrap()["CacheControl"],
            "max-age=60"
        );
        assert_eq!(gallery.last_deletion(), None);
        client.close().await;
        assert_eq!(
            std::fs::read_dir(data.join("trash")).map_or(0, Iterator::count),
            0
        );
    });
}

// Breaks if a listing of several pages is incomplete, or a refresh loses the newest thumbnail.
#[test]
fn a_bucket_of_many_pages_is_listed_whole() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(&folder.path().join("backend"));
    let many = folder.path().join("many");
    std::fs::create_dir_all(&many).unwrap();
    for index in 0..1205 {
        std::fs::write(many.join(format!("{index:05}.png")), b"x").unwrap();
    }
    let target = format!("s3://{BUCKET}/thumbnails");
    let copied = backend.aws(&[
        "s3",
        "cp",
        "--recursive",
        "--quiet",
        many.to_str().unwrap(),
        &target,
    ]);
    assert!(copied.ok, "{}", copied.stderr);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let client = client(&backend, &folder.path().join("client")).await;
        let gallery = client.gallery();
        gallery.refresh(Extent::All).await.unwrap();
        let first = gallery.listing();
        assert_eq!(first.items.len(), 1205);
        // Without news, the listing stays the same, so that nothing is drawn again.
        gallery.refresh(Extent::All).await.unwrap();
        assert_eq!(gallery.listing().revision, first.revision);
        let fresh = folder.path().join("many/00000.png");
        put(&backend, "thumbnails/zebra.png", &fresh, &[]);
        gallery.refresh(Extent::Recent).await.unwrap();
        wait_for("the new thumbnail", || {
            let listing = gallery.listing();
            (listing.items.len() == 1206 && listing.items[0].name == "zebra.png").then_some(())
        });
        client.close().await;
    });
}
