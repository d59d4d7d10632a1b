//! A Runtime API and an ECS on loopback, in as much HTTP as the two need.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::NamedTempFile;

/// A job's id as the app makes them.
pub const JOB: &str = "01939f0e-7c1a-7000-8000-0123456789ab";

/// Long enough for a loaded machine; a test that needs it all has failed.
const PATIENCE: Duration = Duration::from_mins(1);

struct Request {
    post: bool,
    path: String,
    body: Vec<u8>,
}

/// Serves on loopback until the test ends, and says that so much time is left; gives its address.
fn serve(time: Duration, answer: impl Fn(&Request) -> (u16, Value) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || {
                let mut connection = BufReader::new(stream);
                while let Some(request) = read(&mut connection) {
                    let (status, body) = answer(&request);
                    if write(connection.get_mut(), time, status, &body.to_string()).is_err() {
                        break;
                    }
                }
            });
        }
    });
    address
}

/// The next request; `None` at the connection's end.
fn read(connection: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let length = head
        .iter()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.trim().parse().unwrap());
    let mut body = vec![0; length];
    connection.read_exact(&mut body).ok()?;
    let (method, path) = head.first()?.split_once(' ')?;
    Some(Request {
        post: method == "POST",
        path: path.to_owned(),
        body,
    })
}

fn write(stream: &mut TcpStream, time: Duration, status: u16, body: &str) -> std::io::Result<()> {
    // The Runtime API's headers; ECS's clients do not mind them.
    let deadline = std::time::SystemTime::now() + time;
    let deadline = deadline
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis();
    write!(
        stream,
        "HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Lambda-Runtime-Aws-Request-Id: r\r\nLambda-Runtime-Deadline-Ms: {deadline}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:f\r\n\r\n{body}",
        body.len()
    )
}

/// An ECS that knows `RunTask` alone, and keeps what it was asked.
pub struct Ecs {
    pub address: String,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Ecs {
    pub fn answering(answer: impl Fn(&Value) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&asked);
        let address = serve(PATIENCE, move |request| {
            let request: Value = serde_json::from_slice(&request.body).unwrap();
            let reply = answer(&request);
            keep.lock().unwrap().push(request);
            reply
        });
        Self { address, asked }
    }

    /// One that starts everything.
    pub fn willing() -> Self {
        Self::answering(|_| accepted())
    }

    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }
}

/// `RunTask`'s reply when it starts a task.
pub fn accepted() -> (u16, Value) {
    let arn = "arn:aws:ecs:eu-west-1:123456789012:task/posterframe/0123456789abcdef0123456789abcdef";
    (
        200,
        json!({ "tasks": [{ "taskArn": arn, "lastStatus": "PROVISIONING" }], "failures": [] }),
    )
}

/// What `RunTask` was asked to tell the worker.
pub fn environment(request: &Value, name: &str) -> String {
    let pairs = request["overrides"]["containerOverrides"][0]["environment"].as_array();
    let pair = pairs.unwrap().iter().find(|pair| pair["name"] == name);
    pair.unwrap()["value"].as_str().unwrap().to_owned()
}

/// All that `RunTask` was asked to tell the worker.
pub fn whole_environment(request: &Value) -> Vec<(&str, &str)> {
    let pairs = request["overrides"]["containerOverrides"][0]["environment"].as_array();
    pairs
        .unwrap()
        .iter()
        .map(|pair| (pair["name"].as_str().unwrap(), pair["value"].as_str().unwrap()))
        .collect()
}

/// A running function.
pub struct Function {
    events: Sender<Value>,
    answers: Receiver<(String, Value)>,
    child: Child,
    log: NamedTempFile,
}

impl Function {
    pub fn upload_trigger(ecs: &Ecs) -> Self {
        Self::upload_trigger_with(ecs, PATIENCE)
    }

    /// One that Lambda gives so much time for an event.
    pub fn upload_trigger_with(ecs: &Ecs, time: Duration) -> Self {
        Self::upload_trigger_set(ecs, time, &[])
    }

    /// One whose bucket has other folders than the default ones.
    pub fn upload_trigger_in(ecs: &Ecs, folders: &[(&str, &str)]) -> Self {
        Self::upload_trigger_set(ecs, PATIENCE, folders)
    }

