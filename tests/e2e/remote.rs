//! Videos at a distance: frames of an object and of an address without downloading it, and jobs that upload nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use posterframe_clips::server::{How, WebServer};
use serde_json::Value;

use crate::support::{Backend, Ran, clip, oracle, picture, posterframe, run, small_clip, submit};

const BUCKET: &str = "posterframe";

/// A clip of a few MB, so that a part of it is less than all, with its index at the end.
fn large_clip(folder: &Path) -> PathBuf {
    clip(
        folder,
        "large.mp4",
        "-f lavfi -i testsrc2=size=640x360:rate=25 -t 60 -vf noise=alls=30:allf=t -c:v libx264 -preset ultrafast \
         -b:v 4M -g 50 -bf 2 -f mp4",
    )
}

/// `posterframe frame` of a video at a distance. Returns the picture's file too.
fn frame(data: &Path, video: &str, at: &str, environment: &[(&str, &str)]) -> (Ran, Value, PathBuf) {
    let png = data.join(format!("{}.png", at.replace(':', "-")));
    let mut command = posterframe(data);
    command
        .args(["frame", video, "--at", at, "--json", "--force", "-o"])
        .arg(&png);
    command.envs(environment.iter().copied());
    let ran = run(&mut command);
    let json = serde_json::from_str(&ran.stdout).unwrap_or(Value::Null);
    (ran, json, png)
}

fn put(backend: &Backend, file: &Path, key: &str) {
    let to = format!("s3://{BUCKET}/{key}");
    let copied = backend.aws(&["s3", "cp", file.to_str().unwrap(), &to]);
    assert!(copied.ok, "{}", copied.stderr);
}

// Breaks if a frame of an object has other pixels than the same frame of the file, if the whole object is read for it, or
// the receipt is not what was read.
#[test]
fn frames_of_an_object() {
    let folder = tempfile::tempdir().unwrap();
    let clip = large_clip(folder.path());
    let size = std::fs::metadata(&clip).unwrap().len();
    let backend = Backend::start(folder.path());
    put(&backend, &clip, "masters/a film+1.mp4");
    let data = folder.path().join("other");
    let environment: Vec<(&str, &str)> = backend
        .environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let url = format!("s3://{BUCKET}/masters/a film+1.mp4");
    let (ran, json, png) = frame(&data, &url, "13.37", &environment);
    assert!(ran.ok, "{}", ran.stderr);
    assert_eq!(Some(picture(&png)), oracle(&clip, "13.37"));
    assert_eq!(json["video"], url.as_str());
    let (bytes, requests) = (
        json["read"]["bytes"].as_u64().unwrap(),
        json["read"]["requests"].as_u64().unwrap(),
    );
    assert!(
        bytes > 0 && bytes < size / 4 && requests <= 12,
        "{bytes} of {size} in {requests}"
    );
    // The second time all but the look whether it is the same version comes from the disk.
    let (ran, json, png) = frame(&data, &url, "13.37", &environment);
    assert!(ran.ok, "{}", ran.stderr);
    assert_eq!(Some(picture(&png)), oracle(&clip, "13.37"));
    assert_eq!(
        (json["read"]["bytes"].as_u64(), json["read"]["requests"].as_u64()),
        (Some(1), Some(1))
    );
    let text = run(posterframe(&data)
        .envs(backend.environment.iter())
        .args(["frame", &url, "--at", "2", "-o", "-"]));
    assert!(
        text.ok && text.stderr.contains(" requests") && text.stderr.contains("Read "),
        "{}",
        text.stderr
    );
    // What is not there, and what nobody may read.
    let (ran, ..) = frame(
        &data,
        &format!("s3://{BUCKET}/masters/none.mp4"),
        "1",
        &environment,
    );
    assert!(
        !ran.ok && ran.stderr.contains("none.mp4 cannot be read: NoSuchKey"),
        "{}",
        ran.stderr
    );
    let mut wrong = environment.clone();
    wrong.retain(|(name, _)| *name != "AWS_SECRET_ACCESS_KEY");
    wrong.push(("AWS_SECRET_ACCESS_KEY", "wrong"));
    let (ran, ..) = frame(&data, &format!("s3://{BUCKET}/masters/a film+1.mp4"), "1", &wrong);
    assert!(
        !ran.ok && ran.stderr.contains("cannot be read: SignatureDoesNotMatch"),
        "{}",
        ran.stderr
    );
}

