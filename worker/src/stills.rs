//! From frames to files in the bucket: while one frame is decoded, the one before is encoded, and the one before that is
//! on its way. So a task takes the memory of a few pictures, whatever their number.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use bytes::Bytes;
use posterframe_contract::log::{BytesRead, PUT, Progress};
use posterframe_contract::{
    Deinterlace, Format, Manifest, ManifestFile, ManifestFrame, ManifestSource, ManifestStill, NameFacts,
    OutputRequest, Position, StillError, ThumbnailMetadata,
};
use posterframe_frame::{Cancel, Frame};
use posterframe_picture::proof::Proof;
use posterframe_remote::{Opened, Ranges, Remote};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tracing::{error, info};

use crate::config::Config;
use crate::decode::decode;
use crate::error::TaskError;
use crate::place::{Input, Object};
use crate::plan::Plan;
use crate::put::put;

/// Makes all files of `plan` but the manifest, which it returns.
///
/// # Errors
/// Nothing was made: the video cannot be opened, or nothing can be written.
pub(crate) async fn make(
    client: &Client,
    plan: &Plan,
    config: &Config,
    source: impl Ranges + 'static,
    name: &str,
) -> Result<Manifest, TaskError> {
    let source_name = source.name();
    let Opened {
        reader,
        stats,
        size,
        version,
    } = Remote::open(source).await?;
    let is_the_one = |wanted: &String| {
        let etag = version.etag.as_deref().unwrap_or_default();
        etag.trim_matches('"') == wanted.trim_matches('"')
    };
    if !plan.request.source.etag.iter().all(is_the_one) {
        return Err(TaskError::OtherVersion(source_name));
    }
    info!("opening {source_name}, {size} bytes");

    // Where the task is told to stop, this future is dropped, and the decoder is to end too.
    let cancel = CancelOnDrop::default();
    let (for_decoder, limits, name) = (cancel.0.clone(), config.limits.clone(), name.to_owned());
    let micros = plan.request.stills.iter().map(|still| still.at.as_micros());
    let positions: Vec<Duration> = micros.map(Duration::from_micros).collect();
    let outputs = plan.request.outputs.iter();
    let deinterlace = outputs
        .map(OutputRequest::deinterlacing)
        .max()
        .unwrap_or(Deinterlace::Off);
    let (to, mut decoded) = mpsc::channel(1);
    // A frame is converted once the one before is encoded: no more than one picture is in memory while the next is decoded.
    let room = Arc::new(Semaphore::new(1));
    let (runtime, for_frame) = (Handle::current(), room.clone());
    let decoder = tokio::task::spawn_blocking(move || {
        decode(
            reader,
            name,
            &positions,
            (&limits, deinterlace),
            for_decoder,
            // Closed where nothing can be written; then nobody receives the frame either.
            &mut || {
                if let Ok(room) = runtime.block_on(for_frame.acquire()) {
                    room.forget();
                }
            },
            &mut |index, frame| match to.blocking_send((index, frame)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            },
        )
    });

    let source = ManifestSource {
        url: plan.source.to_string(),
        etag: version.etag,
        bytes: size,
    };
    let mut stills = Stills::new(client, plan, &source);
    while let Some((index, frame)) = decoded.recv().await {
        stills.add(index, frame).await.inspect_err(|_| room.close())?;
        room.add_permits(1);
    }
    let (requests, bytes) = stats.requests_and_bytes();
    let read = BytesRead {
        bytes,
        of: size,
        requests,
    };
    info!("{read}");
    let opened = decoder.await.map_err(|_| TaskError::Decoder);
    let stills = match opened {
        // What was made before a decoder's panic is there; what is missing says why.
        Err(error) => stills.finish(&error).await?,
        Ok(Err(error)) => return Err(error),
        Ok(Ok(())) => stills.finish(&TaskError::Decoder).await?,
    };
    let manifest = Manifest::new(
        plan.folder.name().parse().ok(),
        source,
        plan.request.name.clone(),
        posterframe_frame::libav_version(),
        env!("CARGO_PKG_VERSION").to_owned(),
    );
    Ok(Manifest { stills, ..manifest })
}

#[derive(Default)]
struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// The stills of a job, as they come.
struct Stills<'a> {
    client: &'a Client,
    plan: &'a Plan,
    /// The video as it is read.
    version: &'a ManifestSource,
    made: Vec<Option<ManifestStill>>,
    /// The file that is on its way. One at a time: its bytes are in memory.
    sending: Option<JoinHandle<Result<(), TaskError>>>,
    /// Keys that files have already.
    taken: HashSet<String>,
    /// A source that failed, which is why all stills are missing that come after.
    source_error: Option<StillError>,
}

