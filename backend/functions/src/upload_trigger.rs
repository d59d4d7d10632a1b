//! A video with a position in its key was uploaded, or a request: run the task that extracts the frames.
//!
//! Events come at least once, late and out of order. The client token (see [`posterframe_contract::ClientToken`])
//! makes ECS start one task for an event however often it comes; what fails goes back to the queue, alone, and so does
//! what ECS has not answered before Lambda would end the function.

use std::time::{Duration, SystemTime};

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse};
use aws_sdk_ecs::Client;
use aws_sdk_ecs::error::DisplayErrorContext;
use aws_sdk_ecs::operation::run_task::{RunTaskError, RunTaskOutput};
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, ContainerOverride, KeyValuePair, LaunchType, NetworkConfiguration,
    TaskOverride,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use posterframe_contract::{JobId, KeyError, UploadKey, env, names};
use serde_json::{Value, json};
use tracing::{Instrument, error, info, warn};

use crate::records::{CreatedObject, messages};
use crate::{MissingSetting, logging, setting, setting_or};

/// The function's settings, from its environment.
#[derive(Clone, Debug)]
pub struct Config {
    /// The cluster to run on.
    pub cluster: String,
    /// `family[:revision]` or ARN.
    pub task_definition: String,
    /// The container whose environment carries the job.
    pub container: String,
    /// Where the task's network interface goes; empty where the cluster needs none.
    pub subnets: Vec<String>,
    /// Its security groups; empty for the default one.
    pub security_groups: Vec<String>,
    /// Whether the task gets a public address.
    pub public_ip: bool,
    /// The folder that uploads lie in.
    pub uploads_folder: String,
    /// The folder that requests lie in.
    pub jobs_folder: String,
    /// The folder of videos that requests refer to.
    pub videos_folder: String,
    /// The folder that thumbnails go to.
    pub thumbnails_folder: String,
    /// The bucket's region.
    pub region: String,
}

impl Config {
    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// The cluster, the task definition or the region is missing.
    pub fn from_env() -> Result<Self, MissingSetting> {
        let list = |name| {
            let text = setting_or(name, "");
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        };
        Ok(Self {
            cluster: setting(env::CLUSTER)?,
            task_definition: setting(env::TASK_DEFINITION)?,
            container: setting_or(env::CONTAINER, names::CONTAINER),
            subnets: list(env::SUBNETS),
            security_groups: list(env::SECURITY_GROUPS),
            public_ip: setting_or(env::ASSIGN_PUBLIC_IP, "DISABLED") == "ENABLED",
            uploads_folder: setting_or(env::UPLOADS_FOLDER, names::UPLOADS_FOLDER),
            jobs_folder: setting_or(env::JOBS_FOLDER, names::JOBS_FOLDER),
            videos_folder: setting_or(env::VIDEOS_FOLDER, names::VIDEOS_FOLDER),
            thumbnails_folder: setting_or(env::THUMBNAILS_FOLDER, names::THUMBNAILS_FOLDER),
            region: setting(env::REGION)?,
        })
    }
}

/// ECS's limit for a call's overrides, in characters of JSON.
const MAX_OVERRIDES: usize = 8192;
/// What a pair of the environment takes there beside its name and value.
const PAIR_CHARS: usize = r#"{"name":,"value":},"#.len();
/// What is left of the function's time for saying which messages failed: Lambda would repeat all of them otherwise.
const MARGIN: Duration = Duration::from_secs(1);

/// Runs the function until Lambda ends it.
///
/// # Errors
/// A setting is missing, or the Runtime API cannot be reached.
pub async fn run() -> Result<(), Error> {
    logging::init();
    let config = Config::from_env().inspect_err(|error| error!("{error}"))?;
    let https = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let aws = aws_config::defaults(aws_config::BehaviorVersion::latest());
    let client = Client::new(&aws.http_client(https).load().await);
    let (config, client) = (&config, &client);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let end = event.context.deadline() - MARGIN;
        handle(config, client, event.payload, end)
    }))
    .await
}