// Breaks if a frame of an address differs from that of the file, a server without ranges is read wrongly, or an address's
// secret is printed.
#[test]
fn frames_of_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let clip = large_clip(folder.path());
    let size = std::fs::metadata(&clip).unwrap().len();
    let how = How {
        latency: Duration::from_millis(20),
        redirect: Some("/film.mp4?sig=other"),
        ..How::default()
    };
    let server = WebServer::start(&clip, how);
    for path in ["film.mp4?sig=secret", "moved.mp4?sig=secret"] {
        let (ran, json, png) = frame(folder.path(), &server.url(path), "7.5", &[]);
        assert!(ran.ok, "{}", ran.stderr);
        assert_eq!(Some(picture(&png)), oracle(&clip, "7.5"));
        assert!(
            !ran.stdout.contains("sig=") && !ran.stderr.contains("sig="),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
        assert!(json["read"]["bytes"].as_u64().unwrap() < size / 4, "{json}");
    }
    let small = small_clip(folder.path(), "small.mp4");
    let size = std::fs::metadata(&small).unwrap().len();
    let plain = WebServer::start(
        &small,
        How {
            ignores_ranges: true,
            ..How::default()
        },
    );
    let (ran, json, png) = frame(folder.path(), &plain.url("film.mp4"), "1.2", &[]);
    assert!(ran.ok, "{}", ran.stderr);
    assert_eq!(Some(picture(&png)), oracle(&small, "1.2"));
    assert_eq!(
        (json["read"]["bytes"].as_u64(), plain.counts().0),
        (Some(size), 1)
    );
    // One that is too large to be read whole is not.
    let refused = WebServer::start(
        &clip,
        How {
            ignores_ranges: true,
            ..How::default()
        },
    );
    let (ran, ..) = frame(folder.path(), &refused.url("film.mp4"), "1.2", &[]);
    assert!(
        ran.code == Some(11) && ran.stderr.contains("no byte ranges"),
        "{}",
        ran.stderr
    );
}

// Breaks if frames of two versions are mixed, a redirect leads into a private network, or an error does not say what is
// wrong.
#[test]
fn what_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let clip = large_clip(folder.path());
    let changing = How {
        changes_at: 3,
        ..How::default()
    };
    let server = WebServer::start(&clip, changing);
    let (ran, ..) = frame(folder.path(), &server.url("film.mp4?sig=secret"), "15", &[]);
    assert_eq!(ran.code, Some(16), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("was replaced while it was being read") && !ran.stderr.contains("secret"),
        "{}",
        ran.stderr
    );
    let text = folder.path().join("page.txt");
    std::fs::write(&text, "not a video, but long enough to be read as one").unwrap();
    let page = WebServer::start(&text, How::default());
    let (ran, ..) = frame(folder.path(), &page.url("film.mp4"), "1", &[]);
    assert_eq!(ran.code, Some(12), "{}", ran.stderr);
    for bad in [
        "s3://bucket",
        "http://example.com/v.mp4?sig=secret",
        "https://user:secret@h/v.mp4",
    ] {
        let (ran, ..) = frame(folder.path(), bad, "1", &[]);
        assert!(
            !ran.ok && ran.stderr.contains("expected "),
            "{bad}: {}",
            ran.stderr
        );
    }
}