impl<'a> Stills<'a> {
    fn new(client: &'a Client, plan: &'a Plan, source: &'a ManifestSource) -> Self {
        Self {
            client,
            plan,
            version: source,
            made: vec![None; plan.request.stills.len()],
            sending: None,
            taken: HashSet::new(),
            source_error: None,
        }
    }

    /// Encodes a frame and sends it on its way.
    async fn add(&mut self, index: usize, frame: Result<Frame, TaskError>) -> Result<(), TaskError> {
        let progress = Progress {
            done: self.made.iter().flatten().count() as u32 + 1,
            of: self.made.len() as u32,
        };
        let still = match frame {
            Ok(frame) => {
                let time = Position::from_micros(frame.time.as_micros() as u64);
                let number = frame
                    .number
                    .map(|number| format!(" {number}"))
                    .unwrap_or_default();
                info!("{progress}: frame{number} at {time}, pts {}", frame.pts);
                self.made_of(index, frame, time).await?
            }
            Err(error) => {
                error!(
                    "{progress}: no frame at {}: {error}",
                    self.plan.request.stills[index].at
                );
                if matches!(error, TaskError::Source(_)) {
                    self.source_error = Some(still_error(&error));
                }
                self.missing(index, still_error(&error))
            }
        };
        self.made[index] = Some(still);
        Ok(())
    }

    async fn made_of(
        &mut self,
        index: usize,
        frame: Frame,
        time: Position,
    ) -> Result<ManifestStill, TaskError> {
        let (pts, number, (numerator, denominator)) = (frame.pts, frame.number, frame.time_base);
        let time_base = (numerator as i32, denominator as i32);
        let frame = Arc::new(frame);
        let hashed = frame.clone();
        let frame_sha256 = tokio::task::spawn_blocking(move || hashed.image.pixel_sha256()).await;
        let Ok(frame_sha256) = frame_sha256 else {
            return Ok(self.missing(index, still_error(&TaskError::Decoder)));
        };
        let mut still = ManifestStill {
            position: self.plan.request.stills[index].at,
            frame: Some(ManifestFrame {
                number,
                time,
                pts,
                time_base,
                pixel_sha256: frame_sha256,
            }),
            files: Vec::new(),
            error: None,
        };
        for output in 0..self.plan.request.outputs.len() {
            if let Err(error) = self.output(index, output, &frame, &mut still).await? {
                error!("{error}");
                still.error.get_or_insert(still_error(&error));
            }
        }
        Ok(still)
    }

