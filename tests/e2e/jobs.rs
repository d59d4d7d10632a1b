//! `posterframe jobs`: the history and its actions on a terminal.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Ran, clip, posterframe, run, small_clip, submit, wait_for};

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
    let (mut objects, ran) = submit(folder.path(), &[&clip], &["--at", "0.5", "--at", "1"]);
    assert!(ran.ok, "{}", ran.stderr);
    // They are printed in the order in which they end. The one that was made first is the one that uploads.
    objects.sort_by_key(|job| job["job_id"].to_string());
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
    let listed = jobs(folder.path(), &["--json"]).stdout;
    assert!(!listed.contains(ids[0]) && listed.contains(ids[1]), "{listed}");
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
    let (objects, ran) = submit(folder.path(), &[&clip], &["--at", "0.5", "--at", "1"]);
    assert!(ran.ok, "{}", ran.stderr);
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