/// Handles one event until `end`: every record, each for itself.
///
/// # Errors
/// A bare S3 event failed, which has no queue to report single failures to: Lambda then repeats all of it,
/// and the client tokens keep what succeeded from running twice.
async fn handle(config: &Config, client: &Client, event: Value, end: SystemTime) -> Result<Value, Error> {
    let mut failures = Vec::new();
    let messages = messages(event);
    let mut left: usize = messages
        .iter()
        .filter_map(|message| message.objects.as_ref().ok())
        .map(Vec::len)
        .sum();
    for message in messages {
        let failed = match message.objects {
            Ok(objects) => {
                let mut failed = false;
                for object in objects {
                    // Concurrently: a request without an answer must not use up the time of the others.
                    let time = end.duration_since(SystemTime::now()).unwrap_or_default() / left.max(1) as u32;
                    failed |= start(config, client, &object, time).await.is_err();
                    left -= 1;
                }
                failed
            }
            Err(error) => {
                error!("{error}");
                true
            }
        };
        match message.id {
            Some(id) if failed => {
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = id;
                failures.push(failure);
            }
            None if failed => return Err("the event could not be handled; its log says why".into()),
            _ => {}
        }
    }
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures;
    Ok(json!(response))
}

/// The task was not started, and a later try may succeed. Already logged.
struct TryAgain;

async fn start(
    config: &Config,
    client: &Client,
    object: &CreatedObject,
    time: Duration,
) -> Result<(), TryAgain> {
    // The bucket's rules go by extension and can leave no folder out. Tasks write to the thumbnails folder: one that
    // starts another would be costly. Videos that requests refer to may have any name.
    let folders = [&config.thumbnails_folder, &config.videos_folder];
    if folders.iter().any(|folder| names::is_below(folder, &object.key)) {
        return Ok(());
    }
    let orders = Orders::of(config, object);
    let job = orders.as_ref().ok().and_then(|orders| orders.job);
    let job = job.unwrap_or_else(|| JobId::for_event(&object.client_token()));
    let run = async {
        let orders = match orders {
            Ok(orders) => orders,
            Err(error) => {
                reject(object, &error);
                return Ok(());
            }
        };
        let run = run_task(config, client, object, orders, job);
        tokio::time::timeout(time, run).await.unwrap_or_else(|_| {
            error!("RunTask failed: no answer in {:.1} s", time.as_secs_f64());
            Err(TryAgain)
        })
    };
    run.instrument(logging::job_span(job)).await
}

/// Why a key tells no task what to do. Each message names the key and what was expected.
#[derive(Debug, thiserror::Error)]
enum OrdersError {
    /// It is not that of a video with a position.
    #[error(transparent)]
    Video(KeyError),
    /// It lies below the folder of requests, and is not that of one.
    #[error(
        "expected the key of a request, {folder}/<name>.json with a name of 1 to {} bytes and neither folders nor control \
         characters in it, but the key is “{key}”",
        names::MAX_NAME_BYTES
    )]
    Request { folder: String, key: String },
}