    /// Makes one file of a frame and sends it on its way. The inner error is that of this file alone.
    async fn output(
        &mut self,
        index: usize,
        output: usize,
        frame: &Arc<Frame>,
        still: &mut ManifestStill,
    ) -> Result<Result<(), TaskError>, TaskError> {
        // The bytes of the file before are gone then.
        self.sent().await?;
        let wanted = self.plan.request.outputs[output].clone();
        let (frame, mut proof) = (frame.clone(), self.proof(still));
        let deinterlaced = frame.deinterlaced(wanted.deinterlacing()).is_some();
        let make = move || {
            let image = frame.deinterlaced(wanted.deinterlacing());
            let picture = posterframe_picture::render(image.unwrap_or(&frame.image), &wanted)?;
            proof.pixel_sha256 = match &picture {
                Cow::Borrowed(_) => proof.frame_sha256.clone(),
                Cow::Owned(picture) => picture.pixel_sha256(),
            };
            proof.crop = wanted.crop;
            proof.deinterlaced = image.is_some();
            let encoded = posterframe_picture::encode(&picture, &wanted, Some(&proof))?;
            let size = (picture.width(), picture.height());
            Ok((encoded, proof.pixel_sha256, size, picture.format().name()))
        };
        let (encoded, pixel_sha256, size, pixel_format) = match tokio::task::spawn_blocking(make).await {
            Ok(Ok(made)) => made,
            Ok(Err(error)) => {
                let output = self.plan.request.outputs[output].to_string();
                return Ok(Err(TaskError::Picture { output, error }));
            }
            Err(_) => return Ok(Err(TaskError::Decoder)),
        };
        let format = self.plan.request.outputs[output].format;
        let quality = encoded.quality.map(|quality| format!(", quality {quality}"));
        info!(
            "{}{} {} × {}, {} bytes{}, sha256 {pixel_sha256} of the pixels",
            if deinterlaced { "deinterlaced " } else { "" },
            format.label(),
            size.0,
            size.1,
            encoded.bytes.len(),
            quality.unwrap_or_default()
        );
        let Some(frame) = &still.frame else {
            return Ok(Err(TaskError::Decoder));
        };
        let facts = NameFacts {
            time: frame.time,
            frame: frame
                .number
                .map_or_else(|| "unknown".to_owned(), |number| number.to_string()),
            width: size.0,
            height: size.1,
            job: self.plan.folder.name().to_owned(),
        };
        let object = self.plan.file(index, output, &facts);
        if !self.taken.insert(object.key.clone()) {
            let message = format!("another file of this job has the same name: {}", object.key);
            return Ok(Err(TaskError::Name(message)));
        }
        let metadata = ThumbnailMetadata {
            position: still.position,
            frame_time: frame.time,
            frame_pts: frame.pts,
            time_base: frame.time_base,
            source_key: source_key(&self.plan.source),
            pixel_sha256: pixel_sha256.clone(),
            size,
            pixel_format: Some(pixel_format.to_owned()),
            libav_version: posterframe_frame::libav_version(),
            worker_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        still.files.push(ManifestFile {
            key: object.key.clone(),
            format,
            width: size.0,
            height: size.1,
            pixel_format: pixel_format.to_owned(),
            bytes: encoded.bytes.len() as u64,
            pixel_sha256,
            quality: encoded.quality,
            deinterlaced,
        });
        self.send(object, format, encoded.bytes.into(), &metadata).await?;
        Ok(Ok(()))
    }

    /// What a still's files say of themselves, but for what is each one's own.
    fn proof(&self, still: &ManifestStill) -> Proof {
        let source = self.plan.source.to_string();
        let frame = still.frame.as_ref();
        Proof {
            source_name: source.rsplit('/').next().unwrap_or_default().to_owned(),
            source_bytes: Some(self.version.bytes),
            source_etag: self.version.etag.clone(),
            source_sha256: None,
            position: still.position,
            frame_number: frame.and_then(|frame| frame.number),
            frame_time: frame.map(|frame| frame.time).unwrap_or_default(),
            pts: frame.map_or(0, |frame| frame.pts),
            time_base: frame.map_or((0, 1), |frame| frame.time_base),
            frame_sha256: frame.map(|frame| frame.pixel_sha256.clone()).unwrap_or_default(),
            pixel_sha256: String::new(),
            crop: None,
            deinterlaced: false,
            libav_version: posterframe_frame::libav_version(),
            worker_version: env!("CARGO_PKG_VERSION").to_owned(),
            note: None,
            title: None,
        }
    }

    /// Sends a file once the one before is there.
    async fn send(
        &mut self,
        object: Object,
        format: Format,
        file: Bytes,
        metadata: &ThumbnailMetadata,
    ) -> Result<(), TaskError> {
        self.sent().await?;
        let client = self.client.clone();
        let metadata = metadata.to_map();
        self.sending = Some(tokio::spawn(async move {
            let bytes = file.len();
            put(&client, &object, format.media_type(), file, Some(metadata)).await?;
            info!("{PUT}{object}, {bytes} bytes");
            Ok(())
        }));
        Ok(())
    }

    /// Waits for the file that is on its way.
    async fn sent(&mut self) -> Result<(), TaskError> {
        match self.sending.take() {
            Some(sending) => sending.await.map_err(|_| TaskError::Decoder)?,
            None => Ok(()),
        }
    }

    fn missing(&self, index: usize, error: StillError) -> ManifestStill {
        ManifestStill {
            position: self.plan.request.stills[index].at,
            frame: None,
            files: Vec::new(),
            error: Some(error),
        }
    }

    /// All stills in the request's order, once their files are there. Those that never came are missing because of `error`,
    /// or of the source that failed before them.
    async fn finish(mut self, error: &TaskError) -> Result<Vec<ManifestStill>, TaskError> {
        self.sent().await?;
        let error = self.source_error.clone().unwrap_or_else(|| still_error(error));
        let made = std::mem::take(&mut self.made);
        let still = |(index, still): (usize, Option<ManifestStill>)| {
            still.unwrap_or_else(|| self.missing(index, error.clone()))
        };
        Ok(made.into_iter().enumerate().map(still).collect())
    }
}

/// An object's key alone: it lies in the bucket that everybody knows.
fn source_key(source: &Input) -> String {
    match source {
        Input::Object(object) => object.key.clone(),
        Input::Web(address) => address.to_string(),
    }
}

fn still_error(error: &TaskError) -> StillError {
    StillError {
        exit_code: error.exit().code(),
        message: error.to_string(),
    }
}
