//! A task as ECS describes it, and what it says of the job that it runs.

use aws_sdk_ecs::types::Task;
use posterframe_contract::{JobId, JobRequest, Position, UploadKey, VideoSource, env};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::aws::from_aws;
use crate::config::Backend;
use crate::model::{Job, JobSheet, Phase, Still, TaskInfo, VideoFile};

/// One described task.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeenTask {
    pub(crate) info: TaskInfo,
    pub(crate) started_by: Option<String>,
    /// What its container was given over the task definition.
    pub(crate) environment: Vec<(String, String)>,
    /// All that is worth keeping of it, in ECS's own names.
    pub(crate) json: String,
}

impl SeenTask {
    fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .iter()
            .find(|(variable, _)| variable == name)
            .map(|(_, value)| value.as_str())
    }
}

pub(super) fn seen(task: &Task) -> SeenTask {
    let overrides = task
        .overrides()
        .map(aws_sdk_ecs::types::TaskOverride::container_overrides);
    let environment = overrides
        .unwrap_or_default()
        .iter()
        .flat_map(aws_sdk_ecs::types::ContainerOverride::environment);
    let environment =
        environment.filter_map(|pair| Some((pair.name()?.to_owned(), pair.value()?.to_owned())));
    SeenTask {
        info: info(task),
        started_by: task.started_by().map(str::to_owned),
        environment: environment.collect(),
        json: json(task),
    }
}

fn info(task: &Task) -> TaskInfo {
    let container = task.containers().first();
    let time = |time: Option<&aws_sdk_s3::primitives::DateTime>| time.map(from_aws);
    TaskInfo {
        arn: task.task_arn().unwrap_or_default().to_owned(),
        last_status: task.last_status().unwrap_or_default().to_owned(),
        cpu: task.cpu().unwrap_or_default().to_owned(),
        memory: task.memory().unwrap_or_default().to_owned(),
        created: time(task.created_at()),
        pull_started: time(task.pull_started_at()),
        pull_stopped: time(task.pull_stopped_at()),
        started: time(task.started_at()),
        stopped: time(task.execution_stopped_at().or(task.stopped_at())),
        stop_code: task.stop_code().map(|code| code.as_str().to_owned()),
        stopped_reason: task.stopped_reason().map(str::to_owned),
        exit_code: container.and_then(aws_sdk_ecs::types::Container::exit_code),
        container_reason: container
            .and_then(|container| container.reason())
            .map(str::to_owned),
        network: task
            .attachments()
            .first()
            .and_then(|attachment| attachment.status())
            .map(str::to_owned),
        image: container
            .and_then(|container| container.image())
            .map(str::to_owned),
    }
}

