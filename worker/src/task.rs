//! The task from its settings to its exit code.

use std::path::PathBuf;
use std::process::ExitCode;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::DisplayErrorContext;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use posterframe_contract::log::{PUT, write_field};
use posterframe_contract::{JobRequest, MAX_REQUEST_BYTES, StillRequest, TaskExit};
use posterframe_remote::SourceError;
use tokio::io::AsyncReadExt as _;
use tracing::{error, info};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::format::debug_fn;

use crate::config::{Config, Limits, Orders};
use crate::error::TaskError;
use crate::make::make;
use crate::opened::Opened;
use crate::place::{Folder, Object};
use crate::plan::Plan;
use crate::put::put;

/// What is logged, unless the environment says otherwise.
const LOGGED: &str = "warn,posterframe_worker=info,posterframe_remote=info";

/// Runs the task that the environment describes. The last line of its log says how it went.
pub fn run() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| LOGGED.into());
    run_as(filter, Config::from_env().map_err(TaskError::Config))
}

/// Makes on this machine, of the file `video`, what a task makes of a request: `request` as JSON, whose files go to `folder`,
/// `bucket/folder`. The bucket is reached as the environment says. The last line of the log says how it went.
pub fn run_here(request: Vec<u8>, video: PathBuf, folder: &str, limits: Limits) -> ExitCode {
    let config = folder.parse().map(|folder: Folder| Config {
        job: Some(folder.name().to_owned()),
        orders: Orders::File {
            request,
            video,
            folder,
        },
        limits,
    });
    let wrong = |()| TaskError::Name(format!("expected bucket/folder, not “{folder}”"));
    run_as(LOGGED.into(), config.map_err(wrong))
}

fn run_as(filter: EnvFilter, config: Result<Config, TaskError>) -> ExitCode {
    // Where the app is the worker, a subscriber may be set already; that one serves as well.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .fmt_fields(debug_fn(|writer, field, value| write_field(writer, field.name(), value)).delimited(" "))
        .try_init();
    let exit = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(run_until_stopped(config));
            // A decoder in mid-frame must not hold up the exit.
            runtime.shutdown_background();
            exit
        }
        Err(error) => {
            error!("the task could not start: {error}");
            Some(TaskExit::DecodeFailure)
        }
    };
    // 143 is what a shell reports for SIGTERM.
    ExitCode::from(exit.map_or(143, TaskExit::code))
}

/// `None` when the task was told to stop.
async fn run_until_stopped(config: Result<Config, TaskError>) -> Option<TaskExit> {
    tokio::select! {
        outcome = extract(config) => Some(match outcome {
            Ok(exit) => exit,
            Err(error) => {
                let exit = error.exit();
                error!("{}: {error}", exit.cause());
                exit
            }
        }),
        () = told_to_stop() => {
            error!("stopped on request");
            None
        }
    }
}

/// As the first process of a container, the worker would otherwise never see SIGTERM.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            terminate.recv().await;
            return;
        }
    }
    std::future::pending::<()>().await;
}

/// How the task's stills went. The last line of the log says so.
async fn extract(config: Result<Config, TaskError>) -> Result<TaskExit, TaskError> {
    let config = config?;
    info!(
        "posterframe-worker {}, {}{}",
        env!("CARGO_PKG_VERSION"),
        posterframe_frame::libav_version(),
        config
            .job
            .as_ref()
            .map(|job| format!(", job {job}"))
            .unwrap_or_default(),
    );
    let client = s3().await;
    let plan = plan(&client, &config).await?;
    let video = Opened::open(&client, &plan.source).await?;
    let manifest = make(&client, &plan, &config.limits, video).await?;
    let json = manifest.to_json();
    let bytes = json.len();
    put(&client, &plan.manifest, "application/json", json.into(), None).await?;
    info!("{PUT}{}, {bytes} bytes", plan.manifest);
    let exit = manifest.exit();
    let of = manifest.errors().count();
    let failed: Vec<_> = manifest.errors().flatten().collect();
    if let Some(first) = failed.first() {
        error!("{}: {} of {of}: {}", exit.cause(), failed.len(), first.message);
    }
    Ok(exit)
}

async fn plan(client: &Client, config: &Config) -> Result<Plan, TaskError> {
    let (plan, place) = match &config.orders {
        Orders::Frame(plan) => return Ok(Plan::clone(plan)),
        Orders::Request { object, folder } => {
            let json = request(client, object).await?;
            (
                Plan::of_request(object, &json, folder.clone()),
                object.to_string(),
            )
        }
        Orders::File {
            request,
            video,
            folder,
        } => {
            let plan = Plan::of_file(request, video.clone(), folder.clone());
            (plan, "the request".to_owned())
        }
    };
    let plan = plan.map_err(|error| TaskError::Request {
        place: place.clone(),
        error,
    })?;
    let (stills, outputs) = (stills(&plan.request), plan.request.outputs.len());
    let sheets = match plan.request.sheets.len() {
        0 => String::new(),
        1 => " and a sheet".to_owned(),
        sheets => format!(" and {sheets} sheets"),
    };
    info!(
        "{place} asks for {stills} × {outputs} files{sheets} of {}",
        plan.source
    );
    Ok(plan)
}

/// The request at `place`, as it is there.
async fn request(client: &Client, place: &Object) -> Result<Vec<u8>, TaskError> {
    let failed = |reason: String| {
        TaskError::Source(SourceError::Unavailable {
            source_name: place.to_string(),
            reason,
        })
    };
    let answer = client
        .get_object()
        .bucket(&place.bucket)
        .key(&place.key)
        .send()
        .await;
    let answer = answer.map_err(|error| failed(DisplayErrorContext(error).to_string()))?;
    // One byte more than may be, so that a request that is too large is seen to be.
    let mut json = Vec::new();
    let mut body = answer.body.into_async_read().take(MAX_REQUEST_BYTES as u64 + 1);
    body.read_to_end(&mut json)
        .await
        .map_err(|error| failed(error.to_string()))?;
    Ok(json)
}

/// How many stills a request asks for, or by which places and rules.
fn stills(request: &JobRequest) -> String {
    const MAX_NAMED: usize = 10;
    let all = &request.stills;
    if request.positions().is_some() {
        return all.len().to_string();
    }
    let mut named: Vec<String> = all.iter().take(MAX_NAMED).map(StillRequest::to_string).collect();
    if let Some(more) = all.len().checked_sub(MAX_NAMED).filter(|more| *more > 0) {
        named.push(format!("{more} more"));
    }
    format!("({})", named.join(", "))
}

async fn s3() -> Client {
    let https = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let aws = aws_config::defaults(aws_config::BehaviorVersion::latest());
    let aws = aws.http_client(https).load().await;
    let mut s3 = aws_sdk_s3::config::Builder::from(&aws);
    if aws.endpoint_url().is_some() {
        // Other servers than S3 itself have no host name for each bucket, and some refuse default checksums.
        s3 = s3
            .force_path_style(true)
            .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired);
    }
    Client::from_conf(s3.build())
}