/// What the task is told.
struct Orders {
    /// The job that the app made the object for.
    job: Option<JobId>,
    /// For the log.
    summary: String,
    environment: Vec<(&'static str, String)>,
}

impl Orders {
    /// By the object's key alone: a request is read by the task.
    fn of(config: &Config, object: &CreatedObject) -> Result<Self, OrdersError> {
        let CreatedObject { bucket, key: raw, .. } = object;
        if let Some(name) = names::request_name(&config.jobs_folder, raw) {
            let folder = format!("{}/{name}", config.thumbnails_folder.trim_matches('/'));
            return Ok(Self {
                job: name.parse().ok(),
                summary: format!("making what it asks for in s3://{bucket}/{folder}"),
                environment: vec![
                    (env::REQUEST, format!("s3://{bucket}/{raw}")),
                    (env::OUTPUT_PATH, format!("{bucket}/{folder}")),
                ],
            });
        }
        // Not tried as a video's key: `jobs/x/a_00-10.json` is one by its form.
        if names::is_below(&config.jobs_folder, raw) && !names::is_video_key(raw) {
            return Err(OrdersError::Request {
                folder: config.jobs_folder.trim_matches('/').to_owned(),
                key: raw.clone(),
            });
        }
        let key: UploadKey = raw.parse().map_err(OrdersError::Video)?;
        let folder = key.thumbnail_folder(&config.uploads_folder, &config.thumbnails_folder);
        let name = key.thumbnail_name();
        Ok(Self {
            job: key.job_id(&config.uploads_folder),
            summary: format!(
                "extracting the frame at {} to s3://{bucket}/{folder}/{name}",
                key.position()
            ),
            environment: vec![
                (env::INPUT, format!("s3://{bucket}/{raw}")),
                (env::POSITION, key.position().to_string()),
                (env::OUTPUT_NAME, name),
                (env::OUTPUT_PATH, format!("{bucket}/{folder}")),
            ],
        })
    }
}

/// A key that does not parse never will: repeating the event would only repeat the error.
fn reject(object: &CreatedObject, error: &OrdersError) {
    error!(
        "no task started for s3://{}/{}: {error}",
        object.bucket, object.key
    );
}

async fn run_task(
    config: &Config,
    client: &Client,
    object: &CreatedObject,
    orders: Orders,
    job: JobId,
) -> Result<(), TryAgain> {
    let CreatedObject {
        bucket,
        key: raw_key,
        bytes,
        event,
        ..
    } = object;
    info!("new file s3://{bucket}/{raw_key}, {bytes} bytes ({event})");
    info!("{}", orders.summary);
    let mut environment = orders.environment;
    environment.push((env::REGION, config.region.clone()));
    environment.push((env::JOB_ID, job.to_string()));
    let chars = json!(environment).to_string().chars().count() + environment.len() * PAIR_CHARS;
    if chars > MAX_OVERRIDES {
        error!("no task started: with what JSON escapes in the key, its orders are longer than ECS takes");
        return Ok(());
    }
    let container = environment.into_iter().fold(
        ContainerOverride::builder().name(&config.container),
        |container, (name, value)| {
            container.environment(KeyValuePair::builder().name(name).value(value).build())
        },
    );
    let reply = client
        .run_task()
        .cluster(&config.cluster)
        .task_definition(&config.task_definition)
        .launch_type(LaunchType::Fargate)
        .count(1)
        .started_by(job.to_string())
        .client_token(object.client_token().to_string())
        .set_network_configuration(network(config))
        .overrides(
            TaskOverride::builder()
                .container_overrides(container.build())
                .build(),
        )
        .send()
        .await;
    match reply {
        Ok(reply) => report(config, &reply),
        Err(error) => {
            if let Some(RunTaskError::ConflictException(conflict)) = error.as_service_error() {
                // The same event with other settings: its task was started before they changed.
                warn!(
                    "this event already has its task: {}",
                    conflict.resource_ids().join(", ")
                );
                return Ok(());
            }
            error!("RunTask failed: {}", DisplayErrorContext(&error));
            Err(TryAgain)
        }
    }
}

fn report(config: &Config, reply: &RunTaskOutput) -> Result<(), TryAgain> {
    for failure in reply.failures() {
        error!(
            "RunTask of {} could not place the task: {} {}",
            config.task_definition,
            failure.reason().unwrap_or("no reason given"),
            failure.detail().unwrap_or_default(),
        );
    }
    for task in reply.tasks() {
        info!(
            "task {} accepted, {}",
            task.task_arn().unwrap_or_default(),
            task.last_status().unwrap_or("no status"),
        );
    }
    // An empty reply starts nothing either.
    if reply.tasks().is_empty() {
        Err(TryAgain)
    } else {
        Ok(())
    }
}

fn network(config: &Config) -> Option<NetworkConfiguration> {
    let vpc = AwsVpcConfiguration::builder()
        .set_subnets(Some(config.subnets.clone()))
        .set_security_groups((!config.security_groups.is_empty()).then(|| config.security_groups.clone()))
        .assign_public_ip(if config.public_ip {
            AssignPublicIp::Enabled
        } else {
            AssignPublicIp::Disabled
        })
        .build()
        .ok()?;
    (!config.subnets.is_empty()).then(|| NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
}
