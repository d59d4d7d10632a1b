//! Whole jobs, from the video to the thumbnail.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::support::{oracle, picture, posterframe, run, small_clip, submit};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/sample.mp4")
}

// Breaks if any step from the upload to the PNG fails, the frame differs from ffmpeg's, or the JSON lacks a field.
#[test]
fn the_sample_becomes_a_thumbnail() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let (objects, ran) = submit(
        folder.path(),
        &[&sample()],
        &["--at", "10.541", "--out", out.to_str().unwrap()],
    );
    assert!(ran.ok, "{}", ran.stderr);
    let job = &objects[0];
    assert_eq!(job["state"], "done");
    assert_eq!(job["error"], Value::Null);
    assert_eq!(job["identical_to_preview"], true);
    let id = job["job_id"].as_str().unwrap();
    // A single frame of a new video is in the original's form: the position is in the key, and there is no request.
    let url = format!("s3://posterframe/uploads/{id}/sample_00-00-10.541.mp4");
    assert_eq!(
        (&job["source"]["url"], &job["request_key"]),
        (&url.into(), &Value::Null)
    );
    let [still] = job["stills"].as_array().unwrap().as_slice() else {
        panic!("{job}")
    };
    assert_eq!(still["position"], "00:00:10.541");
    assert_eq!(still["identical_to_preview"], true);
    assert_eq!((&still["number"], &still["error"]), (&253.into(), &Value::Null));
    assert!(still["frame_time"].as_str().unwrap().starts_with("00:00:10.541"));
    let made = &still["files"][0];
    assert_eq!(made["key"], format!("thumbnails/{id}/sample.png"));
    assert_eq!((&made["format"], &made["width"]), (&"png".into(), &960.into()));
    assert!(made["height"].is_u64() && made["bytes"].is_u64());
    assert!(
        job["read"]["bytes"].is_u64() && job["read"]["requests"].is_u64(),
        "{job}"
    );
    assert!(job["task_arn"].as_str().unwrap().starts_with("arn:aws:ecs:"));
    assert_eq!(made["pixel_sha256"].as_str().unwrap().len(), 64);
    let phases = job["phases"].as_array().unwrap();
    assert_eq!(phases.len(), 5);
    assert!(
        phases
            .iter()
            .all(|phase| phase["state"] == "done" && phase["seconds"].as_f64() >= Some(0.0))
    );
    let file = Path::new(made["file"].as_str().unwrap());
    assert_eq!(file, out.join("sample.png"));
    assert_eq!(Some(picture(file)), oracle(&sample(), "10.541"));

    // A later run finds the job in the history with its log, and the thumbnail in the gallery.
    let jobs = run(posterframe(folder.path()).args(["jobs", "--logs"]));
    for expected in [
        id,
        "Done",
        "upload-trigger",
        "new file",
        "worker",
        "thumbnail-trigger",
        "new thumbnail",
    ] {
        assert!(
            jobs.stdout.contains(expected),
            "no “{expected}” in:\n{}",
            jobs.stdout
        );
    }
    let gallery = run(posterframe(folder.path()).args(["gallery", "--json"]));
    let item: Value = serde_json::from_str(gallery.stdout.trim()).unwrap();
    assert_eq!((&item["key"], &item["job_id"]), (&made["key"], &job["job_id"]));

    // The reader of the list may close the pipe after a line, as `head` does.
    let mut list = posterframe(folder.path())
        .args(["jobs", "--logs"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(list.stdout.take());
    let list = list.wait_with_output().unwrap();
    let complaint = String::from_utf8_lossy(&list.stderr);
    assert!(
        list.status.success() && !complaint.contains("panicked"),
        "{complaint}"
    );
}

// Breaks if a file that is uploaded in several parts differs in the bucket, or no progress is printed.
#[test]
fn a_large_file_goes_up_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let clip = crate::support::clip(
        folder.path(),
        "large.mp4",
        "-f lavfi -i testsrc2=size=1280x720:rate=25 -vf noise=alls=60:allf=t -t 4 -c:v libx264 -preset ultrafast -qp 12",
    );
    assert!(std::fs::metadata(&clip).unwrap().len() > 20_000_000);
    let ran = run(posterframe(folder.path())
        .arg("submit")
        .arg(&clip)
        .args(["--at", "3.9"]));
    assert!(ran.ok, "{}", ran.stderr);
    for expected in [
        "uploading large.mp4",
        "MB/s",
        "Uploaded",
        "Event received",
        "Extracting",
        "identical to preview",
    ] {
        assert!(
            ran.stdout.contains(expected),
            "no “{expected}” in:\n{}",
            ran.stdout
        );
    }
}

// Breaks if --no-wait loses the job, or the next start does not finish it.
#[test]
fn no_wait_leaves_the_rest_to_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "later.mp4");
    let (objects, ran) = submit(folder.path(), &[&clip], &["--at", "1", "--no-wait"]);
    assert!(ran.ok, "{}", ran.stderr);
    let id = objects[0]["job_id"].as_str().unwrap().to_owned();
    // The run of another submission is long enough for the first one's task to end.
    let (_, ran) = submit(folder.path(), &[&clip], &["--at", "0.2"]);
    assert!(ran.ok, "{}", ran.stderr);
    let jobs = run(posterframe(folder.path()).args(["jobs", "--json"]).arg(&id)).stdout;
    let job: Value = serde_json::from_str(jobs.trim()).unwrap();
    // The job is done, or reported as interrupted and ready for a retry.
    assert!(
        ["done", "failed", "waiting", "starting", "running"].contains(&job["state"].as_str().unwrap()),
        "{jobs}"
    );
    assert_eq!(job["source"]["url"], objects[0]["source"]["url"]);
}
