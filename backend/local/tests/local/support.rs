//! What the tests share: a backend on a folder of its own, clients for it, and programs for it to run.

use std::collections::HashMap;
use std::fmt::Debug;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials as Keys;
use aws_sdk_ecs::types::{ContainerOverride, Task, TaskOverride};
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Region, SharedHttpClient};
use aws_sdk_s3::error::ProvideErrorMetadata;
use posterframe_contract::names;
use posterframe_local::{BUCKET, Credentials, LocalBackend, Options, Program, Programs};
use tempfile::TempDir;

/// Long enough for a loaded machine; a test that needs it all has failed.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// The worker of these tests: its first argument says what it does.
const WORKER: &str = r#"
case "$1" in
    exit) exit "$2" ;;
    say) shift; for line; do printf '%s\n' "$line"; done ;;
    both) echo out; echo err >&2; printf 'no newline' ;;
    environment) echo "name=$NAME endpoint=$AWS_ENDPOINT_URL region=$AWS_REGION pixels=$POSTERFRAME_MAX_PIXELS" ;;
    sleep) exec sleep 60 ;;
    stubborn) trap '' TERM; : >"$2"; while :; do sleep 1; done ;;
    until) while [ ! -e "$2" ]; do sleep 0.02; done ;;
esac
"#;

/// A backend and clients for it.
pub struct Local {
    pub backend: LocalBackend,
    pub s3: aws_sdk_s3::Client,
    pub ecs: aws_sdk_ecs::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
}

/// Functions that wait for their end and do nothing else.
pub fn programs() -> Programs {
    let idle = Program::new("/bin/sh", ["-c", "read line"]);
    Programs {
        worker: Program::new("/bin/sh", ["-c", WORKER, "worker"]),
        upload_trigger: idle.clone(),
        thumbnail_trigger: idle,
    }
}

pub async fn start(folder: &Path) -> Local {
    start_with(Options::new(folder, programs())).await
}

/// A backend on a folder that lives as long as the test.
pub async fn fresh() -> (Local, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (start(folder.path()).await, folder)
}

pub async fn start_with(options: Options) -> Local {
    let backend = LocalBackend::start(options).await.unwrap();
    let endpoint = backend.endpoint().to_string();
    let keys = keys(backend.credentials());
    let region = backend.region();
    let s3 = s3(&endpoint, keys.clone());
    let ecs = aws_sdk_ecs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .endpoint_url(&endpoint)
        .http_client(http())
        .credentials_provider(keys.clone())
        .retry_config(RetryConfig::disabled())
        .build();
    let logs = aws_sdk_cloudwatchlogs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .endpoint_url(&endpoint)
        .http_client(http())
        .credentials_provider(keys)
        .retry_config(RetryConfig::disabled())
        .build();
    Local {
        backend,
        s3,
        ecs: aws_sdk_ecs::Client::from_conf(ecs),
        logs: aws_sdk_cloudwatchlogs::Client::from_conf(logs),
    }
}

pub fn keys(credentials: &Credentials) -> Keys {
    Keys::new(
        &credentials.access_key_id,
        &credentials.secret_access_key,
        None,
        None,
        "test",
    )
}

pub fn s3(endpoint: &str, keys: Keys) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .http_client(http())
        .credentials_provider(keys)
        .force_path_style(true)
        .retry_config(RetryConfig::disabled())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

pub fn http() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}

/// The error code of a call that must fail.
pub fn code<T: Debug, E: ProvideErrorMetadata + Debug>(result: Result<T, E>) -> String {
    let error = result.unwrap_err();
    error
        .code()
        .unwrap_or_else(|| panic!("no code: {error:?}"))
        .to_owned()
}

/// Asks again and again until there is an answer.
pub async fn wait_for<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "{what} did not come");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

impl Local {
    pub async fn put(&self, key: &str, body: &[u8]) {
        let body = body.to_vec().into();
        let put = self.s3.put_object().bucket(BUCKET).key(key).body(body);
        put.send().await.unwrap();
    }

    pub async fn get(&self, key: &str) -> Vec<u8> {
        let got = self.s3.get_object().bucket(BUCKET).key(key).send().await.unwrap();
        got.body.collect().await.unwrap().to_vec()
    }

    /// Runs a task; its id.
    pub async fn run(&self, command: &[&str]) -> String {
        let ran = self.run_task(command).send().await.unwrap();
        names::task_id(ran.tasks()[0].task_arn().unwrap()).to_owned()
    }

    pub fn run_task(
        &self,
        command: &[&str],
    ) -> aws_sdk_ecs::operation::run_task::builders::RunTaskFluentBuilder {
        let container = ContainerOverride::builder()
            .name(names::CONTAINER)
            .set_command(Some(command.iter().map(|&word| word.to_owned()).collect()))
            .build();
        self.ecs
            .run_task()
            .cluster(names::CLUSTER)
            .task_definition(names::TASK_FAMILY)
            .overrides(TaskOverride::builder().container_overrides(container).build())
    }

    pub async fn task(&self, id: &str) -> Task {
        let described = self.ecs.describe_tasks().cluster(names::CLUSTER).tasks(id).send();
        described.await.unwrap().tasks.unwrap().remove(0)
    }

    /// The task once it has the status.
    pub async fn reached(&self, id: &str, status: &str) -> Task {
        wait_for(status, async || {
            let task = self.task(id).await;
            (task.last_status() == Some(status)).then_some(task)
        })
        .await
    }

    /// Everything in the log of a task.
    pub async fn output(&self, id: &str) -> Vec<String> {
        let stream = names::task_log_stream(names::LOG_STREAM_PREFIX, names::CONTAINER, id);
        let events = self
            .logs
            .get_log_events()
            .log_group_name(names::task_log_group(names::TASK_FAMILY))
            .log_stream_name(stream)
            .start_from_head(true);
        let events = events.send().await.unwrap().events.unwrap_or_default();
        events
            .into_iter()
            .map(|event| event.message.unwrap_or_default())
            .collect()
    }
}

/// What a client that knows nothing of AWS gets for a request of its own.
pub struct Plain {
    pub status: u16,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Plain {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// A request by a client that knows nothing of AWS: the status and the body.
pub fn plain_http(method: &str, url: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let answer = plain_http_with(method, url, &[], body);
    (answer.status, answer.body)
}

/// The same with headers.
pub fn plain_http_with(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Plain {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let headers: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let headers = headers.concat();
    let mut connection = TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        connection,
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    )
    .unwrap();
    connection.write_all(body).unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    Plain {
        status: head[9..12].parse().unwrap(),
        headers: fields
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        body: answer.split_off(end + 4),
    }
}
