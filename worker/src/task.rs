//! The task from its settings to its exit code.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use posterframe_contract::{Position, TaskExit, ThumbnailMetadata};
use posterframe_frame::{Frame, ReadSeek, Source, Video};
use tracing::{error, info};

use crate::config::{Config, ConfigError, Input, Output};
use crate::object::{ObjectReader, SourceError};
use crate::ranged::{RangeSource, RangedReader};

/// Why a task made no thumbnail. Each kind has its exit code.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The environment is not right.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The video could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// There is no such frame in it.
    #[error("{0}")]
    Frame(#[from] posterframe_frame::Error),
    /// The PNG could not be stored.
    #[error("s3://{object} cannot be written: {reason}")]
    Output {
        /// `bucket/key`.
        object: String,
        /// What S3 said.
        reason: String,
    },
    /// The decoding thread ended without an answer.
    #[error("the decoder ended unexpectedly")]
    Decoder,
}

impl TaskError {
    /// How the task exits.
    pub fn exit(&self) -> TaskExit {
        use posterframe_frame::Error as Frame;
        match self {
            Self::Config(_) => TaskExit::BadConfiguration,
            Self::Source(SourceError::Unavailable { .. }) => TaskExit::SourceUnavailable,
            Self::Source(SourceError::Changed(_)) => TaskExit::SourceChanged,
            Self::Frame(Frame::PastTheEnd { .. }) => TaskExit::PastTheEnd,
            Self::Source(SourceError::Empty(_))
            | Self::Frame(
                Frame::NotAVideo { .. } | Frame::NoVideoStream | Frame::Empty | Frame::UnknownCodec { .. },
            ) => TaskExit::NotAVideo,
            Self::Frame(_) | Self::Decoder => TaskExit::DecodeFailure,
            Self::Output { .. } => TaskExit::OutputNotWritable,
        }
    }
}

/// Runs the task that the environment describes. The last line of its log says how it went.
pub fn run() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "warn,posterframe_worker=info".into());
    // Where the app is the worker, a subscriber may be set already; that one serves as well.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .without_time()
        .with_target(false)
        .with_ansi(false)
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
    let aws = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let mut s3 = aws_sdk_s3::config::Builder::from(&aws);
    if aws.endpoint_url().is_some() {
        // Other servers than S3 itself have no host name for each bucket, and some refuse default checksums.
        s3 = s3
            .force_path_style(true)
            .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired);
    }
    let client = Client::from_conf(s3.build());

    let Input { bucket, key } = &config.input;
    let (reader, size) = ObjectReader::open(client.clone(), config.input.clone()).await?;
    info!("opening s3://{bucket}/{key}, {size} bytes");
    let stats = reader.stats();
    let position = Duration::from_micros(config.position.as_micros());
    let name = key.clone();
    let (frame, png) = tokio::task::spawn_blocking(move || decode(reader, name, position))
        .await
        .map_err(|_| TaskError::Decoder)??;
    let (requests, bytes) = stats.requests_and_bytes();
    info!("read {bytes} of {size} bytes in {requests} requests");

    let metadata = metadata(&config, &frame);
    info!("sha256 {} of the pixels", metadata.pixel_sha256);
    let png_bytes = png.len();
    store(&client, &config.output, png.into(), &metadata).await?;
    info!(
        "put s3://{}/{}, {png_bytes} bytes",
        config.output.bucket, config.output.key
    );
    Ok(())
}

/// Blocks; the reader's requests run on the task's runtime meanwhile.
fn decode(
    reader: RangedReader<impl RangeSource + 'static>,
    name: String,
    position: Duration,
) -> Result<(Frame, Vec<u8>), TaskError> {
    let failed = FirstError::default();
    let reader = Watched {
        reader,
        failed: failed.clone(),
    };
    // Where reading failed, that is the cause; what libav made of it is not.
    let cause = |error| failed.take().map_or(TaskError::Frame(error), TaskError::Source);
    let mut video = Video::open(Source::Stream {
        reader: Box::new(reader),
        name,
    })
    .map_err(cause)?;
    let info = video.info();
    info!(
        "{}, {} × {}, {}, {}",
        info.codec_label,
        info.width,
        info.height,
        info.frame_rate.map_or_else(
            || "no frame rate".to_owned(),
            |(n, d)| { format!("{} fps", (f64::from(n) / f64::from(d) * 1000.0).round() / 1000.0) }
        ),
        info.duration.map_or_else(
            || "no duration".to_owned(),
            |time| format!("{:.3} s", time.as_secs_f64())
        ),
    );
    let frame = video.frame_at(position).map_err(cause)?;
    let time = Position::from_micros(frame.time.as_micros() as u64);
    info!("frame at {time}, pts {}", frame.pts);
    let png = frame.image.encode_png()?;
    info!(
        "PNG {} × {}, {} bytes",
        frame.image.width(),
        frame.image.height(),
        png.len()
    );
    Ok((frame, png))
}

fn metadata(config: &Config, frame: &Frame) -> ThumbnailMetadata {
    ThumbnailMetadata {
        position: config.position,
        frame_time: Position::from_micros(frame.time.as_micros() as u64),
        frame_pts: frame.pts,
        time_base: (frame.time_base.0 as i32, frame.time_base.1 as i32),
        source_key: config.input.key.clone(),
        pixel_sha256: frame.image.pixel_sha256(),
        size: (frame.image.width(), frame.image.height()),
        libav_version: posterframe_frame::libav_version(),
        worker_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

async fn store(
    client: &Client,
    output: &Output,
    png: Bytes,
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

/// The first failure to read, kept beside libav, which only passes a number on.
#[derive(Clone, Default)]
struct FirstError(Arc<Mutex<Option<SourceError>>>);

impl FirstError {
    fn take(&self) -> Option<SourceError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note(&self, error: &std::io::Error) {
        if let Some(source) = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<SourceError>())
        {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert_with(|| source.clone());
        }
    }
}

struct Watched<R> {
    reader: R,
    failed: FirstError,
}

impl<R: std::io::Read> std::io::Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.reader
            .read(buffer)
            .inspect_err(|error| self.failed.note(error))
    }
}

impl<R: std::io::Seek> std::io::Seek for Watched<R> {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.reader.seek(to)
    }
}

impl<R: ReadSeek> ReadSeek for Watched<R> {
    fn will_read(&mut self, bytes: std::ops::Range<u64>) {
        self.reader.will_read(bytes);
    }
}
