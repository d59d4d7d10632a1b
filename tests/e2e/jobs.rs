//! `posterframe jobs`: the history and its actions on a terminal.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Ran, clip, oracle, picture, posterframe, run, small_clip, submit, wait_for};

fn jobs(data: &Path, arguments: &[&str]) -> Ran {
    run(posterframe(data).arg("jobs").args(arguments))
}

fn object(text: &str) -> Value {
    serde_json::from_str(text.trim()).unwrap_or_else(|_| panic!("no JSON: {text}"))
}

// Breaks if a job cannot be found by a part of its id, or its details are not printed.
#[test]
fn one_job_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "bunny.mp4");
    let mut objects = Vec::new();
    for position in ["0.5", "1"] {
        let (made, ran) = submit(folder.path(), &[&clip], &["--at", position]);
        assert!(ran.ok, "{}", ran.stderr);
        objects.extend(made);
    }
    let ids: Vec<&str> = objects
        .iter()
        .map(|job| job["job_id"].as_str().unwrap())
        .collect();

    // An id begins with its time, and ends with random digits.
    let shown = jobs(folder.path(), &["show", &ids[0][28..], "--json", "--logs"]);
    assert!(shown.ok, "{}", shown.stderr);
    let job = object(&shown.stdout);
    assert_eq!(
        (&job["job_id"], &job["state"]),
        (&objects[0]["job_id"], &Value::from("done"))
    );
    assert_eq!(job["task"]["taskArn"], objects[0]["task_arn"]);
    let lines: Vec<(&str, &str)> = job["log"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| {
            (
                line["source"].as_str().unwrap(),
                line["message"].as_str().unwrap(),
            )
        })
        .collect();
    for (source, text) in [
        ("app", "uploading bunny.mp4"),
        ("upload-trigger", "new file"),
        ("worker", "put s3://posterframe/thumbnails/"),
        ("thumbnail-trigger", "new thumbnail"),
    ] {
        let count = lines
            .iter()
            .filter(|(from, message)| *from == source && message.starts_with(text))
            // The manifest is put too, after the thumbnail.
            .filter(|(_, message)| !message.contains("manifest.json"))
            .count();
        assert_eq!(count, 1, "{source}: {text} in {lines:?}");
    }
    let shown = jobs(folder.path(), &["show", ids[1], "--logs", "--follow"]);
    assert!(
        shown.ok && shown.stdout.contains("Extracting") && shown.stdout.contains("Done in"),
        "{}",
        shown.stdout
    );

    for (id, complaint) in [("0", "means 2 jobs"), ("zebra", "there is no job “zebra”")] {
        let shown = jobs(folder.path(), &["show", id]);
        assert!(!shown.ok && shown.stderr.contains(complaint), "{}", shown.stderr);
    }
    let forgotten = jobs(folder.path(), &["forget", ids[0]]);
    assert!(forgotten.ok, "{}", forgotten.stderr);
    // The second one's video is still the first one's upload.
    let listed = object(&jobs(folder.path(), &["--json"]).stdout);
    assert_eq!(listed["job_id"], ids[1]);
}

// Breaks if several frames are not one upload and one task, one of them is not the original's, or the exit status is not
// the worker's where some cannot be made.
#[test]
fn several_frames_are_one_job() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "bunny.mp4");
    let out = folder.path().join("out");
    let arguments = [
        "--at",
        "1.96",
        "--at",
        "0",
        "--at",
        "25f",
        "--out",
        out.to_str().unwrap(),
    ];
    let (objects, ran) = submit(folder.path(), &[&clip], &arguments);
    assert!(ran.ok, "{}", ran.stderr);
    let [job] = objects.as_slice() else {
        panic!("{objects:?}")
    };
    let id = job["job_id"].as_str().unwrap();
    let url = format!("s3://posterframe/videos/{id}/bunny.mp4");
    assert_eq!(job["source"]["url"], url);
    assert_eq!(job["request_key"], format!("jobs/{id}.json"));
    let stills = job["stills"].as_array().unwrap();
    let expected = [
        ("bunny.png", "1.96", 49),
        ("bunny-2.png", "0", 0),
        ("bunny-3.png", "1", 25),
    ];
    assert_eq!(stills.len(), expected.len());
    for (still, (name, position, number)) in stills.iter().zip(expected) {
        assert_eq!(
            (&still["number"], &still["identical_to_preview"]),
            (&number.into(), &true.into())
        );
        assert_eq!(Some(picture(&out.join(name))), oracle(&clip, position), "{name}");
    }

    let shown = jobs(folder.path(), &["show", id]);
    assert!(shown.stdout.contains("3 frames · 3 files"), "{}", shown.stdout);
    let listed = jobs(folder.path(), &[]);
    assert!(listed.stdout.contains("3 frames · 3 files"), "{}", listed.stdout);
    let refused = run(posterframe(folder.path())
        .args(["submit", "--at", "0", "--at", "9"])
        .arg(&clip));
    assert!(
        !refused.ok && refused.stderr.contains("1.96"),
        "{}",
        refused.stderr
    );
    assert_eq!(refused.code, Some(13));
}