fn json(task: &Task) -> String {
    let time = |time: Option<&aws_sdk_s3::primitives::DateTime>| {
        time.and_then(|time| from_aws(time).format(&Rfc3339).ok())
    };
    let containers: Vec<Value> = task
        .containers()
        .iter()
        .map(|container| {
            present(json!({
                "name": container.name(), "image": container.image(), "imageDigest": container.image_digest(),
                "lastStatus": container.last_status(), "exitCode": container.exit_code(),
                "reason": container.reason(), "runtimeId": container.runtime_id(),
            }))
        })
        .collect();
    let attachments: Vec<Value> = task
        .attachments()
        .iter()
        .map(|attachment| {
            let details: Map<String, Value> = attachment
                .details()
                .iter()
                .filter_map(|pair| Some((pair.name()?.to_owned(), pair.value()?.into())))
                .collect();
            present(json!({ "type": attachment.r#type(), "status": attachment.status(), "details": details }))
        })
        .collect();
    present(json!({
        "taskArn": task.task_arn(), "taskDefinitionArn": task.task_definition_arn(),
        "clusterArn": task.cluster_arn(), "startedBy": task.started_by(), "group": task.group(),
        "lastStatus": task.last_status(), "desiredStatus": task.desired_status(),
        "stopCode": task.stop_code().map(aws_sdk_ecs::types::TaskStopCode::as_str),
        "stoppedReason": task.stopped_reason(),
        "cpu": task.cpu(), "memory": task.memory(), "platformVersion": task.platform_version(),
        "availabilityZone": task.availability_zone(), "connectivity": task.connectivity().map(aws_sdk_ecs::types::Connectivity::as_str),
        "createdAt": time(task.created_at()), "connectivityAt": time(task.connectivity_at()),
        "pullStartedAt": time(task.pull_started_at()), "pullStoppedAt": time(task.pull_stopped_at()),
        "startedAt": time(task.started_at()), "stoppingAt": time(task.stopping_at()),
        "executionStoppedAt": time(task.execution_stopped_at()), "stoppedAt": time(task.stopped_at()),
        "containers": containers, "attachments": attachments,
    }))
    .to_string()
}

/// Without what is null.
fn present(mut value: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    value
}

impl SeenTask {
    /// What a task that this app did not submit was told to do: the key of its request, or else the request that its
    /// environment spells out. `None` where it is not for this bucket.
    pub(super) fn orders(&self, backend: &Backend) -> Option<(Option<String>, Option<JobRequest>)> {
        if let Some(request) = self.variable(env::REQUEST) {
            return Some((Some(in_bucket(request, backend)?.to_owned()), None));
        }
        let input = self.variable(env::INPUT)?;
        let key = in_bucket(input, backend)?;
        let upload = key.parse::<UploadKey>().ok();
        let position = self
            .variable(env::POSITION)
            .and_then(|text| text.parse::<Position>().ok())
            .or_else(|| upload.as_ref().map(UploadKey::position))?;
        let file = self.variable(env::OUTPUT_NAME)?;
        let source = VideoSource::new(format!("s3://{}/{key}", backend.bucket));
        let name = file.strip_suffix(".png").unwrap_or(file);
        Some((None, Some(JobRequest::new(source, name, [position]))))
    }
}

/// The key of an object that `bucket/key` or `s3://bucket/key` names in the backend's bucket.
fn in_bucket<'a>(object: &'a str, backend: &Backend) -> Option<&'a str> {
    let (bucket, key) = object.trim_start_matches("s3://").split_once('/')?;
    (bucket == backend.bucket).then_some(key)
}

/// The job of a task which this app did not submit. Where nobody can read its request, the manifest will tell.
pub(super) fn foreign_job(
    id: JobId,
    request_key: Option<String>,
    request: Option<JobRequest>,
    backend: &Backend,
    created: OffsetDateTime,
) -> Job {
    let url = request.as_ref().map_or("", |request| &request.source.url);
    let key = in_bucket(url, backend).unwrap_or(url).to_owned();
    let path = key.split('?').next().unwrap_or_default();
    let name = path.rsplit('/').next().filter(|name| !name.is_empty());
    let name = name.unwrap_or("A video").to_owned();
    let video = VideoFile {
        path: name.clone().into(),
        name,
        bytes: 0,
        modified_unix_nanos: 0,
        content: None,
    };
    let request = request.unwrap_or_else(|| {
        let source = VideoSource::new("");
        JobRequest::new(source, "", [])
    });
    let positions = request.positions();
    let is_known = positions.is_some();
    let stills = positions.into_iter().flatten().zip(&request.stills);
    let stills = stills.map(|(position, asked)| Still {
        name: asked.name.clone(),
        note: asked.note.clone(),
        ..Still::at(position)
    });
    let stills = stills.collect();
    let mut job = Job {
        selectors: if is_known { Vec::new() } else { request.stills },
        name: request.name,
        outputs: request.outputs,
        sheets: request.sheets.into_iter().map(JobSheet::of).collect(),
        video_key: key,
        video_etag: request.source.etag,
        interpretation: request.source.interpretation,
        request_key,
        foreign: true,
        ..Job::new(id, backend, video, stills, created)
    };
    job.begin(Phase::Event, created);
    job
}
