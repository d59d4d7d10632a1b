//! Events of requests in, `RunTask` out; and what lies in folders whose objects start nothing.

use posterframe_contract::log::Line;
use posterframe_contract::{ClientToken, JobId, Sequencer};
use serde_json::{Value, json};

use crate::support::{
    Ecs, Function, JOB, accepted, created, environment, failed, messages, uploads, whole_environment,
};

// Breaks if a task gets other orders than the request's address, or its log lines lack the job or what will be done.
#[test]
fn a_task_for_a_request() {
    let ecs = Ecs::willing();
    let function = Function::upload_trigger(&ecs);
    let answer = function.invoke(uploads(&[&format!("jobs/{JOB}.json")]));
    assert_eq!(answer.unwrap(), failed(&[]), "{}", function.log());

    let asked = ecs.asked();
    let request = &asked[0];
    assert_eq!(asked.len(), 1);
    assert_eq!(request["cluster"], "posterframe");
    assert_eq!(request["taskDefinition"], "posterframe-worker:7");
    assert_eq!(request["launchType"], "FARGATE");
    assert_eq!(request["startedBy"], JOB);
    assert_eq!(request["clientToken"].as_str().unwrap().len(), 64);
    assert_eq!(
        whole_environment(request),
        [
            ("JOB_REQUEST", format!("s3://films/jobs/{JOB}.json").as_str()),
            ("OUTPUT_S3_PATH", &format!("films/thumbnails/{JOB}")),
            ("AWS_REGION", "eu-west-1"),
            ("POSTERFRAME_JOB_ID", JOB),
        ]
    );

    let log = function.log();
    for line in [
        format!("INFO job{{id={JOB}}}: new file s3://films/jobs/{JOB}.json, 7 bytes (ObjectCreated:Put)"),
        format!("INFO job{{id={JOB}}}: making what it asks for in s3://films/thumbnails/{JOB}"),
        format!("INFO job{{id={JOB}}}: task arn:aws:ecs:"),
    ] {
        assert!(log.contains(&line), "no “{line}” in:\n{log}");
    }
}

// Breaks if a request that someone puts by hand needs a name of the app's, or its name does not reach the task as it is,
// however long it is and however much of it JSON escapes.
#[test]
fn any_name_will_do() {
    let ecs = Ecs::willing();
    let function = Function::upload_trigger(&ecs);
    let longest = "\"".repeat(255);
    let names = [
        "it's \"é\" + 100%",
        "a_00-10",
        ".hidden",
        "01939F0E-7C1A-7000-8000-0123456789AB",
        &longest,
    ];
    let keys = [
        "it's+%22%C3%A9%22+%2B+100%25",
        "a_00-10",
        ".hidden",
        names[3],
        &"%22".repeat(255),
    ]
    .map(|name| format!("jobs/{name}.json"));
    let answer = function.invoke(uploads(&keys.each_ref().map(String::as_str)));
    assert_eq!(answer.unwrap(), failed(&[]), "{}", function.log());
    let asked = ecs.asked();
    assert_eq!(asked.len(), names.len(), "{}", function.log());
    for (at, (request, name)) in asked.iter().zip(names).enumerate() {
        let key = format!("jobs/{name}.json");
        assert_eq!(environment(request, "JOB_REQUEST"), format!("s3://films/{key}"));
        assert_eq!(
            environment(request, "OUTPUT_S3_PATH"),
            format!("films/thumbnails/{name}")
        );
        // The job has no id: the event's stands for it.
        let token = ClientToken::new("films", &key, &Sequencer::new(format!("{at:016X}")));
        assert_eq!(request["clientToken"], token.to_string());
        let job = JobId::for_event(&token).to_string();
        assert_eq!(request["startedBy"], job.as_str());
        assert_eq!(environment(request, "POSTERFRAME_JOB_ID"), job);
    }
}

