//! Events on their way to functions, and what becomes of those that fail.
//!
//! The function's program is this very test binary, told to run [`program`] alone: with the address of a Runtime
//! API in its environment that is a Lambda runtime, whose behaviour the event's key chooses.

use std::io::{Read, Write};
use std::net::TcpStream;

use aws_sdk_s3::types::MetadataDirective;
use posterframe_contract::{env, names};
use posterframe_local::{BUCKET, Options, Program};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Local, programs, start_with, wait_for};

/// A request to the Runtime API: the head and the body, `None` once the backend is gone.
fn call(api: &str, method: &str, path: &str, body: &str) -> Option<(String, String)> {
    // As the real functions' runtime client does, which puts the address's own path before its own.
    let (host, base) = api.strip_prefix("http://")?.split_once('/')?;
    let mut connection = TcpStream::connect(host).ok()?;
    let length = body.len();
    write!(
        connection,
        "{method} /{base}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.1 20")
        .then(|| (head.to_owned(), body.to_owned()))
}

/// Not a test, but what the backend runs as both functions.
#[test]
fn program() {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else {
        return;
    };
    let setting = |name| std::env::var(name).unwrap_or_default();
    println!(
        "settings {} {}",
        setting(env::CLUSTER),
        setting(env::TASK_DEFINITION)
    );
    while let Some((head, event)) = call(&api, "GET", "/2018-06-01/runtime/invocation/next", "") {
        let id = head
            .lines()
            .find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: "))
            .unwrap();
        let event: Value = serde_json::from_str(&event).unwrap();
        let (kind, body) = match handle(&event) {
            Ok(answer) => ("response", answer),
            Err(message) => ("error", json!({ "errorMessage": message, "errorType": "Test" })),
        };
        let path = format!("/2018-06-01/runtime/invocation/{id}/{kind}");
        call(&api, "POST", &path, &body.to_string());
    }
}

fn handle(event: &Value) -> Result<Value, String> {
    let mut failures = Vec::new();
    for record in event["Records"].as_array().unwrap() {
        // An SQS record has the S3 event in its body; a bare S3 event has the object in its record.
        let body: Option<Value> = record["body"]
            .as_str()
            .map(|body| serde_json::from_str(body).unwrap());
        let object = body.as_ref().map_or(record, |body| &body["Records"][0]);
        let key = object["s3"]["object"]["key"].as_str().unwrap();
        let attempt = record["attributes"]["ApproximateReceiveCount"]
            .as_str()
            .unwrap_or("-");
        println!(
            "saw {key} {} try {attempt}",
            object["eventName"].as_str().unwrap()
        );
        if key.contains("poison") {
            return Err("poisoned".to_owned());
        }
        if attempt == "1" && key.contains("die") {
            std::process::exit(3);
        }
        if attempt == "1" && key.contains("again") {
            failures.push(json!({ "itemIdentifier": record["messageId"] }));
        }
    }
    Ok(json!({ "batchItemFailures": failures }))
}

async fn with_functions() -> (Local, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let this = std::env::current_exe().unwrap();
    let function = Program::new(this, ["functions::program", "--exact", "--nocapture"]);
    let mut programs = programs();
    programs.upload_trigger = function.clone();
    programs.thumbnail_trigger = function;
    (start_with(Options::new(folder.path(), programs)).await, folder)
}

/// The log of a function that contains `word`, whole, once there is such a line.
async fn log_with(local: &Local, function: &str, word: &str) -> Vec<String> {
    wait_for(word, async || {
        let events = local.logs.filter_log_events();
        let events = events.log_group_name(names::function_log_group(function)).send();
        let lines: Vec<String> = events
            .await
            .unwrap()
            .events
            .unwrap_or_default()
            .into_iter()
            .map(|event| event.message.unwrap_or_default())
            .collect();
        lines.iter().any(|line| line.contains(word)).then_some(lines)
    })
    .await
}

fn count(lines: &[String], word: &str) -> usize {
    lines.iter().filter(|line| line.contains(word)).count()
}

// Breaks if an event is lost while the function is busy with the one before.
#[tokio::test]
async fn none_is_lost() {
    let (local, _folder) = with_functions().await;
    for number in 0..25 {
        local.put(&format!("{number}_00-01.mp4"), b"x").await;
    }
    for number in 0..25 {
        log_with(&local, names::UPLOAD_FUNCTION, &format!("saw {number}_")).await;
    }
}