    fn upload_trigger_set(ecs: &Ecs, time: Duration, more: &[(&str, &str)]) -> Self {
        let endpoint = format!("http://{}", ecs.address);
        let settings = [
            ("CLUSTER", "posterframe"),
            ("TASK_DEFINITION", "posterframe-worker:7"),
            ("SUBNETS", "subnet-a,subnet-b"),
            ("SECURITY_GROUPS", "sg-a"),
            ("ASSIGN_PUBLIC_IP", "ENABLED"),
            ("AWS_ENDPOINT_URL", &endpoint),
        ];
        let settings = [&settings, more].concat();
        Self::start(env!("CARGO_BIN_EXE_upload-trigger"), time, &settings)
    }

    pub fn thumbnail_trigger() -> Self {
        Self::start(env!("CARGO_BIN_EXE_thumbnail-trigger"), PATIENCE, &[])
    }

    fn start(program: &str, time: Duration, settings: &[(&str, &str)]) -> Self {
        let (events, waiting) = mpsc::channel::<Value>();
        let (answered, answers) = mpsc::channel();
        let (waiting, answered) = (Mutex::new(waiting), Mutex::new(answered));
        let api = serve(time, move |request| {
            if request.post {
                let kind = request.path.trim_end_matches(" HTTP/1.1").rsplit('/').next();
                let body = serde_json::from_slice(&request.body).unwrap();
                assert!(
                    request.path.starts_with("/secret/2018-06-01/"),
                    "{}",
                    request.path
                );
                let _ = answered.lock().unwrap().send((kind.unwrap().to_owned(), body));
                return (202, Value::Null);
            }
            // Lambda, too, answers only when there is an event.
            match waiting.lock().unwrap().recv() {
                Ok(event) => (200, event),
                Err(_) => (500, Value::Null),
            }
        });
        let log = NamedTempFile::new().unwrap();
        let output = || Stdio::from(File::options().append(true).open(log.path()).unwrap());
        let child = Command::new(program)
            .env_clear()
            // As the backend on this machine gives it: with a path, which the runtime client must keep.
            .env("AWS_LAMBDA_RUNTIME_API", format!("http://{api}/secret"))
            .env("AWS_LAMBDA_FUNCTION_NAME", "f")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ACCESS_KEY_ID", "x")
            .env("AWS_SECRET_ACCESS_KEY", "y")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(output())
            .stderr(output())
            .spawn()
            .unwrap();
        Self {
            events,
            answers,
            child,
            log,
        }
    }

    /// What the function answers; its error where it fails.
    pub fn invoke(&self, event: Value) -> Result<Value, Value> {
        self.events.send(event).unwrap();
        let (kind, body) = self.answers.recv_timeout(PATIENCE).unwrap();
        if kind == "response" { Ok(body) } else { Err(body) }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// S3's event of new objects: keys as S3 encodes them, with their sequencers.
pub fn created(objects: &[(&str, &str)]) -> Value {
    let records: Vec<Value> = objects
        .iter()
        .map(|(key, sequencer)| {
            json!({
                "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1",
                "eventTime": "2026-01-01T00:00:00.000Z", "eventName": "ObjectCreated:Put",
                "userIdentity": { "principalId": "AWS:A" }, "requestParameters": { "sourceIPAddress": "127.0.0.1" },
                "responseElements": { "x-amz-request-id": "R", "x-amz-id-2": "I" },
                "s3": { "s3SchemaVersion": "1.0", "configurationId": "uploads",
                        "bucket": { "name": "films", "ownerIdentity": { "principalId": "A" }, "arn": "arn:aws:s3:::films" },
                        "object": { "key": key, "size": 7, "eTag": "e", "sequencer": sequencer } }
            })
        })
        .collect();
    json!({ "Records": records })
}

/// Messages in the event that Lambda makes of them; their ids are `m0`, `m1`…
pub fn messages(bodies: &[String]) -> Value {
    let records: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(n, body)| {
            json!({
                "messageId": format!("m{n}"), "receiptHandle": "r", "body": body, "attributes": {},
                "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:posterframe-uploads", "awsRegion": "eu-west-1"
            })
        })
        .collect();
    json!({ "Records": records })
}

/// One message for each key, the sequencer made from its place.
pub fn uploads(keys: &[&str]) -> Value {
    let bodies: Vec<String> = keys
        .iter()
        .enumerate()
        .map(|(n, key)| created(&[(key, &format!("{n:016X}"))]).to_string())
        .collect();
    messages(&bodies)
}

/// The answer that gives these messages back to the queue and no others.
pub fn failed(ids: &[&str]) -> Value {
    let failures: Vec<Value> = ids.iter().map(|id| json!({ "itemIdentifier": id })).collect();
    json!({ "batchItemFailures": failures })
}
