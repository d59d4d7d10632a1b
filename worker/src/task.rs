//! The task from its settings to its exit code.

use std::process::ExitCode;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use posterframe_contract::log::{PUT, write_field};
use posterframe_contract::{TaskExit, ThumbnailMetadata};
use posterframe_frame::Cancel;
use posterframe_remote::{Object, Opened, Ranges, Remote, Web};
use tracing::{error, info};
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::format::debug_fn;

use crate::config::{Config, Input, Output};
use crate::decode::{Thumbnail, decode};
use crate::error::TaskError;

/// Runs the task that the environment describes. The last line of its log says how it went.
pub fn run() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "warn,posterframe_worker=info,posterframe_remote=info".into());
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
            let exit = runtime.block_on(run_until_stopped());
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
async fn run_until_stopped() -> Option<TaskExit> {
    tokio::select! {
        outcome = extract() => Some(match outcome {
            Ok(()) => TaskExit::Success,
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

async fn extract() -> Result<(), TaskError> {
    let config = Config::from_env()?;
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
    let (thumbnail, source) = match &config.input {
        Input::Object { bucket, key } => {
            let object = Object {
                client: client.clone(),
                bucket: bucket.clone(),
                key: key.clone(),
            };
            (read(object, key, &config).await?, key.clone())
        }
        Input::Web(address) => {
            let web = Web::new(address.clone());
            (
                read(web, address.file_name(), &config).await?,
                address.to_string(),
            )
        }
    };
    let metadata = metadata(&config, source, &thumbnail);
    info!("sha256 {} of the pixels", metadata.pixel_sha256);
    let bytes = thumbnail.png.len();
    store(&client, &config.output, thumbnail.png, &metadata).await?;
    let Output { bucket, key } = &config.output;
    info!("{PUT}s3://{bucket}/{key}, {bytes} bytes");
    Ok(())
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

/// Opens the video, finds the frame and makes the PNG of it, and says what that cost to read.
async fn read(ranges: impl Ranges + 'static, name: &str, config: &Config) -> Result<Thumbnail, TaskError> {
    let source = ranges.name();
    let Opened { reader, stats, size } = Remote::open(ranges).await?;
    info!("opening {source}, {size} bytes");
    let (name, position, limits) = (name.to_owned(), config.position, config.limits.clone());
    // Where the task is told to stop, this future is dropped, and the decoder is to end too.
    let cancel = CancelOnDrop::default();
    let for_decoder = cancel.0.clone();
    let thumbnail =
        tokio::task::spawn_blocking(move || decode(reader, name, position, &limits, for_decoder)).await;
    let (requests, bytes) = stats.requests_and_bytes();
    info!("read {bytes} of {size} bytes in {requests} requests");
    thumbnail.map_err(|_| TaskError::Decoder)?
}

#[derive(Default)]
struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

fn metadata(config: &Config, source: String, thumbnail: &Thumbnail) -> ThumbnailMetadata {
    ThumbnailMetadata {
        position: config.position,
        frame_time: thumbnail.time,
        frame_pts: thumbnail.pts,
        time_base: (thumbnail.time_base.0 as i32, thumbnail.time_base.1 as i32),
        source_key: source,
        pixel_sha256: thumbnail.pixel_sha256.clone(),
        size: thumbnail.size,
        pixel_format: Some(thumbnail.pixel_format.to_owned()),
        libav_version: posterframe_frame::libav_version(),
        worker_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

async fn store(
    client: &Client,
    output: &Output,
    png: Vec<u8>,
    metadata: &ThumbnailMetadata,
) -> Result<(), TaskError> {
    let put = client
        .put_object()
        .bucket(&output.bucket)
        .key(&output.key)
        .content_type("image/png")
        .set_metadata(Some(metadata.to_map()))
        .body(ByteStream::from(png))
        .send();
    put.await.map(drop).map_err(|error| TaskError::Output {
        object: format!("{}/{}", output.bucket, output.key),
        reason: DisplayErrorContext(error).to_string(),
    })
}