// Breaks if a function lacks its settings or the lines around its own, or hears of what is not its own.
#[tokio::test]
async fn what_a_function_gets_and_logs() {
    let (local, _folder) = with_functions().await;
    local.put("uploads/a b_00-01.mp4", b"x").await;
    local.put("notes.txt", b"x").await;
    local.put("thumbnails/a.png", b"x").await;
    let lines = log_with(&local, names::UPLOAD_FUNCTION, "REPORT").await;
    let expected = format!("settings {} arn:aws:ecs:", names::CLUSTER);
    assert_eq!(count(&lines, &expected), 1, "{lines:#?}");
    let own: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| ["START", "saw", "END", "REPORT"].contains(word))
        .collect();
    assert_eq!(own, ["START", "saw", "END", "REPORT"], "{lines:#?}");
    assert_eq!(
        count(&lines, "saw uploads/a+b_00-01.mp4 ObjectCreated:Put try 1"),
        1
    );
    let lines = log_with(&local, names::THUMBNAIL_FUNCTION, "REPORT").await;
    assert_eq!(
        count(&lines, "saw thumbnails/a.png ObjectCreated:Put try -"),
        1,
        "{lines:#?}"
    );
}

// Breaks if a job is not run again when its video is copied onto itself, which is how it is retried.
#[tokio::test]
async fn a_copy_onto_itself_is_an_event() {
    let (local, _folder) = with_functions().await;
    local.put("a_00-01.mp4", b"x").await;
    let copy = local.s3.copy_object().bucket(BUCKET).key("a_00-01.mp4");
    let copy = copy.copy_source(format!("{BUCKET}/a_00-01.mp4"));
    let copy = copy.metadata_directive(MetadataDirective::Replace);
    copy.send().await.unwrap();
    let lines = log_with(&local, names::UPLOAD_FUNCTION, "ObjectCreated:Copy").await;
    assert_eq!(count(&lines, "ObjectCreated:Put"), 1);
}

// Breaks if a message that was reported as failed is lost, or one that was handled comes again.
#[tokio::test]
async fn single_failures_come_again() {
    let (local, _folder) = with_functions().await;
    local.put("again_00-01.mp4", b"x").await;
    local.put("fine_00-01.mp4", b"x").await;
    let lines = log_with(
        &local,
        names::UPLOAD_FUNCTION,
        "saw again_00-01.mp4 ObjectCreated:Put try 2",
    )
    .await;
    assert_eq!(count(&lines, "saw fine"), 1, "{lines:#?}");
    assert!(local.backend.dead_letters().await.unwrap().is_empty());
}

// Breaks if a function that crashes takes its event with it, or is not started again.
#[tokio::test]
async fn a_function_that_dies() {
    let (local, _folder) = with_functions().await;
    local.put("die_00-01.mp4", b"x").await;
    let lines = log_with(
        &local,
        names::UPLOAD_FUNCTION,
        "saw die_00-01.mp4 ObjectCreated:Put try 2",
    )
    .await;
    assert_eq!(count(&lines, "Runtime exited: exit status: 3"), 1, "{lines:#?}");
    assert_eq!(count(&lines, "settings"), 2, "{lines:#?}");
}

// Breaks if an event that always fails is tried for ever, or forgotten without a trace.
#[tokio::test]
async fn dead_letters() {
    let (local, folder) = with_functions().await;
    local.put("thumbnails/poison.png", b"x").await;
    let letters = wait_for("the dead letter", async || {
        let letters = local.backend.dead_letters().await.unwrap();
        (!letters.is_empty()).then_some(letters)
    })
    .await;
    let letter = &letters[0];
    assert_eq!((letter.receives, letter.failure.as_str()), (3, "poisoned"));
    assert_eq!(letter.function, names::THUMBNAIL_FUNCTION);
    assert!(letter.body.contains("thumbnails/poison.png"));
    local.backend.shutdown().await;
    let local = crate::support::start(folder.path()).await;
    assert_eq!(local.backend.dead_letters().await.unwrap(), letters);
}

// Breaks if an event that came while the app was being closed is never delivered.
#[tokio::test]
async fn events_outlive_the_backend() {
    let folder = tempfile::tempdir().unwrap();
    // These functions never ask for an event.
    let local = crate::support::start(folder.path()).await;
    local.put("late_00-01.mp4", b"x").await;
    local.backend.shutdown().await;
    let this = std::env::current_exe().unwrap();
    let mut programs = programs();
    programs.upload_trigger = Program::new(this, ["functions::program", "--exact", "--nocapture"]);
    let local = start_with(Options::new(folder.path(), programs)).await;
    log_with(&local, names::UPLOAD_FUNCTION, "saw late").await;
}
