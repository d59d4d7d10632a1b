//! Events of uploads in, `RunTask` out.

use std::thread;
use std::time::Duration;

use posterframe_contract::log::Line;
use serde_json::json;

use crate::support::{Ecs, Function, JOB, accepted, created, environment, failed, messages, uploads};

fn key(name: &str) -> String {
    format!("uploads/{JOB}/{name}")
}

// Breaks if a task gets other orders than the worker understands, or the log lacks what the original's said or the job's id.
#[test]
fn a_task_for_an_upload() {
    let ecs = Ecs::willing();
    let function = Function::upload_trigger(&ecs);
    let answer = function.invoke(uploads(&[&key("a+clip+%C3%A9_01-02-03.500.MOV")]));
    assert_eq!(answer.unwrap(), failed(&[]), "{}", function.log());

    let asked = ecs.asked();
    let request = &asked[0];
    assert_eq!(asked.len(), 1);
    assert_eq!(request["cluster"], "posterframe");
    assert_eq!(request["taskDefinition"], "posterframe-worker:7");
    assert_eq!(request["launchType"], "FARGATE");
    assert_eq!(request["startedBy"], JOB);
    assert_eq!(request["clientToken"].as_str().unwrap().len(), 64);
    let network = &request["networkConfiguration"]["awsvpcConfiguration"];
    assert_eq!(network["subnets"], json!(["subnet-a", "subnet-b"]));
    assert_eq!(network["securityGroups"], json!(["sg-a"]));
    assert_eq!(network["assignPublicIp"], "ENABLED");
    for (name, value) in [
        (
            "INPUT_VIDEO_FILE_URL",
            format!("s3://films/uploads/{JOB}/a clip é_01-02-03.500.MOV"),
        ),
        ("POSITION_TIME_DURATION", "01:02:03.500".to_owned()),
        ("OUTPUT_THUMBS_FILE_NAME", "a clip é.png".to_owned()),
        ("OUTPUT_S3_PATH", format!("films/thumbnails/{JOB}")),
        ("AWS_REGION", "eu-west-1".to_owned()),
    ] {
        assert_eq!(environment(request, name), value);
    }

    let log = function.log();
    for line in [
        format!(
            "INFO job{{id={JOB}}}: new file s3://films/uploads/{JOB}/a clip é_01-02-03.500.MOV, 7 bytes (ObjectCreated:Put)"
        ),
        format!(
            "INFO job{{id={JOB}}}: extracting the frame at 01:02:03.500 to s3://films/thumbnails/{JOB}/a clip é.png"
        ),
        format!("INFO job{{id={JOB}}}: task arn:aws:ecs:"),
    ] {
        assert!(log.contains(&line), "no “{line}” in:\n{log}");
    }
}

// Breaks if only the first record is handled, or one bad record takes others with it or is itself lost.
#[test]
fn one_bad_record_fails_alone() {
    let ecs = Ecs::answering(|request| {
        if environment(request, "OUTPUT_THUMBS_FILE_NAME") == "denied.png" {
            let message = "not authorized to perform: ecs:RunTask";
            return (
                400,
                json!({ "__type": "AccessDeniedException", "message": message }),
            );
        }
        accepted()
    });
    let function = Function::upload_trigger(&ecs);
    let answer = function.invoke(messages(&[
        "no JSON at all".to_owned(),
        created(&[(&key("a_00-01.mp4"), "0A"), (&key("b_00-01.mp4"), "0B")]).to_string(),
        created(&[(&key("denied_00-01.mp4"), "0C")]).to_string(),
        json!({ "Event": "s3:TestEvent", "Bucket": "films" }).to_string(),
        created(&[(&key("c_00-01.mp4"), "0D")]).to_string(),
    ]));
    assert_eq!(answer.unwrap(), failed(&["m0", "m2"]));
    let names: Vec<String> = ecs
        .asked()
        .iter()
        .map(|request| environment(request, "OUTPUT_THUMBS_FILE_NAME"))
        .collect();
    assert_eq!(names, ["a.png", "b.png", "denied.png", "c.png"]);
    assert!(
        function.log().contains("not authorized to perform: ecs:RunTask"),
        "{}",
        function.log()
    );
}

// Breaks if an event is lost because AWS was busy, or the log does not say so.
#[test]
fn throttling_and_failures_go_back_to_the_queue() {
    let ecs = Ecs::answering(
        |request| match environment(request, "OUTPUT_THUMBS_FILE_NAME").as_str() {
            "throttled.png" => (
                400,
                json!({ "__type": "ThrottlingException", "message": "Rate exceeded" }),
            ),
            "full.png" => (
                200,
                json!({ "tasks": [], "failures": [{ "reason": "Capacity is unavailable at this time" }] }),
            ),
            "silent.png" => (200, json!({ "tasks": [], "failures": [] })),
            _ => accepted(),
        },
    );
    let function = Function::upload_trigger(&ecs);
    let names = ["throttled", "fine", "full", "silent"].map(|name| key(&format!("{name}_00-01.mp4")));
    let answer = function.invoke(uploads(&names.each_ref().map(String::as_str)));
    assert_eq!(answer.unwrap(), failed(&["m0", "m2", "m3"]));
    let log = function.log();
    for reason in [
        "Rate exceeded",
        "could not place the task: Capacity is unavailable at this time",
    ] {
        assert!(log.contains(reason), "no “{reason}” in:\n{log}");
    }
}