// Breaks if an object of the backend's bucket is uploaded or copied for a job, the task makes another frame than was seen,
// or a retry needs more than a request.
#[test]
fn submitting_uploads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clip = large_clip(folder.path());
    let backend = Backend::start(folder.path());
    put(&backend, &clip, "masters/film.mp4");
    drop(backend);
    let url = format!("s3://{BUCKET}/masters/film.mp4");
    let out = folder.path().join("stills");
    let arguments = ["--at", "3.2", "--at", "11.1", "--out", out.to_str().unwrap()];
    let (objects, ran) = submit(folder.path(), &[Path::new(&url)], &arguments);
    assert!(ran.ok, "{}", ran.stderr);
    let [job] = &objects[..] else {
        panic!("{objects:?}")
    };
    assert_eq!(
        (job["source"]["url"].as_str(), &job["identical_to_preview"]),
        (Some(url.as_str()), &Value::Bool(true))
    );
    assert_eq!(Some(picture(&out.join("film.png"))), oracle(&clip, "3.2"));
    assert_eq!(Some(picture(&out.join("film-2.png"))), oracle(&clip, "11.1"));
    let id = job["job_id"].as_str().unwrap().to_owned();
    let retried = run(posterframe(folder.path()).args(["jobs", "retry", &id, "--json"]));
    assert!(retried.ok, "{}", retried.stderr);
    let backend = Backend::start(folder.path());
    let listed = backend.aws_json(&["s3api", "list-objects-v2", "--bucket", BUCKET]);
    let keys = listed["Contents"].as_array().unwrap().iter();
    let keys: Vec<&str> = keys.filter_map(|object| object["Key"].as_str()).collect();
    let videos: Vec<&&str> = keys
        .iter()
        .filter(|key| !key.starts_with("jobs/") && !key.starts_with("thumbnails/"))
        .collect();
    assert_eq!(videos, [&"masters/film.mp4"]);
}

// Breaks if a job of a signed address fails, or its signature stays in the history, where a retry does not need it.
#[test]
fn signed_addresses_are_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let clip = large_clip(folder.path());
    let server = WebServer::start(&clip, How::default());
    let url = server.url("film.mp4?sig=topsecret");
    let (objects, ran) = submit(folder.path(), &[Path::new(&url)], &["--at", "3.2"]);
    assert!(ran.ok, "{}", ran.stderr);
    assert_eq!(objects[0]["identical_to_preview"], true);
    assert!(!ran.stdout.contains("topsecret") && !ran.stderr.contains("topsecret"));
    let id = objects[0]["job_id"].as_str().unwrap();
    let retried = run(posterframe(folder.path()).args(["jobs", "retry", id, "--json"]));
    assert!(retried.ok, "{}", retried.stderr);
    let dump = |name: &str| std::fs::read(folder.path().join(name)).unwrap_or_default();
    for name in ["history.db", "history.db-wal"] {
        let has = dump(name).windows(9).any(|window| window == b"topsecret");
        assert!(!has, "{name}");
    }
    let shown = run(posterframe(folder.path()).args(["jobs", "show", id, "--logs"]));
    assert!(
        shown.ok && !shown.stdout.contains("topsecret"),
        "{}",
        shown.stdout
    );
}

// Breaks if a video that is to be copied is not uploaded like a file, or its copy stays.
#[test]
fn uploading_a_copy() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "clip.mp4");
    let server = WebServer::start(&clip, How::default());
    let (objects, ran) = submit(
        folder.path(),
        &[Path::new(&server.url("film.mp4"))],
        &["--at", "1.2", "--upload"],
    );
    assert!(ran.ok, "{}", ran.stderr);
    assert_eq!(objects[0]["identical_to_preview"], true);
    let source = objects[0]["source"]["url"].as_str().unwrap();
    assert!(source.starts_with("s3://posterframe/uploads/"), "{source}");
    let left = std::fs::read_dir(folder.path().join("fetched")).unwrap().count();
    assert_eq!(left, 0);
}

// Breaks if a still is not recognised in a video at a distance.
#[test]
fn verifying_at_a_distance() {
    let folder = tempfile::tempdir().unwrap();
    let clip = large_clip(folder.path());
    let server = WebServer::start(&clip, How::default());
    let (ran, _, png) = frame(folder.path(), &server.url("film.mp4"), "7.5", &[]);
    assert!(ran.ok, "{}", ran.stderr);
    let verify = |video: &str| {
        let mut command: Command = posterframe(folder.path());
        run(command.arg("verify").arg(&png).arg(video))
    };
    let yes = verify(&server.url("film.mp4"));
    assert!(
        yes.ok && yes.stdout.starts_with("yes"),
        "{}{}",
        yes.stdout,
        yes.stderr
    );
    assert!(yes.stderr.contains("Read "), "{}", yes.stderr);
    let cannot = verify(
        &server
            .url("film.mp4")
            .replace("http://127.0.0.1", "http://127.0.0.2"),
    );
    assert_eq!(cannot.code, Some(2), "{}", cannot.stderr);
}
