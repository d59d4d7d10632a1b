//! Tests the backend on this machine with the AWS CLI, an independent client of S3, ECS and CloudWatch Logs.

use serde_json::Value;

use crate::support::{Backend, oracle, picture, small_clip, wait_for};

const BUCKET: &str = "posterframe";
const FAMILY: &str = "posterframe-worker";

fn task(backend: &Backend, arn: &str) -> Value {
    backend.aws_json(&[
        "ecs",
        "describe-tasks",
        "--cluster",
        "posterframe",
        "--tasks",
        arn,
    ])["tasks"][0]
        .clone()
}

// Breaks if a file that is copied to the bucket's root, as in the original project, makes no thumbnail.
#[test]
fn a_copied_file_makes_a_thumbnail() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "clip.mp4");
    let backend = Backend::start(folder.path());
    let file = clip.to_str().unwrap();
    let copied = backend.aws(&["s3", "cp", file, &format!("s3://{BUCKET}/test_00-01.mp4")]);
    assert!(copied.ok, "{}", copied.stderr);
    let png = folder.path().join("test.png");
    let thumbnail = format!("s3://{BUCKET}/thumbnails/test.png");
    wait_for("the thumbnail", || {
        backend
            .aws(&["s3", "cp", &thumbnail, png.to_str().unwrap()])
            .ok
            .then_some(())
    });
    assert_eq!(Some(picture(&png)), oracle(&clip, "1"));

    let head = backend.aws_json(&[
        "s3api",
        "head-object",
        "--bucket",
        BUCKET,
        "--key",
        "thumbnails/test.png",
    ]);
    assert_eq!(head["ContentType"], "image/png");
    assert_eq!(head["Metadata"]["source-key"], "test_00-01.mp4");

    // ECS's description of the task.
    let arns = wait_for("the stopped task", || {
        let listed = [
            "ecs",
            "list-tasks",
            "--cluster",
            "posterframe",
            "--desired-status",
            "STOPPED",
        ];
        let arns = backend.aws_json(&listed)["taskArns"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        (!arns.is_empty()).then_some(arns)
    });
    let arn = arns[0].as_str().unwrap();
    let task = wait_for("STOPPED", || {
        Some(task(&backend, arn)).filter(|task| task["lastStatus"] == "STOPPED")
    });
    assert_eq!(task["containers"][0]["exitCode"], 0);
    assert_eq!(task["stopCode"], "EssentialContainerExited");
    assert_eq!(task["launchType"], "FARGATE");

    // The logs of the task and of the functions, by every API call that reads logs.
    let id = arn.rsplit('/').next().unwrap();
    let group = format!("/ecs/{FAMILY}");
    let stream = format!("ecs/worker/{id}");
    let streams = backend.aws_json(&["logs", "describe-log-streams", "--log-group-name", &group]);
    assert_eq!(streams["logStreams"][0]["logStreamName"], stream);
    let events = [
        "logs",
        "get-log-events",
        "--log-group-name",
        &group,
        "--log-stream-name",
        &stream,
    ];
    let events = backend.aws_json(&events)["events"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let says = |events: &[Value], text: &str| {
        events
            .iter()
            .any(|event| event["message"].as_str().unwrap().contains(text))
    };
    assert!(
        says(&events, "test_00-01.mp4") && says(&events, "put s3://posterframe/thumbnails/test.png"),
        "{events:?}"
    );
    let trigger = "/aws/lambda/posterframe-upload-trigger";
    let filtered = [
        "logs",
        "filter-log-events",
        "--log-group-name",
        trigger,
        "--filter-pattern",
        "accepted",
    ];
    let filtered = backend.aws_json(&filtered)["events"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    assert!(says(&filtered, id), "RunTask's reply is not logged: {filtered:?}");
    let url = wait_for("the URL", || {
        let tail = backend.tail("/aws/lambda/posterframe-thumbnail-trigger");
        tail.lines()
            .find(|line| line.contains("new thumbnail"))
            .map(str::to_owned)
    });
    assert!(url.contains("/posterframe/thumbnails/test.png"), "{url}");
}

// Breaks if a task cannot be run by hand, lacks the exit code of its failure, or is started by a wrong key.
#[test]
fn tasks_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(folder.path());
    let overrides = serde_json::json!({ "containerOverrides": [{ "name": "worker", "environment": [
        { "name": "INPUT_VIDEO_FILE_URL", "value": format!("{BUCKET}/missing_00-01.mp4") },
        { "name": "POSITION_TIME_DURATION", "value": "00:01" },
        { "name": "OUTPUT_THUMBS_FILE_NAME", "value": "missing.png" },
        { "name": "OUTPUT_S3_PATH", "value": format!("{BUCKET}/thumbnails") },
    ] }] })
    .to_string();
    let token = "a".repeat(64);
    let run = |overrides: &str| {
        backend.aws(&[
            "ecs",
            "run-task",
            "--cluster",
            "posterframe",
            "--task-definition",
            FAMILY,
            "--launch-type",
            "FARGATE",
            "--client-token",
            &token,
            "--overrides",
            overrides,
        ])
    };
    let reply: Value = serde_json::from_str(&run(&overrides).stdout).unwrap();
    let arn = reply["tasks"][0]["taskArn"].as_str().unwrap().to_owned();
    let stopped = wait_for("STOPPED", || {
        Some(task(&backend, &arn)).filter(|task| task["lastStatus"] == "STOPPED")
    });
    assert_eq!(stopped["containers"][0]["exitCode"], 11, "{stopped}");

    // A repeated client token returns the same task; with other parameters it is a conflict.
    let again: Value = serde_json::from_str(&run(&overrides).stdout).unwrap();
    assert_eq!(again["tasks"][0]["taskArn"], arn.as_str());
    let conflict = run(&overrides.replace("missing", "other"));
    assert!(
        !conflict.ok && conflict.stderr.contains("ConflictException"),
        "{}",
        conflict.stderr
    );

    let unknown = backend.aws(&[
        "ecs",
        "stop-task",
        "--cluster",
        "posterframe",
        "--task",
        &"0".repeat(32),
    ]);
    assert!(!unknown.ok, "a task that never was could be stopped");

    // A key without a position gives an error in the function's log, and no task.
    let file = folder.path().join("clip.mp4");
    std::fs::write(&file, "x").unwrap();
    assert!(
        backend
            .aws(&[
                "s3",
                "cp",
                file.to_str().unwrap(),
                &format!("s3://{BUCKET}/nonsense.mp4")
            ])
            .ok
    );
    wait_for("the error", || {
        let tail = backend.tail("/aws/lambda/posterframe-upload-trigger");
        tail.contains("nonsense.mp4").then_some(())
    });
    let all = backend.aws_json(&[
        "ecs",
        "list-tasks",
        "--cluster",
        "posterframe",
        "--desired-status",
        "STOPPED",
    ]);
    assert_eq!(all["taskArns"].as_array().unwrap().len(), 1);
}

// Breaks if strangers can use the backend: each of the three services checks the signature.
#[test]
fn wrong_keys_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut backend = Backend::start(folder.path());
    backend
        .environment
        .insert("AWS_SECRET_ACCESS_KEY".to_owned(), "wrong".to_owned());
    for arguments in [
        vec!["s3api", "list-objects-v2", "--bucket", BUCKET],
        vec!["ecs", "list-tasks", "--cluster", "posterframe"],
        vec!["logs", "describe-log-groups"],
    ] {
        let ran = backend.aws(&arguments);
        assert!(!ran.ok, "{arguments:?} was answered");
        assert!(ran.stderr.contains("ignature"), "{arguments:?}: {}", ran.stderr);
    }
}