// Breaks if an event that comes again, late or in another order can start a second task, or a retry starts none.
#[test]
fn a_repeated_event_has_the_same_token() {
    let ecs = Ecs::willing();
    let function = Function::upload_trigger(&ecs);
    let (request, upload) = (format!("jobs/{JOB}.json"), format!("uploads/{JOB}/a_00-01.mp4"));
    let event = |objects: &[(&str, &str)]| messages(&[created(objects).to_string()]);
    function
        .invoke(event(&[(&request, "0A"), (&upload, "0B")]))
        .unwrap();
    function
        .invoke(event(&[(&upload, "0B"), (&request, "0A")]))
        .unwrap();
    // The same request put again is a new event: that is what a retry is.
    function.invoke(event(&[(&request, "0C")])).unwrap();
    let asked = ecs.asked();
    let tokens: Vec<&str> = asked
        .iter()
        .map(|asked| asked["clientToken"].as_str().unwrap())
        .collect();
    assert_eq!((tokens[0], tokens[1]), (tokens[3], tokens[2]));
    assert!(!tokens[..4].contains(&tokens[4]));
    assert_ne!(tokens[0], tokens[1]);
    assert!(asked.iter().all(|asked| asked["startedBy"] == JOB));
    // ECS refuses a token that comes again with other orders.
    assert_eq!(asked[0], asked[3]);
}

// Breaks if a bad record takes requests with it, or a request that could not be started is lost or takes others with it.
#[test]
fn one_bad_record_fails_alone() {
    let ecs = Ecs::answering(|request| match environment(request, "OUTPUT_S3_PATH").as_str() {
        "films/thumbnails/denied" => {
            let message = "not authorized to perform: ecs:RunTask";
            (
                400,
                json!({ "__type": "AccessDeniedException", "message": message }),
            )
        }
        "films/thumbnails/throttled" => (
            400,
            json!({ "__type": "ThrottlingException", "message": "Rate exceeded" }),
        ),
        "films/thumbnails/full" => {
            let failure = json!({ "reason": "Capacity is unavailable at this time" });
            (200, json!({ "tasks": [], "failures": [failure] }))
        }
        "films/thumbnails/started" => {
            let message = "the token was used with other parameters";
            (
                400,
                json!({ "__type": "ConflictException", "resourceIds": ["arn"], "message": message }),
            )
        }
        _ => accepted(),
    });
    let function = Function::upload_trigger(&ecs);
    let upload = format!("uploads/{JOB}/a_00-01.mp4");
    let request = |name: &str| created(&[(&format!("jobs/{name}.json"), "0A")]).to_string();
    let answer = function.invoke(messages(&[
        "no JSON at all".to_owned(),
        created(&[("jobs/a.json", "0A"), (&upload, "0B"), ("jobs/b.json", "0C")]).to_string(),
        request("denied"),
        request("%FF"),
        request("throttled"),
        request("deep/down"),
        request("full"),
        request("started"),
        request("c"),
    ]));
    assert_eq!(answer.unwrap(), failed(&["m0", "m2", "m3", "m4", "m6"]));
    let mut folders: Vec<String> = ecs
        .asked()
        .iter()
        .map(|asked| environment(asked, "OUTPUT_S3_PATH"))
        .collect();
    // The client itself tries a throttled call again.
    folders.dedup();
    let expected = ["a", JOB, "b", "denied", "throttled", "full", "started", "c"];
    assert_eq!(folders, expected.map(|name| format!("films/thumbnails/{name}")));
    let log = function.log();
    for reason in [
        "not authorized to perform: ecs:RunTask",
        "Rate exceeded",
        "could not place the task: Capacity is unavailable at this time",
        "this event already has its task: arn",
        "is not UTF-8 once decoded",
    ] {
        assert!(log.contains(reason), "no “{reason}” in:\n{log}");
    }
}

// Breaks if what lies below the folder of requests and is none starts a task, is tried for ever, or is not explained.
#[test]
fn keys_that_are_no_requests() {
    let ecs = Ecs::willing();
    let function = Function::upload_trigger(&ecs);
    let long = format!("jobs/{}.json", "x".repeat(256));
    let keys = [
        "jobs/a/b.json",
        // A video's key by its form alone.
        "jobs/a/b_00-10.json",
        "jobs/a.JSON",
        "jobs/.json",
        "jobs/...json",
        "jobs/a%5Cb.json",
        "jobs/a%0Ab.json",
        "jobs/n%00ul.json",
        &long,
    ];
    let answer = function.invoke(uploads(&keys));
    assert_eq!(answer.unwrap(), failed(&[]));
    assert_eq!(ecs.asked(), Vec::<Value>::new());
    let log = function.log();
    let errors: Vec<&str> = log.lines().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(errors.len(), keys.len(), "{log}");
    assert!(
        errors[0].ends_with(
            "no task started for s3://films/jobs/a/b.json: expected the key of a request, jobs/<name>.json with a name of \
             1 to 255 bytes and neither folders nor control characters in it, but the key is “jobs/a/b.json”"
        ),
        "{log}"
    );
    for error in errors {
        assert!(
            error.contains("jobs/<name>.json") && !error.contains("<position>"),
            "{error}"
        );
    }
}