// Breaks if an event that comes again, late or in another order can start a second task.
#[test]
fn a_repeated_event_has_the_same_token() {
    let ecs = Ecs::willing();
    let function = Function::upload_trigger(&ecs);
    let (first, second) = (key("a_00-01.mp4"), key("b_00-01.mp4"));
    let event = |objects: &[(&str, &str)]| messages(&[created(objects).to_string()]);
    function
        .invoke(event(&[(&first, "0A"), (&second, "0B")]))
        .unwrap();
    function
        .invoke(event(&[(&second, "0B"), (&first, "0A")]))
        .unwrap();
    // A copy onto itself is a new event: that is what a retry is.
    function.invoke(event(&[(&first, "0C")])).unwrap();
    let tokens: Vec<String> = ecs
        .asked()
        .iter()
        .map(|request| request["clientToken"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((&tokens[0], &tokens[1]), (&tokens[3], &tokens[2]));
    assert!(!tokens[..4].contains(&tokens[4]));
    assert_ne!(tokens[0], tokens[1]);
}

// Breaks if an event that has its task already, under settings that changed since, is tried for ever.
#[test]
fn a_conflict_is_no_failure() {
    let arn = "arn:aws:ecs:eu-west-1:123456789012:task/posterframe/0123";
    let ecs = Ecs::answering(move |_| {
        let message = "the token was used with other parameters";
        (
            400,
            json!({ "__type": "ConflictException", "resourceIds": [arn], "message": message }),
        )
    });
    let function = Function::upload_trigger(&ecs);
    let answer = function.invoke(uploads(&[&key("a_00-01.mp4")]));
    assert_eq!(answer.unwrap(), failed(&[]));
    assert_eq!(ecs.asked().len(), 1);
    let line = format!("WARN job{{id={JOB}}}: this event already has its task: {arn}");
    assert!(function.log().contains(&line), "{}", function.log());
}

// Breaks if a name that means nothing starts a task, is tried for ever, or is not explained.
#[test]
fn keys_that_do_not_parse() {
    let ecs = Ecs::willing();
    let function = Function::upload_trigger(&ecs);
    let answer = function.invoke(uploads(&[
        "holiday.mp4",
        "uploads/a_99-99.mp4",
        "thumbnails/x/loop_00-01.png",
        "uploads/n%00ul_00-01.mp4",
        // 700 bytes, twice in the task's orders, each six characters of JSON.
        &format!("uploads/{}_00-01.mp4", "%01".repeat(700)),
    ]));
    assert_eq!(answer.unwrap(), failed(&[]));
    assert_eq!(ecs.asked(), Vec::<serde_json::Value>::new());
    let log = function.log();
    for part in [
        "no task started for s3://films/holiday.mp4",
        "its orders are longer than ECS takes",
        "uploads/a_99-99.mp4",
        "<name>_<position>",
        "there is a NUL character, which no task can be told, in the key “uploads/n\\u0000ul_00-01.mp4”",
    ] {
        assert!(log.contains(part), "no “{part}” in:\n{log}");
    }
}

// Breaks if a bare event, which has no queue to go back to, is called handled when it was not.
#[test]
fn a_bare_event_fails_as_a_whole() {
    let ecs = Ecs::answering(|_| (400, json!({ "__type": "AccessDeniedException", "message": "no" })));
    let function = Function::upload_trigger(&ecs);
    let event = created(&[("test_00-10.mp4", "0A"), ("other_00-10.mp4", "0B")]);
    assert!(function.invoke(event).is_err());
    assert_eq!(ecs.asked().len(), 2, "the second record was not tried");
    let request = &ecs.asked()[0];
    assert_eq!(environment(request, "OUTPUT_S3_PATH"), "films/thumbnails");
}

// Breaks if whoever chooses a name can write lines of another job's log, or move the reader's cursor.
#[test]
fn a_name_makes_no_line() {
    const OTHER: &str = "01939f0e-7c1a-7000-8000-ba9876543210";
    let ecs = Ecs::willing();
    let function = Function::upload_trigger(&ecs);
    let forged = format!("f%0AERROR+job{{id={OTHER}}}:+RunTask+failed%1B[2J%C2%9B%E2%80%AE");
    let answer = function.invoke(uploads(&[
        &key(&format!("{forged}_00-01.mp4")),
        &format!("uploads/{forged}.mp4"),
    ]));
    assert_eq!(answer.unwrap(), failed(&[]));
    let log = function.log();
    assert!(log.contains(r"f\nERROR job{id="), "{log}");
    assert!(
        log.contains(r"RunTask failed\u001b[2J\u009b\u202e_00-01.mp4"),
        "{log}"
    );
    for line in log.lines() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        let job = Line::parse(line).job;
        assert!(job.is_some() && job != OTHER.parse().ok(), "{line}");
    }
}

// Breaks if an ECS that does not answer makes Lambda end the function, which repeats the whole batch and logs no reason.
#[test]
fn no_answer_in_time() {
    let ecs = Ecs::answering(|request| {
        if environment(request, "OUTPUT_THUMBS_FILE_NAME") == "silent.png" {
            loop {
                thread::park();
            }
        }
        accepted()
    });
    let function = Function::upload_trigger_with(&ecs, Duration::from_secs(7));
    let names = ["silent", "fine"].map(|name| key(&format!("{name}_00-01.mp4")));
    let answer = function.invoke(uploads(&names.each_ref().map(String::as_str)));
    assert_eq!(answer.unwrap(), failed(&["m0"]), "{}", function.log());
    let line = format!("ERROR job{{id={JOB}}}: RunTask failed: no answer in");
    assert!(function.log().contains(&line), "{}", function.log());
}
