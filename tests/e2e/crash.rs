//! What a crash leaves: no orphan, no lost job.

use std::process::Stdio;
use std::time::Duration;

use crate::support::{Backend, children, clip, posterframe, run, small_clip, wait_for};

// Breaks if a function or a worker outlives a backend that was killed.
#[test]
fn no_child_outlives_a_killed_backend() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "clip.mp4");
    let mut backend = Backend::start(folder.path());
    let uploaded = backend.aws(&[
        "s3",
        "cp",
        clip.to_str().unwrap(),
        "s3://posterframe/clip_00-01.mp4",
    ]);
    assert!(uploaded.ok, "{}", uploaded.stderr);
    // The function is kept warm, so that there is something to outlive it.
    let children = wait_for("a child", || {
        Some(children(backend.id())).filter(|children| !children.is_empty())
    });
    backend.kill();
    wait_for("the children's end", || {
        children
            .iter()
            .all(|id| !std::path::Path::new(&format!("/proc/{id}")).exists())
            .then_some(())
    });
}

// Breaks if a job that was under way when the program was killed is lost, or done twice.
#[test]
fn a_killed_submission_is_picked_up() {
    let folder = tempfile::tempdir().unwrap();
    let large = clip(
        folder.path(),
        "large.mp4",
        "-f lavfi -i testsrc2=size=1280x720:rate=25 -vf noise=alls=60:allf=t -t 4 -c:v libx264 -preset ultrafast -qp 12",
    );
    for milliseconds in [300, 450, 600, 800] {
        let mut submission = posterframe(folder.path())
            .arg("submit")
            .arg(&large)
            .args(["--at", "1"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        submission.kill().unwrap();
        submission.wait().unwrap();
    }
    // The next run goes on with them.
    let small = small_clip(folder.path(), "small.mp4");
    let ran = run(posterframe(folder.path())
        .arg("submit")
        .arg(&small)
        .args(["--at", "1"]));
    assert!(ran.ok, "{}", ran.stderr);
    let states = || {
        let jobs = run(posterframe(folder.path()).args(["jobs", "--json", "large"])).stdout;
        let job = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        jobs.lines().map(job).collect::<Vec<_>>()
    };
    for job in states() {
        let state = job["state"].as_str().unwrap();
        if state == "failed" {
            // A task that was cut off says so, and what to do.
            let failure = &job["failure"];
            assert!(
                failure["title"].as_str().is_some_and(|title| !title.is_empty()),
                "{job}"
            );
            assert!(!failure["next_steps"].as_array().unwrap().is_empty(), "{job}");
        }
    }
}