// Breaks if a video that requests refer to starts a task by its name or is called a fault, or what tasks write starts a task.
#[test]
fn folders_that_start_nothing() {
    let ecs = Ecs::willing();
    let function = Function::upload_trigger(&ecs);
    let answer = function.invoke(uploads(&[
        "videos/x/clip_00-10.mp4",
        "videos/clip_00-10.mp4",
        "videos/x/holiday.mp4",
        "videos/x/y/request.json",
        &format!("videos/x/{}_00-01.mp4", "%01".repeat(700)),
        &format!("thumbnails/{JOB}/manifest.json"),
        "thumbnails/x/loop_00-01.gif",
        "thumbnails/x/loop_00-01.png",
    ]));
    assert_eq!(answer.unwrap(), failed(&[]));
    assert_eq!(ecs.asked(), Vec::<Value>::new());
    assert_eq!(function.log(), "");
    // Folders that are only called alike.
    let answer = function.invoke(uploads(&["videosX/clip_00-10.mp4", "x/videos/clip_00-10.mp4"]));
    assert_eq!(answer.unwrap(), failed(&[]));
    assert_eq!(ecs.asked().len(), 2);
}

// Breaks if a stack with folders of its own works by the default ones.
#[test]
fn folders_are_settings() {
    let ecs = Ecs::willing();
    let folders = [
        ("JOBS_FOLDER", "my/orders"),
        ("VIDEOS_FOLDER", "in/"),
        ("THUMBNAILS_FOLDER", "/out/"),
    ];
    let function = Function::upload_trigger_in(&ecs, &folders);
    let answer = function.invoke(uploads(&[
        "my/orders/a.json",
        "in/clip_00-10.mp4",
        "out/clip_00-10.mp4",
        "my/orders/x/a.json",
        "videos/clip_00-10.mp4",
    ]));
    assert_eq!(answer.unwrap(), failed(&[]), "{}", function.log());
    let asked = ecs.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(
        environment(&asked[0], "JOB_REQUEST"),
        "s3://films/my/orders/a.json"
    );
    assert_eq!(environment(&asked[0], "OUTPUT_S3_PATH"), "films/out/a");
    assert_eq!(
        environment(&asked[1], "INPUT_VIDEO_FILE_URL"),
        "s3://films/videos/clip_00-10.mp4"
    );
    let log = function.log();
    assert!(
        log.contains("expected the key of a request, my/orders/<name>.json"),
        "{log}"
    );
}

// Breaks if whoever names a request can write lines of another job's log, or move the reader's cursor.
#[test]
fn a_name_makes_no_line() {
    const OTHER: &str = "01939f0e-7c1a-7000-8000-ba9876543210";
    let ecs = Ecs::willing();
    let function = Function::upload_trigger(&ecs);
    let forged = format!("f%0AERROR+job{{id={OTHER}}}:+RunTask+failed%1B[2J%C2%9B%E2%80%AE");
    let answer = function.invoke(uploads(&[
        &format!("jobs/{forged}.json"),
        &format!("jobs/ERROR+job{{id={OTHER}}}:+%E2%80%AEx.json"),
    ]));
    assert_eq!(answer.unwrap(), failed(&[]));
    assert_eq!(ecs.asked().len(), 1);
    let log = function.log();
    assert!(log.contains(r"f\nERROR job{id="), "{log}");
    for line in log.lines() {
        assert!(
            !line
                .chars()
                .any(|letter| letter.is_control() || letter == '\u{202e}'),
            "{line:?}"
        );
        let job = Line::parse(line).job;
        assert!(job.is_some() && job != OTHER.parse().ok(), "{line}");
    }
}
