//! From frames to files: each is hashed, made into each output, encoded, and sent on its way.

use std::borrow::Cow;
use std::sync::Arc;

use posterframe_contract::log::Progress;
use posterframe_contract::{
    ManifestFile, ManifestFrame, ManifestSelection, ManifestStill, NameFacts, Position, StillError,
    ThumbnailMetadata,
};
use posterframe_frame::Frame;
use posterframe_picture::proof::{Origin, Proof};
use tracing::{error, info};

use crate::decode::Selected;
use crate::error::TaskError;
use crate::place::Input;
use crate::plan::Plan;
use crate::select::{Became, Picked};
use crate::sending::Sending;

/// The stills of a job, as they come.
pub(crate) struct Stills<'a> {
    /// Once it is known which frames they are, its request has them one by one.
    plan: Plan,
    /// The video as it is read.
    origin: &'a Origin,
    /// Which frames they are, once that is known.
    wanted: Option<Vec<Picked>>,
    selections: Vec<ManifestSelection>,
    made: Vec<Option<ManifestStill>>,
    /// A source that failed, which is why all stills are missing that come after.
    source_error: Option<StillError>,
}

impl<'a> Stills<'a> {
    pub(crate) fn new(plan: &Plan, origin: &'a Origin) -> Self {
        Self {
            plan: plan.clone(),
            origin,
            wanted: None,
            selections: Vec::new(),
            made: Vec::new(),
            source_error: None,
        }
    }

    /// Takes over which frames the request means, and says what its places and rules became.
    ///
    /// # Errors
    /// Files of them would have the same name.
    pub(crate) fn select(&mut self, selected: Selected) -> Result<(), TaskError> {
        let Selected {
            frames,
            stills,
            selections,
        } = selected;
        let resolved = self.plan.request.resolved(stills);
        self.plan.request = resolved.map_err(TaskError::Resolved)?;
        for (request, found) in selections {
            let selector = request.selector;
            let mut became = ManifestSelection {
                request,
                stills: Vec::new(),
                error: None,
            };
            match found {
                Ok(found) => {
                    let picked: Vec<Picked> = found.iter().map(|&still| frames[still]).collect();
                    info!(
                        "{}",
                        Became {
                            selector,
                            frames: &picked
                        }
                    );
                    became.stills = found.into_iter().map(|still| still as u32).collect();
                }
                Err(error) => {
                    error!("{selector}: {error}");
                    became.error = Some(still_error(&error));
                }
            }
            self.selections.push(became);
        }
        self.made = vec![None; frames.len()];
        self.wanted = Some(frames);
        Ok(())
    }

    /// A frame that is wanted. One that nobody selected is at no time.
    fn wanted(&self, index: usize) -> Picked {
        let wanted = self.wanted.as_deref().and_then(|wanted| wanted.get(index));
        wanted.copied().unwrap_or(Picked {
            position: Position::default(),
            number: None,
            score: None,
        })
    }

    /// Encodes a frame and sends it on its way.
    pub(crate) async fn add(
        &mut self,
        sending: &mut Sending,
        index: usize,
        frame: Result<Frame, TaskError>,
    ) -> Result<(), TaskError> {
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
                self.made_of(sending, index, frame, time).await?
            }
            Err(error) => {
                error!("{progress}: no frame at {}: {error}", self.wanted(index).position);
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
        &self,
        sending: &mut Sending,
        index: usize,
        frame: Frame,
        time: Position,
    ) -> Result<ManifestStill, TaskError> {
        let (pts, number, (numerator, denominator)) = (frame.pts, frame.number, frame.time_base);
        let timecode = frame.timecode;
        let time_base = (numerator as i32, denominator as i32);
        let frame = Arc::new(frame);
        let hashed = frame.clone();
        let frame_sha256 = tokio::task::spawn_blocking(move || hashed.image.pixel_sha256()).await;
        let Ok(frame_sha256) = frame_sha256 else {
            return Ok(self.missing(index, still_error(&TaskError::Decoder)));
        };
        let mut still = ManifestStill {
            frame: Some(ManifestFrame {
                number,
                time,
                timecode,
                pts,
                time_base,
                pixel_sha256: frame_sha256,
            }),
            error: None,
            ..self.nothing_of(index)
        };
        for output in 0..self.plan.request.outputs.len() {
            if let Err(error) = self.output(sending, index, output, &frame, &mut still).await? {
                error!("{error}");
                still.error.get_or_insert(still_error(&error));
            }
        }
        Ok(still)
    }