// Breaks if an unfinished job is not continued, cannot be retried, or does not decide the exit status.
#[test]
fn followed_and_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "bunny.mp4");
    let (objects, ran) = submit(folder.path(), &[&clip], &["--at", "1", "--no-wait"]);
    assert!(ran.ok, "{}", ran.stderr);
    let id = objects[0]["job_id"].as_str().unwrap();
    let followed = jobs(folder.path(), &["show", id, "--follow", "--logs"]);
    let job = object(&jobs(folder.path(), &["show", id, "--json"]).stdout);
    // A task that ended with the first command is reported as interrupted, and may have ended before its first line.
    let (expected, source) = if followed.ok {
        ("done", "worker")
    } else {
        ("failed", "upload-trigger")
    };
    assert_eq!(job["state"], expected, "{}{}", followed.stdout, followed.stderr);
    assert!(followed.stdout.contains(source), "{}", followed.stdout);

    let retried = jobs(folder.path(), &["retry", id, "--json"]);
    assert!(retried.ok, "{}{}", retried.stdout, retried.stderr);
    let job = object(&retried.stdout);
    assert_eq!(
        (&job["state"], &job["attempt"]),
        (&Value::from("done"), &Value::from(2))
    );
    assert_eq!(job["identical_to_preview"], true);
    let stopped = jobs(folder.path(), &["stop", id]);
    assert!(
        !stopped.ok && stopped.stderr.contains("ended already"),
        "{}",
        stopped.stderr
    );
}

// Breaks if a job that waits for its event cannot be stopped, so that its task still runs.
#[test]
fn stopped_before_its_task() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "bunny.mp4");
    let (objects, ran) = submit(folder.path(), &[&clip], &["--at", "1", "--no-wait"]);
    assert!(ran.ok, "{}", ran.stderr);
    let id = objects[0]["job_id"].as_str().unwrap();
    let stopped = jobs(folder.path(), &["stop", id, "--json"]);
    let job = object(&jobs(folder.path(), &["show", id, "--json"]).stdout);
    let state = job["state"].as_str().unwrap();
    // The task may have ended before the stop, by itself or with the backend.
    assert!(
        ["stopped", "done", "failed"].contains(&state),
        "{job}{}",
        stopped.stderr
    );
}

// Breaks if a second process cannot follow a job of a running one, or one of the two ends before the log is complete.
#[test]
fn followed_beside_the_program_that_runs_it() {
    let folder = tempfile::tempdir().unwrap();
    let clip = clip(
        folder.path(),
        "large.mp4",
        "-f lavfi -i testsrc2=size=1280x720:rate=25 -vf noise=alls=60:allf=t -t 4 -c:v libx264 -preset ultrafast -qp 12",
    );
    let submission = posterframe(folder.path())
        .arg("submit")
        .arg(&clip)
        .args(["--at", "3"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let id = wait_for("the job", || {
        let listed = jobs(folder.path(), &["--json"]);
        Some(
            object(listed.stdout.lines().next()?)["job_id"]
                .as_str()?
                .to_owned(),
        )
    });
    let followed = jobs(folder.path(), &["show", &id, "--follow", "--logs"]);
    let submitted = submission.wait_with_output().unwrap();
    assert!(submitted.status.success());
    assert!(followed.ok, "{}{}", followed.stdout, followed.stderr);
    let submitted = String::from_utf8(submitted.stdout).unwrap();
    // Both print each line once, including the second function's, and then how the job ended.
    for output in [&followed.stdout, &submitted] {
        for line in ["uploading large.mp4", "new thumbnail", "Done in"] {
            assert_eq!(output.matches(line).count(), 1, "{line} in {output}");
        }
        let puts = output
            .lines()
            .filter(|line| line.contains("put s3://posterframe/"));
        // The manifest is put after it.
        assert_eq!(
            puts.filter(|line| line.contains("large.png")).count(),
            1,
            "{output}"
        );
        assert!(output.find("new thumbnail") < output.find("Done in"), "{output}");
    }
}

// Breaks if a file name can add a line on the terminal, move its cursor, or reverse its text.
#[test]
fn a_name_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "a\u{1b}[2J\nDone in 1 s\u{202e}.mp4");
    let (objects, ran) = submit(folder.path(), &[&clip], &["--at", "0.5"]);
    assert!(ran.ok, "{}", ran.stderr);
    assert_eq!(objects[0]["video"], clip.to_str().unwrap());
    let id = objects[0]["job_id"].as_str().unwrap();
    for arguments in [&[] as &[&str], &["show", id, "--logs"]] {
        let ran = jobs(folder.path(), arguments);
        assert!(ran.ok, "{}", ran.stderr);
        assert!(ran.stdout.contains(r"\nDone in 1 s\u202e"), "{}", ran.stdout);
        let obeyed = |char: char| char != '\n' && char.is_control() || char == '\u{202e}';
        assert!(!ran.stdout.contains(obeyed), "{:?}", ran.stdout);
    }
}

// Breaks if one unreadable job makes the history unreadable, or is reported at every start.
#[test]
fn an_unreadable_job_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "clip.mp4");
    let mut objects = Vec::new();
    for position in ["0.5", "1"] {
        objects.extend(submit(folder.path(), &[&clip], &["--at", position]).0);
    }
    let [lost, kept] = [0, 1].map(|index| objects[index]["job_id"].as_str().unwrap());
    let history = rusqlite::Connection::open(folder.path().join("history.db")).unwrap();
    let damage = "UPDATE jobs SET body = '' WHERE id = ?1";
    assert_eq!(history.execute(damage, [lost]), Ok(1));
    drop(history);
    let ran = run(posterframe(folder.path()).arg("jobs"));
    assert!(
        ran.ok && ran.stdout.contains(kept) && !ran.stdout.contains(lost),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stderr.contains(lost) && ran.stderr.contains("in the gallery"),
        "{}",
        ran.stderr
    );
    for arguments in [&["jobs"][..], &["jobs", "retry", kept]] {
        let ran = run(posterframe(folder.path()).args(arguments));
        assert!(ran.ok && ran.stderr.is_empty(), "{arguments:?}: {}", ran.stderr);
    }
}