    /// Makes one file of a frame and sends it on its way. The inner error is that of this file alone.
    async fn output(
        &self,
        sending: &mut Sending,
        index: usize,
        output: usize,
        frame: &Arc<Frame>,
        still: &mut ManifestStill,
    ) -> Result<Result<(), TaskError>, TaskError> {
        // The bytes of the file before are gone then.
        sending.done().await?;
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
            let encoded = posterframe_picture::encode(&picture, &wanted, Some(&proof.to_xmp()))?;
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
            timecode: frame.timecode,
            // The request has it.
            mark: None,
            frame: frame
                .number
                .map_or_else(|| "unknown".to_owned(), |number| number.to_string()),
            width: size.0,
            height: size.1,
            job: self.plan.folder.name().to_owned(),
        };
        let object = self.plan.file(index, output, &facts);
        if let Err(error) = sending.claim(&object) {
            return Ok(Err(error));
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
            libav_version: self.origin.libav_version.clone(),
            worker_version: self.origin.worker_version.clone(),
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
        let metadata = Some(metadata.to_map());
        sending
            .send(object, format.media_type(), encoded.bytes.into(), metadata)
            .await?;
        Ok(Ok(()))
    }

    /// What a still's files say of themselves, but for what is each one's own.
    fn proof(&self, still: &ManifestStill) -> Proof {
        let frame = still.frame.as_ref();
        Proof {
            origin: self.origin.clone(),
            position: still.position,
            frame_number: frame.and_then(|frame| frame.number),
            frame_time: frame.map(|frame| frame.time).unwrap_or_default(),
            timecode: frame.and_then(|frame| frame.timecode),
            pts: frame.map_or(0, |frame| frame.pts),
            time_base: frame.map_or((0, 1), |frame| frame.time_base),
            frame_sha256: frame.map(|frame| frame.pixel_sha256.clone()).unwrap_or_default(),
            pixel_sha256: String::new(),
            crop: None,
            deinterlaced: false,
            note: still.note.clone(),
            title: still.name.clone(),
        }
    }

    fn missing(&self, index: usize, error: StillError) -> ManifestStill {
        ManifestStill {
            error: Some(error),
            ..self.nothing_of(index)
        }
    }

    /// A still of which there is only what was asked for.
    fn nothing_of(&self, index: usize) -> ManifestStill {
        let Picked { position, score, .. } = self.wanted(index);
        let request = self.plan.request.stills.get(index);
        ManifestStill {
            position,
            name: request.and_then(|request| request.name.clone()),
            note: request.and_then(|request| request.note.clone()),
            score,
            frame: None,
            files: Vec::new(),
            error: None,
        }
    }

    /// All stills in the request's order, and what its places and rules became. Stills that never came are missing because of
    /// `error`, or of the source that failed before them. `None` where it never came to be known which they are.
    pub(crate) fn finish(
        mut self,
        error: &TaskError,
    ) -> Option<(Vec<ManifestStill>, Vec<ManifestSelection>)> {
        self.wanted.as_ref()?;
        let error = self.source_error.clone().unwrap_or_else(|| still_error(error));
        let made = std::mem::take(&mut self.made);
        let still = |(index, still): (usize, Option<ManifestStill>)| {
            still.unwrap_or_else(|| self.missing(index, error.clone()))
        };
        let stills = made.into_iter().enumerate().map(still).collect();
        Some((stills, self.selections))
    }
}

/// An object's key alone: it lies in the bucket that everybody knows.
fn source_key(source: &Input) -> String {
    match source {
        Input::Object(object) => object.key.clone(),
        Input::Web(_) | Input::File(_) => source.to_string(),
    }
}

pub(crate) fn still_error(error: &TaskError) -> StillError {
    StillError {
        exit_code: error.exit().code(),
        message: error.to_string(),
    }
}
